import SystolicCore

/// Local rows that a command touches, as the reservation station records them (facts 5.5).
struct RowRange: Equatable, Sendable {
  var isAccumulator: Bool
  /// First row, in the bits that the memory has.
  var start: Int32
  /// Row after the last, in the same bits; smaller than `start` when the range wraps.
  var end: Int32
  var endIsAccumulator: Bool
  var wraps: Bool

  /// The range of `count` rows from `address`, or `nil` for the garbage address.
  init?(_ address: LocalAddress, count: Int, _ layout: LocalAddressLayout) {
    guard !address.isGarbage(layout) else { return nil }
    isAccumulator = address.isAccumulator
    let rows = isAccumulator ? layout.accumulatorRows : layout.scratchpadRows
    let data = address.row(layout)
    start = Int32(truncatingIfNeeded: data & (rows - 1))
    end = Int32(truncatingIfNeeded: (data &+ count) & Int(layout.dataMask) & (rows - 1))
    endIsAccumulator = isAccumulator
    wraps = (data &+ count) & rows != 0
  }

  /// The range from `address` to the end of its accumulator bank, for pooling stores.
  init?(toEndOfBank address: LocalAddress, bankRows: Int, banks: Int, _ layout: LocalAddressLayout)
  {
    guard !address.isGarbage(layout) else { return nil }
    isAccumulator = address.isAccumulator
    let rows = isAccumulator ? layout.accumulatorRows : layout.scratchpadRows
    let data = address.row(layout)
    start = Int32(truncatingIfNeeded: data & (rows - 1))
    let nextBank = (data / bankRows % banks + 1) % banks
    end = Int32(truncatingIfNeeded: nextBank * bankRows)
    endIsAccumulator = true
    wraps = nextBank == 0
  }

  /// Whether both ranges touch a row.
  @inline(__always)
  func overlaps(_ other: RowRange) -> Bool {
    guard isAccumulator == other.isAccumulator else { return false }
    if other.start <= start, isBefore(start, other.end, other.endIsAccumulator) || other.wraps {
      return true
    }
    return start <= other.start && (isBefore(other.start, end, endIsAccumulator) || wraps)
  }

  /// Whether the range does not lie in one half of its memory: then the comparisons above say
  /// otherwise of the same rows in the other half.
  func crossesHalves(_ layout: LocalAddressLayout) -> Bool {
    guard isAccumulator == endIsAccumulator, wraps == (end == 0) else { return true }
    let rows = isAccumulator ? layout.accumulatorRows : layout.scratchpadRows
    let last = Int(end == 0 ? Int32(truncatingIfNeeded: rows) : end) - 1
    return Int(start) > last || (Int(start) ^ last) & (rows / 2) != 0
  }

  @inline(__always)
  private func isBefore(_ row: Int32, _ end: Int32, _ endIsAccumulator: Bool) -> Bool {
    endIsAccumulator == isAccumulator && row < end
  }
}

extension RowRange {
  static let none = RowRange(
    isAccumulator: false, start: 0, end: 0, endIsAccumulator: false, wraps: false)

  private init(
    isAccumulator: Bool, start: Int32, end: Int32, endIsAccumulator: Bool, wraps: Bool
  ) {
    self.isAccumulator = isAccumulator
    self.start = start
    self.end = end
    self.endIsAccumulator = endIsAccumulator
    self.wraps = wraps
  }

  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isAccumulator)
    codec.flag(&endIsAccumulator)
    codec.row(&start, isAccumulator: isAccumulator)
    guard isAccumulator == endIsAccumulator else {
      codec.integer(&end)
      return codec.flag(&wraps)
    }
    // The row after a memory's last is row 0; by its last row a range has a counterpart in the other half.
    let mask = Int32(truncatingIfNeeded: codec.rows(isAccumulator: isAccumulator) - 1)
    var last = (end &- 1) & mask
    var isOdd = wraps != (end == 0)
    codec.row(&last, isAccumulator: isAccumulator)
    codec.flag(&isOdd)
    end = (last &+ 1) & mask
    wraps = isOdd != (end == 0)
  }
}
