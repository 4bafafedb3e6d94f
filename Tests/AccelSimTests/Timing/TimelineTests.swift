import SystolicCore
import Testing

@testable import AccelSim

/// The worked timelines of facts, appendix A, on the newest revision, and their recorded
/// counterparts (corrections V1, C1, C2).
@Suite struct TimelineTests {
  /// What a revision adds to cycles behind an operand read: data after 2 cycles, or after 5.
  static let revisions = [("gemmini-default", 0), ("rtl-default", 3)]

  private func pair(_ preset: String, isWeightStationary: Bool) throws -> TimingBench {
    var bench = try TimingBench(preset)
    bench.configureExecute(isWeightStationary: isWeightStationary)
    bench.configureLoad()
    bench.moveIn(0)
    bench.moveIn(8192)
    bench.fence()
    bench.preload(
      isWeightStationary ? 8192 : TimingBench.garbage, to: TimingBench.accumulator(0))
    if isWeightStationary {
      bench.compute(0)
    } else {
      bench.command(
        .computePreloaded, TimingBench.tile(16, 16, 0), TimingBench.tile(16, 16, 8192))
    }
    return bench
  }

  /// A1 and A2.
  @Test(arguments: revisions)
  func weightStationaryPair(_ preset: String, _ added: Int) throws {
    var bench = try pair(preset, isWeightStationary: true)
    bench.fence()
    let output = try bench.run(events: true)
    let accepted = try #require(output.result.fenceCycles.first) + 1
    let start = accepted + 8
    let preload = try #require(output.records(.preload).first)
    let compute = try #require(output.records(.computePreloaded).first)
    #expect(preload.allocated == accepted + 4)
    #expect(preload.issued == accepted + 5)
    let reads = output.events.filter { $0.event == "sp_ex_read" }
    #expect(reads.map(\.cycle) == Array(start..<start + 32))
    #expect(reads.map(\.a) == ((0..<16).reversed() + (0..<16)).map { "\($0)" })
    #expect(reads.map(\.id) == (0..<32).map { $0 < 16 ? "2" : "0" })
    #expect(output.cycles("mesh_req") == [start + 2 + added, start + 18 + added])
    let results = output.cycles("acc_write")
    #expect(results == Array(start + 51 + added...start + 66 + added))
    #expect(compute.completed == start + 32)
    #expect(preload.completed == start + 66 + added)
    #expect(output.result.fenceCycles.last == start + 67 + added)
  }

  /// A6: the config waits for two flushes.
  @Test(arguments: revisions)
  func configBehindWork(_ preset: String, _ added: Int) throws {
    var bench = try pair(preset, isWeightStationary: true)
    bench.configureExecute()
    bench.fence()
    let output = try bench.run(events: true)
    let start = try #require(output.result.fenceCycles.first) + 9
    let x = start + 32
    let config = try #require(output.records(.config).last)
    #expect(config.completed == x + 37 + added)
    let flushes = output.events.filter { $0.event == "mesh_req" && $0.b == "flush1" }
    #expect(flushes.map(\.cycle) == [x + 2 + added, x + 20 + added])
  }

  /// A7: row 15 first, pushed out by a flush.
  @Test(arguments: revisions)
  func outputStationaryPair(_ preset: String, _ added: Int) throws {
    var bench = try pair(preset, isWeightStationary: false)
    bench.fence()
    let output = try bench.run(events: true)
    let start = try #require(output.result.fenceCycles.first) + 9
    #expect(output.records(.preload).first?.completed == start + 82 + added)
    let results = output.events.filter { $0.event == "acc_write" }
    #expect(results.map(\.cycle) == Array(start + 67 + added...start + 82 + added))
    #expect(results.map(\.a) == (0..<16).reversed().map { "\($0)" })
    let flushes = output.events.filter { $0.event == "mesh_req" && $0.b == "flush1" }
    #expect(flushes.first?.cycle == start + 34 + added)
  }

