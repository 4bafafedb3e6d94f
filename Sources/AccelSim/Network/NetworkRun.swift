/// Runs whole workloads on a machine, timing only.
public enum NetworkRun {
  /// How far a run is, told whenever an operator begins.
  public struct Progress: Sendable {
    /// The workload that runs, counted from 0.
    public var step: Int
    /// Workloads of the run, such as the steps of a generation.
    public var steps: Int
    /// Operators of this workload that are finished.
    public var done: Int
    /// Operators of this workload that take time.
    public var total: Int
    /// The operator that begins.
    public var operation: String
  }

  /// The cycles of every operator of the workloads `steps`, one after the other.
  ///
  /// - Parameters:
  ///   - tiles: Blocks of matmuls by name, instead of the library's choice.
  ///   - fusing: Which normalisations may run on the way out of the matmul before.
  ///   - reuses: Whether cycles are reused (Docs/Reuse.md); not where there is a `watcher`.
  ///   - watcher: Writes files while the runs go on, one behind the other.
  ///   - progress: Asked before each operator whether to go on; if not, the report is of what is
  ///     finished, and not complete.
  /// - Throws: `InvalidWorkload`, `NetworkError` or `LoweringError` for what the machine cannot run,
  ///   and `SimulationError`.
  public static func report(
    _ steps: WorkloadSteps, on machine: Machine, tiles: [String: MatmulTile] = [:],
    fusing: NormFusion = .all, reuses: Bool = true, watcher: RunWatcher? = nil,
    progress: (Progress) -> Bool = { _ in true }
  ) throws -> NetworkReport {
    func plan(_ step: Int) throws -> NetworkPlan {
      try NetworkPlan(
        try steps.workload(at: step), on: machine, tiles: tiles, fusing: fusing)
    }
    var options = RunOptions()
    options.carriesData = false
    options.reuses = reuses
    var memo = ReuseMemo()
    var report = try run(plan(0), 0, steps.count, options, watcher, &memo, progress)
    for step in 1..<max(1, steps.count) where report.isComplete {
      report.append(try run(plan(step), step, steps.count, options, watcher, &memo, progress))
    }
    report.parameters = Dictionary(
      steps.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    return report
  }

  private static func run(
    _ plan: NetworkPlan, _ step: Int, _ steps: Int, _ options: RunOptions,
    _ watcher: RunWatcher?, _ memo: inout ReuseMemo, _ progress: (Progress) -> Bool
  ) throws -> NetworkReport {
    var now = Progress(
      step: step, steps: steps, done: -1,
      total: plan.operators.count { !$0.pieces.isEmpty }, operation: "")
    return try withoutActuallyEscaping(progress) { progress in
      var source = WatchedSource(NetworkProgram(plan)) { name in
        now.done += 1
        now.operation = name
        return progress(now)
      }
      let output = try Simulator.run(
        &source, on: plan.machine, options: options, watcher: watcher, memo: &memo)
      var report = NetworkReport(plan, output.result)
      report.timeline = output.timeline
      report.isComplete = !source.wasStopped
      return report
    }
  }
}

/// A program that asks before each operator whether to go on.
private struct WatchedSource<Source: CommandSource>: CommandSource {
  private var source: Source
  private let goesOn: (String) -> Bool
  private(set) var wasStopped = false

  /// - Parameter goesOn: Given the name of the operator that comes next.
  init(_ source: Source, _ goesOn: @escaping (String) -> Bool) {
    self.source = source
    self.goesOn = goesOn
  }

  var legalMACs: Int? { source.legalMACs }

  mutating func next() throws -> ProgramStep? {
    guard !wasStopped, let step = try source.next() else { return nil }
    if case .region(let name) = step, !goesOn(name) {
      wasStopped = true
      return nil
    }
    return step
  }
}
