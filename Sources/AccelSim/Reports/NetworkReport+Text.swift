import SystolicCore

extension NetworkReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String { document.text() }

  /// The report for a page that shows Markdown.
  public func markdown() -> String { document.markdown() }

  private var document: ReportDocument {
    var document = ReportDocument()
    document.add(
      title: TextFormat.shortened(Self.title("\(workload) on \(config)", parameters), 80))
    for note in [sizes, memory, interruption] {
      if let note { document.add("  \(note)\n") }
    }
    document.add("\n" + headline + "\n")
    let operators = operatorRows
    document.add(table: operators, shortening: [7, 0])
    for table in [groupRows, trafficRows] {
      document.addPart(table: table)
    }
    for table in traffic.cacheRows(cycles: cycles) + [stallRows] {
      document.addPart(table: table)
    }
    if !hostCycles.isEmpty {
      document.addPart(table: hostRows)
    }
    if !conversions.isEmpty {
      document.add("\nWhere conversions happen\n")
      document.add(table: conversionRows)
    }
    if let check {
      document.add("\n")
      document.add(picture: check.text())
    }
    return document
  }

  private var headline: String {
    var figures = [("Cycles", TextFormat.grouped(cycles), "")]
    if reusedCycles > 0 {
      figures.append(
        (
          "  simulated", TextFormat.grouped(cycles - reusedCycles),
          "the others repeat them exactly"
        ))
    }
    figures += [
      (
        "Ideal", TextFormat.grouped(ceilingDivide(macs, max(1, peakMACsPerCycle))),
        "at \(peakMACsPerCycle) MACs a cycle"
      ),
      ("Utilisation", TextFormat.fixed(utilisation * 100, 1), "% of the array"),
      ("Main memory", TextFormat.grouped(memoryBytes), "bytes of tensors"),
    ]
    return figures.map { name, value, unit in
      let line = TextFormat.left(name, 14) + TextFormat.right(value, 16)
      return unit.isEmpty ? line + "\n" : line + "  \(unit)\n"
    }.joined()
  }

  /// `subject` with the parameters of the network, in one line.
  static func title(_ subject: String, _ parameters: [String: Int]) -> String {
    let named = parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return named.isEmpty ? subject : "\(subject): \(named.joined(separator: ", "))"
  }

  private var operatorRows: [[String]] {
    var rows = [["Operator", "where", "n", "cycles", "%", "array %", "B/cycle", "array waits for"]]
    for row in stems {
      let bytes = Double(row.readBytes + row.writtenBytes) / Double(max(1, row.cycles))
      rows.append([
        "  " + TextFormat.shortened(row.stem, 14), row.place, "\(row.count)",
        TextFormat.grouped(row.cycles), TextFormat.percent(row.cycles, of: cycles),
        row.macs == 0
          ? "-"
          : TextFormat.fixed(
            100 * Self.utilisation(row.macs, row.cycles, peakMACsPerCycle), 1),
        TextFormat.fixed(bytes, 1), row.stall,
      ])
    }
    return rows
  }

  private var groupRows: [[String]] {
    var order: [String] = []
    var sums: [String: (cycles: Int, macs: Int)] = [:]
    for row in operators {
      if sums[row.group] == nil { order.append(row.group) }
      sums[row.group, default: (0, 0)].cycles += row.cycles
      sums[row.group, default: (0, 0)].macs += row.macs
    }
    var rows = [["Group", "cycles", "%", "array %"]]
    for name in order {
      let sum = sums[name] ?? (0, 0)
      rows.append([
        "  \(name)", TextFormat.grouped(sum.cycles), TextFormat.percent(sum.cycles, of: cycles),
        sum.macs == 0
          ? "-"
          : TextFormat.fixed(100 * Self.utilisation(sum.macs, sum.cycles, peakMACsPerCycle), 1),
      ])
    }
    return rows
  }

  private var trafficRows: [[String]] {
    func each(_ value: Int) -> String {
      TextFormat.fixed(Double(value) / Double(max(1, cycles)), 2)
    }
    let reads = [traffic.readBytes, local.scratchpadReads, local.accumulatorReads]
    let writes = [traffic.writeBytes, local.scratchpadWrites, local.accumulatorWrites]
    let names = [
      traffic.cache == nil ? "main memory, bytes" : "bus to the L2, bytes", "scratchpad, rows",
      "accumulator, rows",
    ]
    var rows = [["Traffic", "read", "a cycle", "written", "a cycle"]]
    for (index, name) in names.enumerated() {
      rows.append([
        "  \(name)", TextFormat.grouped(reads[index]), each(reads[index]),
        TextFormat.grouped(writes[index]), each(writes[index]),
      ])
    }
    return rows
  }

  /// What the array's controller did.
  private var stallRows: [[String]] {
    var rows = [["Cycles of the array", "cycles", "%"]]
    for reason in units.first(where: { $0.unit == "execute" })?.reasons ?? []
    where reason.cycles > 0 {
      rows.append([
        "  \(reason.reason)", TextFormat.grouped(reason.cycles),
        TextFormat.percent(reason.cycles, of: cycles),
      ])
    }
    return rows
  }

  private var hostRows: [[String]] {
    var rows = [["Work of the host", "cycles", "%"]]
    for part in hostCycles {
      rows.append([
        "  \(part.activity.rawValue)", TextFormat.grouped(part.cycles),
        TextFormat.percent(part.cycles, of: cycles),
      ])
    }
    return rows
  }

  /// Conversions by operator name over all layers.
  private var conversionRows: [[String]] {
    let stemOf = Dictionary(
      operators.map { ($0.name, $0.stem) }, uniquingKeysWith: { first, _ in first })
    var order: [String] = []
    var sums: [String: (elements: Int, cycles: Int)] = [:]
    for row in conversions {
      let stem = TextFormat.shortened(stemOf[row.region] ?? row.region, 16)
      let key =
        TextFormat.left("  \(stem)", 20) + TextFormat.left(row.by.name, 10) + row.kind.rawValue
      if sums[key] == nil { order.append(key) }
      sums[key, default: (0, 0)].elements += row.elements
      sums[key, default: (0, 0)].cycles += row.cycles
    }
    var rows = [
      [
        TextFormat.left("  Operator", 20) + TextFormat.left("by", 10) + "kind", "elements",
        "cycles",
      ]
    ]
    for key in order {
      let sum = sums[key] ?? (0, 0)
      rows.append([key, TextFormat.grouped(sum.elements), TextFormat.grouped(sum.cycles)])
    }
    rows.append([
      "  total", TextFormat.grouped(conversions.reduce(0) { $0 + $1.elements }),
      TextFormat.grouped(conversions.reduce(0) { $0 + $1.cycles }),
    ])
    return rows
  }

  /// One line an operator, under a heading.
  public var csv: String {
    var text =
      "name,stem,group,layer,place,fused,cycles,macs,utilisation,read_bytes,written_bytes,"
      + "dram_read_bytes,dram_written_bytes,sp_rows_read,sp_rows_written,"
      + "acc_rows_read,acc_rows_written,host_cycles,stall\n"
    for row in operators {
      let share = Self.utilisation(row.macs, row.cycles, peakMACsPerCycle)
      let layer = row.layer.map { "\($0)" } ?? ""
      text += "\(CSVTable.field(row.name)),\(CSVTable.field(row.stem)),\(row.group),\(layer),"
      text += "\(row.place),\(CSVTable.field(row.fused.joined(separator: " "))),"
      text += "\(row.cycles),\(row.macs),"
      text += "\(TextFormat.fixed(share, 6)),\(row.readBytes),\(row.writtenBytes),"
      text += "\(row.dramReadBytes),\(row.dramWrittenBytes),"
      text += "\(row.local.scratchpadReads),\(row.local.scratchpadWrites),"
      text += "\(row.local.accumulatorReads),\(row.local.accumulatorWrites),"
      text += "\(row.hostCycles),\(row.stall)\n"
    }
    return text
  }
}
