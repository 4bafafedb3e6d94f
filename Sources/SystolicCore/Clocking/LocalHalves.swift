/// Halves that are exchanged: of the scratchpad, together with the two contexts of the unrollers
/// that use them in turn, and of the accumulator.
public struct HalfSwap: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Of the scratchpad, and the unrollers' contexts.
  public static let scratchpad = HalfSwap(rawValue: 1)
  /// Of the accumulator.
  public static let accumulator = HalfSwap(rawValue: 2)
}

/// Where the halves of the two local memories are.
public struct LocalHalves: Sendable {
  let layout: LocalAddressLayout
  let scratchpadBanks: Int
  let accumulatorBanks: Int

  /// - Parameters:
  ///   - scratchpadBanks: Banks of the scratchpad, a power of two.
  ///   - accumulatorBanks: Banks of the accumulator, a power of two.
  public init(_ layout: LocalAddressLayout, scratchpadBanks: Int, accumulatorBanks: Int) {
    self.layout = layout
    self.scratchpadBanks = scratchpadBanks
    self.accumulatorBanks = accumulatorBanks
  }

  /// What to add, without carry, to the row, the bank and the row in its bank of one half to get those
  /// of the other.
  func masks(isAccumulator: Bool) -> (row: Int, bank: Int, rowInBank: Int) {
    let rows = isAccumulator ? layout.accumulatorRows : layout.scratchpadRows
    let banks = isAccumulator ? accumulatorBanks : scratchpadBanks
    return (rows / 2, banks / 2, banks == 1 ? rows / 2 : 0)
  }
}

/// Registers that name a half, a row or a bank of a local memory: they are written as they would be
/// with the halves of `swap` exchanged (Docs/Reuse.md, "Halves").
extension StateCodec {
  private mutating func add(_ mask: Int, to value: inout some FixedWidthInteger) {
    var swapped = value ^ .init(truncatingIfNeeded: mask)
    integer(&swapped)
    value = swapped ^ .init(truncatingIfNeeded: mask)
    namesHalves = true
  }

  private func masks(isAccumulator: Bool) -> (row: Int, bank: Int, rowInBank: Int) {
    swap.contains(isAccumulator ? .accumulator : .scratchpad)
      ? halves.masks(isAccumulator: isAccumulator) : (0, 0, 0)
  }

  /// A row of a whole memory.
  public mutating func row(_ value: inout some FixedWidthInteger, isAccumulator: Bool) {
    add(masks(isAccumulator: isAccumulator).row, to: &value)
  }

  /// The row after the last one of something that lies in one half.
  public mutating func end(_ value: inout some FixedWidthInteger, isAccumulator: Bool) {
    var last = value &- 1
    row(&last, isAccumulator: isAccumulator)
    value = last &+ 1
  }

  /// A bank.
  public mutating func bank(_ value: inout some FixedWidthInteger, isAccumulator: Bool) {
    add(masks(isAccumulator: isAccumulator).bank, to: &value)
  }

  /// A row of a bank of the accumulator.
  public mutating func accumulatorRowInBank(_ value: inout Int) {
    add(masks(isAccumulator: true).rowInBank, to: &value)
  }

  /// A set of banks of the scratchpad, a bit each.
  public mutating func scratchpadBanks(_ set: inout UInt64) {
    guard set != 0 || isRestoring else { return integer(&set) }
    var swapped = Self.swapped(set, masks(isAccumulator: false).bank)
    integer(&swapped)
    set = Self.swapped(swapped, masks(isAccumulator: false).bank)
    namesHalves = true
  }

  /// The set with the lower and the upper `half` banks exchanged.
  private static func swapped(_ set: UInt64, _ half: Int) -> UInt64 {
    guard half > 0 else { return set }
    let lower = UInt64.max >> UInt64(64 - half)
    return set >> UInt64(half) & lower | (set & lower) << UInt64(half)
  }

  /// The `index`-th bank.
  public func bank(at index: Int, isAccumulator: Bool) -> Int {
    index ^ masks(isAccumulator: isAccumulator).bank
  }

  /// The `index`-th row of a whole memory.
  public func row(at index: Int, isAccumulator: Bool) -> Int {
    index ^ masks(isAccumulator: isAccumulator).row
  }

  /// A context of an unroller, 0 or 1.
  public mutating func context(_ value: inout Int) {
    add(swap.contains(.scratchpad) ? 1 : 0, to: &value)
  }

  /// The `index`-th context of an unroller.
  public func context(at index: Int) -> Int { swap.contains(.scratchpad) ? 1 - index : index }

  /// The 32 bits of a local address.
  public mutating func localAddress(_ bits: inout UInt32) {
    var operand = UInt64(bits)
    localOperand(&operand)
    bits = UInt32(truncatingIfNeeded: operand)
  }

  /// An operand with a local address in its lower 32 bits. The garbage address is in neither half.
  public mutating func localOperand(_ operand: inout UInt64) {
    var swapped = operand ^ mask(of: operand)
    integer(&swapped)
    operand = swapped ^ mask(of: swapped)
    namesHalves = true
  }

  private func mask(of operand: UInt64) -> UInt64 {
    let address = LocalAddress(bits: UInt32(truncatingIfNeeded: operand))
    guard !address.isGarbage(halves.layout) else { return 0 }
    return UInt64(masks(isAccumulator: address.isAccumulator).row)
  }

  /// Rows of a whole memory.
  public func rows(isAccumulator: Bool) -> Int {
    isAccumulator ? halves.layout.accumulatorRows : halves.layout.scratchpadRows
  }

  /// Says that the words tell one half from the other.
  public mutating func noteHalves() { namesHalves = true }
}
