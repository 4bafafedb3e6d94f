/// How one number becomes another, step by step: each bar begins where the one before it ended.
struct WaterfallChart: Sendable {
  struct Step: Sendable {
    var name: String
    /// What the step adds; negative if it takes away.
    var change: Int
  }

  /// A bar from `from` to `to`; a whole number begins at the chart's left edge.
  struct Bar: Equatable, Sendable {
    var name: String
    var from: Int
    var to: Int
    var isWhole: Bool
  }

  let bars: [Bar]
  /// The number at the left edge; 0 unless all bars would look the same.
  let origin: Int

  /// - Parameter steps: They add up to what the second number is more than the first.
  init(_ start: (name: String, value: Int), _ steps: [Step], end: String) {
    var bars = [Bar(name: start.name, from: 0, to: start.value, isWhole: true)]
    var level = start.value
    for step in steps where step.change != 0 {
      bars.append(Bar(name: step.name, from: level, to: level + step.change, isWhole: false))
      level += step.change
    }
    bars.append(Bar(name: end, from: 0, to: level, isWhole: true))
    let levels = bars.flatMap { $0.isWhole ? [$0.to] : [$0.from, $0.to] }
    let (low, high) = (levels.min() ?? 0, levels.max() ?? 0)
    // Steps of less than a fifth of the whole are drawn larger.
    if low > 0, Double(high - low) < 0.2 * Double(high) {
      let margin = max(1, (high - low) / 4)
      let step = Scale.niceStep(Double(margin), 1)
      origin = max(0, Int(((Double(low) - Double(margin)) / step).rounded(.down) * step))
    } else {
      origin = 0
    }
    self.bars = bars
  }

  var markup: Markup {
    let end = bars.map { max($0.from, $0.to) }.max() ?? 0
    let span = Double(max(1, end - origin))
    var rows: [Markup] = []
    for (index, bar) in bars.enumerated() {
      let (low, high) = (min(bar.from, bar.to), max(bar.from, bar.to))
      let start = bar.isWhole ? origin : low
      let change = bar.to - bar.from
      let text = bar.isWhole ? TextFormat.grouped(bar.to) : TextFormat.signed(change)
      let style = bar.isWhole ? "f-whole" : change > 0 ? "f-more" : "f-less"
      var svg = Markup(
        "svg",
        [
          "class": "bar", "width": "100%", "height": "18", "role": "img",
          "aria-label": "\(bar.name): \(text) cycles",
        ])
      svg.append(
        Markup(
          "rect",
          [
            "x": SVGNumber.percent(Double(start - origin), of: span),
            "width": SVGNumber.percent(Double(high - start), of: span), "height": "100%",
            "class": "part \(style)",
          ], [.tip("\(bar.name): \(text) cycles")]))
      // Where the next one begins.
      if index + 1 < bars.count {
        let place = SVGNumber.percent(Double(bar.to - origin), of: span)
        svg.append(
          Markup("line", ["x1": place, "x2": place, "y1": "0", "y2": "100%", "class": "joint"]))
      }
      rows.append(.barRow(bar.name, svg, note: text))
    }
    return Markup("div", ["class": "bars waterfall"], rows)
  }

  /// What a reader must know of the left edge.
  var note: String {
    origin == 0 ? "" : " The left edge stands for \(TextFormat.grouped(origin)) cycles, not for 0."
  }
}
