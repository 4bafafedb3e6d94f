import AccelSim

/// `simctl workloads list`: the zoo.
enum WorkloadsListCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "workloads list", abstract: "List the networks of the zoo and their sizes.",
    examples: [Example("simctl workloads list", "The names that '--workload' takes.")])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    for model in WorkloadModel.all {
      // An option and its value stay on one line.
      let sizes = model.parameters.map { "--\($0.name)\u{A0}\($0.standard)" }
      let entry = helpLine(model.name, "\(model.summary)\n\(sizes.joined(separator: " "))")
      try console.write(String(entry.map { $0 == "\u{A0}" ? " " : $0 }))
    }
    return .success
  }
}

/// `simctl workloads show`: a workload, complete.
enum WorkloadsShowCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "workloads show", abstract: "Print a workload as JSON or as a table.",
    discussion: "Docs/Workload.md describes the JSON; other commands take it as a file.",
    arguments: [WorkloadOptions.argument],
    options: WorkloadOptions.sizes + [
      Option(name: "--table", help: "A line an operator, with shapes and MACs.")
    ],
    examples: [
      Example("simctl workloads show bert-base --layers 1 --table", "One encoder layer."),
      Example(
        "simctl workloads show gpt2-decode > my.json", "Begin a workload of your own."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let choice = try WorkloadOptions.load(arguments.positionals[0], arguments)
    let workload = try WorkloadOptions.single(choice, arguments)
    try console.write(arguments.has("--table") ? workload.table() : workload.json())
    return .success
  }
}

/// `simctl workloads schema`: what a workload file may hold.
enum WorkloadsSchemaCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "workloads schema", abstract: "Print the JSON Schema of workload files.",
    discussion: "Editors complete and check workloads with it.",
    examples: [Example("simctl workloads schema > workload.schema.json", "A file for the editor.")])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    try console.write(Workload.schema())
    return .success
  }
}

/// `simctl analyze`: operations, bytes and intensity, without running anything.
enum AnalyzeCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "analyze", abstract: "Count a workload's operations and bytes and their ratio.",
    discussion: """
      Counts FLOPs, bytes moved (MOPs) and FLOPs a byte as the survey "Full Stack Optimization of \
      Transformer Inference" does. --traffic ideal: 8 bits an element, each operand once. unfused: \
      also normalisation and ReLU as passes of their own. tiled: between main memory and a 2 MB \
      L2, operands again where they do not fit.
      """,
    arguments: [WorkloadOptions.argument],
    options: WorkloadOptions.sizes + [
      Option(
        name: "--traffic", value: "rule",
        kind: .oneOf(WorkloadTraffic.allCases.map(\.rawValue)),
        help: "ideal, unfused or tiled (default: ideal)."),
      Option(name: "--operators", help: "A line an operator, all layers together."),
    ] + ReportFormat.options([.json]),
    examples: [
      Example("simctl analyze bert-base", "Operations and bytes of the whole network."),
      Example(
        "simctl analyze resnet50 --traffic tiled --operators", "A line an operator, with a cache."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let rules = WorkloadTraffic.allCases.map { ($0.rawValue, $0) }
    let traffic = try arguments.choice("--traffic", rules) ?? .ideal
    let choice = try WorkloadOptions.load(arguments.positionals[0], arguments)
    var analysis = WorkloadAnalysis(
      name: choice.name, parameters: choice.parameters, traffic: traffic)
    for index in 0..<choice.count {
      if index % 64 == 0, choice.count > 1 {
        console.showProgress("\(index) of \(choice.count) workloads")
      }
      analysis.add(try WorkloadOptions.workload(choice, at: index))
    }
    try console.write(
      ReportFormat.choice(arguments) == .json
        ? analysis.json() : analysis.text(byOperator: arguments.has("--operators")))
    return .success
  }
}
