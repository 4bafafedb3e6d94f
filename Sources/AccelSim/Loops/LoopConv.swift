import SystolicCore

/// Unrolls loop_conv_ws commands (facts 5.4).
public struct LoopConv: Sendable {
  /// The unit's input queue; the stage before sends into it when `input.canSend(now)`.
  public var input = Queue<UnrolledCommand>(depth: 2)
  /// Whether the last tick changed any register.
  public private(set) var moved = false

  public init(_ machine: Machine) {}

  public var isBusy: Bool { !input.isEmpty }

  public mutating func tick(_ now: Cycle, outputReady: Bool, completed: CompletionCounts)
    -> UnrolledCommand?
  {
    moved = false
    guard !input.isEmpty, outputReady else { return nil }
    moved = true
    return input.receive(now)
  }
}
