import SystolicCore

/// Results on their way from the array to a local memory (facts 4.3, 6.4).
extension FunctionalMachine {
  /// Writes the results of a compute where its preload said, and remembers the pair.
  mutating func writeResult(
    _ pending: ArrayContent.Pending, _ pushed: Int, flips: Bool
  ) throws(Fault) {
    let address = pending.output
    let rows = pending.outputRows
    let columns = pending.outputColumns
    let hasResult = !address.isGarbage(machine.layout) && rows > 0 && columns > 0
    let first = address.row(machine.layout)
    let pair = ExecutedPair(
      output: pending, first: first, stride: array.strideC, pushed: pushed, flips: flips,
      index: array.pairs)
    array.pairs += 1
    guard hasResult else {
      remember(pair, hasResult: false)
      return
    }
    if array.isWeightStationary && rows > pushed { note(.shortResult) }
    let features = machine.config.features
    if !(address.isAccumulator
      ? features.executeWritesAccumulator : features.executeWritesScratchpad)
    {
      throw Fault(
        .unsupported,
        found: "C in the \(address.isAccumulator ? "accumulator" : "scratchpad")",
        expected: "a memory that the array writes on this machine")
    }
    let start = firstResultRow(first)
    let end = start + (rows - 1) * array.strideC
    try requireRows("C", min(start, end), count: abs(end - start) + 1, of: address)
    noteAccumulation(address, first)
    remember(pair, hasResult: true)
    guard carriesData else { return }
    if array.isWeightStationary {
      write(array.results, rows, columns, to: address, start, lastFirst: false)
      return
    }
    let bits = followsSoftware ? 32 : machine.config.array.outputBits
    // The software model shifts only what goes to the scratchpad.
    let shift = followsSoftware && address.isAccumulator ? 0 : array.shift
    let leaving = array.sums.shifted(by: shift, bits: bits)
    write(leaving, rows, columns, to: address, start, lastFirst: !followsSoftware)
  }

  /// The local row of result row 0. Output-stationary hardware counts down from the last row of
  /// the array with the stride, which is not the same unless it is 1 (facts 6.4, quirk).
  private func firstResultRow(_ first: Int) -> Int {
    guard !array.isWeightStationary && !followsSoftware else { return first }
    return first + (machine.dim - 1) * (1 - array.strideC)
  }

  private mutating func write(
    _ tile: TileSums, _ rows: Int, _ columns: Int, to address: LocalAddress, _ first: Int,
    lastFirst: Bool
  ) {
    if address.isAccumulator {
      accumulator.write(
        tile, rows: rows, columns: columns, at: first, stride: array.strideC,
        accumulate: address.accumulates, lastFirst: lastFirst)
    } else {
      let relu = array.activation == 1 && machine.config.features.nonlinearActivations
      scratchpad.write(
        tile, rows: rows, columns: columns, at: first, stride: array.strideC, relu: relu,
        lastFirst: lastFirst)
    }
  }
}
