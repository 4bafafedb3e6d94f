import AccelSim
import Glibc

/// The options that say which machine runs.
enum MachineOptions {
  static let defaultConfig = "gemmini-default"

  static func config(isRequired: Bool = false) -> Option {
    Option(
      name: "--config", value: "config", kind: .config,
      help: "A configuration file (JSON) or the name of a predefined machine"
        + (isRequired ? "." : " (default: \(defaultConfig))."), isRequired: isRequired)
  }

  static let set = Option(
    name: "--set", value: "key=value", kind: .assignment,
    help: "Change a value of the configuration, such as accumulator.capacityKiB=256. May be "
      + "repeated.", isRepeatable: true)
  static let latency = Option(
    name: "--latency", value: "cycles",
    help: "Cycles from a request to main memory to its answer, instead of the configuration's.")
  static let issueGap = Option(
    name: "--issue-gap", value: "cycles",
    help: "Least cycles between two commands of the host, instead of the configuration's.")

  /// The machine that the options describe.
  ///
  /// - Throws: `CommandFailure`: 66 if there is no such file or name, 78 if it is no machine.
  static func machine(_ arguments: Arguments) throws -> Machine {
    var config = try variant(load(arguments["--config"] ?? defaultConfig), arguments)
    if let latency = try arguments.integer("--latency", in: 1...1_000_000) {
      config.memory.latency = latency
    }
    if let gap = try arguments.integer("--issue-gap", in: 1...1_000_000) {
      config.host.issueInterval = gap
    }
    return try machine(config)
  }

  /// A predefined machine or a file's, with what a word such as
  /// `gemmini-default:accumulator.capacityKiB=256` sets otherwise.
  ///
  /// - Throws: `CommandFailure`: 66 if there is no such file or name, 78 if it is no machine.
  static func load(_ word: String) throws -> HardwareConfig {
    let request: ConfigRequest
    do {
      request = try ConfigRequest(word)
    } catch {
      throw CommandFailure(.config, error.description)
    }
    return try setting(request.assignments, in: base(request.name))
  }

  /// A predefined machine, or a file's.
  private static func base(_ name: String) throws -> HardwareConfig {
    if let preset = HardwareConfig.preset(name) { return preset }
    guard ConfigRequest.isFile(name) else {
      let names = HardwareConfig.presetNames
      let hint = suggestion(for: name, among: names)
      throw CommandFailure(
        .noInput,
        "No configuration '\(name)'"
          + (hint.isEmpty ? "; there are \(names.joined(separator: ", ")), or a file" : hint))
    }
    try InputFileCheck.readable(name)
    do {
      return try HardwareConfig.load(path: name)
    } catch {
      throw CommandFailure(.config, error.description)
    }
  }

  /// `config` with what '--set' changes.
  ///
  /// - Throws: `UsageError` for a value that is not `key=value`; `CommandFailure` (78) for a key that
  ///   does not exist, a value that does not fit, or no machine.
  static func variant(_ config: HardwareConfig, _ arguments: Arguments) throws -> HardwareConfig {
    try setting(assignments(arguments), in: config)
  }

  /// What '--set' changes.
  ///
  /// - Throws: `UsageError` for a value that is not `key=value`.
  static func assignments(_ arguments: Arguments) throws -> [ConfigAssignment] {
    try arguments.all("--set").map { text in
      guard let assignment = ConfigAssignment(text) else {
        throw UsageError(
          "The value '\(text)' is invalid for '--set <key=value>': not a key, '=' and a value",
          arguments.syntax)
      }
      return assignment
    }
  }

  /// `config` with other values.
  ///
  /// - Throws: `CommandFailure` (78) for a key that does not exist, a value that does not fit, or no
  ///   machine.
  static func setting(
    _ assignments: [ConfigAssignment], in config: HardwareConfig
  ) throws -> HardwareConfig {
    guard !assignments.isEmpty else { return config }
    do {
      return try config.setting(assignments)
    } catch {
      throw CommandFailure(.config, error.description)
    }
  }

  static func machine(_ config: HardwareConfig) throws -> Machine {
    do {
      return try Machine(config)
    } catch {
      throw CommandFailure(.config, error.description)
    }
  }
}

/// Files that a command reads.
enum InputFileCheck {
  /// - Throws: `CommandFailure` (66) if `path` is no file that can be read.
  static func readable(_ path: String) throws {
    if InputFile.isGiven(path) { return }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw CommandFailure(.noInput, "'\(path)' cannot be read: \(SystemError(number: errno))")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw CommandFailure(.noInput, "'\(path)' cannot be read: it is a folder")
    }
    guard access(path, R_OK) == 0 else {
      throw CommandFailure(.noInput, "'\(path)' cannot be read: \(SystemError(number: errno))")
    }
  }

  /// What `path` is, for debug messages; empty if it is no file.
  static func summary(_ path: String) -> String {
    if InputFile.isGiven(path) { return ", standard input" }
    var status = stat()
    guard stat(path, &status) == 0 else { return "" }
    return status.st_mode & S_IFMT == S_IFDIR ? ", a folder" : ", \(status.st_size) bytes"
  }

  /// The content of `path`.
  ///
  /// - Throws: `CommandFailure` (66) if it cannot be read.
  static func bytes(_ path: String) throws -> [UInt8] {
    do {
      return try InputFile.bytes(path: path, limit: 1 << 30)
    } catch {
      throw CommandFailure(.noInput, "'\(path)' cannot be read: \(error.reason)")
    }
  }
}
