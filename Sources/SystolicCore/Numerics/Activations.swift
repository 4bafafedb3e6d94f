/// How an exponential of an integer softmax is computed (facts 4.10).
public enum IntegerExponential: Sendable {
  /// I-BERT's, in the form that the hardware's sources hold as a comment.
  case ibert
  /// I-BERT's, in the C arithmetic of the software model.
  case ibertSoftware
  /// What the snapshot elaborates: the I-GELU polynomial.
  case polynomial
}

/// Constants of the integer approximations (facts 4.8, 4.10, 4.11).
public struct ActivationConstants: Equatable, Sendable {
  /// Summand before squaring, normally below 0 for GELU; config_norm sets it (facts 3.5, 4.11).
  public var qb: Int32 = 0
  /// Summand behind the square (facts 3.5, 4.11).
  public var qc: Int32 = 0
  /// ln 2 in steps of the input; exponentials only.
  public var qln2: Int32 = 0
  /// 65,536 over `qln2`; exponentials only.
  public var qln2Inverse: Int32 = 0

  public init() {}
}

extension ActivationConstants {
  /// The I-GELU polynomial, wrapping to 32 bits (facts 4.8).
  public func gelu(_ q: Int32) -> Int32 {
    let negativeQB = 0 &- qb
    let magnitude = q < 0 ? 0 &- q : q
    let clipped = magnitude > negativeQB ? negativeQB : magnitude
    let shifted = clipped &+ qb
    let polynomial = shifted &* shifted &+ qc
    let erf = q < 0 ? 0 &- polynomial : polynomial
    return q &* (erf &+ qc)
  }

  /// The exponential of `q <= 0` (facts 4.10).
  public func exponential(_ q: Int32, as form: IntegerExponential) -> Int32 {
    switch form {
    case .polynomial:
      return gelu(q)
    case .ibert:
      let product = UInt64(truncatingIfNeeded: Int64(0 &- q) * Int64(qln2Inverse))
      let z = Int32(truncatingIfNeeded: product >> 16)
      let shift = z & 0xFFE0 != 0 ? 32 : z & 31
      let value = UInt32(bitPattern: polynomial(q, z))
      return Int32(bitPattern: shift == 32 ? 0 : value >> UInt32(shift))
    case .ibertSoftware:
      let z = ((0 &- q) &* qln2Inverse) >> 16
      return polynomial(q, z) &>> z
    }
  }

  private func polynomial(_ q: Int32, _ z: Int32) -> Int32 {
    let remainder = q &+ z &* qln2 &+ qb
    return remainder &* remainder &+ qc
  }
}
