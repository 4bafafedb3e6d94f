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
        name: "--workload", value: "name", kind: .workload,
        help: "A network ('simctl workloads list'), with sizes as in bert-base:sequence=64, or a "
          + "JSON file.", isRequired: true),
      MachineOptions.latency, MachineOptions.issueGap,
    ] + ReportFormat.options([.json, .csv, .markdown]),
    examples: [
      Example(
        "simctl roofline --workload bert-base:layers=1,sequence=16",
        "Which operators wait for memory.", isLong: true),
      Example(
        "simctl roofline --workload resnet50 --set dma.busBits=64",
        "The same of a convolutional network behind a narrow bus.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let format = try ReportFormat.choice(arguments)
    let word = arguments["--workload"] ?? ""
    let steps = try WorkloadOptions.steps(WorkloadOptions.request(word))
    let machine = try MachineOptions.machine(arguments)
    let run = try RunWorkload.watched(steps, on: machine, arguments, console)
    let report = RooflineReport(run, on: machine)
    switch format {
    case .text: try console.write(report.text())
    case .markdown: try console.write(report.markdown())
    case .json: try console.write(report.json())
    case .csv: try console.write(report.csv)
    }
    return RunWorkload.exitCode(run, console)
  }
}
