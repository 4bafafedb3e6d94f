/// What a run of a study measured, by the names that formulas use.
enum StudyMeasurement: Sendable {
  case simulation(NetworkReport, sramBytes: Int)
  case analysis(WorkloadAnalysis)

  /// The number called `quantity`; `nil` if a run has none of that name.
  ///
  /// Of a simulation: `cycles`, `utilisation`, `matmulCycles`, `matmulUtilisation`, `macs`,
  /// `hostCycles`, `conversions`, `readBytes`, `writtenBytes`, `accumulatorReads`, `sramBytes`,
  /// `host.ACTIVITY` (cycles), and `group.GROUP.Q` or `operator.NAME.Q` with Q among `cycles`,
  /// `utilisation`, `macs`, `readBytes`, `writtenBytes`, `accumulatorReads`. Of an analysis: `flops`,
  /// `bytes`, `intensity`, and `group.GROUP.Q` or `operator.NAME.Q` with these. What did not occur is
  /// 0 for groups and activities, and no number for operators.
  func number(_ quantity: String) -> Double? {
    let parts = quantity.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    switch self {
    case .simulation(let report, let sramBytes):
      return Self.number(parts, report, sramBytes)
    case .analysis(let analysis): return Self.number(parts, analysis)
    }
  }

  private static func number(_ parts: [String], _ report: NetworkReport, _ sramBytes: Int)
    -> Double?
  {
    let peak = Double(report.peakMACsPerCycle)
    switch (parts.first, parts.count) {
    case ("group", 3):
      guard WorkloadGroup(rawValue: parts[1]) != nil else { return nil }
      return sum(report.operators.filter { $0.group == parts[1] }, parts[2], peak)
    case ("operator", 3):
      let rows = report.operators.filter { $0.stem == parts[1] }
      return rows.isEmpty ? nil : sum(rows, parts[2], peak)
    case ("host", 2):
      guard let activity = HostActivity(rawValue: parts[1]) else { return nil }
      return Double(report.hostCycles.first { $0.activity == activity }?.cycles ?? 0)
    case (let name?, 1):
      let matmuls = report.operators.filter { $0.macs > 0 }
      return switch name {
      case "cycles": Double(report.cycles)
      case "utilisation": report.utilisation
      case "matmulCycles": sum(matmuls, "cycles", peak)
      case "matmulUtilisation": sum(matmuls, "utilisation", peak)
      case "macs": Double(report.macs)
      case "hostCycles": Double(report.hostCycles.reduce(0) { $0 + $1.cycles })
      case "conversions": Double(report.conversions.reduce(0) { $0 + $1.elements })
      case "readBytes": Double(report.traffic.readBytes)
      case "writtenBytes": Double(report.traffic.writeBytes)
      case "accumulatorReads": Double(report.local.accumulatorReads)
      case "sramBytes": Double(sramBytes)
      default: nil
      }
    default: return nil
    }
  }

  private static func sum(_ rows: [NetworkReport.Row], _ quantity: String, _ peak: Double)
    -> Double?
  {
    func total(_ path: (NetworkReport.Row) -> Int) -> Double {
      Double(rows.reduce(0) { $0 + path($1) })
    }
    return switch quantity {
    case "cycles": total(\.cycles)
    case "utilisation": total(\.macs) / (total(\.cycles) * peak)
    case "macs": total(\.macs)
    case "readBytes": total(\.readBytes)
    case "writtenBytes": total(\.writtenBytes)
    case "accumulatorReads": total(\.local.accumulatorReads)
    default: nil
    }
  }

  private static func number(_ parts: [String], _ analysis: WorkloadAnalysis) -> Double? {
    func number(_ counts: WorkloadCounts, _ quantity: String) -> Double? {
      switch quantity {
      case "flops": Double(counts.flops)
      case "bytes": Double(counts.bytes)
      case "intensity": counts.bytes == 0 ? nil : counts.intensity
      default: nil
      }
    }
    switch (parts.first, parts.count) {
    case ("group", 3):
      return WorkloadGroup(rawValue: parts[1]).flatMap { number(analysis[$0], parts[2]) }
    case ("operator", 3):
      return analysis.operators.first { $0.name == parts[1] }.flatMap {
        number($0.counts, parts[2])
      }
    case (let name?, 1): return number(analysis.total, name)
    default: return nil
    }
  }
}

extension StudyMeasurement {
  /// What is wrong with the name of a quantity, as far as it shows without running: names of operators
  /// do not.
  static func problem(of quantity: String, in run: StudyRun) -> (
    expected: String, suggestion: String?
  )? {
    let isAnalysis = if case .analysis = run.subject { true } else { false }
    let parts = quantity.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let groups = WorkloadGroup.allCases.map(\.rawValue)
    let sums =
      isAnalysis
      ? ["flops", "bytes", "intensity"]
      : ["cycles", "utilisation", "macs", "readBytes", "writtenBytes", "accumulatorReads"]
    let whole =
      isAnalysis
      ? sums
      : sums + ["matmulCycles", "matmulUtilisation", "hostCycles", "conversions", "sramBytes"]
    func among(_ name: String, _ names: [String], _ prefix: String) -> (String, String?)? {
      guard !names.contains(name) else { return nil }
      return (
        "one of \(names.joined(separator: ", "))",
        Suggestion.nearest(to: name, among: names).map { "\(run.name).\(prefix)\($0)" }
      )
    }
    switch (parts.first, parts.count) {
    case ("group", 3):
      return among(parts[1], groups, "group.") ?? among(parts[2], sums, "group.\(parts[1]).")
    case ("operator", 3): return among(parts[2], sums, "operator.\(parts[1]).")
    case ("host", 2) where !isAnalysis:
      return among(parts[1], HostActivity.allCases.map(\.rawValue), "host.")
    case (let name?, 1): return among(name, whole, "")
    default:
      return (
        "\(run.name).QUANTITY, \(run.name).group.GROUP.QUANTITY or "
          + "\(run.name).operator.NAME.QUANTITY", nil
      )
    }
  }
}

