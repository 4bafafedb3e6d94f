import Testing

@testable import AccelSim

@Suite struct BaselineFileTests {
  /// A file with every key, as the writer writes it, but for its machine.
  static func text(config: String = "{}") -> String {
    """
    {
      "cases": {
        "a": {
          "config": "m",
          "expected": {
            "cycleModel": 1,
            "cycles": 30,
            "operators": [
              {"cycles": 10, "name": "q", "uses": {"array busy": 4, "loads": 6}},
              {"cycles": 20, "name": "k", "uses": {"loads": 20}}
            ]
          },
          "fuse": "softmax",
          "tolerance": 0.5,
          "workload": "bert-base:layers=1,sequence=16"
        },
        "b": {
          "config": "m",
          "expected": {
            "commands": [
              [4, 5, 7],
              [5, 6, -1]
            ],
            "cycleModel": 1,
            "cycles": 9,
            "digest": "21ef2a9995905124",
            "fences": [8, 9],
            "uses": {"array busy": 9}
          },
          "trace": "../x.trace"
        },
        "c": {
          "config": "m",
          "matmul": "16x32x48"
        }
      },
      "configs": {
        "m": \(config)
      },
      "tolerance": 2
    }

    """
  }

  static func problems(_ text: String) -> [String] {
    do {
      _ = try Baseline(json: Array(text.utf8), file: "b.json")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func everyValueIsRead() throws {
    let baseline = try Baseline(json: Array(Self.text().utf8), file: "b.json")
    #expect(baseline.tolerance == 2)
    #expect(baseline.configs == ["m": HardwareConfig()])
    #expect(baseline.cases.map(\.name) == ["a", "b", "c"])
    #expect(baseline.cases.map(\.line) == [3, 17, 32])
    let network = try #require(baseline.cases[0].expected)
    #expect(baseline.cases[0].tolerance == 0.5)
    #expect(network.operators.map(\.name) == ["q", "k"])
    #expect(network.operators.map(\.line) == [9, 10])
    #expect(network.operators[0].uses == ["array busy": 4, "loads": 6])
    let trace = try #require(baseline.cases[1].expected)
    #expect(trace.fences == [8, 9])
    #expect(trace.commands[1] == .init(allocated: 5, issued: 6, completed: -1))
    #expect(baseline.cases[1].path == "../x.trace")
    #expect(baseline.cases[2].expected == nil)
  }

  @Test func readingAndWritingGivesTheSameBytes() throws {
    let written = try Baseline(json: Array(Self.text().utf8), file: "b.json").text
    #expect(try Baseline(json: Array(written.utf8), file: "b.json").text == written)
    // All but the machine, of which every value is written, is as it was.
    let start = try #require(written.range(of: "\"m\": {"))
    let expected = Self.text()
    let place = try #require(expected.range(of: "\"m\": {"))
    #expect(written[..<start.lowerBound] == expected[..<place.lowerBound])
    #expect(written.hasSuffix("\n  },\n  \"tolerance\": 2\n}\n"))
    #expect(written.contains("\"memory\": {"))
    #expect(!written.contains(where: { $0 == "\t" }))
  }

  @Test func everyPresetKeepsItsValue() throws {
    var baseline = Baseline()
    for preset in HardwareConfig.presets {
      let item = BaselineCase(
        name: preset.config.name, config: "", subject: .matmul(rows: 1, inner: 1, columns: 1))
      baseline.add(item, config: preset.config, named: preset.config.name)
    }
    let again = try Baseline(json: Array(baseline.text.utf8), file: "b.json")
    #expect(again.configs == baseline.configs)
    #expect(again.text == baseline.text)
  }

  @Test func problemsComeTogetherWithTheirLines() {
    let text = """
      {"cases": {
        "a": {"config": "n", "workload": "bert-bse", "tolerance": -1},
        "b": {"config": "m", "matmul": "1x2", "fuse": "all", "expcted": {}},
        "c": {"config": "m", "trace": "x", "matmul": "1x2x3"},
        "d": {"config": "m", "expected": {"cycles": 1.5, "operators": [{"name": 3}]}},
        "e": {"config": "m", "trace": "x", "expected": {"cycleModel": 1, "cycles": 1,
          "commands": [[1, 2]]}}},
       "configs": {"m": {"memory": {"latenzy": 5}}}}
      """
    let problems = Self.problems(text)
    let expected = [
      "b.json:2:19: cases.a.config: found \"n\"; expected a name of \"configs\"; did you mean \"m\"?",
      "b.json:2:36: cases.a.workload: found bert-bse: an unknown workload; expected one of ",
      "b.json:2:61: cases.a.tolerance: found -1; expected percent, 0 to 100",
      "b.json:3:34: cases.b.matmul: found \"1x2\"; expected three sizes such as \"128x768x768\"",
      "b.json:3:49: cases.b.fuse: found \"all\"; expected nothing: it is for workloads",
      "b.json:3:56: cases.b.expcted: found an unknown key; expected a key of cases.b; "
        + "did you mean expected?",
      "b.json:4:8: cases.c: found trace and matmul; expected one of workload, trace, matmul",
      "b.json:5:8: cases.d: found nothing that runs; expected one of workload, trace, matmul",
      "b.json:5:36: cases.d.expected: found no key \"cycleModel\"; expected it to be there",
      "b.json:5:47: cases.d.expected.cycles: found 1.5; expected a whole number of at least 0",
      "b.json:5:66: cases.d.expected.operators[0]: found no key \"cycles\"; expected it to be there",
      "b.json:5:75: cases.d.expected.operators[0].name: found 3; expected text",
      "b.json:7:18: cases.e.expected.commands[0]: found a list; expected the cycles [allocated, "
        + "issued, completed], -1 for never",
      "b.json:8:31: configs.m.memory.latenzy: found an unknown key; expected a key of memory; "
        + "did you mean latency?",
    ]
    #expect(problems.count == expected.count)
    for (problem, beginning) in zip(problems, expected) {
      #expect(problem.hasPrefix(beginning), "\(problem)")
    }
    #expect(
      Self.problems("{}") == [
        "b.json:1:1: found no key \"cases\"; expected it to be there",
        "b.json:1:1: found no key \"configs\"; expected it to be there",
      ])
    #expect(Self.problems("[1,").count > 0)
    #expect(Self.problems("{\"cases\": [], \"configs\": 7}").count == 2)
    // A message stays a line, whatever the file says.
    let long = String(repeating: "x", count: 5000)
    let lines = Self.problems(
      #"{"cases": {"a": {"config": "\#(long)", "workload": "\#(long)"}}, "configs": {"m": {}}}"#)
    #expect(lines.count == 2 && lines.allSatisfy { $0.utf8.count < 500 })
  }

  @Test func aFileThatIsNotThereIsNoProblemOfTheBaseline() throws {
    let text =
      #"{"cases": {"a": {"config": "m", "workload": "no/such.json"}}, "configs": {"m": {}}}"#
    let baseline = try Baseline(json: Array(text.utf8), file: "b.json")
    guard case .failed(let reason) = baseline.outcome(of: baseline.cases[0], in: ".") else {
      Issue.record("it ran")
      return
    }
    #expect(reason.contains("no/such.json") && !reason.contains("\n"))
  }

  @Test func accountsThatDoNotAddUpAreFound() throws {
    let machine = try NetworkCheckTests.machine("gemmini-ibert")
    let steps = WorkloadSteps(try NetworkCheckTests.layer())
    let report = try NetworkRun.report(steps, on: machine)
    #expect(BaselineMeasurement(report).imbalances.isEmpty)
    var wrong = report
    wrong.operators[1].cycleUses["loads", default: 0] += 1
    let name = report.operators[1].name
    let cycles = report.operators[1].cycles
    #expect(
      BaselineMeasurement(wrong).imbalances
        == ["what the cycles of \(name) went to: \(cycles + 1) of \(cycles) cycles"])
    wrong = report
    wrong.units[2].reasons[0].cycles -= 1
    #expect(
      BaselineMeasurement(wrong).imbalances
        == ["reasons of unit store: \(report.cycles - 1) of \(report.cycles) cycles"])
    wrong = report
    wrong.operators.removeLast()
    #expect(BaselineMeasurement(wrong).imbalances.count == 1)
  }

