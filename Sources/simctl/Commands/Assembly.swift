import AccelSim

/// `simctl asm`: readable assembly to a trace.
enum AssembleCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "asm", abstract: "Translate assembly text into a trace.",
    arguments: [
      Positional(name: "source", kind: .input([".asm"]), help: "The assembly text.")
    ],
    options: [TextOutput.output, RecordFiles.force],
    examples: [
      Example("simctl asm program.asm --output program.trace", "A trace that replay takes.")
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let path = arguments.positionals[0]
    try InputFileCheck.readable(path)
    let output = try TextOutput(arguments)
    let bytes = try InputFileCheck.bytes(path)
    try output.write(try Assembler.assemble(bytes, file: path), console)
    return .success
  }
}

/// `simctl disasm`: a trace to readable assembly.
enum DisassembleCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "disasm", abstract: "Translate a trace into assembly text.",
    discussion: "The assembly text translates back into the same commands.",
    arguments: [
      Positional(name: "trace", kind: .input([".trace", ".trace.gz"]), help: "The trace.")
    ],
    options: [
      Option(
        name: "--config", value: "config", kind: .config,
        help: "The machine whose loop_conv_ws fields the trace uses (default: "
          + "\(MachineOptions.defaultConfig))."),
      TextOutput.output, RecordFiles.force,
    ],
    examples: [
      Example("simctl disasm program.trace", "Read a trace."),
      Example("simctl asm program.asm | simctl disasm -", "There and back again."),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let path = arguments.positionals[0]
    try InputFileCheck.readable(path)
    let config = try MachineOptions.load(arguments["--config"] ?? MachineOptions.defaultConfig)
    let output = try TextOutput(arguments)
    let bytes = try InputFileCheck.bytes(path)
    let disassembler = Disassembler(encoding: config.features.convEncoding)
    try output.write(try disassembler.disassemble(trace: bytes, file: path), console)
    return .success
  }
}

/// Text that goes to standard output or to a file.
struct TextOutput {
  static let output = Option(
    name: "--output", value: "file", kind: .output([".trace", ".asm"]),
    help: "Write there instead of to standard output.")

  private let file: OutputFile?

  init(_ arguments: Arguments) throws {
    file = try arguments["--output"].map {
      try OutputFile($0, overwrites: arguments.has("--force"))
    }
  }

  /// Writes `text`, ending with a line break.
  func write(_ text: String, _ console: Console) throws {
    let text = text.hasSuffix("\n") ? text : text + "\n"
    if let file {
      try file.write { emit in try emit(text) }
    } else {
      try console.write(text)
    }
  }
}
