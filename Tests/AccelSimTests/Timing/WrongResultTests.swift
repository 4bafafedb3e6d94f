import Testing

@testable import AccelSim

/// Programs after which recorded RTL left other memory than the program says: the timing machine
/// must see why, in just the runs in which it happened (golden/software/golden.csv, columns
/// `outputs_match` and `reason`; corrections C3 to C5).
@Suite(.enabled(if: Golden.isPresent, "needs ../shared/golden"))
struct WrongResultTests {
  private func run(
    _ trace: String, _ preset: String, _ latency: Int, carriesData: Bool
  ) throws -> RunResult {
    var config = try #require(HardwareConfig.preset(preset))
    config.memory.latency = latency
    var source = try TraceReader(
      path: "\(Golden.root)/software/\(trace)/trace.txt", readsData: carriesData)
    var options = RunOptions()
    options.carriesData = carriesData
    return try Simulator.run(&source, on: Machine(config), options: options).result
  }

  /// Two loads of the same rows: only at this latency on this design did a refused request come
  /// back behind a younger one. The cycles are the recorded ones all the same.
  @Test(arguments: [
    ("rtl-lean", 20, 14449, true), ("rtl-lean", 100, 17647, false),
    ("rtl-default", 20, 14786, false), ("rtl-default", 100, 26482, false),
  ])
  func loadsSwapOnlyWhereRecorded(
    _ preset: String, _ latency: Int, _ cycles: Int, _ swaps: Bool
  ) throws {
    let result = try run("fuzz_ws_3", preset, latency, carriesData: false)
    #expect(result.cycles == cycles)
    #expect(result.warnings.isEmpty == !swaps)
    #expect(result.warnings.allSatisfy { $0.contains("corrections C3") })
  }

  @Test(arguments: [
    ("rtl-lean", 20, 14483), ("rtl-lean", 100, 17344), ("rtl-default", 20, 14889),
    ("rtl-default", 100, 26503),
  ])
  func resultsReadTooSoon(_ preset: String, _ latency: Int, _ cycles: Int) throws {
    let result = try run("fuzz_ws_5", preset, latency, carriesData: false)
    #expect(result.cycles == cycles)
    #expect(result.warnings.contains { $0.contains("corrections C5") })
  }

  /// With data such a run ends with an error instead of one of the two results.
  @Test func aRunWithDataStops() throws {
    for (trace, correction) in [("fuzz_ws_3", "C3"), ("fuzz_ws_5", "C5"), ("fuzz_ws_6", "C4")] {
      do {
        let result = try run(trace, "rtl-lean", 20, carriesData: true)
        Issue.record("\(trace) ended at \(result.cycles)")
      } catch SimulationError.illegal(let message) {
        #expect(message.contains("corrections \(correction)"), "\(trace): \(message)")
      }
    }
  }
}
