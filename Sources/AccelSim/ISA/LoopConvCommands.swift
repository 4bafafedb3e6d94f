/// Starts the convolution unroller: loop_conv_ws (facts 3.7).
public struct LoopConvRun: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConv, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    case noBias = "no_bias"
    case rotatesWeights = "wrot180"
    case transposesOutput1203 = "trans_output_1203"
    case transposesWeights1203 = "trans_weight_1203"
    case transposesWeights0132 = "trans_weight_0132"
    case transposesInput3120 = "trans_input_3120"
    case isDepthwise = "dw"
    case maxPixelsPerRow = "max_pixels_per_row"
    case bScratchpad = "b_spad"
    case aScratchpad = "a_spad"
    case noPool = "no_pool"
    case downsamples = "downsample"
    case inputDilated = "input_dilated"
    case activation

    public var layout: FieldLayout {
      switch self {
      case .noBias: .init(.rs1, 0, 0, .flag, "start from zeros")
      case .rotatesWeights: .init(.rs1, 1, 1, .flag, "rotate the kernel by 180 degrees")
      case .transposesOutput1203: .init(.rs1, 2, 2, .flag, "output in order 1203")
      case .transposesWeights1203: .init(.rs1, 3, 3, .flag, "weights in order 1203")
      case .transposesWeights0132: .init(.rs1, 4, 4, .flag, "weights in order 0132")
      case .transposesInput3120: .init(.rs1, 5, 5, .flag, "input in order 3120")
      case .isDepthwise: .init(.rs1, 6, 6, .flag, "depthwise")
      case .maxPixelsPerRow:
        .init(.rs1, 15, 8, .number, "pixels side by side in a scratchpad row; 0 means 1")
      case .bScratchpad:
        .init(
          .rs1, 17, 16, .number, "half of the scratchpad for weights: 0 default, 1 lower, 2 upper")
      case .aScratchpad: .init(.rs1, 19, 18, .number, "half of the scratchpad for input")
      case .noPool: .init(.rs2, 0, 0, .flag, "store without pooling")
      case .downsamples: .init(.rs2, 1, 1, .flag, "take every second pixel")
      case .inputDilated: .init(.rs2, 2, 2, .flag, "input with zeros between its pixels")
      case .activation: .init(.rs2, 4, 3, .activation, "activation of the result")
      }
    }
  }

  /// Start from zeros.
  public var noBias: Bool { flag(.noBias) }
  /// Rotate the kernel by 180 degrees.
  public var rotatesWeights: Bool { flag(.rotatesWeights) }
  /// Output in order 1203.
  public var transposesOutput1203: Bool { flag(.transposesOutput1203) }
  /// Weights in order 1203.
  public var transposesWeights1203: Bool { flag(.transposesWeights1203) }
  /// Weights in order 0132.
  public var transposesWeights0132: Bool { flag(.transposesWeights0132) }
  /// Input in order 3120.
  public var transposesInput3120: Bool { flag(.transposesInput3120) }
  /// Depthwise.
  public var isDepthwise: Bool { flag(.isDepthwise) }
  /// Pixels side by side in a scratchpad row; 0 means 1.
  public var maxPixelsPerRow: Int { self[.maxPixelsPerRow] }
  /// Half of the scratchpad for weights: 0 default, 1 lower, 2 upper.
  public var bScratchpad: Int { self[.bScratchpad] }
  /// Half of the scratchpad for input.
  public var aScratchpad: Int { self[.aScratchpad] }
  /// Store without pooling.
  public var noPool: Bool { flag(.noPool) }
  /// Take every second pixel.
  public var downsamples: Bool { flag(.downsamples) }
  /// Input with zeros between its pixels.
  public var inputDilated: Bool { flag(.inputDilated) }
  /// Activation of the result.
  public var activation: Int { self[.activation] }
}

/// Sizes of the tensors: loop_conv_ws_1 (facts 3.7).
public struct LoopConvConfig1: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig1, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    case batchSize = "batch_size"
    case inRowDim = "in_rows"
    case inChannels = "in_channels"
    case outChannels = "out_channels"
    case outRowDim = "out_rows"
    case poolOutRowDim = "pool_out_rows"
    case outColumnDim = "out_cols"
    case stride
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
    case poolPadding = "pool_padding"
    case poolStride = "pool_stride"
    case poolSize = "pool_size"
    case poolOutColumnDim = "pool_out_cols"
    case kernelDim = "kernel_dim"
    case poolOutChannels = "pochs"
    case poolOutColumns = "pocols"
    case poolOutRows = "porows"
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
    case leftPadding = "lpad"
    case kernelChannels = "kchs"
    case kernelColumns = "kcols"
    case kernelRows = "krows"
    case inColumnDim = "in_cols"
    case poolLeftPadding = "plpad"
    case lowerPadding = "dpad"
    case upperPadding = "upad"
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
    case kernelDilation = "kernel_dilation"
    case poolLowerPadding = "pdpad"
    case poolUpperPadding = "pupad"
    case poolRightPadding = "prpad"
    case outRows = "orows"
    case outColumns = "ocols"
    case outStride = "out_stride"
    case weightStride = "weight_stride"
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

/// Where weights and output are: loop_conv_ws_5 (facts 3.7).
public struct LoopConvConfig5: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig5, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    case weights
    case output

    public var layout: FieldLayout {
      switch self {
      case .weights: .init(.rs1, 63, 0, .memory, "weights in main memory")
      case .output: .init(.rs2, 63, 0, .memory, "output in main memory; 0 stores nothing")
      }
    }
  }

  /// Weights in main memory.
  public var weights: UInt64 { address(.weights) }
  /// Output in main memory; 0 stores nothing.
  public var output: UInt64 { address(.output) }
}

/// Where bias and input are: loop_conv_ws_6 (facts 3.7).
public struct LoopConvConfig6: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig6, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    case bias
    case input

    public var layout: FieldLayout {
      switch self {
      case .bias:
        .init(.rs1, 63, 0, .memory, "bias in main memory; 0 loads nothing, not even zeros")
      case .input: .init(.rs2, 63, 0, .memory, "input in main memory")
      }
    }
  }

  /// Bias in main memory; 0 loads nothing, not even zeros.
  public var bias: UInt64 { address(.bias) }
  /// Input in main memory.
  public var input: UInt64 { address(.input) }
}
