/// A matrix of int8 values in the layout in which the tile kernel reads its second operand:
/// for each pair of rows and each four columns, the two rows' values interleaved as int16.
///
/// One multiplication of a `SIMD8<Int16>` then does eight products and four additions, which is
/// one instruction of the baseline x86-64.
public struct PackedMatrix: Equatable, Sendable {
  /// Rows and columns of the array.
  public let dim: Int
  /// Groups of four columns, the columns padded to a multiple of 16.
  @usableFromInline let quads: Int
  @usableFromInline var pairs: [SIMD8<Int16>]

  /// Creates a matrix of zeros.
  public init(dim: Int) {
    self.dim = dim
    quads = (dim + 15) / 16 * 4
    pairs = Array(repeating: SIMD8(), count: (dim + 1) / 2 * quads)
  }

  /// Makes every element zero.
  public mutating func clear() {
    for i in pairs.indices { pairs[i] = SIMD8() }
  }

  /// Takes `rows` x `columns` elements from the scratchpad, the rest zero.
  ///
  /// - Parameters:
  ///   - first: The scratchpad row of the matrix's first row as stored.
  ///   - transposed: Element (row, column) is stored at row `column`, column `row`.
  public mutating func pack(
    _ scratchpad: ScratchpadData, from first: Int, rows: Int, columns: Int, transposed: Bool
  ) {
    scratchpad.withRows(from: first) {
      pack($0, rows: rows, columns: columns, transposed: transposed)
    }
  }

  private mutating func pack(
    _ source: UnsafeBufferPointer<Int8>, rows: Int, columns: Int, transposed: Bool
  ) {
    if !transposed && rows == dim && columns == dim && dim.isMultiple(of: 16) {
      packWhole(source)
      return
    }
    clear()
    for row in 0..<rows {
      for column in 0..<columns {
        let value = transposed ? source[column &* dim &+ row] : source[row &* dim &+ column]
        pairs[row / 2 * quads + column / 4][column % 4 * 2 + row % 2] = Int16(value)
      }
    }
  }

  private mutating func packWhole(_ source: UnsafeBufferPointer<Int8>) {
    let blocks = dim / 16
    pairs.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let source = UnsafeRawBufferPointer(source)
      var at = 0
      for pair in 0..<dim / 2 {
        for block in 0..<blocks {
          let offset = 2 &* pair &* dim &+ 16 &* block
          let even = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
          let odd = source.loadUnaligned(fromByteOffset: offset &+ dim, as: SIMD16<Int8>.self)
          let low = SIMD16<Int32>(truncatingIfNeeded: even) & 0xFFFF
          let high = SIMD16<Int32>(truncatingIfNeeded: odd) &<< 16
          base.storeBytes(of: low | high, toByteOffset: at, as: SIMD16<Int32>.self)
          at &+= 64
        }
      }
    }
  }
}

/// Rows of int8 values in the layout in which the tile kernel reads its first operand: int16, an
/// even number a row.
public struct PackedRows: Equatable, Sendable {
  /// Rows, and elements of a row that are not padding.
  public let dim: Int
  /// Elements a row occupies: the columns padded to a multiple of 16.
  @usableFromInline let width: Int
  @usableFromInline var values: [Int16]

  /// Creates `dim` rows of zeros.
  public init(dim: Int) {
    self.dim = dim
    width = (dim + 15) / 16 * 16
    values = Array(repeating: 0, count: dim * width)
  }

  /// Makes every element zero.
  public mutating func clear() {
    for i in values.indices { values[i] = 0 }
  }

  /// Takes `rows` x `columns` elements from the scratchpad, where stored rows stand `stride` rows
  /// apart, the rest of these rows zero; `transposed` as for `PackedMatrix`.
  public mutating func pack(
    _ scratchpad: ScratchpadData, from first: Int, rows: Int, columns: Int, stride: Int,
    transposed: Bool
  ) {
    scratchpad.withRows(from: first) {
      pack($0, rows: rows, columns: columns, stride: stride, transposed: transposed)
    }
  }

  private mutating func pack(
    _ source: UnsafeBufferPointer<Int8>, rows: Int, columns: Int, stride: Int, transposed: Bool
  ) {
    let step = dim &* stride
    if !transposed && columns == dim && dim.isMultiple(of: 16) {
      values.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let source = UnsafeRawBufferPointer(source)
        for row in 0..<rows {
          for block in 0..<dim / 16 {
            let from = row &* step &+ 16 &* block
            let narrow = source.loadUnaligned(fromByteOffset: from, as: SIMD16<Int8>.self)
            let to = 2 &* (row &* dim &+ 16 &* block)
            base.storeBytes(
              of: SIMD16<Int16>(truncatingIfNeeded: narrow), toByteOffset: to,
              as: SIMD16<Int16>.self)
          }
        }
      }
      return
    }
    for row in 0..<rows {
      for column in 0..<width {
        let value: Int8
        if column >= columns {
          value = 0
        } else if transposed {
          value = source[column &* step &+ row]
        } else {
          value = source[row &* step &+ column]
        }
        values[row &* width &+ column] = Int16(value)
      }
    }
  }
}

/// A tile of 32-bit sums, `dim` rows of `width` elements.
public struct TileSums: Equatable, Sendable {
  /// Rows, and sums of a row that are not padding.
  public let dim: Int
  /// Elements from one row to the next: the columns padded to a multiple of 16.
  public let width: Int
  @usableFromInline var groups: [SIMD16<Int32>]

  /// Creates a tile of zeros.
  public init(dim: Int) {
    self.dim = dim
    width = (dim + 15) / 16 * 16
    groups = Array(repeating: SIMD16(), count: dim * (width / 16))
  }

