import SystolicCore

/// Where each operator of a network stands against the limits of its machine: the array's
/// multiply-accumulates and the bytes of the way to main memory.
public struct RooflineReport: Encodable, Equatable, Sendable {
  /// What keeps an operator from being faster.
  public enum Limit: String, Encodable, Sendable, CaseIterable {
    /// The array's multiply-accumulates.
    case compute
    /// The bytes of the way to main memory.
    case bandwidth
    /// The host's work.
    case host
    /// None of the three for at least half of the operator's cycles: units wait for each other.
    case waiting
  }

  /// Operators of one name over all layers.
  public struct Row: Encodable, Equatable, Sendable {
    /// The operators' name without the layer; empty for the whole network.
    public var stem: String
    /// Where they ran, as `NetworkReport.Row.place`; empty for the whole network.
    public var place: String
    /// Operators that the row adds up.
    public var count: Int
    /// Cycles of these operators.
    public var cycles: Int
    /// Multiply-accumulates of real operands.
    public var macs: Int
    /// Bytes that count against the way to main memory: the busier direction's.
    public var bytes: Int
    /// Multiply-accumulates a byte; `nil` without either.
    public var intensity: Double?
    /// Most multiply-accumulates a cycle that array and memory allow at this intensity.
    public var attainable: Double
    /// Multiply-accumulates a cycle.
    public var achieved: Double
    /// Fewest cycles that array and memory allow; 0 if neither has work.
    public var leastCycles: Int
    /// `leastCycles` over `cycles`, 0 to 1.
    public var share: Double
    /// What keeps it from being faster.
    public var limit: Limit
    /// What most of the cycles above `leastCycles` went to; empty if there are none.
    public var loss: String
    /// Its cycles over the operator's, 0 to 1.
    public var lossShare: Double
  }

  /// Name of the network.
  public var workload: String
  /// Name of the configuration.
  public var config: String
  /// The numbers that the network was built from, by name, such as `sequence`.
  public var parameters: [String: Int]
  /// Whether every operator ran.
  public var isComplete: Bool
  /// Multiply-accumulates that the array can do in a cycle: the flat part of the roof.
  public var peakMACsPerCycle: Int
  /// Of data that goes in one direction.
  public var peakBytesPerCycle: Double
  /// Whether that is main memory's own limit, which both directions share.
  public var sharesBandwidth: Bool
  /// In the order of execution.
  public var operators: [Row]
  /// The whole network.
  public var whole: Row

  /// - Parameter report: A run on `machine`.
  public init(_ report: NetworkReport, on machine: Machine) {
    workload = report.workload
    config = report.config
    parameters = report.parameters
    isComplete = report.isComplete
    peakMACsPerCycle = machine.peakMACsPerCycle
    peakBytesPerCycle = Double(machine.peakBytesPer10Cycles) / 10
    sharesBandwidth = machine.peakBytesPer10Cycles < 10 * machine.beatBytes
    let stems = report.stems
    operators = stems.map { Row($0, on: machine) }
    var sum = NetworkReport.Row(
      name: "", stem: "", group: "", layer: nil, place: "", fused: [], count: 0, cycles: 0, macs: 0,
      readBytes: 0, writtenBytes: 0, local: LocalTraffic(), hostCycles: 0, stall: "")
    for row in stems { sum.add(row) }
    whole = Row(sum, on: machine)
  }

  /// Multiply-accumulates a byte from which on the array is the limit, not the way to main memory.
  public var ridge: Double { Double(peakMACsPerCycle) / peakBytesPerCycle }
}

extension RooflineReport.Row {
  init(_ row: NetworkReport.Row, on machine: Machine) {
    let peak = machine.peakMACsPerCycle
    let transfer = machine.transferLimit(read: row.readBytes, written: row.writtenBytes)
    stem = row.stem
    place = row.place
    count = row.count
    cycles = row.cycles
    macs = row.macs
    bytes = transfer.bytes
    intensity = macs == 0 || bytes == 0 ? nil : Double(macs) / Double(bytes)
    attainable =
      macs == 0
      ? 0
      : min(
        Double(peak), intensity.map { $0 * Double(transfer.bytesPer10Cycles) / 10 } ?? Double(peak))
    achieved = cycles == 0 ? 0 : Double(macs) / Double(cycles)
    let computes = ceilingDivide(macs, peak)
    let transfers = transfer.cycles
    leastCycles = max(computes, transfers)
    share = cycles == 0 ? 0 : Double(leastCycles) / Double(cycles)
    let reached = [
      (computes, RooflineReport.Limit.compute), (transfers, .bandwidth), (row.hostCycles, .host),
    ].max { $0.0 < $1.0 }
    limit = reached.flatMap { 2 * $0.0 >= row.cycles && $0.0 > 0 ? $0.1 : nil } ?? .waiting
    // The array is busy for longer than its multiplications need: rows of zeros, part of the columns.
    var losses = CycleUse.allCases.filter { $0 != .arrayBusy }.map {
      ($0.name, row.cycleUses[$0.name, default: 0])
    }
    losses.insert(
      ("array not filled", max(0, row.cycleUses[CycleUse.arrayBusy.name, default: 0] - computes)),
      at: 0)
    let largest = losses.reduce(("", 0)) { $1.1 > $0.1 ? $1 : $0 }
    loss = largest.0
    lossShare = cycles == 0 ? 0 : Double(largest.1) / Double(cycles)
  }
}

