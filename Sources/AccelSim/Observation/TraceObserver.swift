import SystolicCore

/// Writes a run as a trace: what units, entries of the reservation station, host and operators do
/// in every cycle, and how full queues are (Docs/Tracing.md).
///
/// What it keeps is the state of the machine, not its history. Runs that follow each other, as
/// the steps of a generation, stand behind each other.
struct TraceObserver {
  enum Process {
    static let program = 1
    static let units = 2
    /// Commands of the first class; the others follow.
    static let commands = 3
    static let occupancy = 7
  }
  private static let operators = track(Process.program, 1)
  private static let host = track(Process.program, 2)

  /// Row `number` of a process. Readers ask for threads' numbers that no other process has.
  private static func track(_ process: Int, _ number: Int) -> ChromeTrace.Track {
    ChromeTrace.Track(process: process, thread: process * 100 + number)
  }

  var trace: ChromeTrace
  let window: CycleWindow
  private var phase: CycleWindow.Phase
  /// Cycles of the runs before this one.
  private(set) var base: Cycle = 0

  /// Load, execute, store and nonlinear controller, DMA read and write, command path.
  private(set) var units: [StateTrack]
  var entries: [TracedEntry]
  /// First entry of each class.
  let offsets: [Int]
  /// Entries that have not been issued and wait for others.
  var waiting: UInt64 = 0
  var arrows = 0
  var names = MnemonicNames()
  let disassembler: Disassembler

  private var counters: [Counter]
  /// The next cycle after which counters are written.
  private var nextSample: Cycle = 0
  private var operation: (name: [UInt8], since: Cycle)?
  private var fenceSince: Cycle?
  private let machine: Machine

  private struct Counter {
    let name: [UInt8]
    /// After the last cycle.
    var value = 0
    /// As written last.
    var shown = -1
  }

  /// Counters are written after every 32nd cycle: a queue's changes of single cycles would be half
  /// of a trace, and a wave dump has them.
  static let samplingInterval = 32

  private static let conversion = Array("\"conversion\"".utf8)
  private static let fence = Array("\"fence\"".utf8)
  private static let passesFence = Array("\"passes a fence\"".utf8)

  init(_ machine: Machine, window: CycleWindow, sink: @escaping ByteSink) {
    self.machine = machine
    self.window = window
    phase = window.from == 0 ? .inside : .before
    trace = ChromeTrace(sink)
    disassembler = Disassembler(encoding: machine.config.features.convEncoding)
    func unit<Reason: Activity>(_ thread: Int, _ reasons: Reason.Type) -> StateTrack {
      StateTrack(Self.track(Process.units, thread), reasons)
    }
    units = [
      unit(2, LoadActivity.self), unit(3, ExecuteActivity.self), unit(4, StoreActivity.self),
      unit(5, NonlinearActivity.self), unit(6, ReaderActivity.self),
      unit(7, WriterActivity.self), unit(1, FrontEndActivity.self),
    ]
    let sizes = ReservationStation(machine).sizes
    var offsets: [Int] = []
    entries = []
    for kind in CommandClass.allCases {
      offsets.append(entries.count)
      for slot in 0..<sizes[kind.rawValue] {
        entries.append(
          TracedEntry(
            track: Self.track(Process.commands + kind.rawValue, slot)))
      }
    }
    self.offsets = offsets
    counters = Self.counterNames(machine).map {
      Counter(name: Array(JSONText.quoted($0).utf8))
    }
    nameTracks(sizes)
  }

