@testable import AccelSim

/// Arithmetic of the plain references that lowered operators are compared with.
enum Int8Reference {
  /// `value · scale`, half to even, saturated (facts 11.1).
  static func scaled(_ value: Int32, _ scale: Float) -> Int8 {
    let product = (Float(value) * scale).rounded(.toNearestOrEven)
    return Int8(max(-128, min(127, product)))
  }

  static func random(_ count: Int, _ range: Int, _ random: inout SplitMix) -> [Int8] {
    (0..<count).map { _ in Int8(random.next(in: -range...range)) }
  }
}
