/// A number over two axes: a table whose cells are the darker the larger their number is.
struct HeatMapChart: Sendable {
  struct Cell: Sendable {
    var text: String
    /// `nil` where nothing ran, or it failed.
    var value: Double?
  }

  var caption: String
  var downName: String
  var acrossName: String
  var down: [String]
  var across: [String]
  /// Lines of columns.
  var cells: [[Cell]]

  /// Classes `h0` to `h6` of `report.css`.
  static let shades = 7

  /// The shade of each number: equal steps from the least to the largest; none if all are equal.
  static func shade(_ value: Double, in range: ClosedRange<Double>) -> Int? {
    let span = range.upperBound - range.lowerBound
    guard span > 0 else { return nil }
    return min(shades - 1, Int((value - range.lowerBound) / span * Double(shades)))
  }

  var markup: Markup {
    let values = cells.joined().compactMap(\.value)
    let range = (values.min() ?? 0)...(values.max() ?? 0)
    var top = Markup(
      "tr", [:], [Markup("th", ["class": "corner", "scope": "col"], text: downName)])
    for name in across {
      top.append(Markup("th", ["scope": "col", "class": "number"], text: name))
    }
    var body: [Markup] = []
    for (name, line) in zip(down, cells) {
      var row = Markup("tr", [:], [Markup("th", ["scope": "row", "class": "number"], text: name)])
      for cell in line {
        let shade = cell.value.flatMap { Self.shade($0, in: range) }
        row.append(
          Markup(
            "td", ["class": "number heat" + (shade.map { " h\($0)" } ?? "")], text: cell.text))
      }
      body.append(row)
    }
    let over = Markup(
      "tr", [:],
      [
        Markup("td", ["class": "corner"]),
        Markup(
          "th", ["scope": "colgroup", "colspan": "\(across.count)", "class": "over"],
          text: acrossName),
      ])
    return Markup(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [
        Markup(
          "table", ["class": "heat-map"],
          [
            Markup("caption", text: caption), Markup("thead", [:], [over, top]),
            Markup("tbody", [:], body),
          ])
      ])
  }
}