extension RooflineReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String {
    let plot = RooflinePlot(self)
    var document = heading(plot)
    document.add(picture: table(plot.marks))
    return document.text()
  }

  /// The report for a page that shows Markdown.
  public func markdown() -> String {
    let plot = RooflinePlot(self)
    var document = heading(plot)
    document.add(
      table: rows(plot.marks).map { $0.cells + [$0.loss] })
    return document.markdown()
  }

  /// Limits and picture.
  private func heading(_ plot: RooflinePlot) -> ReportDocument {
    var document = ReportDocument()
    document.add(title: NetworkReport.title("\(workload) on \(config)", parameters))
    let limits = [
      ("Array", TextFormat.grouped(peakMACsPerCycle), "MACs a cycle"),
      (
        "Main memory", TextFormat.fixed(peakBytesPerCycle, 1),
        "bytes a cycle " + (sharesBandwidth ? "in both directions together" : "in each direction")
      ),
      ("Ridge", TextFormat.fixed(ridge, 1), "MACs a byte; below it, memory is the limit"),
    ]
    let lines = limits.map { name, value, unit in
      TextFormat.left(name, 12) + TextFormat.right(value, 8) + "  \(unit)\n"
    }
    document.add("\n" + lines.joined() + "\n")
    let picture = plot.text()
    document.add(picture: picture)
    if !picture.isEmpty { document.add("\n") }
    return document
  }

  /// The operators with their marks in the picture; what most is lost to fills the line.
  private func table(_ marks: [Character?]) -> String {
    let rows = rows(marks)
    let lines = TextFormat.table(rows.map(\.cells)).split(separator: "\n").map(String.init)
    let width = lines.map(\.count).max() ?? 0
    return zip(lines, rows).map { line, row in
      TextFormat.left(line, width) + "  " + TextFormat.shortened(row.loss, 78 - width) + "\n"
    }.joined()
  }

  private func rows(_ marks: [Character?]) -> [(cells: [String], loss: String)] {
    let heading = ["  Operator", "% run", "MACs/B", "MACs/cycle", "%", "bound by"]
    var rows = [(cells: heading, loss: "  % lost to")]
    for (row, mark) in zip(operators, marks) {
      rows.append(
        (cells(row, "\(mark ?? " ") " + TextFormat.shortened(row.stem, 12)), Self.loss(row)))
    }
    rows.append((cells(whole, "  all"), Self.loss(whole)))
    return rows
  }

  private func cells(_ row: Row, _ name: String) -> [String] {
    [
      name, TextFormat.percent(row.cycles, of: whole.cycles),
      row.intensity.map { TextFormat.fixed($0, 1) } ?? "-",
      row.macs == 0
        ? "-" : TextFormat.fixed(row.achieved, 0) + " of " + TextFormat.fixed(row.attainable, 0),
      TextFormat.fixed(100 * row.share, 0), row.limit.rawValue,
    ]
  }

  /// Share and name of what most is lost to.
  private static func loss(_ row: Row) -> String {
    let name = row.loss.hasPrefix("array: ") ? String(row.loss.dropFirst(7)) : row.loss
    return row.loss.isEmpty
      ? "  -" : TextFormat.right(TextFormat.fixed(100 * row.lossShare, 0), 3) + " " + name
  }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }

  /// A line an operator, the whole network's last, with an empty name; plain numbers.
  public var csv: String {
    let heading = [
      "operator", "where", "count", "cycles", "macs", "bytes", "macs_per_byte",
      "attainable_macs_per_cycle", "achieved_macs_per_cycle", "least_cycles", "share_of_attainable",
      "bound_by", "loss", "loss_share",
    ]
    return CSVText.row(heading)
      + (operators + [whole]).map { row in
        CSVText.row([
          row.stem, row.place, "\(row.count)", "\(row.cycles)", "\(row.macs)", "\(row.bytes)",
          row.intensity.map(CSVText.number) ?? "", CSVText.number(row.attainable),
          CSVText.number(row.achieved), "\(row.leastCycles)", CSVText.number(row.share),
          row.limit.rawValue, row.loss, CSVText.number(row.lossShare),
        ])
      }.joined()
  }
}
