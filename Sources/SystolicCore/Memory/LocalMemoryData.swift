/// The contents of the scratchpad: rows of `dim` int8 values, zero at first.
public struct ScratchpadData: Equatable, Sendable {
  /// Rows of all banks together.
  public let rows: Int
  /// Elements of a row: the width of the array.
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

  /// Writes the first `rows` x `columns` elements of a tile to rows that stand `stride` apart:
  /// saturated, then a ReLU if `relu` (facts 4.3).
  ///
  /// - Parameter lastFirst: Write the last row first, which matters where rows coincide.
  public mutating func write(
    _ tile: TileSums, rows: Int, columns: Int, at first: Int, stride: Int, relu: Bool,
    lastFirst: Bool
  ) {
    let least: Int32 = relu ? 0 : -128
    for index in 0..<rows {
      let tileRow = lastFirst ? rows &- 1 &- index : index
      let row = first &+ tileRow &* stride
      precondition(row >= 0 && row < self.rows && columns <= dim, "row out of range")
      tile.withRow(tileRow) { source in
        elements.withUnsafeMutableBufferPointer { target in
          for i in 0..<columns {
            target[row &* dim &+ i] = Int8(truncatingIfNeeded: min(max(source[i], least), 127))
          }
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
  /// Rows of all banks together.
  public let rows: Int
  /// Elements of a row: the width of the array.
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

  /// Writes, or adds with 32-bit wrapping, the first `rows` x `columns` elements of a tile to rows
  /// that stand `stride` apart.
  ///
  /// - Parameter lastFirst: Write the last row first, which matters where rows coincide.
  public mutating func write(
    _ tile: TileSums, rows: Int, columns: Int, at first: Int, stride: Int, accumulate: Bool,
    lastFirst: Bool
  ) {
    let isWhole = columns == dim && dim.isMultiple(of: 16)
    tile.withGroups { source in
      elements.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        for index in 0..<rows {
          let tileRow = lastFirst ? rows &- 1 &- index : index
          let row = first &+ tileRow &* stride
          precondition(row >= 0 && row < self.rows && columns <= dim, "row out of range")
          let groups = tileRow &* (tile.width / 16)
          let target = base + 4 &* row &* dim
          if isWhole {
            for block in 0..<dim / 16 {
              let at = target + 64 &* block
              let value = source[groups &+ block]
              let old = at.loadUnaligned(as: SIMD16<Int32>.self)
              at.storeBytes(of: accumulate ? old &+ value : value, as: SIMD16<Int32>.self)
            }
          } else {
            let old = target.assumingMemoryBound(to: Int32.self)
            for i in 0..<columns {
              let value = source[groups &+ i / 16][i % 16]
              old[i] = accumulate ? old[i] &+ value : value
            }
          }
        }
      }
    }
  }

  /// Replaces, or adds to with 32-bit wrapping, the first `count` elements of `row` by
  /// little-endian 32-bit values in `source` from byte `offset` on.
  public mutating func write(
    _ source: [UInt8], from offset: Int, count: Int, row: Int, accumulate: Bool
  ) {
    precondition(offset + 4 * count <= source.count, "too few bytes")
    precondition(row >= 0 && row < rows && count <= dim, "row out of range")
    source.withUnsafeBytes { source in
      elements.withUnsafeMutableBufferPointer { target in
        for i in 0..<count {
          let value = source.loadUnaligned(fromByteOffset: offset &+ 4 &* i, as: Int32.self)
          let at = row &* dim &+ i
          target[at] = accumulate ? target[at] &+ value : value
        }
      }
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
}
