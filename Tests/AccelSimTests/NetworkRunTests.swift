import SystolicCore
import Testing

@testable import AccelSim

/// Networks through the machine, without data.
struct NetworkRunTests {
  static func report(_ model: String, _ values: [String: Int], _ preset: String) throws
    -> NetworkReport
  {
    let workload = try #require(WorkloadModel.named(model)).workload(values)
    let machine = try Machine(try #require(HardwareConfig.preset(preset)))
    let plan = try NetworkPlan(workload, on: machine)
    var source = NetworkProgram(plan)
    var options = RunOptions()
    options.carriesData = false
    let result = try Simulator.run(&source, on: machine, options: options).result
    return NetworkReport(plan, result)
  }

  @Test(arguments: ["gemmini-default", "gemmini-ibert", "gemmini-fp"])
  func bert(_ preset: String) throws {
    let report = try Self.report("bert-base", ["sequence": 32, "layers": 1], preset)
    print(report.text())
    #expect(report.operators.reduce(0) { $0 + $1.cycles } == report.cycles)
  }
}
