import SystolicCore
import Testing

@testable import AccelSim

/// Random commands of the nonlinear unit among moves and array work, on random units: every run
/// ends, judges agree, and idle cycles are jumped over exactly.
@Suite struct NonlinearRandomTests {
  private static func config(_ random: inout Seeded) throws -> HardwareConfig {
    var config = try #require(HardwareConfig.preset("gemmini-fp"))
    config.nonlinear.lanes = [1, 2, 4, 8, 16].randomElement(using: &random) ?? 16
    config.nonlinear.operandRows = Int.random(in: 2...9, using: &random)
    config.nonlinear.queueEntries = Int.random(in: 1...4, using: &random)
    config.nonlinear.divisionInterval = Int.random(in: 1...14, using: &random)
    config.nonlinear.arithmeticLatency = Int.random(in: 1...7, using: &random)
    config.reservationStation.nonlinearEntries = [1, 2, 8, 32].randomElement(using: &random) ?? 4
    config.scratchpad.readPipelineStages = [0, 4].randomElement(using: &random) ?? 0
    config.memory.latency = Int.random(in: 1...60, using: &random)
    if Bool.random(using: &random) {
      config.accumulator.singlePorted = true
      config.accumulator.subBanks = 2
    }
    return config
  }

  /// Operands in 64-row places of either memory, so that commands often meet.
  private static func command(_ bench: inout TimingBench, _ random: inout Seeded) {
    let operation = NonlinearOperation.allCases.randomElement(using: &random) ?? .convert
    let columns = Int.random(in: 1...64, using: &random)
    let rows = Int.random(in: 1...16, using: &random)
    func place() -> UInt64 {
      let row = Int.random(in: 0..<6, using: &random) * 64
      return Bool.random(using: &random) ? TimingBench.accumulator(row) : UInt64(row)
    }
    for index in UInt64(0)..<4 {
      let isThere =
        index == 0 || index == 3 || Int(index) <= operation.furtherOperands.lowerBound
        || Bool.random(using: &random)
      let repeats: UInt64 =
        index != 3 && Int.random(in: 0..<3, using: &random) == 0 ? 1 : 0
      bench.command(
        .configNonlinear,
        repeats << 51 | index << 48 | 16 << 32 | (isThere ? place() : TimingBench.garbage),
        UInt64(Float(1).bitPattern))
    }
    let first = UInt64(operation.rawValue) | UInt64(columns) << 32 | UInt64(rows) << 48
    let passes = operation.passes(k: 2)
    if passes > 1, Bool.random(using: &random) {
      for pass in 1...passes {
        bench.command(.nonlinear, first | 2 << 24 | UInt64(pass) << 8 | 3 << 16, 0)
      }
    } else {
      bench.command(.nonlinear, first | 2 << 24, 0)
    }
  }

  @Test func randomProgramsEnd() throws {
    var ran = 0
    for seed in 0..<UInt64(Seeded.iterations(60)) {
      var random = Seeded(seed)
      var bench = try TimingBench("gemmini-fp")
      bench.config = try Self.config(&random)
      bench.configureLoad(stride: 64)
      bench.configureStore()
      for _ in 0..<Int.random(in: 1...10, using: &random) {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bench.moveIn(Int.random(in: 0..<6, using: &random) * 64, columns: 64)
        case 1: bench.moveOut(UInt64(Int.random(in: 0..<6, using: &random) * 64))
        case 2: bench.fence()
        case 3:
          // Executes complete first, so that the unit's completions wait for the port.
          for _ in 0..<Int.random(in: 1...20, using: &random) { bench.configureExecute() }
        default: Self.command(&bench, &random)
        }
      }
      bench.fence()
      // What the judge refuses, such as a result over a part of an operand, is not timed.
      var judge = FunctionalRun(try Machine(bench.config), carriesData: false)
      do {
        for step in bench.steps { try judge.perform(step) }
      } catch is FunctionalError {
        continue
      }
      ran += 1
      let jumped = try Self.run(bench, skips: true)
      let stepped = try Self.run(bench, skips: false)
      #expect(jumped.fences == stepped.fences, "seed \(seed)")
      #expect(jumped.records == stepped.records, "seed \(seed)")
      let unfinished = jumped.records.filter { $0.completed < $0.allocated }
      #expect(unfinished.isEmpty, "seed \(seed)")
    }
    #expect(ran >= 10)
  }

  private static func run(_ bench: TimingBench, skips: Bool) throws -> (
    fences: [Cycle], records: [CommandRecord]
  ) {
    var run = TimingRun(try Machine(bench.config), observer: CommandRecorder())
    run.skipsIdleCycles = skips
    // Loads that pass each other (corrections C3) are none of the unit's business.
    run.stopsAtWrongResults = false
    try run.perform(bench.steps)
    _ = try run.finish()
    return (run.fences, run.observer.records)
  }
}
