/// What a convolution must be for the library's commands to express it, and for a machine to
/// execute them.
extension ConvPlan {
  static func checkShape(_ convolution: Convolution) throws(LoweringError) {
    // Sizes are 16-bit fields of the loop commands (facts 3.7).
    for (name, value, largest) in [
      ("batch", convolution.batch, 0xFFFF), ("input rows", convolution.inputRows, 0xFFFF),
      ("input columns", convolution.inputColumns, 0xFFFF),
      ("input channels", convolution.inputChannels, 0xFFFF),
      ("output channels", convolution.outputChannels, 0xFFFF),
      ("kernel", convolution.kernel, 0xFFFF), ("stride", convolution.stride, 0x7F),
      ("input dilation", convolution.inputDilation, 2),
      ("kernel dilation", convolution.kernelDilation, 0x3FF),
      ("groups", convolution.groups, 0xFFFF),
      ("pooling size", convolution.pooling?.size ?? 1, 3),
      ("pooling stride", convolution.pooling?.stride ?? 1, 3),
    ] where !(1...largest).contains(value) {
      throw LoweringError("the convolution's \(name) must be 1...\(largest), is \(value)")
    }
    guard (-128...127).contains(convolution.padding) else {
      throw LoweringError("the convolution's padding must be -128...127, is \(convolution.padding)")
    }
    if let pooling = convolution.pooling {
      let largest = pooling.size - 1
      guard (0...largest).contains(pooling.padding) else {
        throw LoweringError("the pooling padding must be 0...\(largest), is \(pooling.padding)")
      }
    }
    for (name, value) in [
      ("output rows", convolution.outputRows), ("output columns", convolution.outputColumns),
      ("pooled rows", convolution.pooledRows), ("pooled columns", convolution.pooledColumns),
    ] where !(1...0xFFFF).contains(value) {
      throw LoweringError("the convolution has \(value) \(name); there must be 1...65535")
    }
    let leastWeights = convolution.isDepthwise ? 1 : convolution.outputChannels
    for (name, stride, least) in [
      ("input", convolution.strideInput, convolution.inputChannels),
      ("weights", convolution.strideWeights, leastWeights),
      ("output", convolution.strideOutput, convolution.outputChannels),
    ] {
      if let stride, !(least...0xFFFF).contains(stride) {
        throw LoweringError("the stride of the \(name) must be \(least)...65535, is \(stride)")
      }
    }
  }

  static func checkOptions(_ convolution: Convolution) throws(LoweringError) {
    let channels = "\(convolution.inputChannels) to \(convolution.outputChannels) channels"
    if convolution.isDepthwise {
      guard convolution.inputChannels == convolution.outputChannels, convolution.groups == 1 else {
        throw LoweringError(
          "a depthwise convolution has one output channel per input channel and no groups, not "
            + "\(channels) in \(convolution.groups) groups")
      }
      if convolution.transposes || convolution.rotatesWeights || convolution.inputDilation > 1
        || convolution.strideWeights != nil
      {
        throw LoweringError(
          "the library neither transposes, rotates nor dilates depthwise convolutions, and their "
            + "weights are dense")
      }
    }
    if convolution.groups > 1 {
      guard convolution.inputChannels % convolution.groups == 0,
        convolution.outputChannels % convolution.groups == 0
      else {
        throw LoweringError("\(channels) do not fall into \(convolution.groups) groups")
      }
      if convolution.transposes {
        throw LoweringError("operands in another order have no slices of channels for groups")
      }
    }
    if convolution.transposesInput3120 && convolution.transposesWeights0132 {
      throw LoweringError("the array has one transposer: transpose input or weights, not both")
    }
    if convolution.transposesWeights1203 && convolution.transposesWeights0132 {
      throw LoweringError("weights are in order 1203 or in order 0132, not both")
    }
    if convolution.transposesOutput1203 && convolution.pooling != nil {
      throw LoweringError("the hardware stores pooled results only in the usual order")
    }
    for (isTransposed, name, stride) in [
      (convolution.transposesInput3120, "input", convolution.strideInput),
      (
        convolution.transposesWeights1203 || convolution.transposesWeights0132, "weights",
        convolution.strideWeights
      ),
      (convolution.transposesOutput1203, "output", convolution.strideOutput),
    ] where isTransposed && stride != nil {
      throw LoweringError("the \(name) in another order must be dense")
    }
  }

  static func checkFeatures(
    _ convolution: Convolution, _ machine: Machine
  ) throws(LoweringError) {
    let config = machine.config
    let features = config.features
    guard config.array.dataflow != .outputStationary else {
      throw LoweringError("\(config.name) has no weight-stationary dataflow")
    }
    guard config.accumulator.readsSmallWidth else {
      throw LoweringError("\(config.name) cannot move int8 results out")
    }
    let trains =
      convolution.transposes || convolution.rotatesWeights || convolution.inputDilation > 1
    for (name, isNeeded, isBuilt) in [
      ("loopConv", true, features.loopConv),
      ("trainingConvs", trains, features.trainingConvs),
      ("depthwiseConvs", convolution.isDepthwise, features.depthwiseConvs),
      ("maxPool", convolution.pooling != nil, features.maxPool),
      ("nonlinearActivations", convolution.activation != .none, features.nonlinearActivations),
    ] where isNeeded && !isBuilt {
      throw LoweringError("\(config.name) cannot do this convolution: features.\(name) is false")
    }
    if features.convEncoding == .square && convolution.inputRows != convolution.inputColumns {
      throw LoweringError(
        "\(config.name) has the square encoding of convolutions; the input is "
          + "\(convolution.inputRows)x\(convolution.inputColumns)")
    }
  }

  static func checkTile(
    _ tile: ConvTile, _ bounds: ConvTile, _ convolution: Convolution, _ machine: Machine
  ) throws(LoweringError) {
    for (index, name) in ConvTile.sizeNames.enumerated()
    where !(1...bounds[index]).contains(tile[index]) {
      throw LoweringError(
        "tile \(tile): \(name) must be 1...\(bounds[index]), is \(tile[index])")
    }
    let limits = ConvLimits(convolution, machine)
    guard limits.scratchpadRows(tile) <= limits.scratchpadRows else {
      throw LoweringError(
        "tile \(tile) takes \(limits.scratchpadRows(tile)) rows of the scratchpad; there are "
          + "\(limits.scratchpadRows) (half, for double buffering)")
    }
    guard limits.accumulatorRows(tile) <= limits.accumulatorRows else {
      throw LoweringError(
        "tile \(tile) takes \(limits.accumulatorRows(tile)) rows of the accumulator; there are "
          + "\(limits.accumulatorRows) (half, for double buffering)")
    }
    // The hardware's addresses count the images of a block, not all (corrections, numerics).
    if convolution.transposesInput3120, tile.batch < bounds.batch,
      machine.config.features.numerics == .hardware
    {
      throw LoweringError(
        "tile \(tile): a block must hold all \(bounds.batch) images of an input in order 3120")
    }
    guard convolution.pooling != nil else { return }
    // Pooled sizes are 8-bit fields of the store's configuration (facts 5.4).
    for (name, size) in [
      ("rows before pooling", min(limits.outputSize(tile.rows), convolution.outputRows)),
      ("columns before pooling", min(limits.outputSize(tile.columns), convolution.outputColumns)),
      ("pooled columns", convolution.pooledColumns),
    ] where size > 255 {
      throw LoweringError("tile \(tile) has \(size) \(name); the hardware pools at most 255")
    }
  }
}
