/// The integer and float-to-integer roundings of the hardware (facts 4.1, 4.5).
public enum Rounding {
  /// `value >> amount`, rounded to nearest with ties to even (facts 4.1).
  ///
  /// - Parameter amount: 0...31.
  @inlinable public static func shiftRight(_ value: Int32, by amount: Int) -> Int32 {
    guard amount > 0 else { return value }
    let shift = Int32(truncatingIfNeeded: amount)
    let floor = value &>> shift
    let half: Int32 = value &>> (shift &- 1) & 1
    let below: Int32 = value & ((1 &<< (shift &- 1)) &- 1)
    return floor &+ (half & (below != 0 ? 1 : floor & 1))
  }

  /// The low `bits` bits of `value`, sign-extended: what a register of that width holds.
  ///
  /// - Parameter bits: 1...32.
  @inlinable public static func wrap(_ value: Int32, bits: Int) -> Int32 {
    let unused = Int32(truncatingIfNeeded: 32 &- bits)
    return (value &<< unused) &>> unused
  }

  /// `value` saturated to the signed range of `bits` bits.
  ///
  /// - Parameter bits: 1...32.
  @inlinable public static func clip(_ value: Int32, bits: Int) -> Int32 {
    let limit = Int32.max &>> Int32(truncatingIfNeeded: 32 &- bits)
    return min(max(value, ~limit), limit)
  }

  /// `value` saturated to eight bits.
  @inlinable public static func clipToInt8(_ value: Int32) -> Int8 {
    Int8(truncatingIfNeeded: min(max(value, -128), 127))
  }

  /// The nearest 32-bit integer, ties to even, saturated; NaN gives the largest (facts 4.5).
  @inlinable public static func toInt32(_ value: Float) -> Int32 {
    guard value < 2_147_483_648 else { return .max }  // also +infinity
    guard value > -2_147_483_648 else { return value.isNaN ? .max : .min }
    let truncated = Int32(value)
    let rest = value - Float(truncated)  // exact: below 2^24 both are representable, above it is 0
    if rest > 0.5 || (rest == 0.5 && truncated & 1 != 0) { return truncated + 1 }
    if rest < -0.5 || (rest == -0.5 && truncated & 1 != 0) { return truncated - 1 }
    return truncated
  }

  /// The software library's rounding macro: as `toInt32`, but the neighbour away from zero is
  /// found by adding 1 in float32, which itself rounds: 0.99999994 becomes 2, 3.9999998 becomes 5.
  @inlinable public static func toInt32LikeSoftware(_ value: Float) -> Int32 {
    guard value < 2_147_483_648, value > -2_147_483_648 else { return toInt32(value) }
    let truncated = Int32(value)
    let neighbour = value < 0 ? value - 1 : value + 1
    let rest = abs(value - Float(truncated))
    if rest < 0.5 || (rest == 0.5 && truncated & 1 == 0) { return truncated }
    return Int32(exactly: neighbour.rounded(.towardZero)) ?? truncated
  }
}

/// How a float becomes an integer.
public enum FloatRounding: Sendable {
  /// To nearest, ties to even: the hardware.
  case nearestEven
  /// By the software library's macro.
  case softwareMacro

  /// The 32-bit integer that `value` becomes, saturated.
  @inlinable public func toInt32(_ value: Float) -> Int32 {
    switch self {
    case .nearestEven: Rounding.toInt32(value)
    case .softwareMacro: Rounding.toInt32LikeSoftware(value)
    }
  }
}
