/// When an accumulator bank can be read and written (facts 8.4, 8.5).
public struct AccumulatorBankTiming: Sendable {
  /// The latest writes, of which the last `latency` cycles' are still on their way to the SRAM: a
  /// ring of `latency + 1` places, because this cycle's write is asked about before the oldest has
  /// arrived.
  private var recent: [Write]
  private var nextRecent = 0
  private let latency: Int

  private struct Write: Sendable {
    var row = -1
    var cycle: Cycle = -1_000_000
  }

  /// A row was read in the previous cycle or waits in the one-entry register.
  private var hasPending = false
  /// Row that is written this cycle, if any.
  private var writtenRow = -1
  private var writeAccumulates = false
  private var writeCycle: Cycle = -1_000_000
  /// Last cycle in which an accumulating write was asked for.
  private var accumulateCycle: Cycle = -1

  /// Rows read so far, those that accumulating writes add to included.
  public private(set) var rowsRead = 0
  /// Rows written so far.
  public private(set) var rowsWritten = 0

  // Single-ported banks: see `SubBanks`.
  private var subBanks: SubBanks?

  /// Creates an idle bank whose writes take `latency` cycles to reach the SRAM.
  public init(latency: Int, singlePorted: Bool, subBanks: Int) {
    self.latency = latency
    recent = Array(repeating: Write(), count: latency + 1)
    self.subBanks = singlePorted ? SubBanks(count: subBanks) : nil
  }

  /// Whether a row that was read waits to be taken.
  public var hasData: Bool { hasPending }
  /// Whether a write is on its way to the SRAM.
  public func isWriting(_ now: Cycle) -> Bool {
    now - writeCycle <= latency || (subBanks?.isActive ?? false)
  }
  /// Whether a sub-bank's write queue was given more than it holds, which the hardware asserts
  /// against: accumulating writes took its port cycle after cycle.
  public var hasOverflowed: Bool { subBanks?.hasOverflowed ?? false }

  /// Whether the write port is taken this cycle, by a write or by one that was refused.
  public func isWritten(_ now: Cycle) -> Bool { writeCycle == now || accumulateCycle == now }

  /// Takes the row that was read.
  public mutating func takeData() { hasPending = false }

  /// Whether `row` is written by a write still in its pipeline.
  private func isInFlight(_ row: Int, _ now: Cycle) -> Bool {
    recent.withUnsafeBufferPointer { writes in
      for write in writes where write.row == row {
        if now &- write.cycle <= latency, write.cycle != now { return true }
      }
      return false
    }
  }

  /// Asks to write `row`; an accumulating write is refused while one to the same row is under way.
  ///
  /// Even a refused accumulating write keeps reads away.
  ///
  /// - Returns: Whether the write was accepted.
  public mutating func write(row: Int, accumulating: Bool, _ now: Cycle) -> Bool {
    if accumulating {
      accumulateCycle = now
      if let ready = subBanks?.claim(row: row), !ready { return false }
      guard !isInFlight(row, now) else { return false }
    }
    recent[nextRecent] = Write(row: row, cycle: now)
    nextRecent = nextRecent == latency ? 0 : nextRecent + 1
    rowsWritten &+= 1
    if accumulating { rowsRead &+= 1 }
    writtenRow = row
    writeAccumulates = accumulating
    writeCycle = now
    return true
  }

  /// Whether a move-in or zero write must wait because accumulates hit one sub-bank in a row.
  public var blocksMoveIn: Bool { subBanks?.blocksConsecutiveWrite ?? false }

  /// Whether a read of `row` may start this cycle; ask after the cycle's write and take.
  public func canRead(row: Int, _ now: Cycle) -> Bool {
    guard !hasPending else { return false }
    guard accumulateCycle != now else { return false }
    if let subBanks, subBanks.isWriting(row: row) { return false }
    return !isInFlight(row, now)
  }

  /// Starts a read; `canRead` must hold.
  public mutating func read() {
    hasPending = true
    rowsRead &+= 1
  }

  /// Ends the cycle for single-ported banks; returns whether anything moved.
  public mutating func settle(_ now: Cycle) -> Bool {
    guard subBanks != nil else { return false }
    var arriving: Int?
    for write in recent where write.cycle == now - latency {
      arriving = write.row
    }
    let accumulated = writeCycle == now && writeAccumulates ? writtenRow : nil
    return subBanks?.settle(accumulated: accumulated, arriving: arriving) ?? false
  }
}

