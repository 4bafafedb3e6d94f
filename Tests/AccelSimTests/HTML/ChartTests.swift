import Testing

@testable import AccelSim

@Suite struct ChartTests {
  /// The number before a percent sign.
  private static func percent(_ text: String?) -> Double { Double(text?.dropLast() ?? "") ?? .nan }

  @Test func partsOfABarFollowEachOther() {
    let parts = [3, 0, 4, 5].enumerated().map {
      BarChart.Part(name: "p\($0)", fill: "url(#use\($0))", value: $1)
    }
    let chart = BarChart(
      bars: [
        BarChart.Bar(name: "long", parts: parts, note: ""),
        BarChart.Bar(name: "half", parts: [BarChart.Part(name: "p", fill: "", value: 6)], note: ""),
      ], unit: "cycles")
    let page = PageReader(chart.markup.html)
    #expect(page.problems == [])
    let rects = page.all("rect").map {
      (Self.percent($0.attributes["x"]), Self.percent($0.attributes["width"]))
    }
    #expect(rects.map(\.0) == [0, 25, 58.333, 0])
    #expect(rects.map(\.1) == [25, 33.333, 41.667, 50])
    #expect(page.all("svg")[0].attributes["aria-label"]?.contains("p2 33.3 %") == true)
  }

  /// Each step begins where the last one ended, and the last bar is the second number.
  @Test func waterfallsLeadFromOneNumberToTheOther() {
    var random = SplitMix(state: 0x7A11)
    for _ in 0..<100 {
      let start = random.next(in: 0...1_000_000)
      let steps = (0..<random.next(in: 0...8)).map {
        WaterfallChart.Step(name: "s\($0)", change: random.next(in: -1000...1000))
      }
      let chart = WaterfallChart(("A", start), steps, end: "B")
      #expect(chart.bars.first == .init(name: "A", from: 0, to: start, isWhole: true))
      for (before, bar) in zip(chart.bars, chart.bars.dropFirst()) where !bar.isWhole {
        #expect(bar.from == before.to)
        #expect(bar.from != bar.to)
      }
      let end = start + steps.reduce(0) { $0 + $1.change }
      #expect(chart.bars.last == .init(name: "B", from: 0, to: end, isWhole: true))
      #expect(
        chart.origin <= chart.bars.map { min($0.to, $0.isWhole ? $0.to : $0.from) }.min() ?? 0)
      let page = PageReader(chart.markup.html)
      #expect(page.problems == [])
      for rect in page.all("rect") where start > 1000 {
        let (x, width) = (
          Self.percent(rect.attributes["x"]), Self.percent(rect.attributes["width"])
        )
        #expect(x >= 0 && width >= 0 && x + width <= 100.01)
      }
    }
  }

  @Test func theLeftEdgeIsZeroUnlessStepsAreSmall() {
    let large = WaterfallChart(("A", 100), [.init(name: "s", change: 50)], end: "B")
    #expect(large.origin == 0 && large.note.isEmpty)
    let small = WaterfallChart(("A", 1_000_000), [.init(name: "s", change: 50)], end: "B")
    #expect(small.origin > 999_000 && small.origin < 1_000_000)
    #expect(small.note.contains(TextFormat.grouped(small.origin)))
  }

  @Test func tracksAreStepsThatEndAtTheBottom() {
    var chart = TimelineChart(cycles: 100, run: "r")
    chart.starts = [0, 25, 50]
    #expect(chart.path([0.5, 0.5, 1]) == "M0 1000V500H50000V0H100000V1000Z")
    // More than everything is everything.
    #expect(chart.path([0, 2, 0]) == "M0 1000H25000V0H50000V1000H100000V1000Z")
    chart.tracks = [
      .init(
        name: "t", note: "n",
        layers: [
          .init(name: "a", style: "low", values: [0.25, 0.5, 0]),
          .init(name: "b", style: "high", values: [0.25, 0, 0.5]),
          .init(name: "c", style: "never", values: [0, 0, 0]),
        ])
    ]
    let page = PageReader(chart.markup(hasControls: true).html)
    #expect(page.problems == [])
    // The higher one lies under the lower one.
    let paths = page.all("path").map { [$0.attributes["class"], $0.attributes["d"]] }
    #expect(
      paths == [
        ["high", chart.path([0.5, 0.5, 0.5])], ["low", chart.path([0.25, 0.5, 0])],
      ])
    #expect(page.all("button").allSatisfy { $0.attributes["aria-label"]?.isEmpty == false })
  }

  @Test func operatorsStandWhereTheyRun() {
    var chart = TimelineChart(cycles: 200, run: "r")
    chart.lanes = ["one", "two"]
    chart.operations = [
      .init(name: "a", lane: 0, start: 0, cycles: 50, style: "", tip: "a"),
      .init(name: "b", lane: 1, start: 50, cycles: 150, style: "", tip: "b"),
    ]
    let page = PageReader(chart.markup(hasControls: false).html)
    #expect(page.problems == [])
    let places = page.all("svg").filter { $0.classes == ["op"] }.map {
      [$0.attributes["x"], $0.attributes["width"], $0.attributes["y"]]
    }
    #expect(places == [["0%", "25%", "2"], ["25%", "75%", "24"]])
  }

  @Test func shadesAreEqualSteps() {
    let shades = (0...70).map { HeatMapChart.shade(Double($0), in: 0...70) }
    #expect(shades.first == 0 && shades.last == HeatMapChart.shades - 1)
    #expect(zip(shades, shades.dropFirst()).allSatisfy { ($0 ?? -1) <= ($1 ?? -1) })
    for shade in 0..<HeatMapChart.shades { #expect(shades.count { $0 == shade } >= 10) }
    #expect(HeatMapChart.shade(5, in: 5...5) == nil)
  }

  /// No two names overlap, and none leaves the plot.
  @Test func namesOfPointsDoNotMeet() throws {
    var random = SplitMix(state: 0x1ABE15)
    let frame = PlotFrame(width: 340, height: 300, x: 0...1, y: 0...1, isLogarithmic: false)
    var labels = PlotFrame.Labels(frame)
    var boxes: [(Double, Double, Double, Double)] = []
    var placed = 0
    for index in 0..<200 {
      let x = frame.x(Double(random.next(in: 0...100)) / 100)
      let y = frame.y(Double(random.next(in: 0...100)) / 100)
      let name = "point \(index)"
      guard let label = labels.place(name, x: x, y: y, radius: 4) else { continue }
      placed += 1
      let text = try #require(PageReader(label.html).elements.first)
      let left = Double(text.attributes["x"] ?? "") ?? .nan
      let base = Double(text.attributes["y"] ?? "") ?? .nan
      let right = left + TextWidth.estimate(name, size: PlotFrame.textSize)
      #expect(left >= 0 && right <= 340 && base >= PlotFrame.textSize && base <= 300)
      for box in boxes {
        let isApart = right <= box.1 || box.0 >= right || box.1 <= left
        #expect(isApart || base <= box.2 - 0.01 || base - PlotFrame.textSize >= box.3 + 0.01)
      }
      boxes.append((left, right, base - PlotFrame.textSize, base))
    }
    #expect(placed > 10)
  }

  @Test func pointsOnEachOtherShareAName() {
    let groups = RooflineChart.groups([(0, 0), (100, 0), (3, 2), (100, 4), (50, 50)])
    #expect(groups == [[0, 2], [1, 3], [4]])
  }

  @Test func bandsHoldTheirNumbers() {
    for (value, from, to) in [(5.0, 4.0, 6.0), (9, 4, 6), (-3, nil, 2), (1e9, 1, nil)]
      as [(Double?, Double?, Double?)]
    {
      let chart = BandChart(value: value, from: from, to: to, isGood: true, words: "w")
      for number in [value, from, to].compactMap(\.self) {
        #expect(chart.domain.contains(number))
      }
      #expect(PageReader(chart.markup.html).problems == [])
    }
    #expect(PageReader(BandChart(isGood: false, words: "").markup.html).all("circle").isEmpty)
  }

  @Test func theFrontIsJoinedInSteps() {
    let points = [(1.0, 9.0, true), (2, 5, true), (3, 8, false), (6, 2, true)].enumerated().map {
      ParetoChart.Point(name: "\($0)", x: $1.0, y: $1.1, isOnFront: $1.2, tip: "")
    }
    let chart = ParetoChart(points: points, xName: "x", yName: "y")
    let page = PageReader(chart.drawing(880).html)
    #expect(page.problems == [])
    let front = page.all("path").first { $0.classes == ["front"] }?.attributes["d"] ?? ""
    #expect(front.count { $0 == "H" } == 2 && front.count { $0 == "V" } == 2)
    #expect(page.all("circle").count == 1)
  }
}
