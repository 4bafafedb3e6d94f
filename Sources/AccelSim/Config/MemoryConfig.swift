import SystolicCore

/// Main memory: a latency, a bandwidth and a number of requests. The defaults, without a limit to the
/// two, are the memory of the recorded runs.
public struct MemoryConfig: Equatable, Sendable {
  /// Cycles from an accepted request to its first beat, or to the acknowledgement of a write, where
  /// nothing limits.
  public var latency = 20
  /// Bytes that main memory reads and writes in 10 cycles, together; 0: no limit.
  public var bytesPer10Cycles = 0
  /// Requests that main memory works on; 0: no limit.
  public var maxOutstanding = 0

  public init() {}
}

/// A shared second-level cache between the bus and main memory.
public struct CacheConfig: Equatable, Sendable {
  /// 0: there is no cache.
  public var capacityKiB = 0
  /// Lines of a set, 1...64; the sets must be a power of two. Default: chipyard's inclusive cache.
  public var ways = 8
  /// Bytes of a line, a power of two from 16 to 4096, at least `DMAConfig.maxBytes`: no request spans lines.
  public var lineBytes = 64
  /// Banks, a power of two up to 64; a line's number modulo this is its bank, busy a cycle for each beat.
  public var banks = 4
  /// Cycles from a lookup to the first beat, or to the acknowledgement of a write.
  public var hitLatency = 20
  /// Misses in progress.
  public var missEntries = 16

  public init() {}
}

extension HardwareConfig {
  static let memorySection = ConfigSection(
    name: "memory",
    meaning: "Main memory. With the defaults it is that of the recorded runs: a fixed latency, "
      + "a bus beat a cycle. What the limits mean to the cycle: Timing.md, \"Main memory\".",
    keys: KeyMaker("memory").keys {
      [
        $0.integer(
          "latency", \.memory.latency, .any(1...1_000_000),
          "From an accepted request to its first beat, or to the acknowledgement of a write, where "
            + "nothing limits; with a cache from a miss's request on.",
          unit: "cycles", "outside the accelerator"),
        $0.integer(
          "bytesPer10Cycles", \.memory.bytesPer10Cycles, .any(0...100_000),
          "Bandwidth of reads and writes together: 64 is 6.4 bytes a cycle. 0: no limit but the "
            + "bus.",
          unit: "bytes/10 cycles", "outside the accelerator; the study's, paper facts 1.7"),
        $0.integer(
          "maxOutstanding", \.memory.maxOutstanding, .any(0...65_536),
          "Requests that main memory works on at a time. 0: no limit but the DMA's.",
          unit: "requests", "outside the accelerator"),
      ]
    })

  static let cacheSection = ConfigSection(
    name: "l2",
    meaning: "A shared second-level cache between the bus and main memory: write-back, "
      + "write-allocate, least recently used out first. This project's own model, off by default "
      + "(Timing.md, \"The L2 cache\").",
    keys: KeyMaker("l2").keys {
      [
        $0.integer(
          "capacityKiB", \.l2.capacityKiB, .any(0...65_536),
          "0: no cache. Chipyard's has 512, the survey paper's analytical model 2048.",
          unit: "KiB", "outside the accelerator; facts 9.5, paper facts 1.5"),
        $0.integer(
          "ways", \.l2.ways, .any(1...64), "Lines of a set.", unit: "lines",
          "chipyard's inclusive cache"),
        $0.integer(
          "lineBytes", \.l2.lineBytes, .powerOfTwo(16...4096), "Bytes of a line.", unit: "bytes",
          "chipyard's inclusive cache"),
        $0.integer(
          "banks", \.l2.banks, .powerOfTwo(1...64),
          "A line's number modulo this is its bank, which a request takes a cycle for each of its "
            + "beats.",
          unit: "banks", "assumed"),
        $0.integer(
          "hitLatency", \.l2.hitLatency, .any(1...1_000_000),
          "From a lookup to the first beat or the acknowledgement; a miss's request to main memory "
            + "leaves after as many.",
          unit: "cycles", "assumed: the latency of the recorded runs"),
        $0.integer(
          "missEntries", \.l2.missEntries, .any(1...1024),
          "Misses in progress (MSHRs); the next one stops the cache until one is free.",
          unit: "misses", "assumed: as many as `dma.maxInFlight`"),
      ]
    })

  static let cacheRules = [
    ConfigRule(
      statement:
        "a power of two for the sets of the cache: capacityKiB × 1024 / (ways × lineBytes)",
      keys: ["l2.capacityKiB", "l2.ways", "l2.lineBytes"]
    ) {
      let bytes = $0.l2.capacityKiB * 1024
      let setBytes = $0.l2.ways * $0.l2.lineBytes
      let isPossible =
        bytes.isMultiple(of: setBytes) && (bytes / setBytes).nonzeroBitCount <= 1
      return isPossible ? nil : quotient(bytes, setBytes, "sets")
    },
    ConfigRule(
      statement: "at least dma.maxBytes with a cache: no request spans lines",
      keys: ["l2.lineBytes", "l2.capacityKiB", "dma.maxBytes"]
    ) {
      $0.l2.capacityKiB == 0 || $0.l2.lineBytes >= $0.dma.maxBytes
        ? nil : "\($0.l2.lineBytes) bytes and requests of \($0.dma.maxBytes)"
    },
  ]

  /// The shape of the cache, if there is one.
  var cacheShape: CacheShape? {
    guard l2.capacityKiB > 0 else { return nil }
    return CacheShape(
      sets: l2.capacityKiB * 1024 / (l2.ways * l2.lineBytes), ways: l2.ways,
      lineBytes: l2.lineBytes, banks: l2.banks, hitLatency: l2.hitLatency,
      missEntries: l2.missEntries)
  }

  /// Main memory in a few words, for reports.
  public var memorySummary: String {
    var words = ["memory latency \(memory.latency)"]
    if memory.bytesPer10Cycles > 0 {
      words.append(
        "\(memory.bytesPer10Cycles / 10).\(memory.bytesPer10Cycles % 10) bytes a cycle")
    }
    if memory.maxOutstanding > 0 { words.append("\(memory.maxOutstanding) requests") }
    if l2.capacityKiB > 0 { words.append("L2 \(l2.capacityKiB) KiB") }
    return words.joined(separator: ", ")
  }
}
