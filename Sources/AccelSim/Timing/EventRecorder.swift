import SystolicCore

/// Keeps what happens on ports and buses, in the words of the recordings (golden/rtl README,
/// section 3).
///
/// Columns that only hold left-over register contents there are empty here: the entry of an
/// operation that completes none, and the propagate bit of array requests. Use it on a run that
/// does not skip idle cycles, or stalls are seen once instead of every cycle.
struct EventRecorder: Observer {
  static let watchesCycles = true

  private(set) var records: [EventRecord] = []
  private var commands = CommandRecorder()
  private let machine: Machine
  private var accepted = 0
  /// Write beats that the writer will send, oldest first.
  private var expectedBeats: [WriteBeat] = []
  private var nextBeat = 0
  /// Beats of the answer at hand that memory has given.
  private var responseBeat = 0

  private struct WriteBeat {
    var isPartial: Bool
    var index: Int
    var count: Int
    var bytes: Int
  }

  init(_ machine: Machine) { self.machine = machine }

  /// When each command passed the reservation station.
  var commandRecords: [CommandRecord] { commands.records }

  // MARK: Commands

  mutating func commandAccepted(_ command: Command, _ now: Cycle) {
    let number = accepted
    add(now, "cmd") {
      $0.sequence = "\(number)"
      $0.describe(command)
    }
    accepted += 1
  }

