/// The part of a page that shows one run.
struct RunSection: Sendable {
  let report: NetworkReport
  let machine: Machine
  /// Unique in the page.
  let id: String
  let title: String
  /// Further lines about what ran.
  let notes: [String]
  let roofline: RooflineReport
  private let parts: CycleParts
  /// Operators that have bars.
  private static let barLimit = 40
  private let stems: [NetworkReport.Row]

  init(_ run: RunFile, id: String, title: String) {
    report = run.report
    machine = Machine(unchecked: run.machine)
    notes = run.notes
    self.id = id
    self.title = title
    roofline = RooflineReport(report, on: machine)
    parts = report.cycleParts
    stems = report.stems
  }

  var section: HTMLPage.Section {
    var content: [Markup] = []
    if let interruption = report.interruption {
      content.append(Markup("p", ["class": "notice"], text: "The run was \(interruption)."))
    }
    content += [cards, facts, cycleFigure, timelineFigure, operatorFigure]
    if !RooflineChart(roofline).isEmpty { content.append(rooflineFigure) }
    content += [trafficFigure, unitFigure]
    if let buffers = timeline.buffers { content.append(Self.bufferFigure(buffers)) }
    if !report.conversions.isEmpty { content.append(conversionFigure) }
    return HTMLPage.Section(id: id, title: title, content: content)
  }

  // MARK: Headlines

  private var cards: Markup {
    let peak = report.peakMACsPerCycle
    let ideal = ceilingDivide(report.macs, max(1, peak))
    let multiplying = stems.reduce(0) { $0 + ($1.macs > 0 ? $1.cycles : 0) }
    let busy =
      multiplying == 0
      ? 0 : 100 * Double(report.macs) / (Double(multiplying) * Double(max(1, peak)))
    let traffic = report.traffic
    let bytes = traffic.readBytes + traffic.writeBytes
    let each = Double(bytes) / Double(max(1, report.cycles))
    let top = parts.largestFirst.prefix(3).map { use, cycles in
      Markup(
        "li", [:],
        [
          Markup("span", [:], [Palette.swatch(fill: Palette.fill(use)), .text(use.name)]),
          Markup("span", text: TextFormat.percent(cycles, of: report.cycles) + " %"),
        ])
    }
    return Markup(
      "dl", ["class": "cards"],
      [
        Self.card(
          "Cycles", TextFormat.grouped(report.cycles),
          "at least \(ShortNumber.text(Double(ideal))) for the multiplications"),
        Self.card(
          "Use of the array", TextFormat.fixed(100 * report.utilisation, 1) + " %",
          "\(TextFormat.fixed(busy, 1)) % in operators that multiply"),
        Self.card(
          "Bytes moved", ShortNumber.bytes(bytes),
          "\(ShortNumber.bytes(traffic.readBytes)) read, \(ShortNumber.bytes(traffic.writeBytes)) "
            + "written; \(TextFormat.fixed(each, 2)) a cycle"),
        Self.card("Array", "\(machine.dim) × \(machine.dim)", MachineFacts(machine).summary),
        Markup(
          "div", ["class": "card top"],
          [
            Markup("dt", text: "Where the time goes"),
            Markup("dd", [:], [Markup("ol", [:], top)]),
          ]),
      ])
  }

  static func card(_ name: String, _ number: String, _ note: String) -> Markup {
    Markup(
      "div", ["class": "card"],
      [
        Markup("dt", text: name),
        Markup(
          "dd", [:],
          [
            Markup("div", ["class": "big"], text: number),
            Markup("div", ["class": "note"], text: note),
          ]),
      ])
  }

  /// What was run with what.
  private var facts: Markup {
    let parameters = report.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var list: [(String, [Markup])] = [
      (
        "Workload",
        [
          .text(
            report.workload
              + (parameters.isEmpty ? "" : ": " + parameters.joined(separator: ", ")))
        ]
      )
    ]
    let (base, values) = MachineFacts(machine).differences
    var machineText: [Markup] = [.text(report.config)]
    if values.isEmpty {
      if base != report.config { machineText.append(.text(", the same as \(base)")) }
    } else {
      machineText.append(
        .text(base == report.config ? " with " : ", which differs from \(base) in: "))
      for (index, value) in values.enumerated() {
        machineText.append(Markup("code", text: value.key))
        machineText.append(.text(" \(value.text)\(index + 1 < values.count ? ", " : "")"))
      }
    }
    list.append(("Machine", machineText))
    list.append(("Main memory", [.text(report.memory)]))
    if report.memoryBytes > 0 {
      list.append(
        ("Tensors", [.text("\(TextFormat.grouped(report.memoryBytes)) bytes of main memory")]))
    }
    if report.operators.count > 1 {
      list.append(
        ("Operators", [.text("\(report.operators.count) that take time, of \(stems.count) names")]))
    }
    for note in notes { list.append(("Note", [.text(note)])) }
    if let check = report.check {
      list.append(
        (
          "Results",
          [.text(check.passed ? "checked against references: right" : "NOT as the references")]
        )
      )
    }
    return Markup(
      "dl", ["class": "facts"],
      list.flatMap { [Markup("dt", text: $0.0), Markup("dd", [:], $0.1)] })
  }

  // MARK: Cycles

