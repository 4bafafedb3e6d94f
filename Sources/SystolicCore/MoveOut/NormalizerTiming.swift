/// When the normaliser takes a row and gives it on (facts 8.7).
///
/// Without one the hardware has a two-entry queue in its place. With one, two statistics sets
/// share lanes and dividers; a set that ends a sum keeps the rest of the unit waiting until the
/// lanes have drained.
public struct NormalizerTiming: Sendable {
  private let isPresent: Bool
  private var queue = Queue<Bool>(depth: 2)
  private var sets = [StatisticsSet(), StatisticsSet()]

  private struct StatisticsSet: Sendable {
    /// First cycle in which the set takes another row.
    var free: Cycle = 0
    /// Until then no set takes a row, because this one waits for the lanes.
    var drains: Cycle = 0
    /// A row stands at the output.
    var holdsRow = false
    var outputFrom: Cycle = 0
    /// Sum or maximum lanes in use until then.
    var lanesUntil: Cycle = 0
  }

  /// Creates an idle normaliser, or the queue in its place.
  public init(isPresent: Bool) { self.isPresent = isPresent }

  private var latest: Cycle = 0

  /// Whether a row can go on to the scaling unit.
  public var hasOutput: Bool {
    isPresent ? sets.contains { $0.holdsRow && $0.outputFrom <= latest } : !queue.isEmpty
  }

  /// Cycle of the next change, when nothing moves until then.
  public var nextEvent: Cycle? {
    guard isPresent else { return nil }
    return sets.flatMap { [$0.free, $0.drains] }.filter { $0 > latest }.min()
  }

  /// Takes the row at the output.
  public mutating func takeOutput(_ now: Cycle) {
    guard isPresent else {
      queue.receive(now)
      return
    }
    if let index = sets.firstIndex(where: { $0.holdsRow && $0.outputFrom <= latest }) {
      sets[index].holdsRow = false
      sets[index].free = now
    }
  }

  /// Whether a row is taken this cycle.
  public func canAccept(_ row: OutgoingRow, _ now: Cycle) -> Bool {
    guard isPresent else { return queue.canSend(now) }
    let set = sets[row.statisticsID & 1]
    return !set.holdsRow && set.free <= now && sets.allSatisfy { $0.drains <= now }
  }

  /// Takes a row; `canAccept` must hold.
  public mutating func accept(_ row: OutgoingRow, _ now: Cycle) {
    guard isPresent else {
      queue.send(true)
      return
    }
    let id = row.statisticsID & 1
    // Sequences of facts 8.7; the numbers are cycles after acceptance.
    switch row.normCommand {
    case 0:
      sets[id].holdsRow = true
      sets[id].outputFrom = now + 1
    case 1, 3, 6:
      sets[id].free = now + 1
      sets[id].lanesUntil = now + 6
    case 5:
      sets[id].free = now + 1
      sets[id].drains = now + 6
    case 2:
      sets[id].drains = now + 6
      sets[id].free = now + 24
    case 4:
      sets[id].drains = now + 6
      sets[id].free = now + 60
    default:
      sets[id].drains = now + 6
      sets[id].free = now + 23
    }
  }

  /// Ends the cycle.
  public mutating func advance(_ now: Cycle) -> Bool {
    latest = now + 1
    return false
  }
}
