import SystolicCore

/// The sub-unit that fills the output region with the bias or with zeros (facts 5.4, bias).
struct ConvBiasLoader: ConvLoader {
  private var shape = ConvShape()
  private(set) var base: UInt64 = 0
  private var noBias = false
  private(set) var localRow = 0
  private(set) var context = 0
  var state = ConvLoaderState.idle
  var pipeline = ConvPipeline()
  private var batch = 0
  private var orow = 0
  private var ocol = 0
  private var och = 0

  mutating func accept(_ loop: ConvContext, _ shape: ConvShape, localRow: Int, context: Int) {
    self.shape = shape
    base = loop.biasAddress
    noBias = loop.noBias
    self.localRow = localRow
    self.context = context
    state = .config
    batch = 0
    orow = 0
    ocol = 0
    och = 0
  }

  func config(_ encoding: LoopEncoding) -> Command {
    Command(
      .config, encoding.configLoad(state: 2, blockStride: shape.biasBlockStride), 0)
  }

  mutating func move(_ encoding: LoopEncoding, _ machine: Machine) -> Command {
    let dim = encoding.dim
    let step = min(shape.ochs, machine.maxBlockLengthAccumulator * dim)
    let row = shape.outputRow(och: och, batch: batch, row: orow, column: ocol, dim)
    let command = Command(
      .mvin3, noBias ? 0 : encoding.address(base, och * 4),
      encoding.move(
        rows: min(dim, shape.ocols - ocol), columns: min(step, shape.ochs - och),
        encoding.accumulator(localRow + row)))
    if advance(dim, step) { state = .idle }
    return command
  }

  private mutating func advance(_ dim: Int, _ step: Int) -> Bool {
    och = LoopMath.next(och, step, shape.ochs)
    guard och == 0 else { return false }
    ocol = LoopMath.next(ocol, dim, shape.ocols)
    guard ocol == 0 else { return false }
    orow = LoopMath.next(orow, 1, shape.orows)
    guard orow == 0 else { return false }
    batch = LoopMath.next(batch, 1, shape.batches)
    return batch == 0
  }
}

// MARK: State

extension ConvBiasLoader {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&context)
    pipeline.visit(&codec)
    guard state != .idle else { return }
    shape.visit(&codec)
    codec.address(&base)
    codec.flag(&noBias)
    codec.row(&localRow, isAccumulator: true)
    codec.integer(&batch)
    codec.integer(&orow)
    codec.integer(&ocol)
    codec.integer(&och)
  }
}
