/// How computes run: config_ex (facts 3.3).
public struct ConfigExecute: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.config, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[2]: 0 output-stationary, 1 weight-stationary; hardware of one dataflow ignores it.
    case dataflow
    /// rs1[4:3]: activation of results written to the scratchpad; only 1, ReLU, acts (facts 4.3).
    case activation
    /// rs1[7]: take over `aStride` and `cStride` alone; all other registers keep their values.
    case setOnlyStrides = "set_only_strides"
    /// rs1[8]: multiply with A transposed; not with `bTranspose` when weights stay (facts 3.3).
    case aTranspose = "a_transpose"
    /// rs1[9]: multiply with B transposed; when outputs stay only together with `aTranspose`.
    case bTranspose = "b_transpose"
    /// rs1[31:16]: local rows from one row of A to the next; 1 if they are neighbours, no default.
    case aStride = "a_stride"
    /// rs1[63:32]: FP32 scale of accumulator operands, which the array cannot read (facts 4.6).
    case scaleBits = "scale"
    /// rs2[31:0]: bits by which output-stationary results are shifted; the low 5 count (facts 4.1).
    case shift
    /// rs2[47:32]: shift of a ReLU6, an activation that this hardware does not have; ignored.
    case relu6Shift = "relu6_shift"
    /// rs2[63:48]: local rows from one row of C to the next; 1 if they are neighbours, no default.
    case cStride = "c_stride"

    public var layout: FieldLayout {
      switch self {
      case .dataflow:
        .init(
          .rs1, 2, 2, .dataflow,
          "which operand stays in the array; ignored if the array has one dataflow")
      case .activation:
        .init(.rs1, 4, 3, .activation, "activation of results that go to the scratchpad")
      case .setOnlyStrides: .init(.rs1, 7, 7, .flag, "change the strides of A and C, nothing else")
      case .aTranspose: .init(.rs1, 8, 8, .flag, "transpose A")
      case .bTranspose: .init(.rs1, 9, 9, .flag, "transpose B or D")
      case .aStride: .init(.rs1, 31, 16, .number, "local rows from one row of A to the next")
      case .scaleBits: .init(.rs1, 63, 32, .scale, "scale of operands read from the accumulator")
      case .shift: .init(.rs2, 31, 0, .number, "right shift of output-stationary results")
      case .relu6Shift: .init(.rs2, 47, 32, .number, "ignored by the hardware")
      case .cStride: .init(.rs2, 63, 48, .number, "local rows from one row of C to the next")
      }
    }
  }

  /// Which operand stays in the array; ignored if the array has one dataflow.
  public var dataflow: Int { self[.dataflow] }
  /// Activation of results that go to the scratchpad.
  public var activation: Int { self[.activation] }
  /// Change the strides of A and C, nothing else.
  public var setOnlyStrides: Bool { flag(.setOnlyStrides) }
  /// Transpose A.
  public var aTranspose: Bool { flag(.aTranspose) }
  /// Transpose B or D.
  public var bTranspose: Bool { flag(.bTranspose) }
  /// Local rows from one row of A to the next.
  public var aStride: Int { self[.aStride] }
  /// Scale of operands read from the accumulator.
  public var scaleBits: UInt32 { word(.scaleBits) }
  /// Right shift of output-stationary results.
  public var shift: Int { self[.shift] }
  /// Ignored by the hardware.
  public var relu6Shift: Int { self[.relu6Shift] }
  /// Local rows from one row of C to the next.
  public var cStride: Int { self[.cStride] }
}

