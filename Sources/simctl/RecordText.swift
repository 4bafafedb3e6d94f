import AccelSim

/// Per-command and per-event records as text.
enum RecordText {
  static func commands(_ records: [CommandRecord], _ emit: (String) throws -> Void) throws {
    throw CommandFailure(.internalError, "not built in yet")
  }

  static func events(_ records: [EventRecord], _ emit: (String) throws -> Void) throws {
    throw CommandFailure(.internalError, "not built in yet")
  }

  static func readCommands(_ path: String) throws -> [CommandRecord] {
    throw CommandFailure(.internalError, "not built in yet")
  }

  static func difference(ours: [CommandRecord], recorded: [CommandRecord]) -> String? { nil }
}
