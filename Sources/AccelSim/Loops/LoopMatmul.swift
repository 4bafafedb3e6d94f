import SystolicCore

/// Unrolls loop_ws commands into moves, preloads and computes, one a cycle (facts 5.2, 5.3).
///
/// Other commands pass through while no loop is being unrolled. The next loop may be configured,
/// and its loads emitted, while the last one is still being unrolled.
struct LoopMatmul: Sendable {
  /// The unit's input queue; the stage before sends into it when `input.canSend(now)`.
  var input = Queue<UnrolledCommand>(depth: 2)
  /// Whether the last tick changed any register.
  private(set) var moved = false

  let machine: Machine
  let encoding: LoopEncoding
  var loops = LoopSequence()
  var contexts: InlineArray<2, MatmulContext>
  private var occupancy: LoopOccupancy
  private var rest = LoopRest()
  /// Sub-units that are idle as the next cycle begins.
  private var idleAtStart: LoopUnits = [
    .loadA, .loadB, .loadD, .execute, .store, .scratchpadStore,
  ]
  /// `manage` has nothing to do as long as the input holds `settledInput` commands.
  private var isSettled = false
  private var settledInput = 0
  /// Whether a command might be emitted, if the output is ready.
  private var mayEmit = true
  var loaderA = MatmulLoader()
  var loaderB = MatmulLoader()
  var loaderD = MatmulLoader()
  var execute = MatmulExecute()
  var store = MatmulStore()
  var scratchpadStore = MatmulStore()
  /// One flag for both contexts, written by RUN (facts 5.2, quirk).
  var isResadd = false
  /// Accumulator rows where the next loop's bias, results and stores start.
  var accumulatorD = 0
  var accumulatorC = 0
  var accumulatorStore = 0

  /// Loops that do not fit the halves of their context, and commands whose rows do not lie there
  /// (`LoopEncoding.leavesHalves`).
  private(set) var halvesLeft = 0

  /// Halves of which the next loop uses the upper one.
  var swap: HalfSwap {
    let scratchpad: HalfSwap = loops.head == 0 ? [] : .scratchpad
    return accumulatorD == 0 ? scratchpad : scratchpad.union(.accumulator)
  }

  /// Creates an idle unroller.
  init(_ machine: Machine) {
    self.machine = machine
    encoding = LoopEncoding(machine)
    contexts = [MatmulContext(machine, index: 0), MatmulContext(machine, index: 1)]
    occupancy = LoopOccupancy(machine.config.reservationStation)
  }

  /// Whether a fence has to wait for this unit: a command waits, or a loop is configured.
  var isBusy: Bool { !input.isEmpty || loops.anyConfigured }

  /// One cycle.
  ///
  /// - Parameters:
  ///   - now: The cycle.
  ///   - outputReady: The next stage can take a command in this cycle.
  ///   - completed: Commands of this unroller that left the reservation station in this cycle.
  /// - Returns: The command that leaves in this cycle, if any.
  mutating func tick(_ now: Cycle, outputReady: Bool, completed: CompletionCounts)
    -> UnrolledCommand?
  {
    moved = false
    guard
      !rest.lasts(outputReady: outputReady, waiting: input.count, completed: completed)
    else { return nil }
    let output =
      loops.anyConfigured
      ? unroll(now, outputReady, completed) : passOrConfigure(now, outputReady, completed)
    rest.note(moved: moved, outputReady: outputReady, waiting: input.count)
    return output
  }

  /// Forgets that nothing changed, so that the next cycle is looked at in full.
  mutating func wake() {
    rest = LoopRest()
    isSettled = false
    mayEmit = true
  }

  /// A cycle with a loop.
  private mutating func unroll(
    _ now: Cycle, _ outputReady: Bool, _ completed: CompletionCounts
  ) -> UnrolledCommand? {
    let output = outputReady && mayEmit ? emit() : nil
    if outputReady { mayEmit = output != nil }
    let released = occupancy.release(completed)
    let idle = idleAtStart
    if output != nil {
      idleAtStart = idleUnits
      if idleAtStart != idle { isSettled = false }
    }
    if !isSettled || input.count != settledInput { manage(idle, now) }
    if output != nil || released { moved = true }
    // What is emitted depends on nothing but these: what emitted nothing need not be asked again.
    mayEmit = mayEmit || moved
    return output
  }

  /// All of a cycle with a loop but its output: loops begin and end, sub-units take them.
  ///
  /// It looks at nothing but what it changes itself, the input, and which sub-units are idle. So
  /// once it has changed nothing it need not be repeated until one of the others changes, and
  /// emitting a command changes neither unless a sub-unit ends with it.
  private mutating func manage(_ idle: LoopUnits, _ now: Cycle) {
    let headIsDone = loops.headIsDone
    moved = false
    noteIdle(idle)
    skipEmpty()
    if loops.hasOffers, startUnits(idle) { moved = true }
    if let command = input.first, let function = loopFunction(command) {
      configure(function, command, now)
    }
    if headIsDone {
      contexts[loops.head].retire()
      loops.retireHead()
      moved = true
    }
    if moved { idleAtStart = idleUnits }
    isSettled = !moved && idleAtStart == idle
    settledInput = input.count
  }

