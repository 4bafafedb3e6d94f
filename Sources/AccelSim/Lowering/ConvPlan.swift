/// Where the operands of a convolution are in main memory. The stored order is input, weights,
/// bias, output.
public struct ConvAddresses: Equatable, Sendable {
  /// First byte of the int8 input.
  public var input: UInt64
  /// First byte of the int8 weights.
  public var weights: UInt64
  /// Not used without bias.
  public var bias: UInt64
  /// First byte of the int8 output, after pooling where there is some.
  public var output: UInt64

  public init(input: UInt64, weights: UInt64, bias: UInt64, output: UInt64) {
    self.input = input
    self.weights = weights
    self.bias = bias
    self.output = output
  }
}

/// A convolution with everything decided: block sizes, strides and addresses (facts 11.4).
public struct ConvPlan: Equatable, Sendable {
  /// What is computed, all groups together.
  public let convolution: Convolution
  /// What it was planned for: the tile fits its local memories.
  public let machine: Machine
  /// One block of the outer loop: the convolution's own, else the library's choice.
  public let tile: ConvTile
  /// One group, or one channel of a depthwise convolution, as a single block.
  public let bounds: ConvTile
  /// Blocks along each dimension of a group; output channels are those of the whole where the
  /// convolution is depthwise.
  public let blocks: ConvTile
  /// Where the operands are: the caller's, else one after the other from 0x8000_0000.
  public let addresses: ConvAddresses
  /// Elements from an input pixel to the next.
  public let strideInput: Int
  /// Elements from a row of weights to the next.
  public let strideWeights: Int
  /// Elements from an output pixel to the next.
  public let strideOutput: Int
  /// The input of a block stays in the scratchpad for all its output channels.
  public let reusesInput: Bool
  /// The weights of a block stay in the scratchpad for all its images, rows and columns.
  public let reusesWeights: Bool

  /// Checks `convolution` against `machine`, chooses block sizes and lays out memory.
  ///
  /// - Parameter addresses: Where the operands are; `nil` to put them one after the other from
  ///   0x8000_0000, each aligned to 64 bytes.
  /// - Throws: `LoweringError` naming what does not fit.
  public init(
    _ convolution: Convolution, on machine: Machine, addresses: ConvAddresses? = nil
  ) throws(LoweringError) {
    try Self.checkShape(convolution)
    try Self.checkOptions(convolution)
    try Self.checkFeatures(convolution, machine)
    let tile = convolution.tile ?? .automatic(for: convolution, on: machine)
    let bounds = ConvTile.whole(convolution)
    try Self.checkTile(tile, bounds, convolution, machine)
    var blocks = bounds
    for index in 0..<7 { blocks[index] = ceilingDivide(bounds[index], tile[index]) }
    if convolution.isDepthwise { blocks.outputChannels = convolution.outputChannels }
    self.convolution = convolution
    self.machine = machine
    self.tile = tile
    self.bounds = bounds
    self.blocks = blocks
    strideInput = convolution.strideInput ?? convolution.inputChannels
    strideWeights =
      convolution.strideWeights ?? (convolution.isDepthwise ? 1 : convolution.outputChannels)
    strideOutput = convolution.strideOutput ?? convolution.outputChannels
    let kernelBlocks = blocks.kernelRows * blocks.kernelColumns * blocks.inputChannels
    let pixelBlocks = blocks.batch * blocks.rows * blocks.columns
    reusesInput = !convolution.isDepthwise && pixelBlocks * kernelBlocks <= 2
    reusesWeights = !convolution.isDepthwise && blocks.outputChannels * kernelBlocks <= 2
    let sizes = Self.byteCounts(
      convolution, strideInput: strideInput, strideWeights: strideWeights,
      strideOutput: strideOutput)
    if let addresses {
      self.addresses = addresses
    } else {
      var cursor = AddressCursor()
      self.addresses = ConvAddresses(
        input: cursor.place(sizes.input), weights: cursor.place(sizes.weights),
        bias: cursor.place(sizes.bias),
        output: cursor.place(sizes.output))
      try cursor.check()
    }
    try checkWindows()
  }

  /// Loops of the hardware's unroller.
  public var loops: Int {
    var count = convolution.groups
    for index in 0..<7 { count *= blocks[index] }
    return count
  }

  /// Bytes that the operands span in main memory.
  public var byteCounts: (input: Int, weights: Int, bias: Int, output: Int) {
    Self.byteCounts(
      convolution, strideInput: strideInput, strideWeights: strideWeights,
      strideOutput: strideOutput)
  }

  private static func byteCounts(
    _ convolution: Convolution, strideInput: Int, strideWeights: Int, strideOutput: Int
  ) -> (input: Int, weights: Int, bias: Int, output: Int) {
    let pixels = convolution.batch * convolution.inputRows * convolution.inputColumns
    let results = convolution.batch * convolution.pooledRows * convolution.pooledColumns
    let taps = convolution.kernel * convolution.kernel
    let (inputs, outputs) = (convolution.inputChannels, convolution.outputChannels)
    let input =
      convolution.transposesInput3120 ? pixels * inputs : (pixels - 1) * strideInput + inputs
    let weights =
      if convolution.isDepthwise {
        taps * outputs
      } else if convolution.transposesWeights1203 || convolution.transposesWeights0132 {
        taps * inputs * outputs
      } else {
        (taps * inputs / convolution.groups - 1) * strideWeights + outputs
      }
    let output =
      convolution.transposesOutput1203
      ? results * outputs : (results - 1) * strideOutput + outputs
    return (input, weights, convolution.hasBias ? outputs * 4 : 0, output)
  }
}