/// How moves into local memory run: config_ld (facts 3.4).
public struct ConfigLoad: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.config, 1, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[2]: rows for the accumulator are int8 in main memory, scaled and widened; 0: int32 there.
    case shrink
    /// rs1[4:3]: the move that the command sets: 0 mvin, 1 mvin2, 2 mvin3; 3 is an error.
    case state
    /// rs1[15:8]: copies of each scratchpad row, in all at most DIM columns; 0 means 1 (facts 8.2).
    case pixelRepeats = "pixel_repeats"
    /// rs1[31:16]: local rows from a block of DIM columns to the next; at least the rows moved.
    case blockStride = "block_stride"
    /// rs1[63:32]: FP32 scale of int8 elements; 1.0 passes them as they are (facts 4.5).
    case scaleBits = "scale"
    /// rs2[63:0]: bytes of main memory from row to row; 0 reads one row and writes it to all.
    case stride

    public var layout: FieldLayout {
      switch self {
      case .shrink:
        .init(.rs1, 2, 2, .flag, "data for the accumulator has the input type in memory")
      case .state:
        .init(.rs1, 4, 3, .number, "which move this configures: 0 mvin, 1 mvin2, 2 mvin3")
      case .pixelRepeats: .init(.rs1, 15, 8, .number, "copies of each row, side by side; 0 means 1")
      case .blockStride:
        .init(.rs1, 31, 16, .number, "local rows from one block of columns to the next")
      case .scaleBits: .init(.rs1, 63, 32, .scale, "scale of the moved elements")
      case .stride:
        .init(.rs2, 63, 0, .number, "bytes of main memory from row to row; 0 repeats one row")
      }
    }
  }

  /// Data for the accumulator has the input type in memory.
  public var shrink: Bool { flag(.shrink) }
  /// Which move this configures: 0 mvin, 1 mvin2, 2 mvin3.
  public var state: Int { self[.state] }
  /// Copies of each row, side by side; 0 means 1.
  public var pixelRepeats: Int { self[.pixelRepeats] }
  /// Local rows from one block of columns to the next.
  public var blockStride: Int { self[.blockStride] }
  /// Scale of the moved elements.
  public var scaleBits: UInt32 { word(.scaleBits) }
  /// Bytes of main memory from row to row; 0 repeats one row.
  public var stride: Int { self[.stride] }
}

/// How moves out of local memory run: config_st (facts 3.4).
public struct ConfigStore: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.config, 2, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[3:2]: low two bits of the activation code; the third, of softmax, is cleared (facts 3.4).
    case activation
    /// rs1[5:4]: pixels from one pooling window to the next, 1...3; 0 switches pooling off.
    case poolStride = "pool_stride"
    /// rs1[7:6]: rows and columns of the window, 1...3; above 0 without stride: 1-D mvout (facts 6.3).
    case poolSize = "pool_size"
    /// rs1[9:8]: rows of zeros above the image, 0...3; taken over only with a pool stride.
    case upperPadding = "upper_padding"
    /// rs1[11:10]: columns of zeros left of the image, 0...3; taken over only with a pool stride.
    case leftPadding = "left_padding"
    /// rs1[31:24]: pixels from a row of the pooled image to the next in main memory, 0...255.
    case poolOutDim = "pool_out_dim"
    /// rs1[39:32]: pooled rows that an mvout writes, 0...255; taken over only with a pool stride.
    case poolOutRows = "pool_out_rows"
    /// rs1[47:40]: pooled columns that an mvout writes, 0...255; only with a pool stride.
    case poolOutColumns = "pool_out_cols"
    /// rs1[55:48]: rows of the image in local memory, 0...255; rows beyond pool as zeros (facts 4.7).
    case outRows = "out_rows"
    /// rs1[63:56]: columns of that image, 0...255: a pixel a local row, image row after image row.
    case outColumns = "out_cols"
    /// rs2[31:0]: bytes of main memory from row to row, or from pixel to pixel when pooling.
    case stride
    /// rs2[63:32]: FP32 scale of accumulator rows read as int8; all ones keep the old one (facts 4.6).
    case scaleBits = "scale"

    public var layout: FieldLayout {
      switch self {
      case .activation: .init(.rs1, 3, 2, .activation, "activation, low two bits")
      case .poolStride:
        .init(.rs1, 5, 4, .number, "stride of the pooling window; 0 means no pooling")
      case .poolSize: .init(.rs1, 7, 6, .number, "size of the pooling window")
      case .upperPadding: .init(.rs1, 9, 8, .number, "rows of padding above the image")
      case .leftPadding: .init(.rs1, 11, 10, .number, "columns of padding left of the image")
      case .poolOutDim: .init(.rs1, 31, 24, .number, "columns of the pooled image, for addresses")
      case .poolOutRows: .init(.rs1, 39, 32, .number, "pooled rows to write")
      case .poolOutColumns: .init(.rs1, 47, 40, .number, "pooled columns to write")
      case .outRows: .init(.rs1, 55, 48, .number, "rows of the image before pooling")
      case .outColumns: .init(.rs1, 63, 56, .number, "columns of the image before pooling")
      case .stride: .init(.rs2, 31, 0, .number, "bytes of main memory from row to row")
      case .scaleBits: .init(.rs2, 63, 32, .scale, "scale of results; all ones keeps the old one")
      }
    }
  }

  /// Activation, low two bits.
  public var activation: Int { self[.activation] }
  /// Stride of the pooling window; 0 means no pooling.
  public var poolStride: Int { self[.poolStride] }
  /// Size of the pooling window.
  public var poolSize: Int { self[.poolSize] }
  /// Rows of padding above the image.
  public var upperPadding: Int { self[.upperPadding] }
  /// Columns of padding left of the image.
  public var leftPadding: Int { self[.leftPadding] }
  /// Columns of the pooled image, for addresses.
  public var poolOutDim: Int { self[.poolOutDim] }
  /// Pooled rows to write.
  public var poolOutRows: Int { self[.poolOutRows] }
  /// Pooled columns to write.
  public var poolOutColumns: Int { self[.poolOutColumns] }
  /// Rows of the image before pooling.
  public var outRows: Int { self[.outRows] }
  /// Columns of the image before pooling.
  public var outColumns: Int { self[.outColumns] }
  /// Bytes of main memory from row to row.
  public var stride: Int { self[.stride] }
  /// Scale of results; all ones keeps the old one.
  public var scaleBits: UInt32 { word(.scaleBits) }
}

