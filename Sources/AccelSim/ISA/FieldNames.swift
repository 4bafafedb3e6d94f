/// A field by name, whatever its command.
public struct NamedField: Sendable {
  /// Its name in assembly text.
  public let name: String
  /// Its bits in the command, how its value is written, and what it means.
  public let layout: FieldLayout
}

extension CommandView {
  /// The fields in the order of assembly text.
  public static var fields: [NamedField] {
    Field.allCases.map { NamedField(name: $0.rawValue, layout: $0.layout) }
  }
}

extension Mnemonic {
  /// The instruction of this name with every field 0.
  public var template: Instruction {
    switch self {
    case .configExecute: .configExecute(.init())
    case .configLoad: .configLoad(.init())
    case .configStore: .configStore(.init())
    case .configNorm: .configNorm(.init())
    case .mvin: .mvin(.init())
    case .mvin2: .mvin2(.init(Command(.mvin2, 0, 0)))
    case .mvin3: .mvin3(.init(Command(.mvin3, 0, 0)))
    case .mvout: .mvout(.init())
    case .mvoutSpad: .mvoutSpad(.init())
    case .preload: .preload(.init())
    case .computePreloaded: .computePreloaded(.init())
    case .computeAccumulated: .computeAccumulated(.init(Command(.computeAccumulated, 0, 0)))
    case .flush: .flush(.init())
    case .loopMatmul: .loopMatmul(.init())
    case .loopMatmulBounds: .loopMatmulBounds(.init())
    case .loopMatmulAddressesAB: .loopMatmulAddressesAB(.init())
    case .loopMatmulAddressesDC: .loopMatmulAddressesDC(.init())
    case .loopMatmulStridesAB: .loopMatmulStridesAB(.init())
    case .loopMatmulStridesDC: .loopMatmulStridesDC(.init())
    case .loopMatmulScratchpadAB: .loopMatmulScratchpadAB(.init())
    case .loopMatmulScratchpadC: .loopMatmulScratchpadC(.init())
    case .loopConv: .loopConv(.init())
    case .loopConvConfig1: .loopConvConfig1(.init())
    case .loopConvConfig2: .loopConvConfig2(.init())
    case .loopConvConfig3: .loopConvConfig3(.init())
    case .loopConvConfig4: .loopConvConfig4(.init())
    case .loopConvConfig5: .loopConvConfig5(.init())
    case .loopConvConfig6: .loopConvConfig6(.init())
    case .squareLoopConvConfig1: .squareLoopConvConfig1(.init())
    case .squareLoopConvConfig2: .squareLoopConvConfig2(.init())
    case .squareLoopConvConfig3: .squareLoopConvConfig3(.init())
    case .clockGate: .clockGate(.init())
    case .counter: .counter(.init())
    case .configNonlinear: .configNonlinear(.init())
    case .nonlinear: .nonlinear(.init())
    }
  }

  /// The command with every field 0.
  public var command: Command { template.encode() }

  /// The fields in the order of assembly text.
  public var fields: [NamedField] { Self.table[self]?.fields ?? [] }

  /// The bits of each register that no field and no command selector covers.
  public var reserved: (rs1: UInt64, rs2: UInt64) { Self.table[self]?.reserved ?? (0, 0) }

  private struct Entry: Sendable {
    var fields: [NamedField]
    var reserved: (rs1: UInt64, rs2: UInt64)
  }

  private static let table: [Mnemonic: Entry] = {
    var table: [Mnemonic: Entry] = [:]
    for mnemonic in allCases {
      let fields = type(of: mnemonic.template.parts.view).fields
      var used = Command(funct: 0, rs1: mnemonic.command.function == .config ? 3 : 0, rs2: 0)
      for field in fields { field.layout.write(.max, to: &used) }
      table[mnemonic] = Entry(fields: fields, reserved: (~used.rs1, ~used.rs2))
    }
    return table
  }()
}
