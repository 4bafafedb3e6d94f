import Foundation
import Testing

@testable import AccelSim

@Suite struct SweepReportTests {
  // MARK: Pareto front

  /// Every row against every other.
  private func bruteForce(_ costs: [[Double]]) -> [Int] {
    costs.indices.filter { index in
      !costs.contains { other in
        zip(other, costs[index]).allSatisfy { $0 <= $1 }
          && zip(other, costs[index]).contains { $0 < $1 }
      }
    }
  }

  @Test func frontsAreThoseOfTheDefinition() {
    var random = SplitMix(state: 0x5EED_9A2E)
    for round in 0..<300 {
      let (rows, columns) = (random.next(in: 0...40), random.next(in: 1...4))
      // Few values, so that many are equal.
      let largest = round % 2 == 0 ? 4 : 1000
      let costs = (0..<rows).map { _ in
        (0..<columns).map { _ in Double(random.next(in: -largest...largest)) }
      }
      #expect(ParetoFront.indices(costs) == bruteForce(costs), "\(costs)")
    }
  }

  // MARK: Reports

  /// Cycles fall with the scratchpad, bytes rise with both.
  private static func report(
    _ axes: [String], workloads: [String] = ["alexnet"], constraints: [String] = [],
    _ objectives: [SweepObjective] = SweepReport.standardObjectives, mapped: SweepMetric = .cycles,
    leavingOut: Set<Int> = []
  ) throws -> SweepReport {
    let plan = try SweepPlan(
      SweepPlanTests.request(axes, workloads: workloads, constraints: constraints))
    var outcomes: [Int: SweepOutcome] = [:]
    for point in plan.points where !leavingOut.contains(point.number) {
      let machine = try plan.machine(of: point)
      var result = SweepJournalTests.measurement(
        10_000_000 / machine.config.scratchpad.capacityKiB, sramBytes: machine.sramBytes)
      result.hostCycles = machine.config.memory.latency
      outcomes[point.number] = .measured(result)
    }
    if outcomes[3] != nil { outcomes[3] = .failed("too \"large\",\nby far") }
    return SweepReport(plan, outcomes, objectives: objectives, mapped: mapped)
  }

  private static let nine = [
    "accumulator.capacityKiB=32,64,128", "scratchpad.capacityKiB=64,128,256",
  ]

  @Test func theFrontIsOfEachWorkloadAndSize() throws {
    let report = try Self.report(Self.nine, workloads: ["alexnet", "resnet50"])
    let front = report.rows.filter(\.isOnFront).map(\.point.number)
    // Point 3, the fastest of the small accumulators, failed.
    #expect(front == [1, 2, 6, 10, 11, 12])
    let sizes = try Self.report(
      ["workload.sequence=8,16", "scratchpad.capacityKiB=64,128"],
      workloads: ["bert-base:layers=1"],
      [SweepObjective(.cycles)])
    #expect(sizes.rows.filter(\.isOnFront).map(\.point.number) == [2, 4])
    let most = try Self.report(Self.nine, [SweepObjective(.sramBytes, isMaximised: true)])
    #expect(most.rows.filter(\.isOnFront).map(\.point.number) == [9])
  }

  @Test func filesAreTables() throws {
    let report = try Self.report(Self.nine)
    let table = try CSVTable(Array(report.csv.utf8), file: "sweep.csv")
    #expect(table.rows.count == 9)
    #expect(
      table.columns.prefix(5) == [
        "point", "workload", "accumulator.capacityKiB", "scratchpad.capacityKiB", "cycles",
      ])
    let error = try table.column("error")
    #expect(table.rows[2].fields[error] == "too \"large\",\nby far")
    #expect(table.rows[2].fields[try table.column("cycles")] == "")
    #expect(try table.number(table.rows[3], table.column("cycles")) == 156_250)
    let share = table.rows[3].fields[try table.column("utilisation")]
    #expect(share == "0.500000")
    #expect(
      try table.rows.map { $0.fields[try table.column("pareto")] } == [
        "1", "1", "", "0", "0", "1", "0", "0", "0",
      ])
    let object = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]
    let points = try #require(object?["points"] as? [[String: Any]])
    #expect(points.count == 9)
    #expect(points[3]["cycles"] as? Int == 156_250 && points[3]["pareto"] as? Bool == false)
    #expect((points[3]["values"] as? [String: Int])?["accumulator.capacityKiB"] == 64)
    #expect(points[2]["error"] as? String == "too \"large\",\nby far")
  }

  @Test func textFitsAPage() throws {
    let latencies = (1...30).map { "\($0 * 1000)" }.joined(separator: ",")
    let reports = [
      try Self.report(Self.nine),
      try Self.report(["memory.latency=\(latencies)", "scratchpad.capacityKiB=64,128"]),
      try Self.report(["scratchpad.capacityKiB=64,128", "memory.latency=\(latencies)"]),
      try Self.report(
        Self.nine + [
          "memory.latency=1,2", "array.dataflow=weightStationary,both", "dma.busBits=64",
        ]),
      try Self.report(
        Self.nine + [
          "memory.latency=1,2", "array.dataflow=weightStationary,both", "dma.busBits=64",
          "features.maxPool=true,false", "host.issueInterval=1", "queues.load=8", "queues.store=2",
          "queues.execute=8", "dma.maxInFlight=16", "array.outputDelay=1", "moveIn.scaleLatency=4",
          "moveOut.scaleLatency=4", "scratchpad.readDelay=4", "accumulator.latency=2",
        ], SweepMetric.allCases.map { SweepObjective($0) }),
      try Self.report([], workloads: ["alexnet", "resnet50"]),
      try Self.report(Self.nine, leavingOut: [4, 5]),
    ]
    for report in reports {
      let text = report.text()
      let tooLong = text.split(separator: "\n").map { String($0) }.filter { $0.count > 80 }
      #expect(tooLong.isEmpty)
      let trailing = text.split(separator: "\n").map { String($0) }.filter { $0.hasSuffix(" ") }
      #expect(trailing.isEmpty)
    }
    #expect(reports[6].text().contains("9 points, 2 of them not finished\n"))
  }

  @Test func mapsShadeFromTheLeastToTheMost() throws {
    let report = try Self.report(
      ["memory.latency=10,20", "scratchpad.capacityKiB=64,128,256"], mapped: .hostCycles)
    let lines = report.text().split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("hostCycles, darker is more") })
    let cells = lines[(start + 3)...(start + 4)].map { line in
      line.split(separator: " ").map(String.init)
    }
    #expect(cells == [["10", "10", "10", "error"], ["20", "20", "█", "20", "█", "20", "█"]])
    // One map for each value of the third axis.
    let third = try Self.report(Self.nine + ["memory.latency=1,2"])
    let headings = third.text().split(separator: "\n").filter { $0.hasPrefix("cycles, darker") }
    #expect(
      headings == [
        "cycles, darker is more: memory.latency=1", "cycles, darker is more: memory.latency=2",
      ])
  }

  @Test func ofManyPointsTheFrontIsShown() throws {
    let latencies = (1...60).map(String.init).joined(separator: ",")
    let text = try Self.report(["scratchpad.capacityKiB=64,128", "memory.latency=\(latencies)"])
      .text()
    #expect(text.contains("The Pareto front of 120 points\n"))
    #expect(text.contains("1 point failed:\n  3: too"))
  }
}
