/// The mean of every channel over an image's pixels, int8, with everything decided (facts 11.5,
/// tiled_global_average): input is batch × rows × columns × channels, output batch × channels.
public struct GlobalAveragePlan: Equatable, Sendable {
  /// Images, 1 to 65,536.
  public let batch: Int
  /// Rows of an image, in pixels.
  public let rows: Int
  /// Columns of an image; rows x columns is at most 2^24, so that sums fit int32.
  public let columns: Int
  /// Elements of a pixel and of an image's result; their sums must fit the accumulator.
  public let channels: Int
  /// First byte of the dense input.
  public let input: UInt64
  /// First byte of the dense output.
  public let output: UInt64
  let machine: Machine

  /// - Throws: `LoweringError` naming what does not fit.
  public init(
    batch: Int, rows: Int, columns: Int, channels: Int, input: UInt64, output: UInt64,
    on machine: Machine
  ) throws(LoweringError) {
    let config = machine.config
    let largest = 1 << 16
    for (name, value) in [
      ("batch", batch), ("rows", rows), ("columns", columns), ("channels", channels),
    ] where !(1...largest).contains(value) {
      throw LoweringError("the global average's \(name) must be 1...\(largest), is \(value)")
    }
    guard config.accumulator.readsSmallWidth else {
      throw LoweringError("\(config.name) cannot move int8 results out")
    }
    // Pixels of int8 must not leave the int32 sums.
    guard rows * columns <= 1 << 24 else {
      throw LoweringError("sums of \(rows * columns) pixels do not fit int32")
    }
    let sums = ceilingDivide(channels, machine.dim)
    guard sums <= machine.accumulatorRows else {
      throw LoweringError(
        "the sums of \(channels) channels take \(sums) rows of the accumulator; there are "
          + "\(machine.accumulatorRows)")
    }
    self.batch = batch
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.input = input
    self.output = output
    self.machine = machine
  }

  /// Pixels of an image.
  public var pixels: Int { rows * columns }
  /// Scale of the sums on their way out.
  public var scale: Float { Float(1 / Double(pixels)) }
  /// Channels that one move takes.
  public var blockChannels: Int { machine.maxBlockLength * machine.dim }
  /// Blocks of channels of an image.
  public var channelBlocks: Int { ceilingDivide(channels, blockChannels) }
}

/// The commands that Gemmini's library issues for a global average: an image's pixels are added up
/// in the accumulator, in one row per array width of channels (facts 11.5).
public struct GlobalAverage: PartwiseSource, Sendable {
  /// What the commands compute and where it lies.
  public let plan: GlobalAveragePlan
  var steps: StepBuffer
  /// Image rows moved in, over all blocks.
  private var row = 0
  private var phase = Phase.configuration

  private enum Phase { case configuration, rows, done }

  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: GlobalAveragePlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      phase = .rows
    case .rows where row < plan.batch * plan.channelBlocks * plan.rows:
      emitRow()
      row += 1
    case .rows:
      emitFence()
      phase = .done
    case .done: return false
    }
    return true
  }

  private mutating func configure() {
    // Every move takes one row, so the stride between rows does not matter.
    emit(
      HostCommands.configLoad(
        state: 0, stride: plan.machine.dim, scale: 1, shrinks: true, blockStride: 1))
    emit(HostCommands.configIdleArray(library: .outputStationary, on: plan.machine))
    emit(HostCommands.configStore(stride: 0, activation: 0, scale: plan.scale))
  }

  /// Adds one row of pixels to the sums of a block of channels; moves an image's sums out after its
  /// last.
  private mutating func emitRow() {
    let inImage = row % plan.rows
    let block = row / plan.rows % plan.channelBlocks
    let image = row / plan.rows / plan.channelBlocks
    let channel = block * plan.blockChannels
    let count = min(plan.blockChannels, plan.channels - channel)
    let dim = plan.machine.dim
    let sums = 1 << 31 + UInt32(channel / dim)
    for column in 0..<plan.columns {
      let pixel = (image * plan.rows + inImage) * plan.columns + column
      let adds = inImage > 0 || column > 0
      emit(
        Command(
          .mvin, plan.input + UInt64(pixel * plan.channels + channel),
          HostCommands.operand(sums | (adds ? 1 << 30 : 0), rows: 1, columns: count)))
    }
    guard inImage == plan.rows - 1, block == plan.channelBlocks - 1 else { return }
    for first in stride(from: 0, to: plan.channels, by: dim) {
      emit(
        Command(
          .mvout, plan.output + UInt64(image * plan.channels + first),
          HostCommands.operand(
            1 << 31 + UInt32(first / dim), rows: 1, columns: min(dim, plan.channels - first))))
    }
  }
}
