import SystolicCore

/// A program running on the timing machine: the host that issues commands, computes and waits at
/// fences.
///
/// Cycle 0 accepts the first command. A fence completes in the first cycle after the last accept
/// in which the machine is idle; the next command is accepted one cycle after that, and no sooner
/// than the issue interval allows (golden/rtl README, "semantics"). Work of the host takes the cycles
/// from the one in which the host has come to it; the accelerator runs on meanwhile.
struct TimingRun<O: Observer> {
  var accelerator: Accelerator
  var observer: O
  /// What has been charged, but for the last cycles, which have `state` in common.
  private var settled = Accounts()
  private var state = CycleState()
  private var stateCycles = 0
  private(set) var now: Cycle = 0
  private(set) var fences: [Cycle] = []
  /// Whether cycles in which nothing can move are jumped over. The same cycles either way.
  var skipsIdleCycles = true
  /// Whether a place where the hardware's data would be wrong ends the run; else it is a warning.
  var stopsAtWrongResults = true
  /// Where the hardware's data would be wrong, the first of them.
  private(set) var warnings: [String] = []
  /// How often the hardware's data would be wrong.
  private(set) var faults = 0
  /// What the host's work has cost.
  private(set) var host: HostAccount
  /// Time and conversions by operator of the program.
  private(set) var regions: RegionAccounts
  private var recorder = TimelineRecorder()
  /// First cycle in which the host can do something else than what it has done so far.
  private var hostFree: Cycle = 0
  private var earliestAccept: Cycle = 0
  /// What `accelerator` has not counted itself.
  private var carried = RegionAccounts.Totals()
  /// What the host does, if it works.
  private var hostUse: CycleUse?
  private let interval: Int

  init(_ machine: Machine, observer: O) {
    accelerator = Accelerator(machine)
    self.observer = observer
    interval = machine.config.host.issueInterval
    host = HostAccount(machine.config.host)
    regions = RegionAccounts(machine)
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
        accelerator.noteHalves(of: command)
        accelerator.frontEndRests = false
        observer.commandAccepted(command, now)
        hostFree = now + 1
        earliestAccept = now + interval
        return try advance(moved: true)
      }
      try advance(moved: moved)
    }
  }

  /// Runs cycles until the machine is idle.
  ///
  /// - Returns: The first idle cycle after the last accept and the last fence, in which the host does
  ///   no work.
  /// - Throws: `SimulationError`.
  mutating func waitUntilIdle() throws(SimulationError) -> Cycle {
    while accelerator.isBusy || now < hostFree { try step() }
    return now
  }

  /// Runs cycles while the host does `work`.
  ///
  /// - Throws: `SimulationError`.
  mutating func perform(_ work: HostWork) throws(SimulationError) {
    let cycles = charge(work)
    try runHost(.hostConversion, cycles.conversion, work.operation)
    try runHost(.hostWork, cycles.operation, work.operation)
  }

  /// Counts what the host's work costs and converts.
  @discardableResult
  mutating func charge(_ work: HostWork) -> HostAccount.Cost {
    let cost = host.charge(work)
    for (kind, elements) in [
      (ConversionKind.quantise, work.quantisedElements), (.dequantise, work.dequantisedElements),
    ] {
      regions.add(.host, kind, elements: elements, cycles: host.conversionCycles(elements))
    }
    return cost
  }

  /// What follows belongs to the operator `name`.
  mutating func beginRegion(_ name: String) {
    observer.regionBegan(name, now)
    regions.begin(name, now, totals)
  }

  /// Where every unit's cycles went so far.
  var accounts: Accounts {
    var accounts = settled
    accounts.charge(state, cycles: stateCycles)
    return accounts
  }

  /// All that has been counted so far.
  var totals: RegionAccounts.Totals {
    var totals = carried
    totals.add(accelerator.totals)
    totals.accounts = accounts
    totals.host = host.cycles
    return totals
  }

  /// Traffic with main memory so far.
  func traffic(lineBytes: Int) -> Traffic {
    let totals = totals
    // Nothing is reused where there is a cache, so it has counted everything itself.
    let cache = accelerator.bus.memory.cacheStatistics
    return Traffic(totals.bus, totals.dram, cache.map { CacheTraffic($0, lineBytes: lineBytes) })
  }

  /// Runs `cycles` cycles in which the host is occupied with `use`, after what it is occupied with.
  private mutating func runHost(
    _ use: CycleUse, _ cycles: Int, _ operation: NonlinearOperation? = nil
  ) throws(SimulationError) {
    while now < hostFree { try step() }
    hostUse = use
    if cycles > 0 { observer.hostWorks(use, operation, hostFree, cycles: cycles) }
    hostFree += cycles
    while now < hostFree { try step() }
    hostUse = nil
  }

  /// Runs cycles up to the completion of a fence.
  ///
  /// - Throws: `SimulationError`.
  mutating func fence() throws(SimulationError) {
    observer.fenceBegan(hostFree)
    hostFree = try waitUntilIdle()
    accelerator.forgetHalves()
    try runHost(.hostWork, host.chargeFence())
    fences.append(now)
    observer.fenceCompleted(now)
    hostFree = now + 1
    earliestAccept = max(earliestAccept, hostFree)
  }

  /// Runs cycles until machine and host are idle, if commands or work came after the last fence.
  ///
  /// - Returns: The cycles of the whole program.
  /// - Throws: `SimulationError`.
  mutating func finish() throws(SimulationError) -> Cycle {
    let endsWithFence = fences.last.map { hostFree == $0 + 1 } ?? false
    let end = try endsWithFence ? now : waitUntilIdle()
    regions.end(end, totals)
    observer.runEnded(end)
    return end
  }

  /// The run in bins, once it has ended in cycle `end`.
  func timeline(to end: Cycle) -> Timeline {
    recorder.timeline(
      of: accelerator.machine, end: end, accounts, totals.bus)
  }

  /// Stops the run, or notes what the hardware would compute otherwise than the program says.
  private mutating func handleFault() throws(SimulationError) {
    guard let fault = accelerator.takeFault() else { return }
    faults += 1
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
      if now < hostFree { event = min(event ?? hostFree, hostFree) }
      guard let event else { throw .deadlock(accelerator.report(now)) }
      if skipsIdleCycles { next = event }
    }
    charge(cycles: next - now)
    now = next
    noteTime()
  }

  /// Charges the cycle that has run, and those behind it that are like it.
  @inline(__always)
  private mutating func charge(cycles: Int) {
    if accelerator.activities == state.activities, hostUse == state.host,
      accelerator.station.entriesInUse == state.entries,
      accelerator.reader.inFlight == state.occupancy.reads,
      accelerator.writer.inFlight == state.occupancy.writes
    {
      stateCycles &+= cycles
    } else {
      settled.charge(state, cycles: stateCycles)
      accelerator.describe(&state)
      state.host = hostUse
      stateCycles = cycles
    }
  }

  /// Takes down the accounts for the timeline, if it is time.
  @inline(__always)
  private mutating func noteTime() {
    if now >= recorder.next { recorder.note(now, accounts, totals.bus) }
  }
}

