/// The scaler of incoming int8 rows (facts 8.2): one input register that repeats a row for stride
/// 0, then either a pipeline with a multiplier a lane or a three-entry ring with shared ones.
public struct VectorScaler: Sendable {
  private static let ringEntries = 3

  private let units: Int
  private let latency: Int
  private let lanesPerUnit: Int

  private var input: IncomingRow?
  private var repeatsLeft = 0

  private var ring: [RingEntry]
  private var ringHead = 0
  private var ringTail = 0
  private var ringCount = 0
  private var lastGrant = 0
  /// Grants so far.
  private(set) var grantCount = 0
  /// Lanes in the ring not yet granted.
  private var lanesWaiting = 0
  /// Elements on their way through the multipliers of one unit, oldest first. All units work in
  /// step, because the element index modulo the units decides who serves it.
  private var multiplying: [Multiplication] = []
  private var pipeline: ElasticPipeline<IncomingRow>

  private struct RingEntry: Sendable {
    var row: IncomingRow?
    /// Lanes of one unit not yet granted, a bit each.
    var waiting: UInt64 = 0
    var unfinished = 0
  }

  private struct Multiplication: Sendable {
    var done: Cycle
    var entry: Int
  }

  /// Creates an idle scaler; `units` 0 means one multiplier a lane.
  public init(units: Int, latency: Int, lanes: Int) {
    self.units = units
    self.latency = latency
    lanesPerUnit = units == 0 ? 0 : max(1, (lanes + units - 1) / units)
    ring = Array(repeating: RingEntry(), count: Self.ringEntries)
    pipeline = ElasticPipeline(depth: max(latency, 1))
  }

  /// Whether nothing is held.
  @inline(__always)
  public var isIdle: Bool { input == nil && ringCount == 0 && pipeline.count == 0 }

  /// The row that leaves next, if it is complete.
  @inline(__always)
  public var output: IncomingRow? {
    if units == 0 { return pipeline.output }
    guard let row = ring[ringHead].row, ring[ringHead].unfinished == 0 else { return nil }
    return row
  }

  /// Lanes that one multiplier serves.
  var laneCount: Int { Self.ringEntries * lanesPerUnit }

  /// Cycle in which a multiplication finishes, or `nil`.
  public var nextEvent: Cycle? { multiplying.first?.done }

  /// One cycle after `output` was taken or not.
  ///
  /// - Returns: Whether anything moved, and whether a row is accepted this cycle.
  public mutating func tick(_ now: Cycle, takesOutput: Bool) -> (moved: Bool, isReady: Bool) {
    var moved = takesOutput
    // The tail must be free in the registers: an entry that leaves now is not.
    let tailIsFree = ring[ringTail].row == nil
    if takesOutput {
      if units == 0 {
        pipeline.take()
      } else {
        ring[ringHead].row = nil
        ringHead = ringHead + 1 == Self.ringEntries ? 0 : ringHead + 1
        ringCount -= 1
      }
    }
    if units == 0 {
      moved = pipeline.advance() || moved
    } else {
      moved = multiply(now) || moved
    }
    var isReady = input == nil
    if let row = input, units == 0 ? pipeline.canPush : tailIsFree {
      enter(row)
      moved = true
      if repeatsLeft == 0 {
        input = nil
        isReady = true
      } else {
        repeatsLeft -= 1
      }
    }
    return (moved, isReady)
  }

  /// Puts `row` in the input register; only in a cycle in which `tick` said that it is ready.
  public mutating func accept(_ row: IncomingRow) {
    input = row
    repeatsLeft = row.destination.repeats
  }

  /// The row in the input register enters the multipliers, at the offset of its repeat.
  private mutating func enter(_ row: IncomingRow) {
    var row = row
    row.destination.row += repeatsLeft
    row.isLast = row.isLast && repeatsLeft == 0
    guard units > 0 else { return pipeline.push(row) }
    ring[ringTail].row = row
    if row.destination.isScaled {
      lanesWaiting += lanesPerUnit
      ring[ringTail].waiting = UInt64.max >> UInt64(64 - lanesPerUnit)
      ring[ringTail].unfinished = lanesPerUnit
    } else {
      ring[ringTail].waiting = 0
      ring[ringTail].unfinished = 0
    }
    ringTail = ringTail + 1 == Self.ringEntries ? 0 : ringTail + 1
    ringCount += 1
  }

  /// Grants one waiting element a unit, round robin by flat index, and finishes old ones.
  private mutating func multiply(_ now: Cycle) -> Bool {
    var moved = false
    while let first = multiplying.first, first.done <= now {
      ring[first.entry].unfinished -= 1
      multiplying.removeFirst()
      moved = true
    }
    guard lanesWaiting > 0 else { return moved }
    var chosen = -1
    for index in 0..<laneCount {
      let slot = (lastGrant + 1 + index) % laneCount
      let entry = slot / lanesPerUnit
      if ring[entry].row != nil, ring[entry].waiting >> UInt64(slot % lanesPerUnit) & 1 != 0 {
        chosen = slot
        break
      }
    }
    guard chosen >= 0 else { return moved }
    lastGrant = chosen
    grantCount += 1
    lanesWaiting -= 1
    let entry = chosen / lanesPerUnit
    ring[entry].waiting &= ~(1 << UInt64(chosen % lanesPerUnit))
    // A register, the multiplier's stages, then the flag: its value shows `latency + 2` later.
    multiplying.append(Multiplication(done: now + latency + 1, entry: entry))
    return true
  }
}

// MARK: State

extension VectorScaler {
  mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&input, or: .none) {
      input?.visit(&codec)
      codec.integer(&repeatsLeft)
    }
    pipeline.visit(&codec, .none) { $0.visit(&$1) }
    guard units > 0 else { return }
    // Turns go round in a circle, so entries are named from the oldest on.
    let head = ringHead
    codec.integer(&ringCount)
    codec.integer(&lanesWaiting)
    visitLastGrant(&codec)
    if codec.isRestoring {
      ringHead = 0
      ringTail = ringCount % Self.ringEntries
    }
    for number in 0..<min(ringCount, Self.ringEntries) {
      let index = (ringHead + number) % Self.ringEntries
      guard codec.holds(&ring[index].row, or: .none) else { return codec.giveUp() }
      ring[index].row?.visit(&codec)
      codec.integer(&ring[index].waiting)
      codec.integer(&ring[index].unfinished)
    }
    codec.list(&multiplying, Multiplication(done: 0, entry: 0)) { multiplication, codec in
      codec.deadline(&multiplication.done)
      let number = multiplication.entry - head + Self.ringEntries
      multiplication.entry = Int(codec.word(UInt64(number % Self.ringEntries)))
    }
  }

  /// The lane granted last, counted from the oldest entry on. Where none waits, one entry will be the
  /// first to do so: its lanes come in their order, unless the last grant was one of them.
  private mutating func visitLastGrant(_ codec: inout StateCodec) {
    var slot = (lastGrant - ringHead * lanesPerUnit + laneCount) % laneCount
    if lanesWaiting > 0 {
      codec.integer(&slot)
    } else if codec.isRestoring {
      slot = codec.scalerTurn ?? laneCount - 1
    } else {
      codec.scalerTurn = (lastGrant + 1) % lanesPerUnit == 0 ? nil : slot
    }
    if codec.isRestoring { lastGrant = slot }
  }
}
