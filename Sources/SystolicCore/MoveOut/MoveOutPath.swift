/// One row, or block of a row, on its way from a local memory to main memory (facts 6.3).
public struct OutgoingRow: Equatable, Sendable {
  /// What the writer is asked for: address, bytes, and the block's place in its row.
  public var write: WriteRequest
  /// Zeros, read from nowhere.
  public var isGarbage: Bool
  /// The row comes from the accumulator, through its scaling unit; else from the scratchpad.
  public var isAccumulator: Bool
  /// Row in its memory.
  public var row: Int
  /// Normalisation command; 0 passes the row on, the others only feed statistics.
  public var normCommand: UInt32
  /// Statistics set for the normaliser.
  public var statisticsID: Int
  /// Slot of the store's command tracker.
  public var commandSlot: Int
  /// The activation is one of those that need a normalising multiplier.
  public var normalises = false
  /// The row ends a sum of zero, which the divider answers at once (facts 8.7). Only a caller that
  /// has the data can tell; otherwise false.
  public var dividesNothing = false
  /// The row goes to the writer. Rows of mvout_spad do not: see `MoveOutPath`.
  public var reachesMemory = true

  public init(
    write: WriteRequest, isGarbage: Bool, isAccumulator: Bool, row: Int, normCommand: UInt32,
    statisticsID: Int, commandSlot: Int
  ) {
    self.write = write
    self.isGarbage = isGarbage
    self.isAccumulator = isAccumulator
    self.row = row
    self.normCommand = normCommand
    self.statisticsID = statisticsID
    self.commandSlot = commandSlot
  }
}

/// The four queues from the store controller to the writer (facts 8.3).
///
/// A row of mvout_spad goes the same way up to the writer's port. The newest revision has a writer
/// for it only where the scratchpad lies behind a bus of its own (`use_tl_ext_mem`); in every other
/// machine the last queue's head is taken away when its data is there and the writer for main
/// memory is ready, but that writer is given nothing (facts 3.2; source: the ready signal of the
/// issue queue asks for the writer, the valid signal towards it is masked).
public struct MoveOutPath: Sendable {
  /// Rows from the store controller.
  public var dispatch = Queue<OutgoingRow>(depth: 2)
  private var norm: Queue<OutgoingRow>
  private var scale: Queue<OutgoingRow>
  private var issue: Queue<OutgoingRow>
  private var normalizer: NormalizerTiming
  private var scaling: ScalingUnit
  private let scratchpadBanks: Int
  private let scratchpadBankShift: Int
  private let accumulatorBankShift: Int

  /// The row read from a bank this cycle, for observers.
  public private(set) var readRow: OutgoingRow?
  /// The accumulator refused the row at the head of `dispatch` this cycle, for observers.
  public private(set) var isReadRefused = false
  /// What the writer was given this cycle, for observers.
  public private(set) var handedRow: WriteRequest?

  /// Creates an idle path.
  public init(
    dim: Int, readDelay: Int, scaleUnits: Int, scaleLatency: Int, scratchpadBanks: Int,
    scratchpadBankRows: Int, accumulatorBankRows: Int, hasNormalizer: Bool
  ) {
    norm = Queue(depth: readDelay + 2)
    scale = Queue(depth: readDelay + 2)
    issue = Queue(depth: readDelay + 1, kind: .pipe)
    normalizer = NormalizerTiming(isPresent: hasNormalizer)
    scaling = ScalingUnit(units: scaleUnits, latency: scaleLatency, lanes: dim)
    self.scratchpadBanks = scratchpadBanks
    scratchpadBankShift = scratchpadBankRows.trailingZeroBitCount
    accumulatorBankShift = accumulatorBankRows.trailingZeroBitCount
  }

  /// What a fence waits for, besides the writer.
  public var isBusy: Bool {
    !(dispatch.isEmpty && norm.isEmpty && scale.isEmpty && issue.isEmpty)
  }

  /// Whether `tick` has to run: rows have been read, or statistics are being computed, which no
  /// fence waits for.
  public private(set) var isActive = false

  /// Cycle of the next event inside, when nothing moves until then.
  public var nextEvent: Cycle? {
    switch (normalizer.nextEvent, scaling.nextEvent) {
    case (let one?, let other?): min(one, other)
    case (let one, let other): one ?? other
    }
  }

  /// Clears what observers see; for cycles in which the path is not run.
  public mutating func forgetEvents() {
    readRow = nil
    isReadRefused = false
    handedRow = nil
  }

