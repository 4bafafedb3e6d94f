import Testing

@testable import SystolicCore

/// Main memory behind the bus, with its limits; timelines by hand from Docs/Timing.md.
@Suite struct MainMemoryTests {
  /// Both engines send as fast as the bus takes beats, and take every answer.
  struct Bench {
    var bus: SystemBus
    /// Cycles in which memory accepted a beat.
    var reads: [Cycle] = []
    var writes: [Cycle] = []
    /// Cycles in which memory sent a beat.
    var data: [Cycle] = []
    var acknowledgements: [Cycle] = []

    init(bus: SystemBus) { self.bus = bus }

    init(_ memory: MemorySystem) {
      bus = SystemBus(memory: memory, beatBytes: 16, maxInFlight: 256)
    }

    /// Runs until everything is answered; the engines begin in cycle `start`.
    mutating func run(
      reads readBeats: [RequestBeat] = [], writes writeBeats: [RequestBeat] = [],
      from start: Cycle = 0
    ) {
      var nextRead = 0
      var nextWrite = 0
      for now in start..<start + 20_000 {
        _ = bus.advanceRequests(now)
        if let beat = bus.acceptedRequest {
          if beat.isWrite { writes.append(now) } else { reads.append(now) }
        }
        bus.readerResponses.receive(now)
        bus.writerResponses.receive(now)
        if nextRead < readBeats.count, bus.readerRequests.canSend(now) {
          bus.readerRequests.send(readBeats[nextRead])
          nextRead += 1
        }
        if nextWrite < writeBeats.count, bus.writerRequests.canSend(now) {
          bus.writerRequests.send(writeBeats[nextWrite])
          nextWrite += 1
        }
        _ = bus.advanceResponses(now)
        if let beat = bus.sentResponse {
          if beat.isWrite { acknowledgements.append(now) } else { data.append(now) }
        }
        if nextRead == readBeats.count, nextWrite == writeBeats.count, bus.outstanding == 0,
          !bus.holdsRequest, bus.readerRequests.isEmpty, bus.writerRequests.isEmpty
        {
          return
        }
      }
      Issue.record("not everything was answered")
    }
  }

  static func read(_ size: Int = 64, line: Int = 0) -> RequestBeat {
    RequestBeat(
      isWrite: false, source: 0, address: 0x8000_0000 + UInt64(line) * 64, size: size,
      beatsAfter: 0)
  }

  static func write(_ size: Int = 64, line: Int = 0, isPartial: Bool = false) -> [RequestBeat] {
    (0..<size / 16).reversed().map {
      RequestBeat(
        isWrite: true, source: 0, address: 0x8000_0000 + UInt64(line) * 64, size: size,
        beatsAfter: $0, isPartial: isPartial)
    }
  }

  private func memory(latency: Int = 20, _ bytesPer10Cycles: Int, maxOutstanding: Int = 0)
    -> MemorySystem
  {
    MemorySystem(
      latency: latency, bytesPer10Cycles: bytesPer10Cycles, maxOutstanding: maxOutstanding,
      beatBytes: 16)
  }

  /// The first request is accepted in 2 (facts 9.5) and at the channel in 22; a beat takes it 2
  /// cycles and is sent in the second of them.
  @Test func readsAtEightBytesACycle() {
    var bench = Bench(memory(80))
    bench.run(reads: Array(repeating: Self.read(), count: 3))
    #expect(bench.reads == [2, 3, 4])
    #expect(bench.data == [23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45])
  }

  /// 2.5 cycles a beat: ends at 24.5, 27, 29.5, 32, then 10 later.
  @Test func readsAtAFraction() {
    var bench = Bench(memory(64))
    bench.run(reads: Array(repeating: Self.read(), count: 2))
    #expect(bench.data == [24, 26, 29, 31, 34, 36, 39, 41])
  }

  /// N reads of 64 bytes take the channel 64 N / B cycles from 22 on.
  @Test(arguments: [55, 60, 64, 70, 80, 160])
  func aStreamTakesWhatItMust(_ bytesPer10Cycles: Int) {
    for count in [1, 7, 100] {
      var bench = Bench(memory(bytesPer10Cycles))
      bench.run(reads: Array(repeating: Self.read(), count: count))
      let cycles = (640 * count + bytesPer10Cycles - 1) / bytesPer10Cycles
      #expect(bench.data.last == 22 + cycles - 1)
      #expect(bench.bus.memory.statistics.readBytes == 64 * count)
    }
  }

  /// Last beats accepted in 5 and 9; the channel from 25 to 33 and on to 41.
  @Test func writesAtEightBytesACycle() {
    var bench = Bench(memory(80))
    bench.run(writes: Self.write() + Self.write())
    #expect(bench.writes == Array(2...9))
    #expect(bench.acknowledgements == [32, 40])
    #expect(bench.bus.memory.statistics.writeBytes == 128)
  }

