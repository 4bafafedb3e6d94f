/// Sizes of the tensors, older encoding: loop_conv_ws_1 (corrections V5).
public struct SquareLoopConvConfig1: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig1, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[15:0]: images of the whole layer; for addresses in the transposed orders.
    case batchSize = "batch_size"
    /// rs1[31:16]: rows, and as many columns, of the whole input, for addresses of its pixels.
    case inDim = "in_dim"
    /// rs1[47:32]: channels of the whole input, for addresses of weights.
    case inChannels = "in_channels"
    /// rs1[63:48]: channels of the whole output, for addresses in the transposed orders.
    case outChannels = "out_channels"
    /// rs2[15:0]: rows, and as many columns, of the whole output before pooling.
    case outDim = "out_dim"
    /// rs2[31:16]: rows, and as many columns, of the whole pooled output.
    case poolOutDim = "pool_out_dim"
    /// rs2[47:32]: input pixels from one output pixel to the next, at most 65,535.
    case stride
    /// rs2[63:48]: padding of the layer; the unroller goes by that of the loop.
    case padding

    public var layout: FieldLayout {
      switch self {
      case .batchSize: .init(.rs1, 15, 0, .number, "images")
      case .inDim: .init(.rs1, 31, 16, .number, "rows and columns of the input")
      case .inChannels: .init(.rs1, 47, 32, .number, "channels of the input")
      case .outChannels: .init(.rs1, 63, 48, .number, "channels of the output")
      case .outDim: .init(.rs2, 15, 0, .number, "rows and columns of the output before pooling")
      case .poolOutDim: .init(.rs2, 31, 16, .number, "rows and columns of the pooled output")
      case .stride: .init(.rs2, 47, 32, .number, "stride of the kernel")
      case .padding: .init(.rs2, 63, 48, .number, "padding of the input")
      }
    }
  }

  /// Images.
  public var batchSize: Int { self[.batchSize] }
  /// Rows and columns of the input.
  public var inDim: Int { self[.inDim] }
  /// Channels of the input.
  public var inChannels: Int { self[.inChannels] }
  /// Channels of the output.
  public var outChannels: Int { self[.outChannels] }
  /// Rows and columns of the output before pooling.
  public var outDim: Int { self[.outDim] }
  /// Rows and columns of the pooled output.
  public var poolOutDim: Int { self[.poolOutDim] }
  /// Stride of the kernel.
  public var stride: Int { self[.stride] }
  /// Padding of the input.
  public var padding: Int { self[.padding] }
}

/// Pooling and sizes of this block, older encoding: loop_conv_ws_2 (corrections V5).
public struct SquareLoopConvConfig2: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig2, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[15:0]: padding of the layer's pooling; the unroller goes by that of the loop.
    case poolPadding = "pool_padding"
    /// rs1[31:16]: output pixels from window to window; config_st gets the low 2 bits.
    case poolStride = "pool_stride"
    /// rs1[47:32]: rows and columns of the window; config_st gets the low 2 bits.
    case poolSize = "pool_size"
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
      case .poolPadding: .init(.rs1, 15, 0, .number, "padding of the pooling")
      case .poolStride: .init(.rs1, 31, 16, .number, "stride of the pooling window")
      case .poolSize: .init(.rs1, 47, 32, .number, "size of the pooling window")
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

/// Kernel part and padding, older encoding: loop_conv_ws_3 (corrections V5).
public struct SquareLoopConvConfig3: CommandView {
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
    /// rs2[15:0]: zeros left of the image when pooling; config_st gets the low 2 bits.
    case poolLeftPadding = "plpad"
    /// rs2[31:16]: rows of zeros below the loop's input, 0...65,535.
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
      case .poolLeftPadding: .init(.rs2, 15, 0, .number, "pooling padding on the left")
      case .lowerPadding: .init(.rs2, 31, 16, .number, "input rows of padding below")
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
  /// Pooling padding on the left.
  public var poolLeftPadding: Int { self[.poolLeftPadding] }
  /// Input rows of padding below.
  public var lowerPadding: Int { self[.lowerPadding] }
  /// Input rows of padding above.
  public var upperPadding: Int { self[.upperPadding] }
  /// Input columns of padding on the right.
  public var rightPadding: Int { self[.rightPadding] }
}
