import AccelSim

/// `simctl explain`: what bounds a run, and what would help.
enum ExplainCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "explain", abstract: "Say in words what bounds a run, and what would make it faster.",
    discussion: """
      Reads a run that 'simctl run --json' wrote, names what most of its cycles go to and the figures \
      that show it, and then runs it again on machines with one change each that may help against \
      that.
      """,
    arguments: [
      Positional(
        name: "run.json", kind: .input([".json"]),
        help: "A run, as 'simctl run --json' writes it.")
    ],
    options: [
      Option(
        name: "--operator", value: "name",
        help: "Explain this operator, with or without its layer, instead of the whole run."),
      Option(name: "--no-what-if", help: "Run nothing again."),
      JobOptions.jobs,
    ] + ReportFormat.options([.json, .markdown]),
    examples: [
      Example(
        "simctl run --matmul 64x64x64 --json | simctl explain -",
        "What bounds a small matrix multiplication."),
      Example(
        "simctl explain bert.json --operator ffn1", "One operator of a run that was kept.",
        isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    let jobs = try JobOptions.jobs(arguments)
    let format = try ReportFormat.choice(arguments)
    let file = try read(arguments.positionals[0])
    var explanation: Explanation
    do {
      explanation = try Explanation(file, operator: arguments["--operator"])
    } catch {
      throw CommandFailure(.data, error.description)
    }
    var isComplete = true
    if arguments.has("--no-what-if") {
      explanation.note = "Nothing was run again."
    } else if !explanation.isComplete {
      explanation.note =
        "The run was \(file.report.interruption ?? "interrupted"). Nothing was run again, because "
        + "whole runs cannot be compared with a part."
    } else if let obstacle = file.program.obstacle {
      explanation.note =
        "\(obstacle.prefix(1).uppercased())\(obstacle.dropFirst()): nothing was run again."
    } else {
      isComplete = try await tryChanges(&explanation, file, jobs: jobs, arguments, console)
    }
    if file.cycleModel != CycleModel.version {
      console.log(
        .warning,
        "the run was made by cycle model \(file.cycleModel), this is \(CycleModel.version); "
          + "make it again to compare like with like")
    }
    switch format {
    case .json: try console.write(explanation.json())
    case .markdown: try console.write(explanation.markdown())
    case .text, .csv: try console.write(explanation.text())
    }
    guard isComplete else {
      console.log(.error, "Interrupted: what was tried so far is reported")
      return .interrupted
    }
    return .success
  }

  /// The run in the file at `path`.
  ///
  /// - Throws: `CommandFailure`: 66 if it cannot be read, 65 if it is no run.
  static func read(_ path: String) throws -> RunFile {
    try InputFileCheck.readable(path)
    do {
      return try RunFile.read(path: path)
    } catch {
      throw CommandFailure(.data, error.description)
    }
  }

  /// Runs the program again on machines that may be faster.
  ///
  /// - Returns: Whether every run came to its end.
  private static func tryChanges(
    _ explanation: inout Explanation, _ file: RunFile, jobs: Int, _ arguments: Arguments,
    _ console: Console
  ) async throws -> Bool {
    let trials = explanation.trials(of: file)
    var results = [Result<NetworkReport, any Error>?](repeating: nil, count: trials.count)
    var finished = 0
    Interrupt.catchSignals()
    func showProgress() {
      let line = "tried \(finished) of \(trials.count) changes"
      console.showProgress(line)
      console.trace(line)
    }
    showProgress()
    await ParallelMap.run(trials, jobs: jobs) { index, result in
      results[index] = result
      finished += 1
      showProgress()
    } work: { [program = file.program] trial in
      Result { try program.report(on: trial.machine) { !Interrupt.wasAsked } }
    }
    var complete: [(trial: Explanation.Trial, result: Result<NetworkReport, Explanation.Failure>)] =
      []
    for (trial, result) in zip(trials, results) {
      switch result {
      case .success(let report)? where !report.isComplete: continue
      case .failure(let error as ProgramChanged)?: throw CommandFailure(.data, error.description)
      case .failure(let error)?:
        complete.append((trial, .failure(Explanation.Failure(Simctl.describe(error).1))))
      case .success(let report)?: complete.append((trial, .success(report)))
      case nil: continue
      }
    }
    explanation.add(complete, to: file)
    return complete.count == trials.count
  }
}