// MARK: State

extension TimingRun {
  /// A place in a run to count from.
  struct Mark {
    var now: Cycle
    var totals: RegionAccounts.Totals
    var fences: Int
    var faults: Int
  }

  /// Begins to count.
  mutating func mark() -> Mark {
    carried.bus.maxOutstanding = totals.bus.maxOutstanding
    accelerator.bus.restartPeak()
    return Mark(now: now, totals: totals, fences: fences.count, faults: faults)
  }

  /// What has happened since `mark`, as the way to the state `next`.
  func transition(
    from mark: Mark, to next: ReuseMemo.State, sources: [ReuseMemo.Source],
    turnChange: TurnChange, lookups: LookupLog
  ) -> ReuseMemo.Transition {
    var counted = totals.since(mark.totals)
    counted.bus.maxOutstanding = accelerator.bus.statistics.maxOutstanding
    // The host's work is charged step by step.
    counted.host = 0
    return ReuseMemo.Transition(
      cycles: now - mark.now, totals: counted,
      fences: fences[mark.fences...].map { $0 - mark.now }, next: next, sources: sources,
      turnChange: turnChange, lookups: lookups)
  }

  /// Goes over cycles that would be the same as some that have run.
  mutating func advance(_ transition: ReuseMemo.Transition) {
    fences += transition.fences.map { now + $0 }
    for _ in transition.fences { _ = host.chargeFence() }
    carried.add(transition.totals)
    settled.add(transition.totals.accounts)
    now += transition.cycles
    noteTime()
  }

  /// Goes on with another accelerator.
  mutating func replace(_ other: Accelerator) {
    carried.add(accelerator.totals)
    accelerator = other
  }

  /// All that decides what happens from this cycle on.
  mutating func visit(_ codec: inout StateCodec) {
    codec.time(&hostFree)
    codec.deadline(&earliestAccept)
    accelerator.visit(&codec)
  }
}

extension Accelerator {
  /// What the units have counted.
  var totals: RegionAccounts.Totals {
    .init(
      bus: bus.statistics, dram: bus.memory.statistics, local: localTraffic,
      moveIn: load.requantisedElements,
      moveOut: store.requantisedElements, unitQuantised: nonlinear.quantisedElements,
      unitDequantised: nonlinear.dequantisedElements, unitCycles: nonlinear.conversionCycles)
  }

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

  /// Why a run ended, in one line; `error` may be of any kind.
  static func line(_ error: any Error) -> String {
    let text =
      switch error {
      case SimulationError.deadlock(let units):
        "the machine stands still: " + units.joined(separator: "; ")
      case SimulationError.illegal(let message): message
      case let failure as InputFile.Failure: failure.reason
      default: "\(error)"
      }
    return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }
}
