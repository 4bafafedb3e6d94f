/// The axes of a plot of points, and where names beside points find room.
struct PlotFrame: Sendable {
  let width: Double
  let height: Double
  let x: Scale
  let y: Scale

  private static let left = 62.0
  private static let right = 14.0
  private static let top = 14.0
  private static let bottom = 44.0
  static let textSize = 11.5

  init(
    width: Double, height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>,
    isLogarithmic: Bool
  ) {
    self.width = width
    self.height = height
    self.x = Scale(x, to: (Self.left, width - Self.right), isLogarithmic: isLogarithmic)
    self.y = Scale(y, to: (height - Self.bottom, Self.top), isLogarithmic: isLogarithmic)
  }

  /// Lines and numbers of both axes, with their names.
  func axes(_ xName: String, _ yName: String) -> [Markup] {
    let bottom = height - Self.bottom
    var parts: [Markup] = []
    let across = x.ticks(width < 500 ? 5 : 10)
    for (tick, text) in zip(across, names(across, x)) {
      parts.append(.line(x(tick), Self.top, x(tick), bottom, "rule"))
      parts.append(.label(text, x: x(tick), y: bottom + 16, "middle"))
    }
    let up = y.ticks(8)
    for (tick, text) in zip(up, names(up, y)) {
      parts.append(.line(Self.left, y(tick), width - Self.right, y(tick), "rule"))
      parts.append(.label(text, x: Self.left - 7, y: y(tick) + 4, "end"))
    }
    parts.append(.line(Self.left, bottom, width - Self.right, bottom, "axis-line"))
    parts.append(.line(Self.left, Self.top, Self.left, bottom, "axis-line"))
    parts.append(
      .label(xName, x: (Self.left + width - Self.right) / 2, y: height - 8, "middle strong"))
    let middle = SVGNumber.text((Self.top + bottom) / 2)
    parts.append(
      Markup(
        "text", ["transform": "translate(14 \(middle)) rotate(-90)", "class": "middle strong"],
        text: yName))
    return parts
  }

  private func names(_ ticks: [Double], _ scale: Scale) -> [String] {
    scale.isLogarithmic ? ticks.map(ShortNumber.power) : ShortNumber.ticks(ticks)
  }

  /// What is already drawn where names could stand.
  struct Labels: Sendable {
    private struct Box {
      var left: Double
      var top: Double
      var right: Double
      var bottom: Double

      func meets(_ other: Box) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
      }
    }

    private var taken: [Box] = []
    private let area: Box

    init(_ frame: PlotFrame) {
      area = Box(
        left: PlotFrame.left + 2, top: PlotFrame.top, right: frame.width - 2,
        bottom: frame.height - PlotFrame.bottom)
    }

    /// Keeps a point free of names.
    mutating func take(x: Double, y: Double, radius: Double) {
      taken.append(
        Box(left: x - radius, top: y - radius, right: x + radius, bottom: y + radius))
    }

    /// The name beside a point of `radius`, at the first side that is free; `nil` if none is.
    mutating func place(_ name: String, x: Double, y: Double, radius: Double) -> Markup? {
      let (width, height) = (TextWidth.estimate(name, size: textSize), textSize)
      let gap = radius + 4
      let places = [
        (x + gap, y + 4), (x - gap - width, y + 4), (x - width / 2, y - gap),
        (x - width / 2, y + gap + height - 2), (x + gap * 0.7, y - gap * 0.7),
        (x + gap * 0.7, y + gap * 0.7 + height - 2), (x - gap * 0.7 - width, y - gap * 0.7),
        (x - gap * 0.7 - width, y + gap * 0.7 + height - 2),
      ]
      for (left, base) in places {
        let box = Box(left: left, top: base - height, right: left + width, bottom: base + 2)
        guard box.left >= area.left, box.right <= area.right, box.top >= area.top,
          box.bottom <= area.bottom, !taken.contains(where: box.meets)
        else { continue }
        taken.append(box)
        return .label(name, x: left, y: base, "point-name")
      }
      return nil
    }
  }
}

/// Signs at points, told apart by their form.
enum PlotSign: String, CaseIterable, Sendable {
  case circle, square, triangle, diamond

  /// The sign at a place, about as large as a circle of `radius`.
  func markup(x: Double, y: Double, radius: Double, _ style: String, tip: String) -> Markup {
    let n = SVGNumber.text
    let r = radius
    let path =
      switch self {
      case .circle: ""
      case .square:
        "M\(n(x - r * 0.88)) \(n(y - r * 0.88))h\(n(r * 1.76))v\(n(r * 1.76))h\(n(-r * 1.76))z"
      case .triangle:
        "M\(n(x)) \(n(y - r * 1.2))L\(n(x + r * 1.1)) \(n(y + r * 0.8))"
          + "L\(n(x - r * 1.1)) \(n(y + r * 0.8))z"
      case .diamond:
        "M\(n(x)) \(n(y - r * 1.25))L\(n(x + r * 1.25)) \(n(y))L\(n(x)) \(n(y + r * 1.25))"
          + "L\(n(x - r * 1.25)) \(n(y))z"
      }
    guard path.isEmpty else {
      return Markup("path", ["d": path, "class": "point \(style)"], [.tip(tip)])
    }
    return Markup(
      "circle", ["cx": n(x), "cy": n(y), "r": n(r), "class": "point \(style)"], [.tip(tip)])
  }

  /// In a legend.
  func swatch(_ style: String) -> Markup {
    Markup(
      "svg", ["class": "swatch", "width": "14", "height": "14", "aria-hidden": "true"],
      [markup(x: 7, y: 7, radius: 5, style, tip: "")])
  }
}
