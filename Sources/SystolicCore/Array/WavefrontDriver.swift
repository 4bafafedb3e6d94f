/// A small matrix as it stands in the scratchpad.
public struct TileMatrix: Equatable, Sendable {
  /// 0 or more; the driver takes at most those of the array.
  public let rows: Int
  /// 0 or more; the driver takes at most those of the array and pads with zeros.
  public let columns: Int
  /// Row by row.
  public var elements: [Int8]

  /// Creates a matrix from its elements.
  ///
  /// - Throws: `WavefrontError.operand` unless there are `rows` x `columns` elements.
  public init(rows: Int, columns: Int, elements: [Int8]) throws(WavefrontError) {
    guard rows >= 0, columns >= 0, elements.count == rows * columns else {
      throw .operand("\(elements.count) elements for \(rows) x \(columns)")
    }
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Row `index` with zeros up to `width`; all zeros outside the matrix (facts 4.4).
  func padded(row index: Int, width: Int) -> [Int8] {
    guard (0..<rows).contains(index) else { return Array(repeating: 0, count: width) }
    let start = index * columns
    return elements[start..<start + columns] + Array(repeating: 0, count: width - columns)
  }
}

/// A preload with the compute that follows it. `nil` stands for a garbage address.
public struct TilePair: Equatable, Sendable {
  /// Port d, named by the preload: weights (weight-stationary) or bias (output-stationary).
  public var preloaded: TileMatrix?
  /// Port a: the matrix A.
  public var a: TileMatrix?
  /// Port b: the bias (weight-stationary) or the matrix B (output-stationary).
  public var b: TileMatrix?
  /// Compute flip: use what was just preloaded. Otherwise go on with what the array holds.
  public var flips: Bool
  /// Rows and columns of the result to keep; `nil` drops it.
  public var result: ResultSize?

  public init(
    preloaded: TileMatrix?, a: TileMatrix?, b: TileMatrix?, flips: Bool = true, result: ResultSize?
  ) {
    self.preloaded = preloaded
    self.a = a
    self.b = b
    self.flips = flips
    self.result = result
  }
}

/// Rows and columns of a result.
public struct ResultSize: Equatable, Sendable {
  /// Rows of the result that are kept, at most those of the array.
  public var rows: Int
  /// Elements of each row that are kept, at most the columns of the array.
  public var columns: Int

  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }
}

/// A result as it left the array.
public struct TileResult: Equatable, Sendable {
  /// Row by row; rows that have not come out are zero.
  public var rows: [[Int32]]
  /// Cycle in which the first row of its operation left, -1 until then.
  public var firstRow: Cycle = -1
  /// Cycle in which the last one left, -1 until then.
  public var lastRow: Cycle = -1
}

/// Feeds tiles to a `WavefrontMesh` as the execute controller does, with every operand at hand
/// (facts 6.4): a single preload, overlapped operations, a single compute, and a flush at the end.
///
/// What the controller does to find its operands in time is not here; the array is never kept
/// waiting except by itself.
public struct WavefrontDriver: Sendable {
  /// How the array is configured: the fields of config_ex that concern it.
  public struct Mode: Equatable, Sendable {
    /// Which operand stays in the array, for all pairs of a run.
    public var dataflow: ArrayDataflow
    /// Multiplies with A transposed.
    public var transposesA = false
    /// Transposes the weights (weight-stationary) or B (output-stationary).
    public var transposesB = false
    /// Right shift of output-stationary results.
    public var shift = 0

    public init(dataflow: ArrayDataflow) { self.dataflow = dataflow }
  }

  /// The array in the state after the last cycle of `run`.
  public private(set) var mesh: WavefrontMesh
  /// What every pair is computed with.
  public let mode: Mode
  /// Results in the order of their pairs, those without a result left out.
  public private(set) var results: [TileResult] = []
  /// What was to be seen in each cycle, if recorded.
  public private(set) var frames: [WavefrontFrame] = []
  /// Cycles in which the array took a request, flushes included.
  public private(set) var requestCycles: [Cycle] = []
  private let recordsFrames: Bool
  /// Propagate bit of what follows a finished preload without its compute.
  private var propagateOfFlush = false
  /// Rows of the current result operation that have come out.
  private var rowsOut = 0

  /// Creates a driver of an array at rest.
  ///
  /// - Throws: `WavefrontError.operand` if two operands would need the transposer.
  public init(
    shape: WavefrontShape, mode: Mode, recordsFrames: Bool = false
  ) throws(WavefrontError) {
    let usesForA = (mode.dataflow == .outputStationary) != mode.transposesA
    guard !(usesForA && mode.transposesB) else {
      throw .operand(
        "only one operand can go through the transposer: A does so transposed (weight-stationary)"
          + " or plain (output-stationary), and B is to be transposed, too")
    }
    guard (0...31).contains(mode.shift) else {
      throw .operand("shift must be 0...31, is \(mode.shift)")
    }
    mesh = WavefrontMesh(shape: shape)
    self.mode = mode
    self.recordsFrames = recordsFrames
  }

  /// Feeds `pairs` without a gap; the last compute goes alone. Results may still be in the array:
  /// see `drain()`.
  ///
  /// - Throws: `WavefrontError.operand` if a matrix or result is larger than the array.
  public mutating func run(_ pairs: [TilePair]) throws(WavefrontError) {
    for pair in pairs { try check(pair) }
    var previous: TilePair?
    for pair in pairs.flatMap(expanded) {
      feed(preload: pair, compute: previous)
      previous = pair
    }
    if let previous { feed(preload: nil, compute: previous) }
  }

