/// The last-page registers in front of the shared TLB, and the TLB's arbiter (facts 9.4).
///
/// Addresses are physical, so the TLB itself never misses; but two engines that both leave their
/// last page in one cycle meet at its port, and the loser must retry. An engine's register
/// compares whatever stands in its lookup stage, every cycle, also what has already left it: a
/// write that waits for the bus can so be told that it missed because of the beat behind it.
public struct Translation: Equatable, Sendable {
  /// An engine of the DMA.
  public enum Client: Int, Sendable {
    case writer = 0
    case reader = 1
  }

  private struct Registers: Equatable, Sendable {
    /// Page of the last translation.
    var lastPage: UInt64?
    /// The lookup stage held the last page in the previous cycle.
    var hit = false
    /// Page to ask the TLB for.
    var request: UInt64?

    mutating func lookUp(_ address: UInt64, leaves: Bool, found: UInt64?) -> Bool {
      let page = address >> 12
      let hits = lastPage == page
      let asked = leaves && !hits ? page : nil
      var changed = hits != hit || asked != request
      hit = hits
      request = asked
      if let found {
        changed = changed || lastPage != found
        lastPage = found
      }
      return changed
    }
  }

  /// Whether a register changed in the last cycle, so that it may change again.
  public private(set) var isActive = true

  private var writer = Registers()
  private var reader = Registers()
  private var lastGranted = Client.writer
  /// Pages that the TLB has just given, for the registers at the end of the cycle.
  private var writerFound: UInt64?
  private var readerFound: UInt64?

  /// Creates registers that hold no page.
  public init() {}

  /// Forgets the last pages, as a flush command does.
  public mutating func flush() {
    isActive = true
    writer.lastPage = nil
    reader.lastPage = nil
  }

  /// Answers the lookups of the previous cycle; runs first in a cycle.
  ///
  /// - Returns: Whether what stands behind each engine's lookup stage has no translation.
  public mutating func answer() -> (writerMisses: Bool, readerMisses: Bool) {
    let both = writer.request != nil && reader.request != nil
    let readerWins = reader.request != nil && (!both || lastGranted == .writer)
    let writerWins = writer.request != nil && !readerWins
    if readerWins { lastGranted = .reader } else if writerWins { lastGranted = .writer }
    let misses = (
      writerMisses: !writerWins && !writer.hit, readerMisses: !readerWins && !reader.hit
    )
    writerFound = writerWins ? writer.request : nil
    readerFound = readerWins ? reader.request : nil
    return misses
  }

  /// Ends the cycle with what stood in each lookup stage, and whether it left it.
  ///
  /// - Returns: Whether a register changed.
  public mutating func lookUp(
    writer writerAddress: UInt64, leaves writerLeaves: Bool, reader readerAddress: UInt64,
    leaves readerLeaves: Bool
  ) -> Bool {
    let changedWriter = writer.lookUp(writerAddress, leaves: writerLeaves, found: writerFound)
    let changedReader = reader.lookUp(readerAddress, leaves: readerLeaves, found: readerFound)
    isActive = changedWriter || changedReader
    return isActive
  }
}
