import SystolicCore

/// What programs compute: executes commands one after the other in program order, bit-exactly,
/// without any notion of time (facts 2 to 4).
///
/// It takes commands as they enter the reservation station, so loops must have been unrolled.
/// A program whose result depends on the hardware's timing is refused where that can be seen in
/// the commands alone; `Hazard` lists what is only noted.
public struct FunctionalMachine: Sendable {
  /// Sizes and features by which commands are judged and data is computed.
  public let machine: Machine
  /// Whether data is computed, or commands are only checked: every command is then judged as with
  /// data, but reads and writes nothing.
  public let carriesData: Bool
  /// Main memory.
  public var memory = MainMemoryData()
  /// The int8 rows after the commands executed so far.
  public internal(set) var scratchpad: ScratchpadData
  /// The int32 rows after the commands executed so far.
  public internal(set) var accumulator: AccumulatorData
  /// Commands executed so far.
  public private(set) var executed = 0
  /// Multiply-accumulates of real operands so far.
  public internal(set) var usefulMACs = 0
  /// The first places where the recorded hardware may compute something else, depending on time.
  public internal(set) var hazards: [Hazard] = []

  /// Rows of the last move-out for which the normaliser's divider had nothing to divide: the one
  /// place where a value changes the time that a command takes (facts 8.7).
  public internal(set) var trivialDivisions: [Int] = []

  var loads: [LoadSettings]
  var store: MoveOutSettings
  var array: ArrayContent
  var nonlinear: NonlinearState
  /// Bytes of a row on its way between main memory and a local memory.
  var rowBytes: [UInt8]
  /// An accumulator row on its way to the scaling unit.
  var rowSums: [Int32]

  /// Creates a machine with all memories zero and all registers as after a reset.
  public init(_ machine: Machine, carriesData: Bool = true) {
    self.machine = machine
    self.carriesData = carriesData
    scratchpad = ScratchpadData(rows: machine.scratchpadRows, dim: machine.dim)
    accumulator = AccumulatorData(rows: machine.accumulatorRows, dim: machine.dim)
    loads = Array(repeating: LoadSettings(), count: 3)
    let features = machine.config.features
    store = MoveOutSettings(statisticsSets: features.numerics == .hardware ? 2 : 4)
    array = ArrayContent(machine)
    nonlinear = NonlinearState(machine)
    let widest = max(machine.config.dma.maxBytes, machine.dim)
    rowBytes = Array(repeating: 0, count: 4 * widest)
    rowSums = Array(repeating: 0, count: machine.dim)
  }

  /// Executes one command as it would be allocated into the reservation station.
  ///
  /// - Throws: `FunctionalError` if the command is not legal here on this machine. The state is
  ///   then that after a part of the command.
  public mutating func execute(_ command: Command) throws(FunctionalError) {
    do throws(Fault) {
      try dispatch(command)
    } catch {
      throw FunctionalError(
        reason: error.reason, index: executed, command: command, found: error.found,
        expected: error.expected)
    }
    executed += 1
  }

  private mutating func dispatch(_ command: Command) throws(Fault) {
    guard let function = command.function else {
      throw Fault(
        .illegalOperand, found: "funct \(command.funct)", expected: "a function of facts 3.1")
    }
    switch function {
    case .preload: try preload(Preload(command))
    case .computePreloaded: try compute(Compute(command), flips: true)
    case .computeAccumulated: try compute(Compute(command), flips: false)
    case .mvin: try moveIn(MoveIn(command), state: 0)
    case .mvin2: try moveIn(MoveIn(command), state: 1)
    case .mvin3: try moveIn(MoveIn(command), state: 2)
    case .mvout: try moveOut(MoveOut(command))
    case .mvoutSpad: try moveOut(MoveOutToScratchpad(command))
    case .config:
      switch command.rs1 & 3 {
      case 0: try configure(ConfigExecute(command))
      case 1: try configure(ConfigLoad(command))
      case 2: try configure(ConfigStore(command))
      default: try configure(ConfigNorm(command))
      }
    case .flush, .clockGate, .counter: break
    case .configNonlinear: try configure(ConfigNonlinear(command))
    case .nonlinear: try runNonlinear(NonlinearRun(command))
    case .loopMatmul, .loopMatmulBounds, .loopMatmulAddressesAB, .loopMatmulAddressesDC,
      .loopMatmulStridesAB, .loopMatmulStridesDC, .loopConv, .loopConvConfig1, .loopConvConfig2,
      .loopConvConfig3, .loopConvConfig4, .loopConvConfig5, .loopConvConfig6,
      .loopMatmulScratchpadAB, .loopMatmulScratchpadC:
      throw Fault(.sequence, found: "a loop command", expected: "its unrolled commands")
    }
  }

  /// Whether to follow the software model where it differs from the hardware (facts appendix B).
  var followsSoftware: Bool { machine.config.features.numerics == .softwareModel }

  /// How floats become integers.
  var rounding: FloatRounding { followsSoftware ? .softwareMacro : .nearestEven }

  /// Throws unless `count` rows from `first` exist in the memory that `address` names.
  func requireRows(
    _ name: String, _ first: Int, count: Int, of address: LocalAddress
  ) throws(Fault) {
    let rows = address.isAccumulator ? accumulator.rows : scratchpad.rows
    guard first >= 0 && first + count <= rows else {
      let place = address.isAccumulator ? "accumulator" : "scratchpad"
      throw Fault(
        .localAddress, found: "\(name) in \(place) rows \(first)..<\(first + count)",
        expected: "rows below \(rows)")
    }
  }
}
