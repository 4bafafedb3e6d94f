import SystolicCore

/// The machine's timing state, and what happens in a cycle.
///
/// One value made of units that hold no references to each other: each gets what it may see and
/// touch as arguments. Read `tick` first; Docs/Architecture.md has the picture.
struct Accelerator: Sendable {
  let machine: Machine

  // The command path (facts 5).
  var raw = Queue<UnrolledCommand>(depth: 2)
  var loopConv: LoopConv
  var loopMatmul: LoopMatmul
  var unrolled = Queue<UnrolledCommand>(depth: 2)
  var station: ReservationStation

  // The controllers (facts 6).
  var load: LoadController
  var execute: ExecuteController
  var store: StoreController
  /// This project's own (Docs/NonlinearUnit.md).
  var nonlinear: NonlinearUnit

  // The array, the banks and the ways between them and main memory (facts 7, 8, 9).
  var mesh: MeshTiming
  var scratchpad: ScratchpadPorts
  var accumulator: [AccumulatorBankTiming]
  var moveIn: MoveInPath
  var moveOut: MoveOutPath
  var readIssue: Queue<ReadRequest>
  var reader: StreamReader
  var merger: BeatMerger
  var writer: StreamWriter
  var translation = Translation()
  /// What the engines ask of `translation`, where a run wants to know.
  var lookups: LookupLog?
  private var lookupSpace = LookupLog.Space()
  private var loadOrder: LoadOrder
  var bus: SystemBus

  /// Commands of the host that tell the halves of the local memories apart.
  private var halvesNamed = 0
  /// `halvesToldApart` when nothing was under way.
  private var halvesToldApartBefore = 0

  /// Last cycle in which a counter command acted.
  var lastCounter: Cycle = -2

  /// The command that entered the reservation station this cycle.
  var allocated: UnrolledCommand?
  /// Nothing in the front end can move before its input or the station changes.
  var frontEndRests = false
  /// The command at the head found its class of the reservation station full this cycle.
  var isAllocationBlocked = false
  /// The row of results that left the array this cycle.
  private(set) var meshOutput: MeshResponse?
  /// Commands of each unroller that left the reservation station this cycle.
  var completions = (matmul: CompletionCounts(), conv: CompletionCounts())
  var hasCompletions = false
  /// What the array wrote this cycle.
  private(set) var executeWrite: ExecuteWrite?
  /// The reason of each unit in the cycle that has just run.
  private(set) var activities = Activities()
  /// Something that the hardware gets wrong or forbids (corrections C3...C7).
  private(set) var fault: TimingFault?

  /// Creates an idle machine.
  init(_ machine: Machine) {
    self.machine = machine
    let config = machine.config
    loadOrder = LoadOrder(machine)
    loopConv = LoopConv(machine)
    loopMatmul = LoopMatmul(machine)
    station = ReservationStation(machine)
    load = LoadController(machine)
    execute = ExecuteController(machine)
    store = StoreController(machine)
    nonlinear = NonlinearUnit(machine)
    mesh = MeshTiming(
      meshRows: config.array.meshRows, meshColumns: config.array.meshColumns,
      tileRows: config.array.tileRows, tileColumns: config.array.tileColumns,
      tileLatency: config.array.tileLatency, outputDelay: config.array.outputDelay)
    scratchpad = ScratchpadPorts(
      singlePorted: config.scratchpad.singlePorted,
      pipelineStages: config.scratchpad.readPipelineStages,
      queueDepth: config.scratchpad.readDelay)
    accumulator = Array(
      repeating: AccumulatorBankTiming(
        latency: config.accumulator.latency, singlePorted: config.accumulator.singlePorted,
        subBanks: config.accumulator.subBanks),
      count: config.accumulator.banks)
    moveIn = MoveInPath(
      dim: machine.dim, scratchpadRows: machine.scratchpadRows,
      scratchpadBankRows: machine.scratchpadBankRows,
      accumulatorBankRows: machine.accumulatorBankRows, scaleUnits: config.moveIn.scaleUnits,
      scaleLatency: config.moveIn.scaleLatency, queueDepth: config.moveIn.queueDepth,
      hasRepeater: config.features.firstLayerOptimizations)
    moveOut = MoveOutPath(
      dim: machine.dim, readDelay: config.scratchpad.readDelay,
      scaleUnits: config.moveOut.scaleUnits, scaleLatency: config.moveOut.scaleLatency,
      scratchpadBanks: config.scratchpad.banks, scratchpadBankRows: machine.scratchpadBankRows,
      accumulatorBankRows: machine.accumulatorBankRows,
      hasNormalizer: config.features.normalizations)
    readIssue = Queue(depth: config.scratchpad.readDelay + 1, kind: .pipe)
    reader = StreamReader(
      maxInFlight: config.dma.maxInFlight, alignedTo: config.dma.alignedTo,
      beatBytes: machine.beatBytes, maxBytes: config.dma.maxBytes, rowBytes: machine.dim,
      fullRowBytes: machine.dim * 4)
    merger = BeatMerger(
      beatBytes: machine.beatBytes, rowBytes: machine.dim, fullRowBytes: machine.dim * 4)
    writer = StreamWriter(
      maxInFlight: config.dma.maxInFlight, alignedTo: config.dma.alignedTo,
      beatBytes: machine.beatBytes, maxBytes: config.dma.maxBytes, blockBytes: machine.dim)
    bus = SystemBus(
      memory: MemorySystem(
        latency: config.memory.latency, bytesPer10Cycles: config.memory.bytesPer10Cycles,
        maxOutstanding: config.memory.maxOutstanding, cache: machine.cache,
        beatBytes: machine.beatBytes),
      beatBytes: machine.beatBytes, maxInFlight: config.dma.maxInFlight)
  }

