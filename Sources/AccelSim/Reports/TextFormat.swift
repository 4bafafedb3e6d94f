/// How numbers stand in reports: the same for every locale.
enum TextFormat {
  /// `1234567` as `1,234,567`.
  static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.append(String(digits.suffix(3)))
      digits.removeLast(3)
    }
    groups.append(digits)
    return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// `value` with `decimals` digits after the point, rounded half away from zero.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return value.isNaN ? "-" : "\(value)" }
    var unit = 1
    for _ in 0..<decimals { unit *= 10 }
    let scaled = Int(abs(value) * Double(unit) + 0.5)
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard decimals > 0 else { return sign + grouped(scaled) }
    let fraction = String(scaled % unit)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(grouped(scaled / unit)).\(zeros)\(fraction)"
  }

  /// `value` with its sign: `+1,234`, `-5`, `0`.
  static func signed(_ value: Int) -> String { (value > 0 ? "+" : "") + grouped(value) }

  /// `value` with its sign, as `fixed`.
  static func signed(_ value: Double, _ decimals: Int) -> String {
    let text = fixed(value, decimals)
    return value > 0 && text.contains { $0 != "0" && $0 != "." } ? "+" + text : text
  }

  /// `value` with `digits` significant digits, such as `1.8e-2`, `1.8`; `0` of zero.
  static func scientific(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "-" : "\(value)" }
    guard value != 0 else { return "0" }
    var (significand, exponent) = (abs(value), 0)
    while significand >= 10 { (significand, exponent) = (significand / 10, exponent + 1) }
    while significand < 1 { (significand, exponent) = (significand * 10, exponent - 1) }
    var text = fixed(significand, digits - 1)
    if text.hasPrefix("10") { (text, exponent) = (fixed(1, digits - 1), exponent + 1) }
    return (value < 0 ? "-" : "") + text + (exponent == 0 ? "" : "e\(exponent)")
  }

  /// `part` of `whole` in percent, one decimal; `-` of nothing.
  static func percent(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "-" : fixed(100 * Double(part) / Double(whole), 1)
  }

  /// Such as `1 point` and `2 points`.
  static func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - DisplayWidth.of(text))) + text
  }

  /// Rows under a heading, the first column to the left, the others to the right, two spaces apart.
  static func table(_ rows: [[String]], indent: Int = 0) -> String {
    guard let columns = rows.map(\.count).max() else { return "" }
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
    }
    let margin = String(repeating: " ", count: indent)
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == 0 ? left(cell, widths[0]) : right(cell, widths[column])
      }
      return trimmed(margin + cells.joined(separator: "  ")) + "\n"
    }.joined()
  }

  /// As `table`, at most 80 columns wide: what is too much is taken from the cells of `columns`, the
  /// first of these as far as `least` columns, then the next.
  static func table(_ rows: [[String]], shortening columns: [Int], least: Int = 8) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
    }
    var rows = rows
    var excess = widths.reduce(0, +) + 2 * (count - 1) - 80
    for column in columns where excess > 0 {
      let width = max(min(widths[column], least), widths[column] - excess)
      excess -= widths[column] - width
      for row in rows.indices where column < rows[row].count {
        rows[row][column] = shortened(rows[row][column], width)
      }
    }
    return table(rows)
  }

  /// `text` in at most `width` columns.
  static func shortened(_ text: String, _ width: Int) -> String {
    DisplayWidth.of(text) <= width ? text : DisplayWidth.prefix(text, width - 1) + "…"
  }

  /// `line` without spaces at its end.
  static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
