import AccelSim

/// `simctl replay`: a recorded program on a machine.
enum ReplayCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "replay", abstract: "Run a recorded command trace and check what it leaves in memory.",
    discussion: """
      Prints the cycle of each fence, compares every dump of the trace with memory, and writes the \
      records that the recordings have, so that a difference can be found with diff.
      """,
    arguments: [
      Positional(
        name: "trace", kind: .input([".trace", ".trace.gz"]), help: "The trace; '.gz' is unpacked.")
    ],
    options: [
      MachineOptions.config(isRequired: true), MachineOptions.set, MachineOptions.latency,
      MachineOptions.issueGap,
      RecordFiles.commands, RecordFiles.events, RecordFiles.force,
      Option(
        name: "--no-data", help: "Read no bins and check no memory."),
      Option(
        name: "--against", value: "cmds.csv", kind: .input([".csv", ".csv.gz"]),
        help: "Compare with recorded commands and show the first difference; '.gz' is unpacked."),
    ] + ReportFormat.options([.json, .markdown]) + TraceFiles.options,
    examples: [
      Example(
        "simctl asm program.asm | simctl replay - --config gemmini-default",
        "Assemble a program and run it."),
      Example(
        "simctl replay program.trace --config rtl-lean --against cmds.csv",
        "Compare with the commands of a recording."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let path = arguments.positionals[0]
    try InputFileCheck.readable(path)
    let machine = try MachineOptions.machine(arguments)
    let files = try RecordFiles(arguments)
    let traces = try TraceFiles(arguments)
    let recording = try arguments["--against"].map { path in
      try InputFileCheck.readable(path)
      return try CommandRecordFile.read(path: path)
    }
    let format = try ReportFormat.choice(arguments)
    var options = RunOptions()
    let readsData = !arguments.has("--no-data")
    options.carriesData = readsData
    options.recordsCommands = files.wantsCommands || recording != nil
    options.recordsEvents = files.wantsEvents
    var source = try TraceReader(path: path, readsData: readsData)
    let output: SimulationOutput
    do {
      output = try traces.record(on: machine, console) {
        try Simulator.run(&source, on: machine, options: options, watcher: $0)
      }
    } catch let error where error is TraceError || error is CommandFailure {
      throw error
    } catch {
      // The line that the host had reached; a loop's error comes with its last command.
      let (code, message) = Simctl.describe(error)
      throw CommandFailure(code, "\(path):\(source.line): \(message)")
    }
    RunCommand.note(output.result, console)
    try files.write(output)
    let context = ReportContext(
      title: "\(machine.config.name): \(path)",
      notes: [
        machine.config.memorySummary,
        "a command every \(machine.config.host.issueInterval) cycle(s), "
          + (readsData ? "with data" : "without data"),
      ])
    if format == .json {
      try console.write(RunFile(output, .trace(path: path), context, on: machine).json())
    } else if format == .markdown {
      try console.write(output.result.markdown(context))
    } else {
      for (index, cycle) in output.result.fenceCycles.enumerated() {
        try console.print("fence \(index) \(cycle)")
      }
      try console.print()
      try console.write(output.result.text(context))
    }
    var isEqual = output.result.mismatches.isEmpty
    if let recording {
      let comparison = CommandComparison(recorded: recording, own: output.commands)
      isEqual = isEqual && comparison.isExact
      let words = comparison.text(encoding: machine.config.features.convEncoding)
      // JSON stays alone on the output stream.
      if format == .json {
        console.log(.error, words)
      } else {
        try console.write("\n" + words)
      }
    }
    return isEqual ? .success : .failure
  }
}
