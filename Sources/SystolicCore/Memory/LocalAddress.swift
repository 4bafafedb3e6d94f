/// How the 32 bits of a local address divide, which depends on the sizes of the two memories.
///
/// Facts 2.2. `dataBits` is M there: bits enough for the larger memory's row number.
public struct LocalAddressLayout: Equatable, Sendable {
  /// Rows of the scratchpad, a power of two.
  public let scratchpadRows: Int
  /// Rows of the accumulator, a power of two.
  public let accumulatorRows: Int
  /// Bits of the row number field.
  public let dataBits: Int

  /// Creates the layout for memories of these sizes in rows.
  public init(scratchpadRows: Int, accumulatorRows: Int) {
    self.scratchpadRows = scratchpadRows
    self.accumulatorRows = accumulatorRows
    let larger = max(scratchpadRows, accumulatorRows, 2)
    dataBits = Int.bitWidth - (larger - 1).leadingZeroBitCount
    dataMask = (1 << UInt32(dataBits)) - 1
  }

  /// Mask of the row number field.
  public let dataMask: UInt32
}

/// A row of the scratchpad or the accumulator, with the flags that say how to use it (facts 2.2).
public struct LocalAddress: Equatable, Hashable, Sendable {
  /// The 32 bits as they stand in a command.
  public var bits: UInt32

  /// Wraps the 32 bits of an operand.
  @inlinable public init(bits: UInt32) { self.bits = bits }

  /// The canonical garbage address.
  @inlinable public static var garbage: LocalAddress { LocalAddress(bits: 0xFFFF_FFFF) }

  /// Bit 31: a row of the accumulator, not of the scratchpad.
  @inlinable public var isAccumulator: Bool { bits >> 31 != 0 }
  /// Bit 30: a write adds to what the accumulator row holds.
  @inlinable public var accumulates: Bool { bits >> 30 & 1 != 0 }
  /// Bit 29: a move-out takes the raw accumulator row, neither activated nor scaled.
  @inlinable public var readsFullRow: Bool { bits >> 29 & 1 != 0 }
  /// Bits 28:26: the normalisation command of a move-out.
  @inlinable public var normCommand: UInt32 { bits >> 26 & 7 }

  /// The row number field.
  @inlinable @inline(__always)
  public func row(_ layout: LocalAddressLayout) -> Int {
    Int(bits & layout.dataMask)
  }

  /// Whether this names no row: zeros when read, dropped when written.
  @inlinable @inline(__always)
  public func isGarbage(_ layout: LocalAddressLayout) -> Bool {
    bits >> 29 == 7 && bits & layout.dataMask == layout.dataMask
      && bits >> UInt32(layout.dataBits) & 1 == 1
  }

  /// The address `rows` further on; only the row number changes, modulo its field.
  @inlinable @inline(__always)
  public func advanced(by rows: Int, _ layout: LocalAddressLayout) -> LocalAddress {
    let data = UInt32(truncatingIfNeeded: row(layout) &+ rows) & layout.dataMask
    return LocalAddress(bits: bits & ~layout.dataMask | data)
  }
}
