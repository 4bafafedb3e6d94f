import Testing

@testable import SystolicCore

/// The L2 cache: sequences by hand from Docs/Timing.md, and an independent model of its contents.
@Suite struct SharedCacheTests {
  private func memory(
    sets: Int = 2, ways: Int = 2, banks: Int = 2, hitLatency: Int = 5, missEntries: Int = 2,
    latency: Int = 10, bytesPer10Cycles: Int = 0, maxOutstanding: Int = 0
  ) -> MemorySystem {
    MemorySystem(
      latency: latency, bytesPer10Cycles: bytesPer10Cycles, maxOutstanding: maxOutstanding,
      cache: CacheShape(
        sets: sets, ways: ways, lineBytes: 64, banks: banks, hitLatency: hitLatency,
        missEntries: missEntries), beatBytes: 16)
  }

  private func read(_ line: Int, size: Int = 64) -> RequestBeat {
    MainMemoryTests.read(size, line: line)
  }

  private func write(_ line: Int, size: Int = 64, isPartial: Bool = false) -> RequestBeat {
    MainMemoryTests.write(size, line: line, isPartial: isPartial)[size / 16 - 1]
  }

  private func expect(
    _ memory: inout MemorySystem, _ beat: RequestBeat, at now: Cycle, ready: Cycle, next: Cycle,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let answer = memory.accept(beat, now)
    #expect(answer.ready == ready, sourceLocation: sourceLocation)
    #expect(memory.acceptsFrom == next, sourceLocation: sourceLocation)
  }

  @Test func missesHitsBanksAndEntries() {
    var memory = memory()
    // Looked up in 0, asked for in 5, there in 15; the bank is taken for 4 beats.
    expect(&memory, read(0), at: 0, ready: 15, next: 1)
    // The same bank, free from 4: on its way.
    expect(&memory, read(0, size: 16), at: 1, ready: 15, next: 5)
    // The other bank, the second entry.
    expect(&memory, read(1), at: 5, ready: 20, next: 6)
    // No entry before 16: asked for in 21.
    expect(&memory, read(2, size: 16), at: 6, ready: 31, next: 17)
    // There since 15.
    expect(&memory, read(0, size: 16), at: 17, ready: 22, next: 18)
    // Comes in 20, between the lookup and its answer.
    expect(&memory, read(1, size: 16), at: 18, ready: 23, next: 19)
    let cache = memory.cacheStatistics
    #expect(cache?.hits == 3 && cache?.hitsOnTheWay == 2 && cache?.misses == 3)
    #expect(memory.statistics.reads == 3 && memory.statistics.readBytes == 192)
    #expect(memory.statistics.writes == 0)
  }

  /// Set 0 has lines 0, 2, 4, …, two at a time.
  @Test func theLeastRecentlyUsedLineGoes() {
    var memory = memory()
    let isMiss =
      [(0, true), (2, true), (0, false), (4, true), (0, false), (2, true), (4, true)]
      + [(2, false), (0, true), (1, true), (2, false)]
    for (step, access) in isMiss.enumerated() {
      let now = step * 100
      expect(
        &memory, read(access.0), at: now, ready: now + (access.1 ? 15 : 5), next: now + 1)
    }
  }

  /// One line, 8 bytes a cycle: a line takes the channel 8 cycles.
  @Test func writeBacksTakeBandwidth() {
    var memory = memory(
      sets: 1, ways: 1, banks: 1, missEntries: 1, bytesPer10Cycles: 80)
    // A whole line needs nothing of main memory.
    expect(&memory, write(0), at: 0, ready: 5, next: 1)
    #expect(memory.statistics == MemoryStatistics())
    // Line 0 goes out: asked for in 15, the channel from 25 to 33; the entry is free from 33.
    expect(&memory, write(1), at: 10, ready: 15, next: 11)
    #expect(memory.statistics.writeBytes == 64)
    // Looked up in 33, asked for in 38: line 2 comes from 48 to 56, line 1 goes from 56 to 64.
    expect(&memory, read(2), at: 11, ready: 55, next: 34)
    // A line on its way cannot be replaced; it has come in 56, the entry is free from 64.
    expect(&memory, read(3), at: 40, ready: 64 + 5 + 10 + 8 - 1, next: 65)
    #expect(memory.cacheStatistics?.writeBacks == 2)
    #expect(memory.cacheStatistics?.dirtyLines == 0)
    #expect(memory.statistics.readBytes == 128 && memory.statistics.writeBytes == 128)
  }

  /// What a write leaves out comes from main memory first.
  @Test func writesOfPartOfALineFetchIt() {
    var memory = memory()
    expect(&memory, write(0, size: 16), at: 0, ready: 15, next: 1)
    expect(&memory, write(0, size: 16), at: 1, ready: 15, next: 2)
    expect(&memory, write(1, isPartial: true), at: 100, ready: 115, next: 101)
    expect(&memory, write(2), at: 200, ready: 205, next: 201)
    expect(&memory, read(2, size: 16), at: 300, ready: 305, next: 301)
    #expect(memory.statistics.readBytes == 128)
    #expect(memory.cacheStatistics?.dirtyLines == 3)
    #expect(memory.cacheStatistics?.misses == 3)
  }

  /// One request at main memory: the second miss is asked for when the first has come.
  @Test func missesWaitForMainMemory() {
    var memory = memory(banks: 2, maxOutstanding: 1)
    expect(&memory, read(0), at: 0, ready: 15, next: 1)
    // Asked for in 16, not in 6; the cache accepts meanwhile.
    expect(&memory, read(1), at: 1, ready: 26, next: 2)
  }

  /// Contents, bytes and times against lists of lines in order of use.
  @Test func againstAModelOfLists() {
    for (sets, ways) in [(1, 1), (1, 4), (4, 2), (8, 3)] {
      var random = MainMemoryTests.Generator(state: UInt64(sets * 10 + ways))
      var memory = memory(sets: sets, ways: ways, banks: 1, missEntries: 1)
      var lists = [[(line: Int, isDirty: Bool)]](repeating: [], count: sets)
      var (reads, writes, hits, misses) = (0, 0, 0, 0)
      for step in 0..<2000 {
        let line = Int.random(in: 0..<sets * ways * 2, using: &random)
        let size = [16, 32, 64].randomElement(using: &random) ?? 16
        let isWrite = Bool.random(using: &random)
        let isPartial = isWrite && Int.random(in: 0..<4, using: &random) == 0
        let beat =
          isWrite ? write(line, size: size, isPartial: isPartial) : read(line, size: size)
        var list = lists[line % sets]
        var entry = (line: line, isDirty: isWrite)
        let fetches: Bool
        if let index = list.firstIndex(where: { $0.line == line }) {
          entry.isDirty = entry.isDirty || list[index].isDirty
          list.remove(at: index)
          hits += 1
          fetches = false
        } else {
          misses += 1
          if list.count == ways, list.removeFirst().isDirty { writes += 1 }
          fetches = !isWrite || isPartial || size < 64
          if fetches { reads += 1 }
        }
        list.append(entry)
        lists[line % sets] = list
        let now = step * 1000
        #expect(memory.accept(beat, now).ready == now + (fetches ? 15 : 5))
      }
      #expect(memory.cacheStatistics?.hits == hits)
      #expect(memory.cacheStatistics?.misses == misses)
      #expect(memory.cacheStatistics?.writeBacks == writes)
      #expect(memory.cacheStatistics?.dirtyLines == lists.joined().count { $0.isDirty })
      #expect(memory.statistics.readBytes == reads * 64)
      #expect(memory.statistics.writeBytes == writes * 64)
    }
  }
}
