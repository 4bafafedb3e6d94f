/// Sizes of the tensors: loop_conv_ws_1 (facts 3.7).
public struct LoopConvConfig1: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig1, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[15:0]: images of the whole layer; for addresses in the transposed orders.
    case batchSize = "batch_size"
    /// rs1[31:16]: rows of the whole input, for the address of an image.
    case inRowDim = "in_rows"
    /// rs1[47:32]: channels of the whole input, for addresses of weights.
    case inChannels = "in_channels"
    /// rs1[63:48]: channels of the whole output, for addresses in the transposed orders.
    case outChannels = "out_channels"
    /// rs2[15:0]: rows of the whole output before pooling, for the address of an image.
    case outRowDim = "out_rows"
    /// rs2[31:16]: rows of the whole pooled output, for the address of an image.
    case poolOutRowDim = "pool_out_rows"
    /// rs2[47:32]: columns of the whole output before pooling, for addresses of its rows.
    case outColumnDim = "out_cols"
    /// rs2[55:48]: input pixels from one output pixel to the next, at most 255.
    case stride
    /// rs2[63:56]: padding of the layer; the unroller goes by that of the loop, `LoopConvConfig3`.
    case padding

    public var layout: FieldLayout {
      switch self {
      case .batchSize: .init(.rs1, 15, 0, .number, "images")
      case .inRowDim: .init(.rs1, 31, 16, .number, "rows of the input")
      case .inChannels: .init(.rs1, 47, 32, .number, "channels of the input")
      case .outChannels: .init(.rs1, 63, 48, .number, "channels of the output")
      case .outRowDim: .init(.rs2, 15, 0, .number, "rows of the output before pooling")
      case .poolOutRowDim: .init(.rs2, 31, 16, .number, "rows of the pooled output")
      case .outColumnDim: .init(.rs2, 47, 32, .number, "columns of the output before pooling")
      case .stride: .init(.rs2, 55, 48, .number, "stride of the kernel")
      case .padding: .init(.rs2, 63, 56, .number, "padding of the input")
      }
    }
  }

  /// Images.
  public var batchSize: Int { self[.batchSize] }
  /// Rows of the input.
  public var inRowDim: Int { self[.inRowDim] }
  /// Channels of the input.
  public var inChannels: Int { self[.inChannels] }
  /// Channels of the output.
  public var outChannels: Int { self[.outChannels] }
  /// Rows of the output before pooling.
  public var outRowDim: Int { self[.outRowDim] }
  /// Rows of the pooled output.
  public var poolOutRowDim: Int { self[.poolOutRowDim] }
  /// Columns of the output before pooling.
  public var outColumnDim: Int { self[.outColumnDim] }
  /// Stride of the kernel.
  public var stride: Int { self[.stride] }
  /// Padding of the input.
  public var padding: Int { self[.padding] }
}

