/// `text` broken at spaces to 80 columns; line breaks in it stay.
package func wrapped(_ text: String, indent: Int, firstIndent: Int? = nil) -> String {
  let margin = String(repeating: " ", count: indent)
  var lines: [String] = []
  for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
    var line = ""
    for word in paragraph.split(separator: " ") {
      if !line.isEmpty && indent + line.count + 1 + word.count > 80 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " \(word)"
    }
    lines.append(line)
  }
  let first = String(repeating: " ", count: firstIndent ?? indent)
  return lines.enumerated().map { index, line in
    line.isEmpty ? "" : (index == 0 ? first : margin) + line
  }.joined(separator: "\n")
}
