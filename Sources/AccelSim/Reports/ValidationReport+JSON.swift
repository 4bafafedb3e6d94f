extension ValidationReport {
  private struct Document: Encodable {
    var passes: Bool
    var folders: [FolderSummary]
  }

  private struct FolderSummary: Encodable {
    var name: String
    var rows: Int
    var exactRows: Int
    var invalidRows: Int
    var rowsWithCommands: Int
    var commands: Int
    var exactCommands: Int
    var worstCycles: Int
    var worstPercent: Double
    var programs: Int
    var exactPrograms: Int
    var inexact: [Inexact]
  }

  private struct Inexact: Encodable {
    var row: String
    var recorded: [Int]
    var simulated: [Int]
    var failure: String?
    var firstDivergence: String?
    var allowed: Bool
  }

  /// The report for a program: keys sorted, ends with a line break.
  package func json() throws -> String {
    let summaries = folders.map { folder in
      FolderSummary(
        name: folder.name, rows: folder.rows.count, exactRows: folder.rows.count(where: \.isExact),
        invalidRows: folder.invalidRows,
        rowsWithCommands: folder.rows.count { $0.recordedCommands != nil },
        commands: folder.rows.reduce(0) { $0 + ($1.recordedCommands ?? 0) },
        exactCommands: folder.rows.reduce(0) { $0 + $1.exactCommands },
        worstCycles: folder.rows.compactMap(\.worstError).max() ?? 0,
        worstPercent: 100 * (folder.rows.compactMap(\.worstRelativeError).max() ?? 0),
        programs: folder.functions.count, exactPrograms: folder.functions.count(where: \.isExact),
        inexact: folder.rows.filter { !$0.isExact }.map { outcome in
          Inexact(
            row: outcome.row.name, recorded: outcome.row.fenceCycles,
            simulated: outcome.fenceCycles, failure: outcome.failure,
            firstDivergence: outcome.firstDivergence, allowed: outcome.isWithin(allowances))
        }
          + folder.functions.filter { !$0.isExact }.map { outcome in
            Inexact(
              row: outcome.trace, recorded: [], simulated: [],
              failure: outcome.failure ?? outcome.mismatches.first, firstDivergence: nil,
              allowed: false)
          })
    }
    return try ReportJSON.text(Document(passes: passes, folders: summaries))
  }
}