  /// Waits until every result has come out. Output-stationary sums must be pushed out by flushes;
  /// weight-stationary ones come by themselves, and `flushing` only does what a config_ex would.
  public mutating func drain(flushing: Bool? = nil) {
    guard flushing ?? (mode.dataflow == .outputStationary) else {
      while !mesh.tagsInProgress.isEmpty { tick() }
      return
    }
    while !mesh.tagsInProgress.isEmpty {
      while !mesh.acceptsRequest { tick() }
      var request = request(tag: nil, rows: mesh.shape.dim)
      request.flush = 1
      request.propagate = propagateOfFlush
      send(request)
      tick()
      // State flushing up to the cycle in which the port is free again, then one cycle to decide.
      while !mesh.acceptsRequest { tick() }
      tick()
      if mesh.tagsInProgress.isEmpty { return }
      tick()
    }
  }

  /// Ends a cycle in which nothing more is offered.
  public mutating func tick() {
    let response: WavefrontResponse?
    if recordsFrames {
      let frame = mesh.tickRecording()
      frames.append(frame)
      response = frame.response
    } else {
      response = mesh.tick()
    }
    if let response { store(response) }
  }

  // MARK: Operations

  /// Weights to be transposed need an operation's time in the transposer before they can be
  /// loaded: the preload unroller makes two pairs of one (facts 6.4).
  private func expanded(_ pair: TilePair) -> [TilePair] {
    guard mode.dataflow == .weightStationary, mode.transposesB, pair.flips else { return [pair] }
    var turning = pair
    turning.result = nil
    turning.flips = false
    var loading = pair
    loading.preloaded = nil
    return [turning, loading]
  }

  /// One operation: the rows of a compute together with those of the next preload.
  private mutating func feed(preload: TilePair?, compute: TilePair?) {
    let dim = mesh.shape.dim
    var request = request(tag: nil, rows: dim)
    // An operand that goes through the transposer is fed one operation early.
    let a = request.sendsAThroughTransposer ? preload?.a : compute?.a
    let b = request.sendsBThroughTransposer ? preload?.b : compute?.b
    let d = preload?.preloaded
    let usesTransposer =
      request.sendsAThroughTransposer || request.sendsBThroughTransposer
      || request.sendsDThroughTransposer
    if mode.dataflow == .weightStationary, d == nil, !usesTransposer {
      // At least 4, so that completions do not collide; an array of 2 or 3 has no more rows.
      request.rows = min(max(a?.rows ?? 1, b?.rows ?? 1, 4), dim)
    }
    if let size = preload?.result {
      request.tag = results.count
      let row = Array(repeating: Int32(0), count: size.columns)
      results.append(TileResult(rows: Array(repeating: row, count: size.rows)))
    }
    request.propagate = compute?.flips ?? propagateOfFlush

    for row in 0..<request.rows {
      while !mesh.acceptsA || !mesh.acceptsB || !mesh.acceptsD || row == 0 && !mesh.acceptsRequest {
        tick()
      }
      if row == 0 { send(request) }
      _ = mesh.offerA(padded(a, row: row))
      _ = mesh.offerB(padded(b, row: row))
      // The first row in goes down furthest.
      _ = mesh.offerD(padded(d, row: dim - 1 - row))
      tick()
    }
    if let preload {
      propagateOfFlush = mode.dataflow == .outputStationary && preload.result != nil
    }
  }

  private func request(tag: Int?, rows: Int) -> WavefrontRequest {
    var request = WavefrontRequest(tag: tag, rows: rows, dataflow: mode.dataflow)
    request.transposesA = mode.transposesA
    request.transposesBD = mode.transposesB
    request.shift = mode.shift
    return request
  }

  private mutating func send(_ request: WavefrontRequest) {
    if mesh.offer(request) { requestCycles.append(mesh.cycle) }
  }

  private func padded(_ matrix: TileMatrix?, row: Int) -> [Int8] {
    matrix?.padded(row: row, width: mesh.shape.dim)
      ?? Array(repeating: 0, count: mesh.shape.dim)
  }

  private func check(_ pair: TilePair) throws(WavefrontError) {
    let dim = mesh.shape.dim
    for matrix in [pair.preloaded, pair.a, pair.b] {
      if let matrix, matrix.rows > dim || matrix.columns > dim {
        throw .operand("\(matrix.rows) x \(matrix.columns) does not fit an array of \(dim)")
      }
    }
    if let size = pair.result {
      guard (0...dim).contains(size.rows), (0...dim).contains(size.columns) else {
        throw .operand("a result of \(size.rows) x \(size.columns) from an array of \(dim)")
      }
    }
  }

  // MARK: Results

  /// Weight-stationary rows come first row first, output-stationary ones last row first.
  private mutating func store(_ response: WavefrontResponse) {
    guard let tag = response.tag else { return }
    // The response left in the cycle that has just ended.
    let left = mesh.cycle - 1
    let row =
      mode.dataflow == .weightStationary ? rowsOut : response.rows - 1 - rowsOut
    if results[tag].rows.indices.contains(row) {
      let width = results[tag].rows[row].count
      results[tag].rows[row] = Array(response.values.prefix(width))
    }
    if rowsOut == 0 { results[tag].firstRow = left }
    rowsOut += 1
    if response.isLast {
      results[tag].lastRow = left
      rowsOut = 0
    }
  }
}