extension StudyRun {
  /// Does the run.
  ///
  /// - Parameter goesOn: Asked before each operator.
  /// - Throws: `StudyError` with the run's name and what it cannot do; `CancellationError` after
  ///   `goesOn` said no.
  func measure(_ study: Study, goesOn: () -> Bool = { true }) throws -> StudyMeasurement {
    do {
      switch subject {
      case .analysis(let request, let traffic):
        let steps = try request.steps()
        var analysis = WorkloadAnalysis(
          name: steps.name, parameters: steps.parameters, traffic: traffic)
        for index in 0..<steps.count {
          guard goesOn() else { throw CancellationError() }
          analysis.add(try steps.workload(at: index))
        }
        return .analysis(analysis)
      case .simulation(let simulation):
        let machine = try Machine(study.config(of: simulation))
        let report = try NetworkRun.report(
          simulation.workload.steps(), on: machine, fusing: simulation.fusing
        ) { _ in goesOn() }
        guard report.isComplete else { throw CancellationError() }
        return .simulation(report, sramBytes: machine.sramBytes)
      }
    } catch let error as CancellationError {
      throw error
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError("run '\(name)': \(error)")
    }
  }
}

extension Study {
  /// The configuration of a run: its own settings go before the study's.
  func config(of simulation: StudyRun.Simulation) throws(InvalidConfig) -> HardwareConfig {
    let own = Set(simulation.settings.map(\.path))
    let shared = settings.filter { !own.contains($0.path) }
    var request = try ConfigRequest(simulation.config)
    request.assignments += shared + simulation.settings
    return try request.load()
  }

  /// The study with values that all its runs share; they replace the study's own.
  ///
  /// - Throws: `StudyError` for a key or a value that does not fit, and for a key that a run sets
  ///   itself, because the value would not reach it.
  public func setting(_ assignments: [ConfigAssignment]) throws(StudyError) -> Study {
    var problems = HardwareConfig.problems(of: assignments).map(\.description)
    for assignment in assignments {
      let own = runs.first { run in
        guard case .simulation(let simulation) = run.subject else { return false }
        return simulation.settings.contains { $0.path == assignment.path }
      }
      if let own {
        problems.append(
          "\(assignment.path): found \(assignment.value) for all runs, but '\(own.name)' sets it; "
            + "expected a key that no run sets")
      }
    }
    guard problems.isEmpty else { throw StudyError(problems.joined(separator: "\n")) }
    var study = self
    study.settings.removeAll { old in assignments.contains { $0.path == old.path } }
    study.settings += assignments
    return study
  }

  /// Checks every run without running anything.
  ///
  /// - Throws: `StudyError` with all that cannot run, a line each.
  public func check() throws(StudyError) {
    var problems: [String] = []
    for run in runs {
      do {
        switch run.subject {
        case .analysis(let request, _): _ = try request.steps()
        case .simulation(let simulation):
          let machine = try Machine(config(of: simulation))
          let steps = try simulation.workload.steps()
          _ = try NetworkPlan(
            steps.workload(at: 0), on: machine, fusing: simulation.fusing)
        }
      } catch {
        problems.append("run '\(run.name)': \(error)")
      }
    }
    guard problems.isEmpty else { throw StudyError(problems.joined(separator: "\n")) }
  }
}

extension Study {
  /// Measures every run and judges every claim.
  ///
  /// - Parameters:
  ///   - jobs: Runs at a time.
  ///   - goesOn: Asked before each operator of each run, from any thread.
  ///   - finished: Told how many runs are finished, and the name of the last.
  /// - Throws: `StudyError` with the run or the claim that cannot be carried out; `CancellationError`
  ///   after `goesOn` said no.
  public nonisolated(nonsending) func carryOut(
    jobs: Int, goesOn: @escaping @Sendable () -> Bool = { true },
    finished: (_ done: Int, _ run: String) -> Void = { _, _ in }
  ) async throws -> StudyReport {
    var measurements: [String: StudyMeasurement] = [:]
    try await ParallelMap.run(
      runs, jobs: jobs,
      finished: { index, result in
        measurements[runs[index].name] = try result.get()
        finished(measurements.count, runs[index].name)
      },
      work: { run in Result { try run.measure(self, goesOn: goesOn) } })
    return try StudyReport(self, measurements)
  }
}

/// A study that cannot be carried out.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}
