import Testing

@testable import AccelSim

/// Reports in a terminal and as Markdown.
struct ReportDocumentTests {
  private static let document: ReportDocument = {
    var document = ReportDocument()
    document.add(title: "a_b on <c>")
    document.add("  one line\n  and another\n\nCycles     12\n")
    document.add(table: [
      ["Where", "cycles"], ["  load            idle", "5"], ["                  busy | x", "7"],
      ["  store           idle", "12"],
    ])
    document.add("\n")
    document.add(table: [["Use", "%"], ["  part", "10"], ["    of it", "3"]])
    document.add(picture: " ░▒\n")
    return document
  }()

  /// A terminal gets exactly the lines that went in, and tables in columns.
  @Test func text() {
    #expect(
      Self.document.text() == """
        a_b on <c>
          one line
          and another

        Cycles     12
        Where                       cycles
          load            idle           5
                          busy | x       7
          store           idle          12

        Use         %
          part     10
            of it   3
         ░▒

        """)
  }

  /// Every row of a table has as many cells as its heading, and names stand in full.
  @Test func markdown() {
    let text = Self.document.markdown()
    #expect(text.hasPrefix("## a\\_b on &lt;c>\n\none line\\\nand another\n\nCycles     12\n"))
    #expect(text.contains("| Where | cycles |\n|---|---:|\n| load, idle | 5 |\n"))
    #expect(text.contains("| load, busy \\| x | 7 |\n| store, idle | 12 |\n"))
    #expect(text.contains("| part | 10 |\n| &emsp;of it | 3 |\n"))
    #expect(text.contains("```\n ░▒\n```\n"))
    #expect(!text.contains("…"))
  }

  /// Names from files cannot make a terminal or the log of a CI run obey them.
  @Test func namesAreOnlyShown() {
    var document = ReportDocument()
    document.add(title: "::error ::x")
    document.add(table: [["Name", "n"], ["  ##[group]", "1"], ["  a\u{1B}[31m\nb\u{202E}", "2"]])
    document.add(list: ["one", "two"], heading: "Why")
    document.add(paragraph: "words")
    let lines = document.text().split(separator: "\n")
    #expect(lines[0] == "'::error ::x")
    #expect(lines[2].hasPrefix("  '##[group]"))
    #expect(lines[3].hasPrefix("  a\\u{1b}[31m b\\u{202e}"))
    #expect(Array(lines[4...]) == ["Why", "  - one", "  - two", "words"])
    #expect(document.markdown().hasSuffix("Why\n\n- one\n- two\n\nwords\n"))
  }
}
