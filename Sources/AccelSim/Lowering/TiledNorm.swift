import SystolicCore

/// LayerNorm or softmax of an int32 matrix in main memory on the integer normaliser, as Gemmini's
/// library issues it: the pass of its own that a matmul's output takes where a tile does not hold
/// whole rows (facts 11.5, tiled_norm_auto).
public struct NormPlan: Equatable, Sendable {
  /// Rows of the matrix, each normalised by itself.
  public let rows: Int
  /// Elements of a row, over which its statistics go.
  public let columns: Int
  /// `.layernorm` or `.softmax`.
  public let activation: MatmulActivation
  /// Scale of the int8 results.
  public let scale: Float
  /// What a 1 of the input stands for; softmax only.
  public let inputScale: Float
  /// The matrix is int32, as the library has it, or int8, which becomes int32 on its way in.
  public let inputIsWide: Bool
  /// First byte of the dense matrix.
  public let input: UInt64
  /// First byte of the dense int8 matrix.
  public let output: UInt64
  /// Rows that a pass takes together: statistics sets of the normaliser.
  public let statisticsSets: Int
  /// Row tiles of the array's width that the accumulator holds.
  public let tileRows: Int
  let machine: Machine
  let constants: NormConstants?

  /// - Parameter statisticsSets: Sets that the program uses; `nil` for those of the machine.
  /// - Throws: `LoweringError` naming what the machine cannot do.
  public init(
    rows: Int, columns: Int, activation: MatmulActivation, scale: Float = 1,
    inputScale: Float = 0.05, inputIsWide: Bool = true, input: UInt64, output: UInt64,
    on machine: Machine,
    statisticsSets: Int? = nil
  ) throws(LoweringError) {
    let config = machine.config
    for (name, isThere) in [
      ("normalizations", config.features.normalizations),
      ("nonlinearActivations", config.features.nonlinearActivations),
    ] where !isThere {
      throw LoweringError("\(config.name) has no \(activation): features.\(name) is false")
    }
    guard config.accumulator.readsSmallWidth else {
      throw LoweringError("\(config.name) cannot move int8 results out")
    }
    guard (1...1 << 24).contains(rows), (1...1 << 24).contains(columns) else {
      throw LoweringError("\(rows)x\(columns) elements; each size must be 1...\(1 << 24)")
    }
    guard MainMemoryData.contains(input, count: (inputIsWide ? 4 : 1) * rows * columns),
      MainMemoryData.contains(output, count: rows * columns)
    else {
      throw LoweringError("\(activation) of \(rows)x\(columns) does not fit main memory")
    }
    let columnTiles = ceilingDivide(columns, machine.dim)
    let held = machine.accumulatorRows / (columnTiles * machine.dim)
    guard held > 0 else {
      throw LoweringError(
        "a row of \(columns) elements takes \(columnTiles * machine.dim) rows of the accumulator; "
          + "there are \(machine.accumulatorRows)")
    }
    constants = NormConstants(activation, inputScale: inputScale)
    guard activation == .layernorm || constants != nil else {
      throw LoweringError(
        "the constants of \(activation) cannot be formed from the input scale \(inputScale)")
    }
    self.rows = rows
    self.columns = columns
    self.activation = activation
    self.scale = scale
    self.inputScale = inputScale
    self.inputIsWide = inputIsWide
    self.input = input
    self.output = output
    self.machine = machine
    self.statisticsSets = statisticsSets ?? (config.features.numerics == .hardware ? 2 : 4)
    tileRows = min(held, ceilingDivide(rows, machine.dim))
  }
}

extension NormPlan {
  /// The pass of the normaliser that `work` is.
  ///
  /// - Throws: `LoweringError` naming what the machine cannot do.
  init(_ work: NonlinearWork, on machine: Machine, addresses: NonlinearAddresses)
    throws(LoweringError)
  {
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
    try self.init(
      rows: work.rows, columns: work.columns, activation: activation, scale: scale,
      inputScale: work.inputScale, inputIsWide: work.inputIsWide, input: addresses.x,
      output: addresses.output, on: machine)
  }

