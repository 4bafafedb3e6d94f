import SystolicCore

/// A command that the reservation station has issued to a controller.
struct IssuedCommand: Equatable, Sendable {
  var command: Command
  /// Entry of its class in the reservation station.
  var entry: Int
}

/// Commands of one DMA controller whose data is still on its way (facts 6.1).
///
/// The lowest free slot is taken; a slot whose count has come to 0 is offered for completion from
/// the next cycle on, lowest first.
struct CommandTracker: Sendable {
  private struct Slot: Sendable {
    var isUsed = false
    var entry = 0
    var remaining = 0
  }

  private var slots: [Slot]
  private(set) var used = 0
  /// The slot that could complete: the lowest whose count is 0 in the registers.
  private(set) var offered: Int?

  init(slots count: Int) { slots = Array(repeating: Slot(), count: count) }

  var isBusy: Bool { used > 0 }
  var canAllocate: Bool { used < slots.count }

  /// Takes the lowest free slot; `canAllocate` must hold.
  mutating func allocate(entry: Int, remaining: Int) -> Int {
    var index = 0
    while slots[index].isUsed { index += 1 }
    slots[index] = Slot(isUsed: true, entry: entry, remaining: remaining)
    used += 1
    if remaining == 0 { findOffer() }
    return index
  }

  private mutating func findOffer() {
    offered = slots.firstIndex { $0.isUsed && $0.remaining == 0 }
  }

  func entry(of slot: Int) -> Int { slots[slot].entry }

  mutating func complete(_ slot: Int) {
    slots[slot].isUsed = false
    used -= 1
    findOffer()
  }

  mutating func subtract(_ amount: Int, from slot: Int) {
    slots[slot].remaining -= amount
    if slots[slot].remaining == 0 { findOffer() }
  }
}

// MARK: State

extension IssuedCommand {
  static let none = IssuedCommand(command: .none, entry: 0)

  mutating func visit(_ codec: inout StateCodec, _ kind: CommandClass) {
    command.visit(&codec)
    // Configurations of these classes have left the station when they were issued.
    if command.funct == Function.config.rawValue, kind != .execute { entry = -1 }
    codec.entry(&entry, of: kind.rawValue)
  }
}

extension CommandTracker {
  mutating func visit(_ codec: inout StateCodec, _ kind: CommandClass) {
    if codec.isRestoring { used = 0 }
    for index in slots.indices {
      codec.flag(&slots[index].isUsed)
      guard slots[index].isUsed else { continue }
      if codec.isRestoring { used += 1 }
      codec.entry(&slots[index].entry, of: kind.rawValue)
      codec.integer(&slots[index].remaining)
    }
    if codec.isRestoring { findOffer() }
  }
}
