import AccelSim
import Foundation
import Testing

extension Robustness {
  /// Random small networks on random machines, with reuse and without: the same report.
  ///
  /// Accepted is what reused cycles.
  @Test func operators() async {
    let count = ProcessInfo.processInfo.environment["ROBUSTNESS_OPERATORS"].flatMap(Int.init) ?? 6
    await Campaign(name: "operators", share: 0, leastAccepted: 1 / 3).run(count: count) { random in
      let machine = try RandomMachine.machine(&random)
      let workload = try LayeredNetwork.workload(&random)
      let fusing = random.pick(NormFusion.allCases)
      func report(reuses: Bool) throws -> NetworkReport {
        try NetworkRun.report(
          WorkloadSteps(workload), on: machine, fusing: fusing, reuses: reuses)
      }
      let with: NetworkReport
      do {
        with = try report(reuses: true)
      } catch let error as NetworkError {
        #expect(throws: error) { try report(reuses: false) }
        return .refused
      }
      let without = try report(reuses: false)
      if let difference = try ReuseCheck.difference(with, without) {
        throw Defect("\(difference)\n\(machine.config.json(onlyDifferences: true))")
      }
      try require(without.isComplete && without.reusedCycles == 0, "not complete, or reused")
      return with.reusedCycles > 0 ? .accepted : .refused
    }
  }
}
