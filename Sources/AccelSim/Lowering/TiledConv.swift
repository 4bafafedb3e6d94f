/// The commands that Gemmini's library issues for a convolution, block after block: one loop of
/// the convolution unroller each (facts 11.4). A grouped convolution is one such call per group,
/// on slices of the channels.
///
/// Lazy: it holds the commands of one block at a time.
public struct TiledConv: PartwiseSource, Sendable {
  /// What the commands compute, in which blocks and where.
  public let plan: ConvPlan
  var steps: StepBuffer
  private var group = 0
  private var block = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, blocks, done }

  /// Creates the stream.
  ///
  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: ConvPlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  public var legalMACs: Int? { plan.issuedMACs }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      phase = .blocks
    case .blocks:
      emitLoop(ConvBlock(plan, group: group, number: block))
      block += 1
      guard block == plan.loops / plan.convolution.groups else { return true }
      block = 0
      group += 1
      phase = .configuration
      guard group == plan.convolution.groups else { return true }
      emitFence()
      phase = .done
    case .done: return false
    }
    return true
  }

  private mutating func configure() {
    let convolution = plan.convolution
    let stride =
      convolution.transposesOutput1203
      ? convolution.batch * convolution.outputChannels : plan.strideOutput
    emit(
      HostCommands.configStore(
        stride: stride, activation: convolution.activation.rawValue, scale: convolution.scale))
    emit(
      HostCommands.configExecute(
        outputStationary: false, activation: 0, transposesA: convolution.transposesInput3120,
        transposesB: convolution.transposesWeights0132, scale: 0,
        strideA: convolution.stride >> (convolution.downsamples ? 1 : 0),
        strideC: convolution.inputDilation))
  }

  /// One loop of the hardware's unroller.
  private mutating func emitLoop(_ at: ConvBlock) {
    switch plan.machine.config.features.convEncoding {
    case .rectangular: emitSizes(at)
    case .square: emitSquareSizes(at)
    }
    emit(strides(at))
    emit(Command(.loopConvConfig5, at.weights, at.output))
    emit(Command(.loopConvConfig6, at.bias, at.input))
    emit(run(at))
  }

  private mutating func emitSizes(_ at: ConvBlock) {
    let convolution = plan.convolution
    var layer = LoopConvConfig1()
    layer[.batchSize] = convolution.batch
    layer[.inRowDim] = convolution.inputRows
    layer[.inChannels] = channels.inputs
    layer[.outChannels] = channels.outputs
    layer[.outRowDim] = convolution.outputRows
    layer[.poolOutRowDim] = convolution.pooledRows
    layer[.outColumnDim] = convolution.outputColumns
    layer[.stride] = convolution.stride
    layer[.padding] = convolution.padding & 0xFF
    emit(layer.command)
    var block = LoopConvConfig2()
    block[.poolPadding] = pooling.padding
    block[.poolStride] = pooling.stride
    block[.poolSize] = pooling.size
    block[.poolOutColumnDim] = convolution.pooledColumns
    block[.kernelDim] = convolution.kernel
    block[.poolOutChannels] = at.size.outputChannels
    block[.poolOutColumns] = at.size.columns
    block[.poolOutRows] = at.size.rows
    block[.batches] = at.size.batch
    emit(block.command)
    var kernel = LoopConvConfig3()
    kernel[.leftPadding] = at.columns.before
    kernel[.kernelChannels] = at.size.inputChannels
    kernel[.kernelColumns] = at.size.kernelColumns
    kernel[.kernelRows] = at.size.kernelRows
    kernel[.inColumnDim] = convolution.inputColumns
    kernel[.poolLeftPadding] = at.poolColumns.before
    kernel[.lowerPadding] = at.rows.after
    kernel[.upperPadding] = at.rows.before
    kernel[.rightPadding] = at.columns.after
    emit(kernel.command)
  }

  private mutating func emitSquareSizes(_ at: ConvBlock) {
    let convolution = plan.convolution
    var layer = SquareLoopConvConfig1()
    layer[.batchSize] = convolution.batch
    layer[.inDim] = convolution.inputRows
    layer[.inChannels] = channels.inputs
    layer[.outChannels] = channels.outputs
    layer[.outDim] = convolution.outputRows
    layer[.poolOutDim] = convolution.pooledRows
    layer[.stride] = convolution.stride
    layer[.padding] = convolution.padding & 0xFFFF
    emit(layer.command)
    var block = SquareLoopConvConfig2()
    block[.poolPadding] = pooling.padding
    block[.poolStride] = pooling.stride
    block[.poolSize] = pooling.size
    block[.kernelDim] = convolution.kernel
    block[.poolOutChannels] = at.size.outputChannels
    block[.poolOutColumns] = at.size.columns
    block[.poolOutRows] = at.size.rows
    block[.batches] = at.size.batch
    emit(block.command)
    var kernel = SquareLoopConvConfig3()
    kernel[.leftPadding] = at.columns.before
    kernel[.kernelChannels] = at.size.inputChannels
    kernel[.kernelColumns] = at.size.kernelColumns
    kernel[.kernelRows] = at.size.kernelRows
    kernel[.poolLeftPadding] = at.poolColumns.before
    kernel[.lowerPadding] = at.rows.after
    kernel[.upperPadding] = at.rows.before
    kernel[.rightPadding] = at.columns.after
    emit(kernel.command)
  }

  private func strides(_ at: ConvBlock) -> Command {
    var strides = LoopConvConfig4()
    strides[.kernelDilation] = plan.convolution.kernelDilation
    strides[.poolLowerPadding] = at.poolRows.after
    strides[.poolUpperPadding] = at.poolRows.before
    strides[.poolRightPadding] = at.poolColumns.after
    strides[.outRows] = at.outputRows
    strides[.outColumns] = at.outputColumns
    strides[.outStride] = plan.strideOutput
    strides[.weightStride] = plan.strideWeights
    strides[.inStride] = plan.strideInput
    return strides.command
  }

  private func run(_ at: ConvBlock) -> Command {
    let convolution = plan.convolution
    let index = at.index
    let kernelIndex = index.kernelRows + index.kernelColumns + index.inputChannels
    let isFirstInput = kernelIndex + index.batch + index.rows + index.columns == 0
    let isFirstWeights = kernelIndex + index.outputChannels == 0
    var run = LoopConvRun()
    run[.noBias] = convolution.hasBias ? 0 : 1
    run[.rotatesWeights] = convolution.rotatesWeights ? 1 : 0
    run[.transposesOutput1203] = convolution.transposesOutput1203 ? 1 : 0
    run[.transposesWeights1203] = convolution.transposesWeights1203 ? 1 : 0
    run[.transposesWeights0132] = convolution.transposesWeights0132 ? 1 : 0
    run[.transposesInput3120] = convolution.transposesInput3120 ? 1 : 0
    run[.isDepthwise] = convolution.isDepthwise ? 1 : 0
    run[.maxPixelsPerRow] = pixelsPerRow(at)
    run[.bScratchpad] = plan.reusesWeights ? (isFirstWeights ? 1 : 2) : 0
    run[.aScratchpad] = plan.reusesInput ? (isFirstInput ? 1 : 2) : 0
    run[.noPool] = convolution.pooling == nil ? 1 : 0
    run[.downsamples] = convolution.downsamples ? 1 : 0
    run[.inputDilated] = convolution.inputDilation > 1 ? 1 : 0
    run[.activation] = convolution.activation.rawValue
    return run.command
  }

  /// Neighbouring pixels of few channels that share a scratchpad row.
  private func pixelsPerRow(_ at: ConvBlock) -> Int {
    let convolution = plan.convolution
    let dim = plan.machine.dim
    guard plan.machine.config.features.firstLayerOptimizations, !convolution.transposes,
      !convolution.rotatesWeights, !convolution.downsamples, convolution.inputDilation == 1,
      convolution.kernelDilation == 1, at.size.inputChannels <= dim
    else { return 1 }
    return min(dim / at.size.inputChannels, at.size.kernelColumns)
  }

  /// Channels of the call that a group is.
  private var channels: (inputs: Int, outputs: Int) {
    let groups = plan.convolution.groups
    return (plan.convolution.inputChannels / groups, plan.convolution.outputChannels / groups)
  }

  private var pooling: ConvPooling { plan.convolution.pooling ?? ConvPooling(size: 1, stride: 1) }
}
