import SystolicCore

/// Turns each mvin into one request a row (facts 6.2).
struct LoadController: Sendable {
  private enum State: UInt8, Sendable { case waiting, waitingForDMA, sending }

  private struct LoadState: Sendable {
    var stride: UInt64 = 0
    var isScaled = false
    var shrinks = false
    var blockStride = 0
    var pixelRepeats = 1
  }

  /// What the rows of a mvin have in common.
  private struct CurrentLoad: Sendable {
    var memoryAddress: UInt64 = 0
    var stride: UInt64 = 0
    var address = LocalAddress(bits: 0)
    var isZero = false
    var rows = 0
    var columns = 0
    var byteCount = 0
    var destination = RowDestination(
      row: 0, blockStride: 0, isAccumulator: false, accumulates: false, isFullWidth: false,
      isScaled: false, repeats: 0, pixelRepeats: 1, commandSlot: 0)
  }

  /// Commands from the reservation station.
  var queue: Queue<IssuedCommand>
  private var state = State.waiting
  private var row = 0
  /// The mvin whose rows are being sent; meaningful outside `waiting`.
  private var current = CurrentLoad()
  /// Running number of the mvin at hand.
  private var order: UInt32 = 0
  private var loadStates = [LoadState(), LoadState(), LoadState()]
  private(set) var tracker: CommandTracker
  private let machine: Machine
  private let columnMask: Int
  private let rowMask: Int

  /// Elements scaled on their way in, by a scale other than 1.0, counted as their rows are sent.
  private(set) var requantisedElements = 0
  /// Reason of the last cycle.
  private(set) var activity = LoadActivity.idle
  /// The row request accepted in the last tick, for observers.
  private(set) var acceptedRow: LoadRow?
  /// What the move-in path reported in the last tick, for observers.
  private(set) var reported: LoadReturn?

  init(_ machine: Machine) {
    self.machine = machine
    queue = Queue(depth: machine.config.queues.load)
    tracker = CommandTracker(slots: machine.commandsInFlight)
    columnMask = machine.moveInColumnMask
    rowMask = machine.rowMask
  }

  /// Whether a command or its data is under way.
  var isBusy: Bool { !queue.isEmpty || tracker.isBusy }

  /// The last tick changed nothing, and the next one will not either without a new command or one
  /// of the answers that it is given: nothing waits for the DMA to have room.
  private(set) var rests = false

  /// Takes a command from the reservation station.
  mutating func accept(_ command: IssuedCommand) {
    queue.send(command)
    rests = false
  }

  /// One cycle. `completes` says that the slot offered at its start is completed in it.
  mutating func tick(
    _ now: Cycle, issueQueue: inout Queue<ReadRequest>, moveIn: inout MoveInPath,
    loadReturn: LoadReturn?, completing: Int?
  ) -> Bool {
    var moved = false
    acceptedRow = nil
    reported = loadReturn
    let canAllocate = tracker.canAllocate
    if state != .waiting {
      moved = send(now, &issueQueue, &moveIn)
    } else if let head = queue.first {
      moved = step(head, now, &issueQueue, &moveIn, canAllocate: canAllocate)
    } else {
      activity = tracker.isBusy ? .waitsForMemory : .idle
    }
    if let loadReturn {
      tracker.subtract(loadReturn.byteCount, from: loadReturn.commandSlot)
      moved = true
    }
    if let completing {
      tracker.complete(completing)
      moved = true
    }
    rests = !moved && activity != .waitsForDMA
    return moved
  }

  private mutating func step(
    _ head: IssuedCommand, _ now: Cycle, _ issueQueue: inout Queue<ReadRequest>,
    _ moveIn: inout MoveInPath, canAllocate: Bool
  ) -> Bool {
    if head.command.funct == Function.config.rawValue {
      configure(ConfigLoad(head.command))
      queue.receive(now)
      activity = .busy
      return true
    }
    guard canAllocate else {
      activity = .inFlightLimit
      return false
    }
    begin(head)
    return send(now, &issueQueue, &moveIn)
  }

  /// Sends a row of the mvin at the head of the queue, if the DMA takes it.
  private mutating func send(
    _ now: Cycle, _ issueQueue: inout Queue<ReadRequest>, _ moveIn: inout MoveInPath
  ) -> Bool {
    if state == .sending, row == 0 {
      // One row was all: this cycle only takes the command away.
      queue.receive(now)
      state = .waiting
      activity = .busy
      return true
    }
    let accepts = current.isZero ? moveIn.acceptsZeros : issueQueue.canSend(now)
    guard accepts else {
      let moved = state == .waiting
      if state == .waiting { state = .waitingForDMA }
      activity = .waitsForDMA
      return moved
    }
    sendRow(&issueQueue, &moveIn)
    activity = .busy
    let isLast = row + 1 >= current.rows
    row = isLast ? 0 : row + 1
    if isLast, state == .sending {
      queue.receive(now)
      state = .waiting
    } else {
      state = .sending
    }
    return true
  }

