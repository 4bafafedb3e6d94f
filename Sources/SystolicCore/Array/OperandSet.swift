/// Some of the three operands of the array.
public struct OperandSet: OptionSet, Sendable {
  public var rawValue: UInt8

  @inlinable @inline(__always)
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  @inlinable @inline(__always)
  public init(a: Bool, b: Bool, d: Bool) { rawValue = (a ? 1 : 0) | (b ? 2 : 0) | (d ? 4 : 0) }

  /// Port a, from the left: rows of A.
  @inlinable public static var a: OperandSet { OperandSet(rawValue: 1) }
  /// Port b, from above: the summand (weight-stationary) or rows of B (output-stationary).
  @inlinable public static var b: OperandSet { OperandSet(rawValue: 2) }
  /// Port d, from above: weights (weight-stationary) or the preloaded summand (output-stationary).
  @inlinable public static var d: OperandSet { OperandSet(rawValue: 4) }
  /// What a row of an operation needs before it can enter the array.
  @inlinable public static var all: OperandSet { OperandSet(rawValue: 7) }

  /// The operands, each by itself, in the order of the hardware's ports.
  public static let each: [OperandSet] = [.a, .b, .d]
}
