extension Validator {
  /// Runs a program for its results alone and compares every place that its trace names.
  func runFunction(_ folder: GoldenFolder, _ trace: String) -> FunctionOutcome {
    var outcome = FunctionOutcome(trace: trace)
    outcome.failure = "the functional machine is not built in yet"
    return outcome
  }
}
