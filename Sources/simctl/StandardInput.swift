import AccelSim

/// '-' in the place of a file that is read.
enum StandardInput {
  /// `value` as the library knows it: '-' is standard input's name, and a configuration may have
  /// values behind it.
  static func path(_ value: String, _ kind: ValueKind) -> String {
    let isMeant = value == "-" && kind.readsStandardInput
    let hasValues = kind == .config && value.hasPrefix("-:")
    return isMeant || hasValues ? InputFile.standardInput + value.dropFirst() : value
  }

  /// Whether `path` is standard input, values behind a colon or not.
  static func isMeant(by path: String, _ kind: ValueKind) -> Bool {
    path == InputFile.standardInput && kind.readsStandardInput
      || kind == .config && path.hasPrefix(InputFile.standardInput + ":")
  }

  /// Does `work` with what is on standard input, if `arguments` name it.
  ///
  /// - Throws: `UsageError` if they name it twice; `CommandFailure` (66) if it cannot be read; what
  ///   `work` throws.
  static func provide<Result>(
    _ arguments: Arguments, _ console: Console, _ work: () async throws -> Result
  ) async throws -> Result {
    let users = arguments.files.filter { isMeant(by: $0.path, $0.kind) }
    guard let first = users.first else { return try await work() }
    guard users.count == 1 else {
      throw UsageError(
        "'-' is standard input and can be read once, but '\(first.name)' and '\(users[1].name)' "
          + "both ask for it", arguments.syntax)
    }
    let bytes = try console.readInput()
    return try await InputFile.$given.withValue(bytes) { try await work() }
  }
}
