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
  /// Sets registers; rs1[1:0] says whose: 0 execute, 1 load, 2 store, 3 norm (facts 3.3 to 3.5).
  case config = 0
  /// Moves rows from main memory to local memory, as load state 1 is set (facts 3.2).
  case mvin2 = 1
  /// Moves rows from main memory to local memory, as load state 0 is set (facts 3.2).
  case mvin = 2
  /// Moves rows from local memory to main memory, scaled or pooled on the way (facts 3.2, 4.6, 4.7).
  case mvout = 3
  /// Flips the array's double registers to what was preloaded, then computes (facts 3.2).
  case computePreloaded = 4
  /// Computes without a flip: on the same weights, or adding to the same sums (facts 3.2).
  case computeAccumulated = 5
  /// Brings the next weights or bias into the array; says where the next result goes (facts 3.2).
  case preload = 6
  /// Forgets all address translations, without waiting for older commands (facts 3.8).
  case flush = 7
  /// Starts the matmul that 9 to 13 and 24 describe; the hardware unrolls it (facts 3.6, 5.2).
  case loopMatmul = 8
  /// Sizes of the next matmul loop in tiles, and the elements that the last tiles lack (facts 3.6).
  case loopMatmulBounds = 9
  /// Addresses of A and B in main memory for the next matmul loop (facts 3.6).
  case loopMatmulAddressesAB = 10
  /// Addresses of D and C in main memory for the next matmul loop (facts 3.6).
  case loopMatmulAddressesDC = 11
  /// Elements from row to row of A and of B for the next matmul loop (facts 3.6).
  case loopMatmulStridesAB = 12
  /// Elements from row to row of D and of C for the next matmul loop (facts 3.6).
  case loopMatmulStridesDC = 13
  /// Moves rows from main memory to local memory, as load state 2 is set (facts 3.2).
  case mvin3 = 14
  /// Starts the convolution that 16 to 21 describe; the hardware unrolls it (facts 3.7, 5.4).
  case loopConv = 15
  /// Sizes of the whole layer's input and output, stride and padding (facts 3.7).
  case loopConvConfig1 = 16
  /// Pooling window, kernel size, and how much of the output the loop computes (facts 3.7).
  case loopConvConfig2 = 17
  /// How much of the kernel the loop covers, and the zeros around its input (facts 3.7).
  case loopConvConfig3 = 18
  /// Kernel dilation, pooling paddings, output of the loop before pooling, strides (facts 3.7).
  case loopConvConfig4 = 19
  /// Addresses of weights and output in main memory for the next convolution loop (facts 3.7).
  case loopConvConfig5 = 20
  /// Addresses of bias and input in main memory for the next convolution loop (facts 3.7).
  case loopConvConfig6 = 21
  /// Sets the clock enable of an idle accelerator; has no effect in the models (facts 3.1).
  case clockGate = 22
  /// Moves rows from local memory to the scratchpad; the 2023 revisions lack it (corrections V5).
  case mvoutSpad = 23
  /// Scratchpad rows of A and B for matmul loops; they stay set (facts 3.6).
  case loopMatmulScratchpadAB = 24
  /// Accepted by the matmul unroller, without effect (facts 3.1).
  case loopMatmulScratchpadC = 25
  /// Sets an operand of the floating-point nonlinear unit, in a code that Gemmini leaves free.
  case configNonlinear = 32
  /// Runs an operation of that unit on rows, in a code that Gemmini leaves free (Docs/NonlinearUnit.md).
  case nonlinear = 33
  /// Sets up or reads a performance counter; the only command with an answer (facts 3.8, 10).
  case counter = 126
}
