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
  /// The unroller that ran last: 0 that of matmuls, 1 that of convolutions.
  private var lastUnroller = 0
  /// Cycles that were gone over without simulating them.
  private(set) var reusedCycles = 0

  var timing: TimingRun<NullObserver> { run }
  var stopsAtWrongResults: Bool {
    get { run.stopsAtWrongResults }
    set { run.stopsAtWrongResults = newValue }
  }

  /// Tags kept free for the pages of a state, which are six at most: what each engine of the DMA looks up,
  /// last had and asks for.
  private static let pageTags: UInt64 = 6
  /// Tags that an address has room for, but for pages.
  private static let lastTag: UInt64 = 1 << (64 - StateCodec.addressBits) - 1 - pageTags

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
    if next.hasMatmul { lastUnroller = 0 } else if next.hasConv { lastUnroller = 1 }
    let packetMask = UInt64(max(1, machine.config.dma.maxBytes) - 1)
    var key = ReuseMemo.Key(
      core: state.core, matmul: .unmet, conv: .unmet, isForTheseHalves: true,
      alignment: live.map { $0 & packetMask }, words: next.words)
    if next.hasMatmul || state.matmul == .nothing { key.matmul = state.matmul }
    if next.hasConv || state.conv == .nothing { key.conv = state.conv }
    let bases = live + next.bases
    if state.halvesAreAlike, !next.tellsHalvesApart {
      let frame = key.frame
      if let transition = memo.transition(
        key.seen(from: frame), bases: bases, scalerTurn: state.scalerTurn)
      {
        return reuse(transition, for: next, bases, from: state, key, frame)
      }
    }
    if let transition = memo.transition(key, bases: bases, scalerTurn: state.scalerTurn) {
      return reuse(transition, for: next, bases, from: state, key, [])
    }
    try simulate(next, from: state, key)
  }

  /// - Parameter frame: The halves that are exchanged in the transition.
  private mutating func reuse(
    _ transition: ReuseMemo.Transition, for next: CommandBlock, _ bases: [UInt64],
    from state: ReuseMemo.State, _ key: ReuseMemo.Key, _ frame: HalfSwap
  ) {
    for case .host(let work) in next.steps { run.charge(work) }
    run.advance(transition.effect)
    live = transition.sources.map { $0.base(bases) }
    var after = transition.next.seen(from: frame)
    if key.matmul == .unmet { after.matmul = state.matmul }
    if key.conv == .unmet { after.conv = state.conv }
    after.scalerTurn = transition.turnChange.turn(after: state.scalerTurn)
    self.state = after
    isBehind = true
    reusedCycles += transition.effect.cycles
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
    let parts = [state.matmul, state.conv]
    var codec = StateCodec(
      setting: memo.words[state.core.words], parked: parts.map { memo.words[$0.words] },
      at: run.now,
      tags: tags, bases: Dictionary(uniqueKeysWithValues: zip(tags, live)), halves: machine.halves,
      swap: state.core.swap ?? [], parkedSwaps: parts.map { $0.swap ?? [] })
    codec.loopsBringSettings = loopsBringSettings
    codec.scalerTurn = state.scalerTurn
    run.visit(&codec)
    precondition(codec.isComplete && codec.isAtEnd, "a state does not fit the machine")
  }

  // MARK: Simulation

  private mutating func simulate(
    _ next: CommandBlock, from start: ReuseMemo.State, _ key: ReuseMemo.Key
  ) throws(SimulationError) {
    if nextTag + UInt64(next.bases.count) > Self.lastTag { isBehind = true }
    catchUp()
    let firstTag = nextTag
    nextTag += UInt64(next.bases.count)
    let before = run.mark()
    let toldApart = run.accelerator.halvesToldApart
    let scalerGrants = run.accelerator.moveIn.scalerGrants
    run.accelerator.beginLookups(run.now)
    for step in next.tagged(from: firstTag) { try run.take(step) }
    live += next.bases
    tags += next.bases.indices.map { firstTag + UInt64($0) }
    let lookups = run.accelerator.endLookups(run.now, tags: tags, bases: live)
    let sources = identify()
    // A warning names a cycle: what gives one is run every time.
    guard let after = state, let lookups, run.faults == before.faults,
      key.matmul != .unmet || after.matmul == start.matmul,
      key.conv != .unmet || after.conv == start.conv
    else { return }
    // What told no half from the other is the same with the halves exchanged.
    let isAlike = start.halvesAreAlike && toldApart == run.accelerator.halvesToldApart
    let frame = isAlike ? key.frame : []
    let transition = ReuseMemo.Transition(
      effect: run.effect(since: before, lookups), next: after.seen(from: frame), sources: sources,
      turnChange: TurnChange(
        from: start.scalerTurn, to: after.scalerTurn,
        isMet: run.accelerator.moveIn.scalerGrants != scalerGrants,
        lanes: run.accelerator.moveIn.scalerLanes))
    memo.add(transition, for: isAlike ? key.seen(from: frame) : key)
  }

  /// Finds the state in which the accelerator is now, and leaves in `live` what that refers to.
  ///
  /// - Returns: What of `live` that comes from.
  @discardableResult
  private mutating func identify() -> [ReuseMemo.Source] {
    // Of any state and the one with exchanged halves the words shall be the same: they are written as if
    // the next loop used the lower halves.
    let unrollers = [run.accelerator.loopMatmul.swap, run.accelerator.loopConv.swap].map {
      $0.intersection(machine.swappableHalves)
    }
    let areAlike = run.accelerator.halvesAreAlike
    let swap = areAlike ? unrollers[lastUnroller] : []
    var codec = StateCodec(
      readingAt: run.now, bases: Dictionary(uniqueKeysWithValues: zip(tags, live)),
      nextTag: nextTag, halves: machine.halves, swap: swap, parkedSwaps: unrollers)
    codec.loopsBringSettings = loopsBringSettings
    run.visit(&codec)
    let sources = codec.tags.compactMap { tag in
      let origin = codec.origin(of: tag)
      return tags.firstIndex(of: origin.tag).map {
        ReuseMemo.Source(index: $0, pageOffset: origin.pageOffset)
      }
    }
    nextTag = codec.nextTag
    let parked = zip(codec.parked, unrollers).map { words, swap in
      words.isEmpty
        ? ReuseMemo.Part.nothing : ReuseMemo.Part(words: memo.number(of: words), swap: swap)
    }
    let core = ReuseMemo.Part(
      words: memo.number(of: codec.words), swap: codec.namesHalves ? swap : nil)
    state =
      codec.isComplete
      ? ReuseMemo.State(
        core: core, matmul: parked[0], conv: parked[1], halvesAreAlike: areAlike,
        scalerTurn: codec.scalerTurn) : nil
    live = sources.map { $0.base(live) }
    tags = codec.tags
    return sources
  }
}
