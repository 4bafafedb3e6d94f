import SystolicCore

/// What a wave dump has to know beside the state of the machine.
struct WavePulses {
  /// What passed a class of the reservation station in this cycle, as the slot; -1 for nothing.
  struct Passing {
    var allocated = -1
    var issued = -1
    var completed = -1
  }

  var classes = InlineArray<4, Passing>(repeating: Passing())
  var isFencing = false
  /// 0 nothing, 1 works, 2 converts.
  var hostState = 0

  /// Forgets the cycle.
  mutating func clear() {
    for index in 0..<4 { classes[index] = Passing() }
  }
}

/// All signals of a machine, in the order of the dump.
enum WaveSignals {
  static func visit<V: SignalVisitor>(
    _ visitor: inout V, _ accelerator: borrowing Accelerator, _ pulses: borrowing WavePulses,
    _ now: Cycle
  ) {
    // `WaveObserver` knows the first signals of these two by their places.
    if visitor.enter(.host) {
      visitor.wire("command_accepted", 1, false)
      visitor.wire("fence", 1, pulses.isFencing)
      visitor.wire("work", 2, pulses.hostState)
      visitor.leave()
    }
    if visitor.enter(.commandPath) {
      let raw = accelerator.raw
      visitor.queue("raw", count: raw.count, depth: raw.depth, head: raw.first?.command)
      let unrolled = accelerator.unrolled
      visitor.queue(
        "unrolled", count: unrolled.count, depth: unrolled.depth, head: unrolled.first?.command)
      visitor.register("loop_matmul_busy", 1, accelerator.loopMatmul.isBusy)
      visitor.register("loop_conv_busy", 1, accelerator.loopConv.isBusy)
      visitor.register("busy", 1, accelerator.isBusy)
      visitor.wire("allocation_blocked", 1, accelerator.isAllocationBlocked)
      visitor.leave()
    }
    if visitor.enter(.station) {
      station(&visitor, accelerator, pulses, "load", .load)
      station(&visitor, accelerator, pulses, "execute", .execute)
      station(&visitor, accelerator, pulses, "store", .store)
      if accelerator.machine.config.features.nonlinearUnit {
        station(&visitor, accelerator, pulses, "nonlinear", .nonlinear)
      }
      visitor.leave()
    }
    controllers(&visitor, accelerator)
    banks(&visitor, accelerator)
    memory(&visitor, accelerator, now)
  }

  @inline(__always)
  private static func station<V: SignalVisitor>(
    _ visitor: inout V, _ accelerator: borrowing Accelerator, _ pulses: borrowing WavePulses,
    _ part: StaticString, _ kind: CommandClass
  ) {
    let passing = pulses.classes[kind.rawValue]
    visitor.enter(part)
    visitor.register("occupancy", 7, accelerator.station.occupancy(kind))
    visitor.wire("allocate_valid", 1, passing.allocated >= 0)
    visitor.wire("allocate_entry", 6, max(0, passing.allocated))
    visitor.wire("issue_valid", 1, passing.issued >= 0)
    visitor.wire("issue_entry", 6, max(0, passing.issued))
    visitor.wire("complete_valid", 1, passing.completed >= 0)
    visitor.wire("complete_entry", 6, max(0, passing.completed))
    visitor.leave()
  }

