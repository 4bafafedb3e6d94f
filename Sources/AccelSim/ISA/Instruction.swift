/// The name of a command in assembly text; `config` has one for each of its four forms.
public enum Mnemonic: String, CaseIterable, Sendable {
  case configExecute = "config_ex"
  case configLoad = "config_ld"
  case configStore = "config_st"
  case configNorm = "config_norm"
  case mvin
  case mvin2
  case mvin3
  case mvout
  case mvoutSpad = "mvout_spad"
  case preload
  case computePreloaded = "compute_preloaded"
  case computeAccumulated = "compute_accumulated"
  case flush
  case loopMatmul = "loop_ws"
  case loopMatmulBounds = "loop_ws_bounds"
  case loopMatmulAddressesAB = "loop_ws_addrs_ab"
  case loopMatmulAddressesDC = "loop_ws_addrs_dc"
  case loopMatmulStridesAB = "loop_ws_strides_ab"
  case loopMatmulStridesDC = "loop_ws_strides_dc"
  case loopMatmulScratchpadAB = "loop_ws_spad_ab"
  case loopMatmulScratchpadC = "loop_ws_spad_c"
  case loopConv = "loop_conv_ws"
  case loopConvConfig1 = "loop_conv_ws_1"
  case loopConvConfig2 = "loop_conv_ws_2"
  case loopConvConfig3 = "loop_conv_ws_3"
  case loopConvConfig4 = "loop_conv_ws_4"
  case loopConvConfig5 = "loop_conv_ws_5"
  case loopConvConfig6 = "loop_conv_ws_6"
  case squareLoopConvConfig1 = "loop_conv_ws_1_square"
  case squareLoopConvConfig2 = "loop_conv_ws_2_square"
  case squareLoopConvConfig3 = "loop_conv_ws_3_square"
  case clockGate = "clock_gate"
  case counter
  case configNonlinear = "config_nl"
  case nonlinear = "nl_run"
}

/// A command with its fields, one case a command (facts 3; the last two Docs/NonlinearUnit.md).
///
/// The fields are views of the raw command, so `encode()` gives back every bit of what `decode`
/// took, also those that the hardware ignores.
public enum Instruction: Equatable, Sendable {
  case configExecute(ConfigExecute)
  case configLoad(ConfigLoad)
  case configStore(ConfigStore)
  case configNorm(ConfigNorm)
  case mvin(MoveIn)
  case mvin2(MoveIn)
  case mvin3(MoveIn)
  case mvout(MoveOut)
  case mvoutSpad(MoveOutToScratchpad)
  case preload(Preload)
  case computePreloaded(Compute)
  case computeAccumulated(Compute)
  case flush(Flush)
  case loopMatmul(LoopMatmulRun)
  case loopMatmulBounds(LoopMatmulBounds)
  case loopMatmulAddressesAB(LoopMatmulAddressesAB)
  case loopMatmulAddressesDC(LoopMatmulAddressesDC)
  case loopMatmulStridesAB(LoopMatmulStridesAB)
  case loopMatmulStridesDC(LoopMatmulStridesDC)
  case loopMatmulScratchpadAB(LoopMatmulScratchpadAB)
  case loopMatmulScratchpadC(LoopMatmulScratchpadC)
  case loopConv(LoopConvRun)
  case loopConvConfig1(LoopConvConfig1)
  case loopConvConfig2(LoopConvConfig2)
  case loopConvConfig3(LoopConvConfig3)
  case loopConvConfig4(LoopConvConfig4)
  case loopConvConfig5(LoopConvConfig5)
  case loopConvConfig6(LoopConvConfig6)
  case squareLoopConvConfig1(SquareLoopConvConfig1)
  case squareLoopConvConfig2(SquareLoopConvConfig2)
  case squareLoopConvConfig3(SquareLoopConvConfig3)
  case clockGate(ClockGate)
  case counter(CounterAccess)
  case configNonlinear(ConfigNonlinear)
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
  public var funct: UInt8

  public init(funct: UInt8) { self.funct = funct }

  public var description: String { "expected a function code of facts 3.1, found \(funct)" }
}
