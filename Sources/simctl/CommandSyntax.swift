import AccelSim

/// What may stand as a value: for checks, completion and the man page.
enum ValueKind: Equatable {
  /// Anything.
  case text
  /// One of these names.
  case oneOf([String])
  /// Some of these names, with commas between.
  case someOf([String])
  /// A file that is read, or '-' for standard input, with the endings that it usually has.
  case input([String])
  /// A file that is written, with the endings that it usually has.
  case output([String])
  /// A file or a folder that is read under its own name.
  case path([String])
  case folder
  /// A predefined machine or a file, either with `key=value,...` behind a colon.
  case config
  /// A model, with `parameter=value,...` behind a colon, or a file.
  case workload
  /// `key=value` of a configuration.
  case assignment
  /// `key=value,...` of a configuration.
  case assignments
  /// `key=a,b,...` of a configuration or of a workload.
  case axis
  /// A claim of the built-in study, the letter of several, or a file of a study.
  case claim

  /// Whether '-' means standard input.
  var readsStandardInput: Bool {
    switch self {
    case .input, .config, .workload, .claim: true
    default: false
    }
  }

  /// `value` as it is declared, if only its case differs from one of some names.
  func spelling(_ value: String) -> String {
    guard case .oneOf(let names) = self, !names.contains(value) else { return value }
    let alike = names.filter { $0.lowercased() == value.lowercased() }
    return alike.count == 1 ? alike[0] : value
  }

  /// What there must be; `nil` where there may be nothing, or the command says it.
  var expectation: String? {
    switch self {
    case .input, .path, .claim: "must be the name of a file"
    case .output: "must be the name of a file to write"
    case .folder: "must be the name of a folder"
    case .config: "must be the name of a predefined machine ('simctl config list') or of a file"
    case .workload: "must be the name of a model ('simctl workloads list') or of a file"
    case .text, .oneOf, .someOf, .assignment, .assignments, .axis: nil
    }
  }

  var isOutput: Bool {
    if case .output = self { return true }
    return false
  }
}

/// An option or a flag of a command.
struct Option {
  /// With the dashes.
  var name: String
  /// A short form with one dash.
  var short: String?
  /// What its value is called; `nil` makes it a flag.
  var value: String?
  /// What its value may be.
  var kind = ValueKind.text
  var help: String
  var isRequired = false
  /// Whether it may stand without its value.
  var isValueOptional = false
  /// Whether every mention counts, not only the last.
  var isRepeatable = false

  /// How it is shown in a usage line and in errors.
  var usage: String {
    let name = short.map { "\($0), \(self.name)" } ?? self.name
    guard let value else { return name }
    return isValueOptional ? "\(name) [<\(value)>]" : "\(name) <\(value)>"
  }
}

/// An argument without a name.
struct Positional {
  var name: String
  /// What it may be.
  var kind = ValueKind.text
  var help: String
  var isOptional = false
  /// Whether it takes all arguments that follow; only the last of a command.
  var isRepeatable = false

  var usage: String { isRepeatable ? "<\(name)> ..." : "<\(name)>" }
}

/// A call of the program that shows what a command is for.
struct Example {
  /// As a shell takes it.
  var call: String
  var meaning: String
  /// Whether it takes more than a moment, in a debug build, or reads files of the user's.
  var isLong = false

  init(_ call: String, _ meaning: String, isLong: Bool = false) {
    self.call = call
    self.meaning = meaning
    self.isLong = isLong
  }
}

/// What a command accepts, declared once: parser, help, man page, completion and errors follow from
/// it.
struct CommandSyntax {
  /// Its words after the program's name.
  var name: String
  var abstract: String
  var discussion = ""
  var arguments: [Positional] = []
  var options: [Option] = []
  var examples: [Example] = []

  /// What every command has besides its own options.
  static let globals = [
    Option(
      name: "--quiet",
      help: "Show no progress and no notes, only errors; short for '--log-level error'."),
    Option(
      name: "--log-level", value: "level", kind: .oneOf(LogLevel.allCases.map(\.name)),
      help: "What to show on standard error: error, warning, info or debug (default: info)."),
    Option(name: "--help", short: "-h", help: "Show help information."),
  ]

  /// Its own and those of every command.
  var allOptions: [Option] { options + Self.globals }
}

/// How much the program says on standard error. Standard output does not depend on it.
enum LogLevel: Int, CaseIterable, Comparable {
  /// What ends the command, or leaves its work undone.
  case error
  /// What may not be as the user thinks.
  case warning
  /// Notes, and progress on a terminal.
  case info
  /// What was read, what took how long.
  case debug

  var name: String { "\(self)" }

  static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

  /// What the user asked for.
  ///
  /// - Throws: `UsageError` if '--quiet' and '--log-level' are given together.
  init(_ arguments: Arguments) throws(UsageError) {
    let named = arguments["--log-level"].flatMap { name in
      Self.allCases.first { $0.name == name }
    }
    if arguments.has("--quiet"), named != nil {
      throw UsageError("'--quiet' and '--log-level' exclude each other", arguments.syntax)
    }
    self = arguments.has("--quiet") ? .error : named ?? .info
  }
}
