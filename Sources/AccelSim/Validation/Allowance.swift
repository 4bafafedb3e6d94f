/// The rows that may differ from their recording, as `Docs/Deviations.md` lists them.
///
/// Every line of a table whose cells start with trace, design, latency, issue gap and cycles
/// counts; everything else in the file is for readers.
package struct AllowanceList: Equatable, Sendable {
  private var cycles: [String: Int] = [:]

  /// A list that allows nothing.
  package init() {}

  /// Reads the tables of a Markdown text.
  package init(markdown text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(Self.trimmed)
      guard cells.count >= 7, cells[0].isEmpty, let latency = Int(cells[3]),
        let gap = Int(cells[4]), let allowed = Int(cells[5])
      else { continue }
      cycles["\(cells[1]).\(cells[2]).lat\(latency).gap\(gap)"] = allowed
    }
  }

  /// Rows listed.
  package var count: Int { cycles.count }

  /// Cycles by which a fence of `row` may be off; `nil` if the row must be exact.
  package func allowance(for row: GoldenRow) -> Int? { cycles[row.name] }

  private static func trimmed(_ cell: Substring) -> String {
    var cell = cell
    while cell.first == " " || cell.first == "`" { cell.removeFirst() }
    while cell.last == " " || cell.last == "`" { cell.removeLast() }
    return String(cell)
  }
}
