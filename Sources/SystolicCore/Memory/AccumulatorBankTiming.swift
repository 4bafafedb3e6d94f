/// When an accumulator bank can be read and written (facts 8.4, 8.5).
public struct AccumulatorBankTiming: Sendable {
  /// Row and cycle of the latest writes still on their way to the SRAM, a ring.
  private var recentRows: [Int]
  private var recentCycles: [Cycle]
  private var nextRecent = 0
  private let latency: Int
  /// A row was read in the previous cycle or waits in the one-entry register.
  private var hasPending = false
  /// Row that is written this cycle, if any.
  private var writtenRow = -1
  private var writeAccumulates = false
  private var writeCycle: Cycle = -1_000_000
  /// Last cycle in which an accumulating write was asked for.
  private var accumulateCycle: Cycle = -1

  // Single-ported banks: see `SubBanks`.
  private var subBanks: SubBanks?

  /// Creates an idle bank whose writes take `latency` cycles to reach the SRAM.
  public init(latency: Int, singlePorted: Bool, subBanks: Int) {
    self.latency = latency
    recentRows = Array(repeating: -1, count: latency)
    recentCycles = Array(repeating: -1_000_000, count: latency)
    self.subBanks = singlePorted ? SubBanks(count: subBanks) : nil
  }

  /// Whether a row that was read waits to be taken.
  public var hasData: Bool { hasPending }
  /// Whether a write is on its way to the SRAM.
  public func isWriting(_ now: Cycle) -> Bool { now - writeCycle <= latency }

  /// Takes the row that was read.
  public mutating func takeData() { hasPending = false }

  /// Whether `row` is written by a write still in its pipeline.
  private func isInFlight(_ row: Int, _ now: Cycle) -> Bool {
    var index = 0
    while index < latency {
      if recentRows[index] == row, now - recentCycles[index] <= latency,
        recentCycles[index] != now
      {
        return true
      }
      index += 1
    }
    return false
  }

  /// Asks to write `row`; an accumulating write is refused while one to the same row is under way.
  ///
  /// Even a refused accumulating write keeps reads away.
  ///
  /// - Returns: Whether the write was accepted.
  public mutating func write(row: Int, accumulating: Bool, _ now: Cycle) -> Bool {
    if accumulating { accumulateCycle = now }
    guard !accumulating || !isInFlight(row, now) else { return false }
    recentRows[nextRecent] = row
    recentCycles[nextRecent] = now
    nextRecent = nextRecent + 1 == latency ? 0 : nextRecent + 1
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
    if let subBanks, subBanks.refusesRead(row: row) { return false }
    return !isInFlight(row, now)
  }

  /// Starts a read; `canRead` must hold.
  public mutating func read() { hasPending = true }

  /// Ends the cycle for single-ported banks; returns whether anything moved.
  public mutating func settle(_ now: Cycle) -> Bool {
    guard subBanks != nil else { return false }
    let arrivingIndex = recentCycles.firstIndex(of: now - latency)
    let arriving = arrivingIndex.map { recentRows[$0] }
    let written = writeCycle == now ? writtenRow : nil
    return subBanks?.settle(written: written, accumulating: writeAccumulates, arriving: arriving)
      ?? false
  }
}

/// The single-ported SRAMs of one accumulator bank (facts 8.5).
///
/// Each cycle one of, in this order: the read of an accumulating write, a write from the queue of
/// finished writes, a plain read.
private struct SubBanks: Sendable {
  let count: Int
  /// Rows waiting in each sub-bank's three-entry write queue.
  var queued: [[Int]]
  var lastSubBank = 0
  var blocksConsecutiveWrite = false
  /// Sub-banks whose port is taken this cycle before any plain read.
  var busy: [Bool]

  init(count: Int) {
    self.count = count
    queued = Array(repeating: [], count: count)
    busy = Array(repeating: false, count: count)
  }

  func refusesRead(row: Int) -> Bool {
    let sub = row & (count - 1)
    return !queued[sub].isEmpty || busy[sub]
  }

  mutating func settle(written: Int?, accumulating: Bool, arriving: Int?) -> Bool {
    let before = (queued, blocksConsecutiveWrite)
    for sub in 0..<count {
      let readsForAccumulate = accumulating && written.map { $0 & (count - 1) == sub } ?? false
      if !readsForAccumulate, !queued[sub].isEmpty { queued[sub].removeFirst() }
    }
    if let arriving { queued[arriving & (count - 1)].append(arriving) }
    if accumulating, let written {
      let sub = written & (count - 1)
      blocksConsecutiveWrite = sub == lastSubBank
      if sub != lastSubBank { lastSubBank = sub }
    } else {
      blocksConsecutiveWrite = false
    }
    return before != (queued, blocksConsecutiveWrite)
  }
}
