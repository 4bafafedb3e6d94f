/// What came of replaying one recorded run.
public struct RowOutcome: Equatable, Sendable {
  public var row: GoldenRow
  /// Cycles of the fences as simulated.
  public var fenceCycles: [Int] = []
  /// Recorded commands, `nil` without such a recording.
  public var recordedCommands: Int?
  /// Commands equal in allocation, issue and completion.
  public var exactCommands = 0
  /// Where the commands first part, in words.
  public var firstDivergence: String?
  /// Why the run did not come to its end.
  public var failure: String?

  public init(row: GoldenRow) { self.row = row }

  /// Whether every fence and every recorded command is equal.
  public var isExact: Bool {
    failure == nil && fenceCycles == row.fenceCycles
      && exactCommands == recordedCommands ?? exactCommands && firstDivergence == nil
  }

  /// Largest difference of a fence in cycles; `nil` if the fences cannot be compared.
  public var worstError: Int? {
    guard failure == nil, fenceCycles.count == row.fenceCycles.count else { return nil }
    return zip(fenceCycles, row.fenceCycles).map { abs($0 - $1) }.max() ?? 0
  }

  /// Largest difference of a fence relative to its recorded cycle.
  public var worstRelativeError: Double? {
    guard worstError != nil else { return nil }
    return zip(fenceCycles, row.fenceCycles)
      .map { Double(abs($0 - $1)) / Double(max($1, 1)) }.max() ?? 0
  }

  /// Whether the row is exact or listed with at least its error.
  public func isWithin(_ list: AllowanceList) -> Bool {
    if isExact { return true }
    guard let error = worstError, let allowed = list.allowance(for: row) else { return false }
    return error <= allowed
  }
}

/// What came of running one program's function against its recorded memory.
public struct FunctionOutcome: Equatable, Sendable {
  public var trace: String
  /// Places in memory that were compared.
  public var checks = 0
  /// The first differences, in words.
  public var mismatches: [String] = []
  /// Places that differ.
  public var mismatchCount = 0
  /// Places that differ when the hardware's own numerics compute; the recordings come from the
  /// software model, so this is no error. `nil` if the hardware leaves the program undefined.
  public var hardwareMismatchCount: Int?
  /// Why the program did not come to its end.
  public var failure: String?

  public init(trace: String) { self.trace = trace }

  /// Whether every place is equal.
  public var isExact: Bool { failure == nil && mismatchCount == 0 }
}
