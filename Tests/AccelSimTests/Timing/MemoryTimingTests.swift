import Foundation
import SystolicCore
import Testing

@testable import AccelSim

/// Whole machines before the memories of section "Main memory" of Docs/Timing.md.
@Suite struct MemoryTimingTests {
  private struct Outcome: Equatable {
    var fences: [Cycle]
    var commands: [CommandRecord]
    var units: [UnitAccount]
    var traffic: Traffic
    var cycles: Int
  }

  private func run(_ bench: TimingBench, skipsIdleCycles: Bool) throws -> Outcome {
    let machine = try Machine(bench.config)
    var run = TimingRun(machine, observer: CommandRecorder())
    run.skipsIdleCycles = skipsIdleCycles
    run.stopsAtWrongResults = false
    try run.perform(bench.steps)
    let cycles = try run.finish()
    return Outcome(
      fences: run.fences, commands: run.observer.records, units: run.accounts.units(of: machine),
      traffic: run.traffic(lineBytes: machine.config.l2.lineBytes),
      cycles: cycles)
  }

  /// Any memory before any DMA: narrow, slow, few places, a cache of one line.
  private func chooseMemory(_ config: inout HardwareConfig, _ seed: UInt64) {
    var random = Seeded(seed &+ 77)
    func pick(_ values: [Int]) -> Int { values.randomElement(using: &random) ?? 0 }
    config.dma.maxInFlight = pick([2, 3, 16, 40])
    config.dma.busBits = pick([32, 128, 512])
    config.memory.latency = pick([1, 20, 150])
    config.memory.bytesPer10Cycles = pick([0, 3, 55, 64, 160, 100_000])
    config.memory.maxOutstanding = pick([0, 1, 2, 9])
    guard pick([0, 1, 1]) == 1 else { return }
    config.l2.ways = pick([1, 2, 8])
    config.l2.lineBytes = pick([64, 128])
    let setBytes = config.l2.ways * config.l2.lineBytes
    config.l2.capacityKiB = pick([1, 2, 64]) * max(1, setBytes / 1024)
    config.l2.banks = pick([1, 4])
    config.l2.hitLatency = pick([1, 20])
    config.l2.missEntries = pick([1, 2, 16])
  }

  /// Every run ends, and jumping over idle cycles changes nothing in any of them.
  @Test(arguments: ["rtl-default", "gemmini-default", "gemmini-fp"])
  func jumpingOverIdleCyclesChangesNothing(_ preset: String) throws {
    for seed in 0..<UInt64(Seeded.iterations(15)) {
      var bench = try TimingPropertyTests.program(seed, on: preset)
      chooseMemory(&bench.config, seed)
      let jumped = try run(bench, skipsIdleCycles: true)
      let stepped = try run(bench, skipsIdleCycles: false)
      #expect(jumped == stepped, "seed \(seed)")
      for unit in jumped.units {
        #expect(unit.total == jumped.cycles, "\(unit.unit), seed \(seed)")
      }
      if let cache = jumped.traffic.cache {
        #expect(
          cache.hits + cache.misses
            == jumped.traffic.readRequests + jumped.traffic.writeRequests)
      } else {
        #expect(jumped.traffic.dramReadBytes == jumped.traffic.readBytes)
        #expect(jumped.traffic.dramWriteBytes == jumped.traffic.writeBytes)
      }
    }
  }

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/golden/rtl/traces").path

  /// Limits that never bind leave the memory of the recorded runs, cycle by cycle.
  @Test(arguments: [
    "loopws_64_repbias_relu", "mvin_x32_r16c16", "mvin_r16c64_s100", "man_ws_32x64x128",
    "cont_st_bank0", "mvout_acc_r16c16",
  ])
  func wideLimitsAreTheRecordedMemory(_ name: String) throws {
    var config = try #require(HardwareConfig.preset("rtl-default"))
    var options = RunOptions()
    options.carriesData = false
    options.recordsEvents = true
    func output() throws -> SimulationOutput {
      var source = try TraceReader(path: "\(Self.fixtures)/\(name).trace", readsData: false)
      return try Simulator.run(&source, on: Machine(config), options: options)
    }
    for latency in [20, 100] {
      config.memory = MemoryConfig()
      config.memory.latency = latency
      let fixed = try output()
      config.memory.bytesPer10Cycles = 100_000
      config.memory.maxOutstanding = 65_536
      let wide = try output()
      #expect(fixed.result == wide.result)
      #expect(fixed.commands == wide.commands)
      #expect(fixed.events == wide.events)
      #expect(!fixed.events.isEmpty)
    }
  }

  /// Loads one behind the other: as long as bandwidth binds, they take bytes / bandwidth, and more
  /// of it is never slower.
  @Test func aStreamOfLoadsTakesItsBandwidth() throws {
    var last = Int.max
    for bytesPer10Cycles in [40, 55, 60, 64, 70, 80, 120, 160, 0] {
      var bench = try TimingBench("gemmini-lean", latency: 20)
      bench.config.memory.bytesPer10Cycles = bytesPer10Cycles
      bench.configureLoad(stride: 64)
      for index in 0..<40 { bench.moveIn(index * 64, columns: 64) }
      bench.fence()
      let result = try bench.run().result
      #expect(result.traffic.readBytes == 40 * 1024)
      #expect(result.cycles <= last)
      last = result.cycles
      if bytesPer10Cycles > 0 {
        let least = 40 * 1024 * 10 / bytesPer10Cycles
        #expect(result.cycles >= least)
        // The first row comes after some fifty cycles; the channel is never empty then.
        if bytesPer10Cycles <= 80 { #expect(result.cycles <= least + 80) }
      }
    }
  }

  /// 64 x 64 x 64: A and B are 4 KiB each, C's rows of 64 bytes are whole lines.
  @Test func aCacheReadsOperandsOnce() throws {
    var config = HardwareConfig()
    config.l2.capacityKiB = 512
    let machine = try Machine(config)
    var source = TiledMatmul(
      try MatmulPlan(Matmul(rows: 64, inner: 64, columns: 64), on: machine))
    var options = RunOptions()
    options.carriesData = false
    let traffic = try Simulator.run(&source, on: machine, options: options).result.traffic
    #expect(traffic.dramReadBytes == 2 * 4096)
    #expect(traffic.dramWriteBytes == 0)
    let cache = try #require(traffic.cache)
    #expect(cache.dirtyBytes == 4096)
    #expect(cache.misses == 3 * 64)
    #expect(cache.writeBacks == 0)
  }

  /// The operators' bytes are those of the run, with and without a cache.
  @Test(arguments: [0, 4])
  func bytesByOperatorAddUp(_ capacityKiB: Int) throws {
    var config = HardwareConfig()
    config.l2.capacityKiB = capacityKiB
    config.memory.bytesPer10Cycles = 64
    let plan = try NetworkPlan(NetworkCheckTests.layer(), on: Machine(config))
    var source = NetworkProgram(plan)
    var options = RunOptions()
    options.carriesData = false
    let report = NetworkReport(
      plan, try Simulator.run(&source, on: plan.machine, options: options).result)
    let read = report.operators.reduce(0) { $0 + $1.dramReadBytes }
    let written = report.operators.reduce(0) { $0 + $1.dramWrittenBytes }
    #expect(read == report.traffic.dramReadBytes)
    #expect(written == report.traffic.dramWriteBytes)
    #expect((report.traffic.cache != nil) == (capacityKiB > 0))
    let lines = report.text().split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(report.text().contains("6.4 bytes a cycle"))
    #expect(report.text().contains("L2 cache") == (capacityKiB > 0))
  }
}
