/// A report as one file: style, script and figures inside, nothing fetched.
///
/// Readable without its script, which sorts tables, searches them and moves the timelines. The
/// content policy forbids the network, and every style and script but the page's own two, which it
/// names by their hashes.
struct HTMLPage: Sendable {
  var title: String
  /// Under the title, in a sentence.
  var summary = ""
  var sections: [Section]

  /// A part of a page.
  struct Section: Sendable {
    /// Unique in the page; letters, digits and hyphens.
    var id: String
    var title: String
    var content: [Markup]
  }

  private static let style = String(decoding: PackageResources.report_css, as: UTF8.self)
  private static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

  /// The file's content; the same for the same page.
  var text: String {
    let policy =
      "default-src 'none'; img-src data:; style-src \(SHA256.source(Self.style)); "
      + "script-src \(SHA256.source(Self.script)); base-uri 'none'; form-action 'none'"
    let head = Markup(
      "head", [:],
      [
        Markup("meta", ["charset": "utf-8"]),
        Markup("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        Markup("meta", ["name": "color-scheme", "content": "light dark"]),
        // Without it, a browser asks a server for one.
        Markup("link", ["rel": "icon", "href": "data:,"]),
        Markup("title", text: title),
        Markup("style", [:], [.verbatim(Self.style)]),
      ])
    let page = Markup("html", ["lang": "en"], [head, body])
    return "<!DOCTYPE html>" + page.html + "\n"
  }

  private var body: Markup {
    var header = Markup(
      "header", [:], [Markup("h1", text: title), Markup("p", ["class": "summary"], text: summary)])
    if sections.count > 1 {
      let links = sections.map { section in
        Markup("li", [:], [Markup("a", ["href": "#\(section.id)"], text: section.title)])
      }
      header.append(Markup("nav", ["aria-label": "Contents"], [Markup("ul", [:], links)]))
    }
    let sections = sections.map { section in
      Markup(
        "section", ["id": section.id],
        (self.sections.count > 1 ? [Markup("h2", text: section.title)] : []) + section.content)
    }
    return Markup(
      "body", [:],
      [
        Palette.patterns, header, Markup("main", [:], sections),
        Markup(
          "footer", [:],
          [
            Markup(
              "p",
              text: "Made by simctl. This file holds all it shows; it never uses the network.")
          ]),
        Markup("script", [:], [.verbatim(Self.script)]),
      ])
  }
}

extension Markup {
  /// A drawing with a heading, and a sentence that says how to read it.
  static func figure(_ name: String, _ heading: String, _ how: String, _ content: [Markup])
    -> Markup
  {
    Markup(
      "figure", ["class": "figure \(name)"],
      [Markup("figcaption", [:], [Markup("h3", text: heading), Markup("p", text: how)])] + content)
  }

  /// A drawing in two widths, of which a page shows the one that fits.
  static func drawings(_ draw: (Double) -> Markup) -> [Markup] {
    [
      Markup("div", ["class": "wide"], [draw(880)]),
      Markup("div", ["class": "narrow"], [draw(340)]),
    ]
  }

  /// A drawing of its own size, named for those who do not see it.
  static func drawing(
    _ width: Double, _ height: Double, _ name: String, _ description: String, _ children: [Markup]
  ) -> Markup {
    Markup(
      "svg",
      [
        "viewBox": "0 0 \(SVGNumber.text(width)) \(SVGNumber.text(height))", "role": "img",
        "aria-label": name,
      ], [Markup("desc", text: description)] + children)
  }

  /// Text in a drawing.
  static func label(_ text: String, x: Double, y: Double, _ style: String = "") -> Markup {
    Markup(
      "text", ["x": SVGNumber.text(x), "y": SVGNumber.text(y), "class": style], text: text)
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String)
    -> Markup
  {
    Markup(
      "line",
      [
        "x1": SVGNumber.text(x1), "y1": SVGNumber.text(y1), "x2": SVGNumber.text(x2),
        "y2": SVGNumber.text(y2), "class": style,
      ])
  }

  /// What appears when the pointer rests on an element.
  static func tip(_ text: String) -> Markup { Markup("title", text: text) }
}
