import SystolicCore

/// What one loop context of the convolution unroller holds (facts 3.7). Values stay from loop to
/// loop.
struct ConvContext: Sendable {
  var shape = ConvShape()
  var biasAddress: UInt64 = 0
  var weightAddress: UInt64 = 0
  var inputAddress: UInt64 = 0
  var outputAddress: UInt64 = 0
  /// Zeros instead of a bias.
  var noBias = false
  var noPool = true
  var activation = 0
  /// Scratchpad half of the input and of the weights: 0 is the context's own, 1 the lower, 2 the
  /// upper.
  var inputHalf = 0
  var weightHalf = 0
  /// Configuration commands taken since the last loop, a bit each.
  private(set) var settings: UInt8 = 0
  /// Bits of an address that are kept.
  var addressMask = LoopEncoding.addressMask

  /// Takes the operands of a configuration command.
  mutating func configure(_ function: Function, _ command: Command, _ features: FeatureConfig) {
    let (rs1, rs2) = (command.rs1, command.rs2)
    let isSquare = features.convEncoding == .square
    settings |= LoopSettings.bit(function)
    switch function {
    case .loopConvConfig1:
      configureOuter(rs1, rs2, isSquare)
    case .loopConvConfig2:
      configurePool(rs1, rs2, isSquare, features.maxPool)
    case .loopConvConfig3:
      configurePadding(rs1, rs2, isSquare)
    case .loopConvConfig4:
      shape.orows = LoopMath.bits(rs1, 48, 16)
      shape.poolUpPad = LoopMath.bits(rs1, 21, 11)
      shape.kernelDilation = LoopMath.bits(rs1, 0, 10)
      shape.inStride = LoopMath.bits(rs2, 48, 16)
      shape.weightStride = LoopMath.bits(rs2, 32, 16)
      shape.outStride = LoopMath.bits(rs2, 16, 16)
      shape.ocols = LoopMath.bits(rs2, 0, 16)
    case .loopConvConfig5:
      weightAddress = rs1 & addressMask
      outputAddress = rs2 & addressMask
    case .loopConvConfig6:
      biasAddress = rs1 & addressMask
      inputAddress = rs2 & addressMask
    case .loopConv:
      run(rs1, rs2, features)
    default:
      break
    }
  }

  private mutating func configureOuter(_ rs1: UInt64, _ rs2: UInt64, _ isSquare: Bool) {
    shape.outChannels = LoopMath.bits(rs1, 48, 16)
    shape.inChannels = LoopMath.bits(rs1, 32, 16)
    shape.inRows = LoopMath.bits(rs1, 16, 16)
    shape.batchSize = LoopMath.bits(rs1, 0, 16)
    shape.outRows = LoopMath.bits(rs2, 0, 16)
    shape.poolOutRows = LoopMath.bits(rs2, 16, 16)
    if isSquare {
      shape.inColumns = shape.inRows
      shape.outColumns = shape.outRows
      shape.poolOutColumns = shape.poolOutRows
      shape.stride = LoopMath.bits(rs2, 32, 16)
    } else {
      shape.outColumns = LoopMath.bits(rs2, 32, 16)
      shape.stride = LoopMath.bits(rs2, 48, 8)
    }
  }

  private mutating func configurePool(
    _ rs1: UInt64, _ rs2: UInt64, _ isSquare: Bool, _ hasPool: Bool
  ) {
    shape.kernelDim = LoopMath.bits(rs1, 48, 16)
    if !isSquare { shape.poolOutColumns = LoopMath.bits(rs1, 32, 16) }
    let size = isSquare ? LoopMath.bits(rs1, 32, 16) : LoopMath.bits(rs1, 16, 16)
    let stride = isSquare ? LoopMath.bits(rs1, 16, 16) : LoopMath.bits(rs1, 8, 8)
    shape.poolSize = hasPool ? size : 1
    shape.poolStride = hasPool ? stride : 1
    shape.batches = LoopMath.bits(rs2, 48, 16)
    shape.porows = LoopMath.bits(rs2, 32, 16)
    shape.pocols = LoopMath.bits(rs2, 16, 16)
    shape.ochs = LoopMath.bits(rs2, 0, 16)
  }

  private mutating func configurePadding(_ rs1: UInt64, _ rs2: UInt64, _ isSquare: Bool) {
    shape.krows = LoopMath.bits(rs1, 48, 16)
    shape.kcols = LoopMath.bits(rs1, 32, 16)
    shape.kchs = LoopMath.bits(rs1, 16, 16)
    shape.leftPad = LoopMath.bits(rs1, 0, 16)
    shape.rightPad = LoopMath.bits(rs2, 48, 16)
    shape.upPad = LoopMath.bits(rs2, 32, 16)
    if isSquare {
      shape.downPad = LoopMath.bits(rs2, 16, 16)
      shape.poolLeftPad = LoopMath.bits(rs2, 0, 16)
    } else {
      shape.downPad = LoopMath.bits(rs2, 24, 8)
      shape.poolLeftPad = LoopMath.bits(rs2, 16, 8)
      shape.inColumns = LoopMath.bits(rs2, 0, 16)
    }
  }

