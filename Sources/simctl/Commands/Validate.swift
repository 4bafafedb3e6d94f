import AccelSim
import Foundation

/// `simctl validate`: recorded evidence, all of it.
enum ValidateCommand: Subcommand {
  static let defaultAllowances = "Docs/Deviations.md"

  static let syntax = CommandSyntax(
    name: "validate", abstract: "Replay recorded evidence and report how exact the simulator is.",
    discussion: """
      Replays every valid row of each golden.csv and compares every fence and, where recorded, \
      every command's cycles; compares the memory that the programs of each index.csv leave. \
      Exit code 1 if a row is outside its allowance.
      """,
    arguments: [
      Positional(
        name: "folder", kind: .folder,
        help: "A folder with golden.csv or index.csv, or one that holds such.")
    ],
    options: [
      Option(
        name: "--jobs", value: "n", help: "Runs at the same time (default: one a processor)."),
      Option(name: "--function-only", help: "Compare memory only, not cycles."),
      Option(name: "--timing-only", help: "Compare cycles only, not memory."),
      Option(
        name: "--verify-reuse",
        help: "Run every row with and without reuse, too, and compare every counter."),
      Option(
        name: "--only", value: "text", help: "Only traces whose name contains the text."),
      Option(
        name: "--allowances", value: "file", kind: .input([".md"]),
        help: "The rows that may differ (default: \(defaultAllowances), if it exists)."),
    ] + ReportFormat.options([.json]),
    examples: [
      Example("simctl validate golden", "All evidence of a folder.", isLong: true),
      Example(
        "simctl validate golden --timing-only --only matmul", "Cycles of some of its programs.",
        isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    let jobs =
      try arguments.integer("--jobs", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    if arguments.has("--function-only") && arguments.has("--timing-only") {
      throw UsageError(
        "'--function-only' and '--timing-only' exclude each other", arguments.syntax)
    }
    let path = arguments.positionals[0]
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFailure(.noInput, "'\(path)' cannot be read: No such file or directory")
    }
    let allowances = try readAllowances(arguments)
    var folders = try GoldenFolder.find(at: path)
    if let text = arguments["--only"] {
      for index in folders.indices { folders[index].keep { $0.contains(text) } }
    }
    let validator = Validator(
      folders: folders, timing: !arguments.has("--function-only"),
      function: !arguments.has("--timing-only"), verifiesReuse: arguments.has("--verify-reuse"))
    guard !validator.jobs.isEmpty else {
      throw CommandFailure(.data, "Nothing to validate in '\(path)'")
    }
    let outcomes = await work(validator, jobs: jobs, console: console)
    let report = validator.report(outcomes, allowances: allowances)
    try console.write(ReportFormat.choice(arguments) == .json ? report.json() : report.text())
    return report.passes ? .success : .failure
  }

  /// Does all jobs, `jobs` at a time; the result is in their order.
  private static func work(
    _ validator: Validator, jobs: Int, console: Console
  ) async -> [Validator.Outcome] {
    let total = validator.jobs.count
    var outcomes: [(Int, Validator.Outcome)] = []
    outcomes.reserveCapacity(total)
    await withTaskGroup(of: (Int, Validator.Outcome).self) { group in
      var next = 0
      func start() {
        guard next < total else { return }
        let index = next
        next += 1
        group.addTask { (index, validator.run(validator.jobs[index])) }
      }
      for _ in 0..<min(jobs, total) { start() }
      while let outcome = await group.next() {
        outcomes.append(outcome)
        console.showProgress("\(outcomes.count) of \(total) programs")
        console.trace("\(outcomes.count) of \(total) programs")
        start()
      }
    }
    return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func readAllowances(_ arguments: Arguments) throws -> AllowanceList {
    let path = arguments["--allowances"] ?? defaultAllowances
    guard arguments.has("--allowances") || FileManager.default.fileExists(atPath: path) else {
      return AllowanceList()
    }
    try InputFileCheck.readable(path)
    return AllowanceList(markdown: String(decoding: try InputFileCheck.bytes(path), as: UTF8.self))
  }
}
