import SystolicCore

/// Steps of the host from one place where the machine's state is looked at to the next: up to a loop
/// that runs, a fence, or a number of other commands.
struct CommandBlock {
  /// Commands of a block without a loop or a fence.
  private static let limit = 64

  private(set) var steps: [ProgramStep] = []
  /// The steps, with the low bits of an address in its place and its number: two blocks with the same
  /// words do the same to the machine, but for pages.
  private(set) var words: [UInt64] = []
  /// The addresses that the commands name.
  private(set) var bases: [UInt64] = []
  /// The operands that are addresses, in the same order.
  private var operands: [(step: Int, isSecond: Bool)] = []
  /// Whether it has commands of the matmul and of the convolution unroller.
  private(set) var hasMatmul = false
  private(set) var hasConv = false
  /// Whether a command tells the halves of the local memories apart.
  private(set) var tellsHalvesApart = false
  /// An address does not leave room for a tag.
  private(set) var isTooHigh = false
  /// Bits of an address that say how rows are cut into packets.
  private let packetMask: UInt64

  init(_ machine: Machine) { packetMask = UInt64(max(1, machine.config.dma.maxBytes) - 1) }

  var isEmpty: Bool { steps.isEmpty }

  /// - Returns: Whether the block ends with `command`.
  mutating func append(_ command: Command) -> Bool {
    let (first, second) = command.addressOperands
    words.append(UInt64(command.funct))
    words.append(first ? name(command.rs1, false) : command.rs1)
    words.append(second ? name(command.rs2, true) : command.rs2)
    steps.append(.command(command))
    hasMatmul = hasMatmul || LoopMatmul.takes(command)
    hasConv = hasConv || LoopConv.takes(command)
    tellsHalvesApart = tellsHalvesApart || command.tellsHalvesApart
    let isLoop =
      command.funct == Function.loopMatmul.rawValue || command.funct == Function.loopConv.rawValue
    return isLoop || steps.count >= Self.limit
  }

  mutating func appendFence() {
    steps.append(.fence)
    words.append(1 << 8)
  }

  /// - Parameter cost: What the work costs.
  mutating func append(_ work: HostWork, cost: HostAccount.Cost) {
    steps.append(.host(work))
    words.append(2 << 8)
    words.append(UInt64(cost.conversion))
    words.append(UInt64(cost.operation))
  }

  /// The word for an address; 0, which means none, stays.
  private mutating func name(_ address: UInt64, _ isSecond: Bool) -> UInt64 {
    guard address != 0 else { return 0 }
    if address > StateCodec.addressMask { isTooHigh = true }
    bases.append(address)
    operands.append((steps.count, isSecond))
    return 1 << 63 | UInt64(bases.count) << 32 | address & packetMask
  }

  /// The steps with a tag on each address, beginning with `firstTag`.
  func tagged(from firstTag: UInt64) -> [ProgramStep] {
    var steps = steps
    for (number, operand) in operands.enumerated() {
      guard case .command(var command) = steps[operand.step] else { continue }
      let tag = (firstTag + UInt64(number)) << StateCodec.addressBits
      if operand.isSecond { command.rs2 |= tag } else { command.rs1 |= tag }
      steps[operand.step] = .command(command)
    }
    return steps
  }
}
