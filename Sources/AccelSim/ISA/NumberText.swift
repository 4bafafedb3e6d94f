/// Unsigned numbers as traces, tables and assembly write them.
enum NumberText {
  /// `value` as `0x` and lower-case digits.
  static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  /// Reads `0x` and 1 to 16 digits of either case.
  static func hexadecimal(_ text: some RandomAccessCollection<UInt8>) -> UInt64? {
    guard text.count > 2, text.count <= 18 else { return nil }
    var value: UInt64 = 0
    var position = 0
    for byte in text {
      if position < 2 {
        guard position == 0 ? byte == 0x30 : byte | 0x20 == 0x78 else { return nil }
      } else {
        var digit = byte &- 0x30
        if digit > 9 {
          digit = (byte | 0x20) &- 0x61
          guard digit < 6 else { return nil }
          digit &+= 10
        }
        value = value &<< 4 | UInt64(digit)
      }
      position &+= 1
    }
    return value
  }

  /// Reads 1 to 18 decimal digits.
  static func decimal(_ text: some RandomAccessCollection<UInt8>) -> UInt64? {
    guard !text.isEmpty, text.count <= 18 else { return nil }
    var value: UInt64 = 0
    for byte in text {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
    }
    return value
  }

  /// Reads a number of either kind; decimal ones may have all the digits of 64 bits.
  static func unsigned(_ text: Substring) -> UInt64? {
    if let value = hexadecimal(Array(text.utf8)) { return value }
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    return UInt64(text)
  }
}
