import SystolicCore

/// Commands as the unrollers write them: field by field, in the widths of the machine's registers.
///
/// A value too wide for its field loses its upper bits, as in hardware (facts 3.2).
struct LoopEncoding: Sendable {
  /// Rows and columns of the array.
  let dim: Int
  /// Bytes of a main-memory address that are kept: 40 bits.
  static let addressMask = StateCodec.addressMask
  /// A main-memory offset is cut to 32 bits before it is added to its base (facts 2.4).
  static let offsetMask: UInt64 = 0xFFFF_FFFF
  /// The move-in scale 1.0, which the convolution unroller always sets.
  static let scaleOne: UInt64 = 0x3F80_0000
  /// The output scale that leaves the scale register as it is (facts 3.4).
  static let keepScale: UInt64 = 0xFFFF_FFFF

  private let countMask: Int
  private let wideCountMask: Int
  private let localMask: Int
  private let scratchpadHalf: Int
  private let accumulatorHalf: Int
  /// The address that names no row, as the unrollers write it: unused bits are 0.
  let garbage: UInt64

  init(_ machine: Machine) {
    dim = machine.dim
    countMask = LoopEncoding.mask(counting: machine.dim)
    wideCountMask = LoopEncoding.mask(counting: max(machine.config.dma.maxBytes, machine.dim))
    let dataMask = Int(machine.layout.dataMask)
    // Bit M recognises the garbage address, where there is room for it (facts 2.2).
    localMask = machine.layout.dataBits < 26 ? dataMask << 1 | 1 : dataMask
    garbage = 7 << 29 | UInt64(localMask)
    scratchpadHalf = machine.scratchpadRows / 2
    accumulatorHalf = machine.accumulatorRows / 2
  }

  /// Ones for a field that holds 0...`largest`.
  private static func mask(counting largest: Int) -> Int {
    (1 << (Int.bitWidth - largest.leadingZeroBitCount)) - 1
  }

  /// A row of the scratchpad.
  func scratchpad(_ row: Int) -> UInt64 { UInt64(row & localMask) }

  /// A row of the accumulator.
  func accumulator(_ row: Int, accumulate: Bool = false, full: Bool = false) -> UInt64 {
    1 << 31 | (accumulate ? 1 << 30 : 0) | (full ? 1 << 29 : 0) | UInt64(row & localMask)
  }

  /// A tile operand: at most one array width of columns.
  func tile(rows: Int, columns: Int, _ local: UInt64) -> UInt64 {
    UInt64(rows & countMask) << 48 | UInt64(columns & countMask) << 32 | local
  }

  /// The operand of a move: several array widths of columns.
  func move(rows: Int, columns: Int, _ local: UInt64) -> UInt64 {
    UInt64(rows & countMask) << 48 | UInt64(columns & wideCountMask) << 32 | local
  }

  /// Whether a command of a loop names rows outside the half of the scratchpad that `context` has, or
  /// outside the half of the accumulator that row `accumulator` is in, which only too large a loop does.
  @inline(__always)
  func leavesHalves(_ command: Command, context: Int, accumulator: Int) -> Bool {
    switch command.function {
    case .mvin, .mvin2, .mvin3, .mvout: return isOutside(command.rs2, context, accumulator)
    case .preload, .computePreloaded, .computeAccumulated:
      return isOutside(command.rs1, context, accumulator)
        || isOutside(command.rs2, context, accumulator)
    default: return false
    }
  }

  @inline(__always)
  private func isOutside(_ operand: UInt64, _ context: Int, _ accumulator: Int) -> Bool {
    let address = operand & 0xFFFF_FFFF
    guard address != garbage else { return false }
    let row = Int(address) & localMask
    return address >> 31 != 0
      ? row ^ accumulator >= accumulatorHalf : row ^ context &* scratchpadHalf >= scratchpadHalf
  }

  /// Main-memory address `offset` bytes after `base`; a tag above the address stays.
  func address(_ base: UInt64, _ offset: Int) -> UInt64 {
    Self.address(base, UInt64(truncatingIfNeeded: offset) & LoopEncoding.offsetMask)
  }

  /// Main-memory address `offset` bytes after `base`, whatever the offset; a tag stays.
  static func address(_ base: UInt64, _ offset: UInt64) -> UInt64 {
    (base &+ offset) & addressMask | base & ~addressMask
  }

  /// First operand of config_ld, with scale 1.0 and no shrink (facts 3.4).
  func configLoad(state: Int, blockStride: Int, pixelRepeats: Int = 1) -> UInt64 {
    LoopEncoding.scaleOne << 32 | UInt64(blockStride & 0xFFFF) << 16
      | UInt64(pixelRepeats & 0xFF) << 8 | UInt64(state) << 3 | 1
  }
}

/// Arithmetic of the unrollers' 16-bit registers.
enum LoopMath {
  /// Bits `low` ..< `low + count` of an operand.
  static func bits(_ operand: UInt64, _ low: Int, _ count: Int) -> Int {
    Int(truncatingIfNeeded: operand >> UInt64(low)) & (1 << count - 1)
  }

  /// The iterator after `value`: `step` further, or 0 where that is not below `bound`.
  static func next(_ value: Int, _ step: Int, _ bound: Int) -> Int {
    value + step > (bound - 1) & 0xFFFF ? 0 : (value + step) & 0xFFFF
  }

  /// A register's 16 bits.
  static func word(_ value: Int) -> Int { value & 0xFFFF }
}
