/// Bars below each other, each made of parts; as wide as the page, without a scale of its own.
struct BarChart: Sendable {
  /// What a part of a bar is filled with, and what it is.
  struct Part: Sendable {
    var name: String
    var fill: String
    var value: Int
  }

  struct Bar: Sendable {
    var name: String
    var parts: [Part]
    /// Behind the bar.
    var note: String

    var total: Int { parts.reduce(0) { $0 + $1.value } }
  }

  var bars: [Bar]
  /// What is counted, such as `cycles`.
  var unit: String

  /// The bars, the longest over the whole width.
  var markup: Markup {
    let longest = bars.map(\.total).max() ?? 0
    return Markup("div", ["class": "bars"], bars.map { row($0, longest) })
  }

  private func row(_ bar: Bar, _ longest: Int) -> Markup {
    var svg = Markup(
      "svg",
      [
        "class": "bar", "width": "100%", "height": "18", "role": "img",
        "aria-label": Self.words(bar, unit),
      ])
    var start = 0
    for part in bar.parts where part.value > 0 {
      let share = TextFormat.percent(part.value, of: bar.total)
      svg.append(
        Markup(
          "rect",
          [
            "x": SVGNumber.percent(Double(start), of: Double(longest)),
            "width": SVGNumber.percent(Double(part.value), of: Double(longest)), "height": "100%",
            "fill": part.fill, "class": "part",
          ],
          [
            .tip("\(bar.name): \(part.name), \(TextFormat.grouped(part.value)) \(unit), \(share) %")
          ]))
      start += part.value
    }
    return .barRow(bar.name, svg, note: bar.note)
  }

  /// The bar for those who do not see it.
  private static func words(_ bar: Bar, _ unit: String) -> String {
    let parts = bar.parts.filter { $0.value > 0 }.map {
      "\($0.name) \(TextFormat.percent($0.value, of: bar.total)) %"
    }
    return "\(bar.name), \(TextFormat.grouped(bar.total)) \(unit): "
      + parts.joined(separator: ", ")
  }
}

extension Markup {
  /// A name, a bar and what stands behind it.
  static func barRow(_ name: String, _ bar: Markup, note: String) -> Markup {
    Markup(
      "div", ["class": "bar-row"],
      [
        Markup("span", ["class": "bar-name", "title": name], text: name), bar,
        Markup("span", ["class": "bar-note"], text: note),
      ])
  }
}
