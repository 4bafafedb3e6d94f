/// The name of a command in assembly text; `config` has one for each of its four forms.
public enum Mnemonic: String, CaseIterable, Sendable {
  /// Function 0, rs1[1:0] = 0: how computes run; keys in `ConfigExecute.Field`.
  case configExecute = "config_ex"
  /// Function 0, rs1[1:0] = 1: how one of the three moves in runs; keys in `ConfigLoad.Field`.
  case configLoad = "config_ld"
  /// Function 0, rs1[1:0] = 2: how moves out run; keys in `ConfigStore.Field`.
  case configStore = "config_st"
  /// Function 0, rs1[1:0] = 3: constants of the integer functions; keys in `ConfigNorm.Field`.
  case configNorm = "config_norm"
  /// Function 2: a move in under load state 0; keys in `MoveIn.Field`.
  case mvin
  /// Function 1: a move in under load state 1; keys in `MoveIn.Field`.
  case mvin2
  /// Function 14: a move in under load state 2; keys in `MoveIn.Field`.
  case mvin3
  /// Function 3: a move out to main memory; keys in `MoveOut.Field`.
  case mvout
  /// Function 23: a move out to the scratchpad; keys in `MoveOutToScratchpad.Field`.
  case mvoutSpad = "mvout_spad"
  /// Function 6: the matrix for the array and the place of C; keys in `Preload.Field`.
  case preload
  /// Function 4: a product with what was preloaded; keys in `Compute.Field`.
  case computePreloaded = "compute_preloaded"
  /// Function 5: a product with what is in use already; keys in `Compute.Field`.
  case computeAccumulated = "compute_accumulated"
  /// Function 7: address translations are forgotten; the only key is `skip`.
  case flush
  /// Function 8: start of a matmul loop, "ws" for weight-stationary; keys in `LoopMatmulRun.Field`.
  case loopMatmul = "loop_ws"
  /// Function 9: sizes of a matmul loop; keys in `LoopMatmulBounds.Field`.
  case loopMatmulBounds = "loop_ws_bounds"
  /// Function 10: where A and B are; keys in `LoopMatmulAddressesAB.Field`.
  case loopMatmulAddressesAB = "loop_ws_addrs_ab"
  /// Function 11: where D and C are; keys in `LoopMatmulAddressesDC.Field`.
  case loopMatmulAddressesDC = "loop_ws_addrs_dc"
  /// Function 12: row lengths of A and B; keys in `LoopMatmulStridesAB.Field`.
  case loopMatmulStridesAB = "loop_ws_strides_ab"
  /// Function 13: row lengths of D and C; keys in `LoopMatmulStridesDC.Field`.
  case loopMatmulStridesDC = "loop_ws_strides_dc"
  /// Function 24: scratchpad rows of A and B; keys in `LoopMatmulScratchpadAB.Field`.
  case loopMatmulScratchpadAB = "loop_ws_spad_ab"
  /// Function 25: without effect; the only key is `c`.
  case loopMatmulScratchpadC = "loop_ws_spad_c"
  /// Function 15: start of a convolution loop; keys in `LoopConvRun.Field`.
  case loopConv = "loop_conv_ws"
  /// Function 16, rectangular: sizes of the layer; keys in `LoopConvConfig1.Field`.
  case loopConvConfig1 = "loop_conv_ws_1"
  /// Function 17, rectangular: pooling and output of the loop; keys in `LoopConvConfig2.Field`.
  case loopConvConfig2 = "loop_conv_ws_2"
  /// Function 18, rectangular: kernel and padding of the loop; keys in `LoopConvConfig3.Field`.
  case loopConvConfig3 = "loop_conv_ws_3"
  /// Function 19, both encodings: dilation, sizes, strides; keys in `LoopConvConfig4.Field`.
  case loopConvConfig4 = "loop_conv_ws_4"
  /// Function 20, both encodings: weights and output; keys in `LoopConvConfig5.Field`.
  case loopConvConfig5 = "loop_conv_ws_5"
  /// Function 21, both encodings: bias and input; keys in `LoopConvConfig6.Field`.
  case loopConvConfig6 = "loop_conv_ws_6"
  /// Function 16 where `ConvEncoding.square` holds; keys in `SquareLoopConvConfig1.Field`.
  case squareLoopConvConfig1 = "loop_conv_ws_1_square"
  /// Function 17 where `ConvEncoding.square` holds; keys in `SquareLoopConvConfig2.Field`.
  case squareLoopConvConfig2 = "loop_conv_ws_2_square"
  /// Function 18 where `ConvEncoding.square` holds; keys in `SquareLoopConvConfig3.Field`.
  case squareLoopConvConfig3 = "loop_conv_ws_3_square"
  /// Function 22: the clock enable; the only key is `enable`.
  case clockGate = "clock_gate"
  /// Function 126: a performance counter; keys in `CounterAccess.Field`.
  case counter
  /// Function 32: an operand of the nonlinear unit; keys in `ConfigNonlinear.Field`.
  case configNonlinear = "config_nl"
  /// Function 33: an operation of the nonlinear unit; keys in `NonlinearRun.Field`.
  case nonlinear = "nl_run"
}

