import SystolicCore

/// Turns each mvout into one request a block of a row, or an element of a pooling window
/// (facts 6.3).
///
/// mvout_spad has the rs2 of mvout, and is cut into the same requests; its rs1 is no address in
/// main memory, and its rows end at the writer's port (see `MoveOutPath`). The registers set for
/// pooling act on it as on mvout, but the combination is illegal (facts 3.2).
struct StoreController: Sendable {
  private enum State: UInt8, Sendable { case waiting, waitingForDMA, sending, pooling }

  /// Commands from the reservation station.
  var queue: Queue<IssuedCommand>
  private var state = State.waiting
  private var slot = 0
  private var row = 0
  private var block = 0
  private var pool = PoolCounters()
  private var settings = StoreRegisters()
  private(set) var tracker: CommandTracker
  private let machine: Machine

  /// Elements scaled from int32 to int8 on their way out, counted as their rows are sent.
  private(set) var requantisedElements = 0
  /// Reason of the last cycle.
  private(set) var activity = StoreActivity.idle
  /// The request accepted in the last tick, for observers.
  private(set) var acceptedRow: OutgoingRow?
  /// Slot of the row that was read in the last tick, for observers.
  private(set) var returnedSlot: Int?

  init(_ machine: Machine) {
    self.machine = machine
    queue = Queue(depth: machine.config.queues.store)
    tracker = CommandTracker(slots: machine.commandsInFlight)
  }

  /// Whether a command or its data is under way.
  var isBusy: Bool { !queue.isEmpty || tracker.isBusy }
  /// Whether mvouts pool.
  var isPooling: Bool { machine.config.features.maxPool && settings.poolStride != 0 }

  /// The last tick changed nothing, and the next one will not either without a new command or one
  /// of the answers that it is given: nothing waits for the DMA to have room.
  private(set) var rests = false

  /// Takes a command from the reservation station.
  mutating func accept(_ command: IssuedCommand) {
    queue.send(command)
    rests = false
  }

  /// One cycle. `returned` is the slot of a row that was read this cycle.
  mutating func tick(
    _ now: Cycle, moveOut: inout MoveOutPath, returned: Int?, completing: Int?
  ) -> Bool {
    var moved = false
    acceptedRow = nil
    returnedSlot = returned
    let canAllocate = tracker.canAllocate
    if let head = queue.first {
      moved = step(head, now, &moveOut, canAllocate: canAllocate)
    } else {
      activity = tracker.isBusy ? .waitsForBanks : .idle
    }
    if let returned {
      tracker.subtract(1, from: returned)
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
    _ head: IssuedCommand, _ now: Cycle, _ moveOut: inout MoveOutPath, canAllocate: Bool
  ) -> Bool {
    if head.command.funct == Function.config.rawValue {
      if head.command.rs1 & 3 == 3, machine.config.features.normalizations {
        settings.apply(ConfigNorm(head.command))
      } else {
        settings.apply(ConfigStore(head.command))
      }
      queue.receive(now)
      activity = .busy
      return true
    }
    let store = MoveOut(head.command)
    let rows = store.rows & machine.rowMask
    let columns = store.columns & machine.moveInColumnMask
    let blocks = max(1, (columns + machine.dim - 1) / machine.dim)
    let isPooling = isPooling
    let isOneDimensional = !isPooling && settings.poolSize != 0
    let total =
      isPooling
      ? settings.poolOutRows * settings.poolOutColumns * settings.poolSize * settings.poolSize
      : isOneDimensional ? settings.outRows * settings.outColumns : rows * blocks
    if state == .waiting {
      guard canAllocate else {
        activity = .inFlightLimit
        return false
      }
      slot = tracker.allocate(entry: head.entry, remaining: total)
    }
    let atStart = isPooling ? pool.isAtStart : row == 0 && block == 0
    if state == .sending || state == .pooling, atStart {
      // One request was all: this cycle only takes the command away.
      queue.receive(now)
      state = .waiting
      activity = .busy
      return true
    }
    guard moveOut.dispatch.canSend(now) else {
      let moved = state == .waiting
      if state == .waiting { state = .waitingForDMA }
      activity = .waitsForDMA
      return moved
    }
    let request = outgoingRow(
      store, columns: columns, blocks: blocks, isPooling: isPooling,
      isOneDimensional: isOneDimensional)
    moveOut.dispatch.send(request)
    if request.isAccumulator && !request.isGarbage && request.normCommand == 0,
      !store.localAddress.readsFullRow
    {
      requantisedElements += request.write.byteCount
    }
    acceptedRow = request
    activity = .busy
    let isLast: Bool
    if isPooling {
      isLast = pool.advance(settings)
    } else {
      block += 1
      if block == blocks {
        block = 0
        row += 1
      }
      if isOneDimensional { _ = pool.advanceImage(settings) }
      isLast = row == (isOneDimensional ? settings.outRows * settings.outColumns : rows)
      if isLast { row = 0 }
    }
    if isLast, state == .sending || state == .pooling {
      queue.receive(now)
      state = .waiting
    } else {
      state = isPooling ? .pooling : .sending
    }
    return true
  }

  private func outgoingRow(
    _ store: MoveOut, columns: Int, blocks: Int, isPooling: Bool, isOneDimensional: Bool
  ) -> OutgoingRow {
    let isLastBlock = block == blocks - 1
    var local = store.localAddress
    var isGarbage = false
    var memoryAddress = store.memoryAddress
    if isPooling || isOneDimensional {
      let pixel = pool.outRow * settings.poolOutDim + pool.outColumn
      memoryAddress &+= UInt64(pixel) &* settings.stride
    } else {
      memoryAddress &+= UInt64(row) &* settings.stride
    }
    if isPooling {
      if let offset = pool.sourceOffset(settings) {
        local = local.advanced(by: offset, machine.layout)
      } else {
        isGarbage = true
      }
    } else {
      local = local.advanced(by: block * machine.dim + row, machine.layout)
    }
    isGarbage = isGarbage || local.isGarbage(machine.layout)
    let length = isLastBlock ? (columns + machine.dim - 1) % machine.dim + 1 : machine.dim
    let width = !isGarbage && local.isAccumulator && local.readsFullRow ? 4 : 1
    let stores =
      isPooling
      ? pool.windowRow == settings.poolSize - 1 && pool.windowColumn == settings.poolSize - 1
      : isLastBlock
    var normCommand: UInt32 = 0
    if machine.config.features.normalizations {
      normCommand = isLastBlock ? local.normCommand : Self.nonTerminating(local.normCommand)
    }
    var outgoing = OutgoingRow(
      write: WriteRequest(
        address: memoryAddress, byteCount: length * width, block: block, stores: stores),
      isGarbage: isGarbage, isAccumulator: local.isAccumulator, row: local.row(machine.layout),
      normCommand: normCommand, statisticsID: settings.statisticsID, commandSlot: slot)
    outgoing.normalises = settings.activation >= 2
    outgoing.reachesMemory = store.command.function != .mvoutSpad
    return outgoing
  }

  /// The command for a block that is not its row's last: adds up, but does not finish.
  private static func nonTerminating(_ command: UInt32) -> UInt32 {
    switch command {
    case 2: 1
    case 4: 3
    case 7: 6
    default: command
    }
  }
}

/// Where a pooling mvout stands: window column fastest, then window row, column, row.
struct PoolCounters: Sendable {
  var outRow = 0
  var outColumn = 0
  var windowRow = 0
  var windowColumn = 0

