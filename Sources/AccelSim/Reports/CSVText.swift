/// Comma-separated text for programs, as `CSVTable` reads it.
enum CSVText {
  /// A row: a field that holds a comma, a quote or a line end stands in quotes.
  static func row(_ fields: [String]) -> String {
    fields.map(CSVTable.field).joined(separator: ",") + "\n"
  }

  /// A number with six decimals and no separators.
  static func number(_ value: Double) -> String {
    TextFormat.fixed(value, 6).filter { $0 != "," }
  }
}
