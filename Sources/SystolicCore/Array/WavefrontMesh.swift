/// What the array is asked to do with the rows that follow (facts 7.2).
public struct WavefrontRequest: Equatable, Sendable {
  /// The caller's label of the result, `nil` for a result that nobody wants.
  public var tag: Int?
  /// Rows of the operation.
  public var rows: Int
  /// Passes of rows to push through without operands; 0 for real work.
  public var flush = 0
  /// Which operand stays in the array.
  public var dataflow: ArrayDataflow
  /// Whether the two registers of every processing element swap roles.
  public var propagate = false
  /// Transposes port a; output-stationary, A passes the transposer without it (facts 7.5).
  public var transposesA = false
  /// Transposes port d (weight-stationary) or port b (output-stationary).
  public var transposesBD = false
  /// Right shift of finished sums, output-stationary only.
  public var shift = 0

  public init(tag: Int?, rows: Int, dataflow: ArrayDataflow) {
    self.tag = tag
    self.rows = rows
    self.dataflow = dataflow
  }

  var sendsAThroughTransposer: Bool { (dataflow == .outputStationary) != transposesA }
  var sendsBThroughTransposer: Bool { dataflow == .outputStationary && transposesBD }
  var sendsDThroughTransposer: Bool { dataflow == .weightStationary && transposesBD }
}

/// One row that leaves the array.
public struct WavefrontResponse: Equatable, Sendable {
  /// One value a column.
  public var values: [Int32]
  /// Label of the result that the row belongs to, `nil` if nobody wants it.
  public var tag: Int?
  /// Number of the operation whose rows pushed this one out.
  public var id: Int
  /// Rows of that operation.
  public var rows: Int
  /// The last row of that operation.
  public var isLast: Bool
}

/// The array with everything around it, register by register: input buffers, request register,
/// transposer, skew, tiles, de-skew, tags (facts 7).
///
/// In every cycle ask what is accepted, offer, then `tick()`. Whether something is accepted never
/// depends on what else is offered in the same cycle.
public struct WavefrontMesh: Sendable {
  /// Sizes and latencies of the array, and with them of the buffers around it.
  public let shape: WavefrontShape
  /// The current cycle.
  public private(set) var cycle: Cycle = 0

  private var request: WavefrontRequest?
  private var rowsAdvanced = 0
  private var propagate = false
  private var id = 0
  private var resultShift = 0
  private var a: InputBuffer
  private var b: InputBuffer
  private var d: InputBuffer
  private var offeredRequest: WavefrontRequest?
  private var transposer: Transposer
  private var array: WavefrontArray
  private var skewLeft: [DelayLine<Int8>]
  private var skewTop: [DelayLine<ColumnSignals>]
  private var outputRegisters: [DelayLine<ColumnSignals>]
  private var deskew: [DelayLine<Int32>]
  private var deskewControl: DelayLine<ColumnSignals>
  private var tags: Queue<ExpectedTag>
  private var rowCounts: Queue<ExpectedRows>

  /// Creates an array at rest with cleared registers.
  public init(shape: WavefrontShape) {
    self.shape = shape
    let (dim, hop) = (shape.dim, shape.hopLatency)
    let idle = ColumnSignals()
    a = InputBuffer(size: dim)
    b = InputBuffer(size: dim)
    d = InputBuffer(size: dim)
    transposer = Transposer(size: dim)
    array = WavefrontArray(shape: shape)
    skewLeft = (0..<dim).map { DelayLine(depth: $0 / shape.tileRows * hop, holding: 0) }
    skewTop = (0..<dim).map { DelayLine(depth: $0 / shape.tileColumns * hop, holding: idle) }
    outputRegisters = (0..<dim).map { _ in DelayLine(depth: shape.outputDelay, holding: idle) }
    let lastColumn = shape.meshColumns - 1
    deskew = (0..<dim).map {
      DelayLine(depth: (lastColumn - $0 / shape.tileColumns) * hop, holding: 0)
    }
    deskewControl = DelayLine(depth: lastColumn * hop, holding: idle)
    tags = Queue(depth: shape.simultaneousMatmuls + 1)
    rowCounts = Queue(depth: shape.simultaneousMatmuls + 1)
  }

