import SystolicCore

/// Requests and bytes between the accelerator and main memory.
public struct Traffic: Codable, Equatable, Sendable {
  // What passed over the bus.

  /// Read requests.
  public var readRequests = 0
  /// Bytes that they asked for, whole packets.
  public var readBytes = 0
  /// Write requests.
  public var writeRequests = 0
  /// Bytes of their packets.
  public var writeBytes = 0
  /// Beats sent with requests: one a read, one or more a write.
  public var requestBeats = 0
  /// Beats received: data of reads and acknowledgements of writes.
  public var responseBeats = 0
  /// Most requests in flight at once.
  public var maxOutstanding = 0

  // What main memory itself moved: without a cache the same, with one its misses and write-backs.

  /// Reads of main memory.
  public var dramReads = 0
  /// Bytes read from main memory.
  public var dramReadBytes = 0
  /// Writes to main memory.
  public var dramWrites = 0
  /// Bytes written to main memory.
  public var dramWriteBytes = 0
  /// What the cache between them did, if there is one.
  public var cache: CacheTraffic?

  public init() {}

  init(_ bus: BusStatistics, _ dram: MemoryStatistics, _ cache: CacheTraffic?) {
    readRequests = bus.reads
    readBytes = bus.readBytes
    writeRequests = bus.writes
    writeBytes = bus.writeBytes
    requestBeats = bus.requestBeats
    responseBeats = bus.responseBeats
    maxOutstanding = bus.maxOutstanding
    dramReads = dram.reads
    dramReadBytes = dram.readBytes
    dramWrites = dram.writes
    dramWriteBytes = dram.writeBytes
    self.cache = cache
  }

  /// Adds the traffic of what ran after this, from an empty cache.
  mutating func add(_ next: Traffic) {
    for path in [
      \Traffic.readRequests, \.readBytes, \.writeRequests, \.writeBytes, \.requestBeats,
      \.responseBeats, \.dramReads, \.dramReadBytes, \.dramWrites, \.dramWriteBytes,
    ] { self[keyPath: path] += next[keyPath: path] }
    maxOutstanding = max(maxOutstanding, next.maxOutstanding)
    if let other = next.cache { cache?.add(other) }
  }
}

/// What the cache before main memory did.
public struct CacheTraffic: Codable, Equatable, Sendable {
  /// Requests whose line was there or on its way.
  public var hits = 0
  /// Those of `hits` whose line was still on its way.
  public var hitsOnTheWay = 0
  /// Requests whose line was neither.
  public var misses = 0
  /// Lines that were written to main memory to make room.
  public var writeBacks = 0
  /// Bytes of lines that the cache still held at the end and main memory did not.
  public var dirtyBytes = 0

  init(_ statistics: CacheStatistics, lineBytes: Int) {
    hits = statistics.hits
    hitsOnTheWay = statistics.hitsOnTheWay
    misses = statistics.misses
    writeBacks = statistics.writeBacks
    dirtyBytes = statistics.dirtyLines * lineBytes
  }

  fileprivate mutating func add(_ next: CacheTraffic) {
    hits += next.hits
    hitsOnTheWay += next.hitsOnTheWay
    misses += next.misses
    writeBacks += next.writeBacks
    dirtyBytes += next.dirtyBytes
  }
}

extension Traffic {
  /// What happened behind the bus, as tables; none without a cache.
  func cacheRows(cycles: Int) -> [[[String]]] {
    guard let cache else { return [] }
    func bytes(_ name: String, _ requests: Int, _ bytes: Int) -> [String] {
      [
        "  \(name)", TextFormat.grouped(requests), TextFormat.grouped(bytes),
        TextFormat.fixed(Double(bytes) / Double(max(1, cycles)), 2),
      ]
    }
    let requests = cache.hits + cache.misses
    func share(_ name: String, _ count: Int) -> [String] {
      [
        "  \(name)", TextFormat.grouped(count), TextFormat.percent(count, of: requests),
      ]
    }
    return [
      [
        ["L2 cache", "requests", "%"], share("hits", cache.hits),
        share("of these, line on its way", cache.hitsOnTheWay), share("misses", cache.misses),
      ],
      [
        ["Between L2 and main memory", "requests", "bytes", "bytes/cycle"],
        bytes("read", dramReads, dramReadBytes), bytes("written", dramWrites, dramWriteBytes),
        ["  left in the cache, unwritten", "", TextFormat.grouped(cache.dirtyBytes)],
      ],
    ]
  }
}
