/// Who reads a bank of the scratchpad.
public enum BankReader: Sendable {
  /// The execute controller, for operands of the array.
  case execute
  /// The move-out path, for rows on their way to main memory.
  case moveOut
  /// The floating-point nonlinear unit, for its operands.
  case nonlinear
}

/// When the scratchpad's banks can be read, and when what was read can be used (facts 8.1).
///
/// Behind each bank's SRAM stands a one-entry register that passes through when it can, and behind
/// that one path for each kind of reader: a queue (newest revision), or a pipeline of
/// `readPipelineStages` registers (corrections V1). All banks work in step: a set of banks is a
/// word with a bit each, so a cycle costs the same for 2 banks as for 64.
public struct ScratchpadPorts: Sendable {
  /// Banks whose one-entry register holds, or this cycle receives, a row for each reader.
  @usableFromInline var pendingExecute: UInt64 = 0
  @usableFromInline var pendingMoveOut: UInt64 = 0
  @usableFromInline var pendingNonlinear: UInt64 = 0
  @usableFromInline var execute: ReadPaths
  @usableFromInline var moveOut: ReadPaths
  @usableFromInline var nonlinear: ReadPaths
  @usableFromInline let isSinglePorted: Bool
  /// Banks whose port a write takes this cycle.
  @usableFromInline var written: UInt64 = 0
  /// Rows read and written so far.
  @usableFromInline var readRows = 0
  /// Rows read so far, of all banks and for all readers.
  public var rowsRead: Int { readRows }
  @usableFromInline var writtenRows = 0
  /// Rows written so far, of all banks.
  public var rowsWritten: Int { writtenRows }
  /// Banks in which a read may start this cycle; valid after `settle`.
  @usableFromInline var readable: UInt64 = .max

  /// Creates idle banks, at most 64, with at most 16 pipeline stages.
  public init(singlePorted: Bool, pipelineStages: Int, queueDepth: Int) {
    isSinglePorted = singlePorted
    execute = ReadPaths(pipelineStages: pipelineStages, queueDepth: queueDepth)
    moveOut = ReadPaths(pipelineStages: pipelineStages, queueDepth: queueDepth)
    nonlinear = ReadPaths(pipelineStages: pipelineStages, queueDepth: queueDepth)
  }

  /// Starts a cycle.
  @inlinable @inline(__always)
  public mutating func begin() { written = 0 }

  /// A write takes the port of `bank` this cycle.
  @inlinable @inline(__always)
  public mutating func write(_ bank: Int) {
    written |= 1 << UInt64(bank)
    writtenRows &+= 1
  }

  /// Whether a write has taken the port of `bank` this cycle.
  @inlinable @inline(__always)
  public func isWritten(_ bank: Int) -> Bool { written >> UInt64(bank) & 1 != 0 }

  /// Banks whose port a write has taken this cycle, a bit each; for observers.
  public var writtenBanks: UInt64 { written }

  /// Banks with a row that the array asked for, a bit each.
  @inlinable @inline(__always)
  public var executeData: UInt64 { execute.data }

  /// Whether a row for main memory is there.
  @inlinable @inline(__always)
  public func hasMoveOutData(_ bank: Int) -> Bool {
    moveOut.data >> UInt64(bank) & 1 != 0
  }

  /// Takes the row for the array.
  @inlinable @inline(__always)
  public mutating func takeExecuteData(_ bank: Int, _ now: Cycle) {
    execute.take(bank, now)
  }

  /// Takes the row for main memory.
  @inlinable @inline(__always)
  public mutating func takeMoveOutData(_ bank: Int, _ now: Cycle) {
    moveOut.take(bank, now)
  }

  /// Whether a row that the nonlinear unit asked for is there.
  @inlinable @inline(__always)
  public func hasNonlinearData(_ bank: Int) -> Bool {
    nonlinear.data >> UInt64(bank) & 1 != 0
  }

  /// Takes the row for the nonlinear unit.
  @inlinable @inline(__always)
  public mutating func takeNonlinearData(_ bank: Int, _ now: Cycle) {
    nonlinear.take(bank, now)
  }

  /// Moves rows on after the consumers have taken theirs, and finds where a read may start.
  ///
  /// - Returns: Whether anything moved.
  @inlinable @inline(__always)
  public mutating func settle(_ now: Cycle) -> Bool {
    var moved = false
    if execute.isActive || pendingExecute != 0 {
      moved = execute.advance(accepting: &pendingExecute, now)
    }
    if moveOut.isActive || pendingMoveOut != 0 {
      moved = moveOut.advance(accepting: &pendingMoveOut, now) || moved
    }
    if nonlinear.isActive || pendingNonlinear != 0 {
      moved = nonlinear.advance(accepting: &pendingNonlinear, now) || moved
    }
    let pending = pendingExecute | pendingMoveOut | pendingNonlinear
    readable = ~(pending | (isSinglePorted ? written : 0))
    return moved
  }

  /// Whether a read of `bank` may start this cycle; ask after `settle`.
  @inlinable @inline(__always)
  public func canRead(_ bank: Int) -> Bool { readable >> UInt64(bank) & 1 != 0 }

