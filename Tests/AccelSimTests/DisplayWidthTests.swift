import Testing

@testable import AccelSim

/// Columns as xterm and VTE give them.
@Suite struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("layer0.q", 8), ("é", 1), ("e\u{301}", 1), ("注意力", 6), ("ﾊﾝ", 2), ("한국", 4),
    ("ａ", 2), ("🙂", 2), ("👩‍🔬", 2), ("❤\u{FE0F}", 2), ("─│", 2), ("…", 1), ("ü\u{200D}", 1),
  ]) func wideSignsTakeTwoColumnsAndCombiningOnesNone(_ text: String, _ width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test func tablesStandInColumns() {
    let table = TextFormat.table([["name", "cycles"], ["注意力", "12"], ["plain", "3"]])
    #expect(table == "name    cycles\n注意力      12\nplain        3\n")
    #expect(TextFormat.shortened("注意力", 6) == "注意力")
    #expect(TextFormat.shortened("注意力層", 6) == "注意…")
    #expect(TextFormat.shortened("注意力層", 7) == "注意力…")
    let lines = wrapped(String(repeating: "注意力 ", count: 20), indent: 0).split(separator: "\n")
    #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 } && lines.count == 2)
  }
}
