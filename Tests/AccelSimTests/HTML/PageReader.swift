/// Reads a page as strictly as its writer should write: every element closed in its order, every value
/// quoted, nothing left unescaped.
struct PageReader {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// Of all that is inside.
    var text = ""
    /// Indices of the elements around it, the outermost first.
    var ancestors: [Int]
  }

  private(set) var elements: [Element] = []
  private(set) var problems: [String] = []
  private static let void: Set<String> = ["meta", "link", "br", "hr", "input", "col"]

  init(_ page: String) {
    var rest = Substring(page)
    var open: [Int] = []
    if rest.hasPrefix("<!DOCTYPE html>") { rest = rest.dropFirst(15) }
    while let start = rest.firstIndex(of: "<") {
      add(text: rest[..<start], to: open)
      rest = rest[start...].dropFirst()
      let isEnd = rest.first == "/"
      if isEnd { rest = rest.dropFirst() }
      let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
      if name.isEmpty { problems.append("< before \(rest.prefix(20))") }
      rest = rest.dropFirst(name.count)
      if isEnd {
        if let last = open.popLast(), elements[last].name == name {
        } else {
          problems.append("</\(name)> closes nothing")
        }
        guard rest.first == ">" else {
          problems.append("</\(name) without >")
          return
        }
        rest = rest.dropFirst()
        continue
      }
      let attributes = self.attributes(&rest)
      guard rest.first == ">" else {
        problems.append("<\(name) without >")
        return
      }
      rest = rest.dropFirst()
      elements.append(Element(name: name, attributes: attributes, ancestors: open))
      if Self.void.contains(name) { continue }
      open.append(elements.count - 1)
      if name == "script" || name == "style" {
        // Their content is no markup.
        let end = rest.firstRange(of: "</\(name)>")?.lowerBound ?? rest.endIndex
        elements[elements.count - 1].text = String(rest[..<end])
        rest = rest[end...]
      }
    }
    add(text: rest, to: open)
    for index in open { problems.append("<\(elements[index].name)> is never closed") }
  }

  private mutating func attributes(_ rest: inout Substring) -> [String: String] {
    var attributes: [String: String] = [:]
    while rest.first == " " {
      rest = rest.dropFirst()
      let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" })
      rest = rest.dropFirst(name.count)
      var value = ""
      if rest.hasPrefix("=\"") {
        rest = rest.dropFirst(2)
        value = String(rest.prefix { $0 != "\"" })
        rest = rest.dropFirst(value.count + 1)
      }
      if value.contains("<") || attributes[name] != nil || name.isEmpty {
        problems.append("attribute \(name)=\(value.prefix(30))")
      }
      attributes[name] = Self.unescaped(value)
    }
    return attributes
  }

  private mutating func add(text: Substring, to open: [Int]) {
    if text.contains(">") { problems.append("> in \(text.prefix(40))") }
    guard text.contains(where: { $0 != "\n" }) else { return }
    for index in open { elements[index].text += Self.unescaped(String(text)) }
  }

  private static func unescaped(_ text: String) -> String {
    text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }

  /// Elements of a name, within elements of a class if one is given.
  func all(_ name: String, in style: String? = nil) -> [Element] {
    elements.filter { element in
      element.name == name
        && (style.map { style in
          element.ancestors.contains { elements[$0].classes.contains(style) }
        } ?? true)
    }
  }
}

extension PageReader.Element {
  var classes: [String] { (attributes["class"] ?? "").split(separator: " ").map(String.init) }
}
