/// What a move-out does with the normaliser (facts 2.2 and 4.9): bits 28:26 of its local address.
public enum NormCommand: UInt32, Sendable {
  /// 0: moves the row out, normalised where the activation asks for it; clears the running values.
  case reset
  /// 1: adds the elements to the sum.
  case sum
  /// 2: as `sum`, and ends it: the mean follows.
  case mean
  /// 3: adds the squares of the distances from the mean.
  case variance
  /// 4: as `variance`, and ends it: one over the standard deviation follows.
  case inverseDeviation
  /// 5: takes the elements into the maximum.
  case maximum
  /// 6: adds the exponentials of the distances from the maximum.
  case sumExponentials
  /// 7: as `sumExponentials`, and ends it: 127 over the sum follows.
  case inverseSum

  /// The command of the column blocks before the last one (facts 6.3).
  @inlinable public var beforeLastBlock: NormCommand {
    switch self {
    case .mean: .sum
    case .inverseDeviation: .variance
    case .inverseSum: .sumExponentials
    case .reset, .sum, .variance, .maximum, .sumExponentials: self
    }
  }
}

/// One statistics set of the normaliser: running values over rows and what they came to
/// (facts 4.9, 4.10).
public struct NormStatistics: Equatable, Sendable {
  /// Running sum, of elements, squares or exponentials; 32 bits, wrapping.
  public private(set) var sum: Int32 = 0
  /// Elements in `sum`.
  public private(set) var count: Int32 = 0
  /// Largest element since the running values were cleared; `Int32.min` for none.
  public private(set) var runningMaximum = Int32.min
  /// Sum over count of the last `.mean` command, towards zero; 0 of no elements.
  public private(set) var mean: Int32 = 0
  /// Largest element: follows the running maximum and outlives it.
  public private(set) var maximum = Int32.min
  /// One over the standard deviation, times the scale in the hardware's form.
  public private(set) var inverseDeviation: Float = 0
  /// 127 over the sum of exponentials, times the scale in the hardware's form.
  public private(set) var inverseSum: Float = 0

  public init() {}

  /// Feeds the first `count` elements of a row.
  ///
  /// - Parameters:
  ///   - scale: The move-out scale, which the hardware folds into the two inverses; 1 in the
  ///     software model, which scales a second time instead.
  ///   - signedDeviation: Take the root of the variance as the software model does.
  /// - Returns: Whether a division began with nothing to divide, which the divider answers at once.
  @discardableResult
  public mutating func accumulate(
    _ row: [Int32], count length: Int, command: NormCommand,
    constants: ActivationConstants, exponential: IntegerExponential, scale: Float,
    signedDeviation: Bool
  ) -> Bool {
    var isTrivial = false
    switch command {
    case .reset:
      clearRunning()
    case .sum, .mean:
      for i in 0..<length { sum &+= row[i] }
      count &+= Int32(truncatingIfNeeded: length)
      if command == .mean {
        isTrivial = sum == 0
        mean = quotient()
        clearRunning()
      }
    case .variance, .inverseDeviation:
      for i in 0..<length {
        let difference = row[i] &- mean
        sum &+= difference &* difference
      }
      count &+= Int32(truncatingIfNeeded: length)
      if command == .inverseDeviation {
        isTrivial = sum == 0
        let variance = quotient()
        let deviation = signedDeviation ? Self.signedRoot(variance) : Self.root(variance)
        inverseDeviation = (1 / Float(deviation)) * scale
        clearRunning()
      }
    case .maximum:
      for i in 0..<length { runningMaximum = max(runningMaximum, row[i]) }
      maximum = runningMaximum
    case .sumExponentials, .inverseSum:
      for i in 0..<length {
        sum &+= constants.exponential(row[i] &- maximum, as: exponential)
      }
      if command == .inverseSum {
        isTrivial = sum == 0
        inverseSum = (127 / Float(sum)) * scale
        runningMaximum = .min
      }
    }
    return isTrivial
  }

  private mutating func clearRunning() {
    sum = 0
    count = 0
    runningMaximum = .min
  }

  /// The sum over the count, towards zero.
  private func quotient() -> Int32 { count == 0 ? 0 : sum.dividedReportingOverflow(by: count).0 }

  /// The integer square root of an unsigned value, 1 in place of 0 (facts 4.9).
  static func root(_ variance: Int32) -> Int32 {
    let value = UInt64(UInt32(bitPattern: variance))
    var result: UInt64 = 0
    for bit in stride(from: 15, through: 0, by: -1) {
      let trial = result | 1 << UInt64(bit)
      if trial * trial <= value { result = trial }
    }
    return result == 0 ? 1 : Int32(truncatingIfNeeded: result)
  }

  /// The same from a signed value, whose root is invalid below zero.
  static func signedRoot(_ variance: Int32) -> Int32 { variance < 0 ? .min : root(variance) }
}
