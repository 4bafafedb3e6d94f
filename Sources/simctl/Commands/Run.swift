import AccelSim

/// `simctl run`: a matmul as the hardware's library would issue it.
enum RunCommand: Subcommand {
  static let defaultMatmul = "128x768x768"

  static let syntax = CommandSyntax(
    name: "run", abstract: "Run a network or a matrix multiplication and report its cycles.",
    discussion: """
      Issues the commands that Gemmini's own library would issue, with the tiles that it would \
      choose. With --workload: a whole network, operator by operator. Without arguments: a \
      projection of BERT-base on the default machine.
      """,
    options: [
      MachineOptions.config(), MachineOptions.set,
      Option(
        name: "--matmul", value: "MxKxN",
        help: "A is MxK, B is KxN (default: \(defaultMatmul))."),
      Option(name: "--bias", help: "Add a matrix of the size of the result."),
      Option(name: "--repeating-bias", help: "Add one row to all rows of the result."),
      Option(name: "--low-d", help: "The bias is int8, not int32."),
      Option(name: "--relu", help: "Short for --activation relu."),
      Option(
        name: "--activation", value: "name",
        kind: .oneOf(MatmulActivation.allCases.map { "\($0)" }),
        help: "none, relu, layernorm, igelu or softmax (default: none)."),
      Option(
        name: "--scale", value: "factor",
        help: "Scale of the result (default: 1, with --data one that keeps results in range)."),
      Option(
        name: "--input-scale", value: "factor",
        help: "Scale of the sums that igelu and softmax assume (default: 0.05)."),
      Option(name: "--transpose-a", help: "A is stored as KxM."),
      Option(name: "--transpose-b", help: "B is stored as NxK."),
      Option(name: "--full-c", help: "The result is int32, neither activated nor scaled."),
      Option(
        name: "--dataflow", value: "ws|os", kind: .oneOf(["ws", "os"]),
        help: "Weights stay (loop commands) or sums stay (single commands) (default: ws)."),
      Option(
        name: "--tile", value: "IxJxK",
        help: "Rows, columns and inner size of a block in widths of the array, instead of the "
          + "library's choice."),
      MachineOptions.latency, MachineOptions.issueGap,
      Option(
        name: "--data", value: "random:seed",
        help: "Carry random data and check results (default seed: 1).", isValueOptional: true),
      RecordFiles.commands, RecordFiles.events, PageFile.option, RecordFiles.force,
    ] + ReportFormat.options([.json, .csv, .markdown]) + ReuseOptions.all + TraceFiles.options
      + RunWorkload.options + WorkloadOptions.sizes,
    examples: [
      Example("simctl run --matmul 64x64x64 --relu", "A matrix multiplication."),
      Example(
        "simctl run --workload bert-base:layers=1,sequence=16 --json > bert.json",
        "One encoder layer, kept for 'report' and 'explain'.", isLong: true),
      Example(
        "simctl run --workload bert-base --config gemmini-ibert --html bert.html",
        "A whole network, as a page for a browser.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    if let name = arguments["--workload"] {
      return try RunWorkload.run(name, arguments, console)
    }
    for option in RunWorkload.options + WorkloadOptions.sizes
    where arguments.has(option.name) {
      throw UsageError("'\(option.name)' needs '--workload'", arguments.syntax)
    }
    var matmul = try matmul(arguments)
    let seed = try seed(arguments) ?? 1
    let machine = try MachineOptions.machine(arguments)
    let files = try RecordFiles(arguments)
    let page = try PageFile(arguments)
    let traces = try TraceFiles(arguments)
    if arguments.has("--data") && !arguments.has("--scale") {
      matmul.scale = MatmulExercise.suitableScale(matmul, on: machine)
    }
    if !NormalisedMatmul.isFused(matmul, on: machine) {
      return try runSeparately(matmul, on: machine, files, traces, page, arguments, console)
    }
    let reuse = try ReuseOptions(arguments)
    let plan = try MatmulPlan(matmul, on: machine)
    console.trace("planned \(describe(matmul)) in blocks of \(plan.tile)")
    var options = RunOptions()
    options.reuses = reuse.isOn
    options.carriesData = arguments.has("--data")
    options.recordsCommands = files.wantsCommands
    options.recordsEvents = files.wantsEvents
    let output: SimulationOutput
    var isChecked = false
    if options.carriesData {
      let exercise = MatmulExercise(plan, seed: seed)
      isChecked = exercise.checksResult
      var source = exercise.source
      output = try traces.record(on: machine, console) {
        try Simulator.run(&source, on: machine, options: options, watcher: $0)
      }
    } else {
      var source = TiledMatmul(plan)
      output = try traces.record(on: machine, console) {
        try Simulator.run(&source, on: machine, options: options, watcher: $0)
      }
    }
    if reuse.isVerified, !options.carriesData {
      options.reuses = false
      var source = TiledMatmul(plan)
      let other = try Simulator.run(&source, on: machine, options: options)
      try reuse.report(ReuseCheck.difference(output.result, other.result), console)
    }
    let result = output.result
    note(result, console)
    try files.write(output)
    let context = ReportContext(
      title: "\(machine.config.name): \(describe(matmul))",
      notes: notes(plan, isChecked: isChecked, result))
    try write(output, matmul, context, on: machine, page, arguments, console)
    return result.mismatches.isEmpty ? .success : .failure
  }

  /// The seed of `--data`; `nil` without it.
  static func seed(_ arguments: Arguments) throws(UsageError) -> UInt64? {
    guard let text = arguments["--data"] else { return nil }
    if text.isEmpty || text == "random" { return 1 }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "random", let seed = UInt64(parts[1]) else {
      throw arguments.invalid("--data", "'random:' and a whole number of at least 0")
    }
    return seed
  }

  /// A matmul whose rows are too long to be normalised on their way out.
  private static func runSeparately(
    _ matmul: Matmul, on machine: Machine, _ files: RecordFiles, _ traces: TraceFiles,
    _ page: PageFile?, _ arguments: Arguments, _ console: Console
  ) throws -> ExitCode {
    if arguments.has("--data") {
      throw UsageError(
        "'--data' needs rows that half the accumulator holds: \(matmul.activation) of "
          + "\(matmul.columns) columns is a pass of its own", arguments.syntax)
    }
    var source = try NormalisedMatmul(matmul, on: machine)
    guard case .separate(_, let plan, _) = source else { return .failure }
    var options = RunOptions()
    options.carriesData = false
    options.reuses = try ReuseOptions(arguments).isOn
    options.recordsCommands = files.wantsCommands
    options.recordsEvents = files.wantsEvents
    let output = try traces.record(on: machine, console) {
      try Simulator.run(&source, on: machine, options: options, watcher: $0)
    }
    note(output.result, console)
    try files.write(output)
    let context = ReportContext(
      title: "\(machine.config.name): \(describe(matmul))",
      notes: notes(plan, isChecked: false, output.result) + [
        "\(matmul.activation) as a pass of its own: half the accumulator holds no whole row of int32"
      ])
    try write(output, matmul, context, on: machine, page, arguments, console)
    return .success
  }

  /// What a run did, for debug messages.
  static func note(_ result: RunResult, _ console: Console) {
    console.trace(
      "\(result.commands) commands, \(result.cycles) cycles, \(result.reusedCycles) of them reused")
  }

  private static func write(
    _ output: SimulationOutput, _ matmul: Matmul, _ context: ReportContext, on machine: Machine,
    _ page: PageFile?, _ arguments: Arguments, _ console: Console
  ) throws {
    let file = RunFile(output, .matmul(shape: matmul), context, on: machine)
    try page?.write(HTMLReport.page(file))
    switch try ReportFormat.choice(arguments) {
    case .text: try console.write(output.result.text(context))
    case .markdown: try console.write(output.result.markdown(context))
    case .json: try console.write(file.json())
    // As a network of one operator.
    case .csv: try console.write(file.report.csv)
    }
  }

  private static func matmul(_ arguments: Arguments) throws(UsageError) -> Matmul {
    let sizes = try triple(arguments, "--matmul", such: defaultMatmul)
    var matmul = Matmul(rows: sizes.0, inner: sizes.1, columns: sizes.2)
    switch (arguments.has("--bias"), arguments.has("--repeating-bias")) {
    case (true, true):
      throw UsageError("'--bias' and '--repeating-bias' exclude each other", arguments.syntax)
    case (true, false): matmul.bias = .full
    case (false, true): matmul.bias = .repeating
    case (false, false): matmul.bias = .none
    }
    matmul.lowBias = arguments.has("--low-d")
    if matmul.lowBias && matmul.bias == .none {
      throw UsageError("'--low-d' needs '--bias' or '--repeating-bias'", arguments.syntax)
    }
    let activation = try arguments.choice(
      "--activation", MatmulActivation.allCases.map { ("\($0)", $0) })
    if let activation, arguments.has("--relu"), activation != .relu {
      throw UsageError(
        "'--relu' and '--activation \(activation)' exclude each other", arguments.syntax)
    }
    matmul.activation = activation ?? (arguments.has("--relu") ? .relu : .none)
    matmul.scale = try arguments.float("--scale") ?? 1
    matmul.bertScale = try arguments.float("--input-scale") ?? 0.05
    matmul.transposesA = arguments.has("--transpose-a")
    matmul.transposesB = arguments.has("--transpose-b")
    matmul.fullOutput = arguments.has("--full-c")
    matmul.dataflow =
      try arguments.choice(
        "--dataflow", [("ws", .weightStationary), ("os", .outputStationary)])
      ?? .weightStationary
    if arguments.has("--tile") {
      let tile = try triple(arguments, "--tile", such: "4x4x8")
      matmul.tile = MatmulTile(rows: tile.0, columns: tile.1, inner: tile.2)
    }
    return matmul
  }

  /// Three sizes; those of `example` where none are given.
  private static func triple(
    _ arguments: Arguments, _ name: String, such example: String
  ) throws(UsageError) -> (Int, Int, Int) {
    guard let sizes = SizeText.triple(arguments[name] ?? example) else {
      throw arguments.invalid(name, "three sizes such as \(example)")
    }
    return sizes
  }

  private static func describe(_ matmul: Matmul) -> String {
    var words = ["matmul \(matmul.rows)x\(matmul.inner)x\(matmul.columns)"]
    switch matmul.bias {
    case .none: break
    case .full: words.append(matmul.lowBias ? "int8 bias" : "bias")
    case .repeating: words.append(matmul.lowBias ? "repeating int8 bias" : "repeating bias")
    }
    if matmul.activation != .none { words.append("\(matmul.activation)") }
    if matmul.transposesA { words.append("A transposed") }
    if matmul.transposesB { words.append("B transposed") }
    if matmul.fullOutput { words.append("int32 result") }
    words.append(
      matmul.dataflow == .weightStationary ? "weight-stationary" : "output-stationary")
    return words.joined(separator: ", ")
  }

  private static func notes(
    _ plan: MatmulPlan, isChecked: Bool, _ result: RunResult
  ) -> [String] {
    let blocks = plan.blocks.rows * plan.blocks.columns * plan.blocks.inner
    var notes = [
      plan.machine.sizeSummary,
      plan.machine.config.memorySummary,
      "blocks of \(plan.tile) tiles (rows x columns x inner), \(blocks) of them",
    ]
    if isChecked {
      notes.append(
        result.mismatches.isEmpty
          ? "the result is that of a plain matrix multiplication"
          : "the result is NOT that of a plain matrix multiplication")
    }
    return notes
  }
}
