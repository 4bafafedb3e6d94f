/// What happens when: operators in lanes, and what changes over time in tracks below them. The page's
/// script moves all charts of a run together.
struct TimelineChart: Sendable {
  /// An operator; `lane` is an index of `lanes`.
  struct Operation: Sendable {
    var name: String
    var lane: Int
    var start: Int
    var cycles: Int
    var style: String
    var tip: String
  }

  /// A part of a track: how high it stands in each bin, from 0 to 1 of the track.
  struct Layer: Sendable {
    var name: String
    var style: String
    var values: [Double]
  }

  /// Parts on top of each other, the first at the bottom.
  struct Track: Sendable {
    var name: String
    /// Behind the name, such as its average.
    var note: String
    var layers: [Layer]
    /// In pixels.
    var height = 32
  }

  /// Cycles of the run.
  var cycles: Int
  /// Groups its charts: those of one name move together.
  var run: String
  var lanes: [String] = []
  var operations: [Operation] = []
  /// First cycle of each bin, ascending from 0.
  var starts: [Int] = []
  var tracks: [Track] = []

  private static let laneHeight = 22
  /// Of drawings that are stretched to their place.
  private static let width = 100_000
  private static let height = 1000

  /// - Parameter hasControls: Whether the buttons stand above it.
  func markup(hasControls: Bool) -> Markup {
    var rows: [Markup] = []
    if !operations.isEmpty { rows += laneRows }
    for track in tracks { rows += row(track) }
    rows += axis
    var content: [Markup] = []
    if hasControls { content.append(Self.controls) }
    content.append(
      Markup(
        "div",
        [
          "class": "timeline", "data-run": run, "data-cycles": "\(cycles)", "tabindex": "0",
          "role": "group",
          "aria-label": "Timeline of \(TextFormat.grouped(cycles)) cycles. "
            + "Plus and minus zoom, the arrow keys move, 0 shows all.",
        ], rows))
    return Markup("div", ["class": "timeline-box"], content)
  }

  private static var controls: Markup {
    func button(_ action: String, _ text: String, _ name: String) -> Markup {
      Markup(
        "button",
        ["type": "button", "data-zoom": action, "aria-label": name, "title": name], text: text)
    }
    return Markup(
      "div", ["class": "controls"],
      [
        button("in", "+", "Zoom in"), button("out", "−", "Zoom out"),
        button("left", "←", "Earlier"), button("right", "→", "Later"),
        button("all", "All", "Show all cycles"),
        Markup("output", ["class": "window", "aria-live": "polite"]),
      ])
  }

  // MARK: Lanes

  private var laneRows: [Markup] {
    let height = Self.laneHeight * max(1, lanes.count)
    var svg = Markup(
      "svg",
      [
        "class": "lanes", "width": "100%", "height": "\(height)", "role": "img",
        "aria-label":
          "\(operations.count) operators over time, in lanes: \(lanes.joined(separator: ", "))",
      ])
    for lane in 1..<max(1, lanes.count) {
      let y = "\(lane * Self.laneHeight)"
      svg.append(Markup("line", ["x2": "100%", "y1": y, "y2": y, "class": "rule"]))
    }
    for operation in operations { svg.append(drawing(operation)) }
    let names = lanes.map { Markup("span", text: $0) }
    return [Markup("div", ["class": "lane-names"], names), svg]
  }

  private func drawing(_ operation: Operation) -> Markup {
    let whole = Double(max(1, cycles))
    var content = [
      Markup("rect", ["width": "100%", "height": "100%", "class": operation.style])
    ]
    // Without the script a name is shown where it fits a phone.
    let room = 230 * Double(operation.cycles) / whole - 6
    let fits = TextWidth.estimate(operation.name, size: 11) <= room
    content.append(
      Markup("text", ["x": "4", "y": "13", "class": fits ? "fits" : ""], text: operation.name))
    content.append(.tip(operation.tip))
    return Markup(
      "svg",
      [
        "class": "op", "x": SVGNumber.percent(Double(operation.start), of: whole),
        "y": "\(operation.lane * Self.laneHeight + 2)",
        "width": SVGNumber.percent(Double(operation.cycles), of: whole),
        "height": "\(Self.laneHeight - 4)",
      ], content)
  }

  // MARK: Tracks

  private func row(_ track: Track) -> [Markup] {
    var svg = Markup(
      "svg",
      [
        "class": "track", "width": "100%", "height": "\(track.height)",
        "viewBox": "0 0 \(Self.width) \(Self.height)", "preserveAspectRatio": "none",
        "role": "img", "aria-label": "\(track.name) over time. \(track.note)",
      ])
    // Each layer stands on those below it, so the highest is drawn first and the others over it.
    for (index, layer) in track.layers.enumerated().reversed() {
      let tops = starts.indices.map { bin in
        track.layers[...index].reduce(0) { $0 + ($1.values.indices ~= bin ? $1.values[bin] : 0) }
      }
      guard layer.values.contains(where: { $0 > 0 }) else { continue }
      svg.append(Markup("path", ["d": path(tops), "class": layer.style]))
    }
    return [
      Markup(
        "div", ["class": "track-name"],
        [Markup("span", text: track.name), Markup("small", text: track.note)]),
      svg,
    ]
  }

  /// The steps of `tops`, one a bin, closed along the bottom.
  func path(_ tops: [Double]) -> String {
    func x(_ cycle: Int) -> Int {
      Int((Double(cycle) / Double(max(1, cycles)) * Double(Self.width)).rounded())
    }
    func y(_ share: Double) -> Int {
      Self.height - Int((min(1, max(0, share)) * Double(Self.height)).rounded())
    }
    var text = "M0 \(Self.height)"
    var level = Self.height
    for (bin, top) in tops.enumerated() where y(top) != level {
      let start = x(starts[bin])
      if start > 0 { text += "H\(start)" }
      level = y(top)
      text += "V\(level)"
    }
    return text + "H\(Self.width)V\(Self.height)Z"
  }

  // MARK: The axis

  private var axis: [Markup] {
    let scale = Scale(0...Double(max(1, cycles)), to: (0, 1))
    let ticks = scale.ticks(5)
    var svg = Markup(
      "svg", ["class": "axis", "width": "100%", "height": "22", "aria-hidden": "true"])
    for (tick, text) in zip(ticks, ShortNumber.ticks(ticks)) {
      let place = SVGNumber.percent(scale(tick), of: 1)
      svg.append(Markup("line", ["x1": place, "x2": place, "y2": "5", "class": "rule"]))
      // A name at the edge stands inside.
      let anchor = scale(tick) < 0.02 ? "start" : scale(tick) > 0.97 ? "end" : "middle"
      svg.append(
        Markup("text", ["x": place, "y": "17", "text-anchor": anchor], text: text))
    }
    return [Markup("div", ["class": "track-name"], [Markup("span", text: "cycle")]), svg]
  }
}
