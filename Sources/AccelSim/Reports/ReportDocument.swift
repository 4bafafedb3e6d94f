/// A report for readers, before it is known what they read it in: a terminal or a page that shows
/// Markdown.
struct ReportDocument {
  private enum Block {
    case title(String)
    /// Whole lines.
    case lines(String)
    /// The first row is the heading.
    case table([[String]], shortening: [Int], least: Int)
    /// Lines whose columns matter.
    case picture(String)
    /// A text without line breaks.
    case paragraph(String)
    case list(String, [String])
  }

  private var blocks: [Block] = []

  /// What the report is about, in one line.
  mutating func add(title: String) { blocks.append(.title(title)) }

  /// Lines, each with its line break; a blank one is a gap.
  mutating func add(_ lines: String) { blocks.append(.lines(lines)) }

  /// A table; of the cells in the columns `shortening` as much is cut as makes it fit a terminal, down to
  /// `least` characters.
  mutating func add(table rows: [[String]], shortening: [Int] = [], least: Int = 8) {
    blocks.append(.table(rows, shortening: shortening, least: least))
  }

  /// A table behind a gap, as the parts of a report stand.
  mutating func addPart(table rows: [[String]], shortening: [Int] = [], least: Int = 8) {
    add("\n")
    add(table: rows, shortening: shortening, least: least)
  }

  /// Lines in which characters stand below each other.
  mutating func add(picture: String) {
    if !picture.isEmpty { blocks.append(.picture(picture)) }
  }

  /// A text without line breaks.
  mutating func add(paragraph: String) { blocks.append(.paragraph(paragraph)) }

  /// Sentences under a heading.
  mutating func add(list: [String], heading: String) { blocks.append(.list(heading, list)) }

  mutating func add(_ other: ReportDocument) { blocks += other.blocks }

  // MARK: Forms

  /// For a terminal.
  func text() -> String {
    let text = blocks.map { block in
      switch block {
      case .title(let title):
        TextFormat.shortened(title.replacing("\n", with: " "), TextFormat.pageWidth) + "\n"
      case .paragraph(let words): AccelSim.wrapped(words, indent: 0) + "\n"
      case .list(let heading, let items):
        "\(heading)\n"
          + items.map { AccelSim.wrapped("- \($0)", indent: 4, firstIndent: 2) + "\n" }.joined()
      case .lines(let lines), .picture(let lines): lines
      case .table(let rows, let columns, let least):
        TextFormat.table(
          rows.map { $0.map(Self.cell) }, shortening: columns, least: least)
      }
    }.joined()
    return VisibleText.of(text)
  }

  /// A cell stays in its line.
  private static func cell(_ text: String) -> String {
    text.contains("\n") ? text.replacing("\n", with: " ") : text
  }

  /// As GitHub-flavoured Markdown, nothing shortened.
  func markdown() -> String {
    var parts: [String] = []
    for block in blocks {
      switch block {
      case .title(let title): parts.append("## " + Self.escaped(title) + "\n")
      case .lines(let lines):
        let paragraphs = lines.split(separator: "\n", omittingEmptySubsequences: false)
          .split(separator: "")
        for paragraph in paragraphs {
          parts.append(
            paragraph.map { Self.escaped(Self.trimmed($0)) }.joined(separator: "\\\n") + "\n")
        }
      case .table(let rows, _, _): parts.append(Self.table(rows))
      case .picture(let lines): parts.append("```\n\(lines)```\n")
      case .paragraph(let words): parts.append(Self.escaped(words) + "\n")
      case .list(let heading, let items):
        parts.append(Self.escaped(heading) + "\n")
        parts.append(items.map { "- \(Self.escaped($0))\n" }.joined())
      }
    }
    return VisibleText.of(parts.joined(separator: "\n"))
  }

  private static func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    func line(_ cells: [String]) -> String {
      let cells = cells + [String](repeating: "", count: columns - cells.count)
      return "| " + cells.joined(separator: " | ") + " |\n"
    }
    var text = ""
    var first: [String] = []
    for (index, row) in rows.enumerated() {
      var cells = row.map { escaped(trimmed($0)) }
      if let cell = row.first {
        // Deeper rows stay recognisable; what a cell has in columns of its own stands behind commas, and
        // what a column leaves blank is that of the row above.
        let depth = cell.prefix { $0 == " " }.count / 2 - 1
        let parts = cell.split(separator: "  ").map { trimmed($0) }.filter { !$0.isEmpty }
        let above = depth > 2 ? Array(first.prefix(max(0, first.count - parts.count))) : []
        first = above + parts
        cells[0] =
          String(repeating: "&emsp;", count: depth > 2 ? 0 : max(0, depth))
          + escaped(first.joined(separator: ", "))
      }
      text += line(cells)
      if index == 0 {
        text += "|---|" + String(repeating: "---:|", count: max(0, columns - 1)) + "\n"
      }
    }
    return text
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var rest = text[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }

  /// `text` in one line, with what Markdown would take for something else.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\", "`", "*", "_", "|", "#", "[", "]": result += "\\\(character)"
      case "\n": result += " "
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }
}
