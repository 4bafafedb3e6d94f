import SystolicCore

/// Unrolls loop_conv_ws commands into moves, preloads and computes, one a cycle (facts 5.4).
///
/// Other commands pass through while no loop is being unrolled. The next loop may be configured
/// while the last one is still being unrolled.
struct LoopConv: Sendable {
  /// The unit's input queue; the stage before sends into it when `input.canSend(now)`.
  var input = Queue<UnrolledCommand>(depth: 2)
  /// Whether the last tick changed any register.
  private(set) var moved = false

  private let machine: Machine
  private let encoding: LoopEncoding
  private(set) var loops = LoopSequence()
  private var contexts = InlineArray<2, ConvContext>(repeating: ConvContext())
  private var occupancy: LoopOccupancy
  private var rest = LoopRest()
  private var bias = ConvBiasLoader()
  private var inputLoader = ConvInputLoader()
  private var weights = ConvWeightLoader()
  private var execute = ConvExecute()
  private var store = ConvStore()
  /// Accumulator rows where the next loop's bias, results and stores start.
  private var accumulatorBias = 0
  private var accumulatorExecute = 0
  private var accumulatorStore = 0

  /// Loops that do not fit the halves of their context, and commands whose rows do not lie there
  /// (`LoopEncoding.leavesHalves`).
  private(set) var halvesLeft = 0

  /// Halves of which the next loop uses the upper one.
  var swap: HalfSwap {
    let scratchpad: HalfSwap = loops.head == 0 ? [] : .scratchpad
    return accumulatorBias == 0 ? scratchpad : scratchpad.union(.accumulator)
  }

