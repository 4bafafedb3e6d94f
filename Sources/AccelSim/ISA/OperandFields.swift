import SystolicCore

/// One of a command's two operand registers.
public enum OperandRegister: String, Sendable {
  /// `Command.rs1`: main-memory addresses, A, preloaded matrices, and most settings.
  case rs1
  /// `Command.rs2`: tiles of moves, C of preloads, and strides.
  case rs2
}

/// How a field is written in assembly text, and what its bits mean.
public enum FieldKind: Sendable {
  /// An unsigned number, decimal.
  case number
  /// One bit that switches something on.
  case flag
  /// An unsigned number whose bits matter, hexadecimal.
  case bits
  /// A byte address of main memory.
  case memory
  /// A row of a local memory (facts 2.2).
  case local
  /// The bits of a 32-bit float.
  case scale
  /// An activation code (facts 3.1).
  case activation
  /// 0 output-stationary, 1 weight-stationary.
  case dataflow
  /// An operation of the nonlinear unit.
  case operation
  /// An operand of the nonlinear unit: x, y, z or out.
  case operand
}

/// Where a field stands in a command: bits `high...low` of a register.
public struct FieldLayout: Sendable {
  /// Which of the command's two registers holds the field.
  public let register: OperandRegister
  /// Its most significant bit, 0...63.
  public let high: UInt64
  /// Its least significant bit, at most `high`.
  public let low: UInt64
  /// How assembly text writes its value, and with it which values are legal there.
  public let kind: FieldKind
  /// What the field means, for the ISA document.
  public let meaning: String

  init(
    _ register: OperandRegister, _ high: UInt64, _ low: UInt64, _ kind: FieldKind,
    _ meaning: String
  ) {
    self.register = register
    self.high = high
    self.low = low
    self.kind = kind
    self.meaning = meaning
  }

  /// Ones in as many low bits as the field is wide: its largest value.
  public var mask: UInt64 { .max >> (63 &- (high &- low)) }

  /// The field of `command`.
  public func read(_ command: Command) -> UInt64 {
    (register == .rs1 ? command.rs1 : command.rs2) &>> low & mask
  }

  /// Replaces the field of `command`; bits of `value` beyond the field are dropped.
  public func write(_ value: UInt64, to command: inout Command) {
    let bits = (value & mask) &<< low
    switch register {
    case .rs1: command.rs1 = command.rs1 & ~(mask &<< low) | bits
    case .rs2: command.rs2 = command.rs2 & ~(mask &<< low) | bits
    }
  }
}

/// The fields of one kind of command: each case is a field, its raw value the name in assembly.
public protocol CommandField: CaseIterable, RawRepresentable, Sendable where RawValue == String {
  /// Where the field stands.
  var layout: FieldLayout { get }
}

/// A command seen as fields; the command itself stays whole, so no bit is ever lost.
///
/// Read a field by its property, write it by subscript: `load[.stride] = 64`.
public protocol CommandView: Equatable, Sendable {
  /// The fields of this kind of command.
  associatedtype Field: CommandField
  /// The two registers that the fields are bits of.
  var command: Command { get set }
  /// Views `command`, which must be of this kind; `Instruction` finds the kind.
  init(_ command: Command)
}

extension CommandView {
  /// The value of a field. Setting drops bits that the field has no room for.
  @inline(__always)
  public subscript(field: Field) -> Int {
    get { Int(truncatingIfNeeded: field.layout.read(command)) }
    set { field.layout.write(UInt64(truncatingIfNeeded: newValue), to: &command) }
  }

  @inline(__always)
  func flag(_ field: Field) -> Bool { field.layout.read(command) != 0 }

  @inline(__always)
  func word(_ field: Field) -> UInt32 {
    UInt32(truncatingIfNeeded: field.layout.read(command))
  }

  @inline(__always)
  func address(_ field: Field) -> UInt64 { field.layout.read(command) }

  @inline(__always)
  func local(_ field: Field) -> LocalAddress { LocalAddress(bits: word(field)) }
}

/// A register that names rows, columns and a local address (facts 3.2).
public struct LocalOperand: Equatable, Sendable {
  /// The 64 bits of the register.
  public var bits: UInt64

  @inline(__always)
  public init(_ bits: UInt64) { self.bits = bits }

  /// Packs the three parts; rows and columns keep their low 16 bits.
  public init(rows: Int, columns: Int, address: LocalAddress) {
    bits =
      UInt64(truncatingIfNeeded: rows & 0xFFFF) << 48
      | UInt64(truncatingIfNeeded: columns & 0xFFFF) << 32 | UInt64(address.bits)
  }

  /// Bits 63:48: rows of the tile; the hardware keeps as many of them as DIM needs (facts 1.2).
  public var rows: Int { Int(truncatingIfNeeded: bits >> 48) }
  /// Bits 47:32: columns of the tile; moves keep more of these bits than computes (facts 1.2).
  public var columns: Int { Int(truncatingIfNeeded: bits >> 32 & 0xFFFF) }
  /// Bits 31:0: the tile's first row in scratchpad or accumulator, with its flags (facts 2.2).
  public var address: LocalAddress { LocalAddress(bits: UInt32(truncatingIfNeeded: bits)) }
}
