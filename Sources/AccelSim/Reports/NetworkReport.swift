import SystolicCore

/// A network's run: every operator with its cycles, and what they sum up to.
public struct NetworkReport: Codable, Equatable, Sendable {
  /// An operator, or operators of one name in several layers added up.
  public struct Row: Codable, Equatable, Sendable, StemRow {
    /// The operator's name, such as `layer0.q`; of several layers the first one's.
    public var name: String
    /// Without its layer.
    public var stem: String
    /// The group of the workload's file, such as `attention`.
    public var group: String
    /// Counted from 0; `nil` outside of layers.
    public var layer: Int?
    /// Who did the work: the array, a nonlinear unit or the host.
    public var place: String
    /// Operators that ran inside it.
    public var fused: [String]
    /// Operators that this row adds up.
    public var count = 1
    /// Cycles from where it begins to where the next operator does.
    public var cycles: Int
    /// Multiply-accumulates of real operands, as the workload counts them.
    public var macs: Int
    /// Bytes of requests on the bus.
    public var readBytes: Int
    /// Bytes of write requests on the bus.
    public var writtenBytes: Int
    /// Bytes that main memory itself moved, see `RegionResult`.
    public var dramReadBytes = 0
    /// Bytes that main memory itself wrote, see `RegionResult`.
    public var dramWrittenBytes = 0
    /// Rows of the local memories.
    public var local: LocalTraffic
    /// Cycles in which the host computed.
    public var hostCycles: Int
    /// What the array's controller mostly waited for, if it had work.
    public var stall: String
    /// Cycles of the array's controller for each reason but work.
    public var stalls: [String: Int] = [:]
    /// What every cycle went to; they add up to `cycles`.
    public var cycleUses: [String: Int] = [:]

    enum CodingKeys: String, CodingKey {
      case name, stem, group, layer, place, fused, count, cycles, macs, readBytes, writtenBytes
      case dramReadBytes, dramWrittenBytes, local, hostCycles, stall, stalls, cycleUses
    }

    /// Adds up what is counted.
    mutating func add(_ other: Row) {
      count += other.count
      cycles += other.cycles
      macs += other.macs
      readBytes += other.readBytes
      writtenBytes += other.writtenBytes
      dramReadBytes += other.dramReadBytes
      dramWrittenBytes += other.dramWrittenBytes
      local.add(other.local)
      hostCycles += other.hostCycles
      stalls.merge(other.stalls, uniquingKeysWith: +)
      if macs > 0 { stall = NetworkReport.largest(stalls) }
      cycleUses.merge(other.cycleUses, uniquingKeysWith: +)
    }
  }

  /// Name of the network.
  public var workload: String
  /// Whether every operator ran.
  public var isComplete = true
  /// Name of the configuration.
  public var config: String
  /// Main memory in a few words.
  public var memory: String
  /// What the network was made from, such as `sequence`.
  public var parameters: [String: Int]
  /// Cycles of the whole run; those of `operators` add up to it.
  public var cycles: Int
  /// Of `cycles` those that were not simulated again (Docs/Reuse.md).
  public var reusedCycles: Int
  /// Multiply-accumulates of all operators.
  public var macs: Int
  /// Multiply-accumulates that the array can do in a cycle.
  public var peakMACsPerCycle: Int
  /// Bytes of main memory that the tensors take.
  public var memoryBytes: Int
  /// In the order of execution; views, which take no time, are left out.
  public var operators: [Row]
  /// Cycles of the host's work; a kind without any is left out.
  public var hostCycles: [HostCycles]
  /// Where numbers changed their format or scale.
  public var conversions: [ConversionCount]
  /// Where each unit's cycles went.
  public var units: [UnitAccount]
  /// Requests and bytes between the accelerator and main memory.
  public var traffic: Traffic
  /// Rows of the local memories.
  public var local: LocalTraffic
  /// The run in bins of time.
  public var timeline: Timeline?
  /// Results against references, if asked for.
  public var check: NetworkCheck?

  public init(_ plan: NetworkPlan, _ result: RunResult) {
    workload = plan.workload.name
    config = result.config
    memory = plan.machine.config.memorySummary
    parameters = Dictionary(
      plan.workload.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    cycles = result.cycles
    reusedCycles = result.reusedCycles
    macs = 0
    peakMACsPerCycle = result.peakMACsPerCycle
    memoryBytes = plan.memoryBytes
    hostCycles = result.hostCycles
    conversions = result.conversions
    units = result.units
    traffic = result.traffic
    local = result.localTraffic
    operators = []
    let regions = Dictionary(
      result.regions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for step in plan.operators {
      guard let region = regions[step.name] else { continue }
      var row = Row(
        name: step.name, stem: step.stem, group: step.group.rawValue, layer: step.layer,
        place: step.place.name, fused: step.fused, cycles: region.cycles, macs: step.macs,
        readBytes: region.readBytes, writtenBytes: region.writtenBytes,
        dramReadBytes: region.dramReadBytes, dramWrittenBytes: region.dramWrittenBytes,
        local: region.local, hostCycles: region.hostCycles, stall: "")
      row.charge(region.units, region.cycleUses)
      operators.append(row)
      macs += row.macs
    }
  }

  /// Adds the run of what comes after this, such as the next token of a generation.
  public mutating func append(_ next: NetworkReport) {
    cycles += next.cycles
    reusedCycles += next.reusedCycles
    macs += next.macs
    memoryBytes = max(memoryBytes, next.memoryBytes)
    operators += next.operators
    conversions += next.conversions
    traffic.add(next.traffic)
    local.add(next.local)
    if let other = next.timeline { timeline?.append(other) }
    isComplete = isComplete && next.isComplete
    for part in next.hostCycles {
      if let index = hostCycles.firstIndex(where: { $0.activity == part.activity }) {
        hostCycles[index].cycles += part.cycles
      } else {
        hostCycles.append(part)
      }
    }
    for (unit, account) in next.units.enumerated() where units[unit].unit == account.unit {
      for (reason, count) in account.reasons.enumerated() {
        units[unit].reasons[reason].cycles += count.cycles
      }
    }
  }

  static func largest(_ stalls: [String: Int]) -> String {
    stalls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first?.key ?? ""
  }

  /// Share of the array's peak over the whole run.
  public var utilisation: Double { Self.utilisation(macs, cycles, peakMACsPerCycle) }

  private static func utilisation(_ macs: Int, _ cycles: Int, _ peak: Int) -> Double {
    cycles == 0 || peak == 0 ? 0 : Double(macs) / (Double(cycles) * Double(peak))
  }

  /// Operators of one name over all layers, in the order of their first.
  public var stems: [Row] { operators.stems }
}

extension NetworkReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String { document.text() }

  /// The report for a page that shows Markdown.
  public func markdown() -> String { document.markdown() }

  private var document: ReportDocument {
    var document = ReportDocument()
    document.add(
      title: TextFormat.shortened(Self.title("\(workload) on \(config)", parameters), 80))
    document.add("  \(memory)\n\n" + headline + "\n")
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