/// Pooling, and sizes of this block: loop_conv_ws_2 (facts 3.7).
public struct LoopConvConfig2: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig2, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[7:0]: padding of the layer's pooling; the unroller goes by that of the loop.
    case poolPadding = "pool_padding"
    /// rs1[15:8]: output pixels from window to window; config_st gets the low 2 bits (facts 5.4).
    case poolStride = "pool_stride"
    /// rs1[31:16]: rows and columns of the window; config_st gets the low 2 bits (facts 5.4).
    case poolSize = "pool_size"
    /// rs1[47:32]: columns of the whole pooled output; config_st gets the low 8 bits.
    case poolOutColumnDim = "pool_out_cols"
    /// rs1[63:48]: rows and columns of the whole kernel, for addresses of weights.
    case kernelDim = "kernel_dim"
    /// rs2[15:0]: output channels that the loop computes, at least 1.
    case poolOutChannels = "pochs"
    /// rs2[31:16]: pooled columns that the loop writes, at least 1; config_st gets 8 bits.
    case poolOutColumns = "pocols"
    /// rs2[47:32]: pooled rows that the loop writes, at least 1; config_st gets 8 bits.
    case poolOutRows = "porows"
    /// rs2[63:48]: images that the loop computes, at least 1.
    case batches

    public var layout: FieldLayout {
      switch self {
      case .poolPadding: .init(.rs1, 7, 0, .number, "padding of the pooling")
      case .poolStride: .init(.rs1, 15, 8, .number, "stride of the pooling window")
      case .poolSize: .init(.rs1, 31, 16, .number, "size of the pooling window")
      case .poolOutColumnDim: .init(.rs1, 47, 32, .number, "columns of the pooled output")
      case .kernelDim: .init(.rs1, 63, 48, .number, "rows and columns of the kernel")
      case .poolOutChannels: .init(.rs2, 15, 0, .number, "output channels of this block")
      case .poolOutColumns: .init(.rs2, 31, 16, .number, "pooled columns of this block")
      case .poolOutRows: .init(.rs2, 47, 32, .number, "pooled rows of this block")
      case .batches: .init(.rs2, 63, 48, .number, "images of this block")
      }
    }
  }

  /// Padding of the pooling.
  public var poolPadding: Int { self[.poolPadding] }
  /// Stride of the pooling window.
  public var poolStride: Int { self[.poolStride] }
  /// Size of the pooling window.
  public var poolSize: Int { self[.poolSize] }
  /// Columns of the pooled output.
  public var poolOutColumnDim: Int { self[.poolOutColumnDim] }
  /// Rows and columns of the kernel.
  public var kernelDim: Int { self[.kernelDim] }
  /// Output channels of this block.
  public var poolOutChannels: Int { self[.poolOutChannels] }
  /// Pooled columns of this block.
  public var poolOutColumns: Int { self[.poolOutColumns] }
  /// Pooled rows of this block.
  public var poolOutRows: Int { self[.poolOutRows] }
  /// Images of this block.
  public var batches: Int { self[.batches] }
}

/// Kernel part and padding of this block: loop_conv_ws_3 (facts 3.7).
public struct LoopConvConfig3: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig3, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[15:0]: columns of zeros left of the loop's input, written without a read of memory.
    case leftPadding = "lpad"
    /// rs1[31:16]: input channels that the loop sums over, at least 1.
    case kernelChannels = "kchs"
    /// rs1[47:32]: kernel columns that the loop sums over, at least 1.
    case kernelColumns = "kcols"
    /// rs1[63:48]: kernel rows that the loop sums over, at least 1.
    case kernelRows = "krows"
    /// rs2[15:0]: columns of the whole input, for addresses of its rows.
    case inColumnDim = "in_cols"
    /// rs2[23:16]: zeros left of the image when pooling; config_st gets the low 2 bits.
    case poolLeftPadding = "plpad"
    /// rs2[31:24]: rows of zeros below the loop's input, 0...255.
    case lowerPadding = "dpad"
    /// rs2[47:32]: rows of zeros above the loop's input, written without a read of memory.
    case upperPadding = "upad"
    /// rs2[63:48]: columns of zeros right of the loop's input.
    case rightPadding = "rpad"

    public var layout: FieldLayout {
      switch self {
      case .leftPadding: .init(.rs1, 15, 0, .number, "input columns of padding on the left")
      case .kernelChannels: .init(.rs1, 31, 16, .number, "input channels of this block")
      case .kernelColumns: .init(.rs1, 47, 32, .number, "kernel columns of this block")
      case .kernelRows: .init(.rs1, 63, 48, .number, "kernel rows of this block")
      case .inColumnDim: .init(.rs2, 15, 0, .number, "columns of the input")
      case .poolLeftPadding: .init(.rs2, 23, 16, .number, "pooling padding on the left")
      case .lowerPadding: .init(.rs2, 31, 24, .number, "input rows of padding below")
      case .upperPadding: .init(.rs2, 47, 32, .number, "input rows of padding above")
      case .rightPadding: .init(.rs2, 63, 48, .number, "input columns of padding on the right")
      }
    }
  }

  /// Input columns of padding on the left.
  public var leftPadding: Int { self[.leftPadding] }
  /// Input channels of this block.
  public var kernelChannels: Int { self[.kernelChannels] }
  /// Kernel columns of this block.
  public var kernelColumns: Int { self[.kernelColumns] }
  /// Kernel rows of this block.
  public var kernelRows: Int { self[.kernelRows] }
  /// Columns of the input.
  public var inColumnDim: Int { self[.inColumnDim] }
  /// Pooling padding on the left.
  public var poolLeftPadding: Int { self[.poolLeftPadding] }
  /// Input rows of padding below.
  public var lowerPadding: Int { self[.lowerPadding] }
  /// Input rows of padding above.
  public var upperPadding: Int { self[.upperPadding] }
  /// Input columns of padding on the right.
  public var rightPadding: Int { self[.rightPadding] }
}

