extension Validator {
  /// Runs a program for its results alone and compares every place that its trace names.
  func runFunction(_ folder: GoldenFolder, _ trace: String) -> FunctionOutcome {
    var outcome = FunctionOutcome(trace: trace)
    do {
      guard let path = folder.tracePath(trace) else {
        throw TraceError(file: folder.path, line: 0, expected: "a trace \(trace)", found: "none")
      }
      let run = try FunctionalRun.run(TraceReader(path: path), on: functionMachine)
      outcome.checks = run.checks
      outcome.mismatchCount = run.mismatches.count
      outcome.mismatches = run.mismatches.prefix(3).map(\.description)
      outcome.hardwareMismatchCount = hardwareMismatches(path)
    } catch {
      outcome.failure = "\(error)"
    }
    return outcome
  }

  /// Places that differ on the hardware itself, `nil` where it refuses the program.
  private func hardwareMismatches(_ path: String) -> Int? {
    let run = try? FunctionalRun.run(TraceReader(path: path), on: hardwareMachine)
    return run?.mismatches.count
  }
}
