import AccelSim
import Glibc

/// Parses, calls, prints, exits.
@main
struct Simctl {
  static let version = "0.1"

  static func main() async {
    let console = Console.standard()
    let code = await run(Array(CommandLine.arguments.dropFirst()), console: console)
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
      return .inputOutput
    } catch let error as UsageError {
      console.printError("Error: \(error.message)\n\(error.syntax.usageHint)")
      return .usage
    } catch let error as CommandFailure {
      console.printError("Error: \(error.message)")
      return error.code
    } catch {
      let (code, message) = describe(error)
      console.printError("Error: \(message)")
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
    guard let first = words.first else {
      try console.write(overview)
      return .success
    }
    if first == "--help" || first == "-h" || first == "-help" {
      try console.write(overview)
      return .success
    }
    if first == "--version" {
      try console.print(version)
      return .success
    }
    if first == "help" { return try help(Array(words.dropFirst()), console: console) }
    let (command, rest) = try find(words)
    let arguments = try Arguments(rest, syntax: command.syntax)
    if arguments.asksForHelp {
      try console.write(command.syntax.helpText)
      return .success
    }
    try FileConflicts.check(arguments)
    return try await command.run(arguments, console)
  }

  private static func help(_ words: [String], console: Console) throws -> ExitCode {
    guard !words.isEmpty else {
      try console.write(overview)
      return .success
    }
    try console.write(try find(words).0.syntax.helpText)
    return .success
  }

  /// The command that `words` start with, and what follows it.
  private static func find(_ words: [String]) throws -> (Command, [String]) {
    for count in [2, 1] where words.count >= count {
      let name = words.prefix(count).joined(separator: " ")
      if let command = commands.first(where: { $0.syntax.name == name }) {
        return (command, Array(words.dropFirst(count)))
      }
    }
    let root = CommandSyntax(name: "", abstract: "")
    let first = words[0]
    if first.hasPrefix("-") {
      throw UsageError(
        "Unknown option '\(first)'" + suggestion(for: first, among: ["--help", "--version"]), root)
    }
    let group = commands.map(\.syntax.name).filter { $0.hasPrefix(first + " ") }
    if group.isEmpty {
      let names = commands.map { String($0.syntax.name.prefix { $0 != " " }) }
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

  private static var overview: String {
    var text = "OVERVIEW: Simulates Gemmini-style systolic-array accelerators, cycle by cycle.\n\n"
    text += "USAGE: simctl <subcommand>\n\nOPTIONS:\n"
    text += helpLine("--version", "Show the version.")
    text += helpLine("-h, --help", CommandSyntax.help.help)
    text += "\nSUBCOMMANDS:\n"
    for command in commands { text += helpLine(command.syntax.name, command.syntax.abstract) }
    return text + "\n  See 'simctl help <subcommand>' for detailed help.\n"
  }
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
