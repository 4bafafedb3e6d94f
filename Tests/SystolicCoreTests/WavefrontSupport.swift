@testable import SystolicCore

/// SplitMix64: the same numbers on every machine.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension TileMatrix {
  static func random(_ rows: Int, _ columns: Int, using numbers: inout SeededNumbers) throws -> Self
  {
    // Extremes are frequent, so that narrow sums wrap and clip.
    let elements = (0..<rows * columns).map { _ -> Int8 in
      switch Int.random(in: 0..<8, using: &numbers) {
      case 0: -128
      case 1: 127
      default: Int8.random(in: -128...127, using: &numbers)
      }
    }
    return try TileMatrix(rows: rows, columns: columns, elements: elements)
  }

  var transposed: TileMatrix {
    get throws {
      try TileMatrix(
        rows: columns, columns: rows,
        elements: (0..<columns).flatMap { column in (0..<rows).map { self[$0, column] } })
    }
  }

  /// Zero outside the matrix.
  subscript(row: Int, column: Int) -> Int8 {
    row < rows && column < columns ? elements[row * columns + column] : 0
  }
}

/// What the array should compute, said the slow way (facts 4.2).
enum Reference {
  /// The low bits of a sum, by arithmetic rather than by shifts.
  static func wrap(_ value: Int, _ bits: Int) -> Int {
    let span = 1 << bits
    let low = ((value % span) + span) % span
    return low < span / 2 ? low : low - span
  }

  static func weightStationary(
    a: TileMatrix?, weights: TileMatrix, bias: TileMatrix?, size: ResultSize, inner: Int,
    bits: Int
  ) -> [[Int32]] {
    (0..<size.rows).map { row in
      (0..<size.columns).map { column in
        var sum = Int(bias?[row, column] ?? 0)
        for k in 0..<inner { sum += Int(a?[row, k] ?? 0) * Int(weights[k, column]) }
        return Int32(wrap(sum, bits))
      }
    }
  }

  /// `steps` are the A and B of a chain over k.
  static func outputStationary(
    bias: TileMatrix?, steps: [(a: TileMatrix, b: TileMatrix)], size: ResultSize, inner: Int,
    shift: Int, bits: Int
  ) -> [[Int32]] {
    (0..<size.rows).map { row in
      (0..<size.columns).map { column in
        var sum = Int(bias?[row, column] ?? 0)
        for step in steps {
          for k in 0..<inner {
            sum = wrap(sum + Int(step.a[row, k]) * Int(step.b[k, column]), bits)
          }
        }
        let shifted = halfToEven(sum, shift)
        return Int32(min(max(shifted, -(1 << (bits - 1))), (1 << (bits - 1)) - 1))
      }
    }
  }

  /// `value` over a power of two, ties to even, by division.
  static func halfToEven(_ value: Int, _ shift: Int) -> Int {
    (Double(value) / Double(1 << shift)).rounded(.toNearestOrEven) == 0
      ? 0 : Int((Double(value) / Double(1 << shift)).rounded(.toNearestOrEven))
  }
}

/// Runs weight-stationary or output-stationary pairs and compares every result.
struct RandomTiles {
  var numbers: SeededNumbers
  let shape: WavefrontShape
  var pairs: [TilePair] = []
  var expected: [[[Int32]]] = []

  init(shape: WavefrontShape, seed: Int) {
    self.shape = shape
    numbers = SeededNumbers(seed)
  }

  mutating func side() -> Int {
    Int.random(in: 0..<3, using: &numbers) == 0
      ? shape.dim : Int.random(in: 1...shape.dim, using: &numbers)
  }

  /// New weights, then the same weights again with other rows.
  mutating func addWeightStationary(mode: WavefrontDriver.Mode, reuse: Int) throws {
    let (inner, columns) = (side(), side())
    let weights = try TileMatrix.random(inner, columns, using: &numbers)
    for use in 0...reuse {
      let rows = side()
      let a = try TileMatrix.random(rows, inner, using: &numbers)
      let bias = use % 2 == 0 ? try TileMatrix.random(rows, columns, using: &numbers) : nil
      let size = ResultSize(rows: rows, columns: columns)
      pairs.append(
        TilePair(
          preloaded: use > 0 ? nil : mode.transposesB ? try weights.transposed : weights,
          a: mode.transposesA ? try a.transposed : a, b: bias, flips: use == 0, result: size))
      expected.append(
        Reference.weightStationary(
          a: a, weights: weights, bias: bias, size: size, inner: inner, bits: shape.outputBits))
    }
  }

  /// One result summed over `length` pairs.
  mutating func addOutputStationary(mode: WavefrontDriver.Mode, length: Int) throws {
    let size = ResultSize(rows: side(), columns: side())
    let bias =
      Bool.random(using: &numbers)
      ? try TileMatrix.random(size.rows, size.columns, using: &numbers) : nil
    var steps: [(a: TileMatrix, b: TileMatrix)] = []
    for step in 0..<length {
      let inner = side()
      let a = try TileMatrix.random(size.rows, inner, using: &numbers)
      let b = try TileMatrix.random(inner, size.columns, using: &numbers)
      steps.append((a, b))
      pairs.append(
        TilePair(
          preloaded: step == 0 ? bias : nil, a: mode.transposesA ? try a.transposed : a,
          b: mode.transposesB ? try b.transposed : b, flips: step == 0,
          result: step == length - 1 ? size : nil))
    }
    expected.append(
      Reference.outputStationary(
        bias: bias, steps: steps, size: size, inner: shape.dim, shift: mode.shift,
        bits: shape.outputBits))
  }

  /// Whether an array gives every expected result.
  func holds(mode: WavefrontDriver.Mode) throws -> Bool {
    var driver = try WavefrontDriver(shape: shape, mode: mode)
    try driver.run(pairs)
    driver.drain()
    return driver.results.map(\.rows) == expected
  }
}

extension WavefrontMesh {
  /// Offers rows to the ports named; returns how many were taken.
  mutating func offerRows(a: [Int8]? = nil, b: [Int8]? = nil, d: [Int8]? = nil) -> Int {
    var taken = 0
    if let a, offerA(a) { taken += 1 }
    if let b, offerB(b) { taken += 1 }
    if let d, offerD(d) { taken += 1 }
    return taken
  }
}