  private static func controllers<V: SignalVisitor>(
    _ visitor: inout V, _ accelerator: borrowing Accelerator
  ) {
    if visitor.enter(.load) {
      let queue = accelerator.load.queue
      visitor.state("state", accelerator.activities.load)
      visitor.queue(
        "queue", count: queue.count, depth: queue.depth, head: queue.first?.command,
        entry: queue.first?.entry ?? 0)
      let row = accelerator.load.acceptedRow
      visitor.wire("row_valid", 1, row != nil)
      visitor.wire("row_address", 64, row?.memoryAddress ?? 0)
      visitor.wire("row_accumulator", 1, row?.destination.isAccumulator ?? false)
      visitor.wire("row_local", 32, row?.destination.row ?? 0)
      let reported = accelerator.load.reported
      visitor.wire("return_valid", 1, reported != nil)
      visitor.wire("return_bytes", 16, reported?.byteCount ?? 0)
      visitor.leave()
    }
    if visitor.enter(.execute) {
      let unroller = accelerator.execute.unroller.queue
      let queue = accelerator.execute.queue
      visitor.state("state", accelerator.activities.execute)
      visitor.queue(
        "preload", count: unroller.count, depth: unroller.depth, head: unroller.first?.command,
        entry: unroller.first?.entry ?? 0)
      visitor.queue(
        "queue", count: queue.count, depth: queue.depth, head: queue.first?.command,
        entry: max(0, queue.first?.entry ?? 0))
      visitor.register("control_count", 8, accelerator.execute.controlQueue.count)
      visitor.leave()
    }
    if visitor.enter(.store) {
      let queue = accelerator.store.queue
      visitor.state("state", accelerator.activities.store)
      visitor.queue(
        "queue", count: queue.count, depth: queue.depth, head: queue.first?.command,
        entry: queue.first?.entry ?? 0)
      let row = accelerator.store.acceptedRow
      visitor.wire("row_valid", 1, row != nil)
      visitor.wire("row_address", 64, row?.write.address ?? 0)
      visitor.wire("row_accumulator", 1, row?.isAccumulator ?? false)
      visitor.wire("row_local", 32, row?.row ?? 0)
      visitor.wire("return_valid", 1, accelerator.store.returnedSlot != nil)
      visitor.leave()
    }
    if accelerator.machine.config.features.nonlinearUnit, visitor.enter(.nonlinear) {
      let queue = accelerator.nonlinear.queue
      visitor.state("state", accelerator.activities.nonlinear)
      visitor.queue(
        "queue", count: queue.count, depth: queue.depth, head: queue.first?.command,
        entry: queue.first?.entry ?? 0)
      visitor.leave()
    }
    if visitor.enter(.array) {
      let request = accelerator.execute.requestTaken
      visitor.register("request_valid", 1, accelerator.execute.offersRequest)
      visitor.wire("request_ready", 1, accelerator.mesh.canRequest)
      visitor.wire("request_taken", 1, request != nil)
      visitor.wire("request_rows", 16, request?.rows ?? 0)
      visitor.wire("request_flush", 1, request?.flush ?? 0)
      visitor.wire("request_entry_valid", 1, (request?.tag.entry ?? -1) >= 0)
      visitor.wire("request_entry", 6, max(0, request?.tag.entry ?? 0))
      let taken = accelerator.execute.operandsTaken
      visitor.wire("a_taken", 1, taken.contains(.a))
      visitor.wire("b_taken", 1, taken.contains(.b))
      visitor.wire("d_taken", 1, taken.contains(.d))
      let output = accelerator.meshOutput
      visitor.wire("out_valid", 1, output != nil)
      visitor.wire("out_last", 1, output?.isLast ?? false)
      visitor.leave()
    }
  }

  private static func banks<V: SignalVisitor>(
    _ visitor: inout V, _ accelerator: borrowing Accelerator
  ) {
    let machine = accelerator.machine
    let ports = BankPorts(accelerator)
    if visitor.enter(.scratchpad) {
      let banks = machine.config.scratchpad.banks
      visitor.wire("array_read", banks, ports.arrayReads)
      visitor.wire("array_read_refused", banks, ports.refusedArrayReads)
      visitor.wire("dma_read", banks, ports.scratchpad.dmaReads)
      visitor.wire("array_write", banks, ports.scratchpad.arrayWrites)
      visitor.wire("dma_write", banks, ports.scratchpad.dmaWrites)
      visitor.wire("write", banks, accelerator.scratchpad.writtenBanks)
      visitor.leave()
    }
    if visitor.enter(.accumulator) {
      let banks = machine.config.accumulator.banks
      visitor.wire("dma_read", banks, ports.accumulator.dmaReads)
      visitor.wire("dma_read_refused", 1, accelerator.moveOut.isReadRefused)
      visitor.wire("array_write", banks, ports.accumulator.arrayWrites)
      visitor.wire("dma_write", banks, ports.accumulator.dmaWrites)
      visitor.leave()
    }
  }

