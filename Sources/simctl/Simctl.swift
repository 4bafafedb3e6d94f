import AccelSim
import Glibc

/// Parses, calls, prints, exits.
@main
struct Simctl {
  static let version = "0.1"

  static func main() async {
    Interrupt.install()
    let console = Console.standard()
    let code = await run(Array(CommandLine.arguments.dropFirst()), console: console)
    end(code == .interrupted ? Interrupt.exitCode : code)
  }

  /// Ends the process; by the signal that made it end, so that a shell's loop ends with it.
  private static func end(_ code: ExitCode) -> Never {
    if let number = code.signal {
      signal(number, SIG_DFL)
      raise(number)
    }
    exit(code.rawValue)
  }

  /// Runs one call of the program, errors included.
  ///
  /// - Returns: The process's exit code.
  static func run(_ words: [String], console: Console) async -> ExitCode {
    do {
      let code = try await dispatch(words, console: console)
      try console.flush()
      return code
    } catch is Console.Closed {
      return .closedPipe
    } catch let error as UsageError {
      console.printError("\(error.message)\n\(error.syntax.usageHint)")
      return .usage
    } catch let error as CommandFailure {
      console.printError(error.message)
      return error.code
    } catch {
      let (code, message) = describe(error)
      console.printError(message)
      return code
    }
  }

  /// The exit code and words for an error of the library.
  static func describe(_ error: any Error) -> (ExitCode, String) {
    switch error {
    case let error as LoweringError: (.data, error.description)
    case let error as NetworkError: (.data, error.description)
    case SimulationError.deadlock(let units): (.internalError, units.joined(separator: "\n  "))
    case SimulationError.illegal(let message): (.data, message)
    case let error as TraceError: (.data, error.description)
    case let error as AssemblyError: (.data, error.description)
    case let error as FunctionalError: (.data, error.description)
    case let error as ProgramError: (.data, error.description)
    case let error as InvalidConfig: (.config, error.description)
    case let error as InvalidSweep: (.config, error.description)
    case let error as InvalidBaseline: (.data, error.description)
    case let error as InvalidWorkload: (.data, error.description)
    case let error as InvalidRunFile: (.data, error.description)
    default: (.internalError, "\(error)")
    }
  }

  private static func dispatch(_ words: [String], console: Console) async throws -> ExitCode {
    if words.first == CompletionScript.callback {
      try console.write(Completer.answer(Array(words.dropFirst())))
      return .success
    }
    // What every command understands may stand in front of it.
    let (leading, words) = globals(words)
    guard let first = words.first, !first.hasPrefix("-") else {
      return try root(leading + words, console: console)
    }
    if first == "help" { return try help(Array(words.dropFirst()), console: console) }
    if let text = groupHelp(first), words.dropFirst().first.map({ helpWords.contains($0) }) == true
    {
      try console.write(text)
      return .success
    }
    let (command, rest) = try find(words)
    let arguments = try Arguments(leading + rest, syntax: command.syntax)
    if arguments.asksForHelp {
      try console.write(command.syntax.helpText)
      return .success
    }
    console.level = try LogLevel(arguments)
    try FileConflicts.check(arguments)
    console.trace("simctl \(version), \(command.syntax.name)")
    for file in arguments.files where file.kind != .text {
      console.trace("\(file.name): \(file.path)\(InputFileCheck.summary(file.path))")
    }
    let code = try await StandardInput.provide(arguments, console) {
      try await command.run(arguments, console)
    }
    console.trace("exit code \(code.rawValue)")
    return code
  }

  /// The options of every command that `words` begin with, and the words behind them.
  static func globals(_ words: [String]) -> ([String], [String]) {
    var rest = words[...]
    while let word = rest.first {
      let name = word.prefix { $0 != "=" }
      guard let option = CommandSyntax.globals.first(where: { $0.name == name }),
        option.name != "--help"
      else { break }
      rest = rest.dropFirst(option.value != nil && name.count == word.count ? 2 : 1)
    }
    return (Array(words[..<rest.startIndex]), Array(rest))
  }

  /// A call without a command.
  private static func root(_ words: [String], console: Console) throws -> ExitCode {
    let words = words.map { word in
      // As Swift's argument parser spells it.
      word == "--generate-completion-script" ? "--completion" : word
    }
    let arguments = try Arguments(words, syntax: rootSyntax)
    _ = try LogLevel(arguments)
    if arguments.asksForHelp {
      try console.write(rootSyntax.helpText)
    } else if arguments.has("--version") {
      try console.print(version)
    } else if let shell = arguments["--completion"] {
      try console.write(CompletionScript.text(for: shell))
    } else if arguments.has("--man") {
      try console.write(ManPage.text)
    } else {
      try console.write(rootSyntax.helpText)
    }
    return .success
  }

