/// One block of a convolution: its place, its sizes, its padding and its operands' addresses
/// (facts 11.4).
struct ConvBlock {
  /// Blocks before this one along each dimension.
  let index: ConvTile
  let size: ConvTile
  /// Output rows and columns before pooling.
  let outputRows: Int
  let outputColumns: Int
  /// Padding of the input.
  let rows: ConvEdges
  let columns: ConvEdges
  /// Padding of the pooling.
  let poolRows: ConvEdges
  let poolColumns: ConvEdges
  /// 0 where the input is still in the scratchpad.
  let input: UInt64
  /// 0 where the weights are still in the scratchpad.
  let weights: UInt64
  /// 0 in all blocks but the first of a sum.
  let bias: UInt64
  /// 0 in all blocks but the last of a sum.
  let output: UInt64

  /// - Parameter number: Blocks of the group before this one; input channels run fastest.
  init(_ plan: ConvPlan, group: Int, number: Int) {
    let convolution = plan.convolution
    var rest = number
    var index = plan.blocks
    for dimension in (0..<7).reversed() {
      index[dimension] = rest % plan.blocks[dimension]
      rest /= plan.blocks[dimension]
    }
    var first = plan.tile
    var size = plan.tile
    for dimension in 0..<7 {
      first[dimension] *= index[dimension]
      size[dimension] = min(plan.tile[dimension], plan.bounds[dimension] - first[dimension])
    }
    if convolution.isDepthwise {
      size.outputChannels = 1
      first.inputChannels = first.outputChannels
    }
    self.index = index
    self.size = size
    let rowWindow = ConvWindow.rows(plan, index.rows, index.kernelRows)
    let columnWindow = ConvWindow.columns(plan, index.columns, index.kernelColumns)
    outputRows = rowWindow.outputCount
    outputColumns = columnWindow.outputCount
    rows = rowWindow.padding
    columns = columnWindow.padding
    poolRows = rowWindow.poolPadding
    poolColumns = columnWindow.poolPadding

    let isFirstOfSum = first.kernelRows == 0 && first.kernelColumns == 0 && index.inputChannels == 0
    let isLastOfSum =
      index.kernelRows == plan.blocks.kernelRows - 1
      && index.kernelColumns == plan.blocks.kernelColumns - 1
      && index.inputChannels == plan.blocks.inputChannels - 1
    let isHeldInput = plan.reusesInput && index.outputChannels > 0
    let isHeldWeights =
      plan.reusesWeights && (index.batch > 0 || index.rows > 0 || index.columns > 0)
    let at = ConvOffsets(plan, group: group, first: first, size: size)
    let base = plan.addresses
    input =
      isHeldInput
      ? 0
      : base.input + UInt64(at.input(row: rowWindow.firstPixel, column: columnWindow.firstPixel))
    weights = isHeldWeights ? 0 : base.weights + UInt64(at.weights)
    // The library's dummy for "zeros" is address 1; only that it is not 0 counts.
    bias = isFirstOfSum ? (convolution.hasBias ? base.bias : 1) + UInt64(at.bias) : 0
    output = isLastOfSum ? base.output + UInt64(at.output) : 0
  }
}

/// Padding before and after the pixels of a block, along one axis.
struct ConvEdges: Equatable {
  var before = 0
  var after = 0
}

extension ConvPlan {
  /// Refuses kernels in several blocks of which one would lie beyond the padding, which the
  /// unroller cannot count; padding beyond its fields; and dilated inputs that take more rows than
  /// the library counts, and would run into the weights.
  func checkWindows() throws(LoweringError) {
    var inputRows = 0
    for row in 0..<blocks.rows {
      for kernelRow in 0..<blocks.kernelRows {
        let window = ConvWindow.rows(self, row, kernelRow)
        try check(window, "rows")
        inputRows = max(inputRows, window.storedCount)
      }
    }
    var inputColumns = 0
    for column in 0..<blocks.columns {
      for kernelColumn in 0..<blocks.kernelColumns {
        let window = ConvWindow.columns(self, column, kernelColumn)
        try check(window, "columns")
        inputColumns = max(inputColumns, window.storedCount)
      }
    }
    let limits = ConvLimits(convolution, machine)
    let stored = limits.scratchpadRows(tile, inputRows: inputRows, inputColumns: inputColumns)
    guard stored <= limits.scratchpadRows else {
      throw LoweringError(
        "tile \(tile) takes \(stored) rows of the scratchpad, \(limits.scratchpadRows(tile)) as the "
          + "library counts; there are \(limits.scratchpadRows) (half, for double buffering): give "
          + "a smaller tile")
    }
  }

