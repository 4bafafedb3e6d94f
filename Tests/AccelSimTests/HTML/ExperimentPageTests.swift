import Testing

@testable import AccelSim

/// Pages of sweeps and studies.
@Suite struct ExperimentPageTests {
  private static func sweep(
    _ axes: [String], _ objectives: [SweepObjective] = SweepReport.standardObjectives,
    workloads: [String] = ["alexnet"], constraints: [String] = []
  ) throws -> SweepReport {
    let plan = try SweepPlan(
      SweepPlanTests.request(axes, workloads: workloads, constraints: constraints))
    var outcomes: [Int: SweepOutcome] = [:]
    for point in plan.points {
      let machine = try plan.machine(of: point)
      outcomes[point.number] = .measured(
        SweepJournalTests.measurement(
          10_000_000 / machine.config.scratchpad.capacityKiB, sramBytes: machine.sramBytes))
    }
    outcomes[3] = .failed("too \"large\" <b>")
    outcomes[4] = nil
    return SweepReport(plan, outcomes, objectives: objectives)
  }

  private static let nine = [
    "accumulator.capacityKiB=32,64,128", "scratchpad.capacityKiB=64,128,256",
  ]

  @Test func aSweepHasMapsAndAFront() throws {
    let report = try Self.sweep(Self.nine, workloads: ["alexnet", "resnet50"])
    let text = HTMLReport.page(report)
    #expect(text == HTMLReport.page(report))
    let page = PageTests.check(text)
    #expect(page.all("section").count == 2)
    let cells = page.all("td").filter { $0.classes.contains("heat") }.map(\.text)
    #expect(cells.count == 18)
    #expect(cells.prefix(4) == ["156,250", "78,125", "error", "-"])
    // One point a machine that ran, in each of the two widths.
    let signs = page.elements.filter { $0.classes.contains("point") && $0.text.contains("point ") }
    #expect(signs.count == 2 * report.rows.count { $0.measurement != nil })
    let front = report.rows.count(where: \.isOnFront)
    #expect(page.all("td").count { $0.text == "yes" } == front)
    #expect(page.all("td").contains { $0.text == "too \"large\" <b>" })
  }

  @Test func oneAxisOneGoal() throws {
    let page = PageTests.check(
      HTMLReport.page(
        try Self.sweep(["scratchpad.capacityKiB=64,128,256"], [SweepObjective(.cycles)])))
    #expect(page.elements.allSatisfy { !$0.classes.contains("heat") })
    #expect(page.all("figure").map { $0.classes.last } == ["operators"])
  }

  /// What a constraint leaves out has a cell without a number.
  @Test func mapsHaveAllCells() throws {
    let report = try Self.sweep(
      Self.nine, constraints: ["scratchpad.capacityKiB + accumulator.capacityKiB <= 300"])
    let page = PageTests.check(HTMLReport.page(report))
    let cells = page.all("td").filter { $0.classes.contains("heat") }
    #expect(cells.count == 9)
    #expect(cells.count { $0.text == "-" } == 9 - report.rows.count + 1)
  }

  @Test func aStudyHasItsClaims() async throws {
    let text = """
      {"name": "s", "title": "A <i>study</i>", "source": "a test",
       "runs": {"counts": {"analyze": "bert-base:sequence=128"}},
       "claims": [
         {"id": "A1", "claim": "In & out", "source": "x", "note": "Cannot be.", "checks": [
           {"what": "in", "value": "counts.flops / 1000000000", "paper": "22", "from": 22, "to": 23},
           {"what": "out", "value": "counts.flops / 1000000000", "paper": "1", "to": 1,
            "outside": true}]},
         {"id": "B1", "claim": "Later", "source": "x", "pending": "Not yet."}]}
      """
    let study = try Study(json: Array(text.utf8), file: "s.json")
    let report = try await study.carryOut(jobs: 1)
    let page = PageTests.check(HTMLReport.page(report))
    #expect(page.all("h1")[0].text == "A <i>study</i>")
    #expect(page.elements.count { $0.classes.contains("claim") } == 2)
    let bands = page.all("svg").filter { $0.classes == ["band"] }
    #expect(bands.count == 2)
    #expect(bands[0].attributes["aria-label"]?.hasSuffix("inside") == true)
    #expect(bands[1].attributes["aria-label"]?.hasSuffix("outside") == true)
    // A circle inside, a bar outside.
    #expect(page.all("circle").count == 1)
    #expect(page.elements.count { $0.classes == ["outside-mark"] } == 1)
  }
}
