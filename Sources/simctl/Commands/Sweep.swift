import AccelSim
import Foundation

/// `simctl sweep`: the cross product of values of a configuration, for one or more workloads.
enum SweepCommand: Subcommand {
  private static let directions = [("--minimise", false), ("--maximise", true)]
  private static let metrics = ValueKind.oneOf(SweepMetric.allCases.map(\.rawValue))

  static let syntax = CommandSyntax(
    name: "sweep", abstract: "Run workloads on all combinations of configuration values.",
    discussion: """
      Runs each workload on each machine of the cross product, several at a time, and prints tables, \
      maps and the Pareto front. With --output each result is kept as soon as it is there, in \
      FILE.partial: a sweep that ended early goes on with --resume. Docs/Sweeping.md has examples. \
      Exit code 1 if a point fails.
      """,
    options: [
      MachineOptions.config(),
      Option(
        name: "--workload", value: "name", kind: .workload,
        help: "A network with its sizes, such as bert-base:sequence=128, or a JSON file. May be "
          + "repeated.", isRequired: true, isRepeatable: true),
      Option(
        name: "--vary", value: "key=a,b,...", kind: .axis,
        help: "Values of a key of the configuration, or of a workload's parameter as "
          + "workload.sequence=128,256. May be repeated; the last varies fastest.",
        isRepeatable: true),
      MachineOptions.set,
      Option(
        name: "--constraint", value: "expression",
        help: "Leave out points that break it, such as 'scratchpad.capacityKiB + "
          + "accumulator.capacityKiB <= 320' or 'sramBytes <= 400000'. May be repeated.",
        isRepeatable: true),
      Option(
        name: "--skip-invalid",
        help: "Leave out combinations that are no machine, instead of refusing the sweep."),
      Option(
        name: "--minimise", value: "metric", kind: metrics,
        help: "Less of it is better, for the Pareto front (default: cycles and sramBytes). May be "
          + "repeated. One of \(SweepMetric.allCases.map(\.rawValue).joined(separator: ", ")).",
        isRepeatable: true),
      Option(
        name: "--maximise", value: "metric", kind: metrics,
        help: "More of it is better. May be repeated.", isRepeatable: true),
      Option(
        name: "--map", value: "metric", kind: metrics,
        help: "What the maps over two keys show (default: cycles)."),
      JobOptions.jobs,
      Option(
        name: "--output", short: "-o", value: "file", kind: .output([".csv", ".json"]),
        help: "Write the results to a file that ends in .csv or .json."),
      Option(name: "--resume", help: "Go on with the sweep whose results are in FILE.partial."),
      PageFile.option, RecordFiles.force,
      Option(name: "--list", help: "Print the numbered points and run nothing."),
      Option(
        name: "--point", value: "number",
        help: "Run one point of the list and print its line for FILE.partial."),
    ] + ReportFormat.options([.json, .csv, .markdown]),
    examples: [
      Example(
        """
        simctl sweep --workload bert-base:layers=1,sequence=16 \\
          --vary dma.busBits=64,128
        """,
        "One encoder layer on two widths of the bus.", isLong: true),
      Example(
        """
        simctl sweep --workload bert-base --vary scratchpad.capacityKiB=128,256 \\
          --vary accumulator.capacityKiB=64,128 --output sweep.csv
        """, "Four machines; results are kept as soon as they are there.", isLong: true),
      Example(
        "simctl sweep --workload gpt2 --vary memory.latency=20,40 --list",
        "Show the points, run nothing."),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    try checkCombination(arguments)
    let format = try ReportFormat.choice(arguments)
    let objectives = try objectives(arguments)
    let metrics = SweepMetric.allCases.map { ($0.rawValue, $0) }
    let mapped = try arguments.choice("--map", metrics) ?? .cycles
    let jobs = try JobOptions.jobs(arguments)
    let plan = try plan(arguments)
    if arguments.has("--list") {
      try console.write(format == .json ? plan.listJSON : plan.listText)
      return .success
    }
    if let number = try arguments.integer("--point", in: 1...plan.points.count) {
      return try point(plan.points[number - 1], plan, arguments, console)
    }
    let page = try PageFile(arguments)
    let run = SweepRun(
      plan: plan, jobs: jobs, console: console,
      report: { SweepReport(plan, $0, objectives: objectives, mapped: mapped) })
    let report: SweepReport
    if let path = arguments["--output"] {
      report = try await run.report(
        writing: path, resumes: arguments.has("--resume"), overwrites: arguments.has("--force"))
      if report.finished < plan.points.count { return .interrupted }
    } else {
      report = try await run.report()
    }
    try page?.write(HTMLReport.page(report))
    switch format {
    case .text: try console.write(report.text())
    case .markdown: try console.write(report.markdown())
    case .json: try console.write(report.json)
    case .csv: try console.write(report.csv)
    }
    guard report.finished == plan.points.count else {
      console.log(
        .error,
        "Interrupted: \(report.finished) of \(plan.points.count) points are finished, and reported")
      return .interrupted
    }
    return report.failures == 0 ? .success : .failure
  }

  // MARK: What is asked for

  private static func checkCombination(_ arguments: Arguments) throws(UsageError) {
    let exclusive = [
      ("--list", ["--point", "--output", "--resume", "--csv", "--html"]),
      ("--point", ["--resume", "--csv", "--json", "--html"]), ("--csv", ["--json"]),
    ]
    for (option, others) in exclusive where arguments.has(option) {
      for other in others where arguments.has(other) {
        throw UsageError("'\(option)' and '\(other)' exclude each other", arguments.syntax)
      }
    }
    if arguments.has("--resume") && !arguments.has("--output") {
      throw UsageError("'--resume' needs '--output'", arguments.syntax)
    }
    if arguments.has("--force") && !arguments.has("--output") && !arguments.has("--html") {
      throw UsageError("'--force' needs '--output' or '--html'", arguments.syntax)
    }
    guard let path = arguments["--output"], !arguments.has("--point") else { return }
    guard path.hasSuffix(".csv") || path.hasSuffix(".json") else {
      throw arguments.invalid("--output", "must end in .csv or .json")
    }
  }

  private static func objectives(_ arguments: Arguments) throws(UsageError) -> [SweepObjective] {
    var objectives: [SweepObjective] = []
    for (option, isMaximised) in directions {
      for word in arguments.all(option) {
        guard let metric = SweepMetric(rawValue: word) else { continue }
        guard !objectives.contains(where: { $0.metric == metric }) else {
          throw UsageError("'\(word)' is an objective twice", arguments.syntax)
        }
        objectives.append(SweepObjective(metric, isMaximised: isMaximised))
      }
    }
    return objectives.isEmpty ? SweepReport.standardObjectives : objectives
  }

  private static func plan(_ arguments: Arguments) throws -> SweepPlan {
    do {
      return try SweepPlan(request(arguments))
    } catch let error as InvalidSweep where error.canSkip {
      throw CommandFailure(.config, "\(error)\n'--skip-invalid' leaves these combinations out")
    }
  }

  private static func request(_ arguments: Arguments) throws -> SweepRequest {
    let config = try MachineOptions.load(arguments["--config"] ?? MachineOptions.defaultConfig)
    let axes = try arguments.all("--vary").map { text in
      guard let axis = SweepAxis(text) else {
        throw UsageError(
          "The value '\(text)' is invalid for '--vary <key=a,b,...>': not a key, '=' and values",
          arguments.syntax)
      }
      return axis
    }
    let workloads = try arguments.all("--workload").map(WorkloadOptions.request)
    var request = SweepRequest(config: config, workloads: workloads, axes: axes)
    request.assignments = try MachineOptions.assignments(arguments)
    request.constraints = try arguments.all("--constraint").map { text in
      do {
        return try SweepConstraint(text, parameters: axes.compactMap(\.parameter))
      } catch {
        throw UsageError(
          "The value '\(text)' is invalid for '--constraint <expression>': \(error)",
          arguments.syntax)
      }
    }
    request.skipsInvalid = arguments.has("--skip-invalid")
    return request
  }

  // MARK: One point

  private static func point(
    _ point: SweepPoint, _ plan: SweepPlan, _ arguments: Arguments, _ console: Console
  ) throws -> ExitCode {
    let file = try arguments["--output"].map {
      try OutputFile($0, overwrites: arguments.has("--force"))
    }
    Interrupt.catchSignals()
    guard let outcome = plan.outcome(of: point, goesOn: { !Interrupt.wasAsked }) else {
      console.log(.error, "Interrupted: point \(point.number) is not finished")
      return .interrupted
    }
    let line = SweepJournal.line(outcome, of: point, in: plan)
    if let file { try file.write { try $0(line) } } else { try console.write(line) }
    guard let reason = outcome.failure else { return .success }
    console.log(.error, "Point \(point.number) failed: \(reason)")
    return .failure
  }
}
