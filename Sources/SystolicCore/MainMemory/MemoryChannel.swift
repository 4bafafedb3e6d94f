/// Main memory behind everything: a latency, then one channel of limited bandwidth that reads and
/// writes share, and a limit to the requests that it works on.
///
/// Nothing here is stepped: when a request is accepted, all that decides its times has been
/// accepted before it, so they are known at once. A request accepted in cycle c reaches the channel
/// in c + `latency`, or when the one before it has passed; each of its bytes takes the channel 10 /
/// `bytesPer10Cycles` cycles. It holds one of `maxOutstanding` places up to the cycle of its last byte.
/// Docs/Timing.md, "Main memory".
struct MemoryChannel: Sendable {
  private let latency: Int
  /// Units of channel time in a cycle.
  private let unitsPerCycle: Int
  /// Units of channel time that a byte takes; 0 without a limit.
  let unitsPerByte: Int
  /// When the channel has passed everything accepted so far, in units.
  private var freeFrom = 0
  private var places: TimedPlaces
  /// What has passed so far.
  private(set) var statistics = MemoryStatistics()

  /// - Parameters:
  ///   - latency: In cycles, at least 1.
  ///   - bytesPer10Cycles: 0: any number of bytes in a cycle.
  ///   - maxOutstanding: 0: any number of requests.
  init(latency: Int, bytesPer10Cycles: Int, maxOutstanding: Int) {
    self.latency = latency
    unitsPerCycle = max(1, bytesPer10Cycles)
    unitsPerByte = bytesPer10Cycles == 0 ? 0 : 10
    places = TimedPlaces(maxOutstanding)
  }

  /// First cycle in which another request is accepted.
  var acceptsFrom: Cycle { places.freeFrom }

  /// Accepts a request in cycle `now`, at least `acceptsFrom` and not before the last one.
  ///
  /// - Returns: When its first byte begins to pass, in units of channel time; for `cycle`.
  mutating func accept(_ bytes: Int, isWrite: Bool, _ now: Cycle) -> Int {
    statistics.count(bytes, isWrite: isWrite)
    let start = max(freeFrom, (now + latency) * unitsPerCycle)
    freeFrom = start + bytes * unitsPerByte
    if places.isLimited { places.take(until: cycle(start, bytes) + 1) }
    return start
  }

  /// When a cycle begins, in units of channel time.
  func start(of cycle: Cycle) -> Int { cycle * unitsPerCycle }

  /// The cycle in which the last of `bytes` bytes passes if the first begins at `start`.
  func cycle(_ start: Int, _ bytes: Int) -> Cycle {
    (start + max(bytes * unitsPerByte, 1) - 1) / unitsPerCycle
  }
}

/// Places that are taken in turn, each up to a time known when it is taken; these times must not
/// fall.
struct TimedPlaces: Sendable {
  /// Each place's first free cycle, a ring; empty without a limit.
  private var free: [Cycle]
  private var next = 0

  /// - Parameter count: 0: any number.
  init(_ count: Int) { free = Array(repeating: 0, count: count) }

  var isLimited: Bool { !free.isEmpty }

  /// First cycle in which a place is free.
  var freeFrom: Cycle { free.isEmpty ? 0 : free[next] }

  /// Takes the place that `freeFrom` speaks of, up to the cycle before `end`.
  mutating func take(until end: Cycle) {
    guard isLimited else { return }
    free[next] = end
    next = next + 1 == free.count ? 0 : next + 1
  }
}

/// What main memory itself moved: the bus's requests, or behind a cache its misses and write-backs.
public struct MemoryStatistics: Equatable, Sendable {
  /// Read requests that it accepted.
  public var reads = 0
  /// Bytes of these reads.
  public var readBytes = 0
  /// Write requests that it accepted.
  public var writes = 0
  /// Bytes of these writes.
  public var writeBytes = 0

  public init() {}

  /// What has passed since `earlier`.
  public func since(_ earlier: MemoryStatistics) -> MemoryStatistics {
    var rest = self
    rest.reads -= earlier.reads
    rest.readBytes -= earlier.readBytes
    rest.writes -= earlier.writes
    rest.writeBytes -= earlier.writeBytes
    return rest
  }

  /// Adds what passed at another time.
  public mutating func add(_ other: MemoryStatistics) {
    reads += other.reads
    readBytes += other.readBytes
    writes += other.writes
    writeBytes += other.writeBytes
  }

  fileprivate mutating func count(_ bytes: Int, isWrite: Bool) {
    if isWrite {
      writes += 1
      writeBytes += bytes
    } else {
      reads += 1
      readBytes += bytes
    }
  }
}

// MARK: State

extension MemoryChannel {
  mutating func visit(_ codec: inout StateCodec) {
    // The next request begins `latency` cycles from now at the earliest.
    codec.deadline(&freeFrom, from: (codec.now + latency) * unitsPerCycle)
    places.visit(&codec)
  }
}

extension TimedPlaces {
  /// The places that are still taken, those that become free first in front.
  mutating func visit(_ codec: inout StateCodec) {
    let now = codec.now
    var taken = (0..<free.count).map { free[($0 + next) % free.count] }.filter { $0 > now }
    codec.list(&taken, 0) { $1.time(&$0) }
    guard codec.isRestoring else { return }
    guard taken.count <= free.count else { return codec.giveUp() }
    free = Array(repeating: 0, count: free.count - taken.count) + taken
    next = 0
  }
}
