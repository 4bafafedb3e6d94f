import SystolicCore

/// Watches a run. Calls are specialised away where the observer does nothing.
protocol Observer {
  /// Whether `cycleEnded` is wanted.
  static var watchesCycles: Bool { get }
  mutating func commandAccepted(_ command: Command, _ now: Cycle)
  mutating func allocated(_ record: CommandRecord)
  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle)
  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle)
  /// A command that was just allocated waits for `entries` to complete: a bit each, by the
  /// station's numbers. What it waits for to issue, the order within its class, is left out. Only
  /// told to those that watch cycles.
  mutating func depends(_ record: CommandRecord, on entries: UInt64)
  /// The host waits at a fence from cycle `now`.
  mutating func fenceBegan(_ now: Cycle)
  mutating func fenceCompleted(_ now: Cycle)
  /// The host is occupied with `use` from cycle `now` for `cycles` cycles; with `operation`, or with
  /// passing a fence.
  mutating func hostWorks(
    _ use: CycleUse, _ operation: NonlinearOperation?, _ now: Cycle, cycles: Int)
  /// What follows belongs to the operator `name`.
  mutating func regionBegan(_ name: String, _ now: Cycle)
  /// The run ends before cycle `now`.
  mutating func runEnded(_ now: Cycle)
  /// Asked before each step of the program whether the run can go on.
  ///
  /// - Throws: What keeps the observer from going on, such as a full disk.
  func checkHealth() throws
  /// The state after a cycle, for what happens on ports and buses.
  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle)
}

extension Observer {
  static var watchesCycles: Bool { false }
  mutating func commandAccepted(_ command: Command, _ now: Cycle) {}
  mutating func allocated(_ record: CommandRecord) {}
  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {}
  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {}
  mutating func depends(_ record: CommandRecord, on entries: UInt64) {}
  mutating func fenceBegan(_ now: Cycle) {}
  mutating func fenceCompleted(_ now: Cycle) {}
  mutating func hostWorks(
    _ use: CycleUse, _ operation: NonlinearOperation?, _ now: Cycle, cycles: Int
  ) {}
  mutating func regionBegan(_ name: String, _ now: Cycle) {}
  mutating func runEnded(_ now: Cycle) {}
  func checkHealth() throws {}
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
