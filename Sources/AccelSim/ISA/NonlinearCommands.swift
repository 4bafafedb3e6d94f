import SystolicCore

/// An operand register of the nonlinear unit: config_nl (Docs/NonlinearUnit.md).
public struct ConfigNonlinear: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.configNonlinear, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[49:48]: the register to set: 0 x, 1 y, 2 z, 3 the result.
    case operand
    /// rs1[31:0]: local row of row 0, without the flags of bits 30 to 26; garbage for no operand.
    case address = "at"
    /// rs1[47:32]: local rows from a block of DIM columns to the next, at least the rows.
    case blockStride = "block_stride"
    /// rs1[50]: accumulator rows hold FP32 values, 0: int32; scratchpad rows are int8 always.
    case isFloat = "fp32"
    /// rs1[51]: every row of the operand is row 0, a gain or a bias; not for the result.
    case repeats
    /// rs2[31:0]: FP32 factor, after the conversion of an element on its way in, before that on its way out.
    case scaleBits = "scale"

    public var layout: FieldLayout {
      switch self {
      case .operand: .init(.rs1, 49, 48, .operand, "which operand")
      case .address: .init(.rs1, 31, 0, .local, "first local row; garbage for none")
      case .blockStride:
        .init(.rs1, 47, 32, .number, "local rows from a block of columns to the next")
      case .isFloat:
        .init(.rs1, 50, 50, .flag, "accumulator rows hold FP32 values, not int32")
      case .repeats: .init(.rs1, 51, 51, .flag, "one row for all rows: a gain or a bias")
      case .scaleBits:
        .init(.rs2, 31, 0, .scale, "factor of every element, on its way in or out")
      }
    }
  }

  /// Which operand: 0 x, 1 y, 2 z, 3 the result.
  public var operand: Int { self[.operand] }
  /// First local row: int8 in the scratchpad, int32 or FP32 in the accumulator.
  public var address: LocalAddress { local(.address) }
  /// Local rows from a block of columns to the next.
  public var blockStride: Int { self[.blockStride] }
  /// Whether accumulator rows hold FP32 values.
  public var isFloat: Bool { flag(.isFloat) }
  /// Whether every row is row 0.
  public var repeats: Bool { flag(.repeats) }
  /// Factor of every element, on its way in or out.
  public var scale: Float { Float(bitPattern: word(.scaleBits)) }
}

/// An operation on rows: nl_run (Docs/NonlinearUnit.md).
public struct NonlinearRun: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.nonlinear, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[7:0]: raw value of a `NonlinearOperation`; other codes are errors.
    case operation = "op"
    /// rs1[63:48]: rows to work on, 1...DIM.
    case rows
    /// rs1[47:32]: elements of a row in this part, 1...65,535; whole blocks of DIM unless it ends.
    case columns = "cols"
    /// rs1[15:8]: 0 runs all passes of the operation, from 1 on that one alone, on rows in parts.
    case pass
    /// rs1[16]: this part is the first of its pass and starts the sums anew; for single passes.
    case begins = "begin"
    /// rs1[17]: this part is the last of its pass and completes the sums; for single passes.
    case ends = "end"
    /// rs1[31:24]: elements of a row that top-k keeps, 1...254; other operations ignore it.
    case k
    /// rs2[31:0]: FP32 value added to LayerNorm's variance or RMSNorm's mean square before the root.
    case epsilonBits = "epsilon"

    public var layout: FieldLayout {
      switch self {
      case .operation: .init(.rs1, 7, 0, .operation, "what to compute")
      case .rows: .init(.rs1, 63, 48, .number, "rows, at most the array size")
      case .columns: .init(.rs1, 47, 32, .number, "columns of this part of the rows")
      case .pass: .init(.rs1, 15, 8, .number, "pass to run, from 1; 0 runs all of them")
      case .begins: .init(.rs1, 16, 16, .flag, "this part begins the pass; only with a pass")
      case .ends: .init(.rs1, 17, 17, .flag, "this part ends the pass; only with a pass")
      case .k: .init(.rs1, 31, 24, .number, "elements of a row that top-k keeps")
      case .epsilonBits: .init(.rs2, 31, 0, .scale, "added to the variance of a norm")
      }
    }
  }

  /// What to compute, or `nil` for a code that is no operation.
  public var operation: NonlinearOperation? {
    NonlinearOperation(rawValue: UInt8(truncatingIfNeeded: self[.operation]))
  }
  /// Rows, at most the array size.
  public var rows: Int { self[.rows] }
  /// Columns of this part of the rows.
  public var columns: Int { self[.columns] }
  /// Pass to run, from 1; 0 runs all of them.
  public var pass: Int { self[.pass] }
  /// Whether this part begins the pass.
  public var begins: Bool { flag(.begins) }
  /// Whether this part ends the pass.
  public var ends: Bool { flag(.ends) }
  /// Elements of a row that top-k keeps.
  public var k: Int { self[.k] }
  /// Added to the variance of a norm.
  public var epsilon: Float { Float(bitPattern: word(.epsilonBits)) }
}