  /// What a fence waits for (facts 5.6).
  var isBusy: Bool {
    !raw.isEmpty || loopConv.isBusy || loopMatmul.isBusy || !unrolled.isEmpty || station.isBusy
      || writer.isBusy || reader.isBusy || moveOut.isBusy
  }

  /// One cycle: consumers before producers, in the order of the hardware's combinational paths.
  ///
  /// - Returns: Whether anything moved.
  mutating func tick<O: Observer>(_ now: Cycle, _ observer: inout O) -> Bool {
    if O.watchesCycles { forgetEvents() }
    let freeReads = machine.config.dma.maxInFlight - reader.inFlight
    let executeIsWaiting = execute.isWaiting
    let executeHadPending = execute.hasPending
    station.begin()
    mesh.begin(now)
    let inProgress = mesh.entriesInProgress > 0
    scratchpad.begin()

    var (moved, executeCompletes) = takeResults(now)
    let (movedData, loadReturn) = moveData(now, freeReads: freeReads)
    moved = movedData || moved
    moved = execute.feed(now, mesh: &mesh, scratchpad: &scratchpad) || moved
    let nonlinearRuns = nonlinear.isActive
    if nonlinearRuns {
      moved =
        nonlinear.tick(now, scratchpad: &scratchpad, accumulator: &accumulator) || moved
    }
    moved = scratchpad.settle(now) || moved
    let (configCompletes, fetched) = execute.fetch(
      now, mesh: &mesh, inProgress: inProgress, isWaiting: executeIsWaiting,
      hadPending: executeHadPending, scratchpad: &scratchpad)
    moved = fetched || moved
    if let found = execute.takeFault() { fault = found }
    if let configCompletes { executeCompletes = configCompletes }
    var rowRead: Int?
    if !moveOut.dispatch.isEmpty {
      rowRead = moveOut.readNextRow(now, scratchpad: &scratchpad, accumulator: &accumulator)
      moved = rowRead != nil || moved
    }
    if nonlinearRuns {
      nonlinear.fetch(now, scratchpad: &scratchpad, accumulator: &accumulator)
    }
    if machine.config.accumulator.singlePorted {
      for bank in accumulator.indices {
        moved = accumulator[bank].settle(now) || moved
        if accumulator[bank].hasOverflowed {
          fault = .accumulatorWritesPileUp(bank: bank, cycle: now)
        }
      }
    }

    moved =
      runControllers(
        now, executeCompletes: executeCompletes, loadReturn: loadReturn, rowRead: rowRead,
        &observer) || moved
    if bus.answersFrom <= now || bus.holdsResponse { moved = bus.advanceResponses(now) || moved }
    activities = Activities(
      load: load.activity, execute: execute.activity, store: store.activity,
      nonlinear: nonlinear.activity,
      reader: ReaderActivity(reader.stall, isBusy: reader.inFlight > 0),
      writer: WriterActivity(writer.stall, isBusy: writer.inFlight > 0))
    if O.watchesCycles { observer.cycleEnded(self, now) }
    return moved
  }

