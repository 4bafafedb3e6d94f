/// Operations, bytes and arithmetic intensity of a workload, or of several in a row.
public struct WorkloadAnalysis: Equatable, Sendable {
  /// A line of the analysis.
  public struct Row: Equatable, Sendable {
    /// Title of a group, or an operator's name without its layer.
    public var name: String
    /// Operations and bytes of all that the row adds up.
    public var counts: WorkloadCounts
  }

  /// Name of the workload.
  public let name: String
  /// The numbers that it was made from.
  public let parameters: [WorkloadParameter]
  /// Which bytes count: it decides on the arithmetic intensity.
  public let traffic: WorkloadTraffic
  /// Workloads that were added.
  public private(set) var steps = 0
  /// A group of operators each, those that occur, in a fixed order.
  public var groups: [Row] {
    WorkloadGroup.allCases.compactMap { group in
      byGroup[group].map { Row(name: group.title, counts: $0) }
    }
  }
  /// Operators of one name in all layers and steps together, in the order of execution.
  public private(set) var operators: [Row] = []
  /// All operators of all workloads together.
  public private(set) var total = WorkloadCounts()
  private var byGroup: [WorkloadGroup: WorkloadCounts] = [:]
  private var operatorIndex: [String: Int] = [:]

  /// An analysis of nothing yet.
  public init(
    name: String, parameters: [WorkloadParameter], traffic: WorkloadTraffic = .ideal
  ) {
    self.name = name
    self.parameters = parameters
    self.traffic = traffic
  }

  /// Analyses one workload.
  public init(_ workload: Workload, traffic: WorkloadTraffic = .ideal) {
    self.init(name: workload.name, parameters: workload.parameters, traffic: traffic)
    add(workload)
  }

  /// Adds what `workload` counts.
  public mutating func add(_ workload: Workload) {
    steps += 1
    for step in workload.operators {
      let counts = WorkloadCounts(step, in: workload, traffic: traffic)
      total += counts
      byGroup[step.group, default: WorkloadCounts()] += counts
      if let index = operatorIndex[step.stem] {
        operators[index].counts += counts
      } else {
        operatorIndex[step.stem] = operators.count
        operators.append(Row(name: step.stem, counts: counts))
      }
    }
  }

  /// The row of `group`, empty if it has no operators.
  public subscript(group: WorkloadGroup) -> WorkloadCounts { byGroup[group] ?? WorkloadCounts() }

  /// The row of the operators called `stem`, empty if there are none.
  public subscript(stem: String) -> WorkloadCounts {
    operatorIndex[stem].map { operators[$0].counts } ?? WorkloadCounts()
  }

  /// The analysis as text: a line a group, or a line an operator.
  public func text(byOperator: Bool = false) -> String {
    let sizes = parameters.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    var text = TextFormat.shortened(name + (sizes.isEmpty ? "" : ": \(sizes)"), 80) + "\n"
    text += "Bytes: \(traffic.title)\n\n"
    var rows = [[byOperator ? "Operator" : "Group", "GFLOPs", "%", "MB", "%", "FLOPs/byte"]]
    let lines = byOperator ? operators : groups
    for row in lines + [Row(name: "Total", counts: total)] {
      rows.append([
        row.name, TextFormat.fixed(Double(row.counts.flops) / 1e9, 3),
        TextFormat.percent(row.counts.flops, of: total.flops),
        TextFormat.fixed(Double(row.counts.bytes) / 1e6, 3),
        TextFormat.percent(row.counts.bytes, of: total.bytes),
        row.counts.bytes == 0 ? "-" : TextFormat.fixed(row.counts.intensity, 2),
      ])
    }
    return text + TextFormat.table(rows, shortening: [0])
  }

  /// The analysis as JSON, groups and operators both; keys sorted, ends with a line break.
  ///
  /// - Throws: Never for counts of a workload; the encoder's error otherwise.
  public func json() throws -> String {
    func entry(_ row: Row) -> Document.Entry {
      Document.Entry(
        name: row.name, flops: row.counts.flops, bytes: row.counts.bytes,
        intensity: row.counts.bytes == 0 ? nil : row.counts.intensity)
    }
    return try ReportJSON.text(
      Document(
        workload: name,
        parameters: Dictionary(
          parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
        traffic: traffic.rawValue, steps: steps, groups: groups.map(entry),
        operators: operators.map(entry), total: entry(Row(name: "Total", counts: total))))
  }

  private struct Document: Encodable {
    struct Entry: Encodable {
      var name: String
      var flops: Int
      var bytes: Int
      var intensity: Double?
    }

    var workload: String
    var parameters: [String: Int]
    var traffic: String
    var steps: Int
    var groups: [Entry]
    var operators: [Entry]
    var total: Entry
  }
}

extension WorkloadTraffic {
  /// What is counted, in words.
  var title: String {
    switch self {
    case .ideal: "ideal (8 bits an element, each operand once)"
    case .unfused: "unfused (8 bits, normalisation and ReLU as passes of their own)"
    case .tiled: "tiled (main memory to L2, operands again where they do not fit)"
    }
  }
}