  /// The writer's end: hands a row to the writer, and moves rows between the queues.
  ///
  /// Runs before the array asks for its operands, because what it takes frees the banks.
  ///
  /// - Returns: Whether anything moved.
  public mutating func tick(
    _ now: Cycle, writer: inout StreamWriter, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming]
  ) -> Bool {
    readRow = nil
    isReadRefused = false
    handedRow = nil
    guard isActive else { return false }
    normalizer.begin(now)
    var moved = scaling.begin(now)
    moved = handToWriter(now, &writer, &scratchpad) || moved
    moved = scaling.advance() || moved
    if let row = scale.first, issue.canSend(now) {
      if row.isGarbage || !row.isAccumulator {
        issue.send(row)
        scale.receive(now)
        moved = true
      } else if normalizer.hasOutput, scaling.canPush {
        normalizer.takeOutput(now)
        scaling.push(normalises: row.normalises)
        issue.send(row)
        scale.receive(now)
        moved = true
      }
    }
    if let row = norm.first {
      if row.isGarbage || !row.isAccumulator {
        if scale.canSend(now) {
          scale.send(row)
          norm.receive(now)
          moved = true
        }
      } else {
        let bank = row.row >> accumulatorBankShift & (accumulator.count - 1)
        if accumulator[bank].hasData, scale.canSend(now), normalizer.canAccept(row, now) {
          accumulator[bank].takeData()
          normalizer.accept(row, now)
          if row.normCommand == 0 { scale.send(row) }
          norm.receive(now)
          moved = true
        }
      }
    }
    moved = normalizer.finish() || moved
    isActive = !(norm.isEmpty && scale.isEmpty && issue.isEmpty) || normalizer.isActive
    return moved
  }

  private mutating func handToWriter(
    _ now: Cycle, _ writer: inout StreamWriter, _ scratchpad: inout ScratchpadPorts
  ) -> Bool {
    guard let row = issue.first, writer.isReady else { return false }
    if !row.isGarbage {
      if row.isAccumulator {
        guard scaling.hasOutput else { return false }
        scaling.take()
      } else {
        let bank = row.row >> scratchpadBankShift & (scratchpadBanks - 1)
        guard scratchpad.hasMoveOutData(bank) else { return false }
        scratchpad.takeMoveOutData(bank, now)
      }
    }
    if row.reachesMemory { writer.accept(row.write) }
    handedRow = row.write
    issue.receive(now)
    return true
  }

  /// The banks' end: reads the next row, after the array has had its choice.
  ///
  /// - Returns: The command slot to tell that a row was read, or `nil`.
  public mutating func readNextRow(
    _ now: Cycle, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming]
  ) -> Int? {
    guard let row = dispatch.first, norm.canSend(now) else { return nil }
    if !row.isGarbage {
      if row.isAccumulator {
        let bank = row.row >> accumulatorBankShift & (accumulator.count - 1)
        guard accumulator[bank].canRead(row: row.row & ((1 << accumulatorBankShift) - 1), now)
        else {
          isReadRefused = true
          return nil
        }
        accumulator[bank].read()
      } else {
        let bank = row.row >> scratchpadBankShift & (scratchpadBanks - 1)
        guard scratchpad.canRead(bank) else { return nil }
        scratchpad.read(bank, for: .moveOut)
      }
      readRow = row
    }
    norm.send(row)
    isActive = true
    dispatch.receive(now)
    return row.commandSlot
  }
}

// MARK: State

extension OutgoingRow {
  static let none = OutgoingRow(
    write: WriteRequest(address: 0, byteCount: 0, block: 0, stores: false), isGarbage: false,
    isAccumulator: false, row: 0, normCommand: 0, statisticsID: 0, commandSlot: 0)

  mutating func visit(_ codec: inout StateCodec) {
    write.visit(&codec)
    codec.flag(&isGarbage)
    codec.flag(&isAccumulator)
    codec.row(&row, isAccumulator: isAccumulator)
    codec.integer(&normCommand)
    codec.integer(&statisticsID)
    codec.integer(&commandSlot)
    codec.flag(&normalises)
    codec.flag(&dividesNothing)
    codec.flag(&reachesMemory)
  }
}

extension MoveOutPath {
  public mutating func visit(_ codec: inout StateCodec) {
    dispatch.visit(&codec, .none) { $0.visit(&$1) }
    norm.visit(&codec, .none) { $0.visit(&$1) }
    scale.visit(&codec, .none) { $0.visit(&$1) }
    issue.visit(&codec, .none) { $0.visit(&$1) }
    normalizer.visit(&codec)
    scaling.visit(&codec)
    codec.flag(&isActive)
  }
}
