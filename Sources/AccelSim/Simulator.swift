/// What a run keeps besides its result.
public struct RunOptions: Sendable {
  /// Whether data moves and is computed; the timing does not depend on it.
  public var carriesData = true
  /// Whether to keep when each command passed the reservation station.
  public var recordsCommands = false
  /// Whether to keep fine events.
  public var recordsEvents = false

  public init() {}
}

/// One fine event; a line of a golden `events` file.
public struct EventRecord: Equatable, Sendable {
  public var cycle: Int
  public var event: String

  public init(cycle: Int, event: String) {
    self.cycle = cycle
    self.event = event
  }

  /// First line of a file of events.
  public static var header: String { "cycle,event" }

  /// The record as a line of comma-separated text.
  public var line: String { "\(cycle),\(event)" }
}

/// What a run leaves behind.
public struct SimulationOutput: Sendable {
  public var result: RunResult
  public var commands: [CommandRecord]
  public var events: [EventRecord]

  public init(result: RunResult, commands: [CommandRecord], events: [EventRecord]) {
    self.result = result
    self.commands = commands
    self.events = events
  }
}

/// A run that could not go on.
public struct SimulationError: Error, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// The front door: one program on one machine.
public enum Simulator {
  /// Runs `source` on `machine` to its end.
  ///
  /// - Throws: `SimulationError` (deadlock report, functional error), or the source's own error.
  public static func run(
    _ source: inout some CommandSource, on machine: Machine, options: RunOptions
  ) throws -> SimulationOutput {
    throw SimulationError("the timing machine is not built in yet")
  }
}
