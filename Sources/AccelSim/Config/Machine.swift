import SystolicCore

/// A checked configuration with the numbers that the models need, derived once (facts 1.2).
public struct Machine: Equatable, Sendable {
  /// The configuration this was made from.
  public let config: HardwareConfig
  /// Rows and columns of the array, DIM in the facts.
  public let dim: Int
  /// log2 of `dim`.
  public let dimLog2: Int
  public let scratchpadRows: Int
  public let scratchpadBankRows: Int
  public let accumulatorRows: Int
  public let accumulatorBankRows: Int
  public let layout: LocalAddressLayout
  /// Column blocks of one array width in the largest int8 request (facts, MBL).
  public let maxBlockLength: Int
  /// The same for int32 rows (facts, MBLA).
  public let maxBlockLengthAccumulator: Int
  /// Bytes of one bus beat.
  public let beatBytes: Int
  /// Load commands, and separately store commands, in flight.
  public let commandsInFlight: Int

  /// Derives the numbers. The configuration must be valid: `HardwareConfig.problems()` is empty.
  public init(unchecked config: HardwareConfig) {
    self.config = config
    dim = config.array.meshRows * config.array.tileRows
    dimLog2 = dim.trailingZeroBitCount
    scratchpadRows = config.scratchpad.capacityKiB * 1024 / dim
    scratchpadBankRows = scratchpadRows / config.scratchpad.banks
    accumulatorRows = config.accumulator.capacityKiB * 1024 / (dim * 4)
    accumulatorBankRows = accumulatorRows / config.accumulator.banks
    layout = LocalAddressLayout(
      scratchpadRows: scratchpadRows, accumulatorRows: accumulatorRows)
    maxBlockLength = max(config.dma.maxBytes / dim, 1)
    maxBlockLengthAccumulator = max(config.dma.maxBytes / (dim * 4), 1)
    beatBytes = config.dma.busBits / 8
    commandsInFlight = config.dma.maxInFlight / dim + 1
  }
}
