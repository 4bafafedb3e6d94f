import Glibc

/// Operators under the roof of their machine: multiply-accumulates a cycle over multiply-accumulates
/// a byte, both logarithmic.
struct RooflineChart: Sendable {
  let report: RooflineReport
  /// Operators that have both numbers.
  private var points: [RooflineReport.Row] {
    report.operators.filter { $0.intensity != nil && $0.achieved > 0 }
  }

  init(_ report: RooflineReport) { self.report = report }

  /// Whether an operator multiplies.
  var isEmpty: Bool { points.isEmpty }

  static func sign(_ limit: RooflineReport.Limit) -> (sign: PlotSign, style: String, name: String) {
    switch limit {
    case .compute: (.circle, "f-array", "bound by the array")
    case .bandwidth: (.triangle, "f-load", "by main memory")
    case .host: (.square, "f-host", "by the host")
    case .waiting: (.diamond, "f-nonlinear", "by none: units wait for each other")
    }
  }

  var legend: Markup {
    let used = RooflineReport.Limit.allCases.filter { limit in points.contains { $0.limit == limit }
    }
    return Palette.legend(
      used.map { limit in
        let (sign, style, name) = Self.sign(limit)
        return (sign.swatch(style), name)
      })
  }

  func drawing(_ width: Double) -> Markup {
    let peak = Double(report.peakMACsPerCycle)
    let intensities = points.compactMap(\.intensity) + [report.ridge]
    let rates = points.map(\.achieved)
    let low = exp2(log2((intensities.min() ?? 1) / 3).rounded(.down))
    let high = exp2(log2((intensities.max() ?? 1) * 3).rounded(.up))
    let least = exp2(log2(min(rates.min() ?? peak, peak / 8) / 1.5).rounded(.down))
    let frame = PlotFrame(
      width: width, height: width < 500 ? 300 : 400, x: low...high, y: least...peak * 2,
      isLogarithmic: true)
    var parts = frame.axes("multiply-accumulates a byte", "multiply-accumulates a cycle")
    parts += roof(frame, peak)
    var labels = PlotFrame.Labels(frame)
    let placed = points.map { row in
      (row, x: frame.x(row.intensity ?? 1), y: frame.y(row.achieved), r: radius(row, width))
    }.sorted { $0.r > $1.r }
    for point in placed { labels.take(x: point.x, y: point.y, radius: point.r) }
    for (row, x, y, r) in placed {
      let (sign, style, name) = Self.sign(row.limit)
      let tip =
        "\(row.stem): \(TextFormat.fixed(row.achieved, 1)) of \(TextFormat.fixed(row.attainable, 1)) "
        + "MACs a cycle at \(TextFormat.fixed(row.intensity ?? 0, 1)) a byte; \(name); "
        + "\(TextFormat.percent(row.cycles, of: report.whole.cycles)) % of the run"
      parts.append(sign.markup(x: x, y: y, radius: r, style, tip: tip))
    }
    for group in Self.groups(placed.map { ($0.x, $0.y) }) {
      let largest = placed[group[0]]
      let names = group.map { placed[$0].0.stem }.joined(separator: ", ")
      let name = TextWidth.fitted(names, 150, size: PlotFrame.textSize)
      if let label = labels.place(name, x: largest.x, y: largest.y, radius: largest.r) {
        parts.append(label)
      }
    }
    return .drawing(
      width, frame.height, "Roofline plot",
      "\(points.count) operators; the array allows \(report.peakMACsPerCycle) multiply-accumulates a "
        + "cycle, the way to main memory \(TextFormat.fixed(report.peakBytesPerCycle, 1)) bytes.",
      parts)
  }

  /// Indices of points that lie on each other, so that they share a name.
  static func groups(_ points: [(x: Double, y: Double)]) -> [[Int]] {
    var groups: [[Int]] = []
    for (index, point) in points.enumerated() {
      let near = groups.firstIndex { group in
        hypot(points[group[0]].x - point.x, points[group[0]].y - point.y) < 5
      }
      if let near { groups[near].append(index) } else { groups.append([index]) }
    }
    return groups
  }

  /// The area tells the share of the run.
  private func radius(_ row: RooflineReport.Row, _ width: Double) -> Double {
    let share = Double(row.cycles) / Double(max(1, report.whole.cycles))
    return 4 + (width < 500 ? 6 : 9) * share.squareRoot()
  }

  private func roof(_ frame: PlotFrame, _ peak: Double) -> [Markup] {
    let bytes = report.peakBytesPerCycle
    let (left, right) = (frame.x.domain.lowerBound, frame.x.domain.upperBound)
    // Where the slope meets the lower edge, if that is inside.
    let first = max(left, frame.y.domain.lowerBound / bytes)
    let n = SVGNumber.text
    let corner = (frame.x(report.ridge), frame.y(peak))
    let path =
      "M\(n(frame.x(first))) \(n(frame.y(first * bytes)))L\(n(corner.0)) \(n(corner.1))"
      + "H\(n(frame.x(right)))"
    let flat = "array: \(TextFormat.grouped(report.peakMACsPerCycle)) MACs a cycle"
    let slope = "memory: \(TextFormat.fixed(bytes, 1)) bytes a cycle"
    var parts = [Markup("path", ["d": path, "class": "roof"])]
    parts.append(.label(flat, x: frame.x(right) - 4, y: corner.1 - 7, "end roof-name"))
    let angle =
      atan2(frame.y(first * bytes) - corner.1, corner.0 - frame.x(first)) * 180 / Double.pi
    let length = hypot(corner.0 - frame.x(first), corner.1 - frame.y(first * bytes))
    if TextWidth.estimate(slope, size: PlotFrame.textSize) + 10 < length {
      let middle = (
        (corner.0 + frame.x(first)) / 2 - 7 * sin(angle * .pi / 180),
        (corner.1 + frame.y(first * bytes)) / 2 - 7 * cos(angle * .pi / 180)
      )
      parts.append(
        Markup(
          "text",
          [
            "transform": "translate(\(n(middle.0)) \(n(middle.1))) rotate(\(n(-angle)))",
            "class": "middle roof-name",
          ], text: slope))
    }
    return parts
  }
}
