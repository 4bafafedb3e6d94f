/// The part of a page that compares runs of a network with the first of them.
struct ComparisonSection: Sendable {
  let comparison: Comparison
  /// Unique in the page.
  let id: String
  /// Operators that a waterfall shows by themselves; the others are added up.
  private static let operatorLimit = 14

  init(_ comparison: Comparison, id: String) {
    self.comparison = comparison
    self.id = id
  }

  private var base: Comparison.Column { comparison.columns[0] }
  private var others: ArraySlice<Comparison.Column> { comparison.columns.dropFirst() }

  func section(title: String) -> HTMLPage.Section {
    var content = [cards, legend, figures]
    if comparison.columns.count > 1 { content.append(bars) }
    for column in others {
      content.append(waterfall(column))
      content.append(operatorWaterfall(column))
    }
    if !others.isEmpty { content.append(operatorTable) }
    return HTMLPage.Section(id: id, title: title, content: content)
  }

  private var cards: Markup {
    let cards = comparison.columns.map { column in
      let note: String
      if let difference = column.difference?.cycles {
        let ratio = Double(column.summary.cycles) / Double(max(1, base.summary.cycles))
        note =
          "\(TextFormat.signed(difference)) cycles, \(TextFormat.fixed(ratio, 3)) times \(base.label)"
      } else {
        note = "compared with"
      }
      return RunSection.card(
        "\(column.label): cycles", TextFormat.grouped(column.summary.cycles), note)
    }
    return Markup("dl", ["class": "cards"], cards)
  }

  /// Which letter is which machine.
  private var legend: Markup {
    Markup(
      "dl", ["class": "facts"],
      comparison.columns.flatMap { column in
        [Markup("dt", text: column.label), Markup("dd", text: column.config)]
      })
  }

  private var figures: Markup {
    var table = DataTable(caption: "Figures of the runs", columns: [DataTable.text("Figure")])
    for column in comparison.columns {
      table.columns.append(DataTable.number(column.label))
      if column.difference != nil {
        table.columns.append(DataTable.number("\(column.label) − \(base.label)"))
        table.columns.append(DataTable.number("\(column.label) / \(base.label)"))
      }
    }
    // A line below another belongs to it in the text report; here each is by itself.
    var group = ""
    for figure in RunSummary.figures {
      let label = figure.label.drop { $0 == " " }
      if label.count == figure.label.count {
        group = figure.label.split(separator: ",").first.map(String.init) ?? figure.label
      }
      let name = label.count == figure.label.count ? figure.label : "\(group), \(label)"
      var cells = [DataTable.Cell(name)]
      for column in comparison.columns {
        cells.append(DataTable.Cell(figure.text(column.summary)))
        if column.difference != nil {
          cells.append(DataTable.Cell(figure.difference(column.summary, base.summary)))
          cells.append(DataTable.Cell(figure.ratio(column.summary, base.summary)))
        }
      }
      table.rows.append(cells)
    }
    return .figure(
      "figures", "Figures", "The runs side by side, and how much more the others have.",
      [table.markup])
  }

  /// All runs as bars of their uses.
  private var bars: Markup {
    var chart = BarChart(bars: [], unit: "cycles")
    for column in comparison.columns {
      let uses = Dictionary(
        column.uses.map { ($0.reason, $0.cycles) }, uniquingKeysWith: { first, _ in first })
      chart.bars.append(
        BarChart.Bar(
          name: column.label, parts: CycleParts(uses, cycles: column.summary.cycles).bar,
          note: TextFormat.grouped(column.summary.cycles)))
    }
    let used = CycleUse.allCases.filter { use in
      comparison.columns.contains { $0.uses.contains { $0.reason == use.name } }
    }
    return .figure(
      "cycles", "Where the cycles go",
      "Each cycle counts for one use; bars are as long as the runs.",
      [
        Palette.legend(used.map { (Palette.swatch(fill: Palette.fill($0)), $0.name) }),
        chart.markup,
      ])
  }

  // MARK: Differences

  /// From the first run's cycles to another's, by what cycles went to.
  static func waterfall(_ column: Comparison.Column, from base: Comparison.Column)
    -> WaterfallChart
  {
    WaterfallChart(
      (base.label, base.summary.cycles),
      (column.difference?.uses ?? []).map {
        WaterfallChart.Step(name: $0.reason, change: $0.cycles)
      },
      end: column.label)
  }

  /// The same by operator, the largest differences first; the small ones together.
  static func operatorWaterfall(_ column: Comparison.Column, from base: Comparison.Column)
    -> WaterfallChart
  {
    let sorted = (column.difference?.operators ?? []).enumerated()
      .filter { $0.element.cycles != 0 }
      .sorted { (abs($1.element.cycles), $0.offset) < (abs($0.element.cycles), $1.offset) }
      .map(\.element)
    let isLong = sorted.count > operatorLimit
    var steps = sorted.prefix(isLong ? operatorLimit - 1 : operatorLimit).map {
      WaterfallChart.Step(name: $0.stem, change: $0.cycles)
    }
    if isLong {
      let rest = sorted.dropFirst(operatorLimit - 1)
      steps.append(
        WaterfallChart.Step(
          name: "\(rest.count) others", change: rest.reduce(0) { $0 + $1.cycles }))
    }
    return WaterfallChart((base.label, base.summary.cycles), steps, end: column.label)
  }

  private func waterfall(_ column: Comparison.Column) -> Markup {
    let chart = Self.waterfall(column, from: base)
    return .figure(
      "waterfall", "From \(base.label) to \(column.label) by what cycles go to",
      "Each bar begins where the one above it ends: orange bars add cycles, blue ones take them away."
        + chart.note, [chart.markup])
  }

  private func operatorWaterfall(_ column: Comparison.Column) -> Markup {
    let chart = Self.operatorWaterfall(column, from: base)
    return .figure(
      "waterfall", "From \(base.label) to \(column.label) by operator",
      "The same difference by operators of one name, the largest changes first." + chart.note,
      [chart.markup])
  }

  private var operatorTable: Markup {
    var table = DataTable(
      caption: "Cycles of operators of one name",
      columns: [DataTable.text("Operator"), DataTable.number(base.label)])
    for column in others {
      table.columns.append(DataTable.number(column.label))
      table.columns.append(DataTable.number("\(column.label) − \(base.label)"))
    }
    var stems = base.operators.map(\.stem)
    for column in others {
      for stem in column.difference?.operators.map(\.stem) ?? [] where !stems.contains(stem) {
        stems.append(stem)
      }
    }
    for stem in stems {
      let own = base.operators.first { $0.stem == stem }?.cycles
      let parts = others.map { $0.difference?.operators.first { $0.stem == stem } }
      let inside = parts.compactMap { $0?.inside }.first.map { "in \($0)" } ?? "-"
      var cells = [stem, own.map(TextFormat.grouped) ?? inside]
      for part in parts {
        cells.append(part?.other.map(TextFormat.grouped) ?? inside)
        cells.append(TextFormat.signed(part?.cycles ?? 0))
      }
      table.rows.append(cells.map { DataTable.Cell($0) })
    }
    var total = ["all", TextFormat.grouped(base.summary.cycles)]
    for column in others {
      total.append(TextFormat.grouped(column.summary.cycles))
      total.append(TextFormat.signed(column.difference?.cycles ?? 0))
    }
    table.total = total.map { DataTable.Cell($0) }
    return .figure(
      "operators", "Operators", "A click on a heading sorts by it.", [table.markup])
  }
}