  /// A cycle without a loop: a plain command passes, a configuration command is taken.
  private mutating func passOrConfigure(
    _ now: Cycle, _ outputReady: Bool, _ completed: CompletionCounts
  ) -> UnrolledCommand? {
    isSettled = false
    mayEmit = true
    if occupancy.release(completed) { moved = true }
    guard let command = input.first else { return nil }
    if let function = loopFunction(command) {
      configure(function, command, now)
      return nil
    }
    guard outputReady else { return nil }
    moved = true
    return input.receive(now)
  }

  /// The function of a command that is for this unit.
  private func loopFunction(_ command: UnrolledCommand) -> Function? {
    switch command.command.funct {
    case Function.loopMatmul.rawValue...Function.loopMatmulStridesDC.rawValue:
      command.command.function
    case Function.loopMatmulScratchpadAB.rawValue...Function.loopMatmulScratchpadC.rawValue:
      machine.config.features.storeToScratchpad ? command.command.function : nil
    default: nil
    }
  }

  private mutating func configure(_ function: Function, _ command: UnrolledCommand, _ now: Cycle) {
    let target = loops.target
    guard !loops[target].configured else { return }
    input.receive(now)
    moved = true
    contexts[target].configure(function, command.command, machine)
    guard function == .loopMatmul else { return }
    let rs2 = command.command.rs2
    loops.configure(target, skipping: LoopUnits(rawValue: UInt8(LoopMath.bits(rs2, 3, 5))))
    isResadd = rs2 >> 2 & 1 != 0
    if !contexts[target].fitsHalves(machine) { halvesLeft &+= 1 }
  }

  // MARK: Output

  /// The command of the sub-unit with the highest priority: stC, ex, ldD, ldA or ldB, stC_spad
  /// (facts 5.2, Arbitration).
  @inline(__always)
  private mutating func emit() -> UnrolledCommand? {
    if occupancy.canStore, isOffering(store) {
      occupancy.addStore()
      return leave(store.emit(encoding), store.context, accumulator: store.request.localRow)
    }
    if occupancy.canExecute, execute.isOffering(loaderA, loaderB, loaderD) {
      occupancy.addExecute()
      let request = execute.request
      return leave(execute.emit(encoding), request.context, accumulator: request.startC)
    }
    if occupancy.canLoad, let command = emitLoad() {
      occupancy.addLoad()
      return command
    }
    if occupancy.canStore, isOffering(scratchpadStore) {
      occupancy.addStore()
      return leave(scratchpadStore.emit(encoding), scratchpadStore.context, accumulator: 0)
    }
    return nil
  }

  private mutating func emitLoad() -> UnrolledCommand? {
    if loaderD.isOffering {
      return leave(loaderD.emit(encoding), loaderD.context, accumulator: loaderD.request.localRow)
    }
    if choosesA {
      guard loaderA.isOffering else { return nil }
      return leave(loaderA.emit(encoding), loaderA.context, accumulator: loaderA.request.localRow)
    }
    guard loaderB.isOffering else { return nil }
    return leave(loaderB.emit(encoding), loaderB.context, accumulator: loaderB.request.localRow)
  }

  /// A command of a loop of `context`, of which the results' region begins at row `accumulator`.
  @inline(__always)
  private mutating func leave(_ command: Command, _ context: Int, accumulator: Int)
    -> UnrolledCommand
  {
    if encoding.leavesHalves(command, context: context, accumulator: accumulator) {
      halvesLeft &+= 1
    }
    return UnrolledCommand(command, from: .loopMatmul)
  }

  /// Whether ldA, not ldB, has the turn; the other does not get it even if this one is not ready.
  @inline(__always) private var choosesA: Bool {
    let sameLoop = loaderA.context == loaderB.context
    let forcesB = !sameLoop && loaderB.context == loops.head
    if isResadd {
      if sameLoop && !loaderA.isIdle { return true }
      if forcesB || loaderA.isIdle { return false }
    } else if !sameLoop {
      return !forcesB
    }
    if loaderA.isIdle { return false }
    if loaderB.isIdle { return true }
    let (a, b) = (loaderA.walk, loaderB.walk)
    return !(a.slow > b.slow || (b.slow == 0 && b.fast == 0))
  }