  /// Clears what units show of the last cycle: those that hold nothing are not run in the next.
  private mutating func forgetEvents() {
    bus.forgetEvents()
    moveIn.forgetEvents()
    moveOut.forgetEvents()
  }

  /// The ways between main memory and the banks, up to the banks' ports. A unit that holds
  /// nothing and is given nothing is left alone: its cycle would change nothing.
  private mutating func moveData(_ now: Cycle, freeReads: Int)
    -> (moved: Bool, loadReturn: LoadReturn?)
  {
    var moved = false
    var loadReturn: LoadReturn?
    if bus.holdsRequest || !bus.readerRequests.isEmpty || !bus.writerRequests.isEmpty {
      moved = bus.advanceRequests(now)
    }
    if moveIn.isActive || merger.isActive || !bus.readerResponses.isEmpty {
      let step = moveIn.tick(
        now, executeWrite: executeWrite, scratchpad: &scratchpad, accumulator: &accumulator,
        merger: &merger, reader: &reader, responses: &bus.readerResponses)
      moved = step.moved || moved
      loadReturn = step.loadReturn
      if moveIn.scalerWrite != nil { noteOrder(moveIn.scalerWrite, now) }
      if moveIn.fullWidthWrite != nil { noteOrder(moveIn.fullWidthWrite, now) }
      if moveIn.zeroWrite != nil { noteOrder(moveIn.zeroWrite, now) }
    }
    let readerRuns = reader.isActive || !readIssue.isEmpty
    let writerRuns = writer.isActive || !bus.writerResponses.isEmpty
    if readerRuns || writerRuns || translation.isActive {
      let misses = translation.answer()
      let asks = (writer: writer.asksTranslation, reader: reader.asksTranslation)
      if readerRuns {
        moved =
          reader.tick(
            now, issueQueue: &readIssue, bus: &bus, misses: misses.readerMisses,
            freeAtStart: freeReads) || moved
      }
      if writerRuns { moved = writer.tick(now, bus: &bus, misses: misses.writerMisses) || moved }
      moved =
        translation.lookUp(
          writer: writer.lookup.address, leaves: writer.lookup.leaves,
          reader: reader.lookup.address, leaves: reader.lookup.leaves) || moved
      if lookups != nil, readerRuns || writerRuns {
        lookups?.append(
          now, writer: writer.lookup, reader: reader.lookup, misses: misses,
          asked: (writerRuns && asks.writer, readerRuns && asks.reader))
      }
    }
    if moveOut.isActive {
      moved =
        moveOut.tick(now, writer: &writer, scratchpad: &scratchpad, accumulator: &accumulator)
        || moved
    }
    return (moved, loadReturn)
  }

  /// What was found in the cycle that has just run.
  mutating func takeFault() -> TimingFault? {
    defer { fault = nil }
    return fault
  }

  private mutating func noteOrder(_ write: MoveInWrite?, _ now: Cycle) {
    guard let write, loadOrder.note(write) else { return }
    fault = .loadsSwapped(isAccumulator: write.isAccumulator, row: write.row, cycle: now)
  }

  /// The array's results have the first claim on every write port, and on the completion port.
  private mutating func takeResults(_ now: Cycle) -> (moved: Bool, completes: Int?) {
    executeWrite = nil
    var completes: Int?
    var moved = false
    meshOutput = mesh.response(now)
    if let response = meshOutput {
      (executeWrite, completes) = execute.takeResult(response)
      moved = true
    }
    if let write = executeWrite {
      if write.isAccumulator {
        let row = write.row & (machine.accumulatorBankRows - 1)
        if !accumulator[write.bank].write(row: row, accumulating: write.accumulates, now) {
          fault = .accumulateTooSoon(row: write.row, cycle: now)
        }
      } else {
        scratchpad.write(write.bank)
      }
    }
    if completes == nil, let pending = execute.takePending() {
      completes = pending >= 0 ? pending : nil
      moved = true
    }
    return (moved, completes)
  }