  private mutating func run(_ rs1: UInt64, _ rs2: UInt64, _ features: FeatureConfig) {
    func flag(_ operand: UInt64, _ bit: UInt64, _ isBuilt: Bool = true) -> Bool {
      isBuilt && operand >> bit & 1 != 0
    }
    let trains = features.trainingConvs
    noBias = flag(rs1, 0)
    shape.rotatesWeights = flag(rs1, 1, trains)
    shape.transposesOutput1203 = flag(rs1, 2, trains)
    shape.transposesWeight1203 = flag(rs1, 3, trains)
    shape.transposesWeight0132 = flag(rs1, 4, trains)
    shape.transposesInput3120 = flag(rs1, 5, trains)
    shape.isDepthwise = flag(rs1, 6, features.depthwiseConvs)
    let pixels = LoopMath.bits(rs1, 8, 8)
    shape.pixelsPerRow = features.firstLayerOptimizations ? max(pixels, 1) : 1
    weightHalf = LoopMath.bits(rs1, 16, 2)
    inputHalf = LoopMath.bits(rs1, 18, 2)
    noPool = !features.maxPool || flag(rs2, 0)
    shape.downsample = flag(rs2, 1) ? 1 : 0
    shape.dilation = flag(rs2, 2, trains) ? 1 : 0
    activation = LoopMath.bits(rs2, 3, 2)
  }
}

/// The sizes of a convolution: of the whole layer, of the part that a loop does, and what follows
/// from them (facts 3.7, 5.4). All are 16-bit registers.
struct ConvShape: Sendable {
  // The layer.
  var batchSize = 0
  var inRows = 0
  var inColumns = 0
  var inChannels = 0
  var outChannels = 0
  var outRows = 0
  var outColumns = 0
  var poolOutRows = 0
  var poolOutColumns = 0
  var stride = 0
  var kernelDim = 0
  var kernelDilation = 0
  var poolSize = 0
  var poolStride = 0
  var inStride = 0
  var weightStride = 0
  var outStride = 0

  // The part that the loop does, with the names of the facts.
  var batches = 0
  var porows = 0
  var pocols = 0
  var ochs = 0
  var krows = 0
  var kcols = 0
  var kchs = 0
  var leftPad = 0
  var rightPad = 0
  var upPad = 0
  var downPad = 0
  var poolLeftPad = 0
  var poolUpPad = 0
  var orows = 0
  var ocols = 0

  // Options.
  var rotatesWeights = false
  var transposesOutput1203 = false
  var transposesWeight1203 = false
  var transposesWeight0132 = false
  var transposesInput3120 = false
  var isDepthwise = false
  /// 1 if every second input row and column is left out, else 0.
  var downsample = 0
  /// 1 if zeros stand between the input's rows and columns, else 0.
  var dilation = 0
  var pixelsPerRow = 1

  // What follows from these; `derive` computes it when a loop starts.
  private(set) var irows = 0
  private(set) var icols = 0
  private(set) var unpaddedRows = 0
  private(set) var unpaddedColumns = 0
  private(set) var biasBlockStride = 0
  private(set) var inputBlockStride = 0
  private(set) var weightBlockStride = 0
  /// Scratchpad rows of the weights.
  private(set) var weightRows = 0

  /// Positions left of `size` where the input is dilated: half, rounded up.
  func undilated(_ size: Int) -> Int { (size + dilation) >> dilation }

  /// Rows and columns of the input as it lies in the scratchpad.
  var storedRows: Int { irows >> downsample }
  var storedColumns: Int { icols >> downsample }
  /// Accumulator rows of a batch.
  var outputPixels: Int { orows * ocols }

  mutating func derive(_ dim: Int) {
    let dilatedRows = krows + (kernelDilation - 1) * (krows - 1)
    let dilatedColumns = kcols + (kernelDilation - 1) * (kcols - 1)
    let rows = orows * stride + dilatedRows - 1
    let columns = ocols * stride + dilatedColumns - 1
    let rowsInside = undilated(rows - upPad - downPad)
    let columnsInside = undilated(columns - leftPad - rightPad)
    unpaddedRows = LoopMath.word(rowsInside)
    unpaddedColumns = LoopMath.word(columnsInside)
    if dilation == 1 {
      irows = LoopMath.word(rowsInside + undilated(upPad) + undilated(downPad))
      icols = LoopMath.word(columnsInside + undilated(leftPad) + undilated(rightPad))
    } else {
      irows = LoopMath.word(rows)
      icols = LoopMath.word(columns)
    }
    biasBlockStride = LoopMath.word(batches * orows * ocols)
    inputBlockStride = LoopMath.word(
      (transposesInput3120 ? kchs : batches) * storedRows * storedColumns)
    weightBlockStride = LoopMath.word(krows * kcols * (transposesWeight0132 ? ochs : kchs))
    let banks = ((transposesWeight0132 ? kchs : ochs) + dim - 1) / dim
    weightRows = banks * krows * kcols * (transposesWeight0132 ? ochs : kchs)
  }

