/// Writes everything that decides what units do from cycle `now` on as a list of words, or sets units
/// to what such a list says.
///
/// Each unit has one method `visit` that names its registers in a fixed order, so that writing and
/// setting cannot differ. Two machines of one configuration with the same words behave alike from
/// then on: times are written relative to `now`, addresses in main memory relative to the base that
/// they were computed from, and what nothing can read any more is left out (Docs/Reuse.md).
public struct StateCodec: Sendable {
  /// Where the halves of the local memories are.
  let halves: LocalHalves
  /// Halves that are exchanged between the units and the words.
  public private(set) var swap: HalfSwap
  /// The same for what is parked, by section.
  private let parkedSwaps: [HalfSwap]
  private let coreSwap: HalfSwap
  /// Whether some register named a half, a row or a bank: else the words are the same with any swap.
  public internal(set) var namesHalves = false
  /// Whether units are set, not read.
  public let isRestoring: Bool
  /// The cycle that comes next.
  public let now: Cycle
  /// The state so far.
  public private(set) var words: [UInt64]
  private var position = 0
  /// Registers that are apart from the rest (`beginParked`), by section.
  public private(set) var parked: [[UInt64]] = [[], []]
  /// Whether settings of loops that have ended are left out: every loop to come brings all of its own.
  public var loopsBringSettings = false
  /// Bases of addresses by their tags, those of pages with them.
  public private(set) var bases: [UInt64: UInt64]
  /// The next tag that nobody has; pages take theirs from here.
  public private(set) var nextTag: UInt64
  /// Where pages that are bases of their own lie, by their tags.
  private var pages: [UInt64: (tag: UInt64, offset: UInt64)] = [:]
  private var outerPosition = 0
  private var outerNamesHalves = false
  /// Tags of the addresses that the state refers to, in the order of their first appearance.
  public private(set) var tags: [UInt64]
  /// Whether all could be said; if not the words mean nothing.
  public private(set) var isComplete = true
  /// The lane of the move-in scaler that was granted last, counted from the oldest row, where that only
  /// matters to the next row that is scaled; `nil` if it does not. It stands beside the words, because
  /// most blocks scale none.
  public var scalerTurn: Int?
  /// Running number of the last load; those of others are written relative to it.
  public var lastOrder: UInt32 = 0
  /// How far the oldest load under way is behind the last one.
  public private(set) var oldestLoad: UInt32 = 0

  /// Names of numbers that mean nothing but who is meant: entries of the reservation station by
  /// class, transactions of the reader and of the writer. They are numbered anew in a fixed order.
  private var entries: [[Int]] = []
  private var transactions: [[Int]] = [[], []]

  /// Bits of an address proper; the tag stands above them.
  public static let addressBits: UInt64 = 40
  /// Mask of an address proper.
  public static let addressMask: UInt64 = (1 << addressBits) - 1
  /// The bits of an address that name its page.
  public static let pageMask = addressMask & ~0xFFF

  /// Reads units.
  ///
  /// - Parameters:
  ///   - bases: Base addresses by their tags.
  ///   - nextTag: The first tag that nobody has.
  ///   - swap: Halves to be exchanged.
  ///   - parkedSwaps: The same for what is parked.
  public init(
    readingAt now: Cycle, bases: [UInt64: UInt64], nextTag: UInt64, halves: LocalHalves,
    swap: HalfSwap = [], parkedSwaps: [HalfSwap] = [[], []]
  ) {
    self.nextTag = nextTag
    self.halves = halves
    self.swap = swap
    coreSwap = swap
    self.parkedSwaps = parkedSwaps
    isRestoring = false
    self.now = now
    self.bases = bases
    words = []
    words.reserveCapacity(1024)
    tags = []
  }

  /// Sets units to `words`, as they would be in cycle `now`, with addresses of other tags and bases.
  public init(
    setting words: [UInt64], parked: [[UInt64]] = [[], []], at now: Cycle, tags: [UInt64],
    bases: [UInt64: UInt64], halves: LocalHalves, swap: HalfSwap = [],
    parkedSwaps: [HalfSwap] = [[], []]
  ) {
    self.halves = halves
    self.swap = swap
    coreSwap = swap
    self.parkedSwaps = parkedSwaps
    isRestoring = true
    nextTag = 0
    self.parked = parked
    self.now = now
    self.words = words
    self.tags = tags
    self.bases = bases
  }

