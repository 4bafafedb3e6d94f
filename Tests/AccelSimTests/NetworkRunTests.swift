import SystolicCore
import Testing

@testable import AccelSim

/// Networks through the machine, without data.
struct NetworkRunTests {
  /// A layer of BERT's kind with 64 features, 2 heads and 20 tokens.
  private static func run(_ preset: String) throws -> (plan: NetworkPlan, result: RunResult) {
    let plan = try NetworkPlan(NetworkCheckTests.layer(), on: NetworkCheckTests.machine(preset))
    var source = NetworkProgram(plan)
    var options = RunOptions()
    options.carriesData = false
    return (plan, try Simulator.run(&source, on: plan.machine, options: options).result)
  }

  @Test(arguments: ["gemmini-default", "gemmini-ibert", "gemmini-fp"])
  func operatorsAddUpToTheRun(_ preset: String) throws {
    let (plan, result) = try Self.run(preset)
    let report = NetworkReport(plan, result)
    #expect(report.operators.reduce(0) { $0 + $1.cycles } == result.cycles)
    #expect(report.macs == plan.workload.macs)
    #expect(result.usefulMACs == plan.macs)
    let host = report.operators.reduce(0) { $0 + $1.hostCycles }
    #expect(host == report.hostCycles.reduce(0) { $0 + $1.cycles })
    #expect((host > 0) == (preset == "gemmini-default"))
    let tooLong = report.text().split(separator: "\n").filter { $0.count > 80 }
    #expect(tooLong.isEmpty)
    #expect(report.csv.split(separator: "\n").count == report.operators.count + 1)
    // On the host every element of a nonlinear operator is converted once in and once out, except
    // between the addition and the norm.
    if preset == "gemmini-default" {
      let converted = result.conversions.filter { $0.by == .host }.reduce(0) { $0 + $1.elements }
      let (scores, hidden, features) = (2 * 20 * 20, 20 * 128, 20 * 64)
      #expect(converted == 2 * scores + 2 * hidden + 6 * features)
    }
  }

  /// A reader of the text alone knows which machine it was, and that operators are missing.
  @Test func whatStandsAboveTheFigures() throws {
    let (plan, result) = try Self.run("gemmini-ibert")
    var report = NetworkReport(plan, result)
    let machine = "array 16x16, scratchpad 256 KiB, accumulator 128 KiB"
    #expect(report.text().contains("\n  \(machine)\n  memory latency 20\n\nCycles"))
    report.isComplete = false
    report.operators.removeSubrange(1...)
    #expect(report.text().contains("\n  interrupted: only 1 operator finished\n\nCycles"))
    #expect(report.markdown().contains("interrupted: only 1 operator finished"))
  }

  /// An operator takes in the network the cycles that it takes alone, but for what stands in the
  /// machine's registers from before.
  @Test func operatorsTakeWhatTheyTakeAlone() throws {
    let (plan, result) = try Self.run("gemmini-default")
    for name in ["layer0.q", "layer0.ffn2"] {
      let step = try #require(plan.operators.first { $0.name == name })
      let region = try #require(result.regions.first { $0.name == name })
      guard case .matmul(let matmul) = step.pieces[0] else { continue }
      var source = TiledMatmul(matmul)
      var options = RunOptions()
      options.carriesData = false
      let alone = try Simulator.run(&source, on: plan.machine, options: options).result.cycles
      #expect(abs(region.cycles - alone) <= 8, "\(name): \(region.cycles), alone \(alone)")
    }
  }

  /// One tile: 16 rows of A and B in and to the array, 16 rows of C from it and out.
  @Test func rowsOfTheLocalMemories() throws {
    let machine = try Machine(HardwareConfig())
    var source = TiledMatmul(try MatmulPlan(Matmul(rows: 16, inner: 16, columns: 16), on: machine))
    let local = try Simulator.run(&source, on: machine).result.localTraffic
    #expect(local.scratchpadWrites == 32 && local.scratchpadReads == 32)
    #expect(local.accumulatorWrites == 16 && local.accumulatorReads == 16)
    // Two tiles along the inner dimension: the second one's sums are added to the first one's.
    source = TiledMatmul(try MatmulPlan(Matmul(rows: 16, inner: 32, columns: 16), on: machine))
    let two = try Simulator.run(&source, on: machine).result.localTraffic
    #expect(two.scratchpadWrites == 64 && two.scratchpadReads == 64)
    #expect(two.accumulatorWrites == 32 && two.accumulatorReads == 32)
  }
}
