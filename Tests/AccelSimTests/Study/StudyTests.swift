import Testing

@testable import AccelSim

@Suite struct StudyTests {
  private func study(_ text: String) throws(InvalidStudy) -> Study {
    try Study(json: Array(text.utf8), file: "study.json")
  }

  private static let product = """
    {
      "name": "product",
      "tensors": [
        {"name": "x", "shape": [32, 32], "role": "input"},
        {"name": "w", "shape": [32, 32], "role": "weight"}, {"name": "y", "shape": [32, 32]}
      ],
      "operators": [
        {"name": "p", "kind": "matmul", "inputs": ["x", "w"], "output": "y"}
      ]
    }
    """

  private static let small = """
    {
      "name": "small", "title": "A small study", "source": "a test",
      "set": {"memory.latency": 40},
      "runs": {
        "a": {"workload": \(product)},
        "slow": {"workload": \(product), "set": {"memory.latency": 90}},
        "counts": {"analyze": "bert-base:sequence=128"}
      },
      "claims": [
        {"id": "A1", "claim": "Counts", "source": "arithmetic", "checks": [
          {"what": "MACs", "value": "a.macs", "paper": "32768", "from": 32768, "to": 32768},
          {"what": "FLOPs", "value": "counts.flops / 1000000000", "paper": "22", "from": 22,
            "to": 23}
        ]},
        {"id": "A2", "claim": "A gap", "source": "nowhere", "note": "Cannot be.", "checks": [
          {"what": "cycles", "value": "a.operator.p.cycles", "paper": "1", "to": 1,
            "outside": true}
        ]},
        {"id": "B1", "claim": "Later", "source": "nowhere", "pending": "Not yet."}
      ]
    }
    """

  @Test func claimsAreMeasuredAndJudged() async throws {
    let small = try study(Self.small)
    try small.check()
    let report = try await small.selecting("A")?.carryOut(jobs: 2)
    let verdicts = try #require(report).claims.map(\.verdict)
    #expect(verdicts == [.reproduced, .knownOutside])
    #expect(report?.passes == true)
    let whole = try await small.carryOut(jobs: 1)
    #expect(whole.claims.last?.verdict == .pending)
    #expect(whole.claims[0].checks[0].measured == 32768)
    let again = try await small.carryOut(jobs: 3)
    let (one, other) = (try whole.json(), try again.json())
    #expect(one == other)
    let widest = whole.text().split(separator: "\n").map(\.count).max() ?? 0
    #expect(widest <= 80)
  }

  @Test func theStudysSettingsGiveWayToARunsOwn() throws {
    let small = try study(Self.small)
    var latencies: [Int] = []
    for run in small.runs {
      guard case .simulation(let simulation) = run.subject else { continue }
      latencies.append(try small.config(of: simulation).memory.latency)
    }
    #expect(latencies == [40, 90])
  }

  @Test func selectingKeepsTheRunsThatClaimsNeed() throws {
    let small = try study(Self.small)
    #expect(small.selecting("A1")?.runs.map(\.name) == ["a", "counts"])
    #expect(small.selecting("A")?.claims.map(\.id) == ["A1", "A2"])
    #expect(small.selecting("B1")?.runs.isEmpty == true)
    #expect(small.selecting("C") == nil)
  }

  @Test func gapsThatCloseAndNumbersThatLeaveTheirBandFail() async throws {
    let closed = Self.small.replacing("\"to\": 1,\n", with: "\"to\": 100000,\n")
    let gap = try await study(closed).carryOut(jobs: 1)
    #expect(gap.claims[1].verdict == .unexpectedlyInside)
    #expect(!gap.passes)
    let moved = Self.small.replacing("\"from\": 32768", with: "\"from\": 1")
      .replacing("\"to\": 32768", with: "\"to\": 2")
    let outside = try await study(moved).carryOut(jobs: 1)
    #expect(outside.claims[0].verdict == .outside)
    #expect(!outside.passes)
  }

