/// What a finished row of a load reports to its command tracker.
public struct LoadReturn: Equatable, Sendable {
  /// Slot of the load's command tracker.
  public var commandSlot: Int
  /// Bytes to take off its count.
  public var byteCount: Int
}

/// What the array writes in a cycle, at most one row: it has the first claim on every port.
public struct ExecuteWrite: Equatable, Sendable {
  /// The row is the accumulator's.
  public var isAccumulator: Bool
  /// Bank of the row.
  public var bank: Int
  /// Row of the whole memory, not of the bank.
  public var row: Int
  /// The write adds to what the row holds.
  public var accumulates: Bool

  public init(isAccumulator: Bool, bank: Int, row: Int, accumulates: Bool) {
    self.isAccumulator = isAccumulator
    self.bank = bank
    self.row = row
    self.accumulates = accumulates
  }
}

/// A row that the move-in path wrote this cycle, for observers.
public struct MoveInWrite: Equatable, Sendable {
  /// The row is the accumulator's.
  public var isAccumulator: Bool
  /// Bank of the row.
  public var bank: Int
  /// Row of the whole memory, not of the bank.
  public var row: Int
  /// Running number of the load that it belongs to.
  public var order: UInt32
  /// The write adds to what the row holds.
  public var accumulates: Bool
  /// Only some columns of the row are written, because its pixels are repeated.
  public var isPartial: Bool

  init(_ row: IncomingRow, bank: Int) {
    isAccumulator = row.destination.isAccumulator
    self.bank = bank
    self.row = row.destination.row
    order = row.destination.order
    accumulates = row.destination.accumulates
    isPartial = row.destination.pixelRepeats > 1
  }
}

/// The way of a row from the reader into a bank (facts 8.2): scaler and pixel repeater for int8
/// rows, a register for int32 rows, the zero writer; and who may write when.
public struct MoveInPath: Sendable {
  private let scratchpadBanks: Int
  private let scratchpadBankShift: Int
  private let accumulatorBankShift: Int
  private let hasRepeater: Bool
  private let queueDepth: Int

  private var scaler: VectorScaler
  private var repeater: PixelRepeater
  private var fullWidthRow: IncomingRow?
  private var fullWidthRepeats = 0
  private var zeroWriter: ZeroWriter
  private var zeroRepeater: PixelRepeater
  /// Queues between reader and scalers, where the revision has them (corrections V2).
  private var scalerQueue: Queue<IncomingRow>
  private var fullWidthQueue: Queue<IncomingRow>

  /// Whether `tick` has to run even if nothing comes from the merger.
  public private(set) var isActive = false
  /// Whether the zero writer accepts a row this cycle; valid after `tick`.
  public private(set) var acceptsZeros = true
  /// Rows written this cycle, for observers.
  public private(set) var scalerWrite: MoveInWrite?
  /// See `scalerWrite`; the row of int32 elements.
  public private(set) var fullWidthWrite: MoveInWrite?
  /// See `scalerWrite`; the row of zeros.
  public private(set) var zeroWrite: MoveInWrite?
  /// What became of the row that the reader had ready this cycle, for observers.
  public private(set) var merged = MergedRow.none
  /// See `merged`.
  public enum MergedRow: Sendable {
    /// The reader had no whole row.
    case none
    /// It went on to a scaler, or into the queue before it.
    case taken
    /// It stays: what comes next had no place for it.
    case held
  }

  /// A row was ready but its bank's port was taken or refused it.
  public private(set) var isWriteBlocked = false

  /// Creates an idle path.
  public init(
    dim: Int, scratchpadRows: Int, scratchpadBankRows: Int, accumulatorBankRows: Int,
    scaleUnits: Int, scaleLatency: Int, queueDepth: Int, hasRepeater: Bool
  ) {
    scratchpadBanks = scratchpadRows / scratchpadBankRows
    scratchpadBankShift = scratchpadBankRows.trailingZeroBitCount
    accumulatorBankShift = accumulatorBankRows.trailingZeroBitCount
    self.hasRepeater = hasRepeater
    self.queueDepth = queueDepth
    scaler = VectorScaler(units: scaleUnits, latency: scaleLatency, lanes: dim)
    repeater = PixelRepeater(scratchpadRows: scratchpadRows)
    zeroWriter = ZeroWriter(dim: dim)
    zeroRepeater = PixelRepeater(scratchpadRows: scratchpadRows)
    scalerQueue = Queue(depth: max(queueDepth, 1))
    fullWidthQueue = Queue(depth: max(queueDepth, 1))
  }

  /// Whether nothing is on its way.
  @inline(__always)
  public var isIdle: Bool {
    scaler.isIdle && repeater.isIdle && fullWidthRow == nil && zeroWriter.isIdle
      && zeroRepeater.isIdle && scalerQueue.isEmpty && fullWidthQueue.isEmpty
  }

