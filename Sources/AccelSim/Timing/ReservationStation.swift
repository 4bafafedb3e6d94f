import SystolicCore

/// Holds commands until nothing older stands in their way (facts 5.5).
///
/// A file of entries for each class, kept behind each other in one array. One
/// command is allocated a cycle, one of each class issued, one completed; a dependent may issue
/// in the cycle after. A set of entries is a word with a bit each.
struct ReservationStation: Sendable {
  struct Entry: Sendable {
    var isConfig = false
    var completesOnIssue = false
    var command = UnrolledCommand(Command(funct: 0, rs1: 0, rs2: 0))
    /// Running number of allocation.
    var sequence = 0
    var first: RowRange?
    var second: RowRange?
    /// Further rows that are read; the nonlinear unit's only.
    var third: RowRange?
    var fourth: RowRange?
    var firstIsWritten = false
    /// Entries that this one waits for.
    var waitsFor: UInt64 = 0

    func crossesHalves(_ layout: LocalAddressLayout) -> Bool {
      (first?.crossesHalves(layout) ?? false) || (second?.crossesHalves(layout) ?? false)
    }
  }

  private var entries: [Entry]
  private var valid: UInt64 = 0
  private var issued: UInt64 = 0
  /// Entries that wait for nothing and have not been issued.
  private var ready: UInt64 = 0
  /// Whether an entry has become free this cycle: all that those in front can see of an issue or
  /// a completion.
  private(set) var changed = false
  /// Entries freed this cycle, which cannot be taken before the next.
  private var freed: UInt64 = 0
  /// First entry and set of entries of each class.
  private let offsets: [Int]
  private let files: [UInt64]
  private let ordersStoresByCompletion: Bool

  private var allocations = 0
  /// Commands whose rows do not lie in one half of their memory.
  private(set) var halvesCrossed = 0
  /// The newest array command is a preload whose compute has not come.
  private var endsInPreload = false
  private var settings = RangeSettings()
  private let machine: Machine

  init(_ machine: Machine) {
    self.machine = machine
    let sizes = machine.config.reservationStation
    let counts = [
      sizes.loadEntries, sizes.executeEntries, sizes.storeEntries,
      machine.config.features.nonlinearUnit ? sizes.nonlinearEntries : 0,
    ]
    offsets = [0, counts[0], counts[0] + counts[1], counts[0] + counts[1] + counts[2]]
    files = zip(offsets, counts).map { offset, count in
      count == 0 ? 0 : (UInt64.max >> UInt64(64 - count)) << UInt64(offset)
    }
    entries = Array(repeating: Entry(), count: counts.reduce(0, +))
    ordersStoresByCompletion = sizes.storeOrder == .afterCompletion
  }

  /// Entries in use, a bit each.
  var entriesInUse: UInt64 { valid }
  /// Entries in use of a class.
  @inline(__always)
  func occupancy(_ kind: CommandClass) -> Int { (valid & files[kind.rawValue]).nonzeroBitCount }
  /// Whether no command is held.
  var isEmpty: Bool { valid == 0 }
  /// Whether a class has no free entry.
  @inline(__always)
  func isFull(_ kind: CommandClass) -> Bool {
    (valid | freed) & files[kind.rawValue] == files[kind.rawValue]
  }

  /// What a fence waits for: a lone preload does not count (facts 5.5).
  var isBusy: Bool {
    let isMoreThanOne = valid & (valid &- 1) != 0
    return isMoreThanOne || (valid != 0 && !endsInPreload)
  }

  /// What observers and unrollers ask about the entry in a slot of a class.
  func mark(_ kind: CommandClass, _ slot: Int) -> (
    sequence: Int, origin: CommandOrigin, completesOnIssue: Bool
  ) {
    let index = offsets[kind.rawValue] + slot
    return (
      entries[index].sequence, entries[index].command.origin, entries[index].completesOnIssue
    )
  }

  /// The entries that the one in a slot of a class waits for to complete, not only to issue; for
  /// observers.
  func awaitedCompletions(_ kind: CommandClass, _ slot: Int) -> UInt64 {
    let index = offsets[kind.rawValue] + slot
    let file = files[kind.rawValue]
    let own = entries[index].waitsFor & file
    let others = entries[index].waitsFor & ~file
    switch kind {
    case .load, .execute: return others
    case .store: return ordersStoresByCompletion ? others | own : others
    case .nonlinear:
      guard !entries[index].isConfig else { return others }
      var results: UInt64 = 0
      for other in entries.indices where own >> UInt64(other) & 1 != 0 {
        if reads(entries[index], resultOf: entries[other]) { results |= 1 << UInt64(other) }
      }
      return others | results
    }
  }

  /// Number of a slot of a class among all entries.
  func number(_ kind: CommandClass, _ slot: Int) -> Int { offsets[kind.rawValue] + slot }
  /// Entries of each class.
  var sizes: [Int] { files.map(\.nonzeroBitCount) }

