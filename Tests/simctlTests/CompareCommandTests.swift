import Foundation
import Testing

@testable import simctl

@Suite struct CompareCommandTests {
  private static let workload = #"""
    {"name": "w", "tensors": [
      {"name": "x", "shape": [40, 20], "role": "input"},
      {"name": "b", "shape": [20, 12], "role": "weight"},
      {"name": "y", "shape": [40, 12]}, {"name": "z", "shape": [40, 12]}],
     "operators": [
       {"name": "m", "kind": "matmul", "inputs": ["x", "b"], "output": "y"},
       {"name": "s", "kind": "softmax", "inputs": ["y"], "output": "z"}]}
    """#

  private static func path(_ folder: borrowing TemporaryFolder) throws -> String {
    try folder.write(workload, "w.json")
  }

  @Test func theReportDoesNotDependOnTheJobs() async throws {
    let folder = try TemporaryFolder()
    let path = try Self.path(folder)
    for format in ["--quiet", "--json", "--csv"] {
      var outputs: [String] = []
      for jobs in ["1", "4"] {
        let outcome = await call(
          "compare", "gemmini-default", "gemmini-fp:nonlinear.lanes=8", "gemmini-8x8",
          "--workload", path, "--workload", path, "--set", "accumulator.capacityKiB=128",
          "--set", "dma.busBits=64,host.core=boom", "--jobs", jobs, format)
        #expect(outcome.code == .success, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        outputs.append(outcome.output)
      }
      #expect(outputs[0] == outputs[1])
      if format == "--json" {
        let object = try JSONSerialization.jsonObject(with: Data(outputs[0].utf8))
        let list = (object as? [String: Any])?["workloads"] as? [[String: Any]]
        let columns = list?.first?["columns"] as? [[String: Any]]
        #expect(
          columns?.map { $0["config"] as? String } == [
            "gemmini-default", "gemmini-fp:nonlinear.lanes=8", "gemmini-8x8",
            "gemmini-default:accumulator.capacityKiB=128",
            "gemmini-default:dma.busBits=64,host.core=boom",
          ])
      }
    }
  }

  @Test func aMachineIsAsFastAsItself() async throws {
    let folder = try TemporaryFolder()
    let path = try Self.path(folder)
    let twice = await call("compare", "rtl-lean", "rtl-lean", "--workload", path)
    #expect(twice.code == .success)
    #expect(twice.output.contains("\nB takes as many cycles as A.\n"))
    #expect(!twice.output.contains("+"))
  }

  @Test func everyProblemAtOnce() async throws {
    let folder = try TemporaryFolder()
    let path = try Self.path(folder)
    let outcome = await call(
      "compare", "gemmini-defalt", "gemmini-fp:nonlinear.lanes=3", "/no/such.json",
      "--set", "accumulator.capacity=1", "--workload", "bert-bse", "--workload", path,
      "--workload", "bert-base:sequence=0")
    #expect(outcome.code == .noInput)
    #expect(outcome.output.isEmpty)
    try expectSnapshot(outcome.errors, "compare-errors.txt")
    // What a machine cannot run is found before anything runs, too.
    let small = await call(
      "compare", "gemmini-default", "gemmini-ibert", "--workload", "lenet5", "--workload", path)
    if small.code != .success { #expect(small.output.isEmpty) }
  }

  @Test func whatCannotBeComparedIsAWrongCall() async {
    let alone = await call("compare", "gemmini-default", "--workload", "bert-base")
    #expect(alone.code == .usage)
    #expect(alone.errors.hasPrefix("Error: 'gemmini-default' has nothing to be compared with; "))
    #expect(await call("compare", "--workload", "bert-base").code == .usage)
    #expect(await call("compare", "gemmini-default", "gemmini-fp").code == .usage)
    let both = await call(
      "compare", "gemmini-default", "gemmini-fp", "--workload", "bert-base", "--json", "--csv")
    #expect(both.code == .usage)
    let jobs = await call(
      "compare", "gemmini-default", "gemmini-fp", "--workload", "bert-base", "--jobs", "0")
    #expect(jobs.errors.contains("invalid for '--jobs <n>': must be a whole number 1...1024"))
  }

  @Test func rooflineInEveryForm() async throws {
    let folder = try TemporaryFolder()
    let path = try Self.path(folder)
    let text = await call("roofline", "--workload", path, "--config", "gemmini-8x8")
    #expect(text.code == .success, "\(text.errors)")
    #expect(text.output.contains("Ridge"))
    let json = await call("roofline", "--workload", path, "--set", "dma.busBits=64", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["peakBytesPerCycle"] as? Int == 8)
    let shared = await call("roofline", "--workload", path, "--set", "memory.bytesPer10Cycles=64")
    #expect(shared.output.contains("6.4  bytes a cycle in both directions together"))
    #expect(await call("roofline", "--workload", path, "--csv").output.hasPrefix("operator,"))
    #expect(await call("roofline").code == .usage)
    #expect(await call("roofline", "--workload", "bert-bse").code == .data)
  }
}