  /// Makes every element zero.
  public mutating func clear() {
    for i in groups.indices { groups[i] = SIMD16() }
  }

  /// Makes the first `rows` rows the `rows` x `columns` values in the scratchpad, the rest zero.
  public mutating func load(_ scratchpad: ScratchpadData, from first: Int, rows: Int, columns: Int)
  {
    clear()
    scratchpad.withRows(from: first) { source in
      for row in 0..<rows {
        for column in 0..<columns {
          groups[row &* (width / 16) &+ column / 16][column % 16] =
            Int32(source[row &* dim &+ column])
        }
      }
    }
  }

  /// Replaces every element by `transform` of it.
  @inline(__always)
  mutating func apply(_ transform: (Int32) -> Int32) {
    groups.withUnsafeMutableBytes { bytes in
      let elements = bytes.bindMemory(to: Int32.self)
      for i in elements.indices { elements[i] = transform(elements[i]) }
    }
  }

  /// Every element shifted right with rounding and saturated to `bits` bits: what leaves
  /// output-stationary processing elements (facts 4.2).
  public func shifted(by amount: Int, bits: Int) -> TileSums {
    var result = self
    result.apply { Rounding.clip(Rounding.shiftRight($0, by: amount), bits: bits) }
    return result
  }

  /// The element at `row`, `column`.
  public subscript(row: Int, column: Int) -> Int32 {
    groups[row &* (width / 16) &+ column / 16][column % 16]
  }

  /// Gives the elements to `body` in groups of 16, row by row.
  func withGroups<Result>(_ body: (UnsafeBufferPointer<SIMD16<Int32>>) -> Result) -> Result {
    groups.withUnsafeBufferPointer(body)
  }

  /// Gives the elements of `row` to `body`.
  func withRow<Result>(_ row: Int, _ body: (UnsafeBufferPointer<Int32>) -> Result) -> Result {
    groups.withUnsafeBytes { bytes in
      let elements = bytes.bindMemory(to: Int32.self)
      return body(UnsafeBufferPointer(rebasing: elements[row &* width..<(row &+ 1) &* width]))
    }
  }

  /// Keeps the low `bits` bits of every element of the first `rows` rows, sign-extended.
  public mutating func wrap(rows: Int, bits: Int) {
    let unused = SIMD16<Int32>(repeating: Int32(32 - bits))
    for i in 0..<rows &* (width / 16) { groups[i] = (groups[i] &<< unused) &>> unused }
  }

  /// Adds the products of the first `rows` rows of `left` with `right`, wrapping to 32 bits.
  public mutating func multiplyAdd(_ left: PackedRows, _ right: PackedMatrix, rows: Int) {
    precondition(left.dim == dim && right.dim == dim && rows <= dim, "tile sizes differ")
    let blocks = width / 16
    let pairCount = (dim + 1) / 2
    let quads = right.quads
    groups.withUnsafeMutableBytes { sums in
      left.values.withUnsafeBytes { rowBytes in
        right.pairs.withUnsafeBufferPointer { matrix in
          guard let sums = sums.baseAddress, let rowBytes = rowBytes.baseAddress,
            let matrix = matrix.baseAddress
          else { return }
          for row in 0..<rows {
            let rowStart = rowBytes + row &* width &* 2
            for block in 0..<blocks {
              let to = sums + (row &* blocks &+ block) &* 64
              Self.dot(rowStart, matrix + block &* 4, pairCount, quads, to)
            }
          }
        }
      }
    }
  }

  /// One row times 16 columns. The four sums stay in registers over the whole depth.
  @inline(__always) private static func dot(
    _ row: UnsafeRawPointer, _ matrix: UnsafePointer<SIMD8<Int16>>, _ pairCount: Int,
    _ quads: Int, _ sums: UnsafeMutableRawPointer
  ) {
    var sum0 = sums.load(fromByteOffset: 0, as: SIMD4<Int32>.self)
    var sum1 = sums.load(fromByteOffset: 16, as: SIMD4<Int32>.self)
    var sum2 = sums.load(fromByteOffset: 32, as: SIMD4<Int32>.self)
    var sum3 = sums.load(fromByteOffset: 48, as: SIMD4<Int32>.self)
    var weights = matrix
    for pair in 0..<pairCount {
      let two = row.load(fromByteOffset: 4 &* pair, as: Int32.self)
      let values = unsafeBitCast(SIMD4<Int32>(repeating: two), to: SIMD8<Int16>.self)
      sum0 &+= multiplyAddPairs(values, weights[0])
      sum1 &+= multiplyAddPairs(values, weights[1])
      sum2 &+= multiplyAddPairs(values, weights[2])
      sum3 &+= multiplyAddPairs(values, weights[3])
      weights += quads
    }
    sums.storeBytes(of: sum0, toByteOffset: 0, as: SIMD4<Int32>.self)
    sums.storeBytes(of: sum1, toByteOffset: 16, as: SIMD4<Int32>.self)
    sums.storeBytes(of: sum2, toByteOffset: 32, as: SIMD4<Int32>.self)
    sums.storeBytes(of: sum3, toByteOffset: 48, as: SIMD4<Int32>.self)
  }

  /// Products of eight lanes, neighbours added: written so that it compiles to `pmaddwd`.
  @inline(__always) private static func multiplyAddPairs(
    _ a: SIMD8<Int16>, _ b: SIMD8<Int16>
  ) -> SIMD4<Int32> {
    let products = SIMD8<Int32>(truncatingIfNeeded: a) &* SIMD8<Int32>(truncatingIfNeeded: b)
    return products.evenHalf &+ products.oddHalf
  }
}
