import AccelSim
import SystolicCore

/// `simctl nonlinear`: nonlinear operations on a tensor, in each placement.
enum NonlinearCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "nonlinear", abstract: "Measure nonlinear operations on the host and on chip.",
    discussion: """
      Without --placement: a table of the cycles an element of the operation, or of every \
      operation, in each placement. With it: one run and its whole report. \
      Docs/NonlinearUnit.md describes operations and placements.
      """,
    arguments: [
      Positional(
        name: "operation", kind: .oneOf(NonlinearOperation.allCases.map { "\($0)" }),
        help: "softmax, layerNorm, gelu, ... (default: all of them).",
        isOptional: true)
    ],
    options: [
      Option(name: "--rows", value: "n", help: "Rows, 1...65536 (default: 64)."),
      Option(
        name: "--length", value: "n", help: "Elements of a row, 1...1048576 (default: 512)."),
      Option(
        name: "--config", value: "config", kind: .config,
        help: "The machine (default: gemmini-fp, gemmini-ibert or gemmini-default, whichever has "
          + "the placement)."),
      Option(
        name: "--placement", value: "place", kind: .oneOf(Placement.allCases.map(\.rawValue)),
        help: "host, fpUnit or integerUnit: run this one and report all about it."),
      Option(name: "--on-chip", help: "With fpUnit: operands are in the local memories already."),
      MachineOptions.set, MachineOptions.latency,
    ] + ReportFormat.options([.json]),
    examples: [
      Example(
        "simctl nonlinear softmax --rows 16 --length 64",
        "Cycles an element of softmax in each placement."),
      Example(
        "simctl nonlinear gelu --placement fpUnit --rows 16 --length 64",
        "One run on the floating-point unit, and all about it."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let rows = try arguments.integer("--rows", in: 1...65536) ?? 64
    let length = try arguments.integer("--length", in: 1...1_048_576) ?? 512
    guard rows * length <= 1 << 24 else {
      throw UsageError(
        "\(rows) rows of \(length) elements are too many: at most \(1 << 24) in all",
        arguments.syntax)
    }
    let operations = operations(arguments)
    let config = try arguments["--config"].map {
      try MachineOptions.variant(MachineOptions.load($0), arguments)
    }
    let latency = try arguments.integer("--latency", in: 1...1_000_000)
    guard let placement = try placement(arguments) else {
      if arguments.has("--on-chip") {
        throw UsageError("'--on-chip' needs '--placement fpUnit'", arguments.syntax)
      }
      if config == nil && arguments.has("--set") {
        throw UsageError("'--set' needs '--config' or '--placement'", arguments.syntax)
      }
      let report = try PlacementReport(
        operations, rows: rows, length: length, config: config, latency: latency
      ) {
        console.showProgress("\($0) of \(operations.count) operations")
      }
      try console.write(ReportFormat.choice(arguments) == .json ? report.json() : report.text)
      return .success
    }
    guard operations.count == 1, let operation = operations.first else {
      throw UsageError("'--placement' needs an operation", arguments.syntax)
    }
    var machineConfig =
      try config ?? MachineOptions.variant(MachineOptions.load(placement.preset), arguments)
    if let latency { machineConfig.memory.latency = latency }
    return try runOne(
      operation, placement, rows: rows, length: length,
      on: try MachineOptions.machine(machineConfig), arguments, console)
  }

  private static func runOne(
    _ operation: NonlinearOperation, _ placement: Placement, rows: Int, length: Int,
    on machine: Machine, _ arguments: Arguments, _ console: Console
  ) throws -> ExitCode {
    let work = NonlinearWork(operation, rows: rows, columns: length)
    let program = try TensorProgram(
      work, at: placement, on: machine, isOnChip: arguments.has("--on-chip"))
    var source = ProgramChain(StepList([.region("\(operation)")]), program)
    var options = RunOptions()
    options.carriesData = false
    let output = try Simulator.run(&source, on: machine, options: options)
    var notes = [machine.config.memorySummary]
    if case .nonlinear(let plan) = program.piece { notes.append(plan.description) }
    let context = ReportContext(
      title: "\(machine.config.name): \(operation) of \(rows)x\(length), \(placement)",
      notes: notes)
    let ran = RunProgram.nonlinear(
      operation: "\(operation)", rows: rows, columns: length, placement: placement,
      isOnChip: arguments.has("--on-chip"))
    try console.write(
      ReportFormat.choice(arguments) == .json
        ? RunFile(output, ran, context, on: machine).json() : output.result.text(context))
    return .success
  }

  private static func placement(_ arguments: Arguments) throws(UsageError) -> Placement? {
    try arguments.choice("--placement", Placement.allCases.map { ($0.rawValue, $0) })
  }

  private static func operations(_ arguments: Arguments) -> [NonlinearOperation] {
    guard let word = arguments.positionals.first else { return NonlinearOperation.allCases }
    return NonlinearOperation.allCases.filter { "\($0)" == word }
  }
}