  var isAtStart: Bool { outRow == 0 && outColumn == 0 && windowRow == 0 && windowColumn == 0 }

  /// Local rows from the first to the pixel at hand, or `nil` outside the image.
  func sourceOffset(_ settings: StoreRegisters) -> Int? {
    let row = outRow * settings.poolStride + windowRow - settings.upperPadding
    let column = outColumn * settings.poolStride + windowColumn - settings.leftPadding
    guard row >= 0, column >= 0, row < settings.outRows, column < settings.outColumns else {
      return nil
    }
    return row * settings.outColumns + column
  }

  /// Goes on to the next element; returns whether that was the last.
  mutating func advance(_ settings: StoreRegisters) -> Bool {
    windowColumn += 1
    guard windowColumn >= settings.poolSize else { return false }
    windowColumn = 0
    windowRow += 1
    guard windowRow >= settings.poolSize else { return false }
    windowRow = 0
    outColumn += 1
    guard outColumn >= settings.poolOutColumns else { return false }
    outColumn = 0
    outRow += 1
    guard outRow >= settings.poolOutRows else { return false }
    outRow = 0
    return true
  }

  /// Goes on to the next pixel of a whole image (1-D mvout).
  mutating func advanceImage(_ settings: StoreRegisters) -> Bool {
    outColumn += 1
    guard outColumn >= settings.outColumns else { return false }
    outColumn = 0
    outRow += 1
    guard outRow >= settings.outRows else { return false }
    outRow = 0
    return true
  }
}

// MARK: State

extension StoreController {
  mutating func visit(_ codec: inout StateCodec) {
    queue.visit(&codec, .none) { $0.visit(&$1, .store) }
    codec.choice(&state)
    if state != .waiting { codec.integer(&slot) }
    codec.integer(&row)
    codec.integer(&block)
    codec.integer(&pool.outRow)
    codec.integer(&pool.outColumn)
    codec.integer(&pool.windowRow)
    codec.integer(&pool.windowColumn)
    settings.visit(&codec)
    tracker.visit(&codec, .store)
    codec.choice(&activity)
    codec.flag(&rests)
  }
}
