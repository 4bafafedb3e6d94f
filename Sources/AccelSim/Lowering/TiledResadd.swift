/// Where the operands of a residual add are in main memory.
public struct ResaddAddresses: Equatable, Sendable {
  /// First byte of A, int8.
  public var a: UInt64
  /// First byte of B, int8.
  public var b: UInt64
  /// First byte of C, int8.
  public var c: UInt64

  public init(a: UInt64, b: UInt64, c: UInt64) {
    self.a = a
    self.b = b
    self.c = c
  }
}

/// C = activation(scaleC · (round(scaleA · A) + round(scaleB · B))) of int8 matrices, with
/// everything decided (facts 11.5, tiled_resadd_auto).
public struct ResaddPlan: Equatable, Sendable {
  /// Rows of all three matrices.
  public let rows: Int
  /// Elements of a row.
  public let columns: Int
  /// Scale of A on its way in.
  public let scaleA: Float
  /// Scale of B on its way in.
  public let scaleB: Float
  /// Scale of the sums on their way out.
  public let scaleC: Float
  /// Whether the activation is ReLU; else sums are only scaled.
  public let relu: Bool
  /// Elements from a row to the next, of all three matrices.
  public let stride: Int
  /// Where the three matrices are in main memory.
  public let addresses: ResaddAddresses
  /// Elements of a block's rows; not always a multiple of the array's width.
  public let tileRows: Int
  /// Elements of a block's columns.
  public let tileColumns: Int
  let machine: Machine

  /// - Parameter stride: Elements from a row to the next, of all three matrices; `nil` for dense
  ///   rows.
  /// - Throws: `LoweringError` naming what does not fit.
  public init(
    rows: Int, columns: Int, scaleA: Float = 1, scaleB: Float = 1, scaleC: Float = 1,
    relu: Bool = false, stride: Int? = nil, addresses: ResaddAddresses, on machine: Machine
  ) throws(LoweringError) {
    let config = machine.config
    let largest = 1 << 24
    for (name, value) in [("rows", rows), ("columns", columns)]
    where !(1...largest).contains(value) {
      throw LoweringError("the residual add's \(name) must be 1...\(largest), is \(value)")
    }
    let stride = stride ?? columns
    guard (columns...largest).contains(stride) else {
      throw LoweringError(
        "the stride of the residual add must be \(columns)...\(largest), is \(stride)")
    }
    guard config.accumulator.readsSmallWidth else {
      throw LoweringError("\(config.name) cannot move int8 results out")
    }
    guard !relu || config.features.nonlinearActivations else {
      throw LoweringError("\(config.name) has no relu: features.nonlinearActivations is false")
    }
    var tileRows = rows
    var tileColumns = columns
    let limit = machine.accumulatorRows / 2
    func accumulatorRows() -> Int {
      ceilingDivide(tileRows, machine.dim) * machine.dim * ceilingDivide(tileColumns, machine.dim)
    }
    while accumulatorRows() > limit {
      guard tileRows > 1 || tileColumns > machine.dim else {
        throw LoweringError(
          "one tile takes \(machine.dim) rows of the accumulator; there are \(limit) (half, for "
            + "double buffering)")
      }
      if tileRows >= tileColumns || tileColumns <= machine.dim {
        tileRows /= 2
      } else {
        tileColumns -= machine.dim
      }
    }
    self.rows = rows
    self.columns = columns
    self.scaleA = scaleA
    self.scaleB = scaleB
    self.scaleC = scaleC
    self.relu = relu
    self.stride = stride
    self.addresses = addresses
    self.tileRows = tileRows
    self.tileColumns = tileColumns
    self.machine = machine
  }

  /// Blocks along the rows.
  public var rowBlocks: Int { ceilingDivide(rows, tileRows) }
  /// Blocks along the columns.
  public var columnBlocks: Int { ceilingDivide(columns, tileColumns) }
}

/// The commands that Gemmini's library issues for a residual add, block after block: one loop of
/// the matmul unroller each (facts 11.5, 5.3).
public struct TiledResadd: PartwiseSource, Sendable {
  /// What the commands compute, in which blocks and where.
  public let plan: ResaddPlan
  var steps: StepBuffer
  private var block = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, blocks, done }

  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: ResaddPlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      phase = .blocks
    case .blocks where block < plan.rowBlocks * plan.columnBlocks:
      emitBlock()
      block += 1
    case .blocks:
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
        stride: plan.stride, activation: plan.relu ? 1 : 0, scale: plan.scaleC))
    emit(HostCommands.configIdleArray(library: .weightStationary, on: plan.machine))
    for (state, scale) in [(0, plan.scaleA), (1, plan.scaleB)] {
      emit(
        HostCommands.configLoad(
          state: state, stride: plan.stride, scale: scale, shrinks: true, blockStride: dim))
    }
  }

  private mutating func emitBlock() {
    let dim = plan.machine.dim
    let row = block / plan.columnBlocks * plan.tileRows
    let column = block % plan.columnBlocks * plan.tileColumns
    let rows = min(plan.tileRows, plan.rows - row)
    let columns = min(plan.tileColumns, plan.columns - column)
    let offset = UInt64(row * plan.stride + column)
    var bounds = LoopMatmulBounds()
    bounds[.i] = ceilingDivide(rows, dim)
    bounds[.j] = ceilingDivide(columns, dim)
    bounds[.padI] = bounds.i * dim - rows
    bounds[.padJ] = bounds.j * dim - columns
    emit(bounds.command)
    emit(
      Command(.loopMatmulAddressesAB, plan.addresses.a + offset, plan.addresses.b + offset))
    emit(Command(.loopMatmulAddressesDC, 0, plan.addresses.c + offset))
    let stride = UInt64(plan.stride)
    emit(Command(.loopMatmulStridesAB, stride, stride))
    emit(Command(.loopMatmulStridesDC, 0, stride))
    var run = LoopMatmulRun()
    run[.activation] = plan.relu ? 1 : 0
    run[.isResidualAdd] = 1
    emit(run.command)
  }
}