  private mutating func nameTracks(_ sizes: [Int]) {
    trace.name(process: Process.program, "program")
    trace.name(Self.operators, "operators")
    trace.name(Self.host, "host")
    trace.name(process: Process.units, "units of \(machine.config.name)")
    let names = ["load", "execute", "store", "nonlinear", "DMA read", "DMA write", "command path"]
    for (index, name) in names.enumerated()
    where index != CommandClass.nonlinear.rawValue || hasNonlinear {
      trace.name(units[index].track, name)
    }
    for kind in CommandClass.allCases where sizes[kind.rawValue] > 0 {
      trace.name(process: Process.commands + kind.rawValue, "\(kind) commands")
      for slot in 0..<sizes[kind.rawValue] {
        trace.name(entries[offsets[kind.rawValue] + slot].track, "entry \(slot)")
      }
    }
    trace.name(process: Process.occupancy, "occupancy")
  }

  private var hasNonlinear: Bool { machine.config.features.nonlinearUnit }

  // MARK: Time

  /// The run has come to `now`: enters or leaves the window.
  ///
  /// - Returns: The time in the trace, or `nil` outside the window.
  mutating func reach(_ now: Cycle) -> Cycle? {
    let time = base + now
    if phase == .inside, time < window.until { return time }
    if phase == .before, time >= window.from { enter() }
    if phase == .inside, time >= window.until { leave(at: window.until) }
    return phase == .inside ? time : nil
  }

  private mutating func enter() {
    phase = .inside
    nextSample = roundedUp(window.from)
    for index in units.indices { units[index].open(at: window.from) }
    for index in entries.indices where entries[index].isUsed { openSlice(index) }
  }

  /// Everything that is open ends before `time`.
  private mutating func leave(at time: Cycle) {
    if nextSample < time { writeCounters(before: time) }
    for index in units.indices {
      units[index].close(at: time, window, &trace)
      units[index].reason = -1
    }
    for index in entries.indices where entries[index].isUsed {
      closeSlice(index, at: time, isEarly: true)
    }
    endOperation(time)
    if let since = fenceSince { slice(Self.host, Self.fence, from: since, until: time) }
    fenceSince = nil
    if time >= window.until { phase = .after }
  }

  /// Writes the part of a slice that is inside the window.
  private mutating func slice(
    _ track: ChromeTrace.Track, _ name: [UInt8], from start: Cycle, until end: Cycle,
    command: String? = nil
  ) {
    let first = max(start, window.from)
    let last = min(end, window.until)
    guard first < last else { return }
    trace.slice(
      track, name, from: first, until: last, isCut: window.cuts(start, end), command: command)
  }