  // MARK: Ports

  /// Whether a row advances into the array in this cycle.
  public var rowAdvances: Bool {
    guard let request else { return false }
    return request.flush > 0 || a.isWritten && b.isWritten && d.isWritten
  }

  /// Whether a request is taken in this cycle: between operations, and only with room for its tag.
  public var acceptsRequest: Bool {
    (request == nil || lastRowAdvances) && tags.canSend(cycle) && rowCounts.canSend(cycle)
  }

  /// Whether port a takes a row in this cycle.
  public var acceptsA: Bool { !a.isWritten || rowAdvances || acceptsRequest }
  /// Whether port b takes a row in this cycle.
  public var acceptsB: Bool { !b.isWritten || rowAdvances || acceptsRequest }
  /// Whether port d takes a row in this cycle.
  public var acceptsD: Bool { !d.isWritten || rowAdvances || acceptsRequest }

  /// Labels of the results that are still to come, oldest first.
  public var tagsInProgress: [Int] {
    (0..<tags.count).compactMap { tags[$0]?.tag }
  }

  /// Operations whose tags are held, wanted results or not; at most M + 1.
  var tagQueueCount: Int { tags.count }

  /// Offers a request; returns whether it was taken.
  public mutating func offer(_ request: WavefrontRequest) -> Bool {
    precondition((1...shape.dim).contains(request.rows), "an operation of \(request.rows) rows")
    guard acceptsRequest else { return false }
    offeredRequest = request
    return true
  }

  /// Offers a row of A; returns whether it was taken.
  public mutating func offerA(_ row: [Int8]) -> Bool {
    guard acceptsA else { return false }
    a.offered = row
    return true
  }

  /// Offers a row to port b; returns whether it was taken.
  public mutating func offerB(_ row: [Int8]) -> Bool {
    guard acceptsB else { return false }
    b.offered = row
    return true
  }

  /// Offers a row to port d; returns whether it was taken.
  public mutating func offerD(_ row: [Int8]) -> Bool {
    guard acceptsD else { return false }
    d.offered = row
    return true
  }

  // MARK: One cycle

  /// Ends the cycle; returns the row that leaves in it.
  public mutating func tick() -> WavefrontResponse? {
    let (left, top) = edges()
    return tick(left: left, top: top).response
  }

  /// Ends the cycle; returns all that was to be seen in it.
  public mutating func tickRecording() -> WavefrontFrame {
    let cells = (0..<shape.dim).map { row in
      (0..<shape.dim).map { array.cell(row: row, column: $0) }
    }
    let at = cycle
    let (left, top) = edges()
    let (response, bottom) = tick(left: left, top: top)
    return WavefrontFrame(
      cycle: at, left: left, top: top, cells: cells, bottom: bottom, response: response)
  }

  private mutating func tick(left: [Int8], top: [ColumnSignals]) -> (
    response: WavefrontResponse?, bottom: [ColumnSignals]
  ) {
    let bottom = array.tick(left: left, top: top)
    let response = collect(bottom)
    clock()
    cycle += 1
    return (response, bottom)
  }

  /// What stands at the edges of the array: buffers and transposer, after the skew.
  private mutating func edges() -> (left: [Int8], top: [ColumnSignals]) {
    let line = transposer.output
    let fromA = request?.sendsAThroughTransposer == true ? line : a.row
    let fromB = request?.sendsBThroughTransposer == true ? line : b.row
    let fromD = request?.sendsDThroughTransposer == true ? line.reversed() : d.row
    var control = ColumnSignals()
    control.dataflow = request?.dataflow ?? .weightStationary
    control.propagate = propagate
    control.shift = resultShift
    control.isValid = rowAdvances
    control.isLast = lastRowAdvances
    control.id = id
    var left = fromA
    var top = Array(repeating: control, count: shape.dim)
    for index in 0..<shape.dim {
      left[index] = skewLeft[index].shift(fromA[index])
      top[index].b = Int32(fromB[index])
      top[index].d = Int32(fromD[index])
      top[index] = skewTop[index].shift(top[index])
    }
    return (left, top)
  }