  @Test func halfACheckSaysNothing() async throws {
    let baseline = try Baseline(json: Array(Self.text().utf8), file: "b.json")
    let check = BaselineCheck([.init(path: "b.json", baseline: baseline)], only: { $0 != "b" })
    #expect(check.count == 2)
    let result = await check.run(jobs: 2, goesOn: { false })
    #expect(result == nil)
  }

  @Test func casesShareMachinesByValue() {
    var baseline = Baseline()
    let subject = BaselineCase.Subject.matmul(rows: 1, inner: 2, columns: 3)
    var other = HardwareConfig()
    other.memory.latency = 7
    func add(_ name: String, _ config: HardwareConfig) -> String {
      baseline.add(
        BaselineCase(name: name, config: "", subject: subject), config: config, named: "m"
      ).config
    }
    #expect(add("a", HardwareConfig()) == "m")
    #expect(add("b", HardwareConfig()) == "m")
    // The file of that name has been edited since: what was recorded keeps its meaning.
    #expect(add("c", other) == "m (2)")
    #expect(add("d", other) == "m (2)")
    #expect(baseline.configs.count == 2 && baseline.cases.map(\.name) == ["a", "b", "c", "d"])
    #expect(add("a", other) == "m (2)")
    #expect(add("b", other) == "m")
    #expect(baseline.configs == ["m": other, "m (2)": other])
  }
}
