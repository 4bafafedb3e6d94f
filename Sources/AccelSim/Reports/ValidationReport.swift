/// What a validation found, folder by folder.
package struct ValidationReport: Sendable {
  /// One folder's outcomes.
  package struct Folder: Sendable {
    package var name: String
    /// Rows of the recording that do not count.
    package var invalidRows: Int
    package var rows: [RowOutcome]
    package var functions: [FunctionOutcome]

    package init(
      name: String, invalidRows: Int, rows: [RowOutcome], functions: [FunctionOutcome]
    ) {
      self.name = name
      self.invalidRows = invalidRows
      self.rows = rows
      self.functions = functions
    }
  }

  package var folders: [Folder]
  package var allowances: AllowanceList

  package init(folders: [Folder], allowances: AllowanceList) {
    self.folders = folders
    self.allowances = allowances
  }

  /// Whether every row is within its allowance and every result is bit-exact.
  package var passes: Bool {
    folders.allSatisfy { folder in
      folder.rows.allSatisfy { $0.isWithin(allowances) } && folder.functions.allSatisfy(\.isExact)
    }
  }

  /// The tables for a reader: 80 columns but for names, ends with a line break.
  ///
  /// - Parameter limit: Most rows to list that are not exact.
  package func text(limit: Int = 40) -> String {
    var text = ""
    if folders.contains(where: { !$0.rows.isEmpty }) { text += cycleTable + inexactRows(limit) }
    if folders.contains(where: { !$0.functions.isEmpty }) {
      if !text.isEmpty { text += "\n" }
      text += functionTable + hardwareDifferences + inexactFunctions(limit)
    }
    return text + "\n" + verdict + "\n"
  }

  private var cycleTable: String {
    var table = [
      ["Cycles", "rows", "fences =", "exact", "with cmds", "commands", "exact", "worst", "%"]
    ]
    var all: [RowOutcome] = []
    for folder in folders where !folder.rows.isEmpty {
      table.append(Self.cycleLine(folder.name, folder.rows))
      all += folder.rows
    }
    if table.count > 2 { table.append(Self.cycleLine("all", all)) }
    return TextFormat.table(table)
  }

  private static func cycleLine(_ name: String, _ rows: [RowOutcome]) -> [String] {
    let worst = rows.compactMap(\.worstError).max() ?? 0
    let relative = rows.compactMap(\.worstRelativeError).max() ?? 0
    return [
      name, TextFormat.grouped(rows.count),
      TextFormat.grouped(rows.count { $0.worstError == 0 }),
      TextFormat.grouped(rows.count(where: \.isExact)),
      TextFormat.grouped(rows.count { $0.recordedCommands != nil }),
      TextFormat.grouped(rows.reduce(0) { $0 + ($1.recordedCommands ?? 0) }),
      TextFormat.grouped(rows.reduce(0) { $0 + $1.exactCommands }),
      TextFormat.grouped(worst), TextFormat.fixed(100 * relative, 2),
    ]
  }

  private func inexactRows(_ limit: Int) -> String {
    let inexact = folders.flatMap { folder in
      folder.rows.filter { !$0.isExact }.map { (folder.name, $0) }
    }
    guard !inexact.isEmpty else { return "" }
    var text = "\nNot exact\n"
    for (folder, outcome) in inexact.prefix(limit) {
      text += "  \(folder)/\(outcome.row.name)\(outcome.isWithin(allowances) ? " (allowed)" : "")\n"
      text += "    \(Self.explanation(outcome))\n"
      if let divergence = outcome.firstDivergence { text += "    \(divergence)\n" }
    }
    if inexact.count > limit { text += "  … and \(inexact.count - limit) more\n" }
    return text
  }

  private static func explanation(_ outcome: RowOutcome) -> String {
    if let failure = outcome.failure { return failure }
    let recorded = outcome.row.fenceCycles
    guard outcome.fenceCycles.count == recorded.count else {
      return "\(outcome.fenceCycles.count) fences, recorded \(recorded.count)"
    }
    guard let index = recorded.indices.first(where: { recorded[$0] != outcome.fenceCycles[$0] })
    else {
      return "fences equal; \(outcome.exactCommands) of \(outcome.recordedCommands ?? 0) commands"
    }
    return "fence \(index): \(outcome.fenceCycles[index]), recorded \(recorded[index])"
  }

  private var functionTable: String {
    var table = [["Memory", "programs", "exact", "places", "differ"]]
    for folder in folders where !folder.functions.isEmpty {
      table.append(
        Self.functionLine("\(folder.name), numerics of its software model", folder.functions) {
          ($0.isExact, $0.mismatchCount)
        })
      table.append(
        Self.functionLine("\(folder.name), numerics of the hardware", folder.functions) {
          ($0.hardwareMismatchCount == 0, $0.hardwareMismatchCount ?? 0)
        })
    }
    return TextFormat.table(table)
  }

  private static func functionLine(
    _ name: String, _ outcomes: [FunctionOutcome], _ judge: (FunctionOutcome) -> (Bool, Int)
  ) -> [String] {
    [
      name, TextFormat.grouped(outcomes.count),
      TextFormat.grouped(outcomes.count { judge($0).0 }),
      TextFormat.grouped(outcomes.reduce(0) { $0 + $1.checks }),
      TextFormat.grouped(outcomes.reduce(0) { $0 + judge($1).1 }),
    ]
  }

  /// Programs whose recording the hardware's own numerics would not give.
  private var hardwareDifferences: String {
    let programs = folders.flatMap(\.functions).filter(\.isExact)
    let different = programs.filter { ($0.hardwareMismatchCount ?? 0) > 0 }
    let refused = programs.filter { $0.hardwareMismatchCount == nil }
    var text = ""
    if !different.isEmpty {
      text += "\nThe hardware gives other numbers (facts appendix B)\n"
      for program in different { text += "  \(program.trace)\n" }
    }
    if !refused.isEmpty {
      text += "\nThe hardware leaves undefined or lacks what they use\n"
      for program in refused { text += "  \(program.trace)\n" }
    }
    return text
  }

  private func inexactFunctions(_ limit: Int) -> String {
    let inexact = folders.flatMap { folder in
      folder.functions.filter { !$0.isExact }.map { (folder.name, $0) }
    }
    guard !inexact.isEmpty else { return "" }
    var text = "\nNot bit-exact\n"
    for (folder, outcome) in inexact.prefix(limit) {
      text += "  \(folder)/\(outcome.trace)\n"
      if let failure = outcome.failure { text += "    \(failure)\n" }
      for mismatch in outcome.mismatches.prefix(3) { text += "    \(mismatch)\n" }
    }
    if inexact.count > limit { text += "  … and \(inexact.count - limit) more\n" }
    return text
  }

  private var verdict: String {
    let rows = folders.flatMap(\.rows)
    let outside = rows.count { !$0.isWithin(allowances) }
    let allowed = rows.count { !$0.isExact && $0.isWithin(allowances) }
    let skipped = folders.reduce(0) { $0 + $1.invalidRows }
    var parts: [String] = []
    if !rows.isEmpty {
      parts.append(outside == 0 ? "every row is within its allowance" : "\(outside) rows are not")
      if allowed > 0 { parts.append("\(allowed) by a listed deviation") }
      if skipped > 0 { parts.append("\(skipped) rows not counted: marked invalid as recorded") }
    }
    let wrong = folders.flatMap(\.functions).count { !$0.isExact }
    if folders.contains(where: { !$0.functions.isEmpty }) {
      parts.append(wrong == 0 ? "every result is bit-exact" : "\(wrong) results are not bit-exact")
    }
    return (passes ? "Passed: " : "FAILED: ") + parts.joined(separator: "; ")
  }
}
