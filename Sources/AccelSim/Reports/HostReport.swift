extension RunResult {
  /// What the host did, how long each operator took and where numbers were converted; empty for a
  /// program of commands and fences alone.
  var hostTables: ReportDocument {
    var document = ReportDocument()
    guard !hostCycles.isEmpty || !regions.isEmpty else { return document }
    if !hostCycles.isEmpty {
      document.addPart(table: hostRows)
    }
    if !regions.isEmpty {
      document.addPart(table: regionRows)
    }
    if !conversions.isEmpty {
      document.add("\nWhere conversions happen\n")
      document.add(table: conversionRows)
    }
    return document
  }

  private var hostRows: [[String]] {
    let total = hostCycles.reduce(0) { $0 + $1.cycles }
    var rows = [["Work of the host", "cycles", "% of the run"]]
    for part in hostCycles {
      rows.append([
        "  \(part.activity.rawValue)", TextFormat.grouped(part.cycles),
        TextFormat.percent(part.cycles, of: cycles),
      ])
    }
    rows.append(["  total", TextFormat.grouped(total), TextFormat.percent(total, of: cycles)])
    return rows
  }

  private var regionRows: [[String]] {
    var rows = [["Operators of the program", "from cycle", "cycles", "%"]]
    for region in regions {
      rows.append([
        "  \(Self.shortened(region.name))", TextFormat.grouped(region.start),
        TextFormat.grouped(region.cycles), TextFormat.percent(region.cycles, of: cycles),
      ])
    }
    return rows
  }

  private var conversionRows: [[String]] {
    let width = max(
      "  Operator".count, 2 + (conversions.map { Self.shortened($0.region).count }.max() ?? 0))
    func label(_ region: String, _ place: String, _ kind: String) -> String {
      "\(TextFormat.left(region, width))  \(TextFormat.left(place, 8))  \(kind)"
    }
    var rows = [[label("  Operator", "by", "kind"), "elements", "cycles"]]
    for row in conversions {
      rows.append([
        label("  \(Self.shortened(row.region))", row.by.name, row.kind.rawValue),
        TextFormat.grouped(row.elements), TextFormat.grouped(row.cycles),
      ])
    }
    rows.append([
      "  total", TextFormat.grouped(conversions.reduce(0) { $0 + $1.elements }),
      TextFormat.grouped(conversions.reduce(0) { $0 + $1.cycles }),
    ])
    return rows
  }

  /// A region's name in at most 24 characters; a dash for none.
  private static func shortened(_ name: String) -> String {
    guard !name.isEmpty else { return "-" }
    return name.count <= 24 ? name : name.prefix(23) + "…"
  }
}
