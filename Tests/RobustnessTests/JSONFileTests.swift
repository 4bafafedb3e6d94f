import AccelSim
import Foundation
import Testing

/// All campaigns, one after the other: memory and time are those of the campaign that runs.
@Suite(.serialized) struct Robustness {
  /// Files of one kind to begin with, as bytes and as trees.
  struct Seeds: Sendable {
    private let files: [[UInt8]]
    private let trees: [JSONTree]

    init(_ texts: [String]) throws {
      files = texts.map { Array($0.utf8) }
      trees = try files.map { try #require(JSONTree($0)) }
    }

    /// A changed file: by its form, by its bytes, or both.
    func mutated(_ random: inout Seeded) -> [UInt8] {
      let index = random.below(files.count)
      let kind = random.below(8)
      var bytes = files[index]
      if kind < 6 {
        var tree = trees[index]
        JSONMutation.apply(to: &tree, other: random.pick(trees), &random)
        bytes = tree.bytes
      }
      if kind >= 5 { ByteMutation.apply(to: &bytes, other: random.pick(files), &random) }
      return bytes
    }
  }

  /// Every problem says where and what; the error is in words that a terminal takes.
  static func check(_ problems: [ConfigProblem]) throws {
    try require(!problems.isEmpty, "an error without problems")
    for problem in problems {
      try require(problem.position != nil, "no place: \(problem)")
      try require(!problem.expected.isEmpty, "nothing expected: \(problem)")
    }
    let lines = problems.prefix(50).map(\.description)
    if let line = lines.first(where: { $0.utf8.count > 4000 }) {
      throw Defect(
        "a line of \(line.utf8.count) bytes: \(line.prefix(200)) ... \(line.suffix(100))")
    }
  }

  @Test func configurations() async throws {
    let seeds = try Seeds(
      HardwareConfig.presets.flatMap {
        [$0.config.json(), $0.config.json(onlyDifferences: true)]
      })
    await Campaign(name: "configurations", share: 200).run { random in
      let bytes = seeds.mutated(&random)
      if JSONText(parsing: bytes).problems.isEmpty {
        // What the strict reader accepts is JSON for Foundation's, which is laxer.
        _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      }
      do {
        try Self.check(HardwareConfig(json: bytes, file: "fuzz.json"))
        return .accepted
      } catch let error as InvalidConfig {
        try Self.check(error.problems)
        return .refused
      }
    }
  }

  /// What is accepted is a consistent machine and survives writing and reading.
  private static func check(_ config: HardwareConfig) throws {
    try require(config.problems() == [], "problems of what was accepted")
    try require(try HardwareConfig(json: config.json()) == config, "another one after writing")
    let machine = try Machine(config)
    let scratchpad = machine.scratchpadRows * machine.dim
    let accumulator = machine.accumulatorRows * machine.dim * 4
    try require(
      machine.dim == 1 << machine.dimLog2
        && machine.scratchpadBankRows * config.scratchpad.banks == machine.scratchpadRows
        && machine.accumulatorBankRows * config.accumulator.banks == machine.accumulatorRows
        && scratchpad == config.scratchpad.capacityKiB * 1024
        && accumulator == config.accumulator.capacityKiB * 1024
        && machine.beatBytes >= 1 && machine.maxBlockLength >= 1, "sizes that do not fit together")
  }

  @Test func baselines() async throws {
    let config = HardwareConfig().json(onlyDifferences: true)
    let seeds = try Seeds([BaselineSeed.text(config: config), BaselineSeed.text(config: "{}")])
    await Campaign(name: "baselines", share: 100).run { random in
      do {
        let baseline = try Baseline(json: seeds.mutated(&random), file: "fuzz.json")
        let text = baseline.text
        let again = try Baseline(json: Array(text.utf8), file: "again.json").text
        try require(again == text, "another one after writing")
        return .accepted
      } catch let error as InvalidBaseline {
        try Self.check(error.problems)
        return .refused
      }
    }
  }

  @Test func runFiles() async throws {
    let seeds = try Seeds(RunFileSeed.texts())
    await Campaign(name: "runs", share: 50).run { random in
      do {
        let run = try RunFile(json: seeds.mutated(&random), file: "fuzz.json")
        let again = try RunFile(json: Array(run.json().utf8), file: "again.json")
        try require(again == run, "another one after writing")
        // What reads run files has to live with whatever they say.
        switch random.below(3) {
        case 0: _ = HTMLReport.page([(name: "fuzz", run: run)])
        case 1: _ = run.report.text()
        default:
          let explanation = try Explanation(run)
          _ = explanation.text()
          _ = try explanation.json()
        }
        return .accepted
      } catch let error as InvalidRunFile {
        try Self.check(error.problems)
        return .refused
      }
    }
  }
}

enum RunFileSeed {
  /// Runs of a small product and of a small network.
  static func texts() throws -> [String] {
    let machine = try Machine(try #require(HardwareConfig.preset("gemmini-default")))
    let shape = Matmul(rows: 20, inner: 30, columns: 10)
    var source = TiledMatmul(try MatmulPlan(shape, on: machine))
    var options = RunOptions()
    options.carriesData = false
    let output = try Simulator.run(&source, on: machine, options: options)
    let product = RunFile(
      output, .matmul(shape: shape), ReportContext(title: "t", notes: ["n"]), on: machine)
    let steps = WorkloadSteps(try Workload(json: WorkloadSeed.layer))
    let program = RunProgram.network(
      workload: "layer.json", digest: steps.digest, tiles: [:], fusing: .all)
    let network = RunFile(try NetworkRun.report(steps, on: machine), program, on: machine)
    return try [product.json(), network.json()]
  }
}

enum BaselineSeed {
  /// A file with every key.
  static func text(config: String) -> String {
    """
    {
      "cases": {
        "a": {
          "config": "m",
          "expected": {
            "cycleModel": 1, "cycles": 30,
            "operators": [
              {"cycles": 10, "name": "q", "uses": {"array busy": 4, "loads": 6}},
              {"cycles": 20, "name": "k", "uses": {"loads": 20}}
            ]
          },
          "fuse": "softmax", "tolerance": 0.5, "workload": "bert-base:layers=1,sequence=16"
        },
        "b": {
          "config": "m",
          "expected": {
            "commands": [[4, 5, 7], [5, 6, -1]], "cycleModel": 1, "cycles": 9,
            "digest": "21ef2a9995905124", "fences": [8, 9], "uses": {"array busy": 9}
          },
          "trace": "../x.trace"
        },
        "c": {"config": "m", "matmul": "16x32x48"}
      },
      "configs": {"m": \(config)},
      "tolerance": 2
    }
    """
  }
}