  @inline(__always) private func isOffering(_ unit: MatmulStore) -> Bool {
    guard !unit.isIdle else { return false }
    let bDone = loaderB.context != unit.context || loaderB.isIdle
    if isResadd {
      let aDone = loaderA.context != unit.context || loaderA.isIdle
      // stC_spad is not wired to the loads: it looks at the idle execute unit.
      if unit.request.scratchpadRow == nil {
        let walk = loaderB.walk
        return unit.isOffering(done: aDone && bDone, i: walk.slow, j: walk.fast, k: 0)
      }
    }
    let done = execute.context != unit.context || execute.isIdle
    return unit.isOffering(done: done, i: execute.i, j: execute.j, k: execute.k)
  }

  // MARK: Registers

  /// Sub-units that are idle as the cycle begins.
  @inline(__always) private var idleUnits: LoopUnits {
    var idle: LoopUnits = []
    if loaderA.isIdle { idle.insert(.loadA) }
    if loaderB.isIdle { idle.insert(.loadB) }
    if loaderD.isIdle { idle.insert(.loadD) }
    if execute.isIdle { idle.insert(.execute) }
    if store.isIdle { idle.insert(.store) }
    if scratchpadStore.isIdle { idle.insert(.scratchpadStore) }
    return idle
  }

  /// Marks what idle sub-units have completed.
  private mutating func noteIdle(_ idle: LoopUnits) {
    var news = false
    if idle.contains(.loadA) { news = loops.noteIdle(.loadA, loaderA.context) || news }
    if idle.contains(.loadB) { news = loops.noteIdle(.loadB, loaderB.context) || news }
    if idle.contains(.loadD) { news = loops.noteIdle(.loadD, loaderD.context) || news }
    if idle.contains(.execute) { news = loops.noteIdle(.execute, execute.context) || news }
    let context = store.context
    if idle.contains(.store), !contexts[context].storesToScratchpad {
      news = loops.noteIdle(.store, context) || news
    }
    let other = scratchpadStore.context
    if idle.contains(.scratchpadStore), contexts[other].storesToScratchpad {
      news = loops.noteIdle(.store, other) || news
    }
    if news { moved = true }
  }

  /// Sub-units with nothing to do go back to idle a cycle after they were started.
  private mutating func skipEmpty() {
    if loaderA.isSkipping {
      loaderA.skip()
      moved = true
    }
    if loaderB.isSkipping {
      loaderB.skip()
      moved = true
    }
    if loaderD.isSkipping {
      loaderD.skip()
      moved = true
    }
    if execute.isSkipping {
      execute.skip()
      moved = true
    }
    if store.isSkipping {
      store.skip()
      moved = true
    }
  }
}

// MARK: State

extension LoopMatmul {
  /// Keeps the tags of addresses, which tell what each was computed from (`StateCodec`).
  mutating func keepTags() {
    for index in contexts.indices { contexts[index].addressMask = .max }
  }

  /// Whether a command is for this unit, on machines with every feature.
  static func takes(_ command: Command) -> Bool {
    Function.loopMatmul.rawValue...Function.loopMatmulStridesDC.rawValue ~= command.funct
      || Function.loopMatmulScratchpadAB.rawValue...Function.loopMatmulScratchpadC.rawValue
        ~= command.funct
  }

  mutating func visitInput(_ codec: inout StateCodec) {
    input.visit(&codec, .none) { $0.visit(&$1) }
  }

  /// - Parameter mayPark: No command for this unit waits in front of it.
  mutating func visit(_ codec: inout StateCodec, mayPark: Bool) {
    occupancy.visit(&codec)
    rest.visit(&codec)
    idleAtStart.visit(&codec)
    codec.flag(&isSettled)
    if isSettled { codec.integer(&settledInput) }
    codec.flag(&mayEmit)
    var isParked =
      mayPark && codec.loopsBringSettings && !loops.anyConfigured && idleUnits.isSuperset(of: .all)
      && idleUnits.contains(.scratchpadStore) && contexts[0].settings == 0
      && contexts[1].settings == 0
    codec.flag(&isParked)
    if isParked { codec.beginParked(0) }
    visitRegisters(&codec)
    if isParked { codec.endParked(0) }
  }

  private mutating func visitRegisters(_ codec: inout StateCodec) {
    loops.visit(&codec)
    for index in contexts.indices { contexts[codec.context(at: index)].visit(&codec) }
    loaderA.visit(&codec)
    loaderB.visit(&codec)
    loaderD.visit(&codec)
    execute.visit(&codec)
    store.visit(&codec)
    // Which context it served last is asked only where a loop stores to the scratchpad.
    var storesToScratchpad =
      !scratchpadStore.isIdle || contexts[0].storesToScratchpad || contexts[1].storesToScratchpad
    codec.flag(&storesToScratchpad)
    if storesToScratchpad { scratchpadStore.visit(&codec) }
    codec.flag(&isResadd)
    codec.row(&accumulatorD, isAccumulator: true)
    codec.row(&accumulatorC, isAccumulator: true)
    codec.row(&accumulatorStore, isAccumulator: true)
  }
}
