import Foundation
import Testing

@testable import AccelSim

@Suite struct ValidationTests {
  private static let header = "trace,config,latency,issue_gap,fence_cycles,total,outputs_match"

  /// One config_ld: idle 6 cycles after it was accepted (golden/rtl/README.md, section 4).
  private static let program = """
    gemmini-trace 1
    cmd 0 0x3f80000000100101 0x40
    fence

    """

  private func folder(
    _ rows: [String], traces: [String: String] = ["one": program], header: String = header
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/traces", withIntermediateDirectories: false)
    for (name, text) in traces { try folder.write(Array(text.utf8), "traces/\(name).trace") }
    let table = ([header] + rows).joined(separator: "\n") + "\n"
    try folder.write(Array(table.utf8), "golden.csv")
    return folder
  }

  private func validate(
    _ folder: TemporaryFolder, allowances: AllowanceList = AllowanceList()
  ) throws -> ValidationReport {
    let validator = Validator(folders: try GoldenFolder.find(at: folder.path))
    // Backwards: the report does not depend on the order of the work.
    return validator.report(validator.jobs.reversed().map(validator.run), allowances: allowances)
  }

  @Test func aRightRowPassesAndAWrongOneDoesNot() throws {
    let folder = try folder(["one,lean,20,1,6,6,none", "one,default,20,1,9,9,none"])
    let report = try validate(folder)
    let rows = try #require(report.folders.first).rows
    #expect(rows.map(\.isExact) == [true, false])
    #expect(rows.map(\.worstError) == [0, 3])
    #expect(!report.passes)
    let text = report.text()
    #expect(text.contains("one.default.lat20.gap1\n    fence 0: 6, recorded 9\n"))
    #expect(text.contains("FAILED: 1 rows are not"))
    #expect(!text.contains("one.lean"))
  }

  @Test func listedDeviationsAreAllowedUpToTheirCycles() throws {
    let folder = try folder(["one,default,20,1,9,9,none"])
    for (cycles, passes) in [(2, false), (3, true)] {
      let list = AllowanceList(
        markdown: """
          | trace | design | latency | gap | cycles | cause |
          |---|---|---|---|---|---|
          | `one` | default | 20 | 1 | \(cycles) | a test |
          """)
      #expect(list.count == 1)
      let report = try validate(folder, allowances: list)
      #expect(report.passes == passes)
    }
  }

  @Test func whatCannotRunIsReportedNotSkipped() throws {
    let folder = try folder(
      ["gone,lean,20,1,6,6,none", "bad,lean,20,1,6,6,none", "one,odd,20,1,6,6,none"],
      traces: ["one": Self.program, "bad": "gemmini-trace 1\nfrob\n"])
    let report = try validate(folder)
    let failures = report.folders[0].rows.map { $0.failure ?? "none" }
    #expect(failures[0].contains("a trace gone"))
    #expect(failures[1].contains("bad.trace:2"))
    #expect(failures[2].contains("a config of default, lean, found odd"))
    #expect(!report.passes)
  }

  @Test func aDifferentNumberOfFencesIsNotExact() throws {
    let folder = try folder(["one,lean,20,1,6 9,9,none"])
    let row = try validate(folder).folders[0].rows[0]
    #expect(!row.isExact)
    #expect(row.worstError == nil)
  }

  @Test func rowsMarkedInvalidDoNotCount() throws {
    let folder = try folder(
      ["one,lean,20,1,6,6,none,yes,", "one,lean,100,1,77,77,none,no,\"cut, off\""],
      header: Self.header + ",valid,reason")
    let report = try validate(folder)
    #expect(report.passes)
    #expect(report.folders[0].rows.count == 1)
    #expect(report.folders[0].invalidRows == 1)
  }

  @Test func commandsAreCompared() throws {
    let folder = try folder(["one,lean,20,1,6,6,none", "one,lean,100,1,6,6,none"])
    try FileManager.default.createDirectory(
      atPath: folder.path + "/cmds", withIntermediateDirectories: false)
    for (latency, issue) in [(20, 5), (100, 6)] {
      let text = """
        \(CommandRecordFile.header)
        0,ld,0,0,0x3f80000000100101,0x40,,4,\(issue),\(issue)

        """
      let name = "cmds/one.lean.lat\(latency).csv"
      try folder.write(Array(text.utf8), name)
      let gzip = Process()
      gzip.executableURL = URL(filePath: "/usr/bin/env")
      gzip.arguments = ["gzip", folder.path + "/" + name]
      try gzip.run()
      gzip.waitUntilExit()
    }
    let rows = try validate(folder).folders[0].rows
    #expect(rows.map(\.recordedCommands) == [1, 1])
    #expect(rows.map(\.exactCommands) == [1, 0])
    #expect(rows[0].isExact)
    #expect(!rows[1].isExact)
    #expect(rows[1].firstDivergence?.contains("4/5/5, recorded 4/6/6") == true)
  }

  @Test func foldersThatAreNone() throws {
    let empty = try TemporaryFolder()
    #expect(throws: TraceError.self) { try GoldenFolder.find(at: empty.path) }
    #expect(throws: TraceError.self) { try GoldenFolder.find(at: empty.path + "/none") }
    try empty.write(Array("trace,config\na,b\n".utf8), "golden.csv")
    #expect(throws: TraceError.self) { try GoldenFolder.find(at: empty.path) }
  }
}

@Suite struct ReportTests {
  @Test func numbersAreGroupedAndRounded() {
    #expect(TextFormat.grouped(0) == "0")
    #expect(TextFormat.grouped(-1_234_567) == "-1,234,567")
    #expect(TextFormat.grouped(.min) == "-9,223,372,036,854,775,808")
    #expect(TextFormat.fixed(2.345, 2) == "2.35")
    #expect(TextFormat.fixed(-0.004, 2) == "0.00")
    #expect(TextFormat.fixed(1234.5, 1) == "1,234.5")
    #expect(TextFormat.fixed(.nan, 1) == "-")
    #expect(TextFormat.percent(1, of: 8) == "12.5")
    #expect(TextFormat.percent(1, of: 0) == "-")
  }

  @Test func derivedFigures() {
    var result = RunResult()
    #expect(result.utilisation == 0)
    #expect(result.idealCycles == 0)
    result.cycles = 200
    result.peakMACsPerCycle = 256
    result.usefulMACs = 25_601
    #expect(result.idealCycles == 101)
    #expect(result.utilisation == 25_601.0 / 51_200)
  }
}