  /// Whether every word has been used.
  public var isAtEnd: Bool { position == words.count }

  /// What cannot be said in words makes a state one that is never found again.
  public mutating func giveUp() { isComplete = false }

  // MARK: Parked registers

  /// What follows, up to `endParked`, is read and changed by nobody before a command of the unit's own
  /// comes. It is kept apart, so that other commands find the same state whatever it is.
  public mutating func beginParked(_ section: Int) {
    Swift.swap(&words, &parked[section])
    outerPosition = position
    position = 0
    outerNamesHalves = namesHalves
    swap = parkedSwaps[section]
  }

  /// Ends what `beginParked` began.
  public mutating func endParked(_ section: Int) {
    if isRestoring, position != words.count { giveUp() }
    Swift.swap(&words, &parked[section])
    position = outerPosition
    namesHalves = outerNamesHalves
    swap = coreSwap
  }

  // MARK: Values

  @inline(__always)
  private mutating func carry(_ word: UInt64) -> UInt64 {
    guard isRestoring else {
      words.append(word)
      return word
    }
    guard position < words.count else {
      isComplete = false
      return 0
    }
    defer { position += 1 }
    return words[position]
  }

  /// A whole number as it stands.
  @inlinable public mutating func integer<Value: FixedWidthInteger>(_ value: inout Value) {
    value = Value(truncatingIfNeeded: word(UInt64(truncatingIfNeeded: value)))
  }

  /// A word, written or found.
  public mutating func word(_ value: UInt64) -> UInt64 { carry(value) }

  /// A flag.
  public mutating func flag(_ value: inout Bool) { value = carry(value ? 1 : 0) != 0 }

  /// A case of a state machine.
  @inlinable public mutating func choice<Value: RawRepresentable>(_ value: inout Value)
  where Value.RawValue: FixedWidthInteger {
    let raw = word(UInt64(truncatingIfNeeded: value.rawValue))
    if let found = Value(rawValue: Value.RawValue(truncatingIfNeeded: raw)) { value = found }
  }

  /// A register that may hold nothing; returns whether it holds something. When it is to be set it
  /// holds `empty` then.
  @inlinable public mutating func holds<Value>(_ value: inout Value?, or empty: Value) -> Bool {
    let isPresent = word(value == nil ? 0 : 1) != 0
    if isRestoring { value = isPresent ? empty : nil }
    return isPresent
  }

  /// The length of a list, and each element.
  @inlinable public mutating func list<Value>(
    _ values: inout [Value], _ empty: Value, _ body: (inout Value, inout StateCodec) -> Void
  ) {
    let count = Int(truncatingIfNeeded: word(UInt64(values.count)))
    if isRestoring { values = Array(repeating: empty, count: max(0, count)) }
    for index in values.indices { body(&values[index], &self) }
  }

  // MARK: Time

  /// A time at which something happens, to come or past.
  public mutating func time(_ value: inout Cycle) {
    value = now &+ Int(truncatingIfNeeded: carry(UInt64(truncatingIfNeeded: value &- now)))
  }

  /// A time from which something holds: once it has come, it does not matter when.
  public mutating func deadline(_ value: inout Cycle) {
    var left = UInt64(truncatingIfNeeded: max(0, value &- now))
    if value == .max { left = .max }
    left = carry(left)
    value = left == .max ? .max : now + Int(truncatingIfNeeded: left)
  }

  /// A time, in whatever unit, that matters as far as it is behind `earliest`.
  public mutating func deadline(_ value: inout Int, from earliest: Int) {
    value = earliest + Int(truncatingIfNeeded: carry(UInt64(max(0, value - earliest))))
  }

  /// A time in the past that matters for `limit` cycles.
  public mutating func past(_ value: inout Cycle, for limit: Int) {
    value = now - Int(truncatingIfNeeded: carry(UInt64(max(0, min(now &- value, limit + 1)))))
  }

