/// The bytes of main memory, 0x8000_0000 up to 0x4_8000_0000 (16 GiB), kept as pages that exist once written.
///
/// A byte never written reads as zero. Values copy cheaply: pages are shared until written.
public struct MainMemoryData: Sendable {
  /// First address.
  public static let base: UInt64 = 0x8000_0000
  /// Address behind the last byte.
  public static let end: UInt64 = 0x4_8000_0000

  private static let pageShift: UInt64 = 16
  private static let pageBytes = 1 << 16
  private var pages: [[UInt8]]

  /// Creates an empty memory.
  public init() {
    let count = Int((Self.end - Self.base) >> Self.pageShift)
    pages = Array(repeating: [], count: count)
  }

  /// Whether all of `count` bytes from `address` exist.
  @inline(__always)
  public static func contains(_ address: UInt64, count: Int) -> Bool {
    address >= base && address <= end && count >= 0 && UInt64(count) <= end - address
  }

  /// Copies `count` bytes at `address` to the start of `destination`.
  ///
  /// - Returns: Whether the bytes exist; if not, nothing is copied.
  public func read(at address: UInt64, count: Int, into destination: inout [UInt8]) -> Bool {
    precondition(count <= destination.count, "no room for the bytes")
    return destination.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return Self.contains(address, count: 0) }
      return copy(from: address, count: count, to: start)
    }
  }

  /// Copies the first `count` bytes of `source` to `address`.
  ///
  /// - Returns: Whether the bytes exist; if not, nothing is written.
  public mutating func write(_ source: [UInt8], count: Int, at address: UInt64) -> Bool {
    precondition(count <= source.count, "too few bytes")
    return source.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return Self.contains(address, count: 0) }
      return copy(start, count: count, to: address)
    }
  }

  /// The bytes at `address`, or `nil` if some do not exist.
  public func bytes(at address: UInt64, count: Int) -> [UInt8]? {
    guard Self.contains(address, count: count) else { return nil }
    var result = [UInt8](repeating: 0, count: count)
    return read(at: address, count: count, into: &result) ? result : nil
  }

  /// Writes `count` zeros at `address`.
  ///
  /// - Returns: Whether they all exist; if not, nothing is written.
  public mutating func zero(at address: UInt64, count: Int) -> Bool {
    guard Self.contains(address, count: count) else { return false }
    var offset = Int(address - Self.base)
    var left = count
    while left > 0 {
      let within = offset & (Self.pageBytes - 1)
      let length = min(left, Self.pageBytes - within)
      let page = offset >> Int(Self.pageShift)
      if length == Self.pageBytes {
        pages[page] = []
      } else if !pages[page].isEmpty {
        for i in within..<within + length { pages[page][i] = 0 }
      }
      left -= length
      offset += length
    }
    return true
  }

  private func copy(
    from address: UInt64, count: Int, to destination: UnsafeMutableRawPointer
  ) -> Bool {
    guard Self.contains(address, count: count) else { return false }
    var offset = Int(address - Self.base)
    var done = 0
    while done < count {
      let within = offset & (Self.pageBytes - 1)
      let length = min(count - done, Self.pageBytes - within)
      pages[offset >> Self.pageShift].withUnsafeBytes { page in
        if let start = page.baseAddress, !page.isEmpty {
          (destination + done).copyMemory(from: start + within, byteCount: length)
        } else {
          (destination + done).initializeMemory(as: UInt8.self, repeating: 0, count: length)
        }
      }
      done += length
      offset += length
    }
    return true
  }

  private mutating func copy(
    _ source: UnsafeRawPointer, count: Int, to address: UInt64
  ) -> Bool {
    guard Self.contains(address, count: count) else { return false }
    var offset = Int(address - Self.base)
    var done = 0
    while done < count {
      let within = offset & (Self.pageBytes - 1)
      let length = min(count - done, Self.pageBytes - within)
      let page = offset >> Int(Self.pageShift)
      if pages[page].isEmpty { pages[page] = Array(repeating: 0, count: Self.pageBytes) }
      pages[page].withUnsafeMutableBytes { bytes in
        if let start = bytes.baseAddress {
          (start + within).copyMemory(from: source + done, byteCount: length)
        }
      }
      done += length
      offset += length
    }
    return true
  }
}