  /// A3, the same in all revisions: SRAM reads, the writer's requests, completion.
  @Test(arguments: ["gemmini-default", "rtl-default", "rtl-lean"])
  func moveOutOfAnAccumulatorTile(_ preset: String) throws {
    var bench = try TimingBench(preset)
    bench.configureStore()
    bench.fence()
    bench.moveOut(TimingBench.accumulator(0))
    bench.fence()
    let output = try bench.run(events: true)
    let store = try #require(output.records(.mvout).first)
    let issued = store.issued
    #expect(
      output.cycles("acc_read").map { $0 - issued } == Array(2...9) + Array(13...17)
        + Array(21...23))
    #expect(
      output.cycles("writer_req").map { $0 - issued } == Array(12...16) + Array(20...24)
        + Array(28...32) + [36])
    #expect(store.completed == issued + 24)
    // A of row 0 at the writer at 15, on the bus two cycles later.
    #expect(output.cycles("tlA_put").first == issued + 17)
  }

  /// Facts 8.3: a scratchpad row is at the writer 4 cycles after its request, recorded 6
  /// (corrections V1).
  @Test(arguments: [("gemmini-default", 4), ("rtl-default", 6), ("rtl-lean", 6)])
  func moveOutOfAScratchpadRow(_ preset: String, _ delay: Int) throws {
    var bench = try TimingBench(preset)
    bench.configureStore()
    bench.fence()
    bench.moveOut(0, rows: 1)
    bench.fence()
    let output = try bench.run(events: true)
    let requests = output.cycles("st_row_req")
    #expect(requests.count == 1)
    #expect(output.cycles("writer_req") == requests.map { $0 + delay })
  }

  /// Corrections V2: bus to scratchpad 6 cycles recorded, 7 on the newest revision.
  @Test(arguments: [("gemmini-default", 7), ("rtl-default", 6), ("rtl-lean", 6)])
  func moveIn(_ preset: String, _ delay: Int) throws {
    var bench = try TimingBench(preset)
    bench.configureLoad()
    bench.fence()
    bench.moveIn(0)
    bench.fence()
    let output = try bench.run(events: true)
    let issued = try #require(output.records(.mvin).first).issued
    #expect(output.cycles("ld_row_req") == Array(issued + 1...issued + 16))
    #expect(output.cycles("tlA_get") == Array(issued + 7...issued + 22))
    #expect(output.cycles("tlD") == Array(issued + 27...issued + 42))
    #expect(output.cycles("sp_write") == (27...42).map { issued + $0 + delay })
    #expect(output.records(.mvin).first?.completed == issued + 43 + delay)
  }

  /// A5 and corrections C2: cycles per operation of a long stream on the same weights.
  @Test(arguments: [
    ("gemmini-default", 4, 7.4), ("gemmini-default", 16, 16), ("rtl-default", 4, 7.19),
    ("rtl-default", 5, 7.44),
    ("rtl-default", 6, 7.69), ("rtl-default", 8, 8.19), ("rtl-default", 10, 10),
    ("rtl-default", 12, 12), ("rtl-default", 16, 16),
  ])
  func operationsOnTheSameWeights(_ preset: String, _ rows: Int, _ period: Double) throws {
    var bench = try TimingBench(preset)
    bench.configureExecute()
    bench.fence()
    bench.preload(8192, to: TimingBench.accumulator(0), rows: rows)
    bench.compute(0, rows: rows)
    for _ in 0..<80 {
      bench.preload(TimingBench.garbage, to: TimingBench.accumulator(16), rows: rows)
      bench.compute(0, rows: rows, keepsWeights: true)
    }
    bench.fence()
    let computes = try bench.run().records(.computeAccumulated).map(\.completed)
    let measured = Double(computes[78] - computes[14]) / 64
    #expect(abs(measured - period) <= 0.3, "\(measured)")
  }

  /// Corrections C1: 145 or 110 cycles, by what the scaler's ring did before.
  @Test(arguments: [(0, 145), (1, 110), (2, 110), (3, 145), (4, 110)])
  func scaledMoveIn(_ earlierRows: Int, _ cycles: Int) throws {
    for preset in ["rtl-default", "rtl-lean"] {
      var bench = try TimingBench(preset)
      bench.configureLoad(scale: 0.5)
      bench.fence()
      if earlierRows > 0 { bench.moveIn(0, rows: earlierRows) }
      bench.fence()
      bench.moveIn(64)
      bench.fence()
      let fences = try bench.run().result.fenceCycles
      #expect(fences[2] - fences[1] == cycles)
    }
  }

  /// Golden/rtl README, section 4: configs, a flush, and a preload that waits for its compute.
  @Test func frontEnd() throws {
    func idle(_ fill: (inout TimingBench) -> Void) throws -> Int {
      var bench = try TimingBench("rtl-default")
      fill(&bench)
      bench.fence()
      return try #require(try bench.run().result.fenceCycles.last)
    }
    #expect(try idle { $0.configureLoad() } == 6)
    #expect(try idle { $0.configureStore() } == 6)
    #expect(try idle { $0.configureExecute() } == 8)
    #expect(try idle { $0.command(.flush, 0, 0) } == 5)
    #expect(try idle { for _ in 0..<16 { $0.configureLoad() } } == 16 + 5)
    #expect(try idle { for _ in 0..<32 { $0.configureExecute() } } == 32 + 7)
  }
}
