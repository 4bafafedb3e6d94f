/// A measured number and the band in which it should be, as wide as the place it gets.
struct BandChart: Sendable {
  var value: Double?
  /// `nil` where the band is open.
  var from: Double?
  var to: Double?
  var isGood: Bool
  /// For those who do not see it.
  var words: String

  /// The numbers at both edges.
  var domain: ClosedRange<Double> {
    let ends = [from, to].compactMap(\.self)
    let all = ends + [value].compactMap { $0?.isFinite == true ? $0 : nil }
    guard let low = all.min(), let high = all.max() else { return 0...1 }
    let margin = high > low ? (high - low) * 0.35 : max(abs(high) * 0.2, 1e-9)
    return low - margin...high + margin
  }

  var markup: Markup {
    let scale = Scale(domain, to: (0, 100))
    let left = from.map { scale($0) } ?? 0
    let right = to.map { scale($0) } ?? 100
    var svg = Markup(
      "svg",
      ["class": "band", "width": "100%", "height": "18", "role": "img", "aria-label": words])
    svg.append(Markup("line", ["x2": "100%", "y1": "9", "y2": "9", "class": "rule"]))
    svg.append(
      Markup(
        "rect",
        [
          "x": SVGNumber.percent(left, of: 100), "y": "3", "height": "12",
          "width": SVGNumber.percent(right - left, of: 100), "class": "f-band",
        ]))
    if let value, value.isFinite {
      let place = SVGNumber.percent(scale(value), of: 100)
      // A circle is inside, a bar outside: not a matter of colour alone.
      svg.append(
        isGood
          ? Markup("circle", ["cx": place, "cy": "9", "r": "4.5", "class": "f-array point"])
          : Markup(
            "line", ["x1": place, "x2": place, "y1": "1", "y2": "17", "class": "outside-mark"]))
    }
    return svg
  }
}
