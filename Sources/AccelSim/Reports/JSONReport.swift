import FoundationEssentials

/// A run as JSON: the result, what follows from it and what ran.
private struct JSONReport: Encodable {
  var title: String
  var notes: [String]
  var result: RunResult
  var idealCycles: Int
  var utilisation: Double
}

extension RunResult {
  /// The report for a program: keys sorted, ends with a line break.
  ///
  /// - Throws: Never for a result of a run; the encoder's error otherwise.
  public func json(_ context: ReportContext) throws -> String {
    let report = JSONReport(
      title: context.title, notes: context.notes, result: self, idealCycles: idealCycles,
      utilisation: utilisation)
    return try ReportJSON.text(report)
  }
}

/// The one way in which reports become JSON.
enum ReportJSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
