import AccelSim

/// `simctl report`: kept runs as a page for a browser.
enum ReportCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "report", abstract: "Make a page for a browser of runs that were kept.",
    discussion: """
      Reads what 'simctl run --json', 'replay --json' and 'nonlinear --json' wrote, and makes one \
      file of it that needs nothing else: figures, a timeline, tables, charts. Of several runs, each \
      one that did the same work as the first is also compared with it. What the charts show: \
      Docs/Reports.md.
      """,
    arguments: [
      Positional(
        name: "run", kind: .input([".json"]), help: "A file of 'simctl run --json'.",
        isRepeatable: true)
    ],
    options: [
      Option(
        name: "--output", short: "-o", value: "file.html", kind: .output([".html"]),
        help: "Write the page to a file, not to standard output."),
      RecordFiles.force,
    ],
    examples: [
      Example(
        "simctl run --matmul 64x64x64 --json | simctl report - -o matmul.html",
        "A page of a run."),
      Example(
        "simctl report before.json after.json -o compared.html",
        "A page of two runs and what changed between them.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let force = RecordFiles.force.name
    if arguments.has(force) && !arguments.has("--output") {
      throw UsageError("'\(force)' needs '--output'", arguments.syntax)
    }
    let output = try arguments["--output"].map {
      try OutputFile($0, overwrites: arguments.has(force))
    }
    let page = try HTMLReport.page(runs(arguments.positionals))
    if let output { try output.write { try $0(page) } } else { try console.write(page) }
    return .success
  }

  /// The runs of all files, with their names.
  ///
  /// - Throws: `CommandFailure` with the problems of all files; its code is that of the first: 66 for
  ///   one that cannot be read, 65 for one that is no run.
  private static func runs(_ paths: [String]) throws -> [(name: String, run: RunFile)] {
    var runs: [(name: String, run: RunFile)] = []
    var failures: [CommandFailure] = []
    for path in paths {
      do {
        try InputFileCheck.readable(path)
        let run = try RunFile.read(path: path)
        runs.append((path, run))
      } catch let failure as CommandFailure {
        failures.append(failure)
      } catch let error as InvalidRunFile {
        failures.append(CommandFailure(.data, error.description))
      }
    }
    guard let first = failures.first else { return runs }
    throw CommandFailure(first.code, failures.map(\.message).joined(separator: "\n"))
  }
}
