/// Who reads a bank of the scratchpad.
public enum BankReader: Sendable {
  case execute, moveOut
}

/// When a scratchpad bank can be read, and when what was read can be used (facts 8.1).
///
/// Behind the SRAM stands a one-entry register that passes through when it can, and behind that
/// one path for each kind of reader: a queue (newest revision), or a pipeline of
/// `readPipelineStages` registers (corrections V1).
public struct ScratchpadBankTiming: Sendable {
  /// What stands in, or this cycle enters, the one-entry register.
  private var pending: BankReader?
  private var executePath: ReadPath
  private var moveOutPath: ReadPath
  private let isSinglePorted: Bool
  /// Whether a write took the bank's port this cycle.
  public var isWritten = false
  /// Whether a read may start this cycle; valid after `settle`.
  public private(set) var canRead = true

  /// Creates an idle bank.
  public init(singlePorted: Bool, pipelineStages: Int, queueDepth: Int) {
    isSinglePorted = singlePorted
    executePath = ReadPath(pipelineStages: pipelineStages, queueDepth: queueDepth)
    moveOutPath = ReadPath(pipelineStages: pipelineStages, queueDepth: queueDepth)
  }

  /// Whether a row that the array asked for is there.
  public var hasExecuteData: Bool { executePath.hasData }
  /// Whether a row for main memory is there.
  public var hasMoveOutData: Bool { moveOutPath.hasData }
  /// Whether `settle` has to run even if nothing was read or written.
  public private(set) var isActive = true

  /// Takes the row for the array.
  public mutating func takeExecuteData(_ now: Cycle) { executePath.take(now) }
  /// Takes the row for main memory.
  public mutating func takeMoveOutData(_ now: Cycle) { moveOutPath.take(now) }

  /// Moves rows on after the consumers have taken theirs, and finds whether a read may start.
  ///
  /// - Returns: Whether anything moved.
  public mutating func settle(_ now: Cycle) -> Bool {
    var moved = executePath.advance()
    moved = moveOutPath.advance() || moved
    if let reader = pending {
      switch reader {
      case .execute:
        if executePath.canAccept(now) {
          executePath.accept()
          pending = nil
          moved = true
        }
      case .moveOut:
        if moveOutPath.canAccept(now) {
          moveOutPath.accept()
          pending = nil
          moved = true
        }
      }
    }
    canRead = pending == nil && !(isSinglePorted && isWritten)
    isActive = pending != nil || !executePath.isEmpty || !moveOutPath.isEmpty || isWritten
    return moved
  }

  /// Starts a read; `canRead` must hold.
  public mutating func read(for reader: BankReader) {
    precondition(canRead, "read of a busy scratchpad bank")
    pending = reader
    canRead = false
    isActive = true
  }
}

/// The way of one kind of reader from a bank's register to its consumer.
private struct ReadPath: Sendable {
  /// 2023 revisions: the occupied stages of a pipeline, a bit each, the last stage highest.
  private var stages: UInt64 = 0
  /// Newest revision: rows waiting in a plain queue, and the cycle of the last taken.
  private var waiting = 0
  private var lastTaken: Cycle = -1
  /// Bit of the last stage, or 0 for a queue.
  private let lastStage: UInt64
  private let queueDepth: Int

  init(pipelineStages: Int, queueDepth: Int) {
    precondition(pipelineStages <= 64, "a bank's pipeline has at most 64 stages")
    lastStage = pipelineStages > 0 ? 1 << UInt64(pipelineStages - 1) : 0
    self.queueDepth = queueDepth
  }

  var hasData: Bool { lastStage != 0 ? stages & lastStage != 0 : waiting > 0 }
  var isEmpty: Bool { stages == 0 && waiting == 0 }

  mutating func take(_ now: Cycle) {
    if lastStage != 0 {
      stages &= ~lastStage
    } else {
      waiting -= 1
      lastTaken = now
    }
  }

  /// Moves every row whose next stage is free: all but those packed against the last stage.
  mutating func advance() -> Bool {
    guard stages != 0 else { return false }
    let unused = (lastStage - 1).leadingZeroBitCount - 1
    let packed = (~(stages << UInt64(unused))).leadingZeroBitCount
    let stuck = packed == 0 ? 0 : ~(UInt64.max >> UInt64(packed)) >> UInt64(unused)
    let next = stages & stuck | (stages & ~stuck) << 1
    defer { stages = next }
    return next != stages
  }

  func canAccept(_ now: Cycle) -> Bool {
    lastStage != 0 ? stages & 1 == 0 : waiting + (lastTaken == now ? 1 : 0) < queueDepth
  }

  mutating func accept() {
    if lastStage != 0 { stages |= 1 } else { waiting += 1 }
  }
}
