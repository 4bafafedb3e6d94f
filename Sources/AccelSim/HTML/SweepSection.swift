/// The part of a page that shows the points of one workload of a sweep.
struct SweepSection: Sendable {
  let report: SweepReport
  /// Index of the workload in the request.
  let workload: Int
  /// Points in the table; of more, those on the front and those that failed come first.
  private static let rowLimit = 1000
  private static let mapLimit = 20

  private var rows: [SweepReport.Row] { report.rows.filter { $0.point.workload == workload } }
  private var axes: [SweepAxis] { report.plan.request.axes }

  var section: HTMLPage.Section {
    let title = "\(report.plan.request.workloads[workload]) on \(report.plan.request.config.name)"
    var content = [cards]
    if let map = SweepHeatMap(report) { content.append(mapFigure(map)) }
    if report.objectives.count > 1, rows.contains(where: { $0.measurement != nil }) {
      content.append(paretoFigure)
    }
    content.append(tableFigure)
    return HTMLPage.Section(id: "workload\(workload + 1)", title: title, content: content)
  }

  private var cards: Markup {
    var cards = [RunSection.card("Points", TextFormat.grouped(rows.count), stateNote)]
    for objective in report.objectives {
      let metric = objective.metric
      let best = rows.filter { $0.measurement != nil }.min { one, other in
        guard let one = one.measurement, let other = other.measurement else { return false }
        return objective.cost(one) < objective.cost(other)
      }
      guard let best, let measurement = best.measurement else { continue }
      cards.append(
        RunSection.card(
          objective.words, metric.text(measurement) + (metric.isShare ? " %" : ""),
          "point \(best.point.number)"))
    }
    return Markup("dl", ["class": "cards"], cards)
  }

  private var stateNote: String {
    let front = rows.count(where: \.isOnFront)
    var words = ["\(front) on the Pareto front"]
    let failed = rows.count { $0.outcome?.failure != nil }
    if failed > 0 { words.append("\(failed) failed") }
    let open = rows.count { $0.outcome == nil }
    if open > 0 { words.append("\(open) not finished") }
    return words.joined(separator: ", ")
  }

  // MARK: Maps

  private func mapFigure(_ map: SweepHeatMap) -> Markup {
    let maps = map.maps(workload: workload)
    let metric = report.mapped.rawValue
    let rest =
      maps.count > Self.mapLimit ? " \(maps.count - Self.mapLimit) more maps are not shown." : ""
    return .figure(
      "heat", "Map of \(metric)",
      "One number a machine, over the first two keys that vary: the larger it is, the more its cell "
        + "stands out from the page. - is a machine that was left out or did not finish.\(rest)",
      maps.prefix(Self.mapLimit).map { map in
        HeatMapChart(
          caption: "\(metric)\(report.mapped.isShare ? " in %" : "")"
            + (map.fixed.isEmpty ? "" : ": " + map.fixed.joined(separator: ", ")),
          downName: map.down.path, acrossName: map.across.path, down: map.down.values,
          across: map.across.values,
          cells: map.cells.map { line in
            line.map { row in
              guard let row else { return HeatMapChart.Cell(text: "-") }
              guard let measurement = row.measurement else {
                return HeatMapChart.Cell(text: row.outcome == nil ? "-" : "error")
              }
              return HeatMapChart.Cell(
                text: report.mapped.text(measurement), value: report.mapped.value(measurement))
            }
          }
        ).markup
      })
  }

  // MARK: Pareto

