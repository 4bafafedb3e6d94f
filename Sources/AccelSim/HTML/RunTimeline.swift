/// A run's operators and what they did, as timelines.
struct RunTimeline: Sendable {
  let report: NetworkReport
  /// Unique in the page.
  let run: String
  /// Operators that a timeline holds; of more, those of most cycles.
  static let operatorLimit = 3000
  /// Bins of what changes over time.
  private static let binLimit = 512

  /// The kinds of parts in a chart of all cycles.
  static let families = Palette.Family.allCases

  /// Operators in lanes, and what the cycles went to.
  var chart: TimelineChart {
    var chart = TimelineChart(cycles: report.cycles, run: run)
    var lanes: [String] = []
    var start = 0
    var operations: [TimelineChart.Operation] = []
    for row in report.operators {
      let lane = lanes.firstIndex(of: row.group) ?? lanes.count
      if lane == lanes.count { lanes.append(row.group) }
      operations.append(
        TimelineChart.Operation(
          name: row.name, lane: lane, start: start, cycles: row.cycles, style: Self.style(row),
          tip: tip(row, start)))
      start += row.cycles
    }
    chart.lanes = lanes.map { WorkloadGroup(rawValue: $0)?.title ?? $0 }
    chart.operations = Self.largest(operations)
    let (starts, parts) = bins
    chart.starts = starts
    chart.tracks = [
      TimelineChart.Track(
        name: "All cycles", note: "what they went to",
        layers: Self.families.map { family in
          TimelineChart.Layer(
            name: family.name, style: family.style,
            values: parts.map { Double($0[family]) / Double(max(1, $0.total)) })
        }, height: 72)
    ]
    return chart
  }

  /// Who was at work for most of an operator's cycles.
  static func style(_ row: NetworkReport.Row) -> String {
    let parts = CycleParts(row)
    let (host, nonlinear) = (parts[.host], parts[.nonlinear])
    let others = parts.total - host - nonlinear
    if host >= max(nonlinear, others) && host > 0 { return Palette.Family.host.style }
    return nonlinear > others ? Palette.Family.nonlinear.style : Palette.Family.array.style
  }

  private func tip(_ row: NetworkReport.Row, _ start: Int) -> String {
    let largest = CycleParts(row).largestFirst.prefix(3).map {
      "\($0.use.name) \(TextFormat.percent($0.cycles, of: row.cycles)) %"
    }
    let end = start + row.cycles
    return "\(row.name): \(TextFormat.grouped(row.cycles)) cycles, "
      + "\(TextFormat.grouped(start)) to \(TextFormat.grouped(end)); "
      + largest.joined(separator: ", ")
  }

  private static func largest(_ operations: [TimelineChart.Operation])
    -> [TimelineChart.Operation]
  {
    guard operations.count > operatorLimit else { return operations }
    let least = operations.map(\.cycles).sorted(by: >)[operatorLimit - 1]
    return Array(operations.filter { $0.cycles >= least }.prefix(operatorLimit))
  }

  /// What the operators' cycles went to over time: a bin each, or bins of equal length if they are
  /// many, in which an operator counts for the part that it has of them.
  private var bins: (starts: [Int], parts: [CycleParts]) {
    let rows = report.operators.filter { $0.cycles > 0 }
    let ends = rows.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1.cycles) }
    if rows.count <= Self.binLimit {
      return ([0] + ends.dropLast(), rows.map { CycleParts($0) })
    }
    let total = ends.last ?? 0
    let starts = (0..<Self.binLimit).map { total / Self.binLimit * $0 }
    var parts = [CycleParts](repeating: CycleParts([:], cycles: 0), count: starts.count)
    var index = 0
    for (bin, start) in starts.enumerated() {
      let end = bin + 1 < starts.count ? starts[bin + 1] : total
      while index < rows.count {
        let begin = ends[index] - rows[index].cycles
        let share =
          Double(min(end, ends[index]) - max(start, begin)) / Double(rows[index].cycles)
        let uses = rows[index].cycleUses.mapValues { Int((Double($0) * share).rounded()) }
        parts[bin].add(CycleParts(uses, cycles: 0))
        if ends[index] > end { break }
        index += 1
      }
    }
    return (starts, parts)
  }
}