  /// Whether a command could issue.
  var hasReady: Bool { ready != 0 }
  /// Whether a command of a class could issue.
  @inline(__always)
  func isReady(_ kind: CommandClass) -> Bool { ready & files[kind.rawValue] != 0 }

  /// Starts a cycle.
  mutating func begin() {
    freed = 0
    changed = false
  }

  // MARK: Issue and completion

  /// Issues the oldest ready command of a class, if any; ask only if its controller has room.
  mutating func issue(_ kind: CommandClass) -> IssuedCommand? {
    let file = files[kind.rawValue]
    guard ready & file != 0 else { return nil }
    let index = (ready & file).trailingZeroBitCount
    issued |= 1 << UInt64(index)
    ready &= ~(1 << UInt64(index))
    if entries[index].completesOnIssue {
      release(index)
    } else if kind == .nonlinear {
      // Those that read its result go on waiting.
      clear(index, in: file & ~readers(of: index, in: file))
    } else if kind != .store || !ordersStoresByCompletion {
      clear(index, in: file)
    }
    return IssuedCommand(
      command: entries[index].command.command, entry: index - offsets[kind.rawValue])
  }

  /// Completes an issued command: frees its entry and releases what waits for it.
  mutating func complete(_ kind: CommandClass, _ slot: Int) {
    release(offsets[kind.rawValue] + slot)
  }

  private mutating func release(_ index: Int) {
    valid &= ~(1 << UInt64(index))
    issued &= ~(1 << UInt64(index))
    freed |= 1 << UInt64(index)
    changed = true
    clear(index, in: .max)
  }

  /// Takes an entry out of what the entries in `set` wait for.
  private mutating func clear(_ index: Int, in set: UInt64) {
    let bit: UInt64 = 1 << UInt64(index)
    var waiting = valid & ~issued & ~ready & set
    while waiting != 0 {
      let other = waiting.trailingZeroBitCount
      waiting &= waiting - 1
      guard entries[other].waitsFor & bit != 0 else { continue }
      entries[other].waitsFor &= ~bit
      if entries[other].waitsFor == 0 { ready |= 1 << UInt64(other) }
    }
  }

  // MARK: Allocation

  /// Class of a command, or `nil` for one that does not belong here.
  static func commandClass(_ command: Command) -> CommandClass? {
    switch command.function {
    case .mvin, .mvin2, .mvin3: .load
    case .preload, .computePreloaded, .computeAccumulated: .execute
    case .mvout, .mvoutSpad: .store
    case .config:
      switch command.rs1 & 3 {
      case 0: .execute
      case 1: .load
      default: .store
      }
    case .configNonlinear, .nonlinear: .nonlinear
    default: nil
    }
  }

  /// Allocates `command` if an entry of its class was free when the cycle began.
  ///
  /// - Returns: The record of the allocation, or `nil` if the class is full.
  mutating func allocate(_ unrolled: UnrolledCommand, _ kind: CommandClass, _ now: Cycle)
    -> CommandRecord?
  {
    let free = files[kind.rawValue] & ~valid & ~freed
    guard free != 0 else { return nil }
    let index = free.trailingZeroBitCount
    var entry = settings.describe(unrolled.command, kind, machine)
    entry.command = unrolled
    entry.sequence = allocations
    entry.waitsFor = dependencies(of: entry, kind)
    if entry.crossesHalves(machine.layout) || settings.tellsHalvesApart(kind, machine) {
      halvesCrossed &+= 1
    }
    // Loads and stores do not keep their second range (appendix B 11).
    if kind == .load || kind == .store { entry.second = nil }
    entries[index] = entry
    valid |= 1 << UInt64(index)
    if entry.waitsFor == 0 { ready |= 1 << UInt64(index) }
    allocations += 1
    if kind == .execute, !entry.isConfig {
      endsInPreload = unrolled.command.funct == Function.preload.rawValue
    }
    settings.update(unrolled.command, kind, machine)
    return CommandRecord(
      sequence: entry.sequence, commandClass: kind, slot: index - offsets[kind.rawValue],
      command: unrolled.command, origin: unrolled.origin, allocated: now)
  }

  /// The older entries that a new one must wait for.
  private func dependencies(of new: Entry, _ kind: CommandClass) -> UInt64 {
    let own = valid & files[kind.rawValue]
    var set = kind == .store && ordersStoresByCompletion ? own : own & ~issued
    guard !new.isConfig else { return set }
    if kind == .nonlinear {
      var issuedOnes = own & issued
      while issuedOnes != 0 {
        let index = issuedOnes.trailingZeroBitCount
        issuedOnes &= issuedOnes - 1
        if reads(new, resultOf: entries[index]) { set |= 1 << UInt64(index) }
      }
    }
    var others = valid & ~files[kind.rawValue]
    while others != 0 {
      let index = others.trailingZeroBitCount
      others &= others - 1
      let meets =
        kind == .nonlinear || 1 << UInt64(index) & files[CommandClass.nonlinear.rawValue] != 0
        ? touches(new, entries[index]) : conflicts(new, kind, entries[index])
      if meets { set |= 1 << UInt64(index) }
    }
    return set
  }

