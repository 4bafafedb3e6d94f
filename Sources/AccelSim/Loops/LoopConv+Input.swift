import SystolicCore

/// The sub-unit that moves the input in, with zeros for its padding (facts 5.4, input).
struct ConvInputLoader: ConvLoader {
  private var shape = ConvShape()
  private(set) var base: UInt64 = 0
  private var localRow = 0
  private(set) var context = 0
  var state = ConvLoaderState.idle
  var pipeline = ConvPipeline()
  private var batch = 0
  /// Row and column of the unpadded input; negative in the padding.
  private var irow = 0
  private var icol = 0
  private var channel = 0

  private var firstRow: Int { -shape.undilated(shape.upPad) }
  private var firstColumn: Int { -shape.undilated(shape.leftPad) }
  private var columnEnd: Int { shape.unpaddedColumns + shape.undilated(shape.rightPad) }

  mutating func accept(_ loop: ConvContext, _ shape: ConvShape, localRow: Int, context: Int) {
    self.shape = shape
    base = loop.inputAddress
    self.localRow = localRow
    self.context = context
    state = .config
    batch = 0
    irow = firstRow
    icol = firstColumn
    channel = 0
  }

  func config(_ encoding: LoopEncoding) -> Command {
    let stride = shape.transposesInput3120 ? shape.batchSize : shape.inStride
    return Command(
      .config,
      encoding.configLoad(
        state: 0, blockStride: shape.inputBlockStride, pixelRepeats: shape.pixelsPerRow),
      UInt64(stride << shape.downsample))
  }

  mutating func move(_ encoding: LoopEncoding, _ machine: Machine) -> Command {
    let dim = encoding.dim
    let isTransposed = shape.transposesInput3120
    let channels = isTransposed ? shape.batches : shape.kchs
    let step = min(channels, machine.maxBlockLength * dim)
    let pixels = pixelCount(dim)
    let isPadding =
      irow < 0 || irow >= shape.unpaddedRows || icol < 0 || icol >= shape.unpaddedColumns
    let row = shape.inputRow(
      channel: channel, batch: batch, row: irow + shape.undilated(shape.upPad),
      column: icol + shape.undilated(shape.leftPad), dim)
    let command = Command(
      .mvin, isPadding ? 0 : encoding.address(base, offset(machine)),
      encoding.move(
        rows: pixels >> shape.downsample,
        columns: min(step, channels - (isTransposed ? batch : channel)),
        encoding.scratchpad(localRow + row)))
    if advance(pixels, step) { state = .idle }
    return command
  }

  /// Input columns that the command covers: left padding, inside or right padding, never two.
  private func pixelCount(_ dim: Int) -> Int {
    if icol < 0 { return min(-icol, dim) }
    if icol >= shape.unpaddedColumns { return min(columnEnd - icol, dim) }
    return min(shape.unpaddedColumns - icol, dim << shape.downsample)
  }

  /// Bytes from the input's start.
  private func offset(_ machine: Machine) -> Int {
    let image = shape.inRows * shape.inColumns
    let pixel = irow * shape.inColumns + icol
    guard shape.transposesInput3120 else {
      return (batch &* image &+ pixel) &* shape.inStride &+ channel
    }
    // The hardware multiplies by the loop's batches, its software model by the layer's.
    let isHardware = machine.config.features.numerics == .hardware
    let batches = isHardware ? shape.batches : shape.batchSize
    return (channel &* image &+ pixel) &* batches &+ batch
  }

  private mutating func advance(_ pixels: Int, _ step: Int) -> Bool {
    let isTransposed = shape.transposesInput3120
    channel = Self.next(channel, isTransposed ? 1 : step, shape.kchs, from: 0)
    guard channel == 0 else { return false }
    icol = Self.next(icol, pixels, columnEnd, from: firstColumn)
    guard icol == firstColumn else { return false }
    irow = Self.next(
      irow, 1 << shape.downsample, shape.unpaddedRows + shape.undilated(shape.downPad),
      from: firstRow)
    guard irow == firstRow else { return false }
    batch = Self.next(batch, isTransposed ? step : 1, shape.batches, from: 0)
    return batch == 0
  }

  /// The iterator after `value`, or `first` where that is not below `bound`.
  private static func next(_ value: Int, _ step: Int, _ bound: Int, from first: Int) -> Int {
    value + step > bound - 1 ? first : value + step
  }
}

// MARK: State

extension ConvInputLoader {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&context)
    pipeline.visit(&codec)
    guard state != .idle else { return }
    shape.visit(&codec)
    codec.address(&base)
    codec.row(&localRow, isAccumulator: false)
    codec.integer(&batch)
    codec.integer(&irow)
    codec.integer(&icol)
    codec.integer(&channel)
  }
}
