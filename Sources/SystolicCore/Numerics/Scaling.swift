/// Float32 scaling of integers: one rounding to float, one in the product, one to integer
/// (facts 4.5 and 4.6). Swift's `Float` is IEEE round-to-nearest-even, as the hardware's units.
public enum Scaling {
  /// Bits of the scale 1.0, with which the move-in scaler is bypassed.
  public static let identityBits: UInt32 = 0x3F80_0000

  /// `value` scaled and saturated to eight bits.
  @inlinable public static func toInt8(
    _ value: Int32, by scale: Float, rounding: FloatRounding = .nearestEven
  ) -> Int8 {
    Rounding.clipToInt8(rounding.toInt32(Float(value) * scale))
  }

  /// The move-in scaler as a table: entry `x & 255` is the scaled `x` (facts 4.5).
  public static func moveInTable(
    scale: Float, rounding: FloatRounding = .nearestEven
  ) -> [UInt8] {
    (0..<256).map {
      let value = Int32(Int8(truncatingIfNeeded: $0))
      return UInt8(bitPattern: toInt8(value, by: scale, rounding: rounding))
    }
  }

  /// Scales the first `count` elements of `source` to eight bits, after a ReLU if `relu`
  /// (facts 4.6), into `destination` from `offset` on.
  ///
  /// The float is limited to the int8 range before it is rounded, which is the same as saturating
  /// afterwards because the limits are integers, and makes rounding one addition: adding
  /// 1.5 * 2^23 leaves the nearest-even integer in the low bits of the significand.
  public static func scaleRow(
    _ source: [Int32], count: Int, scale: Float, relu: Bool, into destination: inout [UInt8],
    at offset: Int, rounding: FloatRounding = .nearestEven
  ) {
    precondition(count <= source.count && offset + count <= destination.count, "row too long")
    guard scale.isFinite && rounding == .nearestEven else {
      for i in 0..<count {
        let value = relu ? max(source[i], 0) : source[i]
        destination[offset + i] = UInt8(
          bitPattern: toInt8(value, by: scale, rounding: rounding))
      }
      return
    }
    let least: Int32 = relu ? 0 : .min
    source.withUnsafeBufferPointer { source in
      destination.withUnsafeMutableBufferPointer { destination in
        for i in 0..<count {
          let product = Float(max(source[i], least)) * scale
          let low: Float = product < -128 ? -128 : product
          let limited: Float = low > 127 ? 127 : low
          let bits = (limited + 12_582_912).bitPattern
          destination[offset &+ i] = UInt8(truncatingIfNeeded: bits)
        }
      }
    }
  }
}
