/// The contents of the scratchpad: rows of `dim` int8 values, zero at first.
public struct ScratchpadData: Equatable, Sendable {
  public let rows: Int
  public let dim: Int
  private var elements: [Int8]

  /// Creates a scratchpad of zeros.
  public init(rows: Int, dim: Int) {
    self.rows = rows
    self.dim = dim
    elements = Array(repeating: 0, count: rows * dim)
  }

  /// The value at `row`, `column`.
  public subscript(row: Int, column: Int) -> Int8 { elements[row * dim + column] }

  /// Replaces the elements of `row` from `column` on by `count` bytes of `source` from `offset` on.
  public mutating func write(
    _ source: [UInt8], from offset: Int, count: Int, row: Int, column: Int = 0
  ) {
    precondition(
      row >= 0 && row < rows && column >= 0 && column + count <= dim
        && offset + count <= source.count, "row out of range")
    elements.withUnsafeMutableBytes { target in
      source.withUnsafeBytes { bytes in
        if let from = bytes.baseAddress, let to = target.baseAddress {
          (to + (row &* dim &+ column)).copyMemory(from: from + offset, byteCount: count)
        }
      }
    }
  }

  /// Replaces the first `count` elements of `row` by a row of sums: saturated, then a ReLU if
  /// `relu` (facts 4.3).
  public mutating func write(
    _ sums: TileSums, tileRow: Int, count: Int, row: Int, relu: Bool
  ) {
    precondition(row >= 0 && row < rows && count <= dim, "row out of range")
    let least: Int32 = relu ? 0 : -128
    sums.withRow(tileRow) { source in
      elements.withUnsafeMutableBufferPointer { target in
        let start = row &* dim
        for i in 0..<count {
          target[start &+ i] = Int8(truncatingIfNeeded: min(max(source[i], least), 127))
        }
      }
    }
  }

  /// Copies the first `count` elements of `row` to `destination` from `offset` on.
  public func read(row: Int, count: Int, into destination: inout [UInt8], at offset: Int) {
    precondition(
      row >= 0 && row < rows && count <= dim && offset + count <= destination.count,
      "row out of range")
    elements.withUnsafeBytes { source in
      destination.withUnsafeMutableBytes { target in
        if let from = source.baseAddress, let to = target.baseAddress {
          (to + offset).copyMemory(from: from + row &* dim, byteCount: count)
        }
      }
    }
  }

  /// Gives the elements from `row` to the end to `body`.
  func withRows<Result>(
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
  private var elements: [Int32]

  /// Creates an accumulator of zeros.
  public init(rows: Int, dim: Int) {
    self.rows = rows
    self.dim = dim
    elements = Array(repeating: 0, count: rows * dim)
  }

  /// The value at `row`, `column`.
  public subscript(row: Int, column: Int) -> Int32 { elements[row * dim + column] }

  /// Replaces, or adds to with 32-bit wrapping, the first `count` elements of `row` by a row of
  /// sums.
  public mutating func write(
    _ sums: TileSums, tileRow: Int, count: Int, row: Int, accumulate: Bool
  ) {
    sums.withRow(tileRow) {
      write(UnsafeRawBufferPointer($0), count: count, row: row, accumulate: accumulate)
    }
  }

  /// The same from little-endian 32-bit values in `source` from byte `offset` on.
  public mutating func write(
    _ source: [UInt8], from offset: Int, count: Int, row: Int, accumulate: Bool
  ) {
    precondition(offset + 4 * count <= source.count, "too few bytes")
    source.withUnsafeBytes {
      write(
        UnsafeRawBufferPointer(rebasing: $0[offset...]), count: count, row: row,
        accumulate: accumulate)
    }
  }

  /// The same from signed bytes in `source` from `offset` on.
  public mutating func writeNarrow(
    _ source: [UInt8], from offset: Int, count: Int, row: Int, accumulate: Bool
  ) {
    precondition(row >= 0 && row < rows && count <= dim, "row out of range")
    let start = row * dim
    for i in 0..<count {
      let value = Int32(Int8(bitPattern: source[offset + i]))
      elements[start + i] = accumulate ? elements[start + i] &+ value : value
    }
  }

  /// Copies `row` to the start of `destination`.
  public func read(row: Int, into destination: inout [Int32]) {
    precondition(row >= 0 && row < rows && dim <= destination.count, "row out of range")
    elements.withUnsafeBufferPointer { source in
      destination.withUnsafeMutableBufferPointer { target in
        if let from = source.baseAddress, let to = target.baseAddress {
          to.update(from: from + row &* dim, count: dim)
        }
      }
    }
  }

  private mutating func write(
    _ source: UnsafeRawBufferPointer, count: Int, row: Int, accumulate: Bool
  ) {
    precondition(row >= 0 && row < rows && count <= dim, "row out of range")
    elements.withUnsafeMutableBufferPointer { target in
      let start = row &* dim
      if accumulate {
        for i in 0..<count {
          target[start &+ i] &+= source.loadUnaligned(fromByteOffset: 4 &* i, as: Int32.self)
        }
      } else if let from = source.baseAddress, let to = target.baseAddress {
        UnsafeMutableRawPointer(to + start).copyMemory(from: from, byteCount: 4 &* count)
      }
    }
  }
}
