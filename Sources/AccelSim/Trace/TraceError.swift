/// A recorded file (a trace, a bin that it names, a table) that is not what it must be.
public struct TraceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The trace or table at fault; a bin is named in the words.
  public var file: String
  /// Line from 1, or 0 when the whole file is at fault.
  public var line: Int
  /// What should stand there, in words.
  public var expected: String
  /// What stands there, quoted, or why the file could not be read.
  public var found: String

  public init(file: String, line: Int, expected: String, found: String) {
    self.file = file
    self.line = line
    self.expected = expected
    self.found = found
  }

  /// `FILE:LINE: expected ..., found ...`.
  public var description: String {
    "\(file)\(line > 0 ? ":\(line)" : ""): expected \(expected), found \(found)"
  }
}

/// Main memory as the traces address it (golden README).
enum MainMemoryRange {
  /// First byte.
  static let start: UInt64 = 0x8000_0000
  /// One past the last byte.
  static let end: UInt64 = 0xC000_0000

  /// Whether `count` bytes at `address` are main memory.
  static func contains(_ address: UInt64, count: Int) -> Bool {
    address >= start && address <= end && count >= 0 && UInt64(count) <= end - address
  }
}
