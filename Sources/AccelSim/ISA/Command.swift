/// One command as it stands on the RoCC port: function code and two 64-bit operands (facts 3).
public struct Command: Equatable, Hashable, Sendable {
  /// What to do: the 7-bit function code.
  public var funct: UInt8
  /// First operand register.
  public var rs1: UInt64
  /// Second operand register.
  public var rs2: UInt64

  /// Creates a command from its raw fields.
  @inlinable public init(funct: UInt8, rs1: UInt64, rs2: UInt64) {
    self.funct = funct
    self.rs1 = rs1
    self.rs2 = rs2
  }

  /// Creates a command from its function and operands.
  @inlinable public init(_ function: Function, _ rs1: UInt64, _ rs2: UInt64) {
    self.init(funct: function.rawValue, rs1: rs1, rs2: rs2)
  }

  /// The function, or `nil` for a code that the hardware does not know.
  @inlinable public var function: Function? { Function(rawValue: funct) }
}

/// The function codes (facts 3.1).
public enum Function: UInt8, CaseIterable, Sendable {
  case config = 0
  case mvin2 = 1
  case mvin = 2
  case mvout = 3
  case computePreloaded = 4
  case computeAccumulated = 5
  case preload = 6
  case flush = 7
  case loopMatmul = 8
  case loopMatmulBounds = 9
  case loopMatmulAddressesAB = 10
  case loopMatmulAddressesDC = 11
  case loopMatmulStridesAB = 12
  case loopMatmulStridesDC = 13
  case mvin3 = 14
  case loopConv = 15
  case loopConvConfig1 = 16
  case loopConvConfig2 = 17
  case loopConvConfig3 = 18
  case loopConvConfig4 = 19
  case loopConvConfig5 = 20
  case loopConvConfig6 = 21
  case clockGate = 22
  case mvoutSpad = 23
  case loopMatmulScratchpadAB = 24
  case loopMatmulScratchpadC = 25
  /// The floating-point nonlinear unit's own (Docs/NonlinearUnit.md), in codes that Gemmini leaves
  /// free.
  case configNonlinear = 32
  case nonlinear = 33
  case counter = 126
}
