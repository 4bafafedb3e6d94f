import Testing

@testable import AccelSim

@Suite struct ComparisonTests {
  private static func run(_ preset: String, _ index: Int, workload: Workload) throws
    -> Comparison.Run
  {
    let machine = try NetworkCheckTests.machine(preset)
    let report = try NetworkRun.report(WorkloadSteps(workload), on: machine)
    return Comparison.Run(index: index, config: preset, machine: machine, report: report)
  }

  /// Machines whose runs differ in placement, size of the array, memories and revision.
  private static let presets = ["gemmini-default", "gemmini-ibert", "gemmini-fp", "gemmini-8x8"]

  @Test func everyCycleHasOneUse() throws {
    for preset in Self.presets {
      for workload in [try NetworkCheckTests.layer(), try NetworkCheckTests.network()] {
        if preset == "gemmini-ibert" && workload.name == "cnn" { continue }
        let report = try Self.run(preset, 0, workload: workload).report
        for row in report.operators {
          #expect(row.cycleUses.values.reduce(0, +) == row.cycles, "\(preset) \(row.name)")
        }
        #expect(CycleDifference.uses(report).values.reduce(0, +) == report.cycles)
        #expect(report.operators.reduce(0) { $0 + $1.cycles } == report.cycles)
      }
    }
  }

  @Test func usesOfTheHostAreItsAccount() throws {
    let report = try Self.run("gemmini-default", 0, workload: NetworkCheckTests.layer()).report
    let uses = CycleDifference.uses(report)
    let conversion = report.hostCycles.first { $0.activity == .conversion }?.cycles ?? 0
    let host = report.hostCycles.reduce(0) { $0 + $1.cycles }
    // A fence stands before all work of the host in a network, so nothing hides it.
    #expect(uses[CycleUse.hostConversion.name] == conversion)
    #expect(uses[CycleUse.hostWork.name] == host - conversion)
  }

  @Test func differencesAddUp() throws {
    let runs = try Self.presets.enumerated().map {
      try Self.run($1, $0, workload: NetworkCheckTests.layer())
    }
    for base in runs {
      for other in runs {
        let difference = CycleDifference(other.report, from: base.report)
        let cycles = other.report.cycles - base.report.cycles
        #expect(difference.cycles == cycles)
        #expect(difference.uses.reduce(0) { $0 + $1.cycles } == cycles)
        #expect(difference.operators.reduce(0) { $0 + $1.cycles } == cycles)
        for stem in difference.operators {
          #expect(stem.uses.reduce(0) { $0 + $1.cycles } == stem.cycles)
          #expect((stem.other ?? 0) - (stem.base ?? 0) == stem.cycles)
          #expect(stem.base != nil || stem.other != nil)
        }
        for use in CycleUse.allCases.map(\.name) {
          let parts = difference.operators.reduce(0) { sum, stem in
            sum + stem.uses.reduce(0) { $0 + ($1.reason == use ? $1.cycles : 0) }
          }
          #expect(parts == difference.uses.first { $0.reason == use }?.cycles ?? 0)
        }
        if base.index == other.index {
          #expect(difference.uses.isEmpty)
          #expect(!difference.operators.contains { $0.cycles != 0 || !$0.uses.isEmpty })
        }
      }
    }
    let softmax = CycleDifference(runs[1].report, from: runs[0].report).operators.first {
      $0.stem == "softmax"
    }
    #expect(softmax?.inside == "scores" && softmax?.other == nil)
  }

  @Test func textFitsAndItsRowsAddUp() throws {
    let runs = try (Self.presets + Self.presets.prefix(2)).enumerated().map {
      try Self.run($1, $0, workload: NetworkCheckTests.layer())
    }
    for count in 1...runs.count {
      let text = Comparison("layer", Array(runs.prefix(count))).text()
      let tooLong = text.split(separator: "\n").filter { $0.count > 80 }
      #expect(tooLong.isEmpty, "\(tooLong)")
      // The third column of numbers of both tables of two machines: parts, then their sum.
      guard count == 2 else { continue }
      for title in ["What every cycle went to", "Operators by difference"] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(title) })
        let table = lines[(start + 1)...].prefix { !$0.isEmpty }
        let values = table.map { line in
          let words = line.split(separator: " ").filter { $0 != "-" }
          return (
            indent: line.prefix { $0 == " " }.count,
            value: Int(words[words.count - 2].filter { $0 != "," && $0 != "+" }) ?? .max
          )
        }
        let parts = values.dropLast().filter { $0.indent == 2 }.reduce(0) { $0 + $1.value }
        #expect(parts == values.last?.value)
      }
    }
  }

  @Test func csvReadsBack() throws {
    let runs = try Self.presets.prefix(3).enumerated().map {
      try Self.run($1, $0, workload: NetworkCheckTests.layer())
    }
    let report = ComparisonReport([Comparison("a, \"quoted\" name", runs)])
    let table = try CSVTable(Array(report.csv.utf8), file: "csv")
    let (cycles, difference) = (try table.column("cycles"), try table.column("difference"))
    let (config, name) = (try table.column("config"), try table.column("operator"))
    for run in runs {
      let rows = table.rows.filter { $0.fields[config] == run.config }
      #expect(rows.allSatisfy { $0.fields[0] == "a, \"quoted\" name" })
      let whole = try #require(rows.first { $0.fields[name].isEmpty })
      #expect(try table.number(whole, cycles) == run.report.cycles)
      let parts = try rows.filter { !$0.fields[name].isEmpty }.map { try table.number($0, cycles) }
      #expect(parts.reduce(0, +) == run.report.cycles)
      #expect(
        try table.number(whole, difference) == run.report.cycles - runs[0].report.cycles)
      let uses = try CycleUse.allCases.map { try table.number(whole, table.column($0.name)) }
      #expect(uses.reduce(0, +) == run.report.cycles)
    }
    #expect(Set(table.rows.map { table.columns.count == $0.fields.count }) == [true])
  }

  @Test func labelsAreThoseOfColumnsInASpreadsheet() {
    #expect(
      [0, 1, 25, 26, 27, 701, 702].map(Comparison.label) == [
        "A", "B", "Z", "AA", "AB", "ZZ", "AAA",
      ])
  }

  @Test func sramBytes() throws {
    #expect(try Machine(HardwareConfig()).sramBytes == (256 + 64) * 1024)
    #expect(try NetworkCheckTests.machine("gemmini-chip").sramBytes == (64 + 32) * 1024)
  }
}

@Suite struct ConfigRequestTests {
  @Test func wordsReadBack() throws {
    for word in [
      "gemmini-default", "a/b.json", "gemmini-default:accumulator.capacityKiB=256",
      "a:b/c.json:dma.busBits=64,host.core=boom", "no:assignment",
    ] {
      #expect(try ConfigRequest(word).description == word)
    }
    let request = try ConfigRequest("a:b.json:dma.busBits=64,host.core=boom")
    #expect(request.name == "a:b.json")
    #expect(request.assignments.map(\.value) == ["64", "boom"])
  }

  @Test func everyWrongPartIsNamed() {
    let error = #expect(throws: InvalidConfig.self) {
      try ConfigRequest("gemmini-default:a=1,b,=2,")
    }
    #expect(error?.problems.map(\.found) == ["\"b\"", "\"=2\"", "\"\""])
  }
}
