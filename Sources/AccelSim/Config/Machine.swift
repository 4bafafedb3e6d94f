import SystolicCore

/// A checked configuration with the numbers that the models need, derived once (facts 1.2).
///
/// A class only so that the units can share one: it never changes.
public final class Machine: Equatable, Sendable {
  /// The configuration this was made from.
  public let config: HardwareConfig
  /// Rows and columns of the array, DIM in the facts.
  public let dim: Int
  /// log2 of `dim`.
  public let dimLog2: Int
  /// Rows of all scratchpad banks together, a power of two; a row holds DIM int8 elements.
  public let scratchpadRows: Int
  /// Rows of one scratchpad bank, a power of two; a row's number divided by it is its bank (facts 2.1).
  public let scratchpadBankRows: Int
  /// Rows of all accumulator banks together, a power of two; a row holds DIM int32 elements.
  public let accumulatorRows: Int
  /// Rows of one accumulator bank, a power of two; a row's number divided by it is its bank (facts 2.1).
  public let accumulatorBankRows: Int
  /// Which bits of a local address are the row number (facts 2.2).
  public let layout: LocalAddressLayout
  /// Column blocks of one array width in the largest int8 request (facts, MBL).
  public let maxBlockLength: Int
  /// The same for int32 rows (facts, MBLA).
  public let maxBlockLengthAccumulator: Int
  /// Bytes of one bus beat.
  public let beatBytes: Int
  /// Load commands, and separately store commands, in flight.
  public let commandsInFlight: Int

  /// The cache before main memory, if there is one.
  let cache: CacheShape?

  /// Where the halves of the local memories are.
  var halves: LocalHalves {
    LocalHalves(
      layout, scratchpadBanks: config.scratchpad.banks, accumulatorBanks: config.accumulator.banks)
  }
  /// Memories of which the halves can be exchanged. Not those of an accumulator of as many rows as the
  /// scratchpad or more: the garbage address has the row number of its last row, for results in which the
  /// array waits (`MeshTiming.hasTag`); nor if a half has fewer rows than there are sub-banks.
  var swappableHalves: HalfSwap {
    accumulatorRows < scratchpadRows && accumulatorRows / 2 >= config.accumulator.subBanks
      ? [.scratchpad, .accumulator] : .scratchpad
  }

  /// log2 of the rows of a scratchpad bank.
  let scratchpadBankShift: Int
  /// log2 of the rows of an accumulator bank.
  let accumulatorBankShift: Int

  // Widths of operand fields, beyond which the hardware drops bits (facts 1.2).

  /// Rows of mvin, mvout, preload and compute: `log2up(DIM + 1)` bits.
  let rowMask: Int
  /// Columns of mvin and mvout: `log2up(max(dma.maxBytes, DIM) + 1)` bits.
  let moveInColumnMask: Int
  /// Block strides and the array's strides.
  let strideMask: Int
  /// Pixel repeats: `min(8, log2up(DIM + 1))` bits.
  let pixelRepeatMask: Int

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
    cache = config.cacheShape
    scratchpadBankShift = scratchpadBankRows.trailingZeroBitCount
    accumulatorBankShift = accumulatorBankRows.trailingZeroBitCount
    rowMask = Self.mask(forValuesUpTo: dim)
    moveInColumnMask = Self.mask(forValuesUpTo: max(config.dma.maxBytes, dim))
    strideMask = (1 << min(16, layout.dataBits)) - 1
    pixelRepeatMask = Self.mask(forValuesUpTo: dim) & 0xFF
  }

  private static func mask(forValuesUpTo largest: Int) -> Int {
    (1 << (Int.bitWidth - largest.leadingZeroBitCount)) - 1
  }

  /// Bytes of the local memories: scratchpad and accumulator, without spare rows, check bits or the
  /// registers and queues of the units.
  public var sramBytes: Int { config.sramBytes }

  /// Multiply-accumulates that the array can do in a cycle.
  public var peakMACsPerCycle: Int { dim * dim }

  /// The array and the local memories in a few words, for reports.
  public var sizeSummary: String {
    "array \(dim)x\(dim), scratchpad \(config.scratchpad.capacityKiB) KiB, accumulator "
      + "\(config.accumulator.capacityKiB) KiB"
  }

  /// What limits a transfer: the bytes that count and how many of them can move.
  public struct TransferLimit: Equatable, Sendable {
    /// Bytes that have to pass: those of the busier direction on the bus, of both at main memory.
    public var bytes: Int
    /// Bytes that can pass in 10 cycles.
    public var bytesPer10Cycles: Int

    /// The least number of cycles for the transfer.
    public var cycles: Int { ceilingDivide(bytes * 10, bytesPer10Cycles) }
  }

  /// The part of the way to main memory that takes longest for a transfer: the bus, which carries a
  /// beat of data read and a beat of data written a cycle, so that the busier direction counts; or
  /// main memory's own bandwidth, if it has one, which both share. With an L2 cache only the bus
  /// counts, because what reaches main memory is not known from these bytes.
  public func transferLimit(read: Int, written: Int) -> TransferLimit {
    let bus = TransferLimit(bytes: max(read, written), bytesPer10Cycles: 10 * beatBytes)
    guard let bandwidth = memoryBytesPer10Cycles else { return bus }
    let memory = TransferLimit(bytes: read + written, bytesPer10Cycles: bandwidth)
    return memory.cycles > bus.cycles ? memory : bus
  }

  /// The narrowest part of the way to main memory, for data that goes in one direction.
  public var peakBytesPer10Cycles: Int { min(10 * beatBytes, memoryBytesPer10Cycles ?? .max) }

  /// Main memory's own bandwidth where it limits the accelerator's transfers.
  private var memoryBytesPer10Cycles: Int? {
    config.memory.bytesPer10Cycles > 0 && config.l2.capacityKiB == 0
      ? config.memory.bytesPer10Cycles : nil
  }

  /// Machines of equal configurations are equal.
  public static func == (one: Machine, other: Machine) -> Bool { one.config == other.config }
}
