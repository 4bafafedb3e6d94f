/// What a report says besides the result itself.
public struct ReportContext: Equatable, Sendable {
  /// What ran, in one line.
  public var title: String
  /// Further lines about the work, such as its tiles.
  public var notes: [String]

  public init(title: String, notes: [String] = []) {
    self.title = title
    self.notes = notes
  }
}

extension RunResult {
  /// Cycles that the array would need if it never waited, 0 if it had nothing to do.
  public var idealCycles: Int {
    peakMACsPerCycle == 0 ? 0 : ceilingDivide(usefulMACs, peakMACsPerCycle)
  }

  /// The report for a reader: 80 columns, ends with a line break.
  public func text(_ context: ReportContext) -> String { document(context).text() }

  /// The report for a page that shows Markdown.
  public func markdown(_ context: ReportContext) -> String { document(context).markdown() }

  private func document(_ context: ReportContext) -> ReportDocument {
    var document = ReportDocument()
    document.add(title: context.title)
    document.add(context.notes.map { "  \($0)\n" }.joined() + "\n" + summaryTable + "\n")
    document.add(table: trafficRows)
    for table in traffic.cacheRows(cycles: cycles) + (units.isEmpty ? [] : [unitRows]) {
      document.addPart(table: table)
    }
    document.add(hostTables)
    if fenceCycles.count > 1 { document.add("\n" + fenceList) }
    if !warnings.isEmpty {
      document.add(
        "\nRecorded hardware would compute something else at\n"
          + warnings.map { "  \($0)\n" }.joined())
    }
    if !mismatches.isEmpty { document.add("\n" + mismatchList) }
    return document
  }

  private var summaryTable: String {
    var rows = [["Cycles", TextFormat.grouped(cycles), ""]]
    if usefulMACs > 0 {
      rows.append([
        "Ideal, array never waits", TextFormat.grouped(idealCycles),
        "at \(TextFormat.grouped(peakMACsPerCycle)) MACs a cycle",
      ])
      rows.append(["Utilisation", TextFormat.fixed(utilisation * 100, 1), "% of the array"])
      rows.append(["Multiply-accumulates", TextFormat.grouped(usefulMACs), ""])
    }
    rows.append(["Commands from the host", TextFormat.grouped(commands), ""])
    return Self.figures(rows)
  }

  /// Label, figure and unit: the units stand to the left.
  private static func figures(_ rows: [[String]]) -> String {
    let width = rows.map { DisplayWidth.of($0[1]) }.max() ?? 0
    return rows.map { row in
      let line = TextFormat.left(row[0], 28) + TextFormat.right(row[1], width)
      return row[2].isEmpty ? line + "\n" : line + "  \(row[2])\n"
    }.joined()
  }

  private var trafficRows: [[String]] {
    func rate(_ bytes: Int) -> String {
      cycles == 0 ? "-" : TextFormat.fixed(Double(bytes) / Double(cycles), 2)
    }
    return [
      [traffic.cache == nil ? "Main memory" : "Bus to the L2", "requests", "bytes", "bytes/cycle"],
      [
        "  read", TextFormat.grouped(traffic.readRequests), TextFormat.grouped(traffic.readBytes),
        rate(traffic.readBytes),
      ],
      [
        "  written", TextFormat.grouped(traffic.writeRequests),
        TextFormat.grouped(traffic.writeBytes), rate(traffic.writeBytes),
      ],
      ["  most in flight", TextFormat.grouped(traffic.maxOutstanding)],
    ]
  }

  private var unitRows: [[String]] {
    var rows = [["Where the cycles went", "cycles", "%"]]
    for unit in units {
      let reasons = unit.reasons.filter { $0.cycles > 0 }
      for (index, reason) in reasons.enumerated() {
        let name = index == 0 ? unit.unit : ""
        rows.append([
          "  \(TextFormat.left(name, 22)) \(reason.reason)", TextFormat.grouped(reason.cycles),
          TextFormat.percent(reason.cycles, of: unit.total),
        ])
      }
    }
    return rows
  }

  private var fenceList: String {
    var text = "Fences\n"
    for (index, cycle) in fenceCycles.enumerated() {
      text +=
        "  \(TextFormat.right(String(index), 6))  cycle \(TextFormat.grouped(cycle))\n"
    }
    return text
  }

  private var mismatchList: String {
    var text = "Memory that is not as expected\n"
    for mismatch in mismatches { text += "  \(mismatch)\n" }
    return text
  }
}

extension Mismatch: CustomStringConvertible {
  /// Where the first difference is and how many there are.
  public var description: String {
    let place = String(address + UInt64(firstOffset), radix: 16)
    return
      "\(label): \(differingBytes) of \(byteCount) bytes differ, first at 0x\(place): "
      + "expected \(expected), found \(found)"
  }
}
