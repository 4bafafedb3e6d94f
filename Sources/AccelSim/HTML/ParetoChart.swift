/// Points of a sweep over two of its objectives, and the front that no other point is better than.
struct ParetoChart: Sendable {
  struct Point: Sendable {
    var name: String
    var x: Double
    var y: Double
    var isOnFront: Bool
    var tip: String
  }

  var points: [Point]
  var xName: String
  var yName: String
  /// Whether more of what goes to the right is better.
  var maximisesX = false
  /// Whether the front is that of these two alone, so that a line can join it.
  var joinsFront = true
  /// Points beside the front that are drawn at most.
  static let limit = 2000

  func drawing(_ width: Double) -> Markup {
    let frame = PlotFrame(
      width: width, height: width < 500 ? 300 : 380, x: Self.domain(points.map(\.x)),
      y: Self.domain(points.map(\.y)), isLogarithmic: false)
    var parts = frame.axes(xName, yName)
    let front = points.filter(\.isOnFront).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    if joinsFront, let path = steps(front, frame) {
      parts.append(Markup("path", ["d": path, "class": "front"]))
    }
    var labels = PlotFrame.Labels(frame)
    let others = points.filter { !$0.isOnFront }
    for point in others.prefix(Self.limit) {
      let (x, y) = (frame.x(point.x), frame.y(point.y))
      labels.take(x: x, y: y, radius: 4)
      parts.append(PlotSign.circle.markup(x: x, y: y, radius: 3.5, "f-beside", tip: point.tip))
    }
    for point in front { labels.take(x: frame.x(point.x), y: frame.y(point.y), radius: 5) }
    for point in front {
      let (x, y) = (frame.x(point.x), frame.y(point.y))
      parts.append(PlotSign.diamond.markup(x: x, y: y, radius: 5, "f-array", tip: point.tip))
    }
    for point in front {
      let (x, y) = (frame.x(point.x), frame.y(point.y))
      if let label = labels.place(point.name, x: x, y: y, radius: 5) { parts.append(label) }
    }
    return .drawing(
      width, frame.height, "\(yName) over \(xName)",
      "\(points.count) points, \(front.count) of them on the Pareto front.", parts)
  }

  /// The front as steps: between two of its points the worse number of both counts.
  private func steps(_ front: [Point], _ frame: PlotFrame) -> String? {
    guard let first = front.first, front.count > 1 else { return nil }
    let n = SVGNumber.text
    var path = "M\(n(frame.x(first.x))) \(n(frame.y(first.y)))"
    for point in front.dropFirst() {
      let (x, y) = (n(frame.x(point.x)), n(frame.y(point.y)))
      path += maximisesX ? "V\(y)H\(x)" : "H\(x)V\(y)"
    }
    return path
  }

  /// All values with a margin, from 0 if they come near it.
  static func domain(_ values: [Double]) -> ClosedRange<Double> {
    guard let low = values.min(), let high = values.max() else { return 0...1 }
    let margin = high > low ? 0.08 * (high - low) : max(abs(high) * 0.1, 0.5)
    let isNearZero = low >= 0 && low < 0.35 * high
    return (isNearZero ? 0 : low - margin)...(high + margin)
  }
}
