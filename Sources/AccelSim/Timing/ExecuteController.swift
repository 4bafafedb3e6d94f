import SystolicCore

/// Feeds the array: finds the next operation, fetches its operand rows, writes its results
/// (facts 6.4).
struct ExecuteController: Sendable {
  enum State: UInt8, Sendable { case waiting, compute, flush, flushing }

  var unroller: PreloadUnroller
  var queue: Queue<ExecuteCommand>
  var state = State.waiting
  /// The operation whose rows are being fetched; meaningful while `isOperating`.
  var operation = ExecuteOperation()
  var isOperating = false
  var controlQueue: Queue<ControlEntry>
  /// Requests of the operations whose first operands stand in the control queue.
  var requests: Queue<PendingRequest>

  /// Before any config_ex a machine of both dataflows is output-stationary: its register is 0
  /// (facts 1.1, E 4).
  var isOutputStationary: Bool
  private var aTransposed = false
  private var bTransposed = false
  private var aStride = 0
  var cStride = 1

  /// Rows of the result at hand that have left the array.
  private var outputRow = 0
  /// Entries to complete when the port is free; -1 is none.
  var pendingFirst = -1
  var pendingSecond = -1

  let machine: Machine
  let layout: LocalAddressLayout
  let dim: Int
  private let hazardsArePossible: Bool
  let bankShift: Int
  let bankMask: Int
  /// Mask of a row number in a local address.
  let rowNumberMask: Int

  /// Whether the array does what the program order says.
  var watch = ArrayWatch()
  /// Something that the hardware gets wrong, found this cycle.
  var fault: TimingFault?

  /// Reason of the last cycle.
  var activity = ExecuteActivity.idle
  /// The operation that the array took last, and whether that was in the last tick.
  private var request = MeshRequest.none
  private var takesRequest = false
  /// The operation that the array took in the last tick, for observers.
  var requestTaken: MeshRequest? { takesRequest ? request : nil }
  /// The operands that the array took in the last tick, for observers.
  private(set) var operandsTaken = OperandSet()
  /// The operands that asked the scratchpad for a row in the last tick, for observers.
  var rowsAsked = OperandSet()
  /// The operands that went on by a row in the last tick, for observers.
  var rowsFetched = OperandSet()

  init(_ machine: Machine) {
    self.machine = machine
    layout = machine.layout
    dim = machine.dim
    bankShift = machine.scratchpadBankShift
    bankMask = machine.config.scratchpad.banks - 1
    rowNumberMask = Int(machine.layout.dataMask)
    unroller = PreloadUnroller(machine)
    queue = Queue(depth: machine.config.queues.execute)
    controlQueue = Queue(depth: machine.config.scratchpad.readDelay + 1, kind: .pipe)
    requests = Queue(depth: machine.config.scratchpad.readDelay + 1)
    isOutputStationary = machine.config.array.dataflow != .weightStationary
    hazardsArePossible =
      machine.config.features.executeReadsAccumulator
      || machine.config.features.executeWritesScratchpad
  }

  /// Whether commands or results are under way (for counters).
  func isBusy(_ mesh: MeshTiming) -> Bool { !queue.isEmpty || mesh.entriesInProgress > 0 }

  /// Whether the array is offered an operation in the next cycle, for observers.
  var offersRequest: Bool { controlQueue.first?.isFirst ?? (state == .flush) }

  // MARK: Results

  /// Handles the row of results that leaves the array this cycle.
  ///
  /// - Returns: What is written, and the entry that its last row completes.
  @inline(__always)
  mutating func takeResult(_ response: MeshResponse) -> (write: ExecuteWrite?, completed: Int?) {
    guard response.tag.entry >= 0 else { return (nil, nil) }
    let counter = outputRow
    outputRow = counter + 1 == response.totalRows ? 0 : counter + 1
    let completed = response.isLast ? response.tag.entry : nil
    if response.isLast, !watch.unwritten.isEmpty {
      watch.unwritten.removeAll { $0.entry == response.tag.entry }
    }
    let resultRow = isOutputStationary ? response.totalRows - 1 - counter : counter
    guard !response.tag.isGarbage, resultRow < response.tag.rows else { return (nil, completed) }
    let offset =
      isOutputStationary ? response.totalRows - 1 - counter * cStride : counter * cStride
    let address = response.tag.address.advanced(by: offset, layout)
    let row = address.row(layout)
    let write =
      address.isAccumulator
      ? ExecuteWrite(
        isAccumulator: true,
        bank: row >> machine.accumulatorBankShift & (machine.config.accumulator.banks - 1),
        row: row, accumulates: address.accumulates)
      : ExecuteWrite(
        isAccumulator: false, bank: row >> bankShift & bankMask, row: row,
        accumulates: false)
    return (write, completed)
  }

  /// The entry that completes this cycle, when no result completes one.
  mutating func takePending() -> Int? {
    if pendingFirst >= 0 {
      defer { pendingFirst = -1 }
      return pendingFirst
    }
    if pendingSecond >= 0 {
      defer { pendingSecond = -1 }
      return pendingSecond
    }
    return nil
  }

