import SystolicCore

/// The two stages through which each sub-unit's commands go; a stage waits while the one after it
/// is held up (facts 5.4).
struct ConvPipeline: Sendable {
  private var first: Command?
  /// The command that may leave.
  private(set) var output: Command?

  @inline(__always) var isEmpty: Bool { first == nil && output == nil }

  /// Whether a command may enter in a cycle in which `output` leaves or not.
  @inline(__always) func canEnter(leaving: Bool) -> Bool {
    first == nil || output == nil || leaving
  }

  /// The end of a cycle; returns whether anything moved.
  mutating func step(leaving: Bool, entering command: Command?) -> Bool {
    let isHeld = output != nil && !leaving
    guard !isHeld else {
      if let command {
        first = command
        return true
      }
      return false
    }
    let moves = leaving || first != nil || command != nil
    output = first
    first = command
    return moves
  }
}

extension ConvPipeline {
  mutating func visit(_ codec: inout StateCodec) {
    if codec.holds(&first, or: .none) { first?.visit(&codec) }
    if codec.holds(&output, or: .none) { output?.visit(&codec) }
  }
}
