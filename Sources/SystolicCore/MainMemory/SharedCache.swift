/// The numbers of a shared cache.
public struct CacheShape: Equatable, Sendable {
  /// A power of two.
  public var sets: Int
  /// Lines of a set.
  public var ways: Int
  /// A power of two, at least the largest request.
  public var lineBytes: Int
  /// A power of two; a line's number modulo it is its bank.
  public var banks: Int
  /// Cycles from a lookup to the first beat or the acknowledgement, and to a miss's request.
  public var hitLatency: Int
  /// Misses in progress, at least 1.
  public var missEntries: Int

  public init(
    sets: Int, ways: Int, lineBytes: Int, banks: Int, hitLatency: Int, missEntries: Int
  ) {
    self.sets = sets
    self.ways = ways
    self.lineBytes = lineBytes
    self.banks = banks
    self.hitLatency = hitLatency
    self.missEntries = missEntries
  }
}

/// A shared second-level cache between the bus and main memory: write-back, write-allocate, least
/// recently used out first. This project's own model; Gemmini ends at the bus (facts 9.5).
///
/// Requests pass one input register in order. What stands there is looked up when its bank is free
/// and, if it misses, a miss entry; then the next can be accepted. As in `MemoryChannel`, all
/// times of a request are known when it is accepted. Docs/Timing.md, "The L2 cache".
struct SharedCache: Sendable {
  private struct Line: Sendable {
    /// Address over line size; -1: holds nothing.
    var number = -1
    /// Running number of the last access.
    var lastUse = 0
    /// The cycle in which its last byte comes, or came.
    var comesAt: Cycle = -1
    var isDirty = false
  }

  private let shape: CacheShape
  private let lineShift: Int
  private let beatShift: Int
  private var lines: [Line]
  private var accesses = 0
  /// First cycle in which each bank can be looked up.
  private var bankFreeFrom: [Cycle]
  private var missEntries: TimedPlaces
  /// First cycle in which the input register is free.
  private(set) var acceptsFrom: Cycle = 0
  /// What has passed so far.
  private(set) var statistics = CacheStatistics()

  init(_ shape: CacheShape, beatBytes: Int) {
    self.shape = shape
    lineShift = shape.lineBytes.trailingZeroBitCount
    beatShift = beatBytes.trailingZeroBitCount
    lines = Array(repeating: Line(), count: shape.sets * shape.ways)
    bankFreeFrom = Array(repeating: 0, count: shape.banks)
    missEntries = TimedPlaces(shape.missEntries)
  }

  /// Accepts a request, at least in `acceptsFrom`; `beat` is the last of its beats.
  ///
  /// - Returns: The cycle of the first beat of its data, or of its acknowledgement.
  mutating func accept(
    _ beat: RequestBeat, _ now: Cycle, memory: inout MemoryChannel
  ) -> Cycle {
    let number = Int(truncatingIfNeeded: beat.address >> UInt64(lineShift))
    let bank = number & (shape.banks - 1)
    let (place, isHit) = place(of: number)
    var lookup = max(now, bankFreeFrom[bank])
    let ready: Cycle
    if isHit {
      ready = max(lookup + shape.hitLatency, lines[place].comesAt)
      statistics.hits += 1
      if lines[place].comesAt > lookup { statistics.hitsOnTheWay += 1 }
    } else {
      ready = replace(
        place, by: number,
        isFetched: beat.isPartial || beat.size < shape.lineBytes || !beat.isWrite,
        &lookup, &memory)
      statistics.misses += 1
    }
    if beat.isWrite, !lines[place].isDirty {
      lines[place].isDirty = true
      statistics.dirtyLines += 1
    }
    accesses += 1
    lines[place].lastUse = accesses
    bankFreeFrom[bank] = lookup + max(1, beat.size >> beatShift)
    acceptsFrom = lookup + 1
    return ready
  }

  /// Where the line stands, or else the place that it will take.
  private func place(of number: Int) -> (place: Int, isHit: Bool) {
    let first = (number & (shape.sets - 1)) * shape.ways
    var oldest = first
    for place in first..<first + shape.ways {
      if lines[place].number == number { return (place, true) }
      if lines[place].lastUse < lines[oldest].lastUse { oldest = place }
    }
    return (oldest, false)
  }

  /// A miss: the old line goes to main memory if it was written, the new one comes unless a write
  /// covers it.
  ///
  /// - Parameter lookup: Moved on to the cycle in which the old line has come and there is a miss
  ///   entry.
  /// - Returns: The cycle of the first beat, or of the acknowledgement.
  private mutating func replace(
    _ place: Int, by number: Int, isFetched: Bool, _ lookup: inout Cycle,
    _ memory: inout MemoryChannel
  ) -> Cycle {
    let old = lines[place]
    lookup = max(lookup, old.comesAt + 1)
    if isFetched || old.isDirty { lookup = max(lookup, missEntries.freeFrom) }
    let request = lookup + shape.hitLatency
    var comesAt = lookup
    if isFetched {
      comesAt = Self.pass(shape.lineBytes, isWrite: false, request, &memory)
      if !old.isDirty { missEntries.take(until: comesAt + 1) }
    }
    if old.isDirty {
      let gone = Self.pass(shape.lineBytes, isWrite: true, request, &memory)
      missEntries.take(until: gone + 1)
      statistics.writeBacks += 1
      statistics.dirtyLines -= 1
    }
    lines[place] = Line(number: number, comesAt: comesAt)
    return max(request, comesAt)
  }

  /// The cycle in which the last byte of a line passes between cache and main memory.
  private static func pass(
    _ bytes: Int, isWrite: Bool, _ earliest: Cycle, _ memory: inout MemoryChannel
  ) -> Cycle {
    let start = memory.accept(bytes, isWrite: isWrite, max(earliest, memory.acceptsFrom))
    return memory.cycle(start, bytes)
  }
}

/// What a cache did.
public struct CacheStatistics: Equatable, Sendable {
  /// Requests whose line was there or on its way.
  public var hits = 0
  /// Those of `hits` whose line was still on its way.
  public var hitsOnTheWay = 0
  /// Requests whose line had to be made room for.
  public var misses = 0
  /// Lines written to main memory to make room.
  public var writeBacks = 0
  /// Lines that hold what main memory does not.
  public var dirtyLines = 0

  public init() {}
}