  /// Multiply-accumulates that the array is given: those with padding, and pixels that two blocks
  /// of pooling windows share, included; those with the zeros of input dilation left out.
  public var issuedMACs: Int {
    var rowTaps = 0
    for row in 0..<blocks.rows {
      for kernelRow in 0..<blocks.kernelRows {
        rowTaps += ConvWindow.rows(self, row, kernelRow).taps
      }
    }
    var columnTaps = 0
    for column in 0..<blocks.columns {
      for kernelColumn in 0..<blocks.kernelColumns {
        columnTaps += ConvWindow.columns(self, column, kernelColumn).taps
      }
    }
    let inputs = convolution.isDepthwise ? 1 : convolution.inputChannels / convolution.groups
    return convolution.batch * convolution.outputChannels * inputs * rowTaps * columnTaps
  }

  private func check(_ window: ConvWindow, _ axis: String) throws(LoweringError) {
    guard window.padding.before + window.padding.after <= window.inputCount else {
      throw LoweringError(
        "tile \(tile): a block of the kernel's \(axis) lies wholly beyond the padding; give a tile "
          + "with the whole kernel")
    }
    guard max(window.padding.before, window.padding.after) <= 255 else {
      throw LoweringError(
        "tile \(tile): \(max(window.padding.before, window.padding.after)) \(axis) of padding do "
          + "not fit the loop's 8-bit field")
    }
  }
}

/// The part of one axis, rows or columns, that a block works on (facts 11.4).
private struct ConvWindow {
  /// Input pixels, padding and dilation included.
  let inputCount: Int
  /// Output pixels before pooling.
  let outputCount: Int
  /// Padding of the input.
  let padding: ConvEdges
  let poolPadding: ConvEdges
  /// First pixel of the input as stored.
  let firstPixel: Int
  /// Input pixels as the scratchpad stores them: without the zeros of dilation.
  let storedCount: Int
  /// Pairs of an output pixel and a kernel element that do not meet a zero of input dilation.
  let taps: Int

  static func rows(_ plan: ConvPlan, _ block: Int, _ kernelBlock: Int) -> ConvWindow {
    let (tile, bounds) = (plan.tile, plan.bounds)
    let (first, kernelFirst) = (block * tile.rows, kernelBlock * tile.kernelRows)
    return ConvWindow(
      plan.convolution, first: first, count: min(tile.rows, bounds.rows - first),
      kernelFirst: kernelFirst, kernelCount: min(tile.kernelRows, bounds.kernelRows - kernelFirst),
      input: plan.convolution.inputRows, output: plan.convolution.outputRows)
  }

  static func columns(_ plan: ConvPlan, _ block: Int, _ kernelBlock: Int) -> ConvWindow {
    let (tile, bounds) = (plan.tile, plan.bounds)
    let (first, kernelFirst) = (block * tile.columns, kernelBlock * tile.kernelColumns)
    return ConvWindow(
      plan.convolution, first: first, count: min(tile.columns, bounds.columns - first),
      kernelFirst: kernelFirst,
      kernelCount: min(tile.kernelColumns, bounds.kernelColumns - kernelFirst),
      input: plan.convolution.inputColumns, output: plan.convolution.outputColumns)
  }

