/// A network on several configurations, each against the first.
public struct Comparison: Encodable, Equatable, Sendable {
  /// A configuration's run.
  public struct Column: Encodable, Equatable, Sendable {
    /// `A` for the first configuration of the comparison, `B` for the second.
    public var label: String
    /// The configuration as its user named it.
    public var config: String
    /// The whole run's figures on this configuration.
    public var summary: RunSummary
    /// What every cycle went to; they add up to the cycles.
    public var uses: [ReasonCount]
    /// Operators of one name over all layers, in the order of execution.
    public var operators: [NetworkReport.Row]
    /// Against the first column; `nil` in it.
    public var difference: CycleDifference?
  }

  /// The network as its user named it.
  public var workload: String
  /// The network's own name.
  public var name: String
  /// The numbers that the network was built from, by name, such as `sequence`.
  public var parameters: [String: Int]
  /// At least one.
  public var columns: [Column]

  /// A finished run.
  public struct Run: Sendable {
    /// Place among the configurations of the comparison, from 0.
    public var index: Int
    /// The configuration as its user named it.
    public var config: String
    /// The machine of `config`; its sizes turn rows into bytes and MACs into utilisation.
    public var machine: Machine
    /// What the network did on `machine`.
    public var report: NetworkReport

    public init(index: Int, config: String, machine: Machine, report: NetworkReport) {
      self.index = index
      self.config = config
      self.machine = machine
      self.report = report
    }
  }

  /// Compares with the first of `runs`.
  ///
  /// - Parameters:
  ///   - workload: As its user named it.
  ///   - runs: Of the same network; at least one.
  public init(_ workload: String, _ runs: [Run]) {
    self.workload = workload
    name = runs.first?.report.workload ?? workload
    parameters = runs.first?.report.parameters ?? [:]
    columns = runs.enumerated().map { place, run in
      let uses = CycleDifference.uses(run.report)
      return Column(
        label: Self.label(run.index), config: run.config,
        summary: RunSummary(run.report, on: run.machine),
        uses: CycleUse.allCases.compactMap { use in
          uses[use.name].map { ReasonCount(reason: use.name, cycles: $0) }
        },
        operators: run.report.stems,
        difference: place == 0 ? nil : CycleDifference(run.report, from: runs[0].report))
    }
  }

  /// `A` to `Z`, then `AA`, as spreadsheets name columns.
  static func label(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? letter : label(index / 26 - 1) + letter
  }
}

/// Several networks on the same configurations.
public struct ComparisonReport: Encodable, Equatable, Sendable {
  /// Whether every run finished.
  public var isComplete: Bool
  /// In the order in which they were asked for; all of them compare the same configurations.
  public var workloads: [Comparison]

  public init(_ workloads: [Comparison], isComplete: Bool = true) {
    self.workloads = workloads
    self.isComplete = isComplete
  }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }

  /// A row for each run, then one for each of its operators; plain numbers. The operator of a whole
  /// run's row is empty, and so are fields that only a whole run has in the rows of operators.
  public var csv: String {
    let whole = RunSummary.figures.filter { !["cycles", "macs"].contains($0.column) }
    let uses = CycleUse.allCases.map(\.name)
    var text = CSVText.row(
      ["workload", "config", "operator", "where", "count", "cycles", "difference", "macs"]
        + whole.map(\.column) + uses)
    for comparison in workloads {
      for column in comparison.columns {
        let head = [comparison.workload, column.config]
        let summary = column.summary
        text += CSVText.row(
          head + ["", "", "\(column.operators.reduce(0) { $0 + $1.count })", "\(summary.cycles)"]
            + ["\(column.difference?.cycles ?? 0)", "\(summary.macs)"]
            + whole.map { $0.plain(summary) }
            + uses.map { use in "\(column.uses.first { $0.reason == use }?.cycles ?? 0)" })
        for row in column.operators {
          let difference = column.difference?.operators.first { $0.stem == row.stem }?.cycles ?? 0
          let known = [
            "read_bytes": row.readBytes, "written_bytes": row.writtenBytes,
            "host_cycles": row.hostCycles,
          ]
          text += CSVText.row(
            head + [row.stem, row.place, "\(row.count)", "\(row.cycles)", "\(difference)"]
              + ["\(row.macs)"] + whole.map { known[$0.column].map(String.init) ?? "" }
              + uses.map { "\(row.cycleUses[$0, default: 0])" })
        }
      }
    }
    return text
  }
}
