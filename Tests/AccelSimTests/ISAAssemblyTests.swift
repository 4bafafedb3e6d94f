import AccelSim
import Foundation
import SystolicCore
import Testing

@Suite struct ISAAssemblyTests {
  private func records(_ text: String) throws -> [TraceRecord] {
    var assembler = Assembler(Array(text.utf8), file: "f.s")
    var records: [TraceRecord] = []
    while let record = try assembler.next() { records.append(record) }
    return records
  }

  @Test func readsWhatAPersonWrites() throws {
    let records = try records(
      """
      # one tile
      load 0x80100000 a.bin
      config_ex dataflow=ws a_stride=1 c_stride=1 scale=1.0
      mvin from=0x80100000 rows=16 cols=64 to=sp[16]   # A
      preload b=sp[0x20] b_rows=16 b_cols=16 c=acc+[0x40].full c_rows=16 c_cols=16
      compute_preloaded a=sp[0] a_rows=16 a_cols=16 b=garbage b_rows=16 b_cols=16
      config_st scale=0xffffffff activation=relu stride=16
      loop_ws accumulate activation=softmax
      \tfence
      check 0x80100000 4 a.bin
      cmd 33 0x1 0x2
      """)
    #expect(
      records == [
        .load(address: 0x8010_0000, file: "a.bin"),
        .command(Command(.config, 0x3F80_0000_0001_0004, 0x0001_0000_0000_0000)),
        .command(Command(.mvin, 0x8010_0000, 0x0010_0040_0000_0010)),
        .command(Command(.preload, 0x0010_0010_0000_0020, 0x0010_0010_E000_0040)),
        .command(Command(.computePreloaded, 0x0010_0010_0000_0000, 0x0010_0010_FFFF_FFFF)),
        .command(Command(.config, 0x6, 0xFFFF_FFFF_0000_0010)),
        .command(Command(.loopMatmul, 0x401, 0)), .fence,
        .check(address: 0x8010_0000, count: 4, file: "a.bin"),
        .command(Command(funct: 33, rs1: 1, rs2: 2)),
      ])
  }

  @Test func writesWhatAPersonReads() {
    let disassembler = Disassembler()
    #expect(
      disassembler.text(Command(.mvin, 0x8010_0000, 0x0010_0040_0000_0010))
        == "mvin from=0x80100000 rows=16 cols=64 to=sp[0x10]")
    #expect(
      disassembler.text(Command(.config, 0x3F80_0000_0010_0101, 0x40))
        == "config_ld pixel_repeats=1 block_stride=16 scale=1.0 stride=64")
    #expect(disassembler.text(Command(.flush, 0x10, 0x1)) == "flush reserved1=0x10 reserved2=0x1")
    #expect(disassembler.text(Command(funct: 99, rs1: 16, rs2: 0)) == "cmd 99 0x10 0x0")
    let config = Command(.loopConvConfig3, 0, 5)
    #expect(disassembler.text(config) == "loop_conv_ws_3 in_cols=5")
    #expect(
      Disassembler(encoding: .square).text(config) == "loop_conv_ws_3_square plpad=5")
  }

  @Test(arguments: ConvEncoding.allCases)
  func everyCommandRoundTrips(encoding: ConvEncoding) throws {
    var random = Seeded(11)
    let disassembler = Disassembler(encoding: encoding)
    for index in 0..<Seeded.iterations(2_000) {
      let command = Command(
        funct: UInt8(index & 127), rs1: random.next() & (index & 128 == 0 ? .max : random.next()),
        rs2: random.next() & (index & 256 == 0 ? .max : random.next()))
      let text = disassembler.text(command)
      #expect(try records(text) == [.command(command)], "\(text)")
    }
  }

  @Test func everyLocalAddressRoundTrips() {
    var random = Seeded(13)
    for index in 0..<2_000 {
      // All 64 settings of the flags, with rows at the ends and between.
      let row = [0, 1, 0x3FF_FFFF, UInt32(truncatingIfNeeded: random.next())][index & 3]
      let address = LocalAddress(bits: UInt32(index >> 2 & 63) << 26 | row & 0x3FF_FFFF)
      #expect(LocalAddress(assembly: address.assembly) == address, "\(address.assembly)")
    }
    for text in [
      "", "sp", "sp[", "sp[]", "sp[0x]", "sp[-1]", "sp[67108864]", "acc[1]x", "+[1]",
      "acc[1].norm8", "acc[1].norm0", "acc[1].norm", "garbage1", "spacc[1]",
    ] {
      #expect(LocalAddress(assembly: text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("mvn from=0x1 to=sp[0]", 1, "a command or record", "\"mvn\"", "mvin"),
    ("  confg_ex", 3, "a command or record", "\"confg_ex\"", "config_ex"),
    ("zzzzzz", 1, "a command or record", "\"zzzzzz\"", nil),
    ("mvin from=0x1 row=1 to=sp[0]", 15, "a key of mvin", "\"row\"", "rows"),
    ("mvin from=0x1 rows=65536 to=sp[0]", 20, "a number 0...65535", "\"65536\"", nil),
    ("mvin from=0x1 rows=-1 to=sp[0]", 20, "a number 0...65535", "\"-1\"", nil),
    ("mvin from=0x1 rows to=sp[0]", 15, "rows=VALUE", "\"rows\"", nil),
    ("mvin rows=1 to=sp[0]", 1, "from=...", "none", nil),
    ("mvin from=0 to=sp(0)", 16, "sp[N]", "\"sp(0)\"", nil),
    ("mvin from=0 from=0 to=sp[0]", 13, "each key once", "\"from\" again", nil),
    ("config_ex dataflow=is", 20, "os or ws", "\"is\"", nil),
    ("config_ex dataflow=os scale=nan", 29, "a finite float", "\"nan\"", nil),
    ("flush skip=2", 12, "0 or 1", "\"2\"", nil),
    ("flush reserved1=1", 17, "bits of 0xfffffffffffffffe", "\"1\"", nil),
    ("cmd 128 0 0", 5, "0...127", "\"128\"", nil), ("cmd 1 0", 1, "cmd FUNCT", "3 words", nil),
    ("cmd 1 0 0 0", 11, "no more", "\"0\"", nil),
    ("load 0x1 a", 1, "main memory", "0x1", nil), ("fence x", 1, "no more", "\"x\"", nil),
  ])
  func refusesBadLines(
    line: String, column: Int, expected: String, found: String, suggestion: String?
  ) throws {
    let error = try #require(throws: AssemblyError.self) { try records("fence\n\(line)\n") }
    #expect(error.line == 2 && error.column == column, "\(error)")
    #expect(error.expected.contains(expected), "\(error)")
    #expect(error.found.contains(found), "\(error)")
    #expect(error.suggestion == suggestion)
    #expect(error.description.hasPrefix("f.s:2:\(column): expected "))
  }

  @Test(.enabled(if: Golden.isPresent, "needs ../shared/golden"), arguments: Golden.someTraces)
  func goldenTracesRoundTrip(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    // 250 commands are enough in a quick run: traces repeat themselves.
    let limit = Seeded.isLongRun ? Int.max : 250
    let encoding: ConvEncoding = path.contains("convold_") ? .square : .rectangular
    let disassembler = Disassembler(encoding: encoding)
    var scanner = try TraceScanner(bytes, file: path)
    var recorded: [TraceRecord] = []
    while recorded.count < limit, let record = try scanner.next() { recorded.append(record) }
    let text = recorded.map { disassembler.text($0) + "\n" }.joined()
    #expect(try records(text) == recorded)
    // Software sets no bit that the fields do not know, but for sign-extended counter operands.
    let unknown = text.split(separator: "\n").filter {
      $0.contains("reserved") && !$0.hasPrefix("counter ")
    }
    #expect(unknown == [])
  }

  @Test func assembledTracesAreTraces() throws {
    let trace = "gemmini-trace 1\nzero 0x80000000 5\ncmd 7 0x1 0x0\nfence\n#@check 0x80000000 5 x\n"
    let assembly = try Disassembler().disassemble(trace: Array(trace.utf8), file: "t")
    #expect(assembly == "zero 0x80000000 5\nflush skip\nfence\ncheck 0x80000000 5 x\n")
    #expect(try Assembler.assemble(Array(assembly.utf8), file: "f.s") == trace)
  }
}
