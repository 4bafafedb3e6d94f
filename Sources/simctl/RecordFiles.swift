import AccelSim

/// The files with per-command and per-event records that a run can write.
struct RecordFiles {
  static let commands = Option(
    name: "--commands", value: "file.csv", kind: .output([".csv"]),
    help: "Write when each command was allocated, issued and completed.")
  static let events = Option(
    name: "--events", value: "file.csv", kind: .output([".csv"]),
    help: "Write each event in the units.")
  static let force = Option(name: "--force", help: "Replace files that exist.")

  private let commandFile: OutputFile?
  private let eventFile: OutputFile?

  /// Takes the paths from `arguments` and checks that they can be created.
  init(_ arguments: Arguments) throws {
    let overwrites = arguments.has("--force")
    commandFile = try arguments["--commands"].map { try OutputFile($0, overwrites: overwrites) }
    eventFile = try arguments["--events"].map { try OutputFile($0, overwrites: overwrites) }
  }

  var wantsCommands: Bool { commandFile != nil }
  var wantsEvents: Bool { eventFile != nil }

  /// Writes the records of a run.
  func write(_ output: SimulationOutput) throws {
    try commandFile?.write { emit in
      try emit(CommandRecordFile.header + "\n")
      for record in output.commands { try emit(CommandRecordFile.line(record) + "\n") }
    }
    try eventFile?.write { emit in
      try emit(EventRecord.header + "\n")
      for record in output.events { try emit(record.line + "\n") }
    }
  }
}