  /// The first cycle after `now` in which something can happen, if nothing moved in `now`.
  ///
  /// Changes nothing; were it not `mutating`, the machine would be copied to ask.
  mutating func nextEvent(after now: Cycle) -> Cycle? {
    // Writes on their way into the accumulator hold reads back for a few cycles.
    if accumulator.contains(where: { $0.isWriting(now) }) { return now + 1 }
    var next: Cycle?
    for event in [
      bus.nextAcceptance, bus.nextResponse, mesh.nextResponse, moveIn.nextEvent,
      moveOut.nextEvent,
    ] {
      if let event, event > now { next = min(next ?? event, event) }
    }
    return next
  }
}

// MARK: State

extension Accelerator {
  /// Keeps the tags of addresses, which tell what each was computed from (`StateCodec`).
  mutating func keepTags() {
    loopConv.keepTags()
    loopMatmul.keepTags()
  }

  /// Begins to note what the engines ask of `translation`.
  mutating func beginLookups(_ now: Cycle) {
    lookups = LookupLog(
      translation, writer: writer.lookup.address, reader: reader.lookup.address, at: now,
      in: &lookupSpace)
  }

  /// What they have asked; `nil` if an address comes from nowhere.
  mutating func endLookups(_ now: Cycle, tags: [UInt64], bases: [UInt64]) -> LookupLog? {
    defer { lookups = nil }
    let isComplete = lookups?.end(translation, at: now, tags: tags, bases: bases)
    lookups?.free(&lookupSpace)
    return isComplete == true ? lookups : nil
  }

  /// How often something has told the halves of a memory apart.
  var halvesToldApart: Int {
    halvesNamed &+ station.halvesCrossed &+ loopMatmul.halvesLeft &+ loopConv.halvesLeft
  }

  /// Whether nothing under way tells the halves of the local memories apart: with the halves exchanged the
  /// machine does the same in the same time (Docs/Reuse.md, "Halves").
  var halvesAreAlike: Bool { halvesToldApart == halvesToldApartBefore }

  /// Sees a command of the host.
  mutating func noteHalves(of command: Command) {
    if command.tellsHalvesApart { halvesNamed &+= 1 }
  }

  /// Sees a fence complete: but for a lone preload, for which none waits, nothing is under way.
  mutating func forgetHalves() {
    if station.isEmpty { halvesToldApartBefore = halvesToldApart }
  }

  /// Whether a command that `unit` takes waits in front of the unrollers.
  private func isWaiting(_ unit: (Command) -> Bool) -> Bool {
    for queue in [raw, loopConv.input, loopMatmul.input] {
      for place in 0..<queue.count {
        if let waiting = queue[place], unit(waiting.command) { return true }
      }
    }
    return false
  }

  /// All that decides what happens from the next cycle on, and nothing else: running totals, what
  /// observers see and wires of the cycle that is over are left out.
  mutating func visit(_ codec: inout StateCodec) {
    // First who gives names and numbers: the station to entries, the load controller to loads, the
    // bus to transactions. Last who wrote which row.
    station.visit(&codec)
    load.visit(&codec)
    bus.visit(&codec)
    raw.visit(&codec, .none) { $0.visit(&$1) }
    loopConv.visitInput(&codec)
    loopMatmul.visitInput(&codec)
    loopConv.visit(&codec, mayPark: !isWaiting(LoopConv.takes))
    loopMatmul.visit(&codec, mayPark: !isWaiting(LoopMatmul.takes))
    unrolled.visit(&codec, .none) { $0.visit(&$1) }
    execute.visit(&codec)
    store.visit(&codec)
    if machine.config.features.nonlinearUnit { nonlinear.visit(&codec) }
    mesh.visit(&codec)
    scratchpad.visit(&codec)
    for index in accumulator.indices {
      accumulator[codec.bank(at: index, isAccumulator: true)].visit(&codec)
    }
    moveIn.visit(&codec)
    moveOut.visit(&codec)
    readIssue.visit(&codec, .none) { $0.visit(&$1) }
    reader.visit(&codec)
    merger.visit(&codec)
    writer.visit(&codec)
    translation.visit(&codec)
    codec.past(&lastCounter, for: 1)
    codec.flag(&frontEndRests)
    loadOrder.visit(&codec)
    var areAlike = halvesAreAlike
    codec.flag(&areAlike)
    if codec.isRestoring { halvesToldApartBefore = halvesToldApart - (areAlike ? 0 : 1) }
  }
}
