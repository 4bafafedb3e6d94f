import SystolicCore

/// The sub-unit that moves the weights in (facts 5.4, weights).
struct ConvWeightLoader: ConvLoader {
  private var shape = ConvShape()
  private(set) var base: UInt64 = 0
  private var localRow = 0
  private(set) var context = 0
  var state = ConvLoaderState.idle
  var pipeline = ConvPipeline()
  private var och = 0
  private var krow = 0
  private var kcol = 0
  private var kch = 0

  mutating func accept(_ loop: ConvContext, _ shape: ConvShape, localEnd: Int, context: Int) {
    self.shape = shape
    base = loop.weightAddress
    localRow = localEnd - shape.weightRows
    self.context = context
    state = .config
    och = 0
    krow = 0
    kcol = 0
    kch = 0
  }

  func config(_ encoding: LoopEncoding) -> Command {
    let stride: Int
    if shape.isDepthwise {
      stride = 1
    } else if shape.transposesWeight1203 {
      stride = shape.kernelDim * shape.kernelDim * shape.outChannels
    } else if shape.transposesWeight0132 {
      stride = shape.inChannels
    } else {
      stride = shape.weightStride
    }
    return Command(
      .config, encoding.configLoad(state: 1, blockStride: shape.weightBlockStride),
      UInt64(stride))
  }

  mutating func move(_ encoding: LoopEncoding, _ machine: Machine) -> Command {
    let dim = encoding.dim
    let isTransposed = shape.transposesWeight0132
    let (rowSize, columnSize) =
      isTransposed ? (shape.ochs, shape.kchs) : (shape.kchs, shape.ochs)
    let (row, column) = isTransposed ? (och, kch) : (kch, och)
    let step = min(columnSize, machine.maxBlockLength * dim)
    let local = shape.weightRow(och: och, row: krow, column: kcol, kch: kch, dim)
    let command = Command(
      .mvin2, encoding.address(base, offset),
      encoding.move(
        rows: min(dim, rowSize - row), columns: min(step, columnSize - column),
        encoding.scratchpad(localRow + local)))
    if advance(och: isTransposed ? dim : step, kch: isTransposed ? step : dim) { state = .idle }
    return command
  }

  /// Bytes from the weights' start.
  private var offset: Int {
    let pixel = krow * shape.kernelDim + kcol
    if shape.isDepthwise { return pixel }
    if shape.transposesWeight1203 {
      return (kch &* shape.kernelDim &* shape.kernelDim &+ pixel) &* shape.outChannels &+ och
    }
    if shape.transposesWeight0132 {
      return (pixel &* shape.outChannels &+ och) &* shape.inChannels &+ kch
    }
    return (pixel &* shape.inChannels &+ kch) &* shape.weightStride &+ och
  }

  private mutating func advance(och ochStep: Int, kch kchStep: Int) -> Bool {
    kch = LoopMath.next(kch, kchStep, shape.kchs)
    guard kch == 0 else { return false }
    kcol = LoopMath.next(kcol, 1, shape.kcols)
    guard kcol == 0 else { return false }
    krow = LoopMath.next(krow, 1, shape.krows)
    guard krow == 0 else { return false }
    och = LoopMath.next(och, ochStep, shape.ochs)
    return och == 0
  }
}

// MARK: State

extension ConvWeightLoader {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&context)
    pipeline.visit(&codec)
    guard state != .idle else { return }
    shape.visit(&codec)
    codec.address(&base)
    codec.row(&localRow, isAccumulator: false)
    codec.integer(&och)
    codec.integer(&krow)
    codec.integer(&kcol)
    codec.integer(&kch)
  }
}