  /// Whether one of two commands, of which one is the nonlinear unit's, writes what the other
  /// reads or writes.
  private func touches(_ new: Entry, _ old: Entry) -> Bool {
    if reads(new, resultOf: old) { return true }
    guard new.firstIsWritten else { return false }
    return overlap(new.first, old.first) || overlap(new.first, old.second)
      || overlap(new.first, old.third) || overlap(new.first, old.fourth)
  }

  private func reads(_ new: Entry, resultOf old: Entry) -> Bool {
    guard old.firstIsWritten else { return false }
    return (!new.firstIsWritten && overlap(new.first, old.first))
      || overlap(new.second, old.first) || overlap(new.third, old.first)
      || overlap(new.fourth, old.first)
  }

  /// Entries of `set` that read the result of the entry at `index`.
  private func readers(of index: Int, in set: UInt64) -> UInt64 {
    var found: UInt64 = 0
    var waiting = valid & ~issued & set
    while waiting != 0 {
      let other = waiting.trailingZeroBitCount
      waiting &= waiting - 1
      if !entries[other].isConfig, reads(entries[other], resultOf: entries[index]) {
        found |= 1 << UInt64(other)
      }
    }
    return found
  }

  /// Whether two commands of different classes touch the same rows, one of them writing.
  private func conflicts(_ new: Entry, _ kind: CommandClass, _ old: Entry) -> Bool {
    switch kind {
    case .load:
      return overlap(new.first, old.first) || overlap(new.first, old.second)
    case .execute:
      if old.firstIsWritten {
        return overlap(new.first, old.first) || overlap(new.second, old.first)
      }
      return new.firstIsWritten && overlap(new.first, old.first)
    case .nonlinear: return touches(new, old)
    case .store:
      if new.firstIsWritten {
        return overlap(new.first, old.first) || overlap(new.first, old.second)
          || (old.firstIsWritten && overlap(new.second, old.first))
      }
      return old.firstIsWritten && overlap(new.first, old.first)
    }
  }

  @inline(__always)
  private func overlap(_ one: RowRange?, _ other: RowRange?) -> Bool {
    guard let one, let other else { return false }
    return one.overlaps(other)
  }
}

// MARK: State

extension ReservationStation {
  /// The entries of each class from the oldest to the youngest, wherever they stand: of a class only
  /// the oldest that has not issued can be ready, so their places are names and no more.
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&endsInPreload)
    settings.visit(&codec)
    var order: [Int] = []
    for kind in CommandClass.allCases {
      var count = occupancy(kind)
      codec.integer(&count)
      let first = offsets[kind.rawValue]
      let held = codec.isRestoring ? Array(first..<first + count) : oldestFirst(kind)
      guard held.count == count, first + count <= entries.count else { return codec.giveUp() }
      codec.nameEntries(held.map { $0 - first })
      order += held
    }
    if codec.isRestoring {
      valid = order.reduce(0) { $0 | 1 << UInt64($1) }
      (issued, ready, allocations) = (0, 0, order.count)
    }
    for (age, index) in order.enumerated() {
      var isIssued = issued >> UInt64(index) & 1 != 0
      codec.flag(&isIssued)
      if isIssued { issued |= 1 << UInt64(index) }
      if codec.isRestoring { entries[index].sequence = age }
      entries[index].visit(&codec, isIssued: isIssued)
      guard !isIssued else { continue }
      var waits: UInt64 = 0
      for (name, other) in order.enumerated()
      where entries[index].waitsFor >> UInt64(other) & 1 != 0 {
        waits |= 1 << UInt64(name)
      }
      codec.integer(&waits)
      if codec.isRestoring {
        for (name, other) in order.enumerated() where waits >> UInt64(name) & 1 != 0 {
          entries[index].waitsFor |= 1 << UInt64(other)
        }
      }
      if codec.isRestoring, entries[index].waitsFor == 0 { ready |= 1 << UInt64(index) }
    }
  }

  private func oldestFirst(_ kind: CommandClass) -> [Int] {
    let first = offsets[kind.rawValue]
    return entries.indices.filter {
      $0 >= first && (valid & files[kind.rawValue]) >> UInt64($0) & 1 != 0
    }
    .sorted { entries[$0].sequence < entries[$1].sequence }
  }
}

extension ReservationStation.Entry {
  fileprivate mutating func visit(_ codec: inout StateCodec, isIssued: Bool) {
    codec.flag(&isConfig)
    codec.flag(&completesOnIssue)
    // What has been issued stands in a controller.
    if isIssued { codec.choice(&command.origin) } else { command.visit(&codec) }
    if codec.holds(&first, or: .none) { first?.visit(&codec) }
    if codec.holds(&second, or: .none) { second?.visit(&codec) }
    if codec.holds(&third, or: .none) { third?.visit(&codec) }
    if codec.holds(&fourth, or: .none) { fourth?.visit(&codec) }
    codec.flag(&firstIsWritten)
    if codec.isRestoring { waitsFor = 0 }
  }
}
