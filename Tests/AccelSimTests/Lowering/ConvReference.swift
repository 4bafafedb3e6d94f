@testable import AccelSim

/// A convolution with random data, and its result by plain loops.
struct ConvReference {
  let input: [Int8]
  let weights: [Int8]
  let bias: [Int32]
  private let plan: ConvPlan
  private var convolution: Convolution { plan.convolution }

  init(_ plan: ConvPlan, seed: UInt64) {
    var random = SplitMix(state: seed)
    let sizes = plan.byteCounts
    self.plan = plan
    input = Int8Reference.random(sizes.input, 127, &random)
    weights = Int8Reference.random(sizes.weights, 127, &random)
    bias = (0..<sizes.bias / 4).map { _ in Int32(random.next(in: -20000...20000)) }
  }

  /// Loads, the library's commands, and the check.
  var source: ProgramChain<ProgramChain<StepList, TiledConv>, StepList> {
    let addresses = plan.addresses
    let loads: [ProgramStep] = [
      .load(address: addresses.input, bytes: input.map { UInt8(bitPattern: $0) }),
      .load(address: addresses.weights, bytes: weights.map { UInt8(bitPattern: $0) }),
      .load(
        address: addresses.bias,
        bytes: bias.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }),
      .zero(address: addresses.output, count: plan.byteCounts.output),
    ]
    let check = ProgramStep.check(address: addresses.output, expected: result(), label: "result")
    return ProgramChain(ProgramChain(StepList(loads), TiledConv(plan)), StepList([check]))
  }

  /// The output as it lies in memory, 0 between rows.
  private func result() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: plan.byteCounts.output)
    let (rows, columns) = (convolution.outputRows, convolution.outputColumns)
    var image = [Int8](repeating: 0, count: rows * columns)
    for batch in 0..<convolution.batch {
      for channel in 0..<convolution.outputChannels {
        for row in 0..<rows {
          for column in 0..<columns {
            let sum = sum(batch, row, column, channel)
            let active = convolution.activation == .relu ? max(sum, 0) : sum
            image[row * columns + column] = Int8Reference.scaled(active, convolution.scale)
          }
        }
        for row in 0..<convolution.pooledRows {
          for column in 0..<convolution.pooledColumns {
            let value = pooled(image, row, column)
            bytes[outputIndex(batch, row, column, channel)] = UInt8(bitPattern: value)
          }
        }
      }
    }
    return bytes
  }

  private func sum(_ batch: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int32 {
    let inputs = convolution.inputChannels / convolution.groups
    let outputs = convolution.outputChannels / convolution.groups
    let first = convolution.isDepthwise ? channel : channel / outputs * inputs
    var sum: Int32 = convolution.hasBias ? bias[channel] : 0
    for kernelRow in 0..<convolution.kernel {
      guard let y = pixel(row, kernelRow, convolution.inputRows) else { continue }
      for kernelColumn in 0..<convolution.kernel {
        guard let x = pixel(column, kernelColumn, convolution.inputColumns) else { continue }
        for offset in 0..<(convolution.isDepthwise ? 1 : inputs) {
          sum +=
            Int32(input[inputIndex(batch, y, x, first + offset)])
            * Int32(weights[weightIndex(kernelRow, kernelColumn, offset, channel)])
        }
      }
    }
    return sum
  }

  /// The input pixel under a kernel element; `nil` for padding and the zeros of dilation.
  private func pixel(_ output: Int, _ kernel: Int, _ size: Int) -> Int? {
    let at =
      output * convolution.stride + kernel * convolution.kernelDilation - convolution.padding
    guard at >= 0, at % convolution.inputDilation == 0 else { return nil }
    let pixel = at / convolution.inputDilation
    return pixel < size ? pixel : nil
  }

  /// The largest value of a window; outside the image is 0.
  private func pooled(_ image: [Int8], _ row: Int, _ column: Int) -> Int8 {
    guard let pooling = convolution.pooling else {
      return image[row * convolution.outputColumns + column]
    }
    var largest = Int8.min
    for y in 0..<pooling.size {
      for x in 0..<pooling.size {
        let imageRow = row * pooling.stride + y - pooling.padding
        let imageColumn = column * pooling.stride + x - pooling.padding
        let isInside =
          (0..<convolution.outputRows).contains(imageRow)
          && (0..<convolution.outputColumns).contains(imageColumn)
        let value = isInside ? image[imageRow * convolution.outputColumns + imageColumn] : 0
        largest = max(largest, value)
      }
    }
    return largest
  }

  private func inputIndex(_ batch: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    let (rows, columns) = (convolution.inputRows, convolution.inputColumns)
    return convolution.transposesInput3120
      ? ((channel * rows + row) * columns + column) * convolution.batch + batch
      : ((batch * rows + row) * columns + column) * plan.strideInput + channel
  }

  /// - Parameter input: Input channel within the group.
  private func weightIndex(_ row: Int, _ column: Int, _ input: Int, _ output: Int) -> Int {
    let kernel = convolution.kernel
    let tap =
      convolution.rotatesWeights
      ? (kernel - 1 - row) * kernel + kernel - 1 - column : row * kernel + column
    if convolution.isDepthwise { return output * kernel * kernel + tap }
    if convolution.transposesWeights1203 {
      return (input * kernel * kernel + tap) * convolution.outputChannels + output
    }
    if convolution.transposesWeights0132 {
      return (tap * convolution.outputChannels + output) * convolution.inputChannels + input
    }
    return (tap * (convolution.inputChannels / convolution.groups) + input) * plan.strideWeights
      + output
  }

  private func outputIndex(_ batch: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
    let (rows, columns) = (convolution.pooledRows, convolution.pooledColumns)
    return convolution.transposesOutput1203
      ? ((row * columns + column) * convolution.batch + batch) * convolution.outputChannels
        + channel
      : ((batch * rows + row) * columns + column) * plan.strideOutput + channel
  }
}