  mutating func allocated(_ record: CommandRecord) {
    commands.allocated(record)
    add(record.allocated, "alloc") {
      $0.queue = record.commandClass.queue
      $0.id = "\(record.slot)"
      $0.sequence = "\(record.sequence)"
      $0.describe(record.command)
      switch record.origin {
      case .host: break
      case .loopMatmul: $0.note = "loop_ws"
      case .loopConv: $0.note = "loop_conv"
      }
    }
  }

  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    commands.issued(sequence, kind, slot, now)
    passed("issue", sequence, kind, slot, now)
  }

  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    commands.completed(sequence, kind, slot, now)
    // Configs that complete when they issue have no completion of their own.
    guard commands.records[sequence].issued != now else { return }
    passed("complete", sequence, kind, slot, now)
    guard kind == .execute else { return }
    add(now, "ex_comp") {
      $0.queue = "ex"
      $0.id = "\(slot)"
    }
  }

  private mutating func passed(
    _ event: String, _ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle
  ) {
    let function = commands.records[sequence].command.funct
    add(now, event) {
      $0.queue = kind.queue
      $0.id = "\(slot)"
      $0.sequence = "\(sequence)"
      $0.function = "\(function)"
    }
  }

  mutating func fenceCompleted(_ now: Cycle) { add(now, "fence_done") }

  // MARK: Ports and buses

  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    if accelerator.isAllocationBlocked, let head = accelerator.unrolled.first {
      add(now, "alloc_stall") { $0.function = "\(head.command.funct)" }
    }
    recordLoads(accelerator, now)
    recordStores(accelerator, now)
    recordArray(accelerator, now)
    recordBanks(accelerator, now)
    recordBus(accelerator.bus, now)
  }

  private mutating func recordLoads(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    if let row = accelerator.load.acceptedRow {
      add(now, "ld_row_req") {
        $0.queue = "ld"
        $0.a = NumberText.hexadecimal(row.memoryAddress)
        $0.b = "\(row.destination.isAccumulator ? "acc" : "sp")\(row.destination.row)"
        $0.note = "cols\(row.columns)"
      }
    } else if accelerator.load.activity == .waitsForDMA {
      add(now, "ld_row_stall") { $0.queue = "ld" }
    }
    if let reported = accelerator.load.reported {
      add(now, "ld_row_resp") {
        $0.queue = "ld"
        $0.id = "\(reported.commandSlot)"
        $0.a = "\(reported.byteCount)"
        $0.note = "bytes"
      }
    }
    if accelerator.readIssue.received(now) { add(now, "reader_req") }
    switch accelerator.moveIn.merged {
    case .none: break
    case .taken: add(now, "reader_resp")
    case .held: add(now, "reader_resp_stall")
    }
  }

  private mutating func recordStores(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    if let row = accelerator.store.acceptedRow {
      let isFull = row.isAccumulator && row.write.byteCount > machine.dim
      add(now, "st_row_req") {
        $0.queue = "st"
        $0.a = NumberText.hexadecimal(row.write.address)
        $0.b = "\(row.isAccumulator ? "acc" : "sp")\(row.row)"
        $0.note = "len\(isFull ? row.write.byteCount / 4 : row.write.byteCount)"
      }
    } else if accelerator.store.activity == .waitsForDMA {
      add(now, "st_row_stall") { $0.queue = "st" }
    }
    if let slot = accelerator.store.returnedSlot {
      add(now, "st_row_resp") {
        $0.queue = "st"
        $0.id = "\(slot)"
      }
    }
    if let request = accelerator.moveOut.handedRow {
      add(now, "writer_req")
      if request.stores { expectBeats(request) }
    }
  }

  private mutating func recordArray(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    let execute = accelerator.execute
    if let request = execute.requestTaken {
      add(now, "mesh_req") {
        $0.queue = "ex"
        $0.id = request.tag.entry >= 0 ? "\(request.tag.entry)" : ""
        $0.a = "rows\(request.rows)"
        $0.b = "flush\(request.flush)"
        $0.note = "robv\(request.tag.entry >= 0 ? 1 : 0)"
      }
    }
    let taken = execute.operandsTaken
    if !taken.isEmpty {
      add(now, "mesh_in") {
        $0.queue = "ex"
        $0.a =
          (taken.contains(.a) ? "a" : "") + (taken.contains(.b) ? "b" : "")
          + (taken.contains(.d) ? "d" : "")
      }
    }
    if let row = accelerator.meshOutput {
      add(now, "mesh_out") {
        $0.queue = "ex"
        $0.id = row.tag.entry >= 0 ? "\(row.tag.entry)" : ""
        $0.a = "last\(row.isLast ? 1 : 0)"
        $0.note = "robv\(row.tag.entry >= 0 ? 1 : 0)"
      }
    }
    recordReads(execute, now)
  }

  private mutating func recordReads(_ execute: borrowing ExecuteController, _ now: Cycle) {
    for operand in OperandSet.each {
      guard let asked = execute.askedRow(operand) else { continue }
      add(now, asked.isRead ? "sp_ex_read" : "sp_ex_read_stall") {
        $0.queue = "ex"
        $0.id = "\(asked.bank)"
        $0.a = "\(asked.rowInBank)"
      }
    }
  }

  private mutating func recordBanks(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    if let write = accelerator.executeWrite {
      recordWrite(write.isAccumulator, write.bank, write.row, "ex", now)
    }
    let moveIn = accelerator.moveIn
    for write in [moveIn.scalerWrite, moveIn.fullWidthWrite, moveIn.zeroWrite] {
      if let write { recordWrite(write.isAccumulator, write.bank, write.row, "dma", now) }
    }
    if let row = accelerator.moveOut.readRow {
      if row.isAccumulator {
        recordAccumulatorRead("acc_read", row.row, now)
      } else {
        let bank = row.row / machine.scratchpadBankRows % machine.config.scratchpad.banks
        add(now, "sp_dma_read") { $0.id = "\(bank)" }
      }
    } else if accelerator.moveOut.isReadRefused, let row = accelerator.moveOut.dispatch.first {
      recordAccumulatorRead("acc_read_stall", row.row, now)
    }
  }

  private mutating func recordWrite(
    _ isAccumulator: Bool, _ bank: Int, _ row: Int, _ source: String, _ now: Cycle
  ) {
    let bankRows = isAccumulator ? machine.accumulatorBankRows : machine.scratchpadBankRows
    add(now, isAccumulator ? "acc_write" : "sp_write") {
      $0.id = "\(bank)"
      $0.a = "\(row % bankRows)"
      $0.b = isAccumulator ? source : ""
    }
  }

  private mutating func recordAccumulatorRead(_ event: String, _ row: Int, _ now: Cycle) {
    let bankRows = machine.accumulatorBankRows
    let bank = row / bankRows % machine.config.accumulator.banks
    add(now, event) {
      $0.id = "\(bank)"
      $0.a = "\(row % bankRows)"
    }
  }

  private mutating func recordBus(_ bus: borrowing SystemBus, _ now: Cycle) {
    // On the bus the reader's transactions are numbered behind the writer's.
    let readerBase = machine.config.dma.maxInFlight
    if let beat = bus.acceptedRequest {
      if beat.isWrite {
        recordWriteBeat(beat, now)
      } else {
        add(now, "tlA_get") {
          $0.id = "\(beat.source + readerBase)"
          $0.a = NumberText.hexadecimal(beat.address)
          $0.b = "\(beat.size)"
        }
      }
    }
    if let beat = bus.sentResponse {
      let beats = beat.isWrite ? 1 : max(1, beat.size / machine.beatBytes)
      let index = responseBeat
      responseBeat = beat.isLast ? 0 : index + 1
      add(now, "tlD") {
        $0.id = "\(beat.source + (beat.isWrite ? 0 : readerBase))"
        $0.a = beat.isWrite ? "ack" : "data"
        $0.b = "\(index)/\(beats)"
      }
    } else if bus.isResponseStalled {
      let beat = bus.responseAtHand
      add(now, "tlD_stall") { $0.id = "\(beat.source + (beat.isWrite ? 0 : readerBase))" }
    }
  }

  private mutating func recordWriteBeat(_ beat: RequestBeat, _ now: Cycle) {
    guard nextBeat < expectedBeats.count else { return }
    let expected = expectedBeats[nextBeat]
    nextBeat += 1
    if nextBeat == expectedBeats.count {
      expectedBeats.removeAll(keepingCapacity: true)
      nextBeat = 0
    }
    add(now, "tlA_put") {
      $0.id = "\(beat.source)"
      $0.function = expected.isPartial ? "1" : "0"
      $0.a = NumberText.hexadecimal(beat.address)
      $0.b = "\(beat.size)"
      $0.note = "beat\(expected.index)/\(expected.count) bytes\(expected.bytes)"
    }
  }

  /// Cuts a row into packets and beats, for the byte masks, which the timing does not carry.
  private mutating func expectBeats(_ request: WriteRequest) {
    let smallest = max(machine.config.dma.alignedTo, machine.beatBytes)
    var address = request.address
    var left = request.block * machine.dim + request.byteCount
    while left > 0 {
      let (size, useful) = StreamReader.bestPacket(
        address: address, bytesLeft: left, smallest: smallest, largest: machine.config.dma.maxBytes)
      let shift = Int(address & UInt64(size - 1))
      let beats = max(1, size / machine.beatBytes)
      for index in 0..<beats {
        let start = index * machine.beatBytes
        let bytes = min(start + machine.beatBytes, shift + useful) - max(start, shift)
        expectedBeats.append(
          WriteBeat(
            isPartial: useful != size, index: index, count: beats, bytes: max(0, bytes)))
      }
      address &+= UInt64(useful)
      left -= useful
    }
  }

  private mutating func add(
    _ now: Cycle, _ event: String, _ fill: (inout EventRecord) -> Void = { _ in }
  ) {
    var record = EventRecord(cycle: now, event: event)
    fill(&record)
    records.append(record)
  }
}

extension EventRecord {
  fileprivate mutating func describe(_ command: Command) {
    function = "\(command.funct)"
    a = NumberText.hexadecimal(command.rs1)
    b = NumberText.hexadecimal(command.rs2)
  }
}