  /// The write goes first (Timing.md): last beat in 5, the read in 6. The channel passes the write
  /// from 25 to 33, then the read.
  @Test func readsAndWritesShareTheChannel() {
    var bench = Bench(memory(80))
    bench.run(reads: [Self.read()], writes: Self.write())
    #expect(bench.reads == [6])
    #expect(bench.acknowledgements == [32])
    #expect(bench.data == [34, 36, 38, 40])
  }

  /// A place is held from the acceptance to the last byte, 20 cycles later: 21 cycles each.
  @Test func fewOutstandingRequests() {
    var one = Bench(memory(0, maxOutstanding: 1))
    one.run(reads: Array(repeating: Self.read(16), count: 3))
    #expect(one.reads == [2, 23, 44])
    #expect(one.data == [22, 43, 64])
    var two = Bench(memory(0, maxOutstanding: 2))
    two.run(reads: Array(repeating: Self.read(16), count: 5))
    #expect(two.reads == [2, 3, 23, 24, 44])
    // 8 bytes a cycle: 22 and 23 with the first byte's cycle, so the next in 24.
    var slow = Bench(memory(80, maxOutstanding: 1))
    slow.run(reads: Array(repeating: Self.read(16), count: 2))
    #expect(slow.reads == [2, 24])
    #expect(slow.data == [23, 45])
  }

  /// A write that is refused waits with all of its beats.
  @Test func aRefusedWriteWaits() {
    var bench = Bench(memory(0, maxOutstanding: 1))
    bench.run(writes: Self.write() + Self.write())
    #expect(bench.writes == [2, 3, 4, 5, 26, 27, 28, 29])
    #expect(bench.acknowledgements == [25, 49])
  }

  private static func random(_ seed: UInt64, sizes: [Int]) -> (
    reads: [RequestBeat], writes: [RequestBeat]
  ) {
    var random = Generator(state: seed)
    var beats: (reads: [RequestBeat], writes: [RequestBeat]) = ([], [])
    for _ in 0..<60 {
      let size = sizes.randomElement(using: &random) ?? 16
      let line = Int.random(in: 0..<16, using: &random)
      if Bool.random(using: &random) {
        beats.reads.append(read(size, line: line))
      } else {
        beats.writes += write(size, line: line)
      }
    }
    return beats
  }

  /// What happens in which cycle when `beats` come after the whole of 16 lines was read.
  private static func log(
    _ memory: MemorySystem, _ beats: (reads: [RequestBeat], writes: [RequestBeat])
  ) -> [[Cycle]] {
    var bench = Bench(memory)
    bench.run(reads: (0..<16).map { read(16, line: $0) })
    bench = Bench(bus: bench.bus)
    bench.run(reads: beats.reads, writes: beats.writes, from: 10_000)
    return [bench.reads, bench.writes, bench.data, bench.acknowledgements]
  }

  /// Limits that never bind leave the fixed latency, cycle by cycle.
  @Test func wideLimitsAreNone() {
    for seed in 0..<UInt64(10) {
      let beats = Self.random(seed + 1, sizes: [16, 32, 64])
      for latency in [1, 20, 77] {
        let fixed = Self.log(memory(latency: latency, 0), beats)
        let wide = Self.log(
          memory(latency: latency, 100_000, maxOutstanding: 60_000), beats)
        #expect(fixed == wide)
      }
    }
  }

  /// A cache that holds everything, with a beat to each request, is a memory of its hit latency.
  @Test func aWarmCacheIsAMemoryOfItsHitLatency() {
    let shape = CacheShape(
      sets: 16, ways: 1, lineBytes: 64, banks: 4, hitLatency: 13, missEntries: 16)
    let cached = MemorySystem(latency: 20, cache: shape, beatBytes: 16)
    for seed in 0..<UInt64(10) {
      let beats = Self.random(seed + 1, sizes: [16])
      let fixed = Self.log(memory(latency: 13, 0), beats)
      let warm = Self.log(cached, beats)
      #expect(warm == fixed)
    }
  }

  /// No more than the bandwidth passes, and a faster memory is never later, whatever comes.
  @Test func moreBandwidthIsNeverLater() {
    for seed in 0..<UInt64(10) {
      let beats = Self.random(seed + 1, sizes: [16, 32, 64])
      var last = Int.max
      for bytesPer10Cycles in [40, 55, 60, 64, 70, 80, 160, 0] {
        var bench = Bench(memory(bytesPer10Cycles))
        bench.run(reads: beats.reads, writes: beats.writes)
        let end = max(bench.data.last ?? 0, bench.acknowledgements.last ?? 0)
        #expect(end <= last, "\(bytesPer10Cycles)")
        last = end
        let bytes = bench.bus.memory.statistics.readBytes + bench.bus.memory.statistics.writeBytes
        if bytesPer10Cycles > 0 { #expect((end - 21) * bytesPer10Cycles >= bytes * 10) }
      }
    }
  }

  /// A small generator with a seed.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 31) &* 0x9E37_79B9_7F4A_7C15
    }
  }
}
