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
        name: "--fuse", value: "norms",
        help: "What may run on the way out of a matmul: none, softmax or all (default: all)."),
      Option(name: "--json", help: "Report as JSON, every operator."),
    ] + WorkloadOptions.sizes)

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let choice = try WorkloadOptions.load(arguments.positionals[0], arguments)
    let workload = try WorkloadOptions.single(choice, arguments)
    let machine = try MachineOptions.machine(arguments)
    let report = LoweringReport(
      try NetworkPlan(
        workload, on: machine, tiles: try RunWorkload.tiles(arguments),
        fusing: RunWorkload.fusing(arguments)))
    try console.write(arguments.has("--json") ? report.json() : report.text())
    return .success
  }
}
