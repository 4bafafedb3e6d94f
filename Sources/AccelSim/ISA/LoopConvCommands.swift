/// Starts the convolution unroller: loop_conv_ws (facts 3.7).
public struct LoopConvRun: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConv, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[0]: sums start from zeros; the bias address must not be 0 all the same (facts 3.7).
    case noBias = "no_bias"
    /// rs1[1]: the kernel's tiles are taken from its last row and column on (facts 5.4).
    case rotatesWeights = "wrot180"
    /// rs1[2]: output in order rows × columns × images × channels in main memory.
    case transposesOutput1203 = "trans_output_1203"
    /// rs1[3]: weights in order input channels × rows × columns × output channels.
    case transposesWeights1203 = "trans_weight_1203"
    /// rs1[4]: weights in order rows × columns × output channels × input channels.
    case transposesWeights0132 = "trans_weight_0132"
    /// rs1[5]: input in order channels × rows × columns × images in main memory.
    case transposesInput3120 = "trans_input_3120"
    /// rs1[6]: each channel has its own kernel: a loop does one, whose weights are bytes in a row.
    case isDepthwise = "dw"
    /// rs1[15:8]: pixels side by side in a scratchpad row, kernel columns of a compute; 0 means 1.
    case maxPixelsPerRow = "max_pixels_per_row"
    /// rs1[17:16]: half of the scratchpad for weights: 0 the context's own, 1 lower, 2 upper.
    case bScratchpad = "b_spad"
    /// rs1[19:18]: half of the scratchpad for input: 0 the context's own, 1 lower, 2 upper.
    case aScratchpad = "a_spad"
    /// rs2[0]: move the output as it is; always so without `FeatureConfig.maxPool`.
    case noPool = "no_pool"
    /// rs2[1]: move every second row and column in; for kernels of 1 with stride 2 (facts 11.4).
    case downsamples = "downsample"
    /// rs2[2]: a row or column of zeros between any two of the input; not moved, only skipped.
    case inputDilated = "input_dilated"
    /// rs2[4:3]: activation of pooled output; without pooling that of config_st holds (facts 5.4).
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

/// Where weights and output are: loop_conv_ws_5 (facts 3.7).
public struct LoopConvConfig5: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopConvConfig5, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: byte address of the loop's first weight; 0 keeps those in the scratchpad.
    case weights
    /// rs2[63:0]: byte address of the loop's first result; 0 leaves the sums in the accumulator.
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
    /// rs1[63:0]: byte address of the first int32 bias; 0 keeps what the accumulator has.
    case bias
    /// rs2[63:0]: byte address of the loop's first pixel inside the padding; 0 keeps the old input.
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
