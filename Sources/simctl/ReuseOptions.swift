import AccelSim

/// Whether a run reuses what it has simulated before (Docs/Reuse.md).
struct ReuseOptions {
  static let off = Option(
    name: "--no-reuse",
    help: "Simulate every cycle, also those that repeat others. The same report, later.")
  static let all = [
    off,
    Option(
      name: "--verify-reuse",
      help: "Run with and without reuse and compare every number; a difference is a failure."),
  ]

  let isOn: Bool
  let isVerified: Bool

  /// - Throws: `UsageError`.
  init(_ arguments: Arguments) throws(UsageError) {
    isOn = !arguments.has("--no-reuse")
    isVerified = arguments.has("--verify-reuse")
    if isVerified, !isOn {
      throw UsageError("'--verify-reuse' and '--no-reuse' exclude each other", arguments.syntax)
    }
    for other in ["--commands", "--events", "--trace", "--vcd"]
    where isVerified && arguments.has(other) {
      throw UsageError(
        "'--verify-reuse' and '\(other)' exclude each other: nothing is reused where records are kept",
        arguments.syntax)
    }
  }

  /// - Parameter difference: What differs, if anything.
  /// - Throws: `CommandFailure`.
  func report(_ difference: String?, _ console: Console) throws {
    guard let difference else {
      return console.log(.info, "Reuse verified: every number of the report is the same without it")
    }
    throw CommandFailure(.failure, "Reuse changes the result: \(difference)")
  }
}
