extension RunSection {
  private static let rowLimit = 3000

  /// Operators of one name, and each of them.
  var operatorFigure: Markup {
    let rows = report.operators
    let stems = report.stems
    var content = [stemTable(stems).markup]
    if rows.count > stems.count {
      let shown = rows.count > Self.rowLimit ? Array(rows.prefix(Self.rowLimit)) : rows
      let rest = rows.count > shown.count ? ", the first \(shown.count) of them here" : ""
      content.append(
        Markup(
          "details", ["class": "operators"],
          [
            Markup("summary", text: "All \(rows.count) operators by themselves\(rest)"),
            operatorTable(shown).markup,
          ]))
    }
    return .figure(
      "operators", "Operators",
      "A click on a heading sorts by it. Array: multiplications done of those possible. Bound by: "
        + "the limit that takes at least half of the cycles, if one does.", content)
  }

  private func stemTable(_ stems: [NetworkReport.Row]) -> DataTable {
    var table = DataTable(
      caption: "Operators of one name, added up",
      columns: [
        DataTable.text("Operator"), DataTable.text("Where"), DataTable.number("Count"),
        DataTable.number("Cycles"), DataTable.number("% of run"), DataTable.number("Array %"),
        DataTable.number("MACs/byte"), DataTable.number("Bytes/cycle"), DataTable.text("Bound by"),
        DataTable.text("Array waits for"),
      ])
    table.isSearchable = true
    for (row, limit) in zip(stems, roofline.operators) {
      table.rows.append(
        [
          row.stem, row.place, "\(row.count)", TextFormat.grouped(row.cycles),
          TextFormat.percent(row.cycles, of: report.cycles), arrayShare(row),
          limit.intensity.map { TextFormat.fixed($0, 1) } ?? "-", bytesPerCycle(row),
          limit.limit.rawValue, row.stall.isEmpty ? "-" : row.stall,
        ].map { DataTable.Cell($0) })
    }
    let all = roofline.whole
    table.total = [
      "all", "", "\(report.operators.reduce(0) { $0 + $1.count })",
      TextFormat.grouped(report.cycles), TextFormat.percent(report.cycles, of: report.cycles),
      TextFormat.fixed(100 * report.utilisation, 1),
      all.intensity.map { TextFormat.fixed($0, 1) } ?? "-",
      TextFormat.fixed(
        Double(report.traffic.readBytes + report.traffic.writeBytes)
          / Double(max(1, report.cycles)), 2), all.limit.rawValue, "",
    ].map { DataTable.Cell($0) }
    return table
  }

  private func operatorTable(_ rows: [NetworkReport.Row]) -> DataTable {
    var table = DataTable(
      caption: "Every operator, in the order of execution",
      columns: [
        DataTable.text("Operator"), DataTable.number("From cycle"), DataTable.number("Cycles"),
        DataTable.number("% of run"), DataTable.number("Array %"), DataTable.number("Bytes read"),
        DataTable.number("Bytes written"), DataTable.text("Most cycles"),
      ])
    table.isSearchable = true
    var start = 0
    for row in rows {
      let largest = CycleParts(row).largestFirst.first
      table.rows.append(
        [
          row.name, TextFormat.grouped(start), TextFormat.grouped(row.cycles),
          TextFormat.percent(row.cycles, of: report.cycles), arrayShare(row),
          TextFormat.grouped(row.readBytes), TextFormat.grouped(row.writtenBytes),
          largest.map {
            "\($0.use.name) \(TextFormat.percent($0.cycles, of: row.cycles)) %"
          } ?? "-",
        ].map { DataTable.Cell($0) })
      start += row.cycles
    }
    return table
  }

  private func arrayShare(_ row: NetworkReport.Row) -> String {
    guard row.macs > 0, row.cycles > 0 else { return "-" }
    let peak = Double(row.cycles) * Double(max(1, report.peakMACsPerCycle))
    return TextFormat.fixed(100 * Double(row.macs) / peak, 1)
  }