  private static func memory<V: SignalVisitor>(
    _ visitor: inout V, _ accelerator: borrowing Accelerator, _ now: Cycle
  ) {
    if visitor.enter(.moveIn) {
      visitor.wire("row_taken", 1, accelerator.moveIn.merged == .taken)
      visitor.wire("row_held", 1, accelerator.moveIn.merged == .held)
      visitor.wire("zero_ready", 1, accelerator.moveIn.acceptsZeros)
      visitor.leave()
    }
    if visitor.enter(.moveOut) {
      visitor.register("dispatch_count", 8, accelerator.moveOut.dispatch.count)
      visitor.register("busy", 1, accelerator.moveOut.isBusy)
      visitor.wire("row_read", 1, accelerator.moveOut.readRow != nil)
      visitor.wire("row_to_writer", 1, accelerator.moveOut.handedRow != nil)
      visitor.leave()
    }
    if visitor.enter(.dma) {
      visitor.state("read_state", accelerator.activities.reader)
      visitor.state("write_state", accelerator.activities.writer)
      visitor.register("read_issue_count", 8, accelerator.readIssue.count)
      visitor.wire("read_issue_taken", 1, accelerator.readIssue.received(now))
      visitor.register("read_requests", 8, accelerator.reader.inFlight)
      visitor.register("write_requests", 8, accelerator.writer.inFlight)
      visitor.leave()
    }
    if visitor.enter(.bus) {
      let request = accelerator.bus.acceptedRequest
      let response = accelerator.bus.sentResponse
      visitor.wire("a_valid", 1, request != nil)
      visitor.wire("a_write", 1, request?.isWrite ?? false)
      visitor.wire("a_source", 16, request?.source ?? 0)
      visitor.wire("a_address", 64, request?.address ?? 0)
      visitor.wire("a_size", 16, request?.size ?? 0)
      visitor.wire("d_valid", 1, response != nil)
      visitor.wire("d_write", 1, response?.isWrite ?? false)
      visitor.wire("d_source", 16, response?.source ?? 0)
      visitor.wire("d_last", 1, response?.isLast ?? false)
      visitor.wire("d_stalled", 1, accelerator.bus.isResponseStalled)
      visitor.register("outstanding", 16, accelerator.bus.outstanding)
      visitor.leave()
    }
  }
}

/// Who used which bank in a cycle, a bit each.
struct BankPorts {
  struct Memory {
    var arrayWrites: UInt64 = 0
    var dmaWrites: UInt64 = 0
    var dmaReads: UInt64 = 0
  }

  var scratchpad = Memory()
  var accumulator = Memory()
  var arrayReads: UInt64 = 0
  var refusedArrayReads: UInt64 = 0

  init(_ accelerator: borrowing Accelerator) {
    let machine = accelerator.machine
    for operand in OperandSet.each {
      guard let asked = accelerator.execute.askedRow(operand) else { continue }
      if asked.isRead {
        arrayReads |= 1 << UInt64(asked.bank)
      } else {
        refusedArrayReads |= 1 << UInt64(asked.bank)
      }
    }
    if let write = accelerator.executeWrite {
      let bit: UInt64 = 1 << UInt64(write.bank)
      if write.isAccumulator {
        accumulator.arrayWrites |= bit
      } else {
        scratchpad.arrayWrites |= bit
      }
    }
    note(accelerator.moveIn.scalerWrite)
    note(accelerator.moveIn.fullWidthWrite)
    note(accelerator.moveIn.zeroWrite)
    if let row = accelerator.moveOut.readRow {
      if row.isAccumulator {
        accumulator.dmaReads |=
          1 << UInt64(row.row / machine.accumulatorBankRows % machine.config.accumulator.banks)
      } else {
        scratchpad.dmaReads |=
          1 << UInt64(row.row / machine.scratchpadBankRows % machine.config.scratchpad.banks)
      }
    }
  }

  private mutating func note(_ write: MoveInWrite?) {
    guard let write else { return }
    let bit: UInt64 = 1 << UInt64(write.bank)
    if write.isAccumulator {
      accumulator.dmaWrites |= bit
    } else {
      scratchpad.dmaWrites |= bit
    }
  }
}
