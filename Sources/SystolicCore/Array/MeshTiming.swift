/// What travels with an operation through the array: whose result it is and where it goes.
public struct MeshTag: Equatable, Sendable {
  /// Reservation-station entry to complete, or -1.
  public var entry: Int
  /// Address of the first result row.
  public var address: LocalAddress
  /// Result rows with this tag are written nowhere.
  public var isGarbage: Bool
  /// Rows of C to be written; result rows behind them are dropped.
  public var rows: Int

  public init(entry: Int, address: LocalAddress, isGarbage: Bool, rows: Int) {
    self.entry = entry
    self.address = address
    self.isGarbage = isGarbage
    self.rows = rows
  }

  /// A tag that writes nothing and completes nothing.
  public static var garbage: MeshTag {
    MeshTag(entry: -1, address: .garbage, isGarbage: true, rows: 0)
  }
}

/// A request for one operation of the array (facts 7.2).
public struct MeshRequest: Equatable, Sendable {
  /// Labels the result of the next operation (weight-stationary) or of the one after it (facts 7.3).
  public var tag: MeshTag
  /// Rows of operands that make the operation.
  public var rows: Int
  /// 1 pushes rows of nothing through, to drive results out.
  public var flush: Int
  /// The dataflow bit: it decides how many operations later the tag comes out.
  public var isOutputStationary: Bool

  public init(tag: MeshTag, rows: Int, flush: Int, isOutputStationary: Bool) {
    self.tag = tag
    self.rows = rows
    self.flush = flush
    self.isOutputStationary = isOutputStationary
  }
}

/// One row of results leaving the array.
public struct MeshResponse: Equatable, Sendable {
  /// That of the operation in the head of the tag queue, else `.garbage` (facts 7.3).
  public var tag: MeshTag
  /// Rows of the operation that this row belongs to.
  public var totalRows: Int
  /// The last row of its operation; tag and row count leave their queues with it.
  public var isLast: Bool
}

/// When rows enter and leave the array (facts 7.2, 7.3), without the rows themselves.
///
/// `WavefrontMesh` is the register-accurate array whose latencies this must have.
public struct MeshTiming: Sendable {
  @usableFromInline struct Waiting: Sendable {
    @usableFromInline var tag: MeshTag
    @usableFromInline var rows: Int
    @usableFromInline var tagID: Int
    @usableFromInline var rowsID: Int
  }

  private struct RowInFlight: Sendable {
    var leaves: Cycle = 0
    var id: Int32 = 0
    var isLast = false
  }

  /// Cycles from a row entering the array to its results.
  public let latency: Int
  private let maxOperations: Int
  private let dim: Int

  /// What is left of the request whose rows are being taken.
  private var holdsRequest = false
  private var requestRows = 0
  private var flushesLeft = 0
  private var operationID = 0
  private var fireCounter = 0
  /// Operands of the next row that have been taken.
  @usableFromInline var written: OperandSet = []

  /// Tags of operations in flight, oldest first. Tags and row counts are separate queues because
  /// they wait for different operations.
  @usableFromInline var tags: Queue<Waiting>
  private var rowCounts: Queue<Waiting>

  private var rows: [RowInFlight]
  private var rowsHead = 0
  private var rowsCount = 0
  /// Cycle in which the oldest row leaves, or -1.
  @usableFromInline var nextLeaves: Cycle = -1

  /// Tags held that will complete an entry.
  public private(set) var entriesInProgress = 0

  // This cycle's wires, found by `begin`.
  /// The next row enters the array this cycle.
  public private(set) var advancesRow = false
  private var isLastFire = false
  private var popsTag = false
  private var popsRowCount = false
  /// The tag of the request taken in the last cycle.
  private var arriving: Waiting?
  /// The tag queues are not yet what the last cycle leaves in them.
  private var changesTags = false
  /// Whether an operation can be requested this cycle.
  public private(set) var canRequest = true

  /// Creates an idle array.
  public init(
    meshRows: Int, meshColumns: Int, tileRows: Int, tileColumns: Int, tileLatency: Int,
    outputDelay: Int
  ) {
    let hop = tileLatency + 1
    latency = hop * (meshRows + meshColumns - 1) + outputDelay
    dim = meshRows * tileRows
    // 5 times the hops a row needs per processing element, rounded up (facts 7.2).
    let span = min(tileRows, tileColumns)
    maxOperations = max((5 * hop + span - 1) / span, 5)
    rows = Array(repeating: RowInFlight(), count: latency + 2)
    tags = Queue(depth: maxOperations + 2)
    rowCounts = Queue(depth: maxOperations + 2)
  }

