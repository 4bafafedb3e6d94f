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
      Positional(
        name: "name", kind: .claim, help: "A claim, a letter or a file.",
        isOptional: true)
    ],
    options: [
      Option(
        name: "--set", value: "key=value", kind: .assignment,
        help: "Change a value of every machine, such as memory.latency=60. May be repeated.",
        isRepeatable: true),
      Option(name: "--list", help: "List the claims and the runs, measure nothing."),
      JobOptions.jobs,
      PageFile.option, RecordFiles.force,
    ] + ReportFormat.options([.json, .markdown]),
    examples: [
      Example("simctl study --list", "The claims and the runs that they need."),
      Example("simctl study W4", "Measure one claim.", isLong: true),
      Example("simctl study --html study.html", "Measure all of them.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    let format = try ReportFormat.choice(arguments)
    let jobs = try JobOptions.jobs(arguments)
    if arguments.has("--list"), arguments.has(PageFile.option.name) {
      throw UsageError(
        "'--list' and '\(PageFile.option.name)' exclude each other", arguments.syntax)
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
    let page = try PageFile(arguments)
    Interrupt.catchSignals()
    let total = study.runs.count
    let report: StudyReport
    do {
      report = try await study.carryOut(
        jobs: jobs, goesOn: { !Interrupt.wasAsked },
        finished: { done, name in
          let line = "\(done) of \(total) runs; finished \(name)"
          console.showProgress(line)
          console.trace(line)
        })
    } catch is CancellationError {
      console.log(.error, "Interrupted: no claim was judged")
      return .interrupted
    } catch let error as StudyError {
      throw CommandFailure(.data, error.description)
    }
    try page?.write(HTMLReport.page(report))
    switch format {
    case .json: try console.write(report.json())
    case .markdown: try console.write(report.markdown())
    case .text, .csv: try console.write(report.text())
    }
    return report.passes ? .success : .failure
  }

  /// The study of a file, or the built-in one with the claims called `name`.
  private static func load(_ name: String?) throws -> Study {
    do {
      if let name, name.hasSuffix(".json") || name.contains("/") || InputFile.isGiven(name) {
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
