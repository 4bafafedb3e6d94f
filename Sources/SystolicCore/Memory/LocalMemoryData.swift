/// The contents of the scratchpad: rows of `dim` int8 values, zero at first.
public struct ScratchpadData: Equatable, Sendable {
  public let rows: Int
  public let dim: Int
  @usableFromInline var elements: [Int8]

  /// Creates a scratchpad of zeros.
  public init(rows: Int, dim: Int) {
    self.rows = rows
    self.dim = dim
    elements = Array(repeating: 0, count: rows * dim)
  }

  /// Replaces the elements of `row` from `column` on by `count` values.
  public mutating func write(
    _ source: UnsafePointer<Int8>, count: Int, row: Int, column: Int = 0
  ) {
    precondition(row >= 0 && row < rows && column >= 0 && column + count <= dim, "row out of range")
    elements.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress {
        (base + (row &* dim &+ column)).update(from: source, count: count)
      }
    }
  }

  /// Makes the elements of `row` from `column` on zero.
  public mutating func clear(count: Int, row: Int, column: Int = 0) {
    precondition(row >= 0 && row < rows && column >= 0 && column + count <= dim, "row out of range")
    for i in row &* dim &+ column..<row &* dim &+ column &+ count { elements[i] = 0 }
  }

  /// Gives the elements from `row` to the end to `body`.
  @inlinable public func withRows<Result>(
    from row: Int, _ body: (UnsafeBufferPointer<Int8>) -> Result
  ) -> Result {
    precondition(row >= 0 && row < rows, "row out of range")
    return elements.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[(row &* dim)...]))
    }
  }
}

/// The contents of the accumulator: rows of `dim` int32 values, zero at first.
public struct AccumulatorData: Equatable, Sendable {
  public let rows: Int
  public let dim: Int
  @usableFromInline var elements: [Int32]

  /// Creates an accumulator of zeros.
  public init(rows: Int, dim: Int) {
    self.rows = rows
    self.dim = dim
    elements = Array(repeating: 0, count: rows * dim)
  }

  /// Replaces, or adds to with 32-bit wrapping, the first `count` elements of `row`.
  public mutating func write(
    _ source: UnsafePointer<Int32>, count: Int, row: Int, accumulate: Bool
  ) {
    precondition(row >= 0 && row < rows && count <= dim, "row out of range")
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let target = base + (row &* dim)
      if accumulate {
        for i in 0..<count { target[i] &+= source[i] }
      } else {
        target.update(from: source, count: count)
      }
    }
  }

  /// Gives the elements of `row` to `body`.
  @inlinable public func withRow<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Int32>) -> Result
  ) -> Result {
    precondition(row >= 0 && row < rows, "row out of range")
    return elements.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[row &* dim..<(row &+ 1) &* dim]))
    }
  }
}
