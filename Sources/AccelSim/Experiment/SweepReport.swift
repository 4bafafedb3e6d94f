/// A sweep's points with their outcomes, in the order of the cross product.
///
/// It depends on the plan and the outcomes alone, not on when or where they were found.
public struct SweepReport: Sendable {
  /// A point, how it ended, and whether no other one is better.
  struct Row: Sendable {
    var point: SweepPoint
    /// `nil` if it did not run.
    var outcome: SweepOutcome?
    var isOnFront = false

    var measurement: SweepMeasurement? { outcome?.measurement }
  }

  let plan: SweepPlan
  let objectives: [SweepObjective]
  /// What the maps show.
  let mapped: SweepMetric
  let rows: [Row]

  /// What is compared unless asked otherwise.
  public static let standardObjectives = [SweepObjective(.cycles), SweepObjective(.sramBytes)]

  /// - Parameters:
  ///   - outcomes: By the number of the point.
  ///   - objectives: What the Pareto front is made of: among the points of one workload of one size,
  ///     those that no other is better than in one of these without being worse in another.
  public init(
    _ plan: SweepPlan, _ outcomes: [Int: SweepOutcome],
    objectives: [SweepObjective] = standardObjectives, mapped: SweepMetric = .cycles
  ) {
    self.plan = plan
    self.objectives = objectives
    self.mapped = mapped
    var rows = plan.points.map { Row(point: $0, outcome: outcomes[$0.number]) }
    var byWorkload: [Int: [Int]] = [:]
    for (index, row) in rows.enumerated() where row.measurement != nil {
      byWorkload[plan.workloadIndex(of: row.point), default: []].append(index)
    }
    for indices in byWorkload.values {
      let costs = indices.map { index in
        rows[index].measurement.map { result in objectives.map { $0.cost(result) } } ?? []
      }
      for index in ParetoFront.indices(costs) { rows[indices[index]].isOnFront = true }
    }
    self.rows = rows
  }

  /// Points that the machine could not run.
  public var failures: Int { rows.count { $0.outcome?.failure != nil } }

  /// Points that ran, or tried to.
  public var finished: Int { rows.count { $0.outcome != nil } }
}

extension SweepReport {
  /// What a file holds of a run, besides the cycles of the groups.
  private static let columns: [(name: String, metric: SweepMetric)] = [
    ("cycles", .cycles), ("utilisation", .utilisation), ("matmul_cycles", .matmulCycles),
    ("matmul_utilisation", .matmulUtilisation), ("dram_bytes", .dramBytes),
    ("read_bytes", .readBytes), ("written_bytes", .writtenBytes), ("host_cycles", .hostCycles),
    ("conversion_cycles", .conversionCycles), ("sram_bytes", .sramBytes),
  ]

  /// One line a point, under a heading.
  public var csv: String {
    var heading = ["point", "workload"] + plan.request.axes.map(\.path)
    heading += Self.columns.map(\.name) + WorkloadGroup.allCases.map { "cycles_\($0.rawValue)" }
    var text = (heading + ["pareto", "error"]).joined(separator: ",") + "\n"
    for row in rows {
      var fields = ["\(row.point.number)", plan.workloadName(of: row.point)]
      fields += plan.values(of: row.point)
      if let measurement = row.measurement {
        fields += Self.columns.map { $0.metric.fileText(measurement) }
        fields += measurement.groupCycles.map { "\($0)" } + [row.isOnFront ? "1" : "0"]
      } else {
        fields += [String](
          repeating: "", count: Self.columns.count + WorkloadGroup.allCases.count + 1)
      }
      fields.append(row.outcome?.failure ?? "")
      text += CSVText.row(fields)
    }
    return text
  }

  /// The points for a program, one a line.
  public var json: String {
    let lines = rows.map { "    " + json($0).line }.joined(separator: ",\n")
    let head: [(key: String, value: JSONOutput)] = [
      ("config", .string(plan.request.config.name)),
      ("set", .array(plan.request.assignments.map { .string($0.description) })),
      ("constraints", .array(plan.request.constraints.map { .string($0.text) })),
      ("minimise", names(maximised: false)), ("maximise", names(maximised: true)),
      ("cycleModel", .integer(plan.identity.model)),
      ("excluded", .integer(plan.excluded)), ("invalid", .integer(plan.invalid)),
    ]
    return JSONOutput.object(head).text().dropLast(2) + ",\n  \"points\": [\n\(lines)\n  ]\n}\n"
  }

  private func names(maximised: Bool) -> JSONOutput {
    .array(
      objectives.filter { $0.isMaximised == maximised }.map { .string($0.metric.rawValue) })
  }

  private func json(_ row: Row) -> JSONOutput {
    var members = plan.json(of: row.point)
    if let measurement = row.measurement {
      for metric in SweepMetric.allCases {
        members.append((metric.rawValue, .number(metric.fileText(measurement))))
      }
      let groups = zip(WorkloadGroup.allCases, measurement.groupCycles).map {
        (key: $0.rawValue, value: JSONOutput.integer($1))
      }
      members.append(("groupCycles", .object(groups)))
      members.append(("pareto", .boolean(row.isOnFront)))
    } else if let reason = row.outcome?.failure {
      members.append(("error", .string(reason)))
    }
    return .object(members)
  }
}

extension SweepPlan {
  /// Number, workload and values of `point`.
  func json(of point: SweepPoint) -> [(key: String, value: JSONOutput)] {
    [
      ("point", .integer(point.number)), ("workload", .string(workloadName(of: point))),
      (
        "values",
        .object(
          zip(request.axes, values(of: point)).map { (key: $0.path, value: SweepAxis.json($1)) })
      ),
    ]
  }

  /// The list of points for a reader, one a line.
  public var listText: String {
    let width = "\(points.count)".count
    return points.map { point in
      let values = zip(request.axes, self.values(of: point)).map { "\($0.path)=\($1)" }
      let words = [workloadName(of: point)] + values
      return TextFormat.right("\(point.number)", width) + "  " + words.joined(separator: " ") + "\n"
    }.joined()
  }

  /// The list of points for a program, one a line.
  public var listJSON: String {
    let lines = points.map { "    " + JSONOutput.object(json(of: $0)).line }
    return "{\n  \"points\": [\n" + lines.joined(separator: ",\n") + "\n  ]\n}\n"
  }
}
