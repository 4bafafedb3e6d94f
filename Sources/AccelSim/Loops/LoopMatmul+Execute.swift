import SystolicCore

/// The sub-unit that emits a preload and a compute for each pair of tiles (facts 5.2).
struct MatmulExecute: Sendable {
  private enum State: UInt8 { case idle, preload, compute }

  /// What the unit was asked to compute, in tiles.
  struct Request: Sendable {
    var rows = 1
    var columns = 1
    var depth = 1
    var rowPad = 0
    var columnPad = 0
    var depthPad = 0
    var transposesA = false
    var transposesB = false
    /// Also the first tile over the depth adds to what the accumulator holds.
    var accumulates = false
    var startA = 0
    var endB = 0
    var startC = 0
    /// A residual addition: nothing to compute.
    var skips = false
    var context = 0
  }

  private(set) var request = Request()
  private var state = State.idle
  /// Row, column and depth of the current pair of tiles.
  private(set) var i = 0
  private(set) var j = 0
  private(set) var k = 0

  var isIdle: Bool { state == .idle }
  var context: Int { request.context }
  var isSkipping: Bool { state != .idle && request.skips }

  mutating func accept(_ request: Request) {
    self.request = request
    state = .preload
    i = 0
    j = 0
    k = 0
  }

  mutating func skip() { state = .idle }

  /// Whether the current command may leave: its loads have been emitted.
  @inline(__always) func isOffering(_ a: MatmulLoader, _ b: MatmulLoader, _ d: MatmulLoader) -> Bool
  {
    guard state != .idle, !request.skips else { return false }
    let aDone = a.context != context || a.isIdle
    let bDone = b.context != context || b.isIdle
    let dDone = d.context != context || d.isIdle
    let aAhead = aDone || a.walk.slow > k || (a.walk.slow == k && a.walk.fast > i)
    // The second comparison looks at A's iterator, not B's (facts 5.2, quirk).
    let bAhead = bDone || b.walk.slow > k || (a.walk.slow == k && b.walk.fast > j)
    return aAhead && bAhead && dDone
  }

  /// The current command; goes on to the next.
  mutating func emit(_ encoding: LoopEncoding) -> Command {
    let dim = encoding.dim
    let rows = dim - (i == request.rows - 1 ? request.rowPad : 0)
    let depth = dim - (k == request.depth - 1 ? request.depthPad : 0)
    if state == .preload {
      let columns = dim - (j == request.columns - 1 ? request.columnPad : 0)
      let tileB =
        request.transposesB ? j * request.depth + k : k * request.columns + j
      let startB = request.endB - request.depth * request.columns * dim
      let weights = i == 0 ? encoding.scratchpad(startB + tileB * dim) : encoding.garbage
      let result = encoding.accumulator(
        request.startC + (i * request.columns + j) * dim, accumulate: request.accumulates || k != 0)
      state = .compute
      return Command(
        .preload, encoding.tile(rows: depth, columns: columns, weights),
        encoding.tile(rows: rows, columns: columns, result))
    }
    let tileA = request.transposesA ? k * request.rows + i : i * request.depth + k
    let command = Command(
      i == 0 ? .computePreloaded : .computeAccumulated,
      encoding.tile(
        rows: rows, columns: depth, encoding.scratchpad(request.startA + tileA * dim)),
      encoding.tile(rows: dim, columns: dim, encoding.garbage))
    state = advance() ? .idle : .preload
    return command
  }

  private mutating func advance() -> Bool {
    i = LoopMath.next(i, 1, request.rows)
    guard i == 0 else { return false }
    j = LoopMath.next(j, 1, request.columns)
    guard j == 0 else { return false }
    k = LoopMath.next(k, 1, request.depth)
    return k == 0
  }
}

// MARK: State

extension MatmulExecute {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&request.context)
    // Stores look at the iterators also when they are over.
    codec.integer(&i)
    codec.integer(&j)
    codec.integer(&k)
    guard state != .idle else { return }
    codec.integer(&request.rows)
    codec.integer(&request.columns)
    codec.integer(&request.depth)
    codec.integer(&request.rowPad)
    codec.integer(&request.columnPad)
    codec.integer(&request.depthPad)
    codec.flag(&request.transposesA)
    codec.flag(&request.transposesB)
    codec.flag(&request.accumulates)
    codec.row(&request.startA, isAccumulator: false)
    codec.end(&request.endB, isAccumulator: false)
    codec.row(&request.startC, isAccumulator: true)
    codec.flag(&request.skips)
  }
}
