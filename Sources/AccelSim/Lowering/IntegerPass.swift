import SystolicCore

/// An elementwise operation of the accelerator's integer units on a tensor in main memory, as a
/// pass of its own: through the accumulator, and out with an activation and a scale (facts 4.5,
/// 4.6, 4.8, 11.5).
///
/// `.convert` requantises int32 sums, `.gelu` is the integer GELU, `.add` the residual of two int8
/// tensors, each scaled on its way in.
public struct IntegerPass: PartwiseSource, Sendable {
  /// The operation, one of the three, with its sizes and scales.
  public let work: NonlinearWork
  /// First bytes in main memory; only x, y and the output are used.
  public let addresses: NonlinearAddresses
  private let machine: Machine
  private let constants: NormConstants?
  /// Blocks of columns that half the accumulator holds.
  private let partBlocks: Int
  var steps = StepBuffer(flushesFirst: true)
  private var part = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, parts, done }

  /// Whether the integer units have the operation.
  static func hasOperation(_ operation: NonlinearOperation) -> Bool {
    operation == .convert || operation == .gelu || operation == .add
  }

  /// - Throws: `LoweringError` naming what the machine cannot do.
  public init(
    _ work: NonlinearWork, on machine: Machine, addresses: NonlinearAddresses? = nil
  )
    throws(LoweringError)
  {
    let config = machine.config
    guard Self.hasOperation(work.operation) else {
      throw LoweringError("the integer units have no \(work.operation) as a pass of its own")
    }
    guard config.accumulator.readsSmallWidth else {
      throw LoweringError("\(config.name) cannot move int8 results out")
    }
    if work.operation == .gelu {
      for (name, isThere) in [
        ("normalizations", config.features.normalizations),
        ("nonlinearActivations", config.features.nonlinearActivations),
      ] where !isThere {
        throw LoweringError("\(config.name) has no gelu: features.\(name) is false")
      }
      constants = NormConstants(.igelu, inputScale: work.inputScale)
      guard constants != nil else {
        throw LoweringError(
          "the constants of gelu cannot be formed from the input scale \(work.inputScale)")
      }
    } else {
      constants = nil
    }
    try work.check()
    guard work.operation != .add || !work.inputIsWide else {
      throw LoweringError("the integer units add int8 tensors, not int32")
    }
    guard machine.accumulatorRows >= 2 * machine.dim else {
      throw LoweringError("\(config.name) has no room in the accumulator for two tiles")
    }
    self.work = work
    self.machine = machine
    self.addresses = addresses ?? NonlinearAddresses(work)
    try self.addresses.check(work)
    partBlocks = min(
      ceilingDivide(work.columns, machine.dim),
      machine.accumulatorRows / 2 / machine.dim)
  }

  /// Legal by construction; the array has no work.
  public var legalMACs: Int? { 0 }

  /// The same with or without the flush that every program starts with.
  func starting(withFlush flushes: Bool) -> IntegerPass {
    var pass = self
    pass.steps = StepBuffer(flushesFirst: flushes)
    return pass
  }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      moveIn(0)
      phase = .parts
    case .parts where part < parts:
      // The next part comes in while this one goes out.
      if part + 1 < parts { moveIn(part + 1) }
      moveOut(part)
      part += 1
    case .parts:
      emitFence()
      phase = .done
    case .done: return false
    }
    return true
  }

  /// Parts of rows, and all parts of all strips.
  private var partsOfRow: Int { ceilingDivide(work.columns, partBlocks * machine.dim) }
  private var parts: Int { partsOfRow * ceilingDivide(work.rows, machine.dim) }

  private mutating func configure() {
    let isResidual = work.operation == .add
    let scale: Float =
      switch work.operation {
      case .gelu:
        work.inputScale * NormConstants.erfScale(inputScale: work.inputScale) / 2
          / work.outputScale
      case .add: 1
      default: work.inputScale / work.outputScale
      }
    emit(
      HostCommands.configStore(
        stride: work.columns,
        activation: constants == nil ? 0 : MatmulActivation.igelu.rawValue, scale: scale))
    let width = work.inputIsWide ? 4 : 1
    for (state, factor) in [(0, work.inputScale), (1, work.secondScale)] {
      emit(
        HostCommands.configLoad(
          state: state, stride: work.columns * width,
          scale: isResidual ? factor / work.outputScale : 1, shrinks: !work.inputIsWide,
          blockStride: machine.dim))
    }
    if let constants {
      emit(
        HostCommands.configNorm(
          constant: 0, isInverse: false, activationHighBit: false, qb: constants.qb,
          qc: constants.qc))
    }
  }

  private mutating func moveIn(_ part: Int) {
    let blocks = work.inputIsWide ? machine.maxBlockLengthAccumulator : machine.maxBlockLength
    let width = work.inputIsWide ? 4 : 1
    move(.mvin, part, addresses.x, width: width, blocks: blocks, flags: 1 << 31)
    if work.hasSecond {
      // Added to what the first brought.
      move(.mvin2, part, addresses.y, width: width, blocks: blocks, flags: 3 << 30)
    }
  }

  private mutating func moveOut(_ part: Int) {
    move(
      .mvout, part, addresses.output, width: 1, blocks: machine.maxBlockLength, flags: 1 << 31)
  }

  private mutating func move(
    _ function: Function, _ part: Int, _ base: UInt64, width: Int, blocks: Int, flags: UInt32
  ) {
    let dim = machine.dim
    let firstRow = part / partsOfRow * dim
    let firstColumn = part % partsOfRow * partBlocks * dim
    let count = min(partBlocks * dim, work.columns - firstColumn)
    let local = flags | UInt32(part & 1) * UInt32(machine.accumulatorRows / 2)
    for column in stride(from: 0, to: count, by: blocks * dim) {
      emit(
        Command(
          function, base + UInt64((firstRow * work.columns + firstColumn + column) * width),
          HostCommands.operand(
            local + UInt32(column), rows: min(dim, work.rows - firstRow),
            columns: min(blocks * dim, count - column))))
    }
  }
}