  /// Bytes of an element of the input.
  var inputBytes: Int { inputIsWide ? 4 : 1 }
}

/// The commands of a `NormPlan`, a row tile at a time.
public struct TiledNorm: PartwiseSource, Sendable {
  /// What the commands compute, in which tiles and where.
  public let plan: NormPlan
  var steps: StepBuffer
  private var tile = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, tiles, done }

  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: NormPlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  /// Legal by construction; the array has no work.
  public var legalMACs: Int? { 0 }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      phase = .tiles
    case .tiles where tile * plan.machine.dim < plan.rows:
      emitTile()
      tile += 1
    case .tiles:
      emitFence()
      phase = .done
    case .done: return false
    }
    return true
  }

  private mutating func configure() {
    let dim = plan.machine.dim
    emit(
      HostCommands.configStore(
        stride: plan.columns, activation: plan.activation.rawValue, scale: plan.scale))
    emit(HostCommands.configIdleArray(library: .weightStationary, on: plan.machine))
    for state in 0...1 {
      emit(
        HostCommands.configLoad(
          state: state, stride: plan.columns * plan.inputBytes, scale: 1,
          shrinks: !plan.inputIsWide, blockStride: dim))
    }
    guard let constants = plan.constants, plan.activation == .softmax else { return }
    for isInverse in [false, true] {
      emit(
        HostCommands.configNorm(
          constant: isInverse ? constants.qln2Inverse : constants.qln2, isInverse: isInverse,
          activationHighBit: true, qb: constants.qb, qc: constants.qc))
    }
  }

  /// Normaliser commands of the passes, before and at a row's last columns (facts 5.2).
  private var passes: [(NormCommand, NormCommand)] {
    plan.activation == .softmax
      ? [(.maximum, .maximum), (.sumExponentials, .inverseSum), (.reset, .reset)]
      : [(.sum, .mean), (.variance, .inverseDeviation), (.reset, .reset)]
  }

  /// Moves a row tile in, then takes its rows a set of statistics each, pass by pass.
  private mutating func emitTile() {
    let dim = plan.machine.dim
    let columnTiles = ceilingDivide(plan.columns, dim)
    let local = UInt32(tile % plan.tileRows * columnTiles * dim)
    let first = tile * dim
    let rows = min(dim, plan.rows - first)
    let blocksIn =
      plan.inputIsWide ? plan.machine.maxBlockLengthAccumulator : plan.machine.maxBlockLength
    for block in stride(from: 0, to: columnTiles, by: blocksIn) {
      emit(
        Command(
          .mvin, plan.input + UInt64((first * plan.columns + block * dim) * plan.inputBytes),
          HostCommands.operand(
            1 << 31 | local + UInt32(block * dim), rows: rows,
            columns: min(blocksIn * dim, plan.columns - block * dim))))
    }
    for group in stride(from: 0, to: rows, by: plan.statisticsSets) {
      for (inner, last) in passes {
        for row in group..<min(group + plan.statisticsSets, rows) {
          emitRow(row, set: row - group, first: first, local: local, inner: inner, last: last)
        }
      }
    }
  }

  private mutating func emitRow(
    _ row: Int, set: Int, first: Int, local: UInt32, inner: NormCommand, last: NormCommand
  ) {
    let dim = plan.machine.dim
    // Softmax keeps its constants; the library writes zeros over those that LayerNorm has not.
    let keeps: UInt64 = plan.activation == .softmax ? 1 << 17 : 0
    emit(Command(.config, keeps | UInt64(set) << 8 | 3, 0))
    let widest = plan.machine.maxBlockLength * dim
    for column in stride(from: 0, to: plan.columns, by: widest) {
      let count = min(widest, plan.columns - column)
      let command = column + count == plan.columns ? last : inner
      let address =
        3 << 30 | command.rawValue << 26 | local + UInt32(column + row)
      emit(
        Command(
          .mvout, plan.output + UInt64((first + row) * plan.columns + column),
          HostCommands.operand(address, rows: 1, columns: count)))
    }
  }
}