  /// Starts a read; `canRead` must hold.
  @inlinable @inline(__always)
  public mutating func read(_ bank: Int, for reader: BankReader) {
    let bit: UInt64 = 1 << UInt64(bank)
    precondition(readable & bit != 0, "read of a busy scratchpad bank")
    readable &= ~bit
    readRows &+= 1
    switch reader {
    case .execute: pendingExecute |= bit
    case .moveOut: pendingMoveOut |= bit
    case .nonlinear: pendingNonlinear |= bit
    }
  }
}

/// The ways of one kind of reader from the banks' registers to their consumer.
@usableFromInline struct ReadPaths: Sendable {
  /// Banks whose consumer can take a row.
  @usableFromInline var data: UInt64 = 0
  /// 2023 revisions: banks with a row in each stage before the last, which is `data`.
  @usableFromInline var stages = InlineArray<16, UInt64>(repeating: 0)
  @usableFromInline let stageCount: Int
  /// Newest revision: rows waiting in each bank's queue.
  @usableFromInline var waiting: [UInt8]
  /// A stage before the last is occupied.
  @usableFromInline var isMoving = false
  /// Slot of stage 0.
  @usableFromInline var first = 0
  @usableFromInline let isPipelined: Bool
  @usableFromInline let queueDepth: Int

  init(pipelineStages: Int, queueDepth: Int) {
    isPipelined = pipelineStages > 0
    stageCount = max(pipelineStages - 1, 0)
    precondition(stageCount <= stages.count, "more pipeline stages than a bank can have")
    waiting = Array(repeating: 0, count: pipelineStages > 0 ? 0 : 64)
    self.queueDepth = queueDepth
  }

  @inlinable @inline(__always)
  var isActive: Bool { isMoving || data != 0 }

  @inlinable @inline(__always)
  mutating func take(_ bank: Int, _ now: Cycle) {
    let bit: UInt64 = 1 << UInt64(bank)
    guard !isPipelined else {
      data &= ~bit
      return
    }
    waiting[bank] -= 1
    if waiting[bank] == 0 { data &= ~bit }
  }

  /// Moves every row whose next stage is free, and takes rows from the banks' registers.
  @inlinable mutating func advance(accepting pending: inout UInt64, _ now: Cycle) -> Bool {
    guard isPipelined else { return queue(&pending, now) }
    let last = stageCount - 1
    guard last >= 0 else {
      let entering = pending & ~data
      data |= entering
      pending &= ~entering
      return entering != 0
    }
    if data == 0 {
      // Nothing is stuck, so every row moves one stage: the stages are renumbered instead.
      let moved = isMoving || pending != 0
      data = stages[slot(last)]
      first = (first &- 1) & 15
      stages[first] = pending
      pending = 0
      findWhetherRowsMove()
      return moved
    }
    return advancePastStuckRows(&pending)
  }

  @inlinable @inline(__always)
  mutating func findWhetherRowsMove() {
    var held: UInt64 = 0
    var stage = 0
    while stage < stageCount {
      held |= stages[slot(stage)]
      stage &+= 1
    }
    isMoving = held != 0
  }

  /// Where the rows of a stage are kept.
  @inlinable @inline(__always)
  func slot(_ stage: Int) -> Int { (first &+ stage) & 15 }

  /// Moves every row whose next stage is free.
  @inlinable mutating func advancePastStuckRows(_ pending: inout UInt64) -> Bool {
    var last = stageCount - 1
    let leaving = stages[slot(last)] & ~data
    data |= leaving
    stages[slot(last)] &= ~leaving
    var moving = leaving
    while last > 0 {
      let passing = stages[slot(last - 1)] & ~stages[slot(last)]
      stages[slot(last)] |= passing
      stages[slot(last - 1)] &= ~passing
      moving |= passing
      last -= 1
    }
    let entering = pending & ~stages[slot(0)]
    stages[slot(0)] |= entering
    pending &= ~entering
    findWhetherRowsMove()
    return moving | entering != 0
  }

  /// Newest revision: a row enters its bank's queue if that is not full, or no longer since this
  /// cycle (facts 8.1, "pipe, not flow").
  @inlinable mutating func queue(_ pending: inout UInt64, _ now: Cycle) -> Bool {
    var candidates = pending
    var moved = false
    while candidates != 0 {
      let bank = candidates.trailingZeroBitCount
      let bit: UInt64 = 1 << UInt64(bank)
      candidates &= candidates - 1
      guard Int(waiting[bank]) < queueDepth else { continue }
      waiting[bank] += 1
      data |= bit
      pending &= ~bit
      moved = true
    }
    return moved
  }
}

// MARK: State

extension ScratchpadPorts {
  public mutating func visit(_ codec: inout StateCodec) {
    codec.scratchpadBanks(&pendingExecute)
    codec.scratchpadBanks(&pendingMoveOut)
    codec.scratchpadBanks(&pendingNonlinear)
    execute.visit(&codec)
    moveOut.visit(&codec)
    nonlinear.visit(&codec)
  }
}

extension ReadPaths {
  mutating func visit(_ codec: inout StateCodec) {
    codec.scratchpadBanks(&data)
    // Stage by stage, wherever each is kept.
    let registers = stages
    let offset = first
    if codec.isRestoring { first = 0 }
    for stage in 0..<stageCount {
      var held = registers[(offset &+ stage) & 15]
      codec.scratchpadBanks(&held)
      if codec.isRestoring { stages[stage] = held }
    }
    for index in waiting.indices {
      codec.integer(&waiting[codec.bank(at: index, isAccumulator: false)])
    }
    codec.flag(&isMoving)
  }
}