/// Constants of the nonlinear functions: config_norm (facts 3.5).
public struct ConfigNorm: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.config, 3, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[15:8]: statistics that mvouts feed and use from now on; the hardware has sets 0 and 1.
    case statistics
    /// rs1[16]: third bit of the activation code; with the low bits 0 it makes 4, softmax.
    case activationMSB = "activation_msb"
    /// rs1[17]: take over `statistics` alone; constants and activation keep their values.
    case setOnlyStatistics = "set_only_statistics"
    /// rs1[18]: `qln2` goes to the register of the inverse, not to that of ln 2 itself.
    case isInverse = "is_inverse"
    /// rs1[63:32]: ln 2 / scale as an integer, or 65536 over that: I-EXP's range reduction (facts 4.11).
    case qln2
    /// rs2[31:0]: int32 that I-GELU and I-EXP add before they square (facts 4.8, 4.10).
    case qb
    /// rs2[63:32]: int32 that I-GELU and I-EXP add to the square (facts 4.8, 4.10).
    case qc

    public var layout: FieldLayout {
      switch self {
      case .statistics: .init(.rs1, 15, 8, .number, "which set of row statistics the moves use")
      case .activationMSB: .init(.rs1, 16, 16, .flag, "third bit of the activation")
      case .setOnlyStatistics: .init(.rs1, 17, 17, .flag, "change the statistics id, nothing else")
      case .isInverse: .init(.rs1, 18, 18, .flag, "the constant is 1/ln 2, not ln 2")
      case .qln2: .init(.rs1, 63, 32, .bits, "ln 2 or its inverse, quantised")
      case .qb: .init(.rs2, 31, 0, .bits, "constant b of I-GELU and I-EXP")
      case .qc: .init(.rs2, 63, 32, .bits, "constant c of I-GELU and I-EXP")
      }
    }
  }

  /// Which set of row statistics the moves use.
  public var statistics: Int { self[.statistics] }
  /// Third bit of the activation.
  public var activationMSB: Bool { flag(.activationMSB) }
  /// Change the statistics id, nothing else.
  public var setOnlyStatistics: Bool { flag(.setOnlyStatistics) }
  /// The constant is 1/ln 2, not ln 2.
  public var isInverse: Bool { flag(.isInverse) }
  /// Ln 2 or its inverse, quantised.
  public var qln2: UInt32 { word(.qln2) }
  /// Constant b of I-GELU and I-EXP.
  public var qb: UInt32 { word(.qb) }
  /// Constant c of I-GELU and I-EXP.
  public var qc: UInt32 { word(.qc) }
}

extension ConfigExecute {
  /// Whether weights stay in the array, on machines that have both dataflows.
  public var isWeightStationary: Bool { flag(.dataflow) }
}
