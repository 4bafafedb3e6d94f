import AccelSim

/// `simctl config list`: the predefined machines.
enum ConfigListCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "config list", abstract: "List the predefined machines.",
    examples: [Example("simctl config list", "The names that '--config' takes.")])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    for preset in HardwareConfig.presets {
      try console.write(helpLine(preset.config.name, preset.summary))
    }
    return .success
  }
}

/// `simctl config show`: a configuration, complete.
enum ConfigShowCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "config show", abstract: "Print a configuration with every key, as JSON.",
    arguments: [
      Positional(
        name: "config", kind: .config,
        help: "A file or the name of a predefined machine (default: "
          + "\(MachineOptions.defaultConfig)).", isOptional: true)
    ],
    options: [Option(name: "--changes", help: "Leave out what has its default value.")],
    examples: [
      Example("simctl config show rtl-lean --changes", "What makes it another machine."),
      Example(
        "simctl config show gemmini-default:dma.busBits=64 > my.json",
        "Begin a configuration of your own."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let name = arguments.positionals.first ?? MachineOptions.defaultConfig
    let config = try MachineOptions.load(name)
    try console.write(config.json(onlyDifferences: arguments.has("--changes")))
    return .success
  }
}

/// `simctl config validate`: every problem of a configuration file.
enum ConfigValidateCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "config validate",
    abstract: "Check a configuration file and report every problem with its line.",
    arguments: [
      Positional(
        name: "config", kind: .config, help: "A file or the name of a predefined machine.")
    ],
    examples: [
      Example("simctl config validate my.json", "Whether there can be such a machine."),
      Example("simctl config show gemmini-fp | simctl config validate -", "Likewise, of a pipe."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let name = arguments.positionals[0]
    let machine = try MachineOptions.machine(try MachineOptions.load(name))
    try console.print(
      "\(name): valid: \(machine.dim)x\(machine.dim) array, \(machine.scratchpadRows) scratchpad "
        + "rows, \(machine.accumulatorRows) accumulator rows")
    return .success
  }
}

/// `simctl config schema`: what a configuration file may hold.
enum ConfigSchemaCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "config schema", abstract: "Print the JSON Schema of configuration files.",
    discussion: "Editors complete and check configurations with it.",
    examples: [Example("simctl config schema > config.schema.json", "A file for the editor.")])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    try console.write(HardwareConfig.schema())
    return .success
  }
}
