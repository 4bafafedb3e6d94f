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

  /// Lines in which characters stand below each other.
  mutating func add(picture: String) {
    if !picture.isEmpty { blocks.append(.picture(picture)) }
  }

  mutating func add(_ other: ReportDocument) { blocks += other.blocks }

  // MARK: Forms

  /// For a terminal.
  func text() -> String {
    blocks.map { block in
      switch block {
      case .title(let title): title + "\n"
      case .lines(let lines), .picture(let lines): lines
      case .table(let rows, let columns, let least):
        TextFormat.table(rows, shortening: columns, least: least)
      }
    }.joined()
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
      }
    }
    return parts.joined(separator: "\n")
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

  /// `text` with what Markdown would take for something else.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\", "`", "*", "_", "|", "#", "[", "]": result += "\\\(character)"
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }
}
