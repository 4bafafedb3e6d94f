import AccelSim
import Foundation
import Testing

@Suite struct CommandRecordFileTests {
  private static let text = """
    seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete
    0,ex,0,0,0x3f80000000010004,0x1000000000000,,4,5,7
    1,st,3,0,0x2,0x3c00000000000010,loop_ws,5,6,6
    2,ld,1,2,0x80100000,0x10001000000000,loop_conv,6,7,

    """

  private func read(_ text: String) throws -> [CommandRecord] {
    try CommandRecordFile.read(Array(text.utf8), file: "f.csv")
  }

  @Test func readsAndWrites() throws {
    let records = try read(Self.text)
    #expect(records.map(\.sequence) == [0, 1, 2])
    #expect(records.map(\.commandClass) == [.execute, .store, .load])
    #expect(records.map(\.origin) == [.host, .loopMatmul, .loopConv])
    #expect(
      records[1].slot == 3 && records[1].command == Command(.config, 2, 0x3C00_0000_0000_0010))
    #expect(records[0].allocated == 4 && records[0].issued == 5 && records[0].completed == 7)
    #expect(records[2].completed == -1)
    #expect(CommandRecordFile.text(records) == Self.text)
  }

  @Test func takesColumnsByName() throws {
    let records = try read(
      "x,complete,issue,alloc,source,rs2,rs1,funct,slot,queue,seq\r\n\"a,\"\"b\n\",9,8,7,,0x1,0x2,3,1,ld,5\r\n"
    )
    #expect(records.count == 1)
    #expect(
      CommandRecordFile.text(records)
        == "seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete\n5,ld,1,3,0x2,0x1,,7,8,9\n")
  }

  @Test(arguments: [
    ("", 1, "a column seq"), ("seq,queue\n", 1, "a column slot"),
    ("\(CommandRecordFile.header)\n1,2\n", 2, "10 fields"),
    (
      "\(CommandRecordFile.header)\n\n0,xx,0,0,0x0,0x0,,4,5,7\n", 3,
      "\"ex\", \"st\", \"nl\" in column queue"
    ),
    ("\(CommandRecordFile.header)\n0,ex,0,128,0x0,0x0,,4,5,7\n", 2, "0...127 in column funct"),
    ("\(CommandRecordFile.header)\n0,ex,0,0,0,0x0,,4,5,7\n", 2, "in column rs1"),
    ("\(CommandRecordFile.header)\n0,ex,0,0,0x0,0x/,,4,5,7\n", 2, "in column rs2"),
    ("\(CommandRecordFile.header)\n0,ex,0,0,0x0,0x0,,4,5,-7\n", 2, "a number in column complete"),
    ("\(CommandRecordFile.header)\n,ex,0,0,0x0,0x0,,4,5,7\n", 2, "a number in column seq"),
    ("\(CommandRecordFile.header)\n\"0,ex,0,0,0x0,0x0,,4,5,7\n", 2, "a quoted field"),
  ])
  func refuses(text: String, line: Int, expected: String) throws {
    let error = try #require(throws: TraceError.self) { try read(text) }
    #expect(
      error.file == "f.csv" && error.line == line && error.expected.contains(expected), "\(error)")
  }

  @Test(.enabled(if: Golden.isPresent, "needs ../shared/golden"))
  func goldenFilesRoundTrip() throws {
    for part in ["rtl", "rtl-random", "software"] {
      let folder = Golden.root + "/" + part + "/cmds/"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      let step = Seeded.isLongRun ? 1 : 300
      for index in Swift.stride(from: 0, to: names.count, by: step) {
        let bytes = try RecordedFile.read(folder + names[index])
        let records = try CommandRecordFile.read(bytes, file: names[index])
        // golden/rtl has carriage returns, the others not.
        let isEqual = CommandRecordFile.text(records).utf8.elementsEqual(bytes.filter { $0 != 13 })
        #expect(isEqual, "\(names[index])")
      }
    }
  }

  @Test(.enabled(if: Golden.isPresent, "needs ../shared/golden"))
  func goldenTables() throws {
    let rtl = try GoldenRow.read(path: Golden.root + "/rtl/golden.csv")
    #expect(rtl.count == 1334 && rtl.allSatisfy(\.isValid))
    let software = try GoldenRow.read(path: Golden.root + "/software/golden.csv")
    let cut = try #require(software.first { $0.trace == "conv_dw_linux" && $0.latency == 20 })
    #expect(!cut.isValid && cut.total == -65 && cut.fenceCycles.isEmpty && !cut.outputsMatch)
    #expect(cut.reason == "longer than the 1.5 M cycle limit, not a hang")
    #expect(cut.note == "TRAIN:dw; harness: max cycles reached, record 1470")
    for row in rtl + software where row.isValid {
      #expect(row.fenceCycles.last == row.total)
    }
    let random = try GoldenRow.read(path: Golden.root + "/rtl-random/golden.csv")
    for (rows, part) in [(rtl, "rtl"), (random, "rtl-random"), (software, "software")] {
      let files = Set(
        try FileManager.default.contentsOfDirectory(atPath: Golden.root + "/\(part)/cmds"))
      #expect(Set(rows.flatMap(\.commandsFiles)).isSuperset(of: files))
    }
  }
}

@Suite struct CommandComparisonTests {
  private func record(_ index: Int) -> CommandRecord {
    var record = CommandRecord(
      sequence: index, commandClass: .load, slot: index % 8,
      command: Command(.mvin, 0x8000_0000 + UInt64(index), 0), origin: .host,
      allocated: 10 * index + 4)
    record.issued = 10 * index + 5
    record.completed = 10 * index + 60
    return record
  }

  @Test func equalRecords() {
    let records = (0..<10).map(record)
    let comparison = CommandComparison(recorded: records, own: records)
    #expect(comparison.isExact && comparison.differing == 0)
    #expect(comparison.text() == "all 10 commands are equal in every column\n")
  }

  @Test func findsTheEarliestInTime() {
    let recorded = (0..<10).map(record)
    var own = recorded
    // Command 1 completes in cycle 70 instead of 71; command 4 issues in cycle 46 instead of 45.
    own[1].completed = 71
    own[4].issued = 46
    let comparison = CommandComparison(recorded: recorded, own: own)
    #expect(comparison.first == 4 && comparison.cycle == 45 && comparison.differing == 2)
    #expect(
      comparison.text(context: 1) == """
        first difference in cycle 45, command 4: mvin from=0x80000004 to=sp[0x0]
        issue recorded 45, here 46; 2 of 10 commands differ
          seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete
          3,ld,3,2,0x80000003,0x0,,34,35,90
        - 4,ld,4,2,0x80000004,0x0,,44,45,100
        + 4,ld,4,2,0x80000004,0x0,,44,46,100
          5,ld,5,2,0x80000005,0x0,,54,55,110

        """)
  }

  @Test func findsMissingCommands() {
    let records = (0..<3).map(record)
    let short = CommandComparison(recorded: records, own: Array(records.prefix(2)))
    #expect(short.first == 2 && short.cycle == 24 && short.differing == 1)
    #expect(short.text(context: 0).hasSuffix("- 2,ld,2,2,0x80000002,0x0,,24,25,80\n+ nothing\n"))
    let long = CommandComparison(recorded: [], own: records)
    #expect(long.first == 0 && long.differing == 3 && long.text().contains("not recorded"))
    var unfinished = records
    unfinished[0].completed = -1
    let hung = CommandComparison(recorded: records, own: unfinished)
    #expect(hung.first == 0 && hung.cycle == 60)
  }
}