  // MARK: Feeding the array

  /// The array's end of the control queue: hands rows over and requests operations.
  ///
  /// - Returns: Whether anything moved.
  mutating func feed(
    _ now: Cycle, mesh: inout MeshTiming, scratchpad: inout ScratchpadPorts
  ) -> Bool {
    takesRequest = false
    operandsTaken = []
    if let entry = controlQueue.first {
      let offered = entry.fires.intersection(mesh.ready)
      let taken = offered.subtracting(entry.missing(from: scratchpad.executeData))
      operandsTaken = taken
      if taken == offered, !entry.isFirst || mesh.canRequest {
        entry.take(taken, &scratchpad, now)
        controlQueue.receive(now)
        if entry.isFirst, !entry.fires.isEmpty, let pending = requests.receive(now) {
          takesRequest = true
          request = pending.request
          noteRequest(pending, mesh, now)
        }
      }
    } else if state == .flush, mesh.canRequest {
      takesRequest = true
      request = MeshRequest(
        tag: .garbage, rows: dim, flush: 1, isOutputStationary: isOutputStationary)
      noteFlush()
    }
    switch state {
    case .flush:
      if takesRequest { state = .flushing }
    case .flushing:
      if mesh.canRequest { state = .waiting }
    case .waiting, .compute: break
    }
    let moved = mesh.advance(now, taking: operandsTaken, takesRequest: takesRequest)
    if takesRequest { mesh.take(request) }
    return moved || takesRequest
  }

  // MARK: Fetching operands

  /// The commands' end: starts or continues an operation and reads operand rows.
  ///
  /// - Parameters:
  ///   - inProgress: A result was on its way when the cycle began.
  ///   - isWaiting: The state machine was not flushing when the cycle began.
  ///   - hadPending: An entry waited for the completion port when the cycle began.
  /// - Returns: The entry that a config completes at once, and whether anything moved.
  mutating func fetch(
    _ now: Cycle, mesh: inout MeshTiming, inProgress: Bool, isWaiting: Bool, hadPending: Bool,
    scratchpad: inout ScratchpadPorts
  ) -> (completed: Int?, moved: Bool) {
    var completed: Int?
    var moved = false
    rowsAsked = []
    rowsFetched = []
    if isWaiting, !isOperating {
      (completed, moved) = choose(now, &mesh, inProgress: inProgress, hadPending: hadPending)
    } else if !isOperating {
      activity = .flush
    }
    if isOperating { moved = fetchRows(now, scratchpad: &scratchpad) || moved }
    if !unroller.queue.isEmpty {
      if queue.canSend(now), let next = unroller.tick(now) {
        queue.send(next)
        moved = true
      } else if unroller.isActive {
        moved = true
      }
    }
    return (completed, moved)
  }

  /// Whether the state machine waits for commands, at the start of a cycle.
  @inline(__always)
  var isWaiting: Bool { state == .waiting || state == .compute }
  /// Whether an entry waits for the completion port, at the start of a cycle.
  @inline(__always)
  var hasPending: Bool { pendingFirst >= 0 || pendingSecond >= 0 }

  /// Rules 1...5 of facts 6.4: the first that matches.
  private mutating func choose(
    _ now: Cycle, _ mesh: inout MeshTiming, inProgress: Bool, hadPending: Bool
  ) -> (completed: Int?, moved: Bool) {
    guard let c0 = queue.first else {
      if inProgress, isOutputStationary {
        state = .flush
        activity = .flush
        return (nil, true)
      }
      activity = inProgress ? .waitsForResults : .idle
      return (nil, false)
    }
    if c0.isConfig, !inProgress, !hadPending {
      if c0.command.rs1 & 3 == 0 { configure(ConfigExecute(c0.command)) }
      queue.receive(now)
      activity = .busy
      return (c0.entry, true)
    }
    if c0.isPreload, let c1 = queue[1] {
      if !hazardsArePossible || !isHazard(&mesh, c0.command.rs1, c1.command.rs1, c1.command.rs2) {
        start(.singlePreload, preload: c0, compute: c1, following: nil, now)
        return (nil, true)
      }
      activity = .hazard
    } else if c0.isCompute {
      if let c1 = queue[1], c1.isPreload, canOverlap(&mesh, c1) {
        start(.overlapped, preload: c1, compute: c0, following: queue[2], now)
        return (nil, true)
      }
      start(.singleCompute, preload: queue[1], compute: c0, following: queue[2], now)
      return (nil, true)
    } else {
      activity = c0.isPreload ? .waitsForCommand : .waitsForResults
    }
    if inProgress, isOutputStationary || c0.isConfig {
      state = .flush
      activity = .flush
      return (nil, true)
    }
    return (nil, false)
  }

