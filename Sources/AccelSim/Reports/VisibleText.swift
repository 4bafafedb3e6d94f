/// Text of any origin for a terminal or the log of a CI run.
package enum VisibleText {
  /// `text` with everything that a terminal would obey or hide written as `\u{…}`, and no line that a
  /// CI's log would take for a command; lines stay lines.
  package static func of(_ text: String) -> String {
    guard needsChange(text) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let escaped = escape(line)
      let start = escaped.drop { $0 == " " }
      // GitHub's runner obeys lines that begin so.
      let isCommand = start.hasPrefix("::") || start.hasPrefix("##[")
      return isCommand
        ? String(escaped.prefix(escaped.count - start.count)) + "'" + start : escaped
    }.joined(separator: "\n")
  }

  private static func needsChange(_ text: String) -> Bool {
    text.unicodeScalars.contains { isHidden($0) } || text.contains("::") || text.contains("##[")
  }

  private static func escape(_ line: Substring) -> String {
    var result = String.UnicodeScalarView()
    for scalar in line.unicodeScalars {
      if isHidden(scalar) {
        result.append(
          contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Controls but the line feed, separators of lines, and what turns the direction of writing or is not
  /// seen at all.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFEFF:
      true
    default: false
    }
  }
}
