import SystolicCore

/// The commands that Gemmini's library issues for a matmul, block after block (facts 11.3).
///
/// Lazy: it holds the commands of one block at a time.
public struct TiledMatmul: PartwiseSource, Sendable {
  /// What the commands compute, in which blocks and where.
  public let plan: MatmulPlan
  var steps: StepBuffer
  private var block = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, blocks, done }

  /// Creates the stream.
  ///
  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: MatmulPlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  public var legalMACs: Int? { plan.matmul.usefulMACs }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      phase = .blocks
    case .blocks:
      if block == plan.blocks.rows * plan.blocks.columns * plan.blocks.inner {
        emitFence()
        phase = .done
      } else {
        emitBlock()
        block += 1
      }
    case .done: return false
    }
    return true
  }

  private mutating func configure() {
    let matmul = plan.matmul
    let activation = matmul.activation.rawValue
    let dim = plan.machine.dim
    emit(
      HostCommands.configExecute(
        outputStationary: matmul.dataflow == .outputStationary, activation: activation,
        transposesA: matmul.transposesA, transposesB: matmul.transposesB))
    emit(
      HostCommands.configStore(
        stride: plan.strideC * plan.outputBytes, activation: activation, scale: matmul.scale))
    emit(
      HostCommands.configLoad(
        state: 0, stride: plan.strideA, scale: matmul.scaleA, shrinks: false, blockStride: dim))
    emit(
      HostCommands.configLoad(
        state: 1, stride: plan.strideB, scale: matmul.scaleB, shrinks: false, blockStride: dim))
    let strideD = matmul.bias == .repeating ? 0 : plan.strideD * plan.biasBytes
    emit(
      HostCommands.configLoad(
        state: 2, stride: strideD, scale: matmul.scaleD, shrinks: matmul.lowBias, blockStride: dim))
    guard let norm = NormConstants(matmul) else { return }
    let isSoftmax = matmul.activation == .softmax
    emit(
      HostCommands.configNorm(
        constant: norm.qln2, isInverse: false, activationHighBit: isSoftmax, qb: norm.qb,
        qc: norm.qc))
    if isSoftmax {
      emit(
        HostCommands.configNorm(
          constant: norm.qln2Inverse, isInverse: true, activationHighBit: true, qb: norm.qb,
          qc: norm.qc))
    }
  }

  private mutating func emitBlock() {
    let inner = block % plan.blocks.inner
    let column = block / plan.blocks.inner % plan.blocks.columns
    let row = block / plan.blocks.inner / plan.blocks.columns
    let at = MatmulBlock(plan, row: row, column: column, inner: inner)
    switch plan.matmul.dataflow {
    case .weightStationary: emitLoop(at)
    case .outputStationary: emitCommands(at)
    }
  }

  /// One loop of the hardware's unroller.
  private mutating func emitLoop(_ at: MatmulBlock) {
    let matmul = plan.matmul
    let reusesA = plan.blocks.rows * plan.blocks.inner <= 2
    let reusesB = plan.blocks.columns * plan.blocks.inner <= 2
    let idA: UInt64 = reusesA ? (at.row + at.inner == 0 ? 1 : 2) : 0
    let idB: UInt64 = reusesB ? (at.column + at.inner == 0 ? 1 : 2) : 0
    let biased = matmul.bias != .none
    emit(
      Command(
        .loopMatmulBounds, packed(at.padRows, at.padColumns, at.padInner),
        packed(at.size.rows, at.size.columns, at.size.inner)))
    emit(
      Command(
        .loopMatmulAddressesAB, reusesA && at.column >= 1 ? 0 : at.a,
        reusesB && at.row >= 1 ? 0 : at.b))
    emit(
      Command(
        .loopMatmulAddressesDC, biased && at.isFirstInner ? at.d : 0, at.isLastInner ? at.c : 0))
    emit(Command(.loopMatmulStridesAB, UInt64(plan.strideA), UInt64(plan.strideB)))
    emit(
      Command(
        .loopMatmulStridesDC, matmul.bias == .repeating ? 0 : UInt64(plan.strideD),
        UInt64(plan.strideC)))
    let accumulates: UInt64 = biased || !at.isFirstInner ? 1 : 0
    let run =
      idA << 18 | idB << 16 | UInt64(matmul.activation.rawValue) << 8
      | (matmul.lowBias ? 4 : 0) | (matmul.fullOutput ? 2 : 0) | accumulates
    emit(
      Command(.loopMatmul, run, (matmul.transposesB ? 2 : 0) | (matmul.transposesA ? 1 : 0)))
  }

  private func packed(_ low: Int, _ middle: Int, _ high: Int) -> UInt64 {
    UInt64(high) << 32 | UInt64(middle) << 16 | UInt64(low)
  }

  /// One block in single commands, sums staying in the array over K; A from scratchpad row 0, B
  /// up to its end, C and D from accumulator row 0.
  private mutating func emitCommands(_ at: MatmulBlock) {
    let dim = plan.machine.dim
    let size = at.size
    let startB = UInt32(plan.machine.scratchpadRows - size.inner * size.columns * dim)
    let startC: UInt32 = 3 << 30 | (plan.matmul.fullOutput ? 1 << 29 : 0)
    if plan.matmul.bias != .none && at.isFirstInner { emitBiasMoves(at) }
    emit(loadConfiguration(stride: plan.strideB, scale: plan.matmul.scaleB))
    for j in stride(from: 0, to: size.columns, by: plan.machine.maxBlockLength) {
      for k in 0..<size.inner {
        let blocks = min(plan.machine.maxBlockLength, size.columns - j)
        emit(
          Command(
            .mvin, at.b + UInt64((k * plan.strideB + j) * dim),
            HostCommands.operand(
              startB + UInt32((k * size.columns + j) * dim), rows: at.innerRows(k),
              columns: at.columns(j, blocks))))
      }
    }
    emit(loadConfiguration(stride: plan.strideA, scale: plan.matmul.scaleA))
    for i in 0..<size.rows {
      for k in stride(from: 0, to: size.inner, by: plan.machine.maxBlockLength) {
        let blocks = min(plan.machine.maxBlockLength, size.inner - k)
        emit(
          Command(
            .mvin, at.a + UInt64((i * plan.strideA + k) * dim),
            HostCommands.operand(
              UInt32((i * size.inner + k) * dim), rows: at.rows(i),
              columns: at.innerColumns(k, blocks))))
      }
    }
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        emitProducts(at, i, j, startB: startB, startC: startC)
      }
    }
    guard at.isLastInner else { return }
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        emit(
          Command(
            .mvout, at.c + UInt64((i * plan.strideC + j) * dim * plan.outputBytes),
            HostCommands.operand(
              startC + UInt32((i * size.columns + j) * dim), rows: at.rows(i),
              columns: at.columns(j, 1))))
      }
    }
  }

  private mutating func emitBiasMoves(_ at: MatmulBlock) {
    let dim = plan.machine.dim
    let repeats = plan.matmul.bias == .repeating
    emit(
      loadConfiguration(
        stride: repeats ? 0 : plan.strideD * plan.biasBytes, scale: plan.matmul.scaleD))
    for i in 0..<at.size.rows {
      for j in stride(from: 0, to: at.size.columns, by: plan.machine.maxBlockLengthAccumulator) {
        let blocks = min(plan.machine.maxBlockLengthAccumulator, at.size.columns - j)
        emit(
          Command(
            .mvin,
            at.d + UInt64(((repeats ? 0 : i) * plan.strideD + j) * dim * plan.biasBytes),
            HostCommands.operand(
              1 << 31 + UInt32((i * at.size.columns + j) * dim), rows: at.rows(i),
              columns: at.columns(j, blocks))))
      }
    }
  }

  private mutating func emitProducts(
    _ at: MatmulBlock, _ i: Int, _ j: Int, startB: UInt32, startC: UInt32
  ) {
    let dim = plan.machine.dim
    let size = at.size
    let garbage = LocalAddress.garbage.bits
    for k in 0..<size.inner {
      var target = garbage
      if k == size.inner - 1 {
        target = startC + UInt32((i * size.columns + j) * dim)
        // Without bias the first block's sums replace what the accumulator holds.
        if plan.matmul.bias == .none && at.isFirstInner { target &= ~(1 << 30) }
      }
      emit(
        Command(
          .preload, HostCommands.operand(garbage, rows: dim, columns: dim),
          HostCommands.operand(target, rows: at.rows(i), columns: at.columns(j, 1))))
      emit(
        Command(
          k == 0 ? .computePreloaded : .computeAccumulated,
          HostCommands.operand(
            UInt32((i * size.inner + k) * dim), rows: at.rows(i), columns: at.innerColumns(k, 1)),
          HostCommands.operand(
            startB + UInt32((k * size.columns + j) * dim), rows: at.innerRows(k),
            columns: at.columns(j, 1))))
    }
  }

  private func loadConfiguration(stride: Int, scale: Float) -> Command {
    HostCommands.configLoad(
      state: 0, stride: stride, scale: scale, shrinks: false, blockStride: plan.machine.dim)
  }
}

extension MatmulPlan {
  /// Bytes of an element of C.
  public var outputBytes: Int { matmul.fullOutput ? 4 : 1 }
  /// Bytes of an element of D.
  public var biasBytes: Int { matmul.lowBias ? 1 : 4 }
}