  private static func help(_ words: [String], console: Console) throws -> ExitCode {
    guard let first = words.first, !helpWords.contains(first) else {
      try console.write(rootSyntax.helpText)
      return .success
    }
    if words.count == 1, let text = groupHelp(first) {
      try console.write(text)
      return .success
    }
    if first == exitCodesTopic {
      try console.write(ExitCode.helpText)
      return .success
    }
    let (command, rest) = try find(words, others: [exitCodesTopic])
    if let extra = rest.first(where: { !$0.hasPrefix("-") }) {
      throw UsageError("Unexpected argument '\(extra)'", command.syntax)
    }
    try console.write(command.syntax.helpText)
    return .success
  }

  /// The commands whose first word is `name`; `nil` if it is no group.
  private static func groupHelp(_ name: String) -> String? {
    let group = commands.map(\.syntax).filter { $0.name.hasPrefix(name + " ") }
    guard !group.isEmpty else { return nil }
    return "USAGE: simctl \(name) <subcommand>\n\nSUBCOMMANDS:\n"
      + group.map { helpLine(String($0.name.dropFirst(name.count + 1)), $0.abstract) }.joined()
  }

  /// The command that `words` start with, and what follows it.
  ///
  /// - Parameter others: What could have stood there, too.
  private static func find(
    _ words: [String], others: [String] = ["help"]
  ) throws -> (Command, [String]) {
    for count in [2, 1] where words.count >= count {
      let name = words.prefix(count).joined(separator: " ")
      if let command = commands.first(where: { $0.syntax.name == name }) {
        return (command, Array(words.dropFirst(count)))
      }
    }
    let (root, first) = (rootSyntax, words[0])
    if first.hasPrefix("-") {
      throw UsageError(
        "Unknown option '\(first)'"
          + suggestion(for: first, among: root.allOptions.map(\.name)), root)
    }
    let group = commands.map(\.syntax.name).filter { $0.hasPrefix(first + " ") }
    if group.isEmpty {
      let names = commands.map { String($0.syntax.name.prefix { $0 != " " }) } + others
      throw UsageError("Unknown subcommand '\(first)'" + suggestion(for: first, among: names), root)
    }
    let choices = group.map { String($0.dropFirst(first.count + 1)) }
    let list = choices.map { "'\($0)'" }.joined(separator: ", ")
    guard words.count > 1, !words[1].hasPrefix("-") else {
      throw UsageError("'\(first)' needs one of the subcommands \(list)", root)
    }
    let hint = suggestion(for: "\(first) \(words[1])", among: group)
    throw UsageError(
      "Unknown subcommand '\(first) \(words[1])'"
        + (hint.isEmpty ? "; '\(first)' has \(list)" : hint), root)
  }

  static var commands: [Command] {
    [
      Command(RunCommand.self),
      Command(CompareCommand.self),
      Command(RooflineCommand.self),
      Command(ExplainCommand.self),
      Command(ReportCommand.self),
      Command(SweepCommand.self),
      Command(CheckCommand.self),
      Command(LowerCommand.self),
      Command(ReplayCommand.self),
      Command(ConfigListCommand.self),
      Command(ConfigShowCommand.self),
      Command(ConfigValidateCommand.self),
      Command(ConfigSchemaCommand.self),
      Command(WorkloadsListCommand.self),
      Command(WorkloadsShowCommand.self),
      Command(WorkloadsSchemaCommand.self),
      Command(AnalyzeCommand.self),
      Command(AssembleCommand.self),
      Command(DisassembleCommand.self),
      Command(ValidateCommand.self),
      Command(WavefrontCommand.self),
      Command(NonlinearCommand.self),
      Command(NumericsCommand.self),
      Command(StudyCommand.self),
      Command(BenchCommand.self),
    ]
  }

  /// What the program takes without a command.
  static var rootSyntax: CommandSyntax {
    CommandSyntax(
      name: "", abstract: "Simulates Gemmini-style systolic-array accelerators, cycle by cycle.",
      options: [
        Option(name: "--version", help: "Show the version."),
        Option(
          name: "--completion", value: "shell", kind: .oneOf(CompletionScript.shells),
          help: "Print what makes bash, zsh or fish complete calls."),
        Option(name: "--man", help: "Print the manual page."),
      ])
  }

  static let exitCodesTopic = "exit-codes"
  private static let helpWords = ["--help", "-h", "-help"]
}

/// One command of the program.
protocol Subcommand {
  static var syntax: CommandSyntax { get }

  /// Does the work.
  ///
  /// - Returns: `success`, or `failure` where a check does not hold.
  static func run(_ arguments: Arguments, console: Console) async throws -> ExitCode
}

extension Simctl {
  /// An entry of the list of commands.
  struct Command {
    let syntax: CommandSyntax
    let run: (Arguments, Console) async throws -> ExitCode

    init<T: Subcommand>(_ type: T.Type) {
      syntax = type.syntax
      run = { try await type.run($0, console: $1) }
    }
  }
}
