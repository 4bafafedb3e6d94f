/// The last-page registers in front of the shared TLB, and the TLB's arbiter (facts 9.4).
///
/// Addresses are physical, so the TLB itself never misses; but two engines that both leave their
/// last page in one cycle meet at its port, and the loser must retry. An engine's register
/// compares whatever stands in its lookup stage, every cycle, also what has already left it: a
/// write that waits for the bus can so be told that it missed because of the beat behind it.
public struct Translation: Equatable, Sendable {
  /// An engine of the DMA.
  public enum Client: Int, Sendable {
    /// Client 0 of the TLB's arbiter.
    case writer = 0
    /// Client 1 of the TLB's arbiter.
    case reader = 1
  }

  fileprivate struct Registers: Equatable, Sendable {
    /// An address in the page of the last translation: the latest.
    var last: UInt64?
    /// The lookup stage held the last page in the previous cycle.
    var hit = false
    /// An address in the page to ask the TLB for.
    var request: UInt64?

    mutating func lookUp(_ address: UInt64, leaves: Bool, found: UInt64?) -> Bool {
      let hits = Self.isSamePage(last, address)
      let asked = leaves && !hits ? address : nil
      var changed = hits != hit || !Self.isSamePage(asked, request)
      hit = hits
      request = asked
      if hits { last = address }
      if let found {
        changed = changed || !Self.isSamePage(last, found)
        last = found
      }
      return changed
    }

    func isSame(as other: Registers) -> Bool {
      hit == other.hit && Self.isSamePage(last, other.last)
        && Self.isSamePage(request, other.request)
    }

    @inline(__always)
    private static func isSamePage(_ one: UInt64?, _ other: UInt64?) -> Bool {
      guard let one, let other else { return one == nil && other == nil }
      return (one ^ other) & StateCodec.pageMask == 0
    }
  }

  /// Whether a register changed in the last cycle, so that it may change again.
  public private(set) var isActive = true

  private var writer = Registers()
  private var reader = Registers()
  private var lastGranted = Client.writer
  /// Addresses in pages that the TLB has just given, for the registers at the end of the cycle.
  private var writerFound: UInt64?
  private var readerFound: UInt64?

  /// Creates registers that hold no page.
  public init() {}

  /// Forgets the last pages, as a flush command does.
  ///
  /// - Returns: Whether there was one.
  public mutating func flush() -> Bool {
    let hadPage = writer.last != nil || reader.last != nil
    isActive = true
    writer.last = nil
    reader.last = nil
    return hadPage
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

// MARK: Without the engines

extension Translation {
  /// Cycles in which no engine runs: the registers come to rest.
  mutating func settle(writer writerAddress: UInt64, reader readerAddress: UInt64, cycles: Int) {
    var left = cycles
    while left > 0, isActive {
      _ = answer()
      _ = lookUp(writer: writerAddress, leaves: false, reader: readerAddress, leaves: false)
      left -= 1
    }
  }

  /// Replaces every address.
  mutating func convert(_ replacement: (UInt64) -> UInt64) {
    writer.last = writer.last.map(replacement)
    writer.request = writer.request.map(replacement)
    reader.last = reader.last.map(replacement)
    reader.request = reader.request.map(replacement)
  }

  /// Whether the registers hold the same when a cycle begins.
  func isSame(as other: Translation) -> Bool {
    isActive == other.isActive && writer.isSame(as: other.writer)
      && reader.isSame(as: other.reader) && lastGranted == other.lastGranted
  }
}

// MARK: State

extension Translation {
  public mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isActive)
    writer.visit(&codec)
    reader.visit(&codec)
    codec.choice(&lastGranted)
  }
}

extension Translation.Registers {
  fileprivate mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&last, or: 0), var address = last {
      codec.page(&address)
      last = address
    }
    codec.flag(&hit)
    if codec.holds(&request, or: 0), var address = request {
      codec.page(&address)
      request = address
    }
  }
}
