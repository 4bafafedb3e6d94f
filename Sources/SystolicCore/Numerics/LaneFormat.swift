/// The floating-point format in which the lanes of the nonlinear unit hold values.
///
/// An operation computes in FP32 and rounds once to the format. For sums, products, quotients and
/// square roots that is the correctly rounded result of the format itself, because FP32 has more
/// than twice the bits of either short format and two to spare.
public enum LaneFormat: String, CaseIterable, Sendable {
  /// IEEE binary32.
  case fp32
  /// IEEE binary16.
  case fp16
  /// The upper half of binary32: its exponents, 8 bits of precision.
  case bf16

  /// Bytes of a value.
  public var bytes: Int { self == .fp32 ? 4 : 2 }

  /// The value of the format nearest to `value`, ties to even; infinity beyond its range.
  @inlinable public func round(_ value: Float) -> Float {
    switch self {
    case .fp32: return value
    case .fp16: return Float(Float16(value))
    case .bf16:
      guard value.isFinite else { return value }
      let bits = value.bitPattern
      let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
      return Float(bitPattern: rounded & 0xFFFF_0000)
    }
  }
}
