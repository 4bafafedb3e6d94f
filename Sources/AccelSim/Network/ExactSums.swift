/// Exact sums of products of bytes, as fast as floats add up: so many products as a `Float` holds
/// exactly, and what they come to in 64 bits.
struct ExactSums {
  /// Sums of 1024 products of at most 2^14 are exact in the 24 bits of a `Float`.
  private static let most = 1024

  private var sums: [Int64]
  private var parts: [Float]
  /// Products that the fullest of `parts` can hold.
  private var products = 0

  /// Begins with `start`.
  init(_ start: [Int64]) {
    sums = start
    parts = Array(repeating: 0, count: start.count)
  }

  /// The sums so far.
  mutating func values() -> [Int64] {
    settle()
    return sums
  }

  /// Adds a row of bytes times a matrix of bytes, as floats, to some of the sums.
  ///
  /// - Parameters:
  ///   - left: Holds the row, from `place` on.
  ///   - right: Holds the matrix, a row every `stride` elements from `first` on, `columns` of it used.
  ///   - start: The sum of the first column.
  mutating func add(
    _ left: [Float], from place: Int, count: Int, _ right: [Float], from first: Int, stride: Int,
    columns: Int, to start: Int
  ) {
    precondition(place + count <= left.count && start + columns <= parts.count)
    precondition(count == 0 || first + (count - 1) * stride + columns <= right.count)
    var k = 0
    while k < count {
      if products + 4 > Self.most { settle() }
      let end = min(count, k + Self.most - products)
      products += end - k
      right.withUnsafeBufferPointer { right in
        parts.withUnsafeMutableBufferPointer { parts in
          while k + 4 <= end {
            let (a, b, c, d) = (
              left[place + k], left[place + k + 1], left[place + k + 2], left[place + k + 3]
            )
            let row = first &+ k &* stride
            for j in 0..<columns {
              let at = row &+ j
              parts[start &+ j] +=
                (a * right[at] + b * right[at &+ stride])
                + (c * right[at &+ 2 &* stride] + d * right[at &+ 3 &* stride])
            }
            k += 4
          }
          while k < end {
            let factor = left[place + k]
            let row = first &+ k &* stride
            for j in 0..<columns { parts[start &+ j] += factor * right[row &+ j] }
            k += 1
          }
        }
      }
    }
  }

  private mutating func settle() {
    products = 0
    for index in parts.indices {
      sums[index] += Int64(parts[index])
      parts[index] = 0
    }
  }
}
