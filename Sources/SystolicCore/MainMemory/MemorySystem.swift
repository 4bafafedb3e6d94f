/// What answers the bus: main memory, with or without a shared cache before it.
public struct MemorySystem: Sendable {
  private var memory: MemoryChannel
  private var cache: SharedCache
  private let hasCache: Bool
  private let beatBytes: Int
  /// Channel time of a beat where the channel gives the answers' rhythm, else 0: the beats of an
  /// answer follow each other.
  private let beatTime: Int
  /// First cycle in which a request is accepted.
  private(set) var acceptsFrom: Cycle = 0

  /// Creates an idle memory.
  ///
  /// - Parameters:
  ///   - latency: Cycles from an accepted request to main memory's channel, at least 1.
  ///   - bytesPer10Cycles: Bandwidth of reads and writes together; 0: no limit.
  ///   - maxOutstanding: Requests that main memory works on; 0: no limit.
  ///   - cache: What stands between the bus and main memory, if anything.
  ///   - beatBytes: Bytes of a beat of the bus, a power of two.
  public init(
    latency: Int, bytesPer10Cycles: Int = 0, maxOutstanding: Int = 0, cache: CacheShape? = nil,
    beatBytes: Int
  ) {
    memory = MemoryChannel(
      latency: latency, bytesPer10Cycles: bytesPer10Cycles, maxOutstanding: maxOutstanding)
    hasCache = cache != nil
    self.cache = SharedCache(
      cache
        ?? CacheShape(sets: 0, ways: 0, lineBytes: 1, banks: 0, hitLatency: 0, missEntries: 0),
      beatBytes: beatBytes)
    self.beatBytes = beatBytes
    beatTime = hasCache ? 0 : beatBytes * memory.unitsPerByte
  }

  /// When the next beat of an answer can be sent, and what the beat after it needs to know.
  struct Answer: Sendable {
    /// First cycle of the beat.
    var ready: Cycle = 0
    /// Start of the beat in channel time.
    fileprivate var start = 0
  }

  /// Accepts a request whose last beat is `beat`, at least in `acceptsFrom`.
  mutating func accept(_ beat: RequestBeat, _ now: Cycle) -> Answer {
    if hasCache {
      let ready = cache.accept(beat, now, memory: &memory)
      acceptsFrom = cache.acceptsFrom
      return Answer(ready: ready)
    }
    let start = memory.accept(beat.size, isWrite: beat.isWrite, now)
    acceptsFrom = memory.acceptsFrom
    return Answer(
      ready: memory.cycle(start, beat.isWrite ? beat.size : beatBytes), start: start)
  }

  /// Moves `answer` on to its next beat.
  func advance(_ answer: inout Answer) {
    guard beatTime > 0 else { return }
    answer.start += beatTime
    answer.ready = memory.cycle(answer.start, beatBytes)
  }

  /// What main memory itself moved.
  public var statistics: MemoryStatistics { memory.statistics }
  /// What the cache did; `nil` without one.
  public var cacheStatistics: CacheStatistics? { hasCache ? cache.statistics : nil }
}

// MARK: State

extension MemorySystem {
  mutating func visit(_ codec: inout StateCodec) {
    // A cache's lines are addresses, of which a state must say nothing.
    if hasCache { return codec.giveUp() }
    memory.visit(&codec)
    codec.deadline(&acceptsFrom)
  }

  /// - Parameter beats: Beats of `answer` that are still to come.
  func visit(_ answer: inout Answer, beats: Int, _ codec: inout StateCodec) {
    codec.deadline(&answer.ready)
    guard beatTime > 0 else { return }
    // From `beats` beats ago on or earlier, all of them can be sent now.
    codec.deadline(&answer.start, from: memory.start(of: codec.now) - beats * beatTime)
  }
}
