/// When the normaliser takes a row and gives it on (facts 8.7).
///
/// Without one the hardware has a two-entry queue in its place. With one, two statistics sets,
/// each a small state machine, share the lanes that add up and compare, the dividers and the root.
///
/// A cycle is `begin`, then perhaps `takeOutput`, then perhaps `accept`, then `finish`; what is
/// asked in between sees the registers as the cycle found them, like the hardware.
///
/// Only one thing depends on data: a division of nothing (`OutgoingRow.dividesNothing`) is answered
/// after 1 cycle. Without data no division is taken to be one.
public struct NormalizerTiming: Sendable {
  /// Cycles from a unit's start to its result (facts 8.7).
  private enum Latency {
    /// Stages of the lanes.
    static let lanes = 4
    /// Integer division: 32-bit significand, two bits a cycle.
    static let division = 18
    /// Float division: 24-bit significand.
    static let floatDivision = 14
    static let root = 17
    static let product = 2
    /// A division of zero, or another special operand.
    static let special = 1
  }

  /// What a set does. Each `…ing` counts down to a unit's result; the state before it waits for
  /// the unit.
  private enum State: UInt8, Sendable {
    case idle, output, compare, sum
    case divide, dividing, root, rooting, invert, inverting, invertSum, invertingSum
    case scale, scaling
  }

  private struct StatisticsSet: Sendable {
    var state = State.idle
    var next = State.idle
    /// Takes another row this cycle.
    var isDone = false
    /// Command of the row it holds.
    var command: UInt32 = 0
    var dividesNothing = false
    /// Cycle of a unit's result while one counts down.
    var result: Cycle = 0

    /// Keeps the whole normaliser from taking rows, because it waits for the lanes to drain.
    var waitsForLanes: Bool {
      switch command {
      case 2, 4: state == .sum || state == .divide
      case 5: state == .compare
      case 7: state == .sum
      default: false
      }
    }
  }

  private let isPresent: Bool
  private var queue = Queue<Bool>(depth: 2)
  private var sets = [StatisticsSet(), StatisticsSet()]
  /// Last cycle in which the lanes that add up, or compare, hold a row.
  private var sumLanesBusy: Cycle = -1
  private var maximumLanesBusy: Cycle = -1
  /// First cycle in which a unit takes an operand: the one of its last result.
  private var dividerFree: Cycle = 0
  private var rootFree: Cycle = 0
  private var reciprocalFree: Cycle = 0
  private var floatDividerFree: Cycle = 0
  private var now: Cycle = -1

  /// Creates an idle normaliser, or the queue in its place.
  public init(isPresent: Bool) { self.isPresent = isPresent }

  /// Whether a set holds a row or computes; the queue in place of a normaliser never does.
  public var isActive: Bool { isPresent && !(sets[0].state == .idle && sets[1].state == .idle) }

  /// Whether a row can go on to the scaling unit.
  public var hasOutput: Bool {
    isPresent ? sets[0].state == .output || sets[1].state == .output : !queue.isEmpty
  }

  /// The next cycle in which something can change by itself, or `nil` if nothing can.
  public var nextEvent: Cycle? {
    guard isPresent else { return nil }
    var event: Cycle?
    for set in sets {
      switch set.state {
      case .idle, .output: break
      case .dividing, .rooting, .inverting, .invertingSum, .scaling:
        event = min(event ?? set.result, set.result)
      case .compare, .sum, .divide, .root, .invert, .invertSum, .scale:
        // A unit may become free any cycle; none of these waits takes long.
        return now + 1
      }
    }
    return event
  }

