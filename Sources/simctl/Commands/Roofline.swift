import AccelSim

/// `simctl roofline`: what limits each operator of a network.
enum RooflineCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "roofline", abstract: "Show what limits each operator of a network.",
    discussion: """
      Runs the network and sets each operator against the two limits of the machine: the \
      multiply-accumulates of the array and the bytes of the way to main memory. How to read the \
      table: Docs/Comparing.md.
      """,
    options: [
      MachineOptions.config(), MachineOptions.set,
      Option(
        name: "--workload", value: "name",
        help: "A network ('simctl workloads list'), with sizes as in bert-base:sequence=64, or a "
          + "JSON file.", isRequired: true),
      MachineOptions.latency, MachineOptions.issueGap,
      Option(name: "--json", help: "Report as JSON."),
      Option(name: "--csv", help: "Report as CSV: a line an operator."),
      Option(name: "--quiet", help: "Show no progress."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    if arguments.has("--json") && arguments.has("--csv") {
      throw UsageError("'--json' and '--csv' exclude each other", arguments.syntax)
    }
    let word = arguments["--workload"] ?? ""
    let steps = try WorkloadOptions.steps(WorkloadOptions.request(word))
    let machine = try MachineOptions.machine(arguments)
    let run = try RunWorkload.watched(steps, on: machine, arguments, console)
    let report = RooflineReport(run, on: machine)
    if arguments.has("--json") {
      try console.write(report.json())
    } else {
      try console.write(arguments.has("--csv") ? report.csv : report.text())
    }
    return RunWorkload.exitCode(run, console)
  }
}
