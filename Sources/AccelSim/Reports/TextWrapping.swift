/// `text` broken at spaces to 80 columns; line breaks in it stay.
package func wrapped(_ text: String, indent: Int, firstIndent: Int? = nil) -> String {
  let margin = String(repeating: " ", count: indent)
  var lines: [String] = []
  for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
    var (line, width) = ("", 0)
    for word in paragraph.split(separator: " ") {
      let columns = DisplayWidth.of(word)
      if !line.isEmpty && indent + width + 1 + columns > 80 {
        lines.append(line)
        line = ""
      }
      width = line.isEmpty ? columns : width + 1 + columns
      line += line.isEmpty ? word : " \(word)"
    }
    lines.append(line)
  }
  let first = String(repeating: " ", count: firstIndent ?? indent)
  return lines.enumerated().map { index, line in
    line.isEmpty ? "" : (index == 0 ? first : margin) + line
  }.joined(separator: "\n")
}