  /// Takes a tracker slot for a mvin and works out what its rows have in common.
  private mutating func begin(_ head: IssuedCommand) {
    let load = MoveIn(head.command)
    let settings = loadStates[Self.stateID(head.command)]
    let rows = load.rows & rowMask
    let columns = load.columns & columnMask
    let address = load.localAddress
    let isZero = load.memoryAddress == 0
    let repeatsRow = settings.stride == 0 && !isZero
    let isFullWidth = address.isAccumulator && !settings.shrinks
    let byteCount = columns * (isFullWidth ? 4 : 1)
    let rowsToRead = repeatsRow ? 1 : rows
    let slot = tracker.allocate(entry: head.entry, remaining: byteCount * rowsToRead)
    order &+= 1
    current = CurrentLoad(
      memoryAddress: load.memoryAddress, stride: settings.stride, address: address,
      isZero: isZero, rows: rowsToRead, columns: columns, byteCount: byteCount,
      destination: RowDestination(
        row: 0, blockStride: settings.blockStride, isAccumulator: address.isAccumulator,
        accumulates: address.accumulates, isFullWidth: isFullWidth,
        isScaled: settings.isScaled && !isFullWidth, repeats: repeatsRow ? rows - 1 : 0,
        pixelRepeats: address.isAccumulator ? 1 : settings.pixelRepeats, commandSlot: slot))
    current.destination.order = order
  }

  /// Hands the row at hand to the DMA, or to the zero writer.
  private mutating func sendRow(
    _ issueQueue: inout Queue<ReadRequest>, _ moveIn: inout MoveInPath
  ) {
    var destination = current.destination
    destination.row = current.address.advanced(by: row, machine.layout).row(machine.layout)
    let memoryAddress = current.memoryAddress &+ UInt64(row) &* current.stride
    if current.isZero {
      // The zero writer counts whole accumulator elements, even of shrunk rows (facts 6.2).
      let reported = destination.isAccumulator ? 4 : 1
      moveIn.acceptZeros(
        ZeroRequest(
          columns: current.columns, byteCount: current.columns * reported,
          destination: destination))
    } else {
      if destination.isScaled {
        requantisedElements += current.columns * (destination.repeats + 1)
      }
      issueQueue.send(
        ReadRequest(
          address: memoryAddress, byteCount: current.byteCount, destination: destination))
    }
    acceptedRow = LoadRow(
      memoryAddress: memoryAddress, destination: destination, columns: current.columns)
  }

  private mutating func configure(_ config: ConfigLoad) {
    let id = min(config.state, 2)
    loadStates[id] = LoadState(
      stride: config.command.rs2, isScaled: config.scaleBits != Float(1).bitPattern,
      shrinks: config.shrink, blockStride: config.blockStride & machine.strideMask,
      pixelRepeats: machine.config.features.firstLayerOptimizations
        ? max(1, config.pixelRepeats & machine.pixelRepeatMask) : 1)
  }

  /// The load state that a mvin uses: mvin 0, mvin2 1, mvin3 2.
  static func stateID(_ command: Command) -> Int {
    switch command.function {
    case .mvin2: 1
    case .mvin3: 2
    default: 0
    }
  }
}

/// A row that the load controller handed to the DMA.
struct LoadRow: Equatable, Sendable {
  var memoryAddress: UInt64
  var destination: RowDestination
  var columns: Int
}

// MARK: State

extension LoadController {
  mutating func visit(_ codec: inout StateCodec) {
    // Loads are told apart by how far they are behind the last one.
    if codec.isRestoring { order = 1 << 24 }
    codec.lastOrder = order
    queue.visit(&codec, .none) { $0.visit(&$1, .load) }
    codec.choice(&state)
    codec.integer(&row)
    if state != .waiting {
      codec.address(&current.memoryAddress)
      codec.integer(&current.stride)
      codec.localAddress(&current.address.bits)
      codec.flag(&current.isZero)
      codec.integer(&current.rows)
      codec.integer(&current.columns)
      codec.integer(&current.byteCount)
      current.destination.visit(&codec)
    }
    for id in loadStates.indices {
      codec.integer(&loadStates[id].stride)
      codec.flag(&loadStates[id].isScaled)
      codec.flag(&loadStates[id].shrinks)
      codec.integer(&loadStates[id].blockStride)
      codec.integer(&loadStates[id].pixelRepeats)
    }
    tracker.visit(&codec, .load)
    codec.choice(&activity)
    codec.flag(&rests)
  }
}