/// A command with its fields, one case a command (facts 3; the last two Docs/NonlinearUnit.md).
///
/// The fields are views of the raw command, so `encode()` gives back every bit of what `decode`
/// took, also those that the hardware ignores.
public enum Instruction: Equatable, Sendable {
  /// How computes run. Class execute; takes effect once no result is under way (facts 6.4).
  case configExecute(ConfigExecute)
  /// How one kind of move in runs. Class load; takes the load controller a cycle (facts 6.2).
  case configLoad(ConfigLoad)
  /// How moves out run. Class store; takes the store controller a cycle (facts 6.3).
  case configStore(ConfigStore)
  /// Constants of the integer functions. Class store; an error without `FeatureConfig.normalizations` (facts 3.5).
  case configNorm(ConfigNorm)
  /// A move in under load state 0. Class load; the unrollers use it for A and input (facts 5.2, 5.4).
  case mvin(MoveIn)
  /// A move in under load state 1. Class load; the unrollers use it for B and weights.
  case mvin2(MoveIn)
  /// A move in under load state 2. Class load; the unrollers use it for D and bias.
  case mvin3(MoveIn)
  /// A move out. Class store; complete when its last row is read, not yet in memory (facts 6.3).
  case mvout(MoveOut)
  /// A move to the scratchpad. Class store; an error without `FeatureConfig.storeToScratchpad`.
  case mvoutSpad(MoveOutToScratchpad)
  /// Matrix and place of C. Class execute; with a C complete when that is written (facts 6.4).
  case preload(Preload)
  /// A product after a flip. Class execute; complete once its last row has been fed (facts 6.4).
  case computePreloaded(Compute)
  /// A product without a flip. Class execute; complete once its last row has been fed.
  case computeAccumulated(Compute)
  /// Forgets translations in the cycle in which it heads the command path (facts 3.8).
  case flush(Flush)
  /// Starts a matmul. Stays in the matmul unroller, which sends moves and computes (facts 5.2).
  case loopMatmul(LoopMatmulRun)
  /// Sizes of a matmul, kept in a context of the matmul unroller (facts 5.2).
  case loopMatmulBounds(LoopMatmulBounds)
  /// Addresses of A and B, kept in a context of the matmul unroller (facts 5.2).
  case loopMatmulAddressesAB(LoopMatmulAddressesAB)
  /// Addresses of D and C, kept in a context of the matmul unroller (facts 5.2).
  case loopMatmulAddressesDC(LoopMatmulAddressesDC)
  /// Row lengths of A and B, kept in a context of the matmul unroller (facts 5.2).
  case loopMatmulStridesAB(LoopMatmulStridesAB)
  /// Row lengths of D and C, kept in a context of the matmul unroller (facts 5.2).
  case loopMatmulStridesDC(LoopMatmulStridesDC)
  /// Rows of A and B, kept by a context of the matmul unroller for all its loops to come.
  case loopMatmulScratchpadAB(LoopMatmulScratchpadAB)
  /// Taken by the matmul unroller like a setting, without effect (facts 3.1).
  case loopMatmulScratchpadC(LoopMatmulScratchpadC)
  /// Starts a convolution. Stays in the convolution unroller, which sends the rest (facts 5.4).
  case loopConv(LoopConvRun)
  /// Sizes of the layer, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig1(LoopConvConfig1)
  /// Pooling and output of the loop, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig2(LoopConvConfig2)
  /// Kernel and padding of the loop, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig3(LoopConvConfig3)
  /// Dilation, sizes and strides, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig4(LoopConvConfig4)
  /// Where weights and output are, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig5(LoopConvConfig5)
  /// Where bias and input are, kept in a context of the convolution unroller (facts 5.4).
  case loopConvConfig6(LoopConvConfig6)
  /// `loopConvConfig1` of the older encoding: rows and columns are one size (corrections V5).
  case squareLoopConvConfig1(SquareLoopConvConfig1)
  /// `loopConvConfig2` of the older encoding: wider pooling fields (corrections V5).
  case squareLoopConvConfig2(SquareLoopConvConfig2)
  /// `loopConvConfig3` of the older encoding: wider padding fields (corrections V5).
  case squareLoopConvConfig3(SquareLoopConvConfig3)
  /// Sets the clock enable; ends at the head of the command path, in a cycle (facts 3.1).
  case clockGate(ClockGate)
  /// Sets or reads a counter at the head of the command path; the answer takes a cycle (facts 10).
  case counter(CounterAccess)
  /// An operand. Class nonlinear; complete as it issues, like the configs of loads and stores.
  case configNonlinear(ConfigNonlinear)
  /// An operation on rows. Class nonlinear; waits for the rows that others write or still read.
  case nonlinear(NonlinearRun)

