/// Widths of operand fields, beyond which the hardware drops bits (facts 1.2).
extension Machine {
  /// Rows of mvin, mvout, preload and compute: `log2up(DIM + 1)` bits.
  var rowMask: Int { Self.mask(forValuesUpTo: dim) }
  /// Columns of mvin: `log2up(max(dma.maxBytes, DIM) + 1)` bits.
  var moveInColumnMask: Int { Self.mask(forValuesUpTo: max(config.dma.maxBytes, dim)) }
  /// Columns of mvout: as mvin.
  var moveOutColumnMask: Int { moveInColumnMask }
  /// Block strides and the array's strides.
  var strideMask: Int { (1 << min(16, layout.dataBits)) - 1 }
  /// Pixel repeats: `min(8, log2up(DIM + 1))` bits.
  var pixelRepeatMask: Int { Self.mask(forValuesUpTo: dim) & 0xFF }

  private static func mask(forValuesUpTo largest: Int) -> Int {
    (1 << (Int.bitWidth - largest.leadingZeroBitCount)) - 1
  }
}