  // MARK: Names

  /// Names the entries of a class: `slots` become 0, 1, 2, ...
  public mutating func nameEntries(_ slots: [Int]) { entries.append(slots) }

  /// An entry that is free again: whoever still names it only knows that it was one.
  private static let freeEntry = 1 << 20

  /// The slot of an entry of a class; -1 is none.
  public mutating func entry(_ slot: inout Int, of kind: Int) {
    var name = slot
    if !isRestoring, slot >= 0 { name = entries[kind].firstIndex(of: slot) ?? Self.freeEntry }
    integer(&name)
    if isRestoring { slot = name }
  }

  /// The number of a transaction, by the order in which they first come up.
  public mutating func transaction<Number: FixedWidthInteger>(
    _ number: inout Number, isWrite: Bool
  ) {
    if isRestoring { return integer(&number) }
    let names = transactions[isWrite ? 1 : 0]
    let name = names.firstIndex(of: Int(number)) ?? names.count
    if name == names.count { transactions[isWrite ? 1 : 0].append(Int(number)) }
    words.append(UInt64(name))
  }

  /// Transactions that have come up, in the order of their names.
  public func transactions(isWrite: Bool) -> [Int] { transactions[isWrite ? 1 : 0] }

  // MARK: Addresses and loads

  /// An address in main memory, of which the tag says what it was computed from; 0 is none.
  public mutating func address(_ value: inout UInt64) {
    if isRestoring {
      let index = Int(truncatingIfNeeded: carry(0))
      let offset = carry(0)
      guard index > 0 else {
        value = 0
        return
      }
      guard index <= tags.count, let base = bases[tags[index - 1]] else { return giveUp() }
      value = (base &+ offset) & Self.addressMask | tags[index - 1] << Self.addressBits
      return
    }
    let tag = value >> Self.addressBits
    guard tag != 0, let base = bases[tag] else {
      if value != 0 { giveUp() }
      words.append(0)
      words.append(0)
      return
    }
    var index = tags.firstIndex(of: tag) ?? tags.count
    if index == tags.count { tags.append(tag) }
    index += 1
    words.append(UInt64(index))
    words.append((value &- base) & Self.addressMask)
  }

  /// An address of which only the page matters. When it is read its page becomes a base of its own, and
  /// the register is set to that: two states are the same whatever the page lies in.
  public mutating func page(_ value: inout UInt64) {
    let tag = value >> Self.addressBits
    if !isRestoring, let base = bases[tag] {
      pages[nextTag] = (tag, (value &- base) & Self.addressMask)
      bases[nextTag] = value & Self.pageMask
      value = value & Self.pageMask | nextTag << Self.addressBits
      nextTag += 1
    }
    address(&value)
  }

  /// What a base of the state has been computed from.
  public func origin(of tag: UInt64) -> (tag: UInt64, pageOffset: UInt64?) {
    pages[tag].map { ($0.tag, $0.offset) } ?? (tag, nil)
  }

  /// The running number of a load under way.
  public mutating func order(_ value: inout UInt32) {
    let behind = UInt32(truncatingIfNeeded: carry(UInt64(lastOrder &- value)))
    if isRestoring { value = lastOrder &- behind }
    oldestLoad = max(oldestLoad, behind)
  }
}

extension Queue {
  /// The elements, oldest first. When the queue last gave one away no longer matters in the next
  /// cycle.
  @inlinable public mutating func visit(
    _ codec: inout StateCodec, _ empty: Element, _ body: (inout Element, inout StateCodec) -> Void
  ) {
    let count = Int(truncatingIfNeeded: codec.word(UInt64(storedCount)))
    if codec.isRestoring {
      guard count <= depth else { return codec.giveUp() }
      slots = Array(repeating: empty, count: count)
      head = 0
      storedCount = count
      lastPop = -1
      popCount = 0
    }
    var index = 0
    while index < storedCount {
      let at = head &+ index
      body(&slots[at < depth ? at : at &- depth], &codec)
      index += 1
    }
  }
}