/// The single-ported SRAMs of one accumulator bank, chosen by the low bits of the row (facts 8.5).
///
/// Each cycle one of, in this order: the read of an accumulating write, a write from the queue of
/// finished writes, a plain read. A finished write enters its queue when its pipeline ends, and can
/// go to the SRAM from the next cycle on.
private struct SubBanks: Sendable {
  /// Entries of a write queue.
  private static let queueDepth = 3

  private let count: Int
  /// Rows in the write queues, oldest first; `queueDepth` places each.
  private var queuedRows: [Int]
  private var queuedCounts: [Int]
  /// Sub-bank whose port an accumulating write took this cycle, or -1.
  private var claimed = -1
  /// Sub-bank of the last accumulating write that changed sub-banks.
  private var lastSubBank = 0
  /// In the last cycle an accumulating write hit the sub-bank remembered: no move-in or zero write.
  private(set) var blocksConsecutiveWrite = false
  private(set) var hasOverflowed = false

  init(count: Int) {
    self.count = count
    queuedRows = Array(repeating: -1, count: count * Self.queueDepth)
    queuedCounts = Array(repeating: 0, count: count)
  }

  /// Whether a write waits, or the next cycle changes what may be written.
  var isActive: Bool {
    if blocksConsecutiveWrite { return true }
    for sub in 0..<count where queuedCounts[sub] > 0 { return true }
    return false
  }

  /// Whether a plain read of `row` finds its sub-bank writing, or the row itself waiting there.
  func isWriting(row: Int) -> Bool { queuedCounts[row & (count - 1)] > 0 }

  /// An accumulating write asks for the port to read its row.
  ///
  /// - Returns: Whether it has it; not while an older write of the row waits in the queue.
  mutating func claim(row: Int) -> Bool {
    let sub = row & (count - 1)
    for index in 0..<queuedCounts[sub] where queuedRows[sub * Self.queueDepth + index] == row {
      return false
    }
    claimed = sub
    return true
  }

  /// Ends the cycle: writes where the port is free, and takes over the write that is finished.
  mutating func settle(accumulated: Int?, arriving: Int?) -> Bool {
    var moved = arriving != nil || claimed >= 0
    for sub in 0..<count where sub != claimed && queuedCounts[sub] > 0 {
      let first = sub * Self.queueDepth
      queuedCounts[sub] -= 1
      for index in first..<first + queuedCounts[sub] { queuedRows[index] = queuedRows[index + 1] }
      moved = true
    }
    claimed = -1
    if let arriving {
      let sub = arriving & (count - 1)
      if queuedCounts[sub] == Self.queueDepth {
        hasOverflowed = true
      } else {
        queuedRows[sub * Self.queueDepth + queuedCounts[sub]] = arriving
        queuedCounts[sub] += 1
      }
    }
    let blocked = blocksConsecutiveWrite
    blocksConsecutiveWrite = false
    if let accumulated {
      let sub = accumulated & (count - 1)
      blocksConsecutiveWrite = sub == lastSubBank
      lastSubBank = sub
    }
    return moved || blocked != blocksConsecutiveWrite
  }
}

// MARK: State

extension AccumulatorBankTiming {
  public mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&hasPending)
    if hasPending || subBanks != nil { codec.noteHalves() }
    codec.past(&writeCycle, for: latency)
    // Writes on their way, oldest first, as the next ones take their places.
    let writes = recent
    if codec.isRestoring {
      recent = Array(repeating: Write(), count: latency + 1)
      nextRecent = 0
      accumulateCycle = -1
    }
    for age in stride(from: latency, to: 0, by: -1) {
      let cycle = codec.now - age
      var row = writes.last { $0.cycle == cycle }?.row ?? -1
      var isWriting = row >= 0
      codec.flag(&isWriting)
      row = isWriting ? max(row, 0) : -1
      if isWriting { codec.accumulatorRowInBank(&row) }
      if codec.isRestoring, row >= 0 {
        recent[nextRecent] = Write(row: row, cycle: cycle)
        nextRecent += 1
      }
    }
    if codec.isRestoring { nextRecent = nextRecent > latency ? 0 : nextRecent }
    if var banks = subBanks {
      banks.visit(&codec)
      subBanks = banks
    }
  }
}

extension SubBanks {
  fileprivate mutating func visit(_ codec: inout StateCodec) {
    for sub in queuedCounts.indices {
      codec.integer(&queuedCounts[sub])
      for index in 0..<min(queuedCounts[sub], Self.queueDepth) {
        codec.accumulatorRowInBank(&queuedRows[sub * Self.queueDepth + index])
      }
    }
    codec.integer(&claimed)
    codec.integer(&lastSubBank)
    codec.flag(&blocksConsecutiveWrite)
    codec.flag(&hasOverflowed)
  }
}