  /// Whether nothing is in the array or on its way.
  public var isEmpty: Bool { rowsCount == 0 && !holdsRequest }
  /// Cycle in which the oldest row leaves, or `nil`.
  public var nextResponse: Cycle? { nextLeaves >= 0 ? nextLeaves : nil }
  /// The request cannot be taken because too many operations are in flight.
  public var isThrottled: Bool { tags.count > maxOperations || rowCounts.count > maxOperations }

  /// Whether an operation in flight writes to the same start address as an operand
  /// (facts 2.2 "same address", 6.4).
  @inlinable @inline(__always)
  public func hasTag(at address: LocalAddress, _ layout: LocalAddressLayout) -> Bool {
    for place in 0..<tags.count {
      guard let tag = tags[place]?.tag, !tag.isGarbage else { continue }
      if tag.address.isAccumulator == address.isAccumulator,
        tag.address.row(layout) == address.row(layout)
      {
        return true
      }
    }
    return false
  }

  /// Number of the operation whose rows are the result of `next`, if it is the next one taken: the one
  /// behind it, or with output-stationary sums the second one behind it (facts 7.3).
  private func resultID(of next: MeshRequest) -> Int {
    (operationID + (next.isOutputStationary ? 3 : 2)) % maxOperations
  }

  /// Whether `next`, if it is taken this cycle, waits for rows that the youngest tag takes: it is
  /// weight-stationary and comes directly behind an output-stationary operation.
  ///
  /// A number's rows take the oldest tag alone, so that of `next` goes with the rows that have its number
  /// the next time, M operations later, or with none.
  public func missesResult(_ next: MeshRequest) -> Bool {
    guard flushesLeft == 0, !tags.isEmpty, let youngest = tags[tags.count &- 1] else {
      return false
    }
    return youngest.tagID == resultID(of: next)
  }

  /// Brings the tag queues to what the last cycle left in them, and finds what the registers
  /// allow this cycle; runs first.
  public mutating func begin(_ now: Cycle) {
    if changesTags { settleTags(now) }
    guard holdsRequest else {
      advancesRow = false
      isLastFire = false
      canRequest = !isThrottled
      return
    }
    advancesRow = written == .all || flushesLeft > 0
    isLastFire = advancesRow && fireCounter == requestRows &- 1
    canRequest = isLastFire && !isThrottled
  }

  private mutating func settleTags(_ now: Cycle) {
    changesTags = false
    if popsTag {
      if let done = tags.receive(now), done.tag.entry >= 0 { entriesInProgress -= 1 }
      popsTag = false
    }
    if popsRowCount {
      rowCounts.receive(now)
      popsRowCount = false
    }
    if let arriving {
      tags.send(arriving)
      rowCounts.send(arriving)
      if arriving.tag.entry >= 0 { entriesInProgress += 1 }
      self.arriving = nil
    }
  }

  /// The row of results that leaves in cycle `now`. Its operation's tag goes with the last row,
  /// at the end of the cycle: until then it counts as in progress.
  @inlinable @inline(__always)
  public mutating func response(_ now: Cycle) -> MeshResponse? {
    nextLeaves == now ? takeResponse() : nil
  }

  @usableFromInline mutating func takeResponse() -> MeshResponse {
    let row = rows[rowsHead]
    rowsHead = rowsHead &+ 1 == rows.count ? 0 : rowsHead &+ 1
    rowsCount &-= 1
    nextLeaves = rowsCount > 0 ? rows[rowsHead].leaves : -1
    if row.isLast { changesTags = true }
    var totalRows = dim
    if let oldest = rowCounts.first, oldest.rowsID == row.id {
      totalRows = oldest.rows
      popsRowCount = row.isLast
    }
    guard let oldest = tags.first, oldest.tagID == row.id else {
      return MeshResponse(tag: .garbage, totalRows: totalRows, isLast: row.isLast)
    }
    popsTag = row.isLast
    return MeshResponse(tag: oldest.tag, totalRows: totalRows, isLast: row.isLast)
  }

  /// The operands whose ports take a row this cycle.
  @inlinable @inline(__always)
  public var ready: OperandSet { advancesRow || canRequest ? .all : .all.subtracting(written) }

