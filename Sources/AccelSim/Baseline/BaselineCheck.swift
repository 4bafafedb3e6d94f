/// Runs the cases of baselines and says what moved.
public struct BaselineCheck: Sendable {
  /// A baseline with the path by which the user knows it.
  public struct File: Sendable {
    /// As the user gave it; reports name the file so.
    public var path: String
    /// What the file holds, or, in `Result.updates`, what it should hold now.
    public var baseline: Baseline

    public init(path: String, baseline: Baseline) {
      self.path = path
      self.baseline = baseline
    }

    /// Where its own paths start.
    public var folder: String { InputFile.folder(of: path) }
  }

  /// What a check found.
  public struct Result: Sendable {
    /// Every case that ran, file by file in the order of `files`.
    public var report: BaselineReport
    /// The files that moved, with what ran recorded in them.
    public var updates: [File]
  }

  private struct Job: Sendable {
    var file: Int
    var item: Int
  }

  /// In the order given; a case keeps the place of its file in the report.
  public let files: [File]
  private let jobs: [Job]

  /// - Parameter isWanted: Given the name of each case; the others are left out.
  public init(_ files: [File], only isWanted: (String) -> Bool = { _ in true }) {
    self.files = files
    jobs = files.indices.flatMap { file in
      files[file].baseline.cases.indices
        .filter { isWanted(files[file].baseline.cases[$0].name) }
        .map { Job(file: file, item: $0) }
    }
  }

  /// Cases that run.
  public var count: Int { jobs.count }

  /// Runs the cases, `jobs` at a time. The result does not depend on it.
  ///
  /// - Parameters:
  ///   - reuses: Whether cycles are reused (Docs/Reuse.md). The same result either way.
  ///   - goesOn: Asked before each operator of each run.
  ///   - finished: Told how many cases are finished, and the last of them.
  /// - Returns: `nil` if `goesOn` ended it: half a check says nothing.
  public func run(
    jobs threads: Int, reuses: Bool = true, goesOn: @escaping @Sendable () -> Bool = { true },
    finished: (_ done: Int, _ name: String) -> Void = { _, _ in }
  ) async -> Result? {
    // The longest first, so that no thread is left alone with one at the end. What took many cycles
    // takes long.
    let order = jobs.indices.sorted { (cycles(jobs[$1]), $0) < (cycles(jobs[$0]), $1) }
    var outcomes = [BaselineOutcome?](repeating: nil, count: jobs.count)
    var done = 0
    await ParallelMap.run(
      order, jobs: threads,
      finished: { index, outcome in
        outcomes[order[index]] = outcome
        done += 1
        finished(done, item(jobs[order[index]]).name)
      },
      work: { index in
        let file = files[jobs[index].file]
        return file.baseline.outcome(
          of: item(jobs[index]), in: file.folder, reuses: reuses, goesOn: goesOn)
      })
    let measured = outcomes.compactMap { $0 }
    return measured.count == jobs.count ? result(measured) : nil
  }

  private func item(_ job: Job) -> BaselineCase { files[job.file].baseline.cases[job.item] }

  private func cycles(_ job: Job) -> Int { item(job).expected?.cycles ?? .max }

  private func result(_ outcomes: [BaselineOutcome]) -> Result {
    var result = Result(report: BaselineReport(files: []), updates: [])
    for (number, file) in files.enumerated() {
      var comparisons: [BaselineComparison] = []
      var updated = file
      var isUpdated = false
      for (job, outcome) in zip(jobs, outcomes) where job.file == number {
        let item = item(job)
        let comparison = BaselineComparison(
          item, outcome, tolerance: item.tolerance ?? file.baseline.tolerance)
        comparisons.append(comparison)
        if case .measured(let measurement) = outcome, comparison.verdict != .asRecorded,
          comparison.verdict != .unbalanced
        {
          updated.baseline.cases[job.item].expected = measurement.record
          isUpdated = true
        }
      }
      result.report.files.append(BaselineReport.File(path: file.path, cases: comparisons))
      if isUpdated { result.updates.append(updated) }
    }
    return result
  }
}
