extension SweepReport {
  /// Points in a table; of more only the front is shown.
  private static let tableLimit = 100
  private static let failureLimit = 20

  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String { document.text() }

  /// The report for a page that shows Markdown.
  public func markdown() -> String { document.markdown() }

  private var document: ReportDocument {
    var document = ReportDocument()
    let maps = SweepHeatMap(self)
    for workload in plan.request.workloads.indices {
      document.add(title: "\(plan.request.workloads[workload]) on \(plan.request.config.name)")
      document.add("\n")
      document.add(picture: table(rows.filter { $0.point.workload == workload }))
      if let maps { document.add(picture: maps.text(workload: workload)) }
      document.add("\n")
    }
    document.add(summary)
    return document
  }

  private var summary: String {
    let front = rows.count(where: \.isOnFront)
    var text = TextFormat.counted(rows.count, "point")
    if finished < rows.count { text += ", \(rows.count - finished) of them not finished" }
    if plan.excluded > 0 { text += ", \(plan.excluded) excluded by constraints" }
    if plan.invalid > 0 { text += ", \(plan.invalid) left out that are no machines" }
    let words = objectives.map(\.words).joined(separator: ", ")
    text += "\n" + TextFormat.wrapped("* on the Pareto front (\(front)): \(words)")
    let failed = rows.compactMap { row in row.outcome?.failure.map { (row.point.number, $0) } }
    if !failed.isEmpty {
      text += "\(TextFormat.counted(failed.count, "point")) failed:\n"
      for (number, reason) in failed.prefix(Self.failureLimit) {
        text += "  \(number): \(reason)\n"
      }
      if failed.count > Self.failureLimit {
        text += "  … and \(failed.count - Self.failureLimit) more\n"
      }
    }
    return text
  }

  // MARK: The table

  /// A column: two lines of heading, then the cells.
  private struct Column {
    var heading: (String, String)
    var cells: [String]

    var width: Int {
      max(heading.0.count, heading.1.count, cells.map { DisplayWidth.of($0) }.max() ?? 0)
    }
  }

  private func table(_ rows: [Row]) -> String {
    let isShort = rows.count > Self.tableLimit
    let shown = isShort ? rows.filter { $0.isOnFront || $0.outcome?.failure != nil } : rows
    var text = ""
    if isShort { text += "The Pareto front of \(TextFormat.grouped(rows.count)) points\n\n" }
    let measures = measures
    let needed = 1 + objectives.count { $0.metric != .cycles }
    let number = Column(heading: ("", "point"), cells: shown.map { "\($0.point.number)" })
    let mark = Column(heading: ("", ""), cells: shown.map { $0.isOnFront ? "*" : "" })
    let columns = measures.map { column($0, shown) }
    var legend = ""
    for style in AxisStyle.allCases {
      let axes = axisColumns(style, shown)
      legend = style == .letter ? axisLegend : ""
      // Without the axes all that matters is that it fits.
      let least = style == .none ? 1 : min(needed, columns.count)
      for count in stride(from: columns.count, through: least, by: -1) {
        let all = [number] + axes + columns.prefix(count) + [mark]
        let width = all.reduce(-2) { $0 + $1.width + 2 }
        if width <= TextFormat.pageWidth || (style == .none && count == least) {
          return text + Self.text(all, lines: shown.count) + legend
        }
      }
    }
    return text
  }

  private static func text(_ columns: [Column], lines: Int) -> String {
    func line(_ cells: [String]) -> String {
      let text = zip(columns, cells).map { TextFormat.right($1, $0.width) }.joined(separator: "  ")
      return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
    var text = columns.contains { !$0.heading.0.isEmpty } ? line(columns.map(\.heading.0)) : ""
    text += line(columns.map(\.heading.1))
    for index in 0..<lines { text += line(columns.map { $0.cells[index] }) }
    return text
  }

  /// How axes stand over their columns, the best that fits.
  private enum AxisStyle: CaseIterable {
    case name
    case letter
    case none
  }

  private func axisColumns(_ style: AxisStyle, _ rows: [Row]) -> [Column] {
    guard style != .none else { return [] }
    return plan.request.axes.enumerated().map { index, axis in
      let halves = axis.path.split(separator: ".", maxSplits: 1).map(String.init)
      let heading =
        style == .letter
        ? ("", Self.letter(index))
        : halves.count == 2 ? (halves[0], halves[1]) : ("", axis.path)
      return Column(
        heading: heading,
        cells: rows.map { TextFormat.shortened(axis.values[$0.point.choices[index]], 16) })
    }
  }

  private var axisLegend: String {
    plan.request.axes.enumerated().map { "  \(Self.letter($0))  \($1.path)\n" }.joined()
  }

  /// A, B, … Z, A2, …
  private static func letter(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? letter : "\(letter)\(index / 26 + 1)"
  }

  /// Cycles, then what is compared, then what is often asked for.
  private var measures: [SweepMetric] {
    var measures: [SweepMetric] = [.cycles]
    let others: [SweepMetric] = [
      .utilisation, .matmulUtilisation, .dramBytes, .sramBytes, .hostCycles,
    ]
    let wanted = objectives.map(\.metric)
    for metric in wanted + others where !measures.contains(metric) { measures.append(metric) }
    return measures
  }

  private func column(_ metric: SweepMetric, _ rows: [Row]) -> Column {
    let heading: (String, String) =
      switch metric {
      case .cycles: ("", "cycles")
      case .utilisation: ("array", "%")
      case .matmulCycles: ("matmul", "cycles")
      case .matmulUtilisation: ("matmuls", "%")
      case .dramBytes: ("DRAM", "MiB")
      case .readBytes: ("read", "MiB")
      case .writtenBytes: ("written", "MiB")
      case .hostCycles: ("host", "cycles")
      case .conversionCycles: ("conversion", "cycles")
      case .sramBytes: ("SRAM", "KiB")
      }
    let unit: Double =
      switch metric {
      case .dramBytes, .readBytes, .writtenBytes: 1_048_576
      case .sramBytes: 1024
      default: 0
      }
    let cells = rows.map { row in
      guard let measurement = row.measurement else {
        return metric == .cycles && row.outcome != nil ? "error" : "-"
      }
      guard unit > 0 else { return metric.text(measurement) }
      return TextFormat.fixed(metric.value(measurement) / unit, metric == .sramBytes ? 0 : 1)
    }
    return Column(heading: heading, cells: cells)
  }
}

extension TextFormat {
  static let pageWidth = 80

  /// `text` broken at spaces to the width of a page, lines after the first indented by two; ends with
  /// a line break. Spaces in a row count as one.
  static func wrapped(_ text: String) -> String {
    var (lines, line) = ([String](), "")
    for word in text.split(separator: " ") {
      if !line.isEmpty, DisplayWidth.of(line) + 1 + DisplayWidth.of(word) > pageWidth {
        lines.append(line)
        line = " "
      }
      line += line.isEmpty ? word : " \(word)"
    }
    return (lines + [line]).joined(separator: "\n") + "\n"
  }
}
