/// Comma-separated text for programs, as `CSVTable` reads it.
enum CSVText {
  /// A row: a field that holds a comma, a quote or a line end stands in quotes.
  static func row(_ fields: [String]) -> String {
    fields.map { field in
      field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        ? "\""
          + field.split(separator: "\"", omittingEmptySubsequences: false)
          .joined(separator: "\"\"") + "\""
        : field
    }.joined(separator: ",") + "\n"
  }

  /// A number with six decimals and no separators.
  static func number(_ value: Double) -> String {
    TextFormat.fixed(value, 6).filter { $0 != "," }
  }
}
