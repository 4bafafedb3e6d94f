import SystolicCore

/// States of the machine that have been seen, and what blocks of commands did to them.
struct ReuseMemo: Sendable {
  /// Words with the halves of the local memories as they would be if `swap` were exchanged, so that of
  /// two states with exchanged halves the words are the same (Docs/Reuse.md, "Halves").
  struct Part: Hashable, Sendable {
    /// The number of the words.
    var words: Int
    /// `nil` if the words name no half.
    var swap: HalfSwap?

    /// No words.
    static let nothing = Part(words: 0)
    /// What a block does not meet.
    static let unmet = Part(words: -1)

    /// The same, seen by somebody for whom the halves of `frame` are exchanged.
    func seen(from frame: HalfSwap) -> Part {
      Part(words: words, swap: swap?.symmetricDifference(frame))
    }
  }

  /// A state.
  struct State: Equatable, Sendable {
    /// All but what is parked.
    var core: Part
    /// Registers of the matmul and of the convolution unroller, as far as they are parked
    /// (`StateCodec.beginParked`); else `nothing`.
    var matmul: Part
    var conv: Part
    /// Nothing under way tells the halves of the local memories apart.
    var halvesAreAlike: Bool
    /// `StateCodec.scalerTurn`.
    var scalerTurn: Int?

    func seen(from frame: HalfSwap) -> State {
      State(
        core: core.seen(from: frame), matmul: matmul.seen(from: frame),
        conv: conv.seen(from: frame), halvesAreAlike: halvesAreAlike, scalerTurn: scalerTurn)
    }
  }

  /// A state and a block.
  struct Key: Hashable, Sendable {
    /// What the block can meet of the state.
    var core: ReuseMemo.Part
    var matmul: ReuseMemo.Part
    var conv: ReuseMemo.Part
    /// It holds for these halves, not for exchanged ones as well.
    var isForTheseHalves: Bool
    /// Low bits of the addresses that the state refers to.
    var alignment: [UInt64]
    var words: [UInt64]

    /// The halves of the state: those that are the upper ones for what comes.
    var frame: HalfSwap { core.swap ?? matmul.swap ?? conv.swap ?? [] }

    /// The key for whatever halves, by one for whom those of `frame` are exchanged.
    func seen(from frame: HalfSwap) -> Key {
      var key = self
      key.core = core.seen(from: frame)
      key.matmul = matmul.seen(from: frame)
      key.conv = conv.seen(from: frame)
      key.isForTheseHalves = false
      return key
    }
  }

  /// What a base of a state is computed from.
  struct Source: Sendable {
    /// A base of the last state or, after those, an address of the block.
    var index: Int
    /// The base is the page so far behind it.
    var pageOffset: UInt64?

    func base(_ bases: [UInt64]) -> UInt64 {
      guard let pageOffset else { return bases[index] }
      return (bases[index] &+ pageOffset) & StateCodec.pageMask
    }
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
    /// What the addresses come from that the next state refers to.
    var sources: [Source]
    var turnChange: TurnChange
    /// What depended on pages, in the numbering of `sources`.
    var lookups: LookupLog
  }

  /// Words held at most; then the half that was used longest ago is forgotten, which costs time only.
  private let limit: Int

  /// A transition, and for what layouts of addresses on pages it is known whether it holds.
  private struct Case: Sendable {
    var transition: Transition
    var isKnown: [[UInt64]: Bool] = [:]
    /// When it was used last, in uses of any.
    var lastUse: Int

    /// Words, about.
    var size: Int {
      transition.lookups.count + 128 + isKnown.keys.reduce(0) { $0 + $1.count + 8 }
    }
  }

  private var numbers: [[UInt64]: Int] = [[]: Part.nothing.words]
  /// The words by number.
  private(set) var words: [[UInt64]] = [[]]
  /// Different pages and turns can lead to different ends.
  private var cases: [Key: [Case]] = [:]
  private var size = 0
  private var uses = 0

  /// Begins without knowledge.
  ///
  /// - Parameter limit: Words of eight bytes to keep, about.
  init(limit: Int = 16_000_000) { self.limit = limit }

  var isFull: Bool { size > limit }

  /// What a block does to a state with addresses of these bases and this turn of the scaler, if it is
  /// known.
  mutating func transition(_ key: Key, bases: [UInt64], scalerTurn: Int?) -> Transition? {
    guard let index = cases.index(forKey: key) else { return nil }
    var unknown: [(number: Int, layout: [UInt64]?)] = []
    for number in cases.values[index].indices
    where cases.values[index][number].transition.turnChange.holds(at: scalerTurn) {
      let layout = cases.values[index][number].transition.lookups.layout(bases: bases)
      switch layout.flatMap({ cases.values[index][number].isKnown[$0] }) {
      case true?:
        noteUse(index, number)
        return cases.values[index][number].transition
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
      if holds {
        noteUse(index, number)
        return cases.values[index][number].transition
      }
    }
    return nil
  }

  mutating func add(_ transition: Transition, for key: Key) {
    uses += 1
    let new = Case(transition: transition, lastUse: uses)
    size += key.words.count + new.size
    cases[key, default: []].append(new)
  }

  private mutating func noteUse(_ index: Dictionary<Key, [Case]>.Index, _ number: Int) {
    uses += 1
    cases.values[index][number].lastUse = uses
  }

  /// Makes room: forgets what was used longest ago.
  ///
  /// - Returns: `current`, which is kept, as it is called from now on.
  mutating func forgetOldest(_ current: State) -> State {
    let old = self
    self = ReuseMemo(limit: limit)
    uses = old.uses
    let result = state(current, of: old)
    let all = old.cases.flatMap { key, cases in cases.map { (key: key, value: $0) } }
    for (key, value) in all.sorted(by: { $0.value.lastUse > $1.value.lastUse }) {
      guard size < limit / 2 else { break }
      var (key, value) = (key, value)
      key.core = part(key.core, of: old)
      key.matmul = part(key.matmul, of: old)
      key.conv = part(key.conv, of: old)
      value.transition.next = state(value.transition.next, of: old)
      size += key.words.count + value.size
      cases[key, default: []].append(value)
    }
    return result
  }

  private mutating func part(_ part: Part, of old: ReuseMemo) -> Part {
    part == .unmet ? part : Part(words: number(of: old.words[part.words]), swap: part.swap)
  }

  private mutating func state(_ state: State, of old: ReuseMemo) -> State {
    State(
      core: part(state.core, of: old), matmul: part(state.matmul, of: old),
      conv: part(state.conv, of: old), halvesAreAlike: state.halvesAreAlike,
      scalerTurn: state.scalerTurn)
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
