/// A two-dimensional convolution as Gemmini's library offers it (facts 11.4): int8 input in order
/// batch × rows × columns × channels, int8 weights in order kernel rows × kernel columns × input
/// channels × output channels, one int32 bias per output channel.
public struct Convolution: Equatable, Sendable {
  /// Images.
  public var batch = 1
  /// Rows of the input.
  public var inputRows: Int
  /// Columns of the input.
  public var inputColumns: Int
  /// Channels of an input pixel, all groups together.
  public var inputChannels: Int
  /// Channels of an output pixel, all groups together.
  public var outputChannels: Int
  /// Rows and columns of the kernel.
  public var kernel: Int
  /// Input pixels from one output pixel to the next.
  public var stride = 1
  /// Rows and columns of zeros on each side of the input; fewer than 0 leave pixels out.
  public var padding = 0
  /// Input pixels stand so far apart, with zeros between them: 1 or 2.
  public var inputDilation = 1
  /// Kernel elements stand so many input pixels apart.
  public var kernelDilation = 1
  /// Independent convolutions on equal slices of the channels.
  public var groups = 1
  /// Every channel has its own kernel; weights are in order channels × kernel rows × kernel
  /// columns.
  public var isDepthwise = false
  /// The kernel is turned by 180 degrees.
  public var rotatesWeights = false
  /// The input's order is channels × rows × columns × batch.
  public var transposesInput3120 = false
  /// The weights' order is input channels × kernel rows × kernel columns × output channels.
  public var transposesWeights1203 = false
  /// The weights' order is kernel rows × kernel columns × output channels × input channels.
  public var transposesWeights0132 = false
  /// The output's order is rows × columns × batch × channels.
  public var transposesOutput1203 = false
  /// Whether an int32 of each output channel is added to its sums.
  public var hasBias = false
  /// What happens to the sums on their way out, before they are scaled.
  public var activation = ConvActivation.none
  /// Scale of the sums on their way out.
  public var scale: Float = 1
  /// Maxima over windows of the scaled results; `nil` for none.
  public var pooling: ConvPooling?
  /// Block sizes to use instead of the library's choice.
  public var tile: ConvTile?
  /// Elements from an input pixel to the next; `nil` for dense pixels.
  public var strideInput: Int?
  /// Elements from a row of weights to the next; `nil` for dense rows.
  public var strideWeights: Int?
  /// Elements from an output pixel to the next; `nil` for dense pixels.
  public var strideOutput: Int?

  public init(
    inputRows: Int, inputColumns: Int, inputChannels: Int, outputChannels: Int, kernel: Int
  ) {
    self.inputRows = inputRows
    self.inputColumns = inputColumns
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
  }

  /// Rows before pooling.
  public var outputRows: Int { outputSize(inputRows) }
  /// Columns before pooling.
  public var outputColumns: Int { outputSize(inputColumns) }
  /// Rows of the result.
  public var pooledRows: Int { pooling?.outputSize(outputRows) ?? outputRows }
  /// Columns of the result.
  public var pooledColumns: Int { pooling?.outputSize(outputColumns) ?? outputColumns }

  /// Multiply-accumulates of the convolution, those with padding included.
  public var usefulMACs: Int {
    let channels = isDepthwise ? inputChannels : inputChannels / groups * outputChannels
    return batch * outputRows * outputColumns * kernel * kernel * channels
  }

  /// Rows or columns of the input with the zeros that dilation puts between them.
  func dilated(_ size: Int) -> Int { size + (inputDilation - 1) * (size - 1) }

  private func outputSize(_ size: Int) -> Int {
    let reach = kernelDilation * (kernel - 1) + 1
    let room = dilated(size) + 2 * padding - reach
    return room < 0 ? 0 : room / stride + 1
  }

  /// Every second pixel of the input is left out on its way in (facts 11.4).
  var downsamples: Bool {
    stride == 2 && kernel == 1 && padding == 0 && pooling == nil && inputRows % 2 == 0
      && inputColumns % 2 == 0 && inputDilation == 1 && !transposesInput3120
  }

  /// Any operand is in another order than the usual.
  var transposes: Bool {
    transposesInput3120 || transposesWeights1203 || transposesWeights0132 || transposesOutput1203
  }
}

/// Activations of a convolution; raw values are the hardware's codes (facts 3.1).
public enum ConvActivation: Int, CaseIterable, Sendable {
  /// Sums pass unchanged.
  case none = 0
  /// Negative sums become 0.
  case relu = 1
}

/// Maxima over square windows.
public struct ConvPooling: Equatable, Sendable {
  /// Rows and columns of the window.
  public var size: Int
  /// Pixels from one window to the next.
  public var stride: Int
  /// Rows and columns on each side of the image, which count as 0.
  public var padding: Int
  /// A last window that begins inside the image and reaches beyond it counts; what lies beyond
  /// counts as 0. The library has no such option, but the hardware pads each block on its own.
  public var roundsUp: Bool

  public init(size: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false) {
    self.size = size
    self.stride = stride
    self.padding = padding
    self.roundsUp = roundsUp
  }

  func outputSize(_ input: Int) -> Int {
    let room = input + 2 * padding - size
    guard room >= 0 else { return 0 }
    let windows = room / stride + 1
    let hasAnother = roundsUp && room % stride != 0 && windows * stride < input + padding
    return windows + (hasAnother ? 1 : 0)
  }
}

/// Sizes of one block of a convolution, in the order of the library's loops (facts 11.4).
public struct ConvTile: Equatable, Sendable, CustomStringConvertible {
  /// Images.
  public var batch: Int
  /// Rows of the result, porows in the facts.
  public var rows: Int
  /// Columns of the result, pocols in the facts.
  public var columns: Int
  /// Output channels, pochs in the facts.
  public var outputChannels: Int
  /// Kernel rows, krows in the facts.
  public var kernelRows: Int
  /// Kernel columns, kcols in the facts.
  public var kernelColumns: Int
  /// Input channels, kchs in the facts.
  public var inputChannels: Int

  public init(
    batch: Int, rows: Int, columns: Int, outputChannels: Int, kernelRows: Int,
    kernelColumns: Int, inputChannels: Int
  ) {
    self.batch = batch
    self.rows = rows
    self.columns = columns
    self.outputChannels = outputChannels
    self.kernelRows = kernelRows
    self.kernelColumns = kernelColumns
    self.inputChannels = inputChannels
  }

  /// Batch × rows × columns × output channels × kernel rows × kernel columns × input channels.
  public var description: String {
    "\(batch)x\(rows)x\(columns)x\(outputChannels)x\(kernelRows)x\(kernelColumns)x\(inputChannels)"
  }

  /// The sizes by their position in the library's order.
  subscript(_ index: Int) -> Int {
    get {
      switch index {
      case 0: batch
      case 1: rows
      case 2: columns
      case 3: outputChannels
      case 4: kernelRows
      case 5: kernelColumns
      default: inputChannels
      }
    }
    set {
      switch index {
      case 0: batch = newValue
      case 1: rows = newValue
      case 2: columns = newValue
      case 3: outputChannels = newValue
      case 4: kernelRows = newValue
      case 5: kernelColumns = newValue
      default: inputChannels = newValue
      }
    }
  }

  static let sizeNames = [
    "batch", "rows", "columns", "output channels", "kernel rows", "kernel columns",
    "input channels",
  ]
}
