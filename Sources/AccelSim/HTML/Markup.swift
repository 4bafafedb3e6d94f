/// A piece of a page, HTML or SVG: an element with its attributes and what is in it, or a text.
///
/// Texts and values of attributes may be anything: they are escaped where they are written, and
/// nowhere else.
struct Markup: Sendable {
  private enum Content: Sendable {
    case element(String, attributes: [(name: String, value: String)], children: [Markup])
    case text(String)
    case verbatim(String)
  }

  private var content: Content

  private init(_ content: Content) { self.content = content }

  /// An element.
  ///
  /// - Parameters:
  ///   - name: Of the program's own; not escaped, as the names of attributes.
  ///   - attributes: In the order in which they are written. One without a value is written without.
  init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = [])
  {
    content = .element(
      name, attributes: attributes.map { (name: $0.key, value: $0.value) }, children: children)
  }

  /// An element with a text.
  init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
    self.init(name, attributes, [.text(text)])
  }

  static func text(_ text: String) -> Markup { Markup(.text(text)) }

  /// Content of `style` and `script`, where nothing can be escaped: only the program's own.
  static func verbatim(_ text: String) -> Markup { Markup(.verbatim(text)) }

  /// The element with one more attribute.
  func with(_ name: String, _ value: String) -> Markup {
    guard case .element(let element, var attributes, let children) = content else { return self }
    attributes.append((name, value))
    return Markup(.element(element, attributes: attributes, children: children))
  }

  mutating func append(_ child: Markup) {
    guard case .element(let name, let attributes, var children) = content else { return }
    children.append(child)
    content = .element(name, attributes: attributes, children: children)
  }

  /// As a file holds it.
  var html: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// Elements that have no content and no end.
  private static let void: Set<String> = ["meta", "link", "br", "hr", "input", "col"]
  /// Elements that begin a line, for those who read the file.
  private static let blocks: Set<String> = [
    "html", "head", "body", "meta", "link", "title", "style", "script", "header", "main", "nav",
    "section", "footer", "figure", "div", "table", "thead", "tbody", "tr", "dl", "details", "h1",
    "h2", "h3", "p", "svg",
  ]

  private func write(to text: inout String) {
    switch content {
    case .text(let value): Self.escape(value, into: &text)
    case .verbatim(let value): text += value
    case .element(let name, let attributes, let children):
      if Self.blocks.contains(name) { text += "\n" }
      text += "<" + name
      for (name, value) in attributes {
        text += " " + name
        guard !value.isEmpty || name == "alt" else { continue }
        text += "=\""
        Self.escape(value, into: &text)
        text += "\""
      }
      text += ">"
      if Self.void.contains(name) { return }
      for child in children { child.write(to: &text) }
      text += "</\(name)>"
    }
  }

  /// What a text may stand as, in content and between quotes. Characters that no document may hold
  /// become U+FFFD.
  static func escape(_ value: String, into text: inout String) {
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\t", "\n", "\r": text += " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      // Marks that turn the direction of what follows, also outside of the text.
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

/// How SVG writes numbers: the same on every machine.
enum SVGNumber {
  /// Up to two decimals, none that are not needed; 0 for what is no number.
  static func text(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "0" }
    let hundredths = Int((abs(value) * 100).rounded())
    var text = (value < 0 && hundredths > 0 ? "-" : "") + "\(hundredths / 100)"
    let (tenth, hundredth) = (hundredths % 100 / 10, hundredths % 10)
    if hundredth > 0 { text += ".\(tenth)\(hundredth)" } else if tenth > 0 { text += ".\(tenth)" }
    return text
  }

  /// `part` of `whole` in percent of a width, three decimals at most.
  static func percent(_ part: Double, of whole: Double) -> String {
    guard whole > 0, part.isFinite else { return "0%" }
    let thousandths = Int((100_000 * part / whole).rounded())
    let sign = thousandths < 0 ? "-" : ""
    var fraction = String(1000 + thousandths.magnitude % 1000).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return sign + "\(thousandths.magnitude / 1000)" + (fraction.isEmpty ? "" : ".\(fraction)") + "%"
  }
}