  /// Cycle of the next event inside, when nothing moves until then.
  public var nextEvent: Cycle? { scaler.nextEvent }

  /// Lanes given to the scaler's multipliers so far.
  public var scalerGrants: Int { scaler.grantCount }
  /// Lanes of rows in the scaler that one multiplier serves.
  public var scalerLanes: Int { scaler.laneCount }

  /// Gives a row of zeros to the zero writer; `acceptsZeros` must hold.
  public mutating func acceptZeros(_ request: ZeroRequest) {
    zeroWriter.accept(request)
    acceptsZeros = false
    isActive = true
  }

  /// Clears what observers see; for cycles in which the path is not run.
  public mutating func forgetEvents() {
    scalerWrite = nil
    fullWidthWrite = nil
    zeroWrite = nil
    isWriteBlocked = false
    merged = .none
  }

  /// One cycle: writes what can be written, and moves the rest on.
  ///
  /// - Returns: Whether anything moved, and what the load controller is told.
  public mutating func tick(
    _ now: Cycle, executeWrite: ExecuteWrite?, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming], merger: inout BeatMerger,
    reader: inout StreamReader, responses: inout Queue<ResponseBeat>
  ) -> (moved: Bool, loadReturn: LoadReturn?) {
    scalerWrite = nil
    fullWidthWrite = nil
    zeroWrite = nil
    isWriteBlocked = false
    merged = .none
    acceptsZeros = true
    let scaled = hasRepeater ? repeater.output : scaler.output
    let full = fullWidthOutput
    let zeros = hasRepeater ? zeroRepeater.output : zeroWriter.output
    write(
      now, scaled: scaled, full: full, zeros: zeros, executeWrite: executeWrite,
      scratchpad: &scratchpad, accumulator: &accumulator)
    var loadReturn: LoadReturn?
    if let scaled, scalerWrite != nil, scaled.isLast {
      loadReturn = LoadReturn(
        commandSlot: scaled.destination.commandSlot, byteCount: scaled.packetBytes)
    } else if let full, fullWidthWrite != nil, full.isLast {
      loadReturn = LoadReturn(
        commandSlot: full.destination.commandSlot, byteCount: full.packetBytes)
    } else if let zeros, zeroWrite != nil, zeros.isLast {
      loadReturn = LoadReturn(
        commandSlot: zeros.destination.commandSlot, byteCount: zeros.packetBytes)
    }
    isWriteBlocked =
      (scaled != nil && scalerWrite == nil) || (full != nil && fullWidthWrite == nil)
      || (zeros != nil && zeroWrite == nil)
    var moved = advanceZeros()
    moved = advanceRows(now, merger: &merger, reader: &reader, responses: &responses) || moved
    isActive = moved || !isIdle
    return (moved || loadReturn != nil, loadReturn)
  }

  @inline(__always) private var fullWidthOutput: IncomingRow? {
    guard var row = fullWidthRow else { return nil }
    row.destination.row += fullWidthRepeats
    row.isLast = row.isLast && fullWidthRepeats == 0
    return row
  }

  /// Finds which of the three rows is written (facts 6.5): the array first, then int8 rows, int32
  /// rows, zeros. Two rows that both report to the load controller never go in one cycle.
  @inline(__always)
  private mutating func write(
    _ now: Cycle, scaled: IncomingRow?, full: IncomingRow?, zeros: IncomingRow?,
    executeWrite: ExecuteWrite?, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming]
  ) {
    let scratchpadTaken = executeWrite.map { $0.isAccumulator ? -1 : $0.bank } ?? -1
    let accumulatorTaken = executeWrite.map { $0.isAccumulator ? $0.bank : -1 } ?? -1
    if let scaled, !scaled.destination.isAccumulator {
      let bank = scaled.destination.row >> scratchpadBankShift & (scratchpadBanks - 1)
      if bank != scratchpadTaken {
        scratchpad.write(bank)
        scalerWrite = MoveInWrite(scaled, bank: bank)
      }
    }
    let scaledIsLast = scaled?.isLast ?? false
    let holdsZeros = scaledIsLast || (full?.isLast ?? false)
    let holdsAccumulator = scaledIsLast && scaled?.destination.isAccumulator == false
    var accumulatorClaimed = accumulatorTaken
    let fromScaler = scaled?.destination.isAccumulator ?? false
    if !holdsAccumulator, let row = fromScaler ? scaled : full {
      let bank = row.destination.row >> accumulatorBankShift & (accumulator.count - 1)
      if bank != accumulatorTaken, !accumulator[bank].blocksMoveIn {
        accumulatorClaimed = bank
        let done = Self.write(row, to: &accumulator[bank], bank: bank, accumulatorBankShift, now)
        if fromScaler { scalerWrite = done } else { fullWidthWrite = done }
      }
    }
    guard let zeros, !holdsZeros else { return }
    if zeros.destination.isAccumulator {
      let bank = zeros.destination.row >> accumulatorBankShift & (accumulator.count - 1)
      guard bank != accumulatorTaken, bank != accumulatorClaimed, !accumulator[bank].blocksMoveIn
      else { return }
      zeroWrite = Self.write(zeros, to: &accumulator[bank], bank: bank, accumulatorBankShift, now)
    } else {
      let bank = zeros.destination.row >> scratchpadBankShift & (scratchpadBanks - 1)
      guard bank != scratchpadTaken, !scratchpad.isWritten(bank) else { return }
      scratchpad.write(bank)
      zeroWrite = MoveInWrite(zeros, bank: bank)
    }
  }

  private static func write(
    _ row: IncomingRow, to bank: inout AccumulatorBankTiming, bank index: Int, _ bankShift: Int,
    _ now: Cycle
  ) -> MoveInWrite? {
    let rowInBank = row.destination.row & ((1 << bankShift) - 1)
    guard bank.write(row: rowInBank, accumulating: row.destination.accumulates, now) else {
      return nil
    }
    return MoveInWrite(row, bank: index)
  }

  @inline(__always)
  private mutating func advanceZeros() -> Bool {
    if zeroWriter.isIdle, !hasRepeater || zeroRepeater.isIdle { return false }
    guard hasRepeater else {
      let taken = zeroWrite != nil
      acceptsZeros = zeroWriter.tick(takesOutput: taken)
      return taken
    }
    let (moved, isReady) = zeroRepeater.tick(takesOutput: zeroWrite != nil)
    let block = isReady ? zeroWriter.output : nil
    if let block { zeroRepeater.accept(block) }
    acceptsZeros = zeroWriter.tick(takesOutput: block != nil)
    return moved || block != nil
  }

  /// Moves the rows behind the write ports on, consumers first.
  @inline(__always)
  private mutating func advanceRows(
    _ now: Cycle, merger: inout BeatMerger, reader: inout StreamReader,
    responses: inout Queue<ResponseBeat>
  ) -> Bool {
    var moved = false
    var takesScaled = scalerWrite != nil
    if hasRepeater {
      let step = repeater.tick(takesOutput: takesScaled)
      takesScaled = false
      if step.isReady, let row = scaler.output {
        repeater.accept(row)
        takesScaled = true
      }
      moved = step.moved
    }
    let step = scaler.tick(now, takesOutput: takesScaled)
    moved = moved || step.moved
    var fullWidthIsReady = fullWidthRow == nil
    if fullWidthWrite != nil {
      moved = true
      if fullWidthRepeats == 0 {
        fullWidthRow = nil
        fullWidthIsReady = true
      } else {
        fullWidthRepeats -= 1
      }
    }
    if step.isReady, let row = scalerQueue.receive(now) {
      scaler.accept(row)
      moved = true
    }
    if fullWidthIsReady, let row = fullWidthQueue.receive(now) {
      acceptFullWidth(row)
      moved = true
    }
    var takesMerged = false
    if let row = merger.output {
      takesMerged = take(
        row, now, scalerIsReady: step.isReady, fullWidthIsReady: fullWidthIsReady)
      merged = takesMerged ? .taken : .held
    }
    return merger.tick(now, takesOutput: takesMerged, reader: &reader, responses: &responses)
      || moved
  }

  private mutating func acceptFullWidth(_ row: IncomingRow) {
    fullWidthRow = row
    fullWidthRepeats = row.destination.repeats
  }

  /// Takes a row from the reader, into a queue or straight into a scaler's register.
  private mutating func take(
    _ row: IncomingRow, _ now: Cycle, scalerIsReady: Bool, fullWidthIsReady: Bool
  ) -> Bool {
    let isFullWidth = row.destination.isAccumulator && row.destination.isFullWidth
    if queueDepth == 0 {
      guard isFullWidth ? fullWidthIsReady : scalerIsReady else { return false }
      if isFullWidth { acceptFullWidth(row) } else { scaler.accept(row) }
      return true
    }
    if isFullWidth {
      guard fullWidthQueue.canSend(now) else { return false }
      fullWidthQueue.send(row)
    } else {
      guard scalerQueue.canSend(now) else { return false }
      scalerQueue.send(row)
    }
    return true
  }
}

// MARK: State

extension MoveInPath {
  public mutating func visit(_ codec: inout StateCodec) {
    scaler.visit(&codec)
    repeater.visit(&codec)
    if codec.holds(&fullWidthRow, or: .none) {
      fullWidthRow?.visit(&codec)
      codec.integer(&fullWidthRepeats)
    }
    zeroWriter.visit(&codec)
    zeroRepeater.visit(&codec)
    scalerQueue.visit(&codec, .none) { $0.visit(&$1) }
    fullWidthQueue.visit(&codec, .none) { $0.visit(&$1) }
    codec.flag(&isActive)
    codec.flag(&acceptsZeros)
  }
}
