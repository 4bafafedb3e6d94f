import AccelSim

/// `simctl lower`: what becomes of a network on a machine, without running it.
enum LowerCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "lower", abstract: "Show how a network is cut, placed and fused on a machine.",
    discussion: """
      For each operator: where it runs, the block size that the hardware's library would choose, \
      how many loops that makes, what a block takes of the local memories, and which operators run \
      inside it.
      """,
    arguments: [WorkloadOptions.argument],
    options: [
      MachineOptions.config(), MachineOptions.set,
      Option(
        name: "--mapping", value: "op=IxJxK,...",
        help: "Blocks of matmuls, by name with or without the layer."),
      Option(
        name: "--fuse", value: "norms", kind: .oneOf(NormFusion.allCases.map(\.rawValue)),
        help: "What may run on the way out of a matmul: none, softmax or all (default: all)."),
    ] + ReportFormat.options([.json]) + WorkloadOptions.sizes,
    examples: [
      Example(
        "simctl lower bert-base --layers 1 --sequence 128", "One encoder layer, cut and placed."),
      Example(
        "simctl lower bert-base --layers 1 --config gemmini-ibert --fuse none",
        "On a machine with nonlinear units, nothing fused."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let choice = try WorkloadOptions.load(arguments.positionals[0], arguments)
    let workload = try WorkloadOptions.single(choice, arguments)
    let machine = try MachineOptions.machine(arguments)
    let report = LoweringReport(
      try NetworkPlan(
        workload, on: machine, tiles: try RunWorkload.tiles(arguments),
        fusing: RunWorkload.fusing(arguments)))
    try console.write(ReportFormat.choice(arguments) == .json ? report.json() : report.text())
    return .success
  }
}