/// Dilation, output sizes and strides: loop_conv_ws_4 (facts 3.7).
public struct LoopConvConfig4: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig4, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[9:0]: input pixels from one kernel element to the next; 1 is a plain kernel.
    case kernelDilation = "kernel_dilation"
    /// rs1[20:10]: pooling rows below the image; not looked at, rows beyond are zeros.
    case poolLowerPadding = "pdpad"
    /// rs1[31:21]: zeros above the image when pooling; config_st gets the low 2 bits.
    case poolUpperPadding = "pupad"
    /// rs1[47:32]: pooling columns right of the image; not looked at, those beyond are zeros.
    case poolRightPadding = "prpad"
    /// rs1[63:48]: output rows that the loop computes, before pooling.
    case outRows = "orows"
    /// rs2[15:0]: output columns that the loop computes, before pooling; up to DIM of them a compute.
    case outColumns = "ocols"
    /// rs2[31:16]: elements from output pixel to pixel in main memory: the channels or more.
    case outStride = "out_stride"
    /// rs2[47:32]: elements from input channel to channel of the weights: the output channels or more.
    case weightStride = "weight_stride"
    /// rs2[63:48]: elements from input pixel to pixel in main memory: the channels or more.
    case inStride = "in_stride"

    public var layout: FieldLayout {
      switch self {
      case .kernelDilation: .init(.rs1, 9, 0, .number, "distance of neighbouring kernel elements")
      case .poolLowerPadding: .init(.rs1, 20, 10, .number, "pooling padding below")
      case .poolUpperPadding: .init(.rs1, 31, 21, .number, "pooling padding above")
      case .poolRightPadding: .init(.rs1, 47, 32, .number, "pooling padding on the right")
      case .outRows: .init(.rs1, 63, 48, .number, "output rows of this block")
      case .outColumns: .init(.rs2, 15, 0, .number, "output columns of this block")
      case .outStride: .init(.rs2, 31, 16, .number, "elements from output pixel to pixel")
      case .weightStride:
        .init(.rs2, 47, 32, .number, "elements from one row of weights to the next")
      case .inStride: .init(.rs2, 63, 48, .number, "elements from input pixel to pixel")
      }
    }
  }

  /// Distance of neighbouring kernel elements.
  public var kernelDilation: Int { self[.kernelDilation] }
  /// Pooling padding below.
  public var poolLowerPadding: Int { self[.poolLowerPadding] }
  /// Pooling padding above.
  public var poolUpperPadding: Int { self[.poolUpperPadding] }
  /// Pooling padding on the right.
  public var poolRightPadding: Int { self[.poolRightPadding] }
  /// Output rows of this block.
  public var outRows: Int { self[.outRows] }
  /// Output columns of this block.
  public var outColumns: Int { self[.outColumns] }
  /// Elements from output pixel to pixel.
  public var outStride: Int { self[.outStride] }
  /// Elements from one row of weights to the next.
  public var weightStride: Int { self[.weightStride] }
  /// Elements from input pixel to pixel.
  public var inStride: Int { self[.inStride] }
}