  /// Whether input, weights and results each fit a half.
  func fitsHalves(_ machine: Machine) -> Bool {
    func blocks(_ channels: Int) -> Int { (channels + machine.dim - 1) / machine.dim }
    let pixels = storedRows * storedColumns
    let input =
      transposesInput3120 ? blocks(batches) * kchs * pixels : blocks(kchs) * batches * pixels
    let half = machine.scratchpadRows / 2
    return input <= half && weightRows <= half
      && blocks(ochs) * batches * outputPixels <= machine.accumulatorRows / 2
  }

  /// Accumulator row of an output pixel, counted from the loop's first.
  func outputRow(och: Int, batch: Int, row: Int, column: Int, _ dim: Int) -> Int {
    (och / dim) * batches * outputPixels + batch * outputPixels + row * ocols + column
  }

  /// Scratchpad row of an input pixel, counted from the loop's first; `row` and `column` include
  /// the padding.
  func inputRow(channel: Int, batch: Int, row: Int, column: Int, _ dim: Int) -> Int {
    let pixel = (row >> downsample) * storedColumns + (column >> downsample)
    let plane = storedRows * storedColumns
    return transposesInput3120
      ? (batch / dim) * inputBlockStride + channel * plane + pixel
      : (channel / dim) * inputBlockStride + batch * plane + pixel
  }

  /// Scratchpad row of a weight, counted from the loop's first.
  func weightRow(och: Int, row: Int, column: Int, kch: Int, _ dim: Int) -> Int {
    transposesWeight0132
      ? (kch / dim) * krows * kcols * ochs + row * kcols * ochs + column * ochs + och
      : (och / dim) * krows * kcols * kchs + row * kcols * kchs + column * kchs + kch
  }
}

// MARK: State

extension ConvShape {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&batchSize)
    codec.integer(&inRows)
    codec.integer(&inColumns)
    codec.integer(&inChannels)
    codec.integer(&outChannels)
    codec.integer(&outRows)
    codec.integer(&outColumns)
    codec.integer(&poolOutRows)
    codec.integer(&poolOutColumns)
    codec.integer(&stride)
    codec.integer(&kernelDim)
    codec.integer(&kernelDilation)
    codec.integer(&poolSize)
    codec.integer(&poolStride)
    codec.integer(&inStride)
    codec.integer(&weightStride)
    codec.integer(&outStride)
    codec.integer(&batches)
    codec.integer(&porows)
    codec.integer(&pocols)
    codec.integer(&ochs)
    codec.integer(&krows)
    codec.integer(&kcols)
    codec.integer(&kchs)
    codec.integer(&leftPad)
    codec.integer(&rightPad)
    codec.integer(&upPad)
    codec.integer(&downPad)
    codec.integer(&poolLeftPad)
    codec.integer(&poolUpPad)
    codec.integer(&orows)
    codec.integer(&ocols)
    codec.flag(&rotatesWeights)
    codec.flag(&transposesOutput1203)
    codec.flag(&transposesWeight1203)
    codec.flag(&transposesWeight0132)
    codec.flag(&transposesInput3120)
    codec.flag(&isDepthwise)
    codec.integer(&downsample)
    codec.integer(&dilation)
    codec.integer(&pixelsPerRow)
    codec.integer(&irows)
    codec.integer(&icols)
    codec.integer(&unpaddedRows)
    codec.integer(&unpaddedColumns)
    codec.integer(&biasBlockStride)
    codec.integer(&inputBlockStride)
    codec.integer(&weightBlockStride)
    codec.integer(&weightRows)
  }
}

extension ConvContext {
  /// The loop has ended: what it was configured with is of no use to one that brings all of it.
  mutating func retire() { settings = 0 }

  /// Whether what the command has set can still be used.
  private func has(_ function: Function, _ codec: StateCodec) -> Bool {
    !codec.loopsBringSettings || settings & LoopSettings.bit(function) != 0
  }

  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&settings)
    if settings == 0, codec.loopsBringSettings { return }
    shape.visit(&codec)
    if has(.loopConvConfig5, codec) {
      codec.address(&weightAddress)
      codec.address(&outputAddress)
    }
    if has(.loopConvConfig6, codec) {
      codec.address(&biasAddress)
      codec.address(&inputAddress)
    }
    codec.flag(&noBias)
    codec.flag(&noPool)
    codec.integer(&activation)
    codec.integer(&inputHalf)
    codec.integer(&weightHalf)
  }
}
