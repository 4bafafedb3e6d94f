import SystolicCore

/// The sub-unit that emits a preload and a compute for each step of the convolution
/// (facts 5.4, ex).
struct ConvExecute: Sendable {
  private enum State: UInt8 { case idle, config, preload, compute }

  private var shape = ConvShape()
  private var startA = 0
  private var startB = 0
  private(set) var startC = 0
  private(set) var context = 0
  private var state = State.idle
  private var pipeline = ConvPipeline()
  private var och = 0
  private var krow = 0
  private var kcol = 0
  private var kch = 0
  private var batch = 0
  private var orow = 0
  private var ocol = 0
  /// No compute has used the current weights yet.
  private var newWeights = true

  @inline(__always) var isIdle: Bool { state == .idle && pipeline.isEmpty }
  var output: Command? { pipeline.output }

  mutating func accept(_ shape: ConvShape, startA: Int, endB: Int, startC: Int, context: Int) {
    self.shape = shape
    self.startA = startA
    startB = endB - shape.weightRows
    self.startC = startC
    self.context = context
    state = shape.transposesInput3120 ? .config : .preload
    och = 0
    krow = 0
    kcol = 0
    kch = 0
    batch = 0
    orow = 0
    ocol = 0
    newWeights = true
  }

  /// The end of a cycle; returns whether anything moved. `loaded`: all loads have been emitted.
  mutating func step(leaving: Bool, loaded: Bool, _ encoding: LoopEncoding) -> Bool {
    guard !isIdle else { return false }
    var command: Command?
    let skips = skipsStep
    if skips {
      skipStep(encoding.dim)
    } else if state != .idle, loaded, pipeline.canEnter(leaving: leaving) {
      command = emit(encoding)
    }
    return pipeline.step(leaving: leaving, entering: command) || skips
  }

  /// Whether the step reads one of the zeros between the elements of a dilated input.
  @inline(__always) private var skipsStep: Bool {
    guard shape.dilation == 1, state == .preload || state == .compute else { return false }
    let row = krow * shape.kernelDilation + orow - shape.upPad
    let column = kcol * shape.kernelDilation + ocol - shape.leftPad
    return (row | column) & 1 != 0
  }

  /// A skipped step takes its two cycles but emits nothing.
  private mutating func skipStep(_ dim: Int) {
    if state == .preload {
      state = .compute
    } else {
      state = advance(columns: 1, dim) ? .idle : .preload
    }
  }

  private mutating func emit(_ encoding: LoopEncoding) -> Command {
    switch state {
    case .config:
      state = .preload
      return Command(
        .config, UInt64(shape.irows * shape.icols & 0xFFFF) << 16 | 1 << 7,
        UInt64(shape.outputPixels & 0xFFFF) << 48)
    case .preload:
      state = .compute
      return preload(encoding)
    case .idle, .compute:
      let command = compute(encoding)
      newWeights = false
      let dim = encoding.dim
      let columns = shape.transposesInput3120 ? 1 : dim << shape.dilation
      state = advance(columns: columns, dim) ? .idle : .preload
      return command
    }
  }

  /// From innermost: output column, row, batch; then the weights' channel, column, row, output
  /// channel.
  private mutating func advance(columns: Int, _ dim: Int) -> Bool {
    ocol = LoopMath.next(ocol, columns, shape.ocols)
    guard ocol == 0 else { return false }
    orow = LoopMath.next(orow, 1, shape.orows)
    guard orow == 0 else { return false }
    batch = LoopMath.next(batch, shape.transposesInput3120 ? dim : 1, shape.batches)
    guard batch == 0 else { return false }
    newWeights = true
    kch = LoopMath.next(kch, dim, shape.kchs)
    guard kch == 0 else { return false }
    kcol = LoopMath.next(kcol, shape.pixelsPerRow, shape.kcols)
    guard kcol == 0 else { return false }
    krow = LoopMath.next(krow, 1, shape.krows)
    guard krow == 0 else { return false }
    och = LoopMath.next(och, dim, shape.ochs)
    return och == 0
  }

  // MARK: Commands

  /// Output pixels of the step.
  private func rows(_ dim: Int) -> Int {
    shape.transposesInput3120
      ? min(dim, shape.batches - batch)
      : shape.undilated(min(dim << shape.dilation, shape.ocols - ocol))
  }

  /// Input channels of the step, of all its pixels.
  private func depth(_ dim: Int) -> Int {
    min(shape.pixelsPerRow, shape.kcols - kcol) * min(dim, shape.kchs - kch)
  }

  private func preload(_ encoding: LoopEncoding) -> Command {
    let dim = encoding.dim
    let columns = min(dim, shape.ochs - och)
    let row = shape.rotatesWeights ? shape.krows - krow - 1 : krow
    let column = shape.rotatesWeights ? shape.kcols - kcol - 1 : kcol
    let weights =
      newWeights
      ? encoding.scratchpad(
        startB + shape.weightRow(och: och, row: row, column: column, kch: kch, dim))
      : encoding.garbage
    let result = shape.outputRow(och: och, batch: batch, row: orow, column: ocol, dim)
    return Command(
      .preload, encoding.tile(rows: depth(dim), columns: columns, weights),
      encoding.tile(
        rows: rows(dim), columns: columns,
        encoding.accumulator(startC + result, accumulate: true)))
  }

  private func compute(_ encoding: LoopEncoding) -> Command {
    let dim = encoding.dim
    let row = shape.undilated(orow * shape.stride + krow * shape.kernelDilation)
    let column = shape.undilated(ocol * shape.stride + kcol * shape.kernelDilation)
    let input = shape.inputRow(channel: kch, batch: batch, row: row, column: column, dim)
    return Command(
      newWeights ? .computePreloaded : .computeAccumulated,
      encoding.tile(
        rows: rows(dim), columns: depth(dim), encoding.scratchpad(startA + input)),
      encoding.tile(
        rows: rows(dim), columns: min(dim, shape.ochs - och), encoding.garbage))
  }
}

// MARK: State

extension ConvExecute {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&context)
    pipeline.visit(&codec)
    guard state != .idle else { return }
    shape.visit(&codec)
    codec.row(&startA, isAccumulator: false)
    codec.row(&startB, isAccumulator: false)
    codec.row(&startC, isAccumulator: true)
    codec.integer(&och)
    codec.integer(&krow)
    codec.integer(&kcol)
    codec.integer(&kch)
    codec.integer(&batch)
    codec.integer(&orow)
    codec.integer(&ocol)
    codec.flag(&newWeights)
  }
}
