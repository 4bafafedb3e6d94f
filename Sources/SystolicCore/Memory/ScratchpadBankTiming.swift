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
  /// Whether nothing is on its way.
  public var isIdle: Bool { pending == nil && executePath.isEmpty && moveOutPath.isEmpty }

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
    return moved
  }

  /// Starts a read; `canRead` must hold.
  public mutating func read(for reader: BankReader) {
    precondition(canRead, "read of a busy scratchpad bank")
    pending = reader
    canRead = false
  }
}

/// The way of one kind of reader from a bank's register to its consumer.
private struct ReadPath: Sendable {
  /// Newest revision: rows waiting in a plain queue.
  private var queue: Queue<Bool>
  /// 2023 revisions: a pipeline, used when it has stages.
  private var pipeline: ElasticPipeline<Bool>
  private let isPipelined: Bool

  init(pipelineStages: Int, queueDepth: Int) {
    isPipelined = pipelineStages > 0
    queue = Queue(depth: max(queueDepth, 1))
    pipeline = ElasticPipeline(depth: max(pipelineStages, 1))
  }

  var hasData: Bool { isPipelined ? pipeline.output != nil : !queue.isEmpty }
  var isEmpty: Bool { isPipelined ? pipeline.count == 0 : queue.isEmpty }

  mutating func take(_ now: Cycle) {
    if isPipelined { pipeline.take() } else { queue.receive(now) }
  }

  mutating func advance() -> Bool { isPipelined && pipeline.advance() }

  func canAccept(_ now: Cycle) -> Bool { isPipelined ? pipeline.canPush : queue.canSend(now) }

  mutating func accept() {
    if isPipelined { pipeline.push(true) } else { queue.send(true) }
  }
}
