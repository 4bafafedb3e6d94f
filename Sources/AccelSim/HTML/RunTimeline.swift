/// A run's operators and what its units did, as timelines.
struct RunTimeline: Sendable {
  let report: NetworkReport
  let machine: Machine
  /// Unique in the page.
  let run: String
  /// Operators that a timeline holds; of more, those of most cycles.
  static let operatorLimit = 3000
  /// Bins of what changes over time.
  private static let binLimit = 512

  /// The kinds of parts in a chart of all cycles.
  static let families = Palette.Family.allCases

  /// Operators in lanes, what the cycles went to, and what each unit did.
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
    if let timeline = report.timeline {
      chart.tracks += timeline.units.map { Self.track($0, timeline) }
      chart.tracks.append(bytes(timeline))
    }
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
    if let timeline = report.timeline {
      return (
        timeline.starts,
        timeline.starts.indices.map { bin in
          let uses = timeline.uses.map { ($0.name, $0.values[bin]) }
          return CycleParts(
            Dictionary(uses, uniquingKeysWith: +), cycles: timeline.cycles(of: bin))
        }
      )
    }
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

  // MARK: Units and buffers

  private static func track(_ unit: Timeline.Unit, _ timeline: Timeline) -> TimelineChart.Track {
    let style = style(unit.unit)
    func shares(_ cycles: [Int]) -> [Double] {
      timeline.starts.indices.map { Double(cycles[$0]) / Double(max(1, timeline.cycles(of: $0))) }
    }
    func percent(_ cycles: [Int]) -> String {
      TextFormat.percent(cycles.reduce(0, +), of: timeline.end)
    }
    let waits = unit.waiting.contains { $0 > 0 } ? ", waits \(percent(unit.waiting)) %" : ""
    return TimelineChart.Track(
      name: unit.unit, note: "busy \(percent(unit.busy)) %\(waits)",
      layers: [
        TimelineChart.Layer(name: "busy", style: style, values: shares(unit.busy)),
        TimelineChart.Layer(name: "waiting", style: "\(style) pale", values: shares(unit.waiting)),
      ])
  }

  /// The colour of what belongs to a unit, by the words of its name.
  private static func style(_ name: String) -> String {
    let families: [(word: String, family: Palette.Family)] = [
      ("load", .load), ("read", .load), ("store", .store), ("writ", .store), ("execute", .array),
      ("nonlinear", .nonlinear), ("host", .host),
    ]
    return (families.first { name.contains($0.word) }?.family ?? .rest).style
  }

  /// Bytes to and from main memory; the whole height is what the bus can carry in both directions.
  private func bytes(_ timeline: Timeline) -> TimelineChart.Track {
    let most = Double(2 * machine.beatBytes)
    func shares(_ bytes: [Int]) -> [Double] {
      timeline.starts.indices.map {
        Double(bytes[$0]) / Double(max(1, timeline.cycles(of: $0))) / most
      }
    }
    let sum = timeline.readBytes.reduce(0, +) + timeline.writtenBytes.reduce(0, +)
    let mean = TextFormat.fixed(Double(sum) / Double(max(1, timeline.end)), 1)
    return TimelineChart.Track(
      name: "bus", note: "\(mean) of \(2 * machine.beatBytes) bytes a cycle",
      layers: [
        TimelineChart.Layer(
          name: "read", style: Palette.Family.load.style, values: shares(timeline.readBytes)),
        TimelineChart.Layer(
          name: "written", style: Palette.Family.store.style, values: shares(timeline.writtenBytes)),
      ])
  }

  /// How full the buffers are; the whole height is all entries. `nil` for a run that does not tell.
  var buffers: TimelineChart? {
    guard let timeline = report.timeline, !timeline.buffers.isEmpty else { return nil }
    var chart = TimelineChart(cycles: report.cycles, run: run)
    chart.starts = timeline.starts
    chart.tracks = timeline.buffers.map { buffer in
      let mean = Double(buffer.entryCycles.reduce(0, +)) / Double(max(1, timeline.end))
      return TimelineChart.Track(
        name: buffer.name, note: "\(TextFormat.fixed(mean, 1)) of \(buffer.capacity) on average",
        layers: [
          TimelineChart.Layer(
            name: "in use", style: Self.style(buffer.name),
            values: timeline.starts.indices.map { bin in
              Double(buffer.entryCycles[bin])
                / Double(max(1, timeline.cycles(of: bin) * buffer.capacity))
            })
        ])
    }
    return chart
  }
}