  @inline(__always)
  private func isHazard(_ mesh: inout MeshTiming, _ one: UInt64, _ two: UInt64, _ three: UInt64)
    -> Bool
  {
    mesh.hasTag(at: LocalOperand(one).address, layout)
      || mesh.hasTag(at: LocalOperand(two).address, layout)
      || mesh.hasTag(at: LocalOperand(three).address, layout)
  }

  @inline(__always)
  var transposesA: Bool { isOutputStationary ? !aTransposed : aTransposed }
  @inline(__always)
  var transposesB: Bool { isOutputStationary && bTransposed }
  @inline(__always)
  private var transposesD: Bool { !isOutputStationary && bTransposed }

  @inline(__always)
  private func canOverlap(_ mesh: inout MeshTiming, _ preload: ExecuteCommand) -> Bool {
    guard hazardsArePossible || transposesA || transposesB else { return true }
    guard let c2 = queue[2] else { return false }
    return !hazardsArePossible
      || !isHazard(&mesh, preload.command.rs1, c2.command.rs1, c2.command.rs2)
  }

  private mutating func configure(_ config: ConfigExecute) {
    aStride = config.aStride & machine.strideMask
    cStride = config.cStride & machine.strideMask
    guard !config.setOnlyStrides else { return }
    aTransposed = config.aTranspose
    bTransposed = config.bTranspose
    if machine.config.array.dataflow == .both {
      isOutputStationary = !config.isWeightStationary
    }
  }

  /// Begins an operation; its first row is fetched in the same cycle.
  private mutating func start(
    _ kind: ExecuteOperation.Kind, preload: ExecuteCommand?, compute: ExecuteCommand,
    following: ExecuteCommand?, _ now: Cycle
  ) {
    let feedsA: Bool
    let feedsB: Bool
    let feedsD = kind != .singleCompute
    switch kind {
    case .singlePreload: (feedsA, feedsB) = (transposesA, transposesB)
    case .overlapped: (feedsA, feedsB) = (true, true)
    case .singleCompute: (feedsA, feedsB) = (!transposesA, !transposesB)
    }
    // An operand that goes through the transposer belongs to the operation after this one.
    let nextCompute = kind == .singlePreload ? compute : following
    let aSource = (transposesA ? nextCompute : compute)?.command.rs1 ?? 0
    let bSource = (transposesB ? nextCompute : compute)?.command.rs2 ?? 0
    let dSource = preload?.command.rs1 ?? 0
    var a = operand(aSource, isFed: feedsA, isTransposed: aTransposed)
    a.stride = aStride
    let b = operand(bSource, isFed: feedsB, isTransposed: transposesB)
    var d = operand(dSource, isFed: feedsD, isTransposed: transposesD)
    d.isReversed = true
    var rows = dim
    if !isOutputStationary, !d.isReal, !transposesA, !transposesB, !transposesD {
      rows = max(a.isReal ? a.rows : 1, b.isReal ? b.rows : 1, 4)
    }
    var tag = MeshTag.garbage
    if kind != .singleCompute, let preload {
      let result = LocalOperand(preload.command.rs2)
      let isGarbage = result.address.isGarbage(layout)
      tag = MeshTag(
        entry: isGarbage ? -1 : preload.entry, address: result.address, isGarbage: isGarbage,
        rows: result.rows & machine.rowMask)
    }
    operation = ExecuteOperation(
      kind: kind, a: a, b: b, d: d, rows: rows, tag: tag,
      propagates: kind == .singlePreload ? watch.flushPropagates : compute.isFlip)
    isOperating = true
    state = .compute
    noteStart(now)
  }

  @inline(__always)
  private func operand(_ register: UInt64, isFed: Bool, isTransposed: Bool) -> ArrayOperand {
    let local = LocalOperand(register)
    let rows = local.rows & machine.rowMask
    let columns = local.columns & machine.rowMask
    return ArrayOperand(
      isReal: isFed && !local.address.isGarbage(layout),
      isAccumulator: local.address.isAccumulator, start: local.address.row(layout),
      rows: isTransposed ? columns : rows, columns: isTransposed ? rows : columns)
  }
}

// MARK: State

extension ExecuteController {
  mutating func visit(_ codec: inout StateCodec) {
    unroller.visit(&codec)
    queue.visit(&codec, .none) { $0.visit(&$1) }
    codec.choice(&state)
    codec.choice(&operation.kind)
    codec.flag(&isOperating)
    if isOperating { operation.visit(&codec) }
    controlQueue.visit(&codec, ControlEntry()) { $0.visit(&$1) }
    requests.visit(&codec, .none) { $0.visit(&$1) }
    codec.flag(&isOutputStationary)
    codec.flag(&aTransposed)
    codec.flag(&bTransposed)
    codec.integer(&aStride)
    codec.integer(&cStride)
    codec.integer(&outputRow)
    codec.entry(&pendingFirst, of: CommandClass.execute.rawValue)
    codec.entry(&pendingSecond, of: CommandClass.execute.rawValue)
    watch.visit(&codec)
    codec.choice(&activity)
  }
}
