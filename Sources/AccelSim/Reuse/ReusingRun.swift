import SystolicCore

/// A program on the timing machine that simulates nothing twice: where the machine is in a state in
/// which it has been before and the same comes next, it goes on to where that led (Docs/Reuse.md).
struct ReusingRun: StepRunner {
  private var run: TimingRun<NullObserver>
  private let machine: Machine
  private let idle: Accelerator
  private var block: CommandBlock
  private(set) var memo: ReuseMemo
  /// The state that the run is in; `nil` if it cannot be said.
  private var state: ReuseMemo.State?
  /// What the state's addresses were computed from, in the order in which it refers to them.
  private var live: [UInt64] = []
  /// The accelerator is still in the last state that was simulated.
  private var isBehind = false
  /// Whether every loop brings all of its settings.
  private let loopsBringSettings: Bool
  private var settings = LoopSettings()
  /// Tags of `live` in the accelerator's addresses.
  private var tags: [UInt64] = []
  private var nextTag: UInt64 = 1
  /// Cycles that were gone over without simulating them.
  private(set) var reusedCycles = 0

  var timing: TimingRun<NullObserver> { run }
  var stopsAtWrongResults: Bool {
    get { run.stopsAtWrongResults }
    set { run.stopsAtWrongResults = newValue }
  }

  /// Tags that an address has room for.
  private static let lastTag: UInt64 = 1 << (64 - StateCodec.addressBits) - 1

  /// - Parameters:
  ///   - memo: What is known already, of programs with the same `loopsBringSettings`.
  ///   - loopsBringSettings: Every loop of the program comes with all of its configuration commands,
  ///     as lowerings emit it. Else what a loop leaves in the unrollers is part of the state.
  init(_ machine: Machine, _ memo: ReuseMemo, loopsBringSettings: Bool) {
    self.machine = machine
    self.loopsBringSettings = loopsBringSettings
    self.memo = memo
    run = TimingRun(machine, observer: NullObserver())
    run.accelerator.keepTags()
    idle = run.accelerator
    block = CommandBlock(machine)
    identify()
  }

  // MARK: Steps

  func checkHealth() {}

  mutating func take(_ step: ProgramStep) throws(SimulationError) {
    switch step {
    case .command(let command):
      let isComplete = settings.take(command)
      precondition(
        isComplete || !loopsBringSettings, "a lowering starts a loop without all of its settings")
      if block.append(command) { try flush() }
    case .fence:
      block.appendFence()
      try flush()
    case .host(let work): block.append(work, cost: run.host.cost(of: work))
    case .region(let name):
      try flush()
      run.beginRegion(name)
    case .load, .zero, .check: break
    }
  }

  /// Runs what has been taken.
  mutating func flush() throws(SimulationError) {
    guard !block.isEmpty else { return }
    if memo.isFull, let current = state { state = memo.forgetOldest(current) }
    let next = block
    block = CommandBlock(machine)
    guard let state, !next.isTooHigh else {
      catchUp()
      self.state = nil
      for step in next.steps { try run.take(step) }
      return
    }
    let packetMask = UInt64(max(1, machine.config.dma.maxBytes) - 1)
    let meets = (
      matmul: next.hasMatmul || state.matmul == ReuseMemo.State.nothing,
      conv: next.hasConv || state.conv == ReuseMemo.State.nothing
    )
    let key = ReuseMemo.Key(
      core: state.core, matmul: meets.matmul ? state.matmul : -1,
      conv: meets.conv ? state.conv : -1, alignment: live.map { $0 & packetMask },
      words: next.words)
    let bases = live + next.bases
    if let transition = memo.transition(key, bases: bases) {
      for case .host(let work) in next.steps { run.charge(work) }
      run.advance(transition)
      live = transition.sources.map { bases[$0] }
      self.state = ReuseMemo.State(
        core: transition.next.core, matmul: meets.matmul ? transition.next.matmul : state.matmul,
        conv: meets.conv ? transition.next.conv : state.conv)
      isBehind = true
      reusedCycles += transition.cycles
    } else {
      try simulate(next, as: key)
    }
  }

  mutating func finish() throws(SimulationError) -> Cycle {
    try flush()
    catchUp()
    return try run.finish()
  }

  /// Brings the accelerator to the state in which the run is.
  private mutating func catchUp() {
    guard isBehind, let state else { return }
    isBehind = false
    tags = live.indices.map { UInt64($0) + 1 }
    nextTag = UInt64(live.count) + 1
    run.replace(idle)
    var codec = StateCodec(
      setting: memo.words[state.core], parked: [memo.words[state.matmul], memo.words[state.conv]],
      at: run.now, tags: tags, bases: Dictionary(uniqueKeysWithValues: zip(tags, live)))
    codec.loopsBringSettings = loopsBringSettings
    run.visit(&codec)
    precondition(codec.isComplete && codec.isAtEnd, "a state does not fit the machine")
  }

  // MARK: Simulation

  private mutating func simulate(_ next: CommandBlock, as key: ReuseMemo.Key)
    throws(SimulationError)
  {
    guard let start = state else { return }
    if nextTag + UInt64(next.bases.count) > Self.lastTag { isBehind = true }
    catchUp()
    let firstTag = nextTag
    nextTag += UInt64(next.bases.count)
    let before = run.mark()
    run.accelerator.beginLookups(run.now)
    for step in next.tagged(from: firstTag) { try run.take(step) }
    live += next.bases
    tags += next.bases.indices.map { firstTag + UInt64($0) }
    let lookups = run.accelerator.endLookups(run.now, tags: tags, bases: live)
    let sources = identify()
    // A warning names a cycle: what gives one is run every time.
    guard let after = state, let lookups, run.faults == before.faults,
      key.matmul >= 0 || after.matmul == start.matmul, key.conv >= 0 || after.conv == start.conv
    else { return }
    memo.add(
      run.transition(from: before, to: after, sources: sources, lookups: lookups), for: key)
  }

  /// Finds the state in which the accelerator is now, and leaves in `live` what that refers to.
  ///
  /// - Returns: Where in `live` it stood.
  @discardableResult
  private mutating func identify() -> [Int] {
    var codec = StateCodec(
      readingAt: run.now,
      bases: Dictionary(uniqueKeysWithValues: zip(tags, live)))
    codec.loopsBringSettings = loopsBringSettings
    run.visit(&codec)
    let sources = codec.tags.compactMap { tags.firstIndex(of: $0) }
    state =
      codec.isComplete
      ? ReuseMemo.State(
        core: memo.number(of: codec.words), matmul: memo.number(of: codec.parked[0]),
        conv: memo.number(of: codec.parked[1])) : nil
    live = sources.map { live[$0] }
    tags = codec.tags
    return sources
  }
}
