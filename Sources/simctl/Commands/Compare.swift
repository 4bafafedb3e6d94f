import AccelSim

/// `simctl compare`: networks on several configurations, and why their cycles differ.
enum CompareCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "compare", abstract: "Run networks on several configurations and explain the difference.",
    discussion: """
      The first configuration is A, to which the others are compared. A configuration is a file, a \
      predefined machine, or either with values behind a colon: \
      'gemmini-default:accumulator.capacityKiB=256,scratchpad.capacityKiB=128'. Each --set adds one \
      more, the first configuration with these values. How to read the tables: Docs/Comparing.md.
      """,
    arguments: [
      Positional(
        name: "config", kind: .config,
        help: "A configuration; at least two with those of --set.",
        isRepeatable: true)
    ],
    options: [
      Option(
        name: "--workload", value: "name", kind: .workload,
        help: "A network ('simctl workloads list'), with sizes as in bert-base:sequence=64, or a "
          + "JSON file. May be repeated.", isRequired: true, isRepeatable: true),
      Option(
        name: "--set", value: "key=value,...", kind: .assignments,
        help: "Add the first configuration with these values. May be repeated.",
        isRepeatable: true),
      JobOptions.jobs,
      PageFile.option, RecordFiles.force,
    ] + ReportFormat.options([.json, .csv, .markdown]),
    examples: [
      Example(
        """
        simctl compare gemmini-default --set dma.busBits=64 \\
          --workload bert-base:layers=1,sequence=16
        """, "What a narrower bus costs one encoder layer.", isLong: true),
      Example(
        "simctl compare gemmini-default gemmini-ibert --workload bert-base",
        "Nonlinear operations on the host and on chip.", isLong: true),
      Example(
        "simctl compare my.json --set dma.busBits=256,host.core=boom --workload gpt2",
        "A machine of your own with a wider bus and a faster host.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode {
    _ = try ReportFormat.choice(arguments)
    let words = arguments.positionals
    guard words.count + arguments.all("--set").count > 1 else {
      throw UsageError(
        "'\(words[0])' has nothing to be compared with; add a configuration or '--set'",
        arguments.syntax)
    }
    let jobs = try JobOptions.jobs(arguments)
    let page = try PageFile(arguments)
    var inputs = ExperimentInputs()
    for word in words { inputs.addConfig(word) }
    for text in arguments.all("--set") {
      try inputs.addVariant(text, of: words[0], arguments.syntax)
    }
    for word in arguments.all("--workload") { inputs.addNetwork(word) }
    try inputs.check()
    return try await compare(inputs, jobs: jobs, page, arguments, console)
  }

  /// One configuration with one network.
  private struct Task: Sendable {
    var network: Int
    var config: Int
  }

  private static func compare(
    _ inputs: ExperimentInputs, jobs: Int, _ page: PageFile?, _ arguments: Arguments,
    _ console: Console
  ) async throws -> ExitCode {
    let (configs, networks) = (inputs.configs, inputs.networks)
    let tasks = networks.indices.flatMap { network in
      configs.indices.map { Task(network: network, config: $0) }
    }
    var results = [Result<NetworkReport, any Error>?](repeating: nil, count: tasks.count)
    var finished = 0
    func showProgress() {
      let line = "\(finished) of \(tasks.count) runs are finished"
      console.showProgress(line)
      console.trace(line)
    }
    Interrupt.catchSignals()
    showProgress()
    await ParallelMap.run(tasks, jobs: jobs) { index, result in
      results[index] = result
      finished += 1
      showProgress()
    } work: { task in
      Result {
        try NetworkRun.report(
          networks[task.network].steps, on: configs[task.config].machine,
          progress: { _ in !Interrupt.wasAsked })
      }
    }
    var comparisons: [Comparison] = []
    var runs = 0
    for (number, network) in networks.enumerated() {
      var complete: [Comparison.Run] = []
      for (task, result) in zip(tasks, results) where task.network == number {
        let config = configs[task.config]
        guard let report = try finishedReport(result, network, config) else { continue }
        complete.append(
          Comparison.Run(
            index: task.config, config: config.name, machine: config.machine, report: report))
      }
      runs += complete.count
      if !complete.isEmpty { comparisons.append(Comparison(network.name, complete)) }
    }
    let report = ComparisonReport(comparisons, isComplete: runs == tasks.count)
    try page?.write(HTMLReport.page(report))
    switch try ReportFormat.choice(arguments) {
    case .text: try console.write(report.text())
    case .markdown: try console.write(report.markdown())
    case .json: try console.write(report.json())
    case .csv: try console.write(report.csv)
    }
    guard report.isComplete else {
      console.log(
        .error, "Interrupted: \(runs) of \(tasks.count) runs are finished, and reported")
      return .interrupted
    }
    return .success
  }

  /// The report of a run; `nil` if Ctrl-C ended it.
  ///
  /// - Throws: `CommandFailure` as the run, with its names.
  private static func finishedReport(
    _ result: Result<NetworkReport, any Error>?, _ network: ExperimentInputs.Network,
    _ config: ExperimentInputs.Config
  ) throws -> NetworkReport? {
    do {
      guard let report = try result?.get(), report.isComplete else { return nil }
      return report
    } catch {
      let (code, message) = Simctl.describe(error)
      throw CommandFailure(code, "'\(network.name)' on '\(config.name)': \(message)")
    }
  }
}