  // MARK: Cycles

  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    guard phase != .after else { return }
    let time = reach(now)
    let activities = accelerator.activities
    note(0, activities.load.rawValue, time)
    note(1, activities.execute.rawValue, time)
    note(2, activities.store.rawValue, time)
    if hasNonlinear { note(3, activities.nonlinear.rawValue, time) }
    note(4, activities.reader.rawValue, time)
    note(5, activities.writer.rawValue, time)
    note(6, FrontEndActivity(accelerator).rawValue, time)
    // The cycles since the last one left everything as it was.
    if let time, nextSample < time { writeCounters(before: time) }
    count(accelerator)
    if let time, nextSample == time { writeCounters(before: time + 1) }
  }

  @inline(__always)
  private mutating func note(_ unit: Int, _ reason: Int, _ time: Cycle?) {
    if let time {
      units[unit].change(to: reason, at: time, window, &trace)
    } else {
      units[unit].reason = reason
    }
  }

  /// The counters in the order of `count`.
  private static func counterNames(_ machine: Machine) -> [String] {
    [
      "load entries", "execute entries", "store entries", "raw queue", "unrolled queue",
      "load queue", "preload queue", "execute queue", "control queue", "store queue",
      "read issue queue", "move-out queue", "read requests", "write requests", "memory requests",
    ] + (machine.config.features.nonlinearUnit ? ["nonlinear entries", "nonlinear queue"] : [])
  }

  private mutating func count(_ accelerator: borrowing Accelerator) {
    let station = accelerator.station
    counters[0].value = station.occupancy(.load)
    counters[1].value = station.occupancy(.execute)
    counters[2].value = station.occupancy(.store)
    counters[3].value = accelerator.raw.count
    counters[4].value = accelerator.unrolled.count
    counters[5].value = accelerator.load.queue.count
    counters[6].value = accelerator.execute.unroller.queue.count
    counters[7].value = accelerator.execute.queue.count
    counters[8].value = accelerator.execute.controlQueue.count
    counters[9].value = accelerator.store.queue.count
    counters[10].value = accelerator.readIssue.count
    counters[11].value = accelerator.moveOut.dispatch.count
    counters[12].value = accelerator.reader.inFlight
    counters[13].value = accelerator.writer.inFlight
    counters[14].value = accelerator.bus.outstanding
    if hasNonlinear {
      counters[15].value = station.occupancy(.nonlinear)
      counters[16].value = accelerator.nonlinear.queue.count
    }
  }

  /// Writes the counters that have changed, at the sampling point that has come; the next one is at
  /// `time` or behind it.
  private mutating func writeCounters(before time: Cycle) {
    for index in counters.indices where counters[index].value != counters[index].shown {
      counters[index].shown = counters[index].value
      trace.counter(
        Process.occupancy, counters[index].name, counters[index].value, at: nextSample)
    }
    nextSample = roundedUp(time)
  }

  /// The first sampling point that is not before `time`.
  private func roundedUp(_ time: Cycle) -> Cycle {
    (time + Self.samplingInterval - 1) / Self.samplingInterval * Self.samplingInterval
  }

  // MARK: Host and operators

  mutating func commandAccepted(_ command: Command, _ now: Cycle) {
    guard let time = reach(now) else { return }
    let text = disassembler.text(command)
    slice(Self.host, names.runs(text), from: time, until: time + 1, command: text)
  }

  mutating func fenceBegan(_ now: Cycle) { fenceSince = base + now }

  mutating func fenceCompleted(_ now: Cycle) { endFence(base + now) }

  private mutating func endFence(_ time: Cycle) {
    if let since = fenceSince { slice(Self.host, Self.fence, from: since, until: time) }
    fenceSince = nil
  }

  mutating func hostWorks(
    _ use: CycleUse, _ operation: NonlinearOperation?, _ now: Cycle, cycles: Int
  ) {
    let time = base + now
    endFence(time)
    let name =
      switch (use, operation) {
      case (.hostConversion, _): Self.conversion
      case (_, let operation?): Array(JSONText.quoted("\(operation)").utf8)
      case (_, nil): Self.passesFence
      }
    slice(Self.host, name, from: time, until: time + cycles)
  }

  mutating func regionBegan(_ name: String, _ now: Cycle) {
    endOperation(base + now)
    operation = (Array(JSONText.quoted(name).utf8), base + now)
  }

  private mutating func endOperation(_ time: Cycle) {
    if let operation { slice(Self.operators, operation.name, from: operation.since, until: time) }
    operation = nil
  }

  // MARK: End

  mutating func runEnded(_ now: Cycle) {
    // A run that ends with its last cycle in the window is not cut there.
    _ = reach(now - 1)
    if phase == .inside { leave(at: base + now) }
    for index in entries.indices { entries[index].free() }
    for index in units.indices { units[index].reason = -1 }
    for index in counters.indices { counters[index].value = 0 }
    waiting = 0
    operation = nil
    fenceSince = nil
    base += now
  }

  /// Ends the trace.
  ///
  /// - Throws: What the sink threw, now or before.
  mutating func finish() throws {
    let isWhole = window == .all
    let until = window.until == .max ? "" : "\(window.until)"
    try trace.finish([
      ("simulator", "\"AccelSim\""), ("configuration", JSONText.quoted(machine.config.name)),
      ("time", "\"1 us is 1 cycle\""), ("cycles", "\(base)"),
      ("counterInterval", "\(Self.samplingInterval)"),
      ("window", isWhole ? "\"all\"" : "\"\(window.from):\(until)\""),
    ])
  }
}
