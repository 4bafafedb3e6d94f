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

  public init() {}
}

/// What a run gives.
public struct SimulationOutput: Sendable {
  public var result: RunResult
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
    var run = TimingRun(machine, observer: NullObserver())
    return SimulationOutput(try drive(&source, &run, machine, options))
  }

  // Inlined, so that the observer's type is known where cycles are run although the source's is
  // not: else every cycle would pay for unspecialised code.
  @inline(__always)
  private static func drive<O: Observer>(
    _ source: inout some CommandSource, _ run: inout TimingRun<O>, _ machine: Machine,
    _ options: RunOptions
  ) throws -> (result: RunResult, timeline: Timeline) {
    var result = RunResult()
    result.config = machine.config.name
    result.peakMACsPerCycle = machine.peakMACsPerCycle
    let legalMACs = options.carriesData ? nil : source.legalMACs
    var function = FunctionalRun(machine, carriesData: options.carriesData)
    run.stopsAtWrongResults = options.carriesData
    var loopSizes = LoopSizeCheck(machine)
    while let step = try source.next() {
      try run.observer.checkHealth()
      if case .command(let command) = step {
        guard command.function != nil else {
          throw SimulationError.illegal("the hardware has no function code \(command.funct)")
        }
        try loopSizes.check(command)
      }
      if legalMACs == nil { try function.perform(step) }
      switch step {
      case .command(let command):
        result.commands += 1
        try run.accept(command)
      case .fence:
        try run.fence()
      case .host(let work):
        try work.check()
        try run.perform(work)
      case .region(let name):
        run.beginRegion(name)
      case .load, .zero, .check:
        break
      }
    }
    let end = try run.finish()
    try function.drain()
    result.mismatches = function.mismatches
    result.usefulMACs = legalMACs ?? function.machine.usefulMACs
    result.warnings = run.warnings
    result.fenceCycles = run.fences
    result.cycles = end
    result.traffic = Traffic(
      run.accelerator.bus, lineBytes: machine.config.l2.lineBytes)
    result.localTraffic = run.accelerator.localTraffic
    result.units = run.accounts.units(of: machine)
    result.cycleUses = run.accounts.cycleUses
    result.hostCycles = run.host.activities
    result.regions = run.regions.regions
    result.conversions = run.regions.conversions
    return (result, run.timeline(to: end))
  }
}
