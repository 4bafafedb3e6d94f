import AccelSim
import Foundation

/// `simctl check`: cycles against those that were recorded.
enum CheckCommand: Subcommand {
  static let folder = "Baselines"

  static let syntax = CommandSyntax(
    name: "check", abstract: "Run what a baseline has recorded and say what moved.",
    discussion: """
      Runs every case of the baselines and prints only the operators whose cycles are not the recorded \
      ones, with what most of the difference went to. Exit code 0 if nothing moved, 1 if cycles moved, \
      2 if something recorded is missing or cannot run, 3 if all that differs is new; of several 2, \
      then 1. Docs/Baselines.md has the files and how to use them in CI.
      """,
    arguments: [
      Positional(
        name: "baselines", kind: .path([".json"]),
        help: "Files, or folders of .json files (default: \(folder)).", isOptional: true,
        isRepeatable: true)
    ],
    options: [
      Option(
        name: "--only", value: "name",
        help: "Run only cases whose names have this in them. May be repeated.", isRepeatable: true),
      Option(
        name: "--update",
        help: "Afterwards write what ran into the files that moved. Exit code 0, or 2 if a case "
          + "cannot run."),
      Option(
        name: "--add", value: "file", kind: .path([".json"]),
        help: "Run one more case and record it in a file, which may be new."),
      Option(name: "--name", value: "name", help: "With --add: the case's name."),
      Option(
        name: "--workload", value: "name", kind: .workload,
        help: "With --add: a network with its sizes, such as bert-base:layers=1, or a JSON file."),
      Option(
        name: "--trace", value: "file", kind: .path([".trace", ".trace.gz"]),
        help: "With --add: a recorded command trace; '.gz' is unpacked."),
      Option(
        name: "--matmul", value: "MxKxN", help: "With --add: a matrix multiplication, AxB of MxKxN."
      ),
      MachineOptions.config(), MachineOptions.set, RunWorkload.fuse,
      Option(
        name: "--tolerance", value: "percent",
        help:
          "With --add: how far cycles may be from the recorded ones (default: the file's, or 0)."),
      Option(
        name: "--junit", value: "file", kind: .output([".xml"]),
        help: "Write the report as JUnit XML, too."),
      Option(
        name: "--annotations",
        help: "Print a line a case behind the report that GitHub shows at the operator's line."),
      RecordFiles.force, JobOptions.jobs, ReuseOptions.off,
    ] + ReportFormat.options([.json, .markdown]),
    examples: [
      Example(
        "simctl check --add Baselines/own.json --matmul 64x64x64",
        "Record what a matrix multiplication takes now."),
      Example("simctl check Baselines/own.json", "Say whether it still takes that."),
      Example(
        "simctl check --update", "Accept what all baselines of the folder take now.",
        isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    try checkCombination(arguments)
    let format = try ReportFormat.choice(arguments)
    if format == .json && arguments.has("--annotations") {
      throw UsageError("JSON and '--annotations' exclude each other", arguments.syntax)
    }
    if let path = arguments["--add"] {
      return try BaselineAddition(path, arguments).carryOut(console)
    }
    let jobs = try JobOptions.jobs(arguments)
    let junit = try arguments["--junit"].map {
      try OutputFile($0, overwrites: arguments.has("--force"))
    }
    let paths = try paths(arguments.positionals)
    if let junit {
      try FileConflicts.check(
        ("--junit", junit.path), against: paths.map { ("", $0) }, arguments.syntax)
    }
    let files = try load(paths)
    guard files.contains(where: { !$0.baseline.cases.isEmpty }) else {
      throw CommandFailure(.data, "No cases in \(paths.map { "'\($0)'" }.joined(separator: ", "))")
    }
    let check = try selected(files, arguments)
    if arguments.has("--update") {
      for file in files { _ = try OutputFile(file.path, overwrites: true) }
    }
    Interrupt.catchSignals()
    let result = await check.run(
      jobs: jobs, reuses: !arguments.has("--no-reuse"), goesOn: { !Interrupt.wasAsked },
      finished: { done, name in
        let line = "\(done) of \(check.count) cases; finished \(name)"
        console.showProgress(line)
        console.trace(line)
      })
    guard let result else {
      console.log(.error, "Interrupted: nothing was compared and nothing written")
      return .interrupted
    }
    switch format {
    case .json: try console.write(result.report.json())
    case .markdown: try console.write(result.report.markdown())
    case .text, .csv: try console.write(result.report.text())
    }
    if arguments.has("--annotations") { try console.write(result.report.annotations) }
    if let junit { try junit.write { try $0(result.report.junit) } }
    let verdict = result.report.verdict
    guard arguments.has("--update"), verdict != .unbalanced else { return exitCode(verdict) }
    for file in result.updates {
      try OutputFile(file.path, overwrites: true).write { try $0(file.baseline.text) }
      if format == .text { try console.print("Updated \(file.path)") }
    }
    return result.report.canRunAll ? .success : .missing
  }

  private static func exitCode(_ verdict: BaselineComparison.Verdict) -> ExitCode {
    switch verdict {
    case .asRecorded: .success
    case .moved: .failure
    case .missing: .missing
    case .new: .new
    case .unbalanced: .internalError
    }
  }

  // MARK: What is asked for

  private static func checkCombination(_ arguments: Arguments) throws(UsageError) {
    let ofAddition = [
      "--name", "--workload", "--trace", "--matmul", "--config", "--set", RunWorkload.fuse.name,
      "--tolerance",
    ]
    let ofCheck = [
      "--only", "--update", "--junit", "--annotations", "--format", "--json", "--markdown",
      "--jobs", "--no-reuse",
    ]
    let isAddition = arguments.has("--add")
    for option in isAddition ? ofCheck : ofAddition where arguments.has(option) {
      throw UsageError(
        isAddition ? "'--add' and '\(option)' exclude each other" : "'\(option)' needs '--add'",
        arguments.syntax)
    }
    if isAddition, let path = arguments.positionals.first {
      throw UsageError("Unexpected argument '\(path)': '--add' names its file", arguments.syntax)
    }
    if arguments.has("--force") && !isAddition && !arguments.has("--junit") {
      throw UsageError("'--force' needs '--add' or '--junit'", arguments.syntax)
    }
  }

  /// The files that `words` name, each once.
  ///
  /// - Throws: `CommandFailure` (66) for what cannot be read or has no baseline.
  private static func paths(_ words: [String]) throws -> [String] {
    var paths: [String] = []
    var known: Set<String> = []
    func add(_ new: [String]) {
      paths += new.filter { known.insert(FileConflicts.identity($0)).inserted }
    }
    for word in words.isEmpty ? [folder] : words {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: word, isDirectory: &isFolder)
      guard exists || !words.isEmpty else {
        throw CommandFailure(
          .noInput,
          "No baselines here: there is no folder '\(folder)'; name files, or record a case with "
            + "'simctl check --add <file>'")
      }
      guard isFolder.boolValue else {
        try InputFileCheck.readable(word)
        add([word])
        continue
      }
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: word)
      } catch {
        throw CommandFailure(.noInput, "'\(word)' cannot be read: \(error.localizedDescription)")
      }
      let found = names.filter { $0.hasSuffix(".json") }.sorted()
      guard !found.isEmpty else {
        throw CommandFailure(.noInput, "No baselines in '\(word)': it has no .json file")
      }
      let base = word.hasSuffix("/") ? String(word.dropLast()) : word
      add(found.map { "\(base)/\($0)" })
    }
    return paths
  }

  /// - Throws: `CommandFailure` (65) with every problem of all files.
  private static func load(_ paths: [String]) throws -> [BaselineCheck.File] {
    var problems: [ConfigProblem] = []
    var files: [BaselineCheck.File] = []
    for path in paths {
      do {
        files.append(BaselineCheck.File(path: path, baseline: try Baseline.load(path: path)))
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else {
      throw CommandFailure(.data, InvalidBaseline(problems: problems).description)
    }
    return files
  }

  private static func selected(
    _ files: [BaselineCheck.File], _ arguments: Arguments
  ) throws -> BaselineCheck {
    let wanted = arguments.all("--only")
    guard !wanted.isEmpty else { return BaselineCheck(files) }
    let names = files.flatMap { $0.baseline.cases.map(\.name) }
    for word in wanted where !names.contains(where: { $0.contains(word) }) {
      throw CommandFailure(
        .data, "No case has '\(word)' in its name" + suggestion(for: word, among: names))
    }
    return BaselineCheck(files) { name in wanted.contains { name.contains($0) } }
  }
}
