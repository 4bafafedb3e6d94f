import SystolicCore

/// Puts operands one after the other into main memory, each aligned to a request of the DMA.
struct AddressCursor {
  private(set) var next: UInt64

  init(from base: UInt64 = MainMemoryData.base) { next = base }

  /// The place of an operand of `bytes`.
  mutating func place(_ bytes: Int) -> UInt64 {
    defer { next += UInt64((bytes + 63) / 64 * 64) }
    return next
  }

  /// - Throws: `LoweringError` if what was placed goes beyond main memory.
  func check() throws(LoweringError) {
    guard next <= MainMemoryData.end else {
      throw LoweringError(
        "the operands take \(next - MainMemoryData.base) bytes; main memory has "
          + "\(MainMemoryData.end - MainMemoryData.base)")
    }
  }
}
