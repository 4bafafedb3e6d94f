import SystolicCore

/// A program running on the timing machine: the host that issues commands and waits at fences.
///
/// Cycle 0 accepts the first command. A fence completes in the first cycle after the last accept
/// in which the machine is idle; the next command is accepted one cycle after that, and no sooner
/// than the issue interval allows (golden/rtl README, "semantics").
struct TimingRun<O: Observer> {
  var accelerator: Accelerator
  var observer: O
  private(set) var accounts = Accounts()
  private(set) var now: Cycle = 0
  private(set) var fences: [Cycle] = []
  /// Whether cycles in which nothing can move are jumped over. The same cycles either way.
  var skipsIdleCycles = true
  /// Whether a place where the hardware's data would be wrong ends the run; else it is a warning.
  var stopsAtWrongResults = true
  /// Where the hardware's data would be wrong, the first of them.
  private(set) var warnings: [String] = []
  private var lastAccept: Cycle = -1
  private var earliestAccept: Cycle = 0
  private let interval: Int

  init(_ machine: Machine, observer: O) {
    accelerator = Accelerator(machine)
    self.observer = observer
    interval = machine.config.host.issueInterval
  }

  /// Runs cycles until `command` is accepted.
  ///
  /// - Throws: `SimulationError`.
  mutating func accept(_ command: Command) throws(SimulationError) {
    while now < earliestAccept { try step() }
    while true {
      let moved = accelerator.tick(now, &observer)
      if accelerator.raw.canSend(now) {
        accelerator.raw.send(UnrolledCommand(command))
        accelerator.frontEndRests = false
        observer.commandAccepted(command, now)
        lastAccept = now
        earliestAccept = now + interval
        return try advance(moved: true)
      }
      try advance(moved: moved)
    }
  }

  /// Runs cycles until the machine is idle.
  ///
  /// - Returns: The first idle cycle after the last accept and the last fence.
  /// - Throws: `SimulationError`.
  mutating func waitUntilIdle() throws(SimulationError) -> Cycle {
    while accelerator.isBusy || now <= max(lastAccept, fences.last ?? -1) { try step() }
    return now
  }

  /// Runs cycles up to the completion of a fence.
  ///
  /// - Throws: `SimulationError`.
  mutating func fence() throws(SimulationError) {
    let completed = try waitUntilIdle()
    fences.append(completed)
    observer.fenceCompleted(completed)
    earliestAccept = max(earliestAccept, completed + 1)
  }

  /// Runs cycles until the machine is idle, if commands came after the last fence.
  ///
  /// - Returns: The cycles of the whole program.
  /// - Throws: `SimulationError`.
  mutating func finish() throws(SimulationError) -> Cycle {
    if let last = fences.last, last > lastAccept { return last }
    return try waitUntilIdle()
  }

  /// Stops the run, or notes what the hardware would compute otherwise than the program says.
  private mutating func handleFault() throws(SimulationError) {
    guard let fault = accelerator.takeFault() else { return }
    if stopsAtWrongResults || fault.isForbidden { throw .illegal(fault.description) }
    if warnings.count < 20 { warnings.append(fault.description) }
  }

  private mutating func step() throws(SimulationError) {
    try advance(moved: accelerator.tick(now, &observer))
  }

  /// Ends a cycle: goes on to the next, or to the next one in which something can move.
  private mutating func advance(moved: Bool) throws(SimulationError) {
    if accelerator.fault != nil { try handleFault() }
    var next = now + 1
    if !moved {
      var event = accelerator.nextEvent(after: now)
      if now < earliestAccept { event = min(event ?? earliestAccept, earliestAccept) }
      guard let event else { throw .deadlock(accelerator.report(now)) }
      if skipsIdleCycles { next = event }
    }
    accounts.charge(accelerator.activities, cycles: next - now)
    now = next
  }
}

extension Accelerator {
  /// What every unit holds and waits for, for a run that cannot go on.
  func report(_ now: Cycle) -> [String] {
    ["nothing can move after cycle \(now)"]
      + CommandClass.allCases.map { "\($0) entries in use: \(station.occupancy($0))" } + [
        "load controller: \(load.activity.name), \(load.queue.count) commands waiting",
        "execute controller: \(execute.activity.name), \(execute.queue.count) commands waiting",
        "store controller: \(store.activity.name), \(store.queue.count) commands waiting",
        "DMA read: \(activities.reader.name), \(reader.inFlight) requests in flight",
        "DMA write: \(activities.writer.name)",
        "array: \(mesh.isEmpty ? "empty" : "rows in flight")",
      ]
  }
}

/// Why a run ended early.
public enum SimulationError: Error, Equatable, Sendable {
  /// No unit could move; one line per unit.
  case deadlock([String])
  /// The program does what the hardware forbids.
  case illegal(String)
}
