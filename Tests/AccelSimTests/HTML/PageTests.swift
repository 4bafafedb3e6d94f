import Glibc
import Testing

@testable import AccelSim

@Suite struct PageTests {
  private static func run(
    _ preset: String, _ change: (inout NetworkReport) -> Void = { _ in }
  ) throws -> RunFile {
    let machine = try NetworkCheckTests.machine(preset)
    let steps = WorkloadSteps(try NetworkCheckTests.layer())
    var report = try NetworkRun.report(steps, on: machine)
    change(&report)
    let program = RunProgram.network(
      workload: "layer.json", digest: "1", tiles: [:], fusing: .all)
    return RunFile(report, program, on: machine)
  }

  /// What holds for every page: well formed, one name for one place, nothing from outside, a policy
  /// that names just its own style and script.
  static func check(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) -> PageReader
  {
    let reader = PageReader(page)
    #expect(reader.problems == [], sourceLocation: sourceLocation)
    let ids = reader.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, sourceLocation: sourceLocation)
    for element in reader.elements {
      for (name, value) in element.attributes {
        #expect(!name.hasPrefix("on") && name != "style", sourceLocation: sourceLocation)
        if name == "src" || name == "href" {
          #expect(
            value == "data:," || ids.contains(String(value.dropFirst())),
            sourceLocation: sourceLocation)
        }
        for part in value.split(separator: "url(").dropFirst() {
          let id = part.dropFirst().prefix { $0 != ")" }
          #expect(ids.contains(String(id)), sourceLocation: sourceLocation)
        }
      }
    }
    let policy =
      reader.all("meta").first { $0.attributes["http-equiv"] != nil }?.attributes["content"] ?? ""
    let (style, script) = (reader.all("style"), reader.all("script"))
    #expect(style.count == 1 && script.count == 1, sourceLocation: sourceLocation)
    #expect(policy.contains("default-src 'none'"), sourceLocation: sourceLocation)
    #expect(
      policy.contains("style-src \(SHA256.source(style[0].text));"), sourceLocation: sourceLocation)
    #expect(
      policy.contains("script-src \(SHA256.source(script[0].text));"),
      sourceLocation: sourceLocation)
    // Every drawing tells what it shows, or is left out for those who do not see it.
    for svg in reader.all("svg") where !svg.classes.contains("op") {
      #expect(
        svg.attributes["aria-hidden"] == "true"
          || (svg.attributes["role"] == "img" && svg.attributes["aria-label"]?.isEmpty == false),
        sourceLocation: sourceLocation)
    }
    for heading in reader.all("th") {
      #expect(heading.attributes["scope"] != nil, sourceLocation: sourceLocation)
    }
    #expect(
      reader.all("caption").count == reader.all("table").count, sourceLocation: sourceLocation)
    return reader
  }

  private static func figures(_ page: PageReader) -> [String] {
    page.all("figure").compactMap { $0.classes.last }
  }

  @Test(arguments: ["gemmini-default", "gemmini-ibert", "gemmini-fp"])
  func aRunHasItsParts(_ preset: String) throws {
    let run = try Self.run(preset)
    let text = HTMLReport.page(run)
    #expect(text == HTMLReport.page(try Self.run(preset)))
    let page = Self.check(text)
    #expect(
      Self.figures(page).starts(with: [
        "cycles", "time", "operators", "roofline", "traffic", "units", "buffers",
      ]))
    #expect(page.all("h1")[0].text == "layer on \(preset)")
    #expect(page.all("svg").count { $0.classes == ["op"] } == run.report.operators.count)
    // What is read back gives the same page.
    let back = try RunFile(json: Array(run.json().utf8), file: "r.json")
    #expect(HTMLReport.page(back) == text)
  }

  /// The bars' tips and the table of uses say all cycles, once each.
  @Test func cyclesAddUp() throws {
    let run = try Self.run("gemmini-fp")
    let page = PageReader(HTMLReport.page(run))
    func cycles(_ text: String) -> Int {
      let words = text.split(separator: " ")
      let place = words.lastIndex { $0.hasPrefix("cycles") } ?? 0
      return place == 0 ? 0 : Int(words[place - 1].filter { $0 != "," }) ?? 0
    }
    let tips = page.all("title", in: "cycles").map { (name: $0.text, cycles: cycles($0.text)) }
    let whole = tips.filter { $0.name.hasPrefix("All cycles") }.reduce(0) { $0 + $1.cycles }
    let parts = tips.filter { !$0.name.hasPrefix("All cycles") }.reduce(0) { $0 + $1.cycles }
    #expect(whole == run.report.cycles)
    #expect(parts == run.report.cycles)
    let cells = page.all("td", in: "cycles").map(\.text).enumerated().filter { $0.offset % 2 == 0 }
      .map { Int($0.element.filter { $0 != "," }) ?? 0 }
    #expect(cells.dropLast().reduce(0, +) == cells.last)
    #expect(cells.last == run.report.cycles)
  }

  @Test func cyclesOfNoOperatorAreShown() throws {
    let run = try Self.run("gemmini-default") { $0.cycles += 1000 }
    let parts = run.report.cycleParts
    #expect(parts.total == run.report.cycles)
    #expect(parts[.nothing] >= 1000)
  }

  private static let hostile = [
    "<script>alert(1)</script>", "</script><svg onload=alert(1)>", #""onmouseover="x" y=""#,
    "'&amp;",
    "😀\u{202E}\u{0}", String(repeating: "long name ", count: 200),
  ]

  @Test func namesDoNoHarm() throws {
    let run = try Self.run("gemmini-fp") { report in
      func name(_ index: Int) -> String { Self.hostile[index % Self.hostile.count] }
      report.workload = name(0)
      report.config = name(1)
      report.memory = name(2)
      report.parameters = [name(0): 1]
      for index in report.operators.indices {
        report.operators[index].name = "\(name(index))\(index)"
        report.operators[index].stem = name(index)
        report.operators[index].group = name(index)
        report.operators[index].place = name(index + 1)
        report.operators[index].stall = name(index + 2)
      }
      report.conversions[0].region = name(1)
      report.units[0].unit = name(2)
    }
    let page = Self.check(HTMLReport.page([(Self.hostile[0], run), (Self.hostile[2], run)]))
    #expect(
      page.all("script").map(\.text) == [
        String(decoding: PackageResources.report_js, as: UTF8.self)
      ])
    #expect(page.elements.contains { $0.text == Self.hostile[1] })
  }

  @Test func anInterruptedRunSaysSo() throws {
    let run = try Self.run("gemmini-default") { $0.isComplete = false }
    let page = Self.check(HTMLReport.page([("a", run), ("b", run)]))
    #expect(page.elements.count { $0.classes == ["notice"] } == 2)
    // Half a run is compared with nothing.
    #expect(!page.elements.contains { $0.classes.contains("waterfall") })
  }

  @Test func runsWithoutATimelineOrOperators() throws {
    let run = try Self.run("gemmini-default") { $0.timeline = nil }
    let page = Self.check(HTMLReport.page(run))
    #expect(!Self.figures(page).contains("buffers"))
    #expect(!page.all("path", in: "time").isEmpty)
    let empty = try Self.run("gemmini-default") {
      $0 = NetworkReport(RunResult(), named: "nothing", memory: "")
    }
    _ = Self.check(HTMLReport.page(empty))
  }

  /// Of very many operators the bins still hold all cycles.
  @Test func manyOperatorsAreBinned() throws {
    let run = try Self.run("gemmini-default") { report in
      report.timeline = nil
      report.operators = (0..<500).flatMap { _ in report.operators }
      report.cycles *= 500
    }
    let machine = Machine(unchecked: run.machine)
    let chart = RunTimeline(report: run.report, machine: machine, run: "r").chart
    #expect(chart.starts.count == 512)
    #expect(chart.operations.count == RunTimeline.operatorLimit)
    for bin in chart.starts.indices {
      let sum = chart.tracks[0].layers.reduce(0) { $0 + $1.values[bin] }
      #expect(abs(sum - 1) < 1e-9)
    }
  }

  @Test func runsOfTheSameWorkAreCompared() throws {
    let runs = try ["gemmini-default", "gemmini-fp", "gemmini-ibert"].map {
      (name: $0, run: try Self.run($0))
    }
    let page = Self.check(HTMLReport.page(runs))
    let sections = page.all("section").compactMap { $0.attributes["id"] }
    #expect(sections == ["run1", "run2", "run2-difference", "run3", "run3-difference"])
    #expect(page.all("nav").count == 1)
    var other = runs[1]
    other.run.program = .trace(path: "t")
    #expect(PageReader(HTMLReport.page([runs[0], other])).all("section").count == 2)
  }

  @Test func waterfallsEndAtTheOtherRun() throws {
    let names = ["gemmini-default", "gemmini-fp", "gemmini-8x8"]
    let runs = try names.enumerated().map { index, name in
      let run = try Self.run(name)
      return Comparison.Run(
        index: index, config: name, machine: Machine(unchecked: run.machine), report: run.report)
    }
    let comparison = Comparison("layer", runs)
    for column in comparison.columns.dropFirst() {
      for chart in [
        ComparisonSection.waterfall(column, from: comparison.columns[0]),
        ComparisonSection.operatorWaterfall(column, from: comparison.columns[0]),
      ] {
        #expect(chart.bars.first?.to == comparison.columns[0].summary.cycles)
        #expect(chart.bars.last?.to == column.summary.cycles)
        #expect(chart.bars.dropLast().last?.to == column.summary.cycles)
      }
    }
    let page = Self.check(HTMLReport.page(ComparisonReport([comparison, comparison])))
    #expect(Self.figures(page).count { $0 == "waterfall" } == 8)
  }

  // MARK: Colours

  /// Relative luminance of `#rrggbb` (WCAG 2).
  private static func luminance(_ colour: Substring) -> Double {
    let parts = [1, 3, 5].map { at in
      let digits = colour.dropFirst(at).prefix(2)
      let value = Double(Int(digits, radix: 16) ?? 0) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  private static func contrast(_ one: Substring, _ other: Substring) -> Double {
    let sorted = [luminance(one), luminance(other)].sorted()
    return (sorted[1] + 0.05) / (sorted[0] + 0.05)
  }

  /// Text stands out from what it stands on, 4.5 to 1 at least, in light and dark.
  @Test func textCanBeRead() throws {
    #expect(abs(Self.contrast("#000000", "#ffffff") - 21) < 1e-6)
    let css = String(decoding: PackageResources.report_css, as: UTF8.self)
    var colours: [[Substring: Substring]] = [[:]]
    for block in css.split(separator: ":root {", omittingEmptySubsequences: false)
      .dropFirst().prefix(2)
    {
      var set = colours.last ?? [:]
      for part in block.prefix(while: { $0 != "}" }).split(separator: ";") {
        let halves = part.split(separator: ":")
        guard halves.count == 2, let hash = halves[1].firstIndex(of: "#") else { continue }
        let name = halves[0].filter { $0 != " " && $0 != "\n" }
        set[Substring(name)] = halves[1][hash...].prefix(7)
      }
      colours.append(set)
    }
    #expect(colours.count == 3)
    for set in colours.dropFirst() {
      func expect(_ text: Substring, on ground: Substring) throws {
        let (one, other) = (try #require(set[text]), try #require(set[ground]))
        #expect(Self.contrast(one, other) >= 4.5, "\(text) on \(ground)")
      }
      for text in ["--ink", "--soft", "--focus"] as [Substring] {
        try expect(text, on: "--page")
        try expect(text, on: "--panel")
      }
      for shade in ["--h0", "--h1", "--h2"] as [Substring] { try expect("--ink", on: shade) }
      try expect("--t3", on: "--h3")
      try expect("--mark", on: "--h4")
      for shade in ["--h5", "--h6"] as [Substring] { try expect("--hot", on: shade) }
    }
  }
}
