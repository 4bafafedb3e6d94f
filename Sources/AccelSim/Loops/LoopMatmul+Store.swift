import SystolicCore

/// The sub-unit that moves results out: stC to main memory, stC_spad to the scratchpad
/// (facts 5.2).
struct MatmulStore: Sendable {
  private enum State: UInt8 { case idle, store, normConfig, normStore }

  /// What the unit was asked to store.
  struct Request: Sendable {
    var walk = TileWalk()
    /// Depth of the loop in tiles: results are final after its last.
    var depth = 1
    var base: UInt64 = 0
    /// Elements from one row of the matrix to the next.
    var stride: UInt64 = 0
    var full = false
    var activation = 0
    /// Accumulator row of the first tile.
    var localRow = 0
    /// Scratchpad row of the first tile where results go there.
    var scratchpadRow: Int?
    var isResadd = false
    var context = 0

    var normalises: Bool { scratchpadRow == nil && (activation == 2 || activation == 4) }
  }

  /// Statistics registers of the normaliser: rows that a pass takes together (facts 8.7).
  private static let statisticsRows = 2
  /// Normaliser commands of the three passes, before and at a row's last columns (facts 5.2).
  private static let layerNorm: InlineArray<6, UInt64> = [1, 2, 3, 4, 0, 0]
  private static let softmax: InlineArray<6, UInt64> = [5, 5, 6, 7, 0, 0]

  private(set) var request = Request()
  private var state = State.idle
  private var normRow = 0
  private var normPass = 0
  private var normID = 0

  var isIdle: Bool { state == .idle }
  var context: Int { request.context }
  /// Whether there is nothing to store; the unit is idle again after one cycle.
  var isSkipping: Bool { state != .idle && request.base == 0 && request.scratchpadRow == nil }

  mutating func accept(_ request: Request) {
    self.request = request
    state = request.normalises ? .normConfig : .store
    normRow = 0
    normPass = 0
    normID = 0
  }

  mutating func skip() { state = .idle }

  /// Whether the current command may leave. `i`, `j` and `k` are how far the results have come;
  /// `done` says that all are on their way.
  @inline(__always) func isOffering(done: Bool, i: Int, j: Int, k: Int) -> Bool {
    guard state != .idle, request.base != 0 || request.scratchpadRow != nil else { return false }
    if done { return true }
    let end = request.walk.column + request.walk.blocks
    let row = request.walk.row
    if request.isResadd { return i > row || (i == row && j >= end) }
    guard request.activation != 2, request.activation != 4, k == request.depth - 1 else {
      return false
    }
    return j >= end || (j == end - 1 && i > row)
  }

  /// The current command; goes on to the next.
  mutating func emit(_ encoding: LoopEncoding) -> Command {
    switch state {
    case .normConfig:
      state = .normStore
      return Command(.config, 1 << 17 | UInt64(normID) << 8 | 3, 0)
    case .normStore:
      return emitNormStore(encoding)
    case .idle, .store:
      return emitStore(encoding)
    }
  }

  private mutating func emitStore(_ encoding: LoopEncoding) -> Command {
    let walk = request.walk
    let dim = encoding.dim
    let offset = walk.tile * dim
    let source = encoding.move(
      rows: walk.rowCount(dim), columns: walk.columnCount(dim),
      encoding.accumulator(request.localRow + offset, full: request.full))
    let command: Command
    if let row = request.scratchpadRow {
      command = Command(.mvoutSpad, 1 << 32 | encoding.scratchpad(row + offset), source)
    } else {
      let element = walk.row &* Int(truncatingIfNeeded: request.stride) &+ walk.column
      let bytes = element &* dim &* (request.full ? 4 : 1)
      command = Command(.mvout, encoding.address(request.base, bytes), source)
    }
    if request.walk.advance() { state = .idle }
    return command
  }

  private mutating func emitNormStore(_ encoding: LoopEncoding) -> Command {
    let walk = request.walk
    let dim = encoding.dim
    let row = normRow + normID
    let isLast = walk.column + walk.maxBlocks >= walk.columnBound
    let index = normPass * 2 + (isLast ? 1 : 0)
    let norm = request.activation == 2 ? Self.layerNorm[index] : Self.softmax[index]
    let stride = Int(truncatingIfNeeded: request.stride)
    let element = (walk.row &* stride &+ walk.column) &* dim &+ row &* stride
    let local =
      encoding.accumulator(request.localRow + walk.tile * dim + row, full: request.full)
      | norm << 26
    let command = Command(
      .mvout, encoding.address(request.base, element),
      encoding.move(rows: 1, columns: walk.columnCount(dim), local))
    advanceNorm(dim)
    return command
  }

  /// From outermost to innermost: row tile, rows of a pair, pass, row, columns.
  private mutating func advanceNorm(_ dim: Int) {
    let rows = request.walk.rowCount(dim)
    let ids = min(Self.statisticsRows, rows - normRow)
    request.walk.slow = LoopMath.next(
      request.walk.slow, request.walk.maxBlocks, request.walk.slowBound)
    guard request.walk.slow == 0 else { return }
    state = .normConfig
    normID = LoopMath.next(normID, 1, ids)
    guard normID == 0 else { return }
    normPass = LoopMath.next(normPass, 1, 3)
    guard normPass == 0 else { return }
    normRow = LoopMath.next(normRow, Self.statisticsRows, rows)
    guard normRow == 0 else { return }
    request.walk.fast = LoopMath.next(request.walk.fast, 1, request.walk.fastBound)
    if request.walk.fast == 0 { state = .idle }
  }
}

// MARK: State

extension MatmulStore {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&request.context)
    guard state != .idle else { return }
    request.walk.visit(&codec)
    codec.integer(&request.depth)
    codec.address(&request.base)
    codec.integer(&request.stride)
    codec.flag(&request.full)
    codec.integer(&request.activation)
    codec.row(&request.localRow, isAccumulator: true)
    if codec.holds(&request.scratchpadRow, or: 0), var row = request.scratchpadRow {
      codec.integer(&row)
      request.scratchpadRow = row
    }
    codec.flag(&request.isResadd)
    codec.integer(&normRow)
    codec.integer(&normPass)
    codec.integer(&normID)
  }
}
