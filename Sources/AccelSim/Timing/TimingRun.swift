import SystolicCore

/// A program running on the timing machine: the host that issues commands and waits at fences.
///
/// Cycle 0 accepts the first command. A fence completes in the first cycle after the last accept
/// in which the machine is idle; the next command is accepted one cycle after that, and no sooner
/// than the issue interval allows (golden/rtl README, "semantics").
struct TimingRun<O: Observer> {
  var accelerator: Accelerator
  var observer: O
  /// Whether cycles in which nothing can move are jumped over; observers of events see every one.
  var skipsIdleCycles = true
  private(set) var now: Cycle = 0
  private(set) var fences: [Cycle] = []
  private var lastAccept: Cycle?
  private var earliestAccept: Cycle = 0
  private let interval: Int

  init(_ machine: Machine, observer: O) {
    accelerator = Accelerator(machine)
    self.observer = observer
    interval = machine.config.host.issueInterval
  }

  /// Runs cycles until `command` is accepted.
  mutating func accept(
    _ command: Command, onAllocation: (Command) throws -> Void
  ) throws {
    while true {
      try step(onAllocation: onAllocation, accepting: now >= earliestAccept ? command : nil)
      if lastAccept == now - 1, accepted {
        accepted = false
        return
      }
    }
  }

  private var accepted = false

  /// Runs cycles until the machine is idle; returns the cycle that found it so.
  mutating func waitUntilIdle(onAllocation: (Command) throws -> Void) throws -> Cycle {
    while accelerator.isBusy || now <= max(lastAccept ?? -1, fences.last ?? -1) {
      try step(onAllocation: onAllocation, accepting: nil)
    }
    return now
  }

  /// Runs cycles up to the completion of a fence.
  mutating func fence(onAllocation: (Command) throws -> Void) throws {
    let completed = try waitUntilIdle(onAllocation: onAllocation)
    fences.append(completed)
    observer.fenceCompleted(completed)
    earliestAccept = max(earliestAccept, completed + 1)
  }

  /// One cycle, or a jump over cycles in which nothing can move.
  private mutating func step(
    onAllocation: (Command) throws -> Void, accepting command: Command?
  ) throws {
    var moved = accelerator.tick(now, &observer)
    if let allocated = accelerator.allocated { try onAllocation(allocated.command) }
    if let fault = accelerator.fault { throw SimulationError.fault(fault) }
    if let command, accelerator.raw.canSend(now) {
      accelerator.raw.send(UnrolledCommand(command))
      observer.commandAccepted(command, now)
      lastAccept = now
      earliestAccept = now + interval
      accepted = true
      moved = true
    }
    var next = now + 1
    if !moved {
      var event = accelerator.nextEvent(after: now)
      if now < earliestAccept { event = min(event ?? earliestAccept, earliestAccept) }
      guard let event else { throw SimulationError.deadlock(accelerator.report(now)) }
      if skipsIdleCycles { next = event }
    }
    accelerator.chargeAccounts(cycles: next - now)
    now = next
  }
}

extension Accelerator {
  /// Charges the reasons of the cycle that has just run to `cycles` cycles.
  mutating func chargeAccounts(cycles: Int) {
    var accounts = accounts
    accounts.charge(self, cycles: cycles)
    self.accounts = accounts
  }

  /// What every unit holds and waits for, for a run that cannot go on.
  func report(_ now: Cycle) -> [String] {
    ["nothing can move after cycle \(now)"]
      + CommandClass.allCases.map { "\($0) entries in use: \(station.occupancy($0))" } + [
        "load controller: \(load.activity.name), \(load.queue.count) commands waiting",
        "execute controller: \(execute.activity.name), \(execute.queue.count) commands waiting",
        "store controller: \(store.activity.name), \(store.queue.count) commands waiting",
        "DMA read: \(ReaderActivity(reader).name), \(reader.inFlight) requests in flight",
        "DMA write: \(WriterActivity(writer).name)",
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

  static func fault(_ fault: TimingFault) -> SimulationError {
    switch fault {
    case .accumulateTooSoon(let row, let cycle):
      .illegal(
        "cycle \(cycle): accumulating result for accumulator row \(row) while its last write is "
          + "still under way; the hardware asserts (corrections C7)")
    }
  }
}
