import SystolicCore

/// Files that are written while runs go on, cycle by cycle.
///
/// Give it to every run that the files should show, then call `finish`. Runs stand behind each
/// other. A run that throws leaves nothing to finish.
public final class RunWatcher {
  private var trace: TraceObserver?
  private var waves: WaveObserver?
  /// Cycles of all runs so far.
  public private(set) var cycles = 0

  /// A file that grows with a run.
  public struct Output {
    /// The cycles that it shows.
    public var window: CycleWindow
    /// Takes its bytes.
    public var sink: ByteSink

    public init(window: CycleWindow = .all, sink: @escaping ByteSink) {
      self.window = window
      self.sink = sink
    }
  }

  /// - Parameters:
  ///   - trace: Where a trace for Perfetto goes, if one is wanted.
  ///   - waves: Where a wave dump goes, if one is wanted.
  ///   - units: The units whose signals the wave dump has.
  public init(
    _ machine: Machine, trace: Output? = nil, waves: Output? = nil,
    units: Set<WaveUnit> = Set(WaveUnit.allCases)
  ) {
    self.trace = trace.map { TraceObserver(machine, window: $0.window, sink: $0.sink) }
    self.waves = waves.map {
      WaveObserver(machine, units: units, window: $0.window, sink: $0.sink)
    }
  }

  /// Ends the files.
  ///
  /// - Throws: What a sink threw, now or before.
  public func finish() throws {
    try trace?.finish()
    try waves?.finish()
  }

  /// The observer of the next run; `take` gives it back.
  func lend() -> (trace: TraceObserver?, waves: WaveObserver?) {
    defer {
      trace = nil
      waves = nil
    }
    return (trace, waves)
  }

  /// Takes back what a run was lent.
  func take(_ observer: WatchingObserver) {
    trace = observer.trace
    waves = observer.waves
    cycles += observer.cycles
  }
}

/// Everything that may watch a run's cycles, in one type, so that the machine is compiled for
/// watched runs only once.
struct WatchingObserver: Observer {
  static let watchesCycles = true

  private var commands: CommandRecorder?
  private var events: EventRecorder?
  fileprivate(set) var trace: TraceObserver?
  fileprivate(set) var waves: WaveObserver?
  /// Cycles of the run, when it has ended.
  fileprivate var cycles = 0

  init(_ machine: Machine, _ options: RunOptions, _ watcher: RunWatcher?) {
    if options.recordsEvents {
      events = EventRecorder(machine)
    } else if options.recordsCommands {
      commands = CommandRecorder()
    }
    if let watcher { (trace, waves) = watcher.lend() }
  }

  /// When each command passed the reservation station, if that was asked for.
  var commandRecords: [CommandRecord] { events?.commandRecords ?? commands?.records ?? [] }
  /// What happened on ports and buses, if that was asked for.
  var eventRecords: [EventRecord] { events?.records ?? [] }

  mutating func commandAccepted(_ command: Command, _ now: Cycle) {
    events?.commandAccepted(command, now)
    trace?.commandAccepted(command, now)
    waves?.commandAccepted(command, now)
  }

  mutating func allocated(_ record: CommandRecord) {
    commands?.allocated(record)
    events?.allocated(record)
    trace?.allocated(record)
    waves?.allocated(record)
  }

  mutating func depends(_ record: CommandRecord, on entries: UInt64) {
    trace?.depends(record, on: entries)
  }

  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    commands?.issued(sequence, kind, slot, now)
    events?.issued(sequence, kind, slot, now)
    trace?.issued(kind, slot, now)
    waves?.issued(kind, slot)
  }

  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    commands?.completed(sequence, kind, slot, now)
    events?.completed(sequence, kind, slot, now)
    trace?.completed(kind, slot, now)
    waves?.completed(kind, slot)
  }

  mutating func fenceBegan(_ now: Cycle) {
    trace?.fenceBegan(now)
    waves?.fenceBegan()
  }

  mutating func fenceCompleted(_ now: Cycle) {
    events?.fenceCompleted(now)
    trace?.fenceCompleted(now)
    waves?.fenceCompleted()
  }

  mutating func hostWorks(
    _ use: CycleUse, _ operation: NonlinearOperation?, _ now: Cycle, cycles: Int
  ) {
    trace?.hostWorks(use, operation, now, cycles: cycles)
    waves?.hostWorks(use, now, cycles: cycles)
  }

  mutating func regionBegan(_ name: String, _ now: Cycle) { trace?.regionBegan(name, now) }

  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    events?.cycleEnded(accelerator, now)
    trace?.cycleEnded(accelerator, now)
    waves?.cycleEnded(accelerator, now)
  }

  mutating func runEnded(_ now: Cycle) {
    cycles = now
    trace?.runEnded(now)
    waves?.runEnded(now)
  }

  func checkHealth() throws {
    if let failure = trace?.trace.stream.failure ?? waves?.stream.failure { throw failure }
  }
}