  /// Creates an idle unroller.
  init(_ machine: Machine) {
    self.machine = machine
    encoding = LoopEncoding(machine)
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
  mutating func wake() { rest = LoopRest() }

  /// A cycle with a loop.
  private mutating func unroll(
    _ now: Cycle, _ outputReady: Bool, _ completed: CompletionCounts
  ) -> UnrolledCommand? {
    let headIsDone = loops.headIsDone
    let idle = idleUnits
    let waiting = waitingForLoads
    let (leaving, command) = outputReady ? choose() : ([], nil)
    if occupancy.release(completed) { moved = true }
    noteIdle(idle)
    step(leaving, idle, waiting)
    if loops.hasOffers, startUnits(idle) { moved = true }
    if let command = input.first, let function = loopFunction(command) {
      configure(function, command, now)
    }
    if headIsDone {
      contexts[loops.head].retire()
      loops.retireHead()
      moved = true
    }
    guard let command else { return nil }
    return UnrolledCommand(command, from: .loopConv)
  }

  /// A cycle without a loop: a plain command passes, a configuration command is taken.
  private mutating func passOrConfigure(
    _ now: Cycle, _ outputReady: Bool, _ completed: CompletionCounts
  ) -> UnrolledCommand? {
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
  @inline(__always)
  private func loopFunction(_ command: UnrolledCommand) -> Function? {
    Self.takes(command.command) ? command.command.function : nil
  }

  private mutating func configure(_ function: Function, _ command: UnrolledCommand, _ now: Cycle) {
    let target = loops.target
    guard !loops[target].configured else { return }
    input.receive(now)
    moved = true
    contexts[target].configure(function, command.command, machine.config.features)
    guard function == .loopConv else { return }
    contexts[target].shape.derive(machine.dim)
    if !contexts[target].shape.fitsHalves(machine) { halvesLeft &+= 1 }
    loops.configure(target)
  }

  // MARK: Output

  /// The command that leaves, and its sub-unit: st before ex, bias, weights, input (facts 5.4).
  @inline(__always)
  private mutating func choose() -> (LoopUnits, Command?) {
    if let command = store.output, occupancy.canStore {
      occupancy.addStore()
      noteHalves(of: command, store.context, accumulator: store.localRow)
      return (.store, command)
    }
    if let command = execute.output, occupancy.canExecute {
      occupancy.addExecute()
      noteHalves(of: command, execute.context, accumulator: execute.startC)
      return (.execute, command)
    }
    guard occupancy.canLoad else { return ([], nil) }
    let unit: LoopUnits
    let output: Command
    if let command = bias.output {
      (unit, output) = (.loadD, command)
      noteHalves(of: command, bias.context, accumulator: bias.localRow)
    } else if let command = weights.output {
      (unit, output) = (.loadB, command)
      noteHalves(of: command, weights.context, accumulator: 0)
    } else if let command = inputLoader.output {
      (unit, output) = (.loadA, command)
      noteHalves(of: command, inputLoader.context, accumulator: 0)
    } else {
      return ([], nil)
    }
    occupancy.addLoad()
    return (unit, output)
  }

  /// Sees a command leave of a loop of `context`, of which the results' region begins at row
  /// `accumulator`.
  @inline(__always)
  private mutating func noteHalves(of command: Command, _ context: Int, accumulator: Int) {
    if encoding.leavesHalves(command, context: context, accumulator: accumulator) {
      halvesLeft &+= 1
    }
  }

  // MARK: Registers

  /// Sub-units that are idle as the cycle begins.
  @inline(__always)
  private var idleUnits: LoopUnits {
    var idle: LoopUnits = []
    if inputLoader.isIdle { idle.insert(.loadA) }
    if weights.isIdle { idle.insert(.loadB) }
    if bias.isIdle { idle.insert(.loadD) }
    if execute.isIdle { idle.insert(.execute) }
    if store.isIdle { idle.insert(.store) }
    return idle
  }

  /// Whether ex has a loop whose loads are not completed: the next loop's loads then wait.
  @inline(__always)
  private var waitingForLoads: Bool {
    let loop = loops[execute.context]
    return loop.started.contains(.execute) && !loop.completed.contains(.execute)
      && !loop.completed.isSuperset(of: .loads)
  }

  /// Marks what idle sub-units have completed.
  @inline(__always)
  private mutating func noteIdle(_ idle: LoopUnits) {
    var news = false
    if idle.contains(.loadA) { news = loops.noteIdle(.loadA, inputLoader.context) || news }
    if idle.contains(.loadB) { news = loops.noteIdle(.loadB, weights.context) || news }
    if idle.contains(.loadD) { news = loops.noteIdle(.loadD, bias.context) || news }
    if idle.contains(.execute) { news = loops.noteIdle(.execute, execute.context) || news }
    if idle.contains(.store) { news = loops.noteIdle(.store, store.context) || news }
    if news { moved = true }
  }

  /// The sub-units' cycle, from what held as it began.
  private mutating func step(_ leaving: LoopUnits, _ idle: LoopUnits, _ waiting: Bool) {
    let context = execute.context
    let loaded =
      (inputLoader.context != context || idle.contains(.loadA))
      && (weights.context != context || idle.contains(.loadB))
      && (bias.context != context || idle.contains(.loadD))
    let computed = context != store.context || idle.contains(.execute)
    var changed = store.step(leaving: leaving.contains(.store), computed: computed, encoding)
    if execute.step(leaving: leaving.contains(.execute), loaded: loaded, encoding) {
      changed = true
    }
    if bias.step(
      leaving: leaving.contains(.loadD), waits: waiting && bias.context != context, encoding,
      machine)
    {
      changed = true
    }
    if weights.step(
      leaving: leaving.contains(.loadB), waits: waiting && weights.context != context, encoding,
      machine)
    {
      changed = true
    }
    if inputLoader.step(
      leaving: leaving.contains(.loadA), waits: waiting && inputLoader.context != context,
      encoding, machine)
    {
      changed = true
    }
    if changed { moved = true }
  }

  // MARK: Requests

  /// Gives loops to the sub-units that were `idle` as the cycle began; returns whether any took
  /// one. Later stages first, so that each decision rests on what had started before this cycle.
  private mutating func startUnits(_ idle: LoopUnits) -> Bool {
    var started = false
    if idle.contains(.store), let context = loops.offer(.store, after: .execute) {
      loops.start(.store, context)
      let loop = contexts[context]
      store.accept(loop, loop.shape, localRow: accumulatorStore, context: context)
      if loop.outputAddress != 0 { accumulatorStore = otherHalf(accumulatorStore) }
      started = true
    }
    if idle.contains(.execute), let context = loops.offer(.execute, after: .loads) {
      loops.start(.execute, context)
      let loop = contexts[context]
      execute.accept(
        loop.shape, startA: inputStart(context), endB: weightEnd(context),
        startC: accumulatorExecute, context: context)
      if loop.outputAddress != 0 { accumulatorExecute = otherHalf(accumulatorExecute) }
      started = true
    }
    if idle.contains(.loadD), let context = loops.offer(.loadD) {
      loops.start(.loadD, context)
      let loop = contexts[context]
      bias.accept(loop, loop.shape, localRow: accumulatorBias, context: context)
      if loop.outputAddress != 0 { accumulatorBias = otherHalf(accumulatorBias) }
      started = true
    }
    if idle.contains(.loadB), let context = loops.offer(.loadB) {
      loops.start(.loadB, context)
      let loop = contexts[context]
      weights.accept(loop, loop.shape, localEnd: weightEnd(context), context: context)
      started = true
    }
    if idle.contains(.loadA), let context = loops.offer(.loadA) {
      loops.start(.loadA, context)
      let loop = contexts[context]
      inputLoader.accept(loop, loop.shape, localRow: inputStart(context), context: context)
      started = true
    }
    return started
  }

  /// First scratchpad row of the input.
  private func inputStart(_ context: Int) -> Int {
    let half = contexts[context].inputHalf
    let rows = machine.scratchpadRows
    return (half == 0 ? context : half - 1) * (rows / 2) & (rows - 1)
  }

  /// Scratchpad row after the weights' last.
  private func weightEnd(_ context: Int) -> Int {
    let half = contexts[context].weightHalf
    return (half == 0 ? context + 1 : half) * (machine.scratchpadRows / 2)
  }

  private func otherHalf(_ row: Int) -> Int { row == 0 ? machine.accumulatorRows / 2 : 0 }
}

// MARK: State

extension LoopConv {
  /// Keeps the tags of addresses, which tell what each was computed from (`StateCodec`).
  mutating func keepTags() {
    for index in contexts.indices { contexts[index].addressMask = .max }
  }

  /// Whether a command is for this unit.
  static func takes(_ command: Command) -> Bool {
    Function.loopConv.rawValue...Function.loopConvConfig6.rawValue ~= command.funct
  }

  mutating func visitInput(_ codec: inout StateCodec) {
    input.visit(&codec, .none) { $0.visit(&$1) }
  }

  /// - Parameter mayPark: No command for this unit waits in front of it.
  mutating func visit(_ codec: inout StateCodec, mayPark: Bool) {
    occupancy.visit(&codec)
    rest.visit(&codec)
    var isParked =
      mayPark && codec.loopsBringSettings && !loops.anyConfigured && idleUnits == .all
      && contexts[0].settings == 0 && contexts[1].settings == 0
    codec.flag(&isParked)
    if isParked { codec.beginParked(1) }
    visitRegisters(&codec)
    if isParked { codec.endParked(1) }
  }

  private mutating func visitRegisters(_ codec: inout StateCodec) {
    loops.visit(&codec)
    for index in contexts.indices { contexts[codec.context(at: index)].visit(&codec) }
    bias.visit(&codec)
    inputLoader.visit(&codec)
    weights.visit(&codec)
    execute.visit(&codec)
    store.visit(&codec)
    codec.row(&accumulatorBias, isAccumulator: true)
    codec.row(&accumulatorExecute, isAccumulator: true)
    codec.row(&accumulatorStore, isAccumulator: true)
  }
}
