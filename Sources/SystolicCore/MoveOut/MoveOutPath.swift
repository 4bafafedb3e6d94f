/// One row, or block of a row, on its way from a local memory to main memory (facts 6.3).
public struct OutgoingRow: Equatable, Sendable {
  public var write: WriteRequest
  /// Zeros, read from nowhere.
  public var isGarbage: Bool
  public var isAccumulator: Bool
  /// Row in its memory.
  public var row: Int
  /// Normalisation command; 0 passes the row on, the others only feed statistics.
  public var normCommand: UInt32
  /// Statistics set for the normaliser.
  public var statisticsID: Int
  /// Slot of the store's command tracker.
  public var commandSlot: Int

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
public struct MoveOutPath: Sendable {
  /// Rows from the store controller.
  public var dispatch = Queue<OutgoingRow>(depth: 2)
  private var norm: Queue<OutgoingRow>
  private var scale: Queue<OutgoingRow>
  private var issue: Queue<OutgoingRow>
  private var normalizer: NormalizerTiming
  private var scaling: ElasticPipeline<Bool>
  private let scratchpadBankRows: Int
  private let accumulatorBankRows: Int

  /// The row read from a bank this cycle, for observers.
  public private(set) var readRow: OutgoingRow?
  /// The accumulator refused the row at the head of `dispatch` this cycle, for observers.
  public private(set) var isReadRefused = false
  /// What the writer was given this cycle, for observers.
  public private(set) var handedRow: WriteRequest?

  /// Creates an idle path.
  public init(
    readDelay: Int, scaleLatency: Int, scratchpadBankRows: Int, accumulatorBankRows: Int,
    hasNormalizer: Bool
  ) {
    norm = Queue(depth: readDelay + 2)
    scale = Queue(depth: readDelay + 2)
    issue = Queue(depth: readDelay + 1, kind: .pipe)
    normalizer = NormalizerTiming(isPresent: hasNormalizer)
    scaling = ElasticPipeline(depth: scaleLatency)
    self.scratchpadBankRows = scratchpadBankRows
    self.accumulatorBankRows = accumulatorBankRows
  }

  /// What a fence waits for, besides the writer.
  public var isBusy: Bool {
    !(dispatch.isEmpty && norm.isEmpty && scale.isEmpty && issue.isEmpty)
  }

  /// Cycle of the next event inside, when nothing moves until then.
  public var nextEvent: Cycle? { normalizer.nextEvent }

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
    _ now: Cycle, writer: inout StreamWriter, scratchpad: inout [ScratchpadBankTiming],
    accumulator: inout [AccumulatorBankTiming]
  ) -> Bool {
    readRow = nil
    isReadRefused = false
    handedRow = nil
    guard isBusy else { return false }
    var moved = handToWriter(now, &writer, &scratchpad)
    moved = scaling.advance() || moved
    if let row = scale.first, issue.canSend(now) {
      if row.isGarbage || !row.isAccumulator {
        issue.send(row)
        scale.receive(now)
        moved = true
      } else if normalizer.hasOutput, scaling.canPush {
        normalizer.takeOutput(now)
        scaling.push(true)
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
        let bank = row.row / accumulatorBankRows % accumulator.count
        if accumulator[bank].hasData, scale.canSend(now), normalizer.canAccept(row, now) {
          accumulator[bank].takeData()
          normalizer.accept(row, now)
          if row.normCommand == 0 { scale.send(row) }
          norm.receive(now)
          moved = true
        }
      }
    }
    return normalizer.advance(now) || moved
  }

  private mutating func handToWriter(
    _ now: Cycle, _ writer: inout StreamWriter, _ scratchpad: inout [ScratchpadBankTiming]
  ) -> Bool {
    guard let row = issue.first, writer.isReady else { return false }
    if !row.isGarbage {
      if row.isAccumulator {
        guard scaling.output != nil else { return false }
        scaling.take()
      } else {
        let bank = row.row / scratchpadBankRows % scratchpad.count
        guard scratchpad[bank].hasMoveOutData else { return false }
        scratchpad[bank].takeMoveOutData(now)
      }
    }
    writer.accept(row.write)
    handedRow = row.write
    issue.receive(now)
    return true
  }

  /// The banks' end: reads the next row, after the array has had its choice.
  ///
  /// - Returns: The command slot to tell that a row was read, or `nil`.
  public mutating func readNextRow(
    _ now: Cycle, scratchpad: inout [ScratchpadBankTiming],
    accumulator: inout [AccumulatorBankTiming]
  ) -> Int? {
    guard let row = dispatch.first, norm.canSend(now) else { return nil }
    if !row.isGarbage {
      if row.isAccumulator {
        let bank = row.row / accumulatorBankRows % accumulator.count
        guard accumulator[bank].canRead(row: row.row % accumulatorBankRows, now) else {
          isReadRefused = true
          return nil
        }
        accumulator[bank].read()
      } else {
        let bank = row.row / scratchpadBankRows % scratchpad.count
        guard scratchpad[bank].canRead else { return nil }
        scratchpad[bank].read(for: .moveOut)
      }
      readRow = row
    }
    norm.send(row)
    dispatch.receive(now)
    return row.commandSlot
  }
}