  /// From the bottom edge to a whole row with its tag.
  private mutating func collect(_ bottom: [ColumnSignals]) -> WavefrontResponse? {
    let delayed = bottom.indices.map { outputRegisters[$0].shift(bottom[$0]) }
    let control = deskewControl.shift(delayed[0])
    // The de-skewed control of column 0 chooses the chain for all columns, before their de-skew.
    let usesLoadChain = control.dataflow == .outputStationary
    let values = delayed.indices.map {
      deskew[$0].shift(usesLoadChain ? delayed[$0].d : delayed[$0].b)
    }
    guard control.isValid else { return nil }
    let tag = tags.first.flatMap { $0.id == control.id ? $0 : nil }
    let rows = rowCounts.first.flatMap { $0.id == control.id ? $0.rows : nil }
    if control.isLast {
      if tag != nil { tags.receive(cycle) }
      if rows != nil { rowCounts.receive(cycle) }
    }
    return WavefrontResponse(
      values: values, tag: tag?.tag, id: control.id, rows: rows ?? shape.dim,
      isLast: control.isLast)
  }

  private var lastRowAdvances: Bool {
    guard let request else { return false }
    return rowAdvances && rowsAdvanced == request.rows - 1
  }

  /// The clock edge of everything before the skew.
  private mutating func clock() {
    let advances = rowAdvances
    let isLast = lastRowAdvances
    if let request {
      if advances { enterTransposer(request) }
      resultShift = request.shift
      if advances { rowsAdvanced = isLast ? 0 : rowsAdvanced + 1 }
      if isLast {
        self.request?.flush -= 1
        if request.flush <= 1 { self.request = nil }
      }
    }
    if let taken = offeredRequest {
      if taken.flush == 0 { pushTag(taken) }
      request = taken
      propagate = propagate != taken.propagate
      id = (id + 1) % shape.simultaneousMatmuls
      offeredRequest = nil
    }
    a.clock(advances: advances)
    b.clock(advances: advances)
    d.clock(advances: advances)
  }

  private mutating func enterTransposer(_ request: WavefrontRequest) {
    if request.sendsBThroughTransposer {
      transposer.enter(b.row)
    } else if request.sendsDThroughTransposer {
      transposer.enter(d.row.reversed())
    } else if request.sendsAThroughTransposer {
      transposer.enter(a.row)
    }
  }

  /// The result of an operation leaves with the rows of the next one (weight-stationary: these
  /// weights, its A) or of the one after that (output-stationary: load, accumulate, push out).
  private mutating func pushTag(_ request: WavefrontRequest) {
    let count = shape.simultaneousMatmuls
    let distance = request.dataflow == .outputStationary ? 3 : 2
    tags.send(ExpectedTag(tag: request.tag, id: (id + distance) % count))
    rowCounts.send(ExpectedRows(rows: request.rows, id: (id + 1) % count))
  }
}

/// All that is to be seen in one cycle: registers as the cycle finds them, edges as it drives them.
public struct WavefrontFrame: Equatable, Sendable {
  /// Counted from the creation of the array, from 0.
  public let cycle: Cycle
  /// What enters each row from the left.
  public let left: [Int8]
  /// What enters each column from above.
  public let top: [ColumnSignals]
  /// The processing elements, row by row.
  public let cells: [[WavefrontCell]]
  /// What leaves each column below.
  public let bottom: [ColumnSignals]
  /// The whole row that leaves the wrapper, some cycles after it left the bottom edge.
  public let response: WavefrontResponse?
}

/// One row of an operand, and whether the array has still to take it.
private struct InputBuffer: Sendable {
  var row: [Int8]
  var isWritten = false
  var offered: [Int8]?

  init(size: Int) { row = Array(repeating: 0, count: size) }

  mutating func clock(advances: Bool) {
    if advances { isWritten = false }
    if let next = offered {
      precondition(next.count == row.count, "a row of \(next.count) for an array of \(row.count)")
      row = next
      isWritten = true
      offered = nil
    }
  }
}

/// A result's label and the operation whose rows carry it.
private struct ExpectedTag: Sendable {
  var tag: Int?
  var id: Int
}

/// An operation's row count and its number.
private struct ExpectedRows: Sendable {
  var rows: Int
  var id: Int
}