  private var paretoFigure: Markup {
    let (first, second) = (report.objectives[0], report.objectives[1])
    let chart = ParetoChart(
      points: rows.compactMap { row in
        row.measurement.map { measurement in
          ParetoChart.Point(
            name: "\(row.point.number)", x: shown(second, measurement),
            y: shown(first, measurement), isOnFront: row.isOnFront, tip: tip(row, measurement))
        }
      }, xName: name(second), yName: name(first), maximisesX: second.isMaximised,
      joinsFront: report.objectives.count == 2)
    let words = report.objectives.map(\.words).joined(separator: ", ")
    let legend = Palette.legend([
      (PlotSign.diamond.swatch("f-array"), "on the Pareto front, with its number"),
      (PlotSign.circle.swatch("f-beside"), "another machine is better"),
    ])
    let more =
      report.objectives.count > 2
      ? " The front is that of all \(report.objectives.count) goals; two of them are drawn." : ""
    return .figure(
      "pareto", "Pareto front",
      "Each point is a machine. On the front are those that no other beats in one goal without being "
        + "worse in another: \(words).\(more)", [legend] + Markup.drawings(chart.drawing))
  }

  private func shown(_ objective: SweepObjective, _ measurement: SweepMeasurement) -> Double {
    objective.metric.value(measurement) * (objective.metric.isShare ? 100 : 1)
  }

  private func name(_ objective: SweepObjective) -> String {
    objective.metric.rawValue + (objective.metric.isShare ? ", %" : "")
  }

  private func tip(_ row: SweepReport.Row, _ measurement: SweepMeasurement) -> String {
    let values = zip(axes, report.plan.values(of: row.point)).map { "\($0.path)=\($1)" }
    let numbers = report.objectives.map { "\($0.metric.rawValue) \($0.metric.text(measurement))" }
    return "point \(row.point.number): " + (values + numbers).joined(separator: ", ")
  }

  // MARK: Table

  private var tableFigure: Markup {
    var metrics: [SweepMetric] = [
      .cycles, .utilisation, .matmulUtilisation, .dramBytes, .sramBytes,
    ]
    metrics.append(.hostCycles)
    for metric in report.objectives.map(\.metric) + [report.mapped] where !metrics.contains(metric)
    {
      metrics.append(metric)
    }
    var table = DataTable(
      caption: "Points of the sweep",
      columns: [DataTable.number("Point")]
        + axes.map { DataTable.Column(title: $0.path, isNumber: Self.isNumeric($0)) }
        + metrics.map { DataTable.number($0.rawValue + ($0.isShare ? ", %" : "")) }
        + [DataTable.text("On the front", wraps: true)])
    let isLong = rows.count > Self.rowLimit
    let first = rows.filter { $0.isOnFront || $0.outcome?.failure != nil }
    let shown = isLong ? Array(first.prefix(Self.rowLimit)) : rows
    table.rows = shown.map { row in
      var cells = ["\(row.point.number)"] + report.plan.values(of: row.point)
      cells += metrics.map { metric in row.measurement.map { metric.text($0) } ?? "-" }
      cells.append(row.outcome?.failure ?? (row.isOnFront ? "yes" : "-"))
      return cells.map { DataTable.Cell($0) }
    }
    return .figure(
      "operators", "Points",
      "A click on a heading sorts by it."
        + (isLong ? " Only those on the front and those that failed are in the table." : ""),
      [table.markup])
  }

  private static func isNumeric(_ axis: SweepAxis) -> Bool {
    axis.values.allSatisfy { Double($0) != nil }
  }
}

extension HTMLReport {
  /// The page of a sweep.
  public static func page(_ report: SweepReport) -> String {
    let request = report.plan.request
    let sections = request.workloads.indices.map {
      SweepSection(report: report, workload: $0).section
    }
    var words = ["\(TextFormat.grouped(report.rows.count)) points"]
    if !request.assignments.isEmpty {
      words.append("all with " + request.assignments.map(\.description).joined(separator: ", "))
    }
    if report.plan.excluded > 0 {
      words.append("\(report.plan.excluded) excluded by constraints")
    }
    if report.plan.invalid > 0 {
      words.append("\(report.plan.invalid) left out that are no machines")
    }
    return HTMLPage(
      title: sections.count == 1
        ? "Sweep: \(sections[0].title)" : "Sweep of \(sections.count) workloads",
      summary: words.joined(separator: "; "), sections: sections
    ).text
  }
}