  /// Ends the cycle: the row in the buffers may enter, and operands may be taken. `take` must follow if
  /// a request is taken.
  ///
  /// - Returns: Whether anything moved.
  public mutating func advance(
    _ now: Cycle, taking operands: OperandSet, takesRequest: Bool
  ) -> Bool {
    let moved = advancesRow || !operands.isEmpty
    if advancesRow {
      if rowsCount == 0 { nextLeaves = now &+ latency }
      let at = rowsHead &+ rowsCount
      rows[at < rows.count ? at : at &- rows.count] = RowInFlight(
        leaves: now &+ latency, id: Int32(truncatingIfNeeded: operationID), isLast: isLastFire)
      rowsCount &+= 1
      fireCounter = fireCounter &+ 1 == requestRows ? 0 : fireCounter &+ 1
      written = []
    }
    if isLastFire, !takesRequest {
      if flushesLeft > 1 { flushesLeft -= 1 } else { holdsRequest = false }
    }
    written.formUnion(operands)
    return moved
  }

  /// Takes a request; `canRequest` must hold.
  public mutating func take(_ next: MeshRequest) {
    if next.flush == 0 {
      arriving = Waiting(
        tag: next.tag, rows: next.rows, tagID: resultID(of: next),
        rowsID: (operationID + 1) % maxOperations)
      changesTags = true
    }
    holdsRequest = true
    requestRows = next.rows
    flushesLeft = next.flush
    operationID = (operationID + 1) % maxOperations
  }
}

// MARK: State

extension MeshTag {
  /// Class of array commands in the reservation station.
  public static let entryClass = 1

  public mutating func visit(_ codec: inout StateCodec) {
    codec.entry(&entry, of: Self.entryClass)
    codec.localAddress(&address.bits)
    codec.flag(&isGarbage)
    codec.integer(&rows)
  }
}

extension MeshRequest {
  /// No request: what stands where none is held.
  public static let none = MeshRequest(tag: .garbage, rows: 0, flush: 0, isOutputStationary: false)

  public mutating func visit(_ codec: inout StateCodec) {
    tag.visit(&codec)
    codec.integer(&rows)
    codec.integer(&flush)
    codec.flag(&isOutputStationary)
  }
}

extension MeshTiming {
  public mutating func visit(_ codec: inout StateCodec) {
    // Numbers of operations are only compared with each other: they are written relative to the
    // last one's, which is taken to be 0.
    if codec.isRestoring { operationID = 0 }
    codec.flag(&holdsRequest)
    if holdsRequest {
      codec.integer(&requestRows)
      codec.integer(&flushesLeft)
    } else if codec.isRestoring {
      flushesLeft = 0
    }
    codec.integer(&fireCounter)
    codec.choice(&written)
    let none = Waiting(tag: .garbage, rows: 0, tagID: 0, rowsID: 0)
    let (last, count) = (operationID, maxOperations)
    tags.visit(&codec, none) { waiting, codec in
      waiting.tag.visit(&codec)
      Self.visit(&waiting.tagID, after: last, of: count, &codec)
    }
    rowCounts.visit(&codec, none) { waiting, codec in
      codec.integer(&waiting.rows)
      Self.visit(&waiting.rowsID, after: last, of: count, &codec)
    }
    if codec.holds(&arriving, or: none), var waiting = arriving {
      waiting.tag.visit(&codec)
      codec.integer(&waiting.rows)
      Self.visit(&waiting.tagID, after: last, of: count, &codec)
      Self.visit(&waiting.rowsID, after: last, of: count, &codec)
      arriving = waiting
    }
    codec.integer(&rowsCount)
    if codec.isRestoring { rowsHead = 0 }
    for index in 0..<min(rowsCount, rows.count) {
      let at = (rowsHead + index) % rows.count
      codec.time(&rows[at].leaves)
      var id = Int(rows[at].id)
      Self.visit(&id, after: last, of: count, &codec)
      rows[at].id = Int32(truncatingIfNeeded: id)
      codec.flag(&rows[at].isLast)
    }
    nextLeaves = rowsCount > 0 ? rows[rowsHead].leaves : -1
    codec.integer(&entriesInProgress)
    codec.flag(&popsTag)
    codec.flag(&popsRowCount)
    codec.flag(&changesTags)
  }

  private static func visit(
    _ id: inout Int, after last: Int, of count: Int, _ codec: inout StateCodec
  ) {
    var distance = ((id - last) % count + count) % count
    codec.integer(&distance)
    if codec.isRestoring { id = (last + distance) % count }
  }
}
