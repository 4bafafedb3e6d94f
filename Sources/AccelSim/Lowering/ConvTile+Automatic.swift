extension ConvTile {
  /// The library's choice, `tiled_conv_auto` (facts 11.4).
  ///
  /// It may not fit a machine with tiny memories; `ConvPlan` checks.
  public static func automatic(for convolution: Convolution, on machine: Machine) -> ConvTile {
    let whole = ConvTile.whole(convolution)
    let limits = ConvLimits(convolution, machine)
    var tile = whole
    while !limits.hold(tile) {
      guard let largest = tile.largestReducible(machine) else { break }
      tile.reduce(largest, machine)
    }
    while tile.grows(2, whole, limits) {}
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      for index in 0..<7 where tile.grows(index, whole, limits) { hasGrown = true }
    }
    return tile
  }

  /// One block for everything; of one channel where the convolution is depthwise, of one group
  /// where it is grouped.
  static func whole(_ convolution: Convolution) -> ConvTile {
    let isDepthwise = convolution.isDepthwise
    return ConvTile(
      batch: convolution.batch, rows: convolution.pooledRows, columns: convolution.pooledColumns,
      outputChannels: isDepthwise ? 1 : convolution.outputChannels / convolution.groups,
      kernelRows: convolution.kernel, kernelColumns: convolution.kernel,
      inputChannels: isDepthwise ? 1 : convolution.inputChannels / convolution.groups)
  }

  /// The first of the largest sizes; columns only while they fill the array, or rows are at 1.
  private func largestReducible(_ machine: Machine) -> Int? {
    var largest: Int?
    for index in 0..<7 {
      if index == 2 && columns <= machine.dim && rows > 1 { continue }
      if self[index] > largest.map({ self[$0] }) ?? 1 { largest = index }
    }
    return largest
  }

  /// Channels drop to the next lower multiple of the array's width, other sizes by 1.
  private mutating func reduce(_ index: Int, _ machine: Machine) {
    if index == 3 || index == 6 {
      self[index] = max((self[index] - 1) / machine.dim * machine.dim, 1)
    } else {
      self[index] -= 1
    }
  }

  /// Adds 1 to a size if the memories hold it.
  private mutating func grows(_ index: Int, _ whole: ConvTile, _ limits: ConvLimits) -> Bool {
    guard self[index] < whole[index] else { return false }
    self[index] += 1
    if limits.hold(self) { return true }
    self[index] -= 1
    return false
  }
}

/// Rows of the two memories that one block may take, half for double buffering, and what a block
/// takes (facts 11.4).
struct ConvLimits {
  let scratchpadRows: Int
  let accumulatorRows: Int
  private let convolution: Convolution
  private let dim: Int

  init(_ convolution: Convolution, _ machine: Machine) {
    scratchpadRows = machine.scratchpadRows / 2
    accumulatorRows = machine.accumulatorRows / 2
    self.convolution = convolution
    dim = machine.dim
  }

  func hold(_ tile: ConvTile) -> Bool {
    scratchpadRows(tile) <= scratchpadRows && accumulatorRows(tile) <= accumulatorRows
  }

  /// Rows of the scratchpad as the library counts them.
  func scratchpadRows(_ tile: ConvTile) -> Int {
    scratchpadRows(
      tile, inputRows: inputSize(outputSize(tile.rows), tile.kernelRows),
      inputColumns: inputSize(outputSize(tile.columns), tile.kernelColumns))
  }

  /// Rows of the scratchpad for a part of the input as the unroller stores it.
  func scratchpadRows(_ tile: ConvTile, inputRows: Int, inputColumns: Int) -> Int {
    let downsample = convolution.downsamples ? 1 : 0
    let plane = (inputRows >> downsample) * (inputColumns >> downsample)
    let input =
      convolution.transposesInput3120
      ? ceilingDivide(tile.batch, dim) * tile.inputChannels * plane
      : ceilingDivide(tile.inputChannels, dim) * tile.batch * plane
    let taps = tile.kernelRows * tile.kernelColumns
    let weights =
      convolution.transposesWeights0132
      ? ceilingDivide(tile.inputChannels, dim) * taps * tile.outputChannels
      : ceilingDivide(tile.outputChannels, dim) * taps * tile.inputChannels
    return input + weights
  }

  func accumulatorRows(_ tile: ConvTile) -> Int {
    ceilingDivide(tile.outputChannels, dim) * tile.batch * outputSize(tile.rows)
      * outputSize(tile.columns)
  }

  /// Output pixels under `size` pooled ones, or as many without pooling.
  func outputSize(_ size: Int) -> Int {
    guard let pooling = convolution.pooling else { return size }
    return size * pooling.stride + pooling.size - 1
  }

  private func inputSize(_ outputSize: Int, _ kernel: Int) -> Int {
    let reach = kernel + (convolution.kernelDilation - 1) * (kernel - 1)
    return ceilingDivide(
      outputSize * convolution.stride + reach - 1, convolution.inputDilation)
  }
}
