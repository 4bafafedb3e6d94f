import SystolicCore

/// States of the machine that have been seen, and what blocks of commands did to them.
struct ReuseMemo: Sendable {
  /// A state and a block.
  struct Key: Hashable, Sendable {
    var state: Int
    /// Low bits of the addresses that the state refers to.
    var alignment: [UInt64]
    var words: [UInt64]
  }

  /// From one state to the next.
  struct Transition: Sendable {
    var cycles: Int
    /// What is counted, but for the host's work.
    var totals: RegionAccounts.Totals
    /// Cycles of fences, from the beginning.
    var fences: [Int]
    /// The state that it leads to.
    var next: Int
    /// Where the addresses come from that the next state refers to: those of the last state, then
    /// those of the block.
    var sources: [Int]
    /// What depended on pages, in the same numbering.
    var lookups: LookupLog
  }

  /// Words held at most; then all is forgotten, which costs time only.
  private static let limit = 16_000_000

  private var numbers: [[UInt64]: Int] = [:]
  private(set) var states: [[UInt64]] = []
  /// Different pages can lead to different ends.
  private var transitions: [Key: [Transition]] = [:]
  private var size = 0

  var isFull: Bool { size > Self.limit }

  /// What a block does to a state with addresses of these bases, if it is known.
  func transition(_ key: Key, bases: [UInt64]) -> Transition? {
    transitions[key]?.first { $0.lookups.lasts(bases: bases) }
  }

  mutating func add(_ transition: Transition, for key: Key) {
    size += key.words.count + 3 * transition.lookups.count + 128
    transitions[key, default: []].append(transition)
  }

  /// The number of a state.
  mutating func number(of words: [UInt64]) -> Int {
    if let number = numbers[words] { return number }
    size += words.count + 16
    states.append(words)
    numbers[words] = states.count - 1
    return states.count - 1
  }
}
