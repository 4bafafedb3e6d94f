/// How computes run: config_ex (facts 3.3).
public struct ConfigExecute: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.config, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    case dataflow
    case activation
    case setOnlyStrides = "set_only_strides"
    case aTranspose = "a_transpose"
    case bTranspose = "b_transpose"
    case aStride = "a_stride"
    case scaleBits = "scale"
    case shift
    case relu6Shift = "relu6_shift"
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
    case shrink
    case state
    case pixelRepeats = "pixel_repeats"
    case blockStride = "block_stride"
    case scaleBits = "scale"
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
    case activation
    case poolStride = "pool_stride"
    case poolSize = "pool_size"
    case upperPadding = "upper_padding"
    case leftPadding = "left_padding"
    case poolOutDim = "pool_out_dim"
    case poolOutRows = "pool_out_rows"
    case poolOutColumns = "pool_out_cols"
    case outRows = "out_rows"
    case outColumns = "out_cols"
    case stride
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
    case statistics
    case activationMSB = "activation_msb"
    case setOnlyStatistics = "set_only_statistics"
    case isInverse = "is_inverse"
    case qln2
    case qb
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
