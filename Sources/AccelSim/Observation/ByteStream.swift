/// Takes the bytes of a file, a chunk at a time.
public typealias ByteSink = ([UInt8]) throws -> Void

/// Text on its way out, in chunks: memory does not grow with what is written.
struct ByteStream {
  private var bytes: [UInt8] = []
  private let sink: ByteSink
  /// What the sink could not do; nothing is written after it.
  private(set) var failure: (any Error)?
  /// Bytes of a chunk, 256 KiB.
  private static let chunk = 1 << 18

  init(_ sink: @escaping ByteSink) {
    self.sink = sink
    bytes.reserveCapacity(Self.chunk + 4096)
  }

  /// Appends words that are written in this program.
  @inline(__always)
  mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Appends prepared bytes.
  @inline(__always)
  mutating func put(_ prepared: [UInt8]) { bytes.append(contentsOf: prepared) }

  /// Appends text of any origin as it is.
  mutating func put(text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends one byte.
  @inline(__always)
  mutating func put(byte: UInt8) { bytes.append(byte) }

  /// Appends a number in decimal digits.
  mutating func put(_ number: Int) {
    guard number >= 10 || number < 0 else { return bytes.append(0x30 &+ UInt8(number)) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number.magnitude
    var first = 20
    while rest > 0 {
      first -= 1
      digits[first] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    if number < 0 { bytes.append(0x2D) }
    for index in first..<20 { bytes.append(digits[index]) }
  }

  /// Hands a chunk over if there is one.
  @inline(__always)
  mutating func flushIfFull() {
    if bytes.count >= Self.chunk { flush() }
  }

  /// Hands over what is left.
  mutating func flush() {
    if failure == nil, !bytes.isEmpty {
      do { try sink(bytes) } catch { failure = error }
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
