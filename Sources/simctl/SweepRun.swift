import AccelSim

/// Runs the points of a sweep, with progress and, if wanted, a journal.
struct SweepRun {
  let plan: SweepPlan
  let jobs: Int
  let console: Console
  /// Makes the report of outcomes by the number of the point.
  let report: ([Int: SweepOutcome]) -> SweepReport

  /// All points, nothing kept; after Ctrl-C those that were finished.
  func report() async throws -> SweepReport {
    report(try await outcomes([:]) { _ in })
  }

  /// All points, the results in the file at `path`; after Ctrl-C those that were finished are in its
  /// journal, and there is no file.
  ///
  /// - Throws: `CommandFailure` for files that cannot be written, or are of something else.
  func report(writing path: String, resumes: Bool, overwrites: Bool) async throws -> SweepReport {
    let journalPath = path + ".partial"
    let isThere = JournalFile.exists(journalPath)
    guard resumes && isThere else {
      let output = try OutputFile(path, overwrites: overwrites)
      if resumes { note("Nothing to go on with: there is no '\(journalPath)'") }
      return try await finish(JournalFile(creating: journalPath), output)
    }
    let file = try JournalFile(resuming: journalPath, plan)
    let known = file.journal.outcomes.count
    note(
      "\(known) of \(plan.points.count) points are in '\(journalPath)'"
        + (file.journal.isTorn ? "; its last line was not whole and is dropped" : ""))
    // Ended between the last two steps.
    if known == plan.points.count, let content = try? InputFileCheck.bytes(path) {
      let report = report(file.journal.outcomes)
      if content == Array(text(report, for: path).utf8) {
        file.remove()
        return report
      }
    }
    return try await finish(file, OutputFile(path, overwrites: overwrites))
  }

  private func finish(_ file: JournalFile, _ output: OutputFile) async throws -> SweepReport {
    let outcomes = try await outcomes(file.journal.outcomes, append: file.append)
    let report = report(outcomes)
    guard report.finished == plan.points.count else {
      console.log(
        .error,
        "Interrupted: \(report.finished) of \(plan.points.count) points are in '\(file.path)'; the "
          + "same call with '--resume' goes on")
      return report
    }
    try output.write { try $0(text(report, for: output.path)) }
    file.remove()
    return report
  }

  private func text(_ report: SweepReport, for path: String) -> String {
    path.hasSuffix(".json") ? report.json : report.csv
  }

  private func note(_ text: String) {
    console.log(.info, text)
  }

  /// Runs what is not `known`.
  ///
  /// - Parameter append: Given the line of each outcome before it counts as finished.
  private func outcomes(
    _ known: [Int: SweepOutcome], append: (String) throws -> Void
  ) async throws -> [Int: SweepOutcome] {
    Interrupt.catchSignals()
    var outcomes = known
    let missing = plan.points.filter { known[$0.number] == nil }
    var progress = SweepProgress(done: known.count, total: plan.points.count)
    if !missing.isEmpty { console.showProgress(progress.line) }
    try await plan.run(
      missing, jobs: jobs, goesOn: { !Interrupt.wasAsked },
      finished: { point, outcome in
        try append(SweepJournal.line(outcome, of: point, in: plan))
        outcomes[point.number] = outcome
        progress.done += 1
        console.showProgress(progress.line)
        console.trace("point \(point.number) of \(plan.points.count) is finished")
      })
    return outcomes
  }
}

/// How far a sweep is, and when it will be done.
struct SweepProgress {
  private static let width = 24

  var done: Int
  private let total: Int
  private let doneAtStart: Int
  private let start = ContinuousClock.now

  init(done: Int, total: Int) {
    self.done = done
    doneAtStart = done
    self.total = total
  }

  var line: String { line(after: ContinuousClock.now - start) }

  /// A bar, points, and the time left if points go on taking as long as those of this run.
  func line(after elapsed: Duration) -> String {
    let filled = total == 0 ? 0 : done * Self.width / total
    let bar =
      String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
    let text = "[\(bar)] \(done) of \(total) points"
    guard done > doneAtStart, done < total else { return text }
    let each = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let left = Int(each / Double(done - doneAtStart) * Double(total - done) + 0.5)
    let seconds = left % 60 < 10 ? "0\(left % 60)" : "\(left % 60)"
    let minutes = left / 60 % 60
    guard left >= 3600 else { return "\(text), \(minutes):\(seconds) left" }
    return "\(text), \(left / 3600):\(minutes < 10 ? "0" : "")\(minutes):\(seconds) left"
  }
}
