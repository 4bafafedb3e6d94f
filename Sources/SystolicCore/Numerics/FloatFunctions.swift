/// The functions of the floating-point nonlinear unit that IEEE 754 does not define, as fixed
/// sequences of binary32 operations: the same bits on every machine, whatever its C library.
///
/// Division and square root need no entry here: IEEE 754 has them correctly rounded.
/// Docs/NonlinearUnit.md has each definition and its error bound; `FloatFunctionTests` hold it.
public enum FloatFunctions {
  /// The exponential: at most 1 unit in the last place from the correctly rounded value.
  ///
  /// Splits x = n ln 2 + r with |r| <= ln 2 / 2 (ln 2 in two parts, the first of 9 bits, so that its
  /// product with n is exact), sums the series of e^r to its seventh power, and multiplies by 2^n.
  /// Results below the smallest normal number are 0; above the largest, infinity; of NaN, NaN.
  public static func exp(_ x: Float) -> Float {
    guard x == x else { return x }
    if x > 88.722_84 { return .infinity }
    if x < -87.336_54 { return 0 }
    let n = (x * 1.442_695_1).rounded(.toNearestOrEven)
    let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p: Float = 1.984_127e-4
    p = p * r + 1.388_888_9e-3
    p = p * r + 8.333_334e-3
    p = p * r + 4.166_666_8e-2
    p = p * r + 0.166_666_67
    p = p * r + 0.5
    let series = (p * r) * r + r + 1
    // In two steps: 2^128 is not a number, but the result may be.
    let half = (Int32(n) >> 1)
    return series * power(half) * power(Int32(n) - half)
  }

  private static func power(_ exponent: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: exponent + 127) << 23)
  }

  /// The error function: absolute error at most 6e-7: 1.5e-7 of the formula (Abramowitz and Stegun,
  /// 7.1.26), the rest of its roundings.
  public static func erf(_ x: Float) -> Float {
    let magnitude = x < 0 ? -x : x
    let t = 1 / (1 + 0.327_591_1 * magnitude)
    var p: Float = 1.061_405_4
    p = p * t - 1.453_152
    p = p * t + 1.421_413_7
    p = p * t - 0.284_496_74
    p = p * t + 0.254_829_6
    let value = 1 - (p * t) * exp(-(magnitude * magnitude))
    return x < 0 ? -value : value
  }

  /// The hyperbolic tangent: absolute error at most 2e-7.
  public static func tanh(_ x: Float) -> Float {
    let magnitude = x < 0 ? -x : x
    let value: Float
    if magnitude < 0.125 {
      // Near 0 the quotient below would cancel: the odd series to the seventh power instead.
      let square = x * x
      var p: Float = -5.396_825_4e-2
      p = p * square + 0.133_333_34
      p = p * square - 0.333_333_34
      return x + x * square * p
    } else {
      value = 1 - 2 / (exp(2 * magnitude) + 1)
    }
    return x < 0 ? -value : value
  }

  /// 1 / (1 + e^-x): absolute error at most 2e-7.
  public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}
