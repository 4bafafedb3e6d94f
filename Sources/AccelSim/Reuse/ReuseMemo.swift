import SystolicCore

/// States of the machine that have been seen, and what blocks of commands did to them.
struct ReuseMemo: Sendable {
  /// A state: numbers of words.
  struct State: Equatable, Sendable {
    /// All but what is parked.
    var core: Int
    /// Registers of the matmul and of the convolution unroller, as far as they are parked
    /// (`StateCodec.beginParked`); else `nothing`.
    var matmul: Int
    var conv: Int

    /// The number of no words.
    static let nothing = 0
  }

  /// A state and a block.
  struct Key: Hashable, Sendable {
    /// What the block can meet of the state.
    var core: Int
    var matmul: Int
    var conv: Int
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
    /// The state that it leads to; what is parked and not met by the block stays as it was.
    var next: State
    /// Where the addresses come from that the next state refers to: those of the last state, then
    /// those of the block.
    var sources: [Int]
    /// What depended on pages, in the same numbering.
    var lookups: LookupLog
  }

  /// Words held at most; then all is forgotten, which costs time only.
  private static let limit = 16_000_000

  /// A transition, and for what layouts of addresses on pages it is known whether it holds.
  private struct Case: Sendable {
    var transition: Transition
    var isKnown: [[UInt64]: Bool] = [:]
  }

  private var numbers: [[UInt64]: Int] = [[]: State.nothing]
  /// The words by number.
  private(set) var words: [[UInt64]] = [[]]
  /// Different pages can lead to different ends.
  private var cases: [Key: [Case]] = [:]
  private var size = 0

  var isFull: Bool { size > Self.limit }

  /// What a block does to a state with addresses of these bases, if it is known.
  mutating func transition(_ key: Key, bases: [UInt64]) -> Transition? {
    guard let index = cases.index(forKey: key) else { return nil }
    var unknown: [(number: Int, layout: [UInt64]?)] = []
    for number in cases.values[index].indices {
      let layout = cases.values[index][number].transition.lookups.layout(bases: bases)
      switch layout.flatMap({ cases.values[index][number].isKnown[$0] }) {
      case true?: return cases.values[index][number].transition
      case false?: break
      case nil: unknown.append((number, layout))
      }
    }
    for (number, layout) in unknown {
      let holds = cases.values[index][number].transition.lookups.lasts(bases: bases)
      if let layout {
        size += layout.count + 8
        cases.values[index][number].isKnown[layout] = holds
      }
      if holds { return cases.values[index][number].transition }
    }
    return nil
  }

  mutating func add(_ transition: Transition, for key: Key) {
    size += key.words.count + 3 * transition.lookups.count + 128
    cases[key, default: []].append(Case(transition: transition))
  }

  /// The number of words.
  mutating func number(of words: [UInt64]) -> Int {
    if let number = numbers[words] { return number }
    size += words.count + 16
    self.words.append(words)
    numbers[words] = self.words.count - 1
    return self.words.count - 1
  }
}
