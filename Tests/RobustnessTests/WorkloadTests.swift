import AccelSim
import Foundation
import Testing

extension Robustness {
  /// Accepted workloads are counted, planned on a machine and, if they are tiny, run.
  @Test func workloads() async throws {
    let seeds = try Seeds(WorkloadSeed.texts())
    let machines = try ["gemmini-default", "gemmini-fp", "rtl-default"].map {
      try Machine(try #require(HardwareConfig.preset($0)))
    }
    await Campaign(name: "workloads", share: 100).run { random in
      do {
        let workload = try Workload(json: seeds.mutated(&random), file: "fuzz.json")
        try require(try Workload(json: workload.json()) == workload, "another one after writing")
        try require(workload.macs >= 0 && workload.parameterCount >= 0, "counts below 0")
        for traffic in WorkloadTraffic.allCases {
          let bytes = WorkloadAnalysis(workload, traffic: traffic).total.bytes
          try require(bytes >= 0, "traffic below 0")
        }
        try Self.run(workload, on: random.pick(machines), &random)
        return .accepted
      } catch let error as InvalidWorkload {
        try Self.check(error.problems)
        return .refused
      }
    }
  }

  private static func run(_ workload: Workload, on machine: Machine, _ random: inout Seeded) throws
  {
    do {
      let fusing = random.pick(NormFusion.allCases)
      let plan = try NetworkPlan(workload, on: machine, fusing: fusing)
      let elements = workload.tensors.reduce(0) { $0 + $1.count }
      // Every seventh, so that most cases stay short.
      guard plan.macs < 100_000, plan.memoryBytes < 1 << 17, elements < 1 << 15,
        random.oneIn(7)
      else { return }
      let report = try NetworkRun.report(WorkloadSteps(workload), on: machine, fusing: fusing)
      try require(report.isComplete && report.cycles >= 0, "not complete")
    } catch let error as NetworkError {
      try require(!error.description.isEmpty, "no words")
    } catch let error as LoweringError {
      try require(!error.description.isEmpty, "no words")
    }
  }
}

enum WorkloadSeed {
  static let layer = """
    {"name": "layer",
     "tensors": [
       {"name": "x", "shape": [8, 16], "role": "input"},
       {"name": "w", "shape": [16, 24], "role": "weight"},
       {"name": "v", "shape": [24, 16], "role": "weight"},
       {"name": "sums", "type": "int32"}, {"name": "h"}, {"name": "y"}],
     "operators": [
       {"name": "ffn1", "kind": "matmul", "inputs": ["x", "w"], "output": "sums"},
       {"name": "gelu", "kind": "activation", "function": "gelu", "inputScale": 0.001,
        "outputScale": 16, "inputs": ["sums"], "output": "h"},
       {"name": "ffn2", "kind": "matmul", "inputs": ["h", "v"], "output": "y", "scale": 0.01}]}
    """

  /// Small networks with every kind of operator among them, and a model's layer.
  static func texts() throws -> [String] {
    var texts = [layer, layer, layer]
    let models: [(String, [String: Int])] = [
      ("bert-base", ["layers": 1, "sequence": 2]), ("gpt2-decode", ["layers": 1, "ends": 1]),
      ("llama-7b", ["layers": 1]), ("squeezenet1.1", [:]), ("deit-ti", ["layers": 1]),
    ]
    for (name, values) in models {
      let model = try #require(WorkloadModel.named(name))
      texts.append(try model.workload(values).json())
    }
    return texts
  }
}
