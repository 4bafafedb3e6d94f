import AccelSim

/// `simctl study`: claims, measured.
enum StudyCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "study", abstract: "Measure the claims of a study and say which are reproduced.",
    discussion: """
      Without a name: the study that this simulator is built on, "Full Stack Optimization of \
      Transformer Inference" (arXiv 2302.14017). A name selects one of its claims, such as G3, or \
      all of a letter, such as G; a JSON file is a study of your own. Ends with 1 if a claim does \
      not stand as the study says.
      """,
    arguments: [
      Positional(name: "name", help: "A claim, a letter or a file.", isOptional: true)
    ],
    options: [
      Option(
        name: "--set", value: "key=value",
        help: "Change a value of every machine, such as memory.latency=60. May be repeated.",
        isRepeatable: true),
      Option(name: "--list", help: "List the claims and the runs, measure nothing."),
      JobOptions.jobs,
      Option(name: "--quiet", help: "Show no progress."),
      Option(name: "--json", help: "Report as JSON."),
      Option(name: "--markdown", help: "Report as the tables of Docs/Reproduction.md."),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    if arguments.has("--json") && arguments.has("--markdown") {
      throw UsageError("'--json' and '--markdown' exclude each other", arguments.syntax)
    }
    var study = try load(arguments.positionals.first)
    do {
      study = try study.setting(MachineOptions.assignments(arguments))
    } catch let error as StudyError {
      throw CommandFailure(.config, error.description)
    }
    do {
      try study.check()
    } catch {
      throw CommandFailure(.data, error.description)
    }
    if arguments.has("--list") {
      try console.write(study.list)
      return .success
    }
    let jobs = try JobOptions.jobs(arguments)
    Interrupt.catchSignals()
    let total = study.runs.count
    let report: StudyReport
    do {
      report = try await study.carryOut(
        jobs: jobs, goesOn: { !Interrupt.wasAsked },
        finished: { done, name in
          if !arguments.has("--quiet") {
            console.showProgress("\(done) of \(total) runs; finished \(name)")
          }
        })
    } catch is CancellationError {
      console.printError("Interrupted: no claim was judged")
      return .interrupted
    } catch let error as StudyError {
      throw CommandFailure(.data, error.description)
    }
    if arguments.has("--json") {
      try console.write(report.json())
    } else {
      try console.write(arguments.has("--markdown") ? report.markdown() : report.text())
    }
    return report.passes ? .success : .failure
  }

  /// The study of a file, or the built-in one with the claims called `name`.
  private static func load(_ name: String?) throws -> Study {
    do {
      if let name, name.hasSuffix(".json") || name.contains("/") {
        try InputFileCheck.readable(name)
        return try Study.load(path: name)
      }
      let builtIn = Study.builtIn[0]
      let study = try Study(json: builtIn.json, file: builtIn.name)
      guard let name, name != builtIn.name else { return study }
      guard let part = study.selecting(name) else {
        let ids = study.claims.map(\.id)
        let hint = suggestion(for: name.uppercased(), among: ids)
        throw CommandFailure(
          .data,
          "No claim '\(name)'"
            + (hint.isEmpty ? "; there are \(ids.joined(separator: ", ")), or a file" : hint))
      }
      return part
    } catch let error as InvalidStudy {
      throw CommandFailure(.data, error.description)
    }
  }
}

extension Study {
  /// Its claims and runs.
  fileprivate var list: String {
    var text = "\(title)\n\nClaims\n"
    for claim in claims {
      text += helpLine(claim.id, claim.claim + (claim.pending == nil ? "" : " (not covered yet)"))
    }
    text += "\nRuns\n"
    for run in runs { text += helpLine(run.name, run.summary) }
    return text
  }
}
