/// Refuses to start loops whose sizes the unrollers could not count through: sizes of zero, and
/// matmuls that overlap themselves in the local memories (facts 3.6, 3.7).
struct LoopSizeCheck {
  private let dim: Int
  private let scratchpadRows: Int
  private let accumulatorRows: Int
  private var bounds = LoopMatmulBounds(Command(.loopMatmulBounds, 0, 0))
  private var outputs = LoopConvConfig2(Command(.loopConvConfig2, 0, 0))
  private var kernel = LoopConvConfig3(Command(.loopConvConfig3, 0, 0))

  init(_ machine: Machine) {
    dim = machine.dim
    scratchpadRows = machine.scratchpadRows
    accumulatorRows = machine.accumulatorRows
  }

  /// Takes note of the sizes that `command` sets, or judges the loop that it starts.
  ///
  /// - Throws: `SimulationError.illegal` naming the size.
  mutating func check(_ command: Command) throws(SimulationError) {
    switch command.function {
    case .loopMatmulBounds: bounds = LoopMatmulBounds(command)
    case .loopConvConfig2: outputs = LoopConvConfig2(command)
    case .loopConvConfig3: kernel = LoopConvConfig3(command)
    case .loopMatmul: try checkMatmul(LoopMatmulRun(command))
    case .loopConv:
      try requirePositive(
        "loop_conv_ws",
        [
          ("batches", outputs.batches), ("porows", outputs.poolOutRows),
          ("pocols", outputs.poolOutColumns), ("pochs", outputs.poolOutChannels),
          ("krows", kernel.kernelRows), ("kcols", kernel.kernelColumns),
          ("kchs", kernel.kernelChannels),
        ])
    default: break
    }
  }

  private func checkMatmul(_ run: LoopMatmulRun) throws(SimulationError) {
    // A residual add has no inner dimension.
    let inner = run.isResidualAdd ? 1 : bounds.k
    try requirePositive("loop_ws", [("I", bounds.i), ("J", bounds.j), ("K", inner)])
    let operandRows = run.isResidualAdd ? 0 : (bounds.i + bounds.j) * bounds.k * dim
    let resultRows = bounds.i * bounds.j * dim
    guard operandRows <= scratchpadRows else {
      throw .illegal(
        "loop_ws of \(bounds.i)x\(bounds.j)x\(bounds.k) tiles: A and B take \(operandRows) rows; "
          + "the scratchpad has \(scratchpadRows)")
    }
    guard resultRows <= accumulatorRows else {
      throw .illegal(
        "loop_ws of \(bounds.i)x\(bounds.j)x\(bounds.k) tiles: C takes \(resultRows) rows; the "
          + "accumulator has \(accumulatorRows)")
    }
  }

  private func requirePositive(
    _ loop: String, _ sizes: [(String, Int)]
  ) throws(SimulationError) {
    if let size = sizes.first(where: { $0.1 == 0 }) {
      throw .illegal("\(loop) with \(size.0) = 0: set its sizes first")
    }
  }
}