  private init(
    _ convolution: Convolution, first: Int, count: Int, kernelFirst: Int, kernelCount: Int,
    input: Int, output: Int
  ) {
    let pooling = convolution.pooling ?? ConvPooling(size: 1, stride: 1)
    let start = first * pooling.stride - pooling.padding
    let covered = count * pooling.stride + pooling.size - 1
    poolPadding = ConvEdges(before: max(-start, 0), after: max(start + covered - output, 0))
    outputCount = covered - poolPadding.before - poolPadding.after
    let dilation = convolution.kernelDilation
    let inputStart =
      max(start, 0) * convolution.stride + kernelFirst * dilation - convolution.padding
    inputCount =
      outputCount * convolution.stride + kernelCount + (dilation - 1) * (kernelCount - 1) - 1
    let inputEnd = inputStart + inputCount
    var padding = ConvEdges(
      before: max(-inputStart, 0), after: max(inputEnd - convolution.dilated(input), 0))
    if convolution.inputDilation > 1 {
      // The zeros between pixels: a block starts and ends at a pixel.
      if padding.before == 0 && inputStart % 2 != 0 { padding.before = 1 }
      if padding.after == 0 && inputEnd % 2 == 0 { padding.after = 1 }
    }
    self.padding = padding
    firstPixel = (inputStart + padding.before) / convolution.inputDilation
    let inside = inputCount - padding.before - padding.after
    storedCount =
      convolution.inputDilation > 1
      ? (inside + 1) / 2 + (padding.before + 1) / 2 + (padding.after + 1) / 2 : inputCount
    taps = Self.taps(convolution, outputCount, kernelCount, before: padding.before)
  }
}

extension ConvWindow {
  /// A block of a dilated input starts at a pixel, so every second position is a zero.
  fileprivate static func taps(
    _ convolution: Convolution, _ outputCount: Int, _ kernelCount: Int, before: Int
  ) -> Int {
    guard convolution.inputDilation > 1 else { return outputCount * kernelCount }
    var taps = 0
    for kernel in 0..<kernelCount {
      let isOdd = (kernel * convolution.kernelDilation - before) % 2 != 0
      taps += (outputCount + (isOdd ? 0 : 1)) / 2
    }
    return taps
  }
}

/// Where a block's operands start, in bytes from the tensors' first.
private struct ConvOffsets {
  let weights: Int
  let bias: Int
  let output: Int
  private let convolution: Convolution
  private let image: Int
  private let channel: Int
  private let strideInput: Int

  init(_ plan: ConvPlan, group: Int, first: ConvTile, size: ConvTile) {
    let convolution = plan.convolution
    self.convolution = convolution
    strideInput = plan.strideInput
    image = first.batch
    let inputs = convolution.inputChannels / convolution.groups
    let outputs = convolution.outputChannels / convolution.groups
    channel = group * inputs + first.inputChannels
    let outputChannel = group * outputs + first.outputChannels
    bias = outputChannel * 4
    let (rows, columns) = (convolution.pooledRows, convolution.pooledColumns)
    output =
      convolution.transposesOutput1203
      ? ((first.rows * columns + first.columns) * convolution.batch + first.batch)
        * convolution.outputChannels + first.outputChannels
      : ((first.batch * rows + first.rows) * columns + first.columns) * plan.strideOutput
        + outputChannel
    let kernel = convolution.kernel
    let rotates = convolution.rotatesWeights
    let row = rotates ? kernel - first.kernelRows - size.kernelRows : first.kernelRows
    let column = rotates ? kernel - first.kernelColumns - size.kernelColumns : first.kernelColumns
    let tap = row * kernel + column
    weights =
      if convolution.isDepthwise {
        outputChannel * kernel * kernel + tap
      } else if convolution.transposesWeights1203 {
        (first.inputChannels * kernel * kernel + tap) * outputs + first.outputChannels
      } else if convolution.transposesWeights0132 {
        (tap * outputs + first.outputChannels) * inputs + first.inputChannels
      } else {
        (tap * inputs + first.inputChannels) * plan.strideWeights + outputChannel
      }
  }

  func input(row: Int, column: Int) -> Int {
    let (rows, columns) = (convolution.inputRows, convolution.inputColumns)
    return convolution.transposesInput3120
      ? ((channel * rows + row) * columns + column) * convolution.batch + image
      : ((image * rows + row) * columns + column) * strideInput + channel
  }
}