  private var cycleFigure: Markup {
    var whole = BarChart(bars: [], unit: "cycles")
    whole.bars = [BarChart.Bar(name: "All cycles", parts: parts.bar, note: "100 %")]
    var table = DataTable(
      caption: "What every cycle went to; the uses add up to the run",
      columns: [DataTable.text("Use"), DataTable.number("Cycles"), DataTable.number("%")])
    table.rows = CycleUse.allCases.filter { parts[$0] > 0 }.map { use in
      [
        DataTable.Cell(use.name, swatch: Palette.swatch(fill: Palette.fill(use))),
        DataTable.Cell(TextFormat.grouped(parts[use])),
        DataTable.Cell(TextFormat.percent(parts[use], of: parts.total)),
      ]
    }
    table.total = ["all", TextFormat.grouped(parts.total), "100.0"].map { DataTable.Cell($0) }
    var bars = BarChart(bars: [], unit: "cycles")
    bars.bars = stems.sorted { $0.cycles > $1.cycles }.prefix(Self.barLimit).map { row in
      BarChart.Bar(
        name: row.stem, parts: CycleParts(row).bar,
        note: TextFormat.percent(row.cycles, of: report.cycles) + " %")
    }
    return .figure(
      "cycles", "Where the cycles go",
      "Each cycle of the run counts for one use: what the array does or waits for; where it has "
        + "nothing to do, who else is at work. Below, the operators of one name together, the longest "
        + "first; bars are as long as their part of the run."
        + (stems.count > Self.barLimit ? " Only the \(Self.barLimit) longest are drawn." : ""),
      [
        Markup("div", ["class": "heading-bars"], [whole.markup]), table.markup,
        Markup("h4", text: "By operator"), bars.markup,
      ])
  }

  // MARK: Time

  private var timelineFigure: Markup {
    let legend = Palette.legend(
      RunTimeline.families.filter { parts[$0] > 0 }.map {
        (Palette.swatch(style: $0.style), $0.name)
      })
    let count = report.operators.count
    let limit = RunTimeline.operatorLimit
    let note = count > limit ? " Only the \(limit) longest of \(count) operators are drawn." : ""
    return .figure(
      "time", "The run over time",
      "From left to right the cycles of the run; operators are coloured by who works for most of "
        + "their cycles. Units: dark is busy, pale is waiting with work in hand. Plus and minus zoom and the arrow keys move; so do dragging, and the wheel "
        + "after a click." + note,
      [legend, timeline.chart.markup(hasControls: true, search: search)])
  }

  private var timeline: RunTimeline { RunTimeline(report: report, machine: machine, run: id) }

  private static func bufferFigure(_ chart: TimelineChart) -> Markup {
    .figure(
      "buffers", "Buffers over time",
      "How many entries are in use; the whole height is all entries of the buffer. It shows the same "
        + "cycles as the timeline above.", [chart.markup(hasControls: false)])
  }

  private var search: Markup {
    Markup(
      "div", ["class": "search"],
      [
        Markup(
          "label", [:],
          [
            .text("Find operators "),
            Markup("input", ["type": "search", "placeholder": "such as ffn1", "size": "16"]),
          ]), Markup("output", ["class": "found-count", "aria-live": "polite"]),
      ])
  }

  // MARK: Memory

  private var trafficFigure: Markup {
    var bars = BarChart(bars: [], unit: "bytes")
    bars.bars = stems.filter { $0.readBytes + $0.writtenBytes > 0 }
      .sorted { $0.readBytes + $0.writtenBytes > $1.readBytes + $1.writtenBytes }.prefix(
        Self.barLimit
      )
      .map { row in
        BarChart.Bar(
          name: row.stem,
          parts: [
            BarChart.Part(name: "read", fill: Palette.readFill, value: row.readBytes),
            BarChart.Part(name: "written", fill: Palette.writtenFill, value: row.writtenBytes),
          ], note: ShortNumber.bytes(row.readBytes + row.writtenBytes))
      }
    let legend = Palette.legend([
      (Palette.swatch(fill: Palette.readFill), "read"),
      (Palette.swatch(fill: Palette.writtenFill), "written"),
    ])
    return .figure(
      "traffic", "Memory traffic",
      "What each memory gave and took, and the bytes between main memory and the accelerator by "
        + "operators of one name.", [memoryTable.markup, legend, bars.markup])
  }

  private var memoryTable: DataTable {
    var table = DataTable(
      caption: "Bytes by memory",
      columns: [
        DataTable.text("Memory"), DataTable.number("Read"), DataTable.number("A cycle"),
        DataTable.number("Written"), DataTable.number("A cycle"),
      ])
    func add(_ name: String, _ read: Int, _ written: Int) {
      func each(_ value: Int) -> String {
        TextFormat.fixed(Double(value) / Double(max(1, report.cycles)), 2)
      }
      table.rows.append(
        [
          name, TextFormat.grouped(read), each(read), TextFormat.grouped(written), each(written),
        ].map { DataTable.Cell($0) })
    }
    let summary = RunSummary(report, on: machine)
    let traffic = report.traffic
    if traffic.cache == nil {
      add("main memory", traffic.readBytes, traffic.writeBytes)
    } else {
      add("bus to the L2 cache", traffic.readBytes, traffic.writeBytes)
      add("main memory, behind the L2", traffic.dramReadBytes, traffic.dramWriteBytes)
    }
    add("scratchpad", summary.scratchpadReadBytes, summary.scratchpadWrittenBytes)
    add("accumulator", summary.accumulatorReadBytes, summary.accumulatorWrittenBytes)
    return table
  }

  private var rooflineFigure: Markup {
    let chart = RooflineChart(roofline)
    return .figure(
      "roofline", "Roofline",
      "Operators of one name: the higher, the more of the array they use; below the slope main "
        + "memory, below the flat part the array is the limit. A larger sign is a larger part of the "
        + "run. Both axes are logarithmic.", [chart.legend] + Markup.drawings(chart.drawing))
  }
}