  /// What the command is called, and its fields.
  public var parts: (mnemonic: Mnemonic, view: any CommandView) {
    switch self {
    case .configExecute(let view): (.configExecute, view)
    case .configLoad(let view): (.configLoad, view)
    case .configStore(let view): (.configStore, view)
    case .configNorm(let view): (.configNorm, view)
    case .mvin(let view): (.mvin, view)
    case .mvin2(let view): (.mvin2, view)
    case .mvin3(let view): (.mvin3, view)
    case .mvout(let view): (.mvout, view)
    case .mvoutSpad(let view): (.mvoutSpad, view)
    case .preload(let view): (.preload, view)
    case .computePreloaded(let view): (.computePreloaded, view)
    case .computeAccumulated(let view): (.computeAccumulated, view)
    case .flush(let view): (.flush, view)
    case .loopMatmul(let view): (.loopMatmul, view)
    case .loopMatmulBounds(let view): (.loopMatmulBounds, view)
    case .loopMatmulAddressesAB(let view): (.loopMatmulAddressesAB, view)
    case .loopMatmulAddressesDC(let view): (.loopMatmulAddressesDC, view)
    case .loopMatmulStridesAB(let view): (.loopMatmulStridesAB, view)
    case .loopMatmulStridesDC(let view): (.loopMatmulStridesDC, view)
    case .loopMatmulScratchpadAB(let view): (.loopMatmulScratchpadAB, view)
    case .loopMatmulScratchpadC(let view): (.loopMatmulScratchpadC, view)
    case .loopConv(let view): (.loopConv, view)
    case .loopConvConfig1(let view): (.loopConvConfig1, view)
    case .loopConvConfig2(let view): (.loopConvConfig2, view)
    case .loopConvConfig3(let view): (.loopConvConfig3, view)
    case .loopConvConfig4(let view): (.loopConvConfig4, view)
    case .loopConvConfig5(let view): (.loopConvConfig5, view)
    case .loopConvConfig6(let view): (.loopConvConfig6, view)
    case .squareLoopConvConfig1(let view): (.squareLoopConvConfig1, view)
    case .squareLoopConvConfig2(let view): (.squareLoopConvConfig2, view)
    case .squareLoopConvConfig3(let view): (.squareLoopConvConfig3, view)
    case .clockGate(let view): (.clockGate, view)
    case .counter(let view): (.counter, view)
    case .configNonlinear(let view): (.configNonlinear, view)
    case .nonlinear(let view): (.nonlinear, view)
    }
  }