  /// Starts a cycle: finds what each set does in it.
  public mutating func begin(_ now: Cycle) {
    guard isPresent else { return }
    self.now = now
    sets[0].isDone = false
    sets[1].isDone = false
    // Lanes and units take the lower set first; what one set starts, the other finds taken.
    let wasComparing = sets[0].state == .compare || sets[1].state == .compare
    let maximumIsBusy = wasComparing || now <= maximumLanesBusy
    let sumIsBusy = now <= sumLanesBusy
    var sumIsTaken = maximumIsBusy
    let sumWillRun = !maximumIsBusy && (sets[0].state == .sum || sets[1].state == .sum)
    for index in sets.indices {
      switch sets[index].state {
      case .compare:
        maximumLanesBusy = now + Latency.lanes
        finishSet(index)
      case .sum:
        guard !sumIsTaken else { break }
        sumIsTaken = true
        sumLanesBusy = now + Latency.lanes
        switch sets[index].command {
        case 2, 4: sets[index].next = .divide
        case 7: sets[index].next = .invertSum
        default: finishSet(index)
        }
      case .divide:
        guard !sumIsBusy, !sumWillRun, now >= dividerFree else { break }
        dividerFree = start(
          index, .dividing, sets[index].dividesNothing ? Latency.special : Latency.division)
      case .invertSum:
        guard !sumIsBusy, !sumWillRun, now >= floatDividerFree else { break }
        floatDividerFree = start(
          index, .invertingSum,
          sets[index].dividesNothing ? Latency.special : Latency.floatDivision)
      case .root:
        guard now >= rootFree else { break }
        rootFree = start(index, .rooting, Latency.root)
      case .invert:
        guard now >= reciprocalFree else { break }
        reciprocalFree = start(index, .inverting, Latency.floatDivision)
      case .scale: _ = start(index, .scaling, Latency.product)
      case .dividing where now >= sets[index].result:
        if sets[index].command == 2 { finishSet(index) } else { sets[index].next = .root }
      case .rooting where now >= sets[index].result: sets[index].next = .invert
      case .inverting where now >= sets[index].result: sets[index].next = .scale
      case .invertingSum where now >= sets[index].result: sets[index].next = .scale
      case .scaling where now >= sets[index].result: finishSet(index)
      case .idle, .output, .dividing, .rooting, .inverting, .invertingSum, .scaling: break
      }
    }
  }

  /// The set is through with its row this cycle, in which it may take another.
  private mutating func finishSet(_ index: Int) {
    sets[index].next = .idle
    sets[index].isDone = true
  }

  /// Starts a unit for a set; returns the cycle of its result.
  private mutating func start(_ index: Int, _ state: State, _ latency: Int) -> Cycle {
    sets[index].next = state
    sets[index].result = now + latency
    return now + latency
  }

  /// Takes the row at the output, of the lower set if both have one.
  public mutating func takeOutput(_ now: Cycle) {
    guard isPresent else {
      queue.receive(now)
      return
    }
    if hasOutput { finishSet(sets[0].state == .output ? 0 : 1) }
  }

  /// Whether a row is taken this cycle.
  public func canAccept(_ row: OutgoingRow, _ now: Cycle) -> Bool {
    guard isPresent else { return queue.canSend(now) }
    let set = sets[row.statisticsID & 1]
    return (set.state == .idle || set.isDone) && !sets[0].waitsForLanes && !sets[1].waitsForLanes
  }

  /// Takes a row; `canAccept` must hold.
  public mutating func accept(_ row: OutgoingRow, _ now: Cycle) {
    guard isPresent else {
      queue.send(true)
      return
    }
    let id = row.statisticsID & 1
    sets[id].command = row.normCommand
    sets[id].dividesNothing = row.dividesNothing
    sets[id].next =
      switch row.normCommand {
      case 0: .output
      case 5: .compare
      default: .sum
      }
  }

  /// Ends the cycle; returns whether anything changed.
  public mutating func finish() -> Bool {
    guard isPresent else { return false }
    let isChanged = sets[0].state != sets[0].next || sets[1].state != sets[1].next
    sets[0].state = sets[0].next
    sets[1].state = sets[1].next
    return isChanged
  }
}

// MARK: State

extension NormalizerTiming {
  mutating func visit(_ codec: inout StateCodec) {
    guard isPresent else { return queue.visit(&codec, true) { _, _ in } }
    for index in sets.indices {
      codec.choice(&sets[index].state)
      sets[index].next = sets[index].state
      guard sets[index].state != .idle else { continue }
      codec.integer(&sets[index].command)
      codec.flag(&sets[index].dividesNothing)
      codec.deadline(&sets[index].result)
    }
    // Busy up to and including a cycle: free from the next one on.
    sumLanesBusy += 1
    maximumLanesBusy += 1
    codec.deadline(&sumLanesBusy)
    codec.deadline(&maximumLanesBusy)
    sumLanesBusy -= 1
    maximumLanesBusy -= 1
    codec.deadline(&dividerFree)
    codec.deadline(&rootFree)
    codec.deadline(&reciprocalFree)
    codec.deadline(&floatDividerFree)
  }
}
