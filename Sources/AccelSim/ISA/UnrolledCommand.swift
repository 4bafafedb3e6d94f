import SystolicCore

/// Which unit put a command on its way to the reservation station.
public enum CommandOrigin: UInt8, CaseIterable, Sendable {
  /// None: the host sent it, and it passed both unrollers as it was.
  case host
  /// The matmul unroller, whose occupancy counters go down when the command completes (facts 5.2).
  case loopMatmul
  /// The convolution unroller, with counters of its own (facts 5.4).
  case loopConv
}

/// A command on its way from the RoCC port to the reservation station (facts 5.1).
struct UnrolledCommand: Equatable, Sendable {
  var command: Command
  var origin: CommandOrigin

  init(_ command: Command, from origin: CommandOrigin = .host) {
    self.command = command
    self.origin = origin
  }
}

/// The reservation station's classes of commands (facts 5.5), and that of the nonlinear unit.
public enum CommandClass: Int, CaseIterable, Sendable {
  /// mvin, mvin2, mvin3 and config_ld.
  case load
  /// preload, both computes and config_ex.
  case execute
  /// mvout, mvout_spad, config_st and config_norm.
  case store
  /// config_nl and nl_run (Docs/NonlinearUnit.md).
  case nonlinear
}

/// Commands of one unroller that left the reservation station in a cycle, by class: the pulses
/// that the unrollers' occupancy counters count down by (facts 5.2).
struct CompletionCounts: Equatable, Sendable {
  var load = 0
  var execute = 0
  var store = 0
}

// MARK: State

extension Command {
  static let none = Command(funct: 0, rs1: 0, rs2: 0)

  /// Which operands are addresses in main memory.
  var addressOperands: (first: Bool, second: Bool) {
    switch function {
    case .mvin, .mvin2, .mvin3, .mvout: (true, false)
    case .loopMatmulAddressesAB, .loopMatmulAddressesDC, .loopConvConfig5, .loopConvConfig6:
      (true, true)
    default: (false, false)
    }
  }

  /// Whether what the host asks for is not the same in the other halves of the local memories: all that
  /// names a local row or a half, and loops that use contexts or rows otherwise than in turn. From
  /// then on, up to a fence, states with exchanged halves are told apart (Docs/Reuse.md, "Halves").
  var tellsHalvesApart: Bool {
    switch function {
    case .mvin, .mvin2, .mvin3, .mvout, .preload, .computePreloaded, .computeAccumulated,
      .mvoutSpad, .loopMatmulScratchpadAB, .loopMatmulScratchpadC, .nonlinear:
      true
    // Halves by name; residual additions, of which a context has rows of its own in the accumulator; and
    // results for the scratchpad.
    case .loopMatmul: rs1 >> 16 & 0xF != 0 || rs2 & 0x304 != 0
    // Halves by name, and repeated pixels, which stop at the floor of a half.
    case .loopConv: rs1 >> 16 & 0xF != 0 || rs1 >> 8 & 0xFF > 1
    default: false
    }
  }

  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&funct)
    switch function {
    case .mvin, .mvin2, .mvin3, .mvout:
      codec.address(&rs1)
      codec.localOperand(&rs2)
    case .preload, .computePreloaded, .computeAccumulated:
      codec.localOperand(&rs1)
      codec.localOperand(&rs2)
    default:
      let (first, second) = addressOperands
      if first { codec.address(&rs1) } else { codec.integer(&rs1) }
      if second { codec.address(&rs2) } else { codec.integer(&rs2) }
    }
  }
}

extension UnrolledCommand {
  static let none = UnrolledCommand(.none)

  mutating func visit(_ codec: inout StateCodec) {
    command.visit(&codec)
    codec.choice(&origin)
  }
}
