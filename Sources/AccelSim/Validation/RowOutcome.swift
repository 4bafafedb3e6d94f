/// What came of replaying one recorded run.
package struct RowOutcome: Equatable, Sendable {
  package var row: GoldenRow
  /// Cycles of the fences as simulated.
  package var fenceCycles: [Int] = []
  /// Recorded commands, `nil` without such a recording.
  package var recordedCommands: Int?
  /// Commands equal in allocation, issue and completion.
  package var exactCommands = 0
  /// Where the commands first part, in words.
  package var firstDivergence: String?
  /// Why the run did not come to its end.
  package var failure: String?

  package init(row: GoldenRow) { self.row = row }

  /// Whether every fence and every recorded command is equal.
  package var isExact: Bool {
    failure == nil && fenceCycles == row.fenceCycles
      && exactCommands == recordedCommands ?? exactCommands && firstDivergence == nil
  }

  /// Largest difference of a fence in cycles; `nil` if the fences cannot be compared.
  package var worstError: Int? {
    guard failure == nil, fenceCycles.count == row.fenceCycles.count else { return nil }
    return zip(fenceCycles, row.fenceCycles).map { abs($0 - $1) }.max() ?? 0
  }

  /// Largest difference of a fence relative to its recorded cycle.
  package var worstRelativeError: Double? {
    guard worstError != nil else { return nil }
    return zip(fenceCycles, row.fenceCycles)
      .map { Double(abs($0 - $1)) / Double(max($1, 1)) }.max() ?? 0
  }

  /// Whether the row is exact or listed with at least its error.
  package func isWithin(_ list: AllowanceList) -> Bool {
    if isExact { return true }
    guard let error = worstError, let allowed = list.allowance(for: row) else { return false }
    return error <= allowed
  }
}

/// What came of running one program's function against its recorded memory.
package struct FunctionOutcome: Equatable, Sendable {
  package var trace: String
  /// Places in memory that were compared.
  package var checks = 0
  /// The first differences, in words.
  package var mismatches: [String] = []
  /// Places that differ.
  package var mismatchCount = 0
  /// Places that differ when the hardware's own numerics compute; the recordings come from the
  /// software model, so this is no error. `nil` if the hardware leaves the program undefined.
  package var hardwareMismatchCount: Int?
  /// Why the program did not come to its end.
  package var failure: String?

  package init(trace: String) { self.trace = trace }

  /// Whether every place is equal.
  package var isExact: Bool { failure == nil && mismatchCount == 0 }
}
