/// One recorded run: a row of a `golden.csv` (golden/rtl/README.md).
package struct GoldenRow: Equatable, Sendable {
  /// Line of the table, from 1.
  package var line: Int
  package var trace: String
  /// Name of the design that ran it.
  package var config: String
  /// Memory latency in cycles.
  package var latency: Int
  /// Least cycles between two accepted commands.
  package var issueGap: Int
  /// Cycle of every fence.
  package var fenceCycles: [Int]
  /// Last fence; negative or `nil` for a run that was cut off.
  package var total: Int?
  /// Whether the design left the memory that the trace expects.
  package var outputsMatch: Bool
  /// Whether the row counts; the others say why not.
  package var isValid: Bool
  package var reason: String
  package var note: String

  /// Names that the run's file of command records may have in `cmds/`: with issue gap 1 some
  /// recordings name the gap and some do not.
  package var commandsFiles: [String] {
    let stem = "\(trace).\(config).lat\(latency)"
    let named = "\(stem).gap\(issueGap).csv.gz"
    return issueGap == 1 ? ["\(stem).csv.gz", named] : [named]
  }

  /// Reads the table at `path`; columns are found by name, those of no use here are skipped.
  ///
  /// - Throws: `TraceError` if the table cannot be read, or a field is not what it must be.
  package static func read(path: String) throws -> [GoldenRow] {
    try read(CSVTable(path: path))
  }

  /// Reads the rows of `table`.
  ///
  /// - Throws: `TraceError` if a column is missing or a field is not what it must be.
  package static func read(_ table: CSVTable) throws -> [GoldenRow] {
    let trace = try table.column("trace")
    let config = try table.column("config")
    let latency = try table.column("latency")
    let gap = try table.column("issue_gap")
    let fences = try table.column("fence_cycles")
    let total = try table.column("total")
    let match = try table.column("outputs_match")
    let note = table.columns.firstIndex(of: "note")
    let valid = table.columns.firstIndex(of: "valid")
    let reason = table.columns.firstIndex(of: "reason")
    return try table.rows.map { row in
      let cycles = try row.fields[fences].split(separator: " ").map { text in
        guard let cycle = Int(text) else {
          throw TraceError(
            file: table.file, line: row.line, expected: "cycles in column fence_cycles",
            found: TraceScanner.quoted(text.utf8))
        }
        return cycle
      }
      return GoldenRow(
        line: row.line, trace: row.fields[trace], config: row.fields[config],
        latency: try table.number(row, latency), issueGap: try table.number(row, gap),
        fenceCycles: cycles,
        total: row.fields[total].isEmpty ? nil : try table.number(row, total),
        outputsMatch: row.fields[match] == "yes",
        isValid: valid.map { row.fields[$0] == "yes" } ?? true,
        reason: reason.map { row.fields[$0] } ?? "", note: note.map { row.fields[$0] } ?? "")
    }
  }
}
