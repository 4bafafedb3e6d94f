import SystolicCore

/// Writes signals of a run as a wave dump (Docs/Tracing.md).
///
/// A cycle's values are those of the hardware in it: wires as they are, registers as the cycle
/// began with them, so what the machine shows of a register after a cycle is written for the next.
struct WaveObserver {
  private var sampler: WaveSampler
  private var pulses = WavePulses()
  private let window: CycleWindow
  private var phase = CycleWindow.Phase.before
  /// Cycles of the runs before this one.
  private var base: Cycle = 0
  /// The cycle behind the last one that was sampled.
  private var next: Cycle = 0
  /// When the host's work at hand ends.
  private var workEnds: Cycle = 0
  private var work = 0
  private let hasHost: Bool
  /// First signal of the raw queue, or -1.
  private let raw: Int
  private let rawDepth: Int

  init(
    _ machine: Machine, units: Set<WaveUnit>, window: CycleWindow, sink: @escaping ByteSink
  ) {
    self.window = window
    hasHost = units.contains(.host)
    raw = units.contains(.commandPath) ? (hasHost ? 3 : 0) : -1
    let accelerator = Accelerator(machine)
    rawDepth = accelerator.raw.depth
    var declarer = WaveDeclarer(
      dump: WaveDump(
        sink, comment: "AccelSim, \(Self.plain(machine.config.name)); 1 ns is 1 cycle"),
      units: units)
    declarer.dump.enter("AccelSim")
    WaveSignals.visit(&declarer, accelerator, pulses, 0)
    declarer.dump.leave()
    declarer.dump.endDeclarations()
    sampler = WaveSampler(dump: declarer.dump, units: units, signals: declarer.count)
    WaveSignals.visit(&sampler, accelerator, pulses, 0)
    sampler.settle(at: 0)
  }

  /// `text` in characters that end no comment.
  private static func plain(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
  }

  var stream: ByteStream { sampler.dump.stream }

  // MARK: What passes

  mutating func commandAccepted(_ command: Command, _ now: Cycle) {
    guard phase != .after else { return }
    let time = base + now
    if hasHost { sampler.dump.set(0, 1, at: time) }
    // The raw queue takes the command after it was sampled.
    if raw >= 0 {
      let count = sampler.staged[raw + 2] + 1
      if count == 1 {
        sampler.stage(raw, 1)
        sampler.stage(raw + 3, UInt64(command.funct))
        sampler.stage(raw + 4, command.rs1)
        sampler.stage(raw + 5, command.rs2)
      }
      sampler.stage(raw + 1, count < UInt64(rawDepth) ? 1 : 0)
      sampler.stage(raw + 2, count)
    }
  }

  mutating func allocated(_ record: CommandRecord) {
    pulses.classes[record.commandClass.rawValue].allocated = record.slot
  }

  mutating func issued(_ kind: CommandClass, _ slot: Int) {
    pulses.classes[kind.rawValue].issued = slot
  }

  mutating func completed(_ kind: CommandClass, _ slot: Int) {
    pulses.classes[kind.rawValue].completed = slot
  }

  mutating func fenceBegan() { pulses.isFencing = true }
  mutating func fenceCompleted() { pulses.isFencing = false }

  mutating func hostWorks(_ use: CycleUse, _ now: Cycle, cycles: Int) {
    workEnds = now + cycles
    work = use == .hostConversion ? 2 : 1
  }

  // MARK: Cycles

  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    guard phase != .after else { return }
    defer { pulses.clear() }
    let time = base + now
    // Registers of the last cycle, which hold from the one behind it on.
    if next < window.until { sampler.settle(at: next) }
    if phase == .before, time > window.from { enter() }
    if time >= window.until { return leave() }
    pulses.hostState = now < workEnds ? work : 0
    sampler.index = 0
    sampler.time = time
    WaveSignals.visit(&sampler, accelerator, pulses, now)
    if phase == .before, time == window.from { enter() }
    next = time + 1
  }

  private mutating func enter() {
    phase = .inside
    sampler.dump.begin(at: window.from)
  }

  private mutating func leave() {
    sampler.dump.stop(at: window.until)
    phase = .after
  }

  mutating func runEnded(_ now: Cycle) {
    let time = base + now
    if phase == .inside {
      if next < window.until { sampler.settle(at: next) }
      if time >= window.until {
        leave()
      } else {
        // A fence may have completed in the cycle in which the run ended.
        if hasHost { sampler.dump.set(1, 0, at: time) }
      }
    }
    pulses = WavePulses()
    workEnds = 0
    base = time
    next = time
  }

  /// Ends the dump.
  ///
  /// - Throws: What the sink threw, now or before.
  mutating func finish() throws {
    sampler.dump.stop(at: base)
    try sampler.dump.finish()
  }
}

/// Declares signals.
private struct WaveDeclarer: SignalVisitor {
  var dump: WaveDump
  let units: Set<WaveUnit>
  var count = 0

  mutating func enter(_ unit: WaveUnit) -> Bool {
    guard units.contains(unit) else { return false }
    dump.enter(unit.module)
    return true
  }

  mutating func enter(_ part: StaticString) { dump.enter(part) }
  mutating func leave() { dump.leave() }

  mutating func register(_ name: StaticString, _ width: Int, _ value: UInt64) {
    dump.declare(name, width)
    count += 1
  }

  mutating func wire(_ name: StaticString, _ width: Int, _ value: UInt64) {
    dump.declare(name, width)
    count += 1
  }

  mutating func state<Reason: Activity>(_ name: StaticString, _ value: Reason) {
    dump.comment(
      "\(name): "
        + Reason.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", "))
    wire(name, 4, 0)
  }
}

/// Takes the values of signals in a cycle.
private struct WaveSampler: SignalVisitor {
  var dump: WaveDump
  /// Values that registers have from the next cycle on.
  private(set) var staged: [UInt64]
  /// Registers whose value changes then.
  private var changed: [Int] = []
  var index = 0
  var time: Cycle = 0
  private let wanted: UInt64

  init(dump: WaveDump, units: Set<WaveUnit>, signals: Int) {
    self.dump = dump
    staged = Array(repeating: 0, count: signals)
    wanted = units.reduce(0) { $0 | 1 << UInt64($1.number) }
  }

  /// `signal` has `value` from the next cycle on.
  @inline(__always)
  mutating func stage(_ signal: Int, _ value: UInt64) {
    guard staged[signal] != value else { return }
    staged[signal] = value
    changed.append(signal)
  }

  /// The next cycle begins.
  mutating func settle(at time: Cycle) {
    for signal in changed { dump.set(signal, staged[signal], at: time) }
    changed.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func enter(_ unit: WaveUnit) -> Bool { wanted >> UInt64(unit.number) & 1 != 0 }
  @inline(__always)
  mutating func enter(_ part: StaticString) {}
  @inline(__always)
  mutating func leave() {}

  @inline(__always)
  mutating func register(_ name: StaticString, _ width: Int, _ value: UInt64) {
    stage(index, value)
    index += 1
  }

  @inline(__always)
  mutating func wire(_ name: StaticString, _ width: Int, _ value: UInt64) {
    dump.set(index, value, at: time)
    index += 1
  }

  @inline(__always)
  mutating func state<Reason: Activity>(_ name: StaticString, _ value: Reason) {
    wire(name, 4, UInt64(value.rawValue))
  }
}
