import SystolicCore

/// The sub-unit that moves results out, with or without pooling (facts 5.4, st).
struct ConvStore: Sendable {
  private enum State: UInt8 { case idle, store, poolConfig, poolStore, poolEnd }

  private var shape = ConvShape()
  private var base: UInt64 = 0
  private var activation = 0
  private(set) var localRow = 0
  private(set) var context = 0
  private var state = State.idle
  private var pipeline = ConvPipeline()
  private var batch = 0
  private var orow = 0
  private var ocol = 0
  private var och = 0

  @inline(__always) var isIdle: Bool { state == .idle && pipeline.isEmpty }
  var output: Command? { pipeline.output }

  mutating func accept(_ loop: ConvContext, _ shape: ConvShape, localRow: Int, context: Int) {
    self.shape = shape
    base = loop.outputAddress
    activation = loop.activation
    self.localRow = localRow
    self.context = context
    state = loop.noPool ? .store : .poolConfig
    batch = 0
    orow = 0
    ocol = 0
    och = 0
  }

  /// The end of a cycle; returns whether anything moved. `computed`: all computes have been
  /// emitted.
  mutating func step(leaving: Bool, computed: Bool, _ encoding: LoopEncoding) -> Bool {
    guard !isIdle else { return false }
    var command: Command?
    var skipped = false
    if state != .idle {
      if base == 0 {
        state = .idle
        skipped = true
      } else if computed, pipeline.canEnter(leaving: leaving) {
        command = emit(encoding)
      }
    }
    return pipeline.step(leaving: leaving, entering: command) || skipped
  }

  private mutating func emit(_ encoding: LoopEncoding) -> Command {
    switch state {
    case .poolConfig:
      state = .poolStore
      return config(poolFields)
    case .poolEnd:
      state = .idle
      return config(0)
    case .poolStore:
      return poolStore(encoding)
    case .idle, .store:
      return store(encoding)
    }
  }

  // MARK: Commands

  private func config(_ pooling: UInt64) -> Command {
    Command(
      .config, pooling | UInt64(activation & 3) << 2 | 2,
      LoopEncoding.keepScale << 32 | UInt64(shape.outStride))
  }

  /// The pooling fields of config_st, cut to their widths (facts 3.4).
  private var poolFields: UInt64 {
    func field(_ value: Int, _ low: UInt64, _ count: UInt64) -> UInt64 {
      (UInt64(value) & ((1 << count) - 1)) << low
    }
    return field(shape.poolStride, 4, 2) | field(shape.poolSize, 6, 2)
      | field(shape.poolUpPad, 8, 2) | field(shape.poolLeftPad, 10, 2)
      | field(shape.poolOutColumns, 24, 8) | field(shape.porows, 32, 8)
      | field(shape.pocols, 40, 8) | field(shape.orows, 48, 8) | field(shape.ocols, 56, 8)
  }

  private mutating func poolStore(_ encoding: LoopEncoding) -> Command {
    let dim = encoding.dim
    let pixel = batch * shape.poolOutColumns * shape.poolOutRows
    let row = shape.outputRow(och: och, batch: batch, row: 0, column: 0, dim)
    // The offset is not cut to 32 bits here, as in hardware.
    let offset = UInt64(truncatingIfNeeded: pixel &* shape.outStride &+ och)
    let address = LoopEncoding.address(base, offset)
    let command = Command(
      .mvout, address,
      encoding.move(
        rows: 0, columns: min(dim, shape.ochs - och), encoding.accumulator(localRow + row)))
    och = LoopMath.next(och, dim, shape.ochs)
    if och == 0 { batch = LoopMath.next(batch, 1, shape.batches) }
    if och == 0, batch == 0 { state = .poolEnd }
    return command
  }

  private mutating func store(_ encoding: LoopEncoding) -> Command {
    let dim = encoding.dim
    let offset: Int
    if shape.transposesOutput1203 {
      let pixel = (orow &* shape.outColumns &+ ocol) &* shape.batchSize &+ batch
      offset = pixel &* shape.outChannels &+ och
    } else {
      let pixel = (batch &* shape.outRows &+ orow) &* shape.outColumns &+ ocol
      offset = pixel &* shape.outStride &+ och
    }
    let row = shape.outputRow(och: och, batch: batch, row: orow, column: ocol, dim)
    let command = Command(
      .mvout, encoding.address(base, offset),
      encoding.move(
        rows: min(dim, shape.ocols - ocol), columns: min(dim, shape.ochs - och),
        encoding.accumulator(localRow + row)))
    if advance(dim) { state = .idle }
    return command
  }

  private mutating func advance(_ dim: Int) -> Bool {
    och = LoopMath.next(och, dim, shape.ochs)
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

extension ConvStore {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&state)
    codec.context(&context)
    pipeline.visit(&codec)
    guard state != .idle else { return }
    shape.visit(&codec)
    codec.address(&base)
    codec.integer(&activation)
    codec.row(&localRow, isAccumulator: true)
    codec.integer(&batch)
    codec.integer(&orow)
    codec.integer(&ocol)
    codec.integer(&och)
  }
}
