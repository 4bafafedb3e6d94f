import SystolicCore

/// A walk over the tiles of a matrix in the order of the hardware: one iterator runs fast by
/// single tiles or by blocks, the other slowly (facts 5.2, Iteration orders).
struct TileWalk: Sendable {
  var fast = 0
  var slow = 0
  var fastBound = 1
  var slowBound = 1
  /// The fast iterator counts columns and the slow one rows, not the other way round.
  var columnsAreFast = false
  /// Most column tiles that one command moves.
  var maxBlocks = 1
  /// Elements missing in the last row tile and in the last column tile.
  var rowPad = 0
  var columnPad = 0

  init() {}

  /// A walk over `rows` x `columns` tiles that joins up to `blockLimit` column tiles.
  init(rows: Int, columns: Int, columnsAreFast: Bool, blockLimit: Int, rowPad: Int, columnPad: Int)
  {
    fastBound = columnsAreFast ? columns : rows
    slowBound = columnsAreFast ? rows : columns
    self.columnsAreFast = columnsAreFast
    maxBlocks = min(columns, blockLimit)
    self.rowPad = rowPad
    self.columnPad = columnPad
  }

  var row: Int { columnsAreFast ? slow : fast }
  var column: Int { columnsAreFast ? fast : slow }
  var rowBound: Int { columnsAreFast ? slowBound : fastBound }
  var columnBound: Int { columnsAreFast ? fastBound : slowBound }

  /// Column tiles of the current command.
  var blocks: Int {
    column + maxBlocks <= columnBound ? maxBlocks : LoopMath.word(columnBound - column)
  }

  /// Elements of the current command in a row.
  func columnCount(_ dim: Int) -> Int {
    blocks * dim - (column + blocks >= columnBound ? columnPad : 0)
  }

  /// Rows of the current command.
  func rowCount(_ dim: Int) -> Int { dim - (row == rowBound - 1 ? rowPad : 0) }

  /// Number of the current tile in row-major order.
  var tile: Int { row * columnBound + column }

  /// Goes on to the next tiles; returns whether the walk is over.
  mutating func advance() -> Bool {
    fast = LoopMath.next(fast, columnsAreFast ? maxBlocks : 1, fastBound)
    guard fast == 0 else { return false }
    slow = LoopMath.next(slow, columnsAreFast ? 1 : maxBlocks, slowBound)
    return slow == 0
  }
}

/// A sub-unit that moves tiles in: ldA, ldB or ldD (facts 5.2).
struct MatmulLoader: Sendable {
  /// What the unit was asked to load.
  struct Request: Sendable {
    var walk = TileWalk()
    var base: UInt64 = 0
    /// Elements from one row of the matrix to the next.
    var stride: UInt64 = 0
    var elementBytes = 1
    var function = Function.mvin
    /// Local row of the first tile.
    var localRow = 0
    var isAccumulator = false
    var accumulates = false
    /// ldB always moves whole tiles: its row padding never takes effect (facts 5.2, quirk).
    var padsRows = true
    var context = 0
  }

  private(set) var request = Request()
  private(set) var isIdle = true

  /// The context that the unit works for, or last worked for.
  var context: Int { request.context }
  var walk: TileWalk { request.walk }
  /// Whether a command is ready but for the occupancy limit.
  var isOffering: Bool { !isIdle && request.base != 0 }
  /// Whether there is nothing to load; the unit is idle again after one cycle.
  var isSkipping: Bool { !isIdle && request.base == 0 }

  mutating func accept(_ request: Request) {
    self.request = request
    isIdle = false
  }

  mutating func skip() { isIdle = true }

  /// The current command; goes on to the next.
  mutating func emit(_ encoding: LoopEncoding) -> Command {
    let walk = request.walk
    let dim = encoding.dim
    let element = walk.row &* Int(truncatingIfNeeded: request.stride) &+ walk.column
    let row = request.localRow + walk.tile * dim
    let local =
      request.isAccumulator
      ? encoding.accumulator(row, accumulate: request.accumulates) : encoding.scratchpad(row)
    let command = Command(
      request.function, encoding.address(request.base, element &* dim &* request.elementBytes),
      encoding.move(
        rows: request.padsRows ? walk.rowCount(dim) : dim, columns: walk.columnCount(dim), local))
    isIdle = request.walk.advance()
    return command
  }
}

// MARK: State

extension TileWalk {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&fast)
    codec.integer(&slow)
    codec.integer(&fastBound)
    codec.integer(&slowBound)
    codec.flag(&columnsAreFast)
    codec.integer(&maxBlocks)
    codec.integer(&rowPad)
    codec.integer(&columnPad)
  }
}

extension MatmulLoader {
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isIdle)
    codec.context(&request.context)
    // The execute unit looks at the walk also when it is over.
    request.walk.visit(&codec)
    guard !isIdle else { return }
    codec.address(&request.base)
    codec.integer(&request.stride)
    codec.integer(&request.elementBytes)
    codec.choice(&request.function)
    codec.flag(&request.isAccumulator)
    codec.row(&request.localRow, isAccumulator: request.isAccumulator)
    codec.flag(&request.accumulates)
    codec.flag(&request.padsRows)
  }
}
