import SystolicCore
import Testing

@testable import AccelSim

/// Properties of every run: jumps over idle cycles change nothing, accounts are complete, and a
/// run is the same twice.
@Suite struct TimingPropertyTests {
  /// Random moves and array work on few rows, so that hazards and conflicts are frequent.
  static func program(_ seed: UInt64, on preset: String) throws -> TimingBench {
    var random = Seeded(seed)
    var bench = try TimingBench(
      preset, latency: [1, 7, 20, 150].randomElement(using: &random) ?? 1)
    bench.config.host.issueInterval = [1, 1, 13].randomElement(using: &random) ?? 1
    bench.configureExecute()
    bench.configureLoad(stride: [0, 16, 100].randomElement(using: &random) ?? 16)
    bench.configureStore(stride: [16, 200].randomElement(using: &random) ?? 16)
    for _ in 0..<Int.random(in: 5...25, using: &random) {
      let row = Int.random(in: 0..<8, using: &random) * 16
      let rows = Int.random(in: 1...16, using: &random)
      switch Int.random(in: 0..<9, using: &random) {
      case 0, 1:
        bench.moveIn(row, rows: rows, columns: [3, 16, 64].randomElement(using: &random) ?? 16)
      case 2, 3:
        bench.preload(UInt64(row), to: TimingBench.accumulator(row), rows: rows)
        bench.compute(UInt64(row + 8192), rows: rows)
      case 4: bench.moveOut(TimingBench.accumulator(row), rows: rows)
      case 5: bench.moveOut(UInt64(row), rows: rows, columns: 64)
      case 6: bench.configureLoad(scale: Bool.random(using: &random) ? 1 : 0.5)
      case 7 where bench.config.features.nonlinearUnit:
        bench.nonlinear(
          [.softmax, .add, .gelu].randomElement(using: &random) ?? .convert, rows: rows,
          columns: [5, 16, 40].randomElement(using: &random) ?? 16,
          x: TimingBench.accumulator(row), y: TimingBench.accumulator(row + 200),
          to: UInt64(row + 8192))
      default: bench.fence()
      }
    }
    bench.fence()
    return bench
  }

  private struct Outcome: Equatable {
    var fences: [Cycle]
    var commands: [CommandRecord]
    var units: [UnitAccount]
    var cycles: Int
  }

  private func run(_ bench: TimingBench, skipsIdleCycles: Bool) throws -> Outcome {
    let machine = Machine(unchecked: bench.config)
    var run = TimingRun(machine, observer: CommandRecorder())
    run.skipsIdleCycles = skipsIdleCycles
    try run.perform(bench.steps)
    return Outcome(
      fences: run.fences, commands: run.observer.records, units: run.accounts.units(of: machine),
      cycles: try run.finish())
  }

  @Test(arguments: ["rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp"])
  func jumpingOverIdleCyclesChangesNothing(_ preset: String) throws {
    for seed in 0..<UInt64(Seeded.iterations(12)) {
      let bench = try Self.program(seed, on: preset)
      let jumped = try run(bench, skipsIdleCycles: true)
      let stepped = try run(bench, skipsIdleCycles: false)
      #expect(jumped == stepped, "seed \(seed)")
      for unit in jumped.units {
        #expect(unit.total == jumped.cycles, "\(unit.unit), seed \(seed)")
      }
    }
  }

  @Test func aRunIsTheSameTwice() throws {
    for seed in 100..<UInt64(100 + Seeded.iterations(6)) {
      let bench = try Self.program(seed, on: "rtl-default")
      let one = try bench.run(events: true)
      let other = try bench.run(events: true)
      #expect(one.result == other.result)
      #expect(one.commands == other.commands)
      #expect(one.events == other.events)
      #expect(!one.events.isEmpty)
    }
  }

  /// Observers do not disturb: the same cycles with nobody watching, and traffic that adds up.
  @Test func observersChangeNothing() throws {
    for seed in 200..<UInt64(200 + Seeded.iterations(6)) {
      let bench = try Self.program(seed, on: "rtl-lean")
      var source = StepList(bench.steps)
      var options = RunOptions()
      options.carriesData = false
      options.reuses = false
      let plain = try Simulator.run(&source, on: Machine(bench.config), options: options)
      let watched = try bench.run(events: true)
      #expect(plain.result == watched.result)
      let traffic = plain.result.traffic
      #expect(traffic.readRequests == watched.cycles("tlA_get").count)
      #expect(traffic.requestBeats == traffic.readRequests + watched.cycles("tlA_put").count)
      #expect(traffic.responseBeats == watched.cycles("tlD").count)
    }
  }
}

/// Programs that the hardware never finishes. `Simulator` refuses them before they reach the timing
/// machine; these tests drive it directly.
@Suite struct DeadlockTests {
  private func fences(_ bench: TimingBench) throws -> [Int] {
    var run = TimingRun(try Machine(bench.config), observer: NullObserver())
    try run.perform(bench.steps)
    return run.fences
  }

  /// A preload waits for its compute; a second command behind it keeps the machine busy for ever.
  @Test(arguments: ["rtl-default", "gemmini-default"])
  func twoPreloadsWithoutACompute(_ preset: String) throws {
    var bench = try TimingBench(preset)
    bench.configureExecute()
    bench.preload(0, to: TimingBench.accumulator(0))
    bench.preload(0, to: TimingBench.accumulator(16))
    bench.fence()
    do {
      let fences = try fences(bench)
      Issue.record("ended at \(fences)")
    } catch SimulationError.deadlock(let lines) {
      let text = lines.joined(separator: "\n")
      #expect(text.contains("nothing can move after cycle"))
      #expect(text.contains("execute entries in use: "))
      #expect(text.contains("execute controller: waiting for a command"))
      #expect(text.contains("load controller: idle, 0 commands waiting"))
      #expect(text.contains("DMA read: idle, 0 requests in flight"))
      #expect(text.contains("array: "))
    }
  }

  /// The same with the compute that was missing goes on to the end.
  @Test func theComputeEndsTheWait() throws {
    var bench = try TimingBench("rtl-default")
    bench.configureExecute()
    bench.preload(0, to: TimingBench.accumulator(0))
    bench.preload(0, to: TimingBench.accumulator(16))
    bench.compute(8192)
    bench.fence()
    #expect(try fences(bench).count == 1)
  }
}
