import SystolicCore

/// Watches a run. Calls are specialised away where the observer does nothing.
protocol Observer {
  /// Whether `cycleEnded` is wanted.
  static var watchesCycles: Bool { get }
  mutating func commandAccepted(_ command: Command, _ now: Cycle)
  mutating func allocated(_ record: CommandRecord)
  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle)
  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle)
  mutating func fenceCompleted(_ now: Cycle)
  /// The state after a cycle, for what happens on ports and buses.
  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle)
}

extension Observer {
  static var watchesCycles: Bool { false }
  mutating func commandAccepted(_ command: Command, _ now: Cycle) {}
  mutating func allocated(_ record: CommandRecord) {}
  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {}
  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {}
  mutating func fenceCompleted(_ now: Cycle) {}
  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {}
}

/// Watches nothing.
struct NullObserver: Observer {}

/// Keeps when each command passed the reservation station.
struct CommandRecorder: Observer {
  private(set) var records: [CommandRecord] = []

  mutating func allocated(_ record: CommandRecord) { records.append(record) }

  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    records[sequence].issued = now
  }

  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    records[sequence].completed = now
  }
}