  /// The raw command.
  public func encode() -> Command { parts.view.command }
}

extension Command {
  /// The command with its fields. `encoding` settles what the convolution commands mean.
  ///
  /// - Throws: `UnknownFunction` for a function code that the hardware does not know.
  public func decode(encoding: ConvEncoding = .rectangular) throws(UnknownFunction) -> Instruction {
    guard let function else { throw UnknownFunction(funct: funct) }
    switch function {
    case .config:
      switch rs1 & 3 {
      case 0: return .configExecute(.init(self))
      case 1: return .configLoad(.init(self))
      case 2: return .configStore(.init(self))
      default: return .configNorm(.init(self))
      }
    case .mvin: return .mvin(.init(self))
    case .mvin2: return .mvin2(.init(self))
    case .mvin3: return .mvin3(.init(self))
    case .mvout: return .mvout(.init(self))
    case .mvoutSpad: return .mvoutSpad(.init(self))
    case .preload: return .preload(.init(self))
    case .computePreloaded: return .computePreloaded(.init(self))
    case .computeAccumulated: return .computeAccumulated(.init(self))
    case .flush: return .flush(.init(self))
    case .loopMatmul: return .loopMatmul(.init(self))
    case .loopMatmulBounds: return .loopMatmulBounds(.init(self))
    case .loopMatmulAddressesAB: return .loopMatmulAddressesAB(.init(self))
    case .loopMatmulAddressesDC: return .loopMatmulAddressesDC(.init(self))
    case .loopMatmulStridesAB: return .loopMatmulStridesAB(.init(self))
    case .loopMatmulStridesDC: return .loopMatmulStridesDC(.init(self))
    case .loopMatmulScratchpadAB: return .loopMatmulScratchpadAB(.init(self))
    case .loopMatmulScratchpadC: return .loopMatmulScratchpadC(.init(self))
    case .loopConv: return .loopConv(.init(self))
    case .loopConvConfig1:
      return encoding == .square
        ? .squareLoopConvConfig1(.init(self)) : .loopConvConfig1(.init(self))
    case .loopConvConfig2:
      return encoding == .square
        ? .squareLoopConvConfig2(.init(self)) : .loopConvConfig2(.init(self))
    case .loopConvConfig3:
      return encoding == .square
        ? .squareLoopConvConfig3(.init(self)) : .loopConvConfig3(.init(self))
    case .loopConvConfig4: return .loopConvConfig4(.init(self))
    case .loopConvConfig5: return .loopConvConfig5(.init(self))
    case .loopConvConfig6: return .loopConvConfig6(.init(self))
    case .clockGate: return .clockGate(.init(self))
    case .counter: return .counter(.init(self))
    case .configNonlinear: return .configNonlinear(.init(self))
    case .nonlinear: return .nonlinear(.init(self))
    }
  }
}

/// A function code that is no command.
public struct UnknownFunction: Error, Equatable, Sendable, CustomStringConvertible {
  /// The code found, which none of `Function` has; 7 bits on the RoCC port.
  public var funct: UInt8

  public init(funct: UInt8) { self.funct = funct }

  public var description: String { "expected a function code of facts 3.1, found \(funct)" }
}
