/// Which operand stays in the processing elements during an operation (facts 7.4).
public enum ArrayDataflow: Sendable {
  /// Sums stay; A moves right, B moves down.
  case outputStationary
  /// Weights stay; A moves right, partial sums move down.
  case weightStationary
}

/// What moves down one column of the array, from one processing element to the next (facts 7.1).
public struct ColumnSignals: Equatable, Sendable {
  /// Port b: the partial sum (weight-stationary) or an element of B (output-stationary).
  public var b: Int32 = 0
  /// The load chain: a weight or bias on its way in, or a finished sum on its way out.
  public var d: Int32 = 0
  /// How the element uses `b` and `d`.
  public var dataflow = ArrayDataflow.weightStationary
  /// True: c1 loads and c2 computes. False: the other way round.
  public var propagate = false
  /// Right shift of finished sums, output-stationary only.
  public var shift = 0
  /// Whether a row passes; without it registers hold.
  public var isValid = false
  /// Number of the operation, modulo `WavefrontShape.simultaneousMatmuls`.
  public var id = 0
  /// The last row of its operation.
  public var isLast = false

  /// Creates the signals of a bubble.
  public init() {}

  /// One clock edge of a hop register: data and control are kept unless a row passes; valid, id
  /// and last always move.
  mutating func capture(_ input: ColumnSignals) {
    if input.isValid {
      self = input
    } else {
      isValid = false
      id = input.id
      isLast = input.isLast
    }
  }
}

/// One multiply-accumulate cell with its two registers (facts 4.2 and 7.4).
///
/// The registers swap roles with the propagate bit: one computes while the other loads the next
/// operand from above and hands its old content down.
public struct ProcessingElement: Equatable, Sendable {
  /// Loads while the propagate bit is set, else computes; a weight is its low 8 bits.
  public private(set) var c1: Int32 = 0
  /// Computes while the propagate bit is set, else loads.
  public private(set) var c2: Int32 = 0
  private var lastPropagate = false

  /// Creates an element with cleared registers.
  public init() {}

  /// One cycle: `above` arrives with `a` from the left.
  ///
  /// - Returns: What goes down in the same cycle; `a` itself goes right unchanged.
  mutating func step(a: Int8, above: ColumnSignals, outputBits: Int) -> ColumnSignals {
    let computing = above.propagate ? c2 : c1
    let leaving = above.propagate ? c1 : c2
    var below = above
    var sum = computing
    switch above.dataflow {
    case .weightStationary:
      // A weight is the low 8 bits of its register.
      let product = Int32(a) &* Int32(Int8(truncatingIfNeeded: computing))
      below.b = Self.wrap(above.b &+ product, bits: outputBits)
      below.d = Self.wrap(leaving, bits: outputBits)
    case .outputStationary:
      let product = Int32(a) &* Int32(Int8(truncatingIfNeeded: above.b))
      sum = Self.wrap(computing &+ product, bits: outputBits)
      // Only the first row after a swap carries this element's own sum; later rows carry sums
      // from above, which were shifted where they were made.
      let shift = lastPropagate != above.propagate ? above.shift : 0
      below.d = Self.clip(Self.roundingShift(leaving, by: shift), bits: outputBits)
    }
    if above.isValid {
      c1 = above.propagate ? above.d : sum
      c2 = above.propagate ? sum : above.d
      lastPropagate = above.propagate
    }
    return below
  }

  /// The low `bits` bits, sign-extended.
  static func wrap(_ value: Int32, bits: Int) -> Int32 {
    (value << Int32(32 - bits)) >> Int32(32 - bits)
  }

  /// The nearest value of a signed `bits`-bit number.
  static func clip(_ value: Int32, bits: Int) -> Int32 {
    let greatest = Int32.max >> Int32(32 - bits)
    return min(max(value, ~greatest), greatest)
  }

  /// Arithmetic right shift, rounding half to even (facts 4.1).
  static func roundingShift(_ value: Int32, by shift: Int) -> Int32 {
    guard shift > 0 else { return value }
    let half = value >> Int32(shift - 1) & 1 != 0
    let belowHalf = value & ((1 << Int32(shift - 1)) - 1) != 0
    let floor = value >> Int32(shift)
    return half && (belowHalf || floor & 1 != 0) ? floor &+ 1 : floor
  }
}
