import SystolicCore

/// What a run should do besides counting cycles.
public struct RunOptions: Sendable {
  /// Whether the functional machine computes, and `check` records are compared. Without data it
  /// still judges every command that is not legal by construction, so that no illegal program
  /// reaches the timing machine.
  public var carriesData = true
  /// Whether the result has a record of every command.
  public var recordsCommands = false
  /// Whether the result has fine events.
  public var recordsEvents = false
  /// Whether cycles that would be the same as some that have run are gone over without simulating
  /// them, in runs without data and records. The same result either way (Docs/Reuse.md).
  public var reuses = true

  public init() {}
}

/// What a run gives.
public struct SimulationOutput: Sendable {
  /// What every report needs; always there.
  public var result: RunResult
  /// In the order of allocation; empty unless asked for.
  public var commands: [CommandRecord]
  /// In the order of their cycles; empty unless asked for.
  public var events: [EventRecord] = []
  /// The run in bins of time.
  public var timeline: Timeline

  init(_ end: (result: RunResult, timeline: Timeline), commands: [CommandRecord] = []) {
    result = end.result
    timeline = end.timeline
    self.commands = commands
  }
}

/// The front door: runs a program on a machine.
public enum Simulator {
  /// Runs `source` on `machine` to its end.
  ///
  /// - Parameter watcher: Writes files while the run goes on.
  /// - Throws: `SimulationError`, or an error of the source or of the watcher's sinks.
  public static func run(
    _ source: inout some CommandSource, on machine: Machine, options: RunOptions = RunOptions(),
    watcher: RunWatcher? = nil
  ) throws -> SimulationOutput {
    var memo = ReuseMemo()
    let isLowered = source.legalMACs != nil
    do {
      return try run(&source, on: machine, options: options, watcher: watcher, memo: &memo)
    } catch SimulationError.deadlock(let units) where !isLowered {
      // Commands from elsewhere may wait for each other in a circle, as a move between a preload and its
      // compute that waits for the one and is waited for by the other: the hardware would not end, and
      // the mistake is the program's. What was lowered here always ends.
      throw SimulationError.illegal(
        "the program stands still for ever: " + units.joined(separator: "\n  "))
    }
  }

  /// Runs `source` on `machine` to its end with what earlier runs on it have found.
  static func run(
    _ source: inout some CommandSource, on machine: Machine, options: RunOptions,
    watcher: RunWatcher?, memo: inout ReuseMemo
  ) throws -> SimulationOutput {
    if options.recordsEvents || watcher != nil {
      var run = TimingRun(machine, observer: WatchingObserver(machine, options, watcher))
      run.skipsIdleCycles = !options.recordsEvents
      let end = try drive(&source, &run, machine, options)
      watcher?.take(run.observer)
      var output = SimulationOutput(end, commands: run.observer.commandRecords)
      output.events = run.observer.eventRecords
      return output
    }
    if options.recordsCommands {
      var run = TimingRun(machine, observer: CommandRecorder())
      let end = try drive(&source, &run, machine, options)
      return SimulationOutput(end, commands: run.observer.records)
    }
    if options.reuses, !options.carriesData {
      var run = ReusingRun(machine, memo, loopsBringSettings: source.legalMACs != nil)
      // One owner at a time, or each addition would copy.
      memo = ReuseMemo()
      defer { memo = run.memo }
      return SimulationOutput(try drive(&source, &run, machine, options))
    }
    var run = TimingRun(machine, observer: NullObserver())
    return SimulationOutput(try drive(&source, &run, machine, options))
  }

  // Inlined, so that the observer's type is known where cycles are run although the source's is
  // not: else every cycle would pay for unspecialised code.
  @inline(__always)
  private static func drive<Run: StepRunner>(
    _ source: inout some CommandSource, _ run: inout Run, _ machine: Machine, _ options: RunOptions
  ) throws -> (result: RunResult, timeline: Timeline) {
    var result = RunResult()
    result.config = machine.config.name
    result.peakMACsPerCycle = machine.peakMACsPerCycle
    let legalMACs = options.carriesData ? nil : source.legalMACs
    var function =
      legalMACs == nil ? FunctionalRun(machine, carriesData: options.carriesData) : nil
    run.stopsAtWrongResults = options.carriesData
    var loopSizes = LoopSizeCheck(machine)
    do {
      while let step = try source.next() {
        try run.checkHealth()
        if case .command(let command) = step {
          guard command.function != nil else {
            throw SimulationError.illegal("the hardware has no function code \(command.funct)")
          }
          try loopSizes.check(command)
          result.commands += 1
        }
        try function?.perform(step)
        if case .host(let work) = step { try work.check() }
        try run.take(step)
      }
      // What waits behind a loop is judged before the timing machine waits for it.
      try function?.drain()
    } catch {
      // What comes before has its own errors.
      try run.flush()
      throw error
    }
    let end = try run.finish()
    result.mismatches = function?.mismatches ?? []
    result.usefulMACs = legalMACs ?? function?.machine.usefulMACs ?? 0
    let totals = run.timing.totals
    result.warnings = run.timing.warnings
    result.fenceCycles = run.timing.fences
    result.cycles = end
    result.reusedCycles = run.reusedCycles
    result.traffic = run.timing.traffic(lineBytes: machine.config.l2.lineBytes)
    result.localTraffic = totals.local
    result.units = run.timing.accounts.units(of: machine)
    result.cycleUses = run.timing.accounts.cycleUses
    result.hostCycles = run.timing.host.activities
    result.regions = run.timing.regions.regions
    result.conversions = run.timing.regions.conversions
    return (result, run.timing.timeline(to: end))
  }
}

/// What runs a program step by step.
protocol StepRunner {
  associatedtype Watcher: Observer

  /// The run, complete after `flush`.
  var timing: TimingRun<Watcher> { get }
  /// Cycles that were gone over without simulating them.
  var reusedCycles: Int { get }
  /// Whether a place where the hardware's data would be wrong ends the run.
  var stopsAtWrongResults: Bool { get set }

  /// Throws what keeps whoever watches from going on.
  func checkHealth() throws
  /// Takes the next step; it may run later.
  mutating func take(_ step: ProgramStep) throws(SimulationError)
  /// Runs what has been taken.
  mutating func flush() throws(SimulationError)
  /// Runs to the end; returns its cycle.
  mutating func finish() throws(SimulationError) -> Cycle
}

extension TimingRun: StepRunner {
  var timing: TimingRun { self }
  var reusedCycles: Int { 0 }

  @inline(__always)
  mutating func take(_ step: ProgramStep) throws(SimulationError) {
    switch step {
    case .command(let command): try accept(command)
    case .fence: try fence()
    case .host(let work): try perform(work)
    case .region(let name): beginRegion(name)
    case .load, .zero, .check: break
    }
  }

  func checkHealth() throws { try observer.checkHealth() }
  mutating func flush() {}
}
