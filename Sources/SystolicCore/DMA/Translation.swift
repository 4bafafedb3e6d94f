/// The last-page registers in front of the shared TLB, and the TLB's arbiter (facts 9.4).
///
/// Addresses are physical, so the TLB itself never misses; but two engines that both leave their
/// last page in one cycle meet at its port, and the loser must retry.
public struct Translation: Sendable {
  /// An engine of the DMA.
  public enum Client: Int, Sendable {
    case writer = 0
    case reader = 1
  }

  private struct Lookup: Sendable {
    var page: UInt64 = 0
    var cycle: Cycle = -1
    var hitsLastPage = false
  }

  private var lastPage: (UInt64?, UInt64?) = (nil, nil)
  private var lookup: (Lookup, Lookup) = (Lookup(), Lookup())
  private var lastGranted = Client.writer
  /// A page found in the previous cycle, which the registers hold from now on.
  private var found: (client: Client, page: UInt64)?

  public init() {}

  /// Forgets the last pages, as a flush command does.
  public mutating func flush() { lastPage = (nil, nil) }

  /// `client` looks up `address` in cycle `now`; the answer comes with `resolve` at `now + 1`.
  public mutating func request(_ client: Client, _ address: UInt64, _ now: Cycle) {
    let page = address >> 12
    switch client {
    case .writer:
      lookup.0 = Lookup(page: page, cycle: now, hitsLastPage: lastPage.0 == page)
    case .reader:
      lookup.1 = Lookup(page: page, cycle: now, hitsLastPage: lastPage.1 == page)
    }
  }

  /// Answers the lookups of the previous cycle; runs first in a cycle.
  ///
  /// - Returns: Whether each engine's lookup was refused.
  public mutating func resolve(_ now: Cycle) -> (writerMisses: Bool, readerMisses: Bool) {
    if let found {
      switch found.client {
      case .writer: lastPage.0 = found.page
      case .reader: lastPage.1 = found.page
      }
      self.found = nil
    }
    let writerAsks = lookup.0.cycle == now - 1 && !lookup.0.hitsLastPage
    let readerAsks = lookup.1.cycle == now - 1 && !lookup.1.hitsLastPage
    guard writerAsks || readerAsks else { return (false, false) }
    let grantsReader = readerAsks && (!writerAsks || lastGranted == .writer)
    lastGranted = grantsReader ? .reader : .writer
    found = (lastGranted, grantsReader ? lookup.1.page : lookup.0.page)
    return (writerAsks && grantsReader, readerAsks && !grantsReader)
  }
}
