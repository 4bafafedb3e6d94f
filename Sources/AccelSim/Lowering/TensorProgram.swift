import SystolicCore

/// A nonlinear operation on a whole tensor in main memory, in one of the three placements.
public enum TensorProgram: CommandSource, Sendable {
  case floatUnit(NonlinearProgram)
  case norm(TiledNorm)
  case integer(IntegerPass)
  case host(StepList)

  /// - Parameter isOnChip: Operands are taken to be in local memory, and results left there; only
  ///   for the floating-point unit.
  /// - Throws: `LoweringError` naming what the machine or the placement cannot do.
  public init(
    _ work: NonlinearWork, at placement: Placement, on machine: Machine, isOnChip: Bool = false
  ) throws(LoweringError) {
    try work.check()
    if isOnChip && placement != .fpUnit {
      throw LoweringError("only the floating-point unit works on operands that are on chip")
    }
    switch placement {
    case .fpUnit:
      self = .floatUnit(
        NonlinearProgram(try NonlinearPlan(work, on: machine, isOnChip: isOnChip)))
    case .integerUnit where IntegerPass.hasOperation(work.operation):
      self = .integer(try IntegerPass(work, on: machine))
    case .integerUnit:
      self = .norm(TiledNorm(try Self.norm(work, on: machine)))
    case .host:
      self = .host(StepList([.host(try Self.hostWork(work)), .fence]))
    }
  }

  /// What a placement accepts is legal (`LegalTensorProgramTests`), and the array has no work.
  public var legalMACs: Int? {
    switch self {
    case .floatUnit(let program): program.legalMACs
    case .norm(let program): program.legalMACs
    case .integer(let program): program.legalMACs
    case .host: 0
    }
  }

  public mutating func next() throws -> ProgramStep? {
    switch self {
    case .floatUnit(var program):
      defer { self = .floatUnit(program) }
      return program.next()
    case .norm(var program):
      defer { self = .norm(program) }
      return program.next()
    case .integer(var program):
      defer { self = .integer(program) }
      return program.next()
    case .host(var steps):
      defer { self = .host(steps) }
      return steps.next()
    }
  }

  /// The pass of the normaliser that `work` is.
  static func norm(
    _ work: NonlinearWork, on machine: Machine, addresses: NonlinearAddresses? = nil
  ) throws(LoweringError) -> NormPlan {
    let addresses = addresses ?? NonlinearAddresses(work)
    let activation: MatmulActivation
    let scale: Float
    switch work.operation {
    case .softmax:
      activation = .softmax
      // The unit's own results are 127ths.
      scale = 1 / (127 * work.outputScale)
    case .layerNorm where !work.hasGain && !work.hasBias:
      activation = .layernorm
      scale = 1 / work.outputScale
    default:
      let vectors = work.hasGain || work.hasBias ? " with a gain or bias" : ""
      throw LoweringError("the integer units have no \(work.operation)\(vectors)")
    }
    return try NormPlan(
      rows: work.rows, columns: work.columns, activation: activation, scale: scale,
      inputScale: work.inputScale, inputIsWide: work.inputIsWide, input: addresses.x,
      output: addresses.output, on: machine)
  }

  private static func hostWork(_ work: NonlinearWork) throws(LoweringError) -> HostWork {
    guard work.operation != .topK else {
      throw LoweringError("the host model has no cost for \(work.operation)")
    }
    let addresses = NonlinearAddresses(work)
    try addresses.check(work)
    /// A row of FP32 values for all rows.
    func vector(_ address: UInt64) -> HostTensor {
      HostTensor(address: address, type: .fp32, stride: 0)
    }
    func rows(_ address: UInt64, isWide: Bool, _ scale: Float) -> HostTensor {
      HostTensor(
        address: address, type: isWide ? .int32 : .int8, scale: scale,
        stride: work.columns * (isWide ? 4 : 1))
    }
    let second = rows(addresses.y, isWide: false, work.secondScale)
    var host = HostWork(
      work.operation, rows: work.rows, columns: work.columns,
      input: rows(addresses.x, isWide: work.inputIsWide, work.inputScale),
      second: work.hasSecond ? second : work.hasGain ? vector(addresses.gain) : nil,
      third: work.hasBias ? vector(addresses.bias) : nil,
      output: rows(addresses.output, isWide: false, work.outputScale))
    host.epsilon = work.epsilon
    return host
  }
}
