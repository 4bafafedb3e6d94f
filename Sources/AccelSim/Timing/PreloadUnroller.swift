import SystolicCore

/// A command in front of the array: one that the reservation station issued, or one that the
/// unroller made, which completes nothing.
struct ExecuteCommand: Equatable, Sendable {
  var command: Command
  /// Entry of the reservation station, or -1.
  var entry: Int

  var isConfig: Bool { command.funct == Function.config.rawValue }
  var isPreload: Bool { command.funct == Function.preload.rawValue }
  var isFlip: Bool { command.funct == Function.computePreloaded.rawValue }
  var isCompute: Bool {
    isFlip || command.funct == Function.computeAccumulated.rawValue
  }
}

/// Gives the transposer a whole operation's time to turn B (facts 6.4, "preload unroller").
///
/// With weights stationary and B transposed, a preload and the compute that uses it become four
/// commands: the preload without result, a compute without result, a preload of nothing with the
/// result, and the compute itself.
struct PreloadUnroller: Sendable {
  private enum State: UInt8, Sendable { case idle, firstCompute, secondPreload, secondCompute }

  /// Commands from the reservation station, two of them visible.
  var queue = Queue<IssuedCommand>(depth: 2)
  private var state = State.idle
  private var transposesWeights = false
  private let hasBothDataflows: Bool
  private let isWeightStationary: Bool

  init(_ machine: Machine) {
    hasBothDataflows = machine.config.array.dataflow == .both
    isWeightStationary = machine.config.array.dataflow == .weightStationary
  }

  /// The next command for the execute queue, which must have room.
  mutating func tick(_ now: Cycle) -> ExecuteCommand? {
    guard let head = queue.first else { return nil }
    let first = ExecuteCommand(command: head.command, entry: head.entry)
    let second = queue[1]
    let isFirstPreload = state == .idle && first.isPreload
    if isFirstPreload, transposesWeights, second == nil { return nil }
    if state == .secondPreload, second == nil { return nil }
    let unrolls =
      isFirstPreload && transposesWeights
      && second?.command.funct == Function.computePreloaded.rawValue
    var out = first
    switch state {
    case .idle:
      if unrolls {
        out.command.rs2 = UInt64(LocalAddress.garbage.bits)
        out.entry = -1
        state = .firstCompute
        return out
      }
      if first.isConfig, first.command.rs1 & 3 == 0 {
        let config = ConfigExecute(first.command)
        if !config.setOnlyStrides {
          let weights = hasBothDataflows ? config.isWeightStationary : isWeightStationary
          transposesWeights = weights && config.bTranspose
        }
      }
    case .firstCompute:
      guard let second else { return nil }
      // The operands stay the real ones: the hardware's garbage goes elsewhere (appendix B 5).
      state = .secondPreload
      return ExecuteCommand(
        command: Command(.computeAccumulated, second.command.rs1, second.command.rs2), entry: -1)
    case .secondPreload:
      out.command.rs1 = UInt64(LocalAddress.garbage.bits)
      state = .secondCompute
    case .secondCompute:
      state = .idle
    }
    queue.receive(now)
    return out
  }

  /// Whether a pair is being unrolled.
  var isActive: Bool { state != .idle }
}

// MARK: State

extension ExecuteCommand {
  static let none = ExecuteCommand(command: .none, entry: -1)

  mutating func visit(_ codec: inout StateCodec) {
    command.visit(&codec)
    codec.entry(&entry, of: CommandClass.execute.rawValue)
  }
}

extension PreloadUnroller {
  mutating func visit(_ codec: inout StateCodec) {
    queue.visit(&codec, .none) { $0.visit(&$1, .execute) }
    codec.choice(&state)
    codec.flag(&transposesWeights)
  }
}