  private func bytesPerCycle(_ row: NetworkReport.Row) -> String {
    TextFormat.fixed(Double(row.readBytes + row.writtenBytes) / Double(max(1, row.cycles)), 2)
  }

  /// What each unit's cycles went to, and the host's.
  var unitFigure: Markup {
    var table = DataTable(
      caption: "Cycles of each unit, % of the run",
      columns: [
        DataTable.text("Unit"), DataTable.number("Busy"), DataTable.number("Waiting"),
        DataTable.number("Idle"), DataTable.text("Mostly waits for", wraps: true),
      ])
    for unit in report.units {
      func cycles(_ name: String) -> Int {
        unit.reasons.first { $0.reason == name }?.cycles ?? 0
      }
      let (busy, idle) = (cycles("busy"), cycles("idle"))
      let waits = unit.reasons.filter { $0.cycles > 0 && !["busy", "idle"].contains($0.reason) }
        .sorted { ($1.cycles, $0.reason) < ($0.cycles, $1.reason) }
      let most = waits.prefix(2).map {
        "\($0.reason) \(TextFormat.percent($0.cycles, of: unit.total)) %"
      }
      table.rows.append(
        [
          unit.unit, TextFormat.percent(busy, of: unit.total),
          TextFormat.percent(unit.total - busy - idle, of: unit.total),
          TextFormat.percent(idle, of: unit.total),
          most.isEmpty ? "-" : most.joined(separator: ", "),
        ].map { DataTable.Cell($0) })
    }
    let host = report.hostCycles.reduce(0) { $0 + $1.cycles }
    if host > 0 {
      let most = report.hostCycles.sorted { $0.cycles > $1.cycles }.prefix(3).map {
        "\($0.activity.rawValue) \(TextFormat.percent($0.cycles, of: report.cycles)) %"
      }
      table.rows.append(
        [
          "host", TextFormat.percent(host, of: report.cycles), "-",
          TextFormat.percent(max(0, report.cycles - host), of: report.cycles),
          "works on " + most.joined(separator: ", "),
        ].map { DataTable.Cell($0) })
    }
    return .figure(
      "units", "Units",
      "Each unit is busy, waits with work in hand, or idle; the three add up to all cycles.",
      [table.markup])
  }

  /// Where numbers change their format, by operators of one name.
  var conversionFigure: Markup {
    let stemOf = Dictionary(
      report.operators.map { ($0.name, $0.stem) }, uniquingKeysWith: { first, _ in first })
    var table = DataTable(
      caption: "Elements that change their format or scale",
      columns: [
        DataTable.text("Operator"), DataTable.text("By"), DataTable.text("Kind"),
        DataTable.number("Elements"), DataTable.number("Cycles of their own"),
      ])
    var order: [[String]] = []
    var sums: [[String]: (elements: Int, cycles: Int)] = [:]
    for row in report.conversions {
      let key = [stemOf[row.region] ?? row.region, row.by.name, row.kind.rawValue]
      if sums[key] == nil { order.append(key) }
      sums[key, default: (0, 0)].elements += row.elements
      sums[key, default: (0, 0)].cycles += row.cycles
    }
    table.rows = order.map { key in
      let sum = sums[key] ?? (0, 0)
      return (key + [TextFormat.grouped(sum.elements), TextFormat.grouped(sum.cycles)]).map {
        DataTable.Cell($0)
      }
    }
    table.total = [
      "all", "", "", TextFormat.grouped(report.conversions.reduce(0) { $0 + $1.elements }),
      TextFormat.grouped(report.conversions.reduce(0) { $0 + $1.cycles }),
    ].map { DataTable.Cell($0) }
    return .figure(
      "conversions", "Conversions",
      "Where numbers are quantised, dequantised or scaled. Those of the accelerator cost no cycles "
        + "of their own: they happen on the way.", [table.markup])
  }
}
