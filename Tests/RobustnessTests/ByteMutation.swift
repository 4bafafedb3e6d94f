/// Changes of a file's bytes that know nothing of its form.
enum ByteMutation {
  /// What is inserted: marks and numbers of the formats that are read here, and what is in none.
  private static let pieces: [[UInt8]] =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\uD800", "null", "true", "-", "0", "0x",
      "1e9", "0.5", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "0xffffffffffffffff", " ", "\n", "\r\n", "\t", "#", "#@", "+", "=", "\u{0}", "\u{FEFF}", "é",
      "\u{202E}", "//", String(repeating: "[", count: 100), String(repeating: "9", count: 400),
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ]

  /// `bytes` with one to four changes; some come from `other`, another file of the same kind.
  static func apply(to bytes: inout [UInt8], other: [UInt8], _ random: inout Seeded) {
    for _ in 0..<random.number(1...4) { change(&bytes, other: other, &random) }
  }

  private static func change(_ bytes: inout [UInt8], other: [UInt8], _ random: inout Seeded) {
    let place = random.below(bytes.count + 1)
    let end = min(bytes.count, place + random.number(1...12))
    switch random.below(10) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: random.pick(pieces), at: place)
    case 4: bytes.insert(contentsOf: Array(bytes[place..<end]), at: random.below(bytes.count + 1))
    case 5 where random.oneIn(4): bytes.removeSubrange(place...)
    case 6 where !other.isEmpty:
      let start = random.below(other.count)
      let stop = min(other.count, start + random.number(1...200))
      bytes.replaceSubrange(place..<end, with: other[start..<stop])
    case 7: exchangeLines(&bytes, &random)
    default: changeNumber(&bytes, from: place, &random)
    }
  }

  private static let numbers = [
    0, 1, 2, 3, 4, 5, 7, 8, 16, 32, 48, 64, 128, 256, 512, 1024, 4096, 65_536, 1 << 20, 1 << 31,
    1 << 32, 1 << 40, 1 << 62, -1,
  ]

  /// Replaces a whole number behind `start`: the change that most often stays in the format.
  private static func changeNumber(
    _ bytes: inout [UInt8], from start: Int, _ random: inout Seeded
  ) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let first = bytes[start...].firstIndex(where: isDigit) else { return }
    let last = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(first..<last, with: Array("\(random.pick(numbers))".utf8))
  }

  /// Another order of lines.
  private static func exchangeLines(_ bytes: inout [UInt8], _ random: inout Seeded) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count > 1, lines.count < 500 else { return }
    lines.swapAt(random.below(lines.count), random.below(lines.count))
    bytes = Array(lines.joined(separator: [0x0A]))
  }
}