  @Test func allProblemsOfAFileComeTogether() {
    let text = """
      {"name": "x", "title": "x", "sauce": "x", "runs": {
        "a b": {"workload": "bert-base:layers=x"},
        "c": {"config": "gemmini-default"},
        "d": {"analyze": "resnet50", "workload": "resnet50", "traffic": "ideals"}
      }, "claims": [
        {"id": "A", "claim": "x", "source": "x", "checks": [
          {"what": "x", "value": "e.cycles", "paper": "1"},
          {"what": "x", "value": "1 +", "paper": "1", "from": 2, "to": 1},
          {"what": "x", "value": "c.cycles +", "paper": "1", "from": 1, "to": 2}
        ]},
        {"id": "A", "claim": "x", "source": "x"}
      ]}
      """
    let error = #expect(throws: InvalidStudy.self) { try study(text) }
    let paths = Set(error?.problems.map(\.path) ?? [])
    for path in [
      "sauce", "runs.\"a b\"", "runs.\"a b\".workload", "runs.c", "runs.d.workload",
      "runs.d.traffic", "claims[0].checks[0].value", "claims[0].checks[0]",
      "claims[0].checks[1].to", "claims[0].checks[2].value", "claims[1].id", "claims[1]",
    ] {
      #expect(paths.contains(path), "\(path): \(paths.sorted())")
    }
    let unplaced = error?.problems.filter { $0.position == nil } ?? []
    #expect(unplaced.isEmpty, "\(unplaced)")
  }

  @Test func runsThatCannotBeAreNamedBeforeAnythingRuns() throws {
    let broken = Self.small.replacing("bert-base:sequence=128", with: "bert-base:sequences=128")
      .replacing("\"memory.latency\": 40", with: "\"memory.latencies\": 40")
    let error = #expect(throws: StudyError.self) { try study(broken).check() }
    let text = error?.description ?? ""
    #expect(text.contains("run 'a'") && text.contains("memory.latency"))
    #expect(text.contains("run 'counts'"))
  }

  @Test func aFormulaWithoutAValueIsOutsideEveryBand() async throws {
    let divided = Self.small.replacing("\"a.macs\"", with: "\"a.macs / (a.cycles - a.cycles)\"")
      .replacing("\"from\": 32768, \"to\": 32768", with: "\"from\": 1")
    let report = try await study(divided).carryOut(jobs: 1)
    #expect(report.claims[0].checks[0].verdict == .outside)
    #expect(report.claims[0].checks[0].measured == nil)
    #expect(report.text().contains("no number"))
  }

  @Test func valuesForAllRunsReachAllRuns() throws {
    let small = try study(Self.small)
    let shared = try small.setting([ConfigAssignment(path: "dma.maxInFlight", value: "32")])
    #expect(shared.settings.map(\.description) == ["memory.latency=40", "dma.maxInFlight=32"])
    for wrong in ["memory.latency=60", "memory.latencies=60", "dma.maxInFlight=many"] {
      let assignment = try #require(ConfigAssignment(wrong))
      #expect(throws: StudyError.self) { try small.setting([assignment]) }
    }
  }

  @Test(arguments: [
    ("a.macs", "a.cycels", "a.cycles"), ("a.macs", "a.group.attension.macs", "a.group.attention"),
    ("a.macs", "a.operator.p.cycle", "a.operator.p.cycles"),
    ("a.macs", "a.host.softmx", "a.host.softmax"),
    ("counts.flops", "counts.cycles", nil), ("a.macs", "a", nil), ("a.macs", "a.b.c.d", nil),
  ])
  func misspeltQuantitiesAreFoundBeforeAnythingRuns(
    _ right: String, _ wrong: String, _ suggestion: String?
  ) {
    let error = #expect(throws: InvalidStudy.self) {
      try study(Self.small.replacing(right, with: wrong))
    }
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.suggestion == suggestion)
  }

  @Test func quantitiesThatDoNotExistAreErrors() async throws {
    let broken = try study(Self.small.replacing("a.macs", with: "a.operator.q.cycles"))
    await #expect(throws: StudyError.self) { try await broken.carryOut(jobs: 1) }
  }

  @Test func theBuiltInStudyIsInOrder() throws {
    for (name, json) in Study.builtIn {
      let study = try Study(json: json, file: name)
      let used = Set(
        study.claims.flatMap(\.checks).flatMap(\.value.names).map {
          Study.run(of: $0.text)
        })
      let spare = study.runs.map(\.name).filter { !used.contains($0) }
      #expect(spare.isEmpty, "runs that no claim needs")
      let ids = study.claims.map(\.id)
      for id in ["W1", "W5", "G1", "G8", "G10", "G11", "M1", "M4", "F1", "F7"] {
        #expect(ids.contains(id))
      }
    }
  }
}
