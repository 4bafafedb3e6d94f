/// A strict recursive-descent reader of JSON; see `JSONText` for what it accepts.
struct JSONParser {
  /// Thrown after a problem behind which nothing sensible can be read.
  private struct Stop: Error {}

  private let bytes: [UInt8]
  private let maximumDepth: Int
  private var index = 0
  private var position = TextPosition(line: 1, column: 1)
  private var path: [String] = []
  private(set) var problems: [JSONProblem] = []

  init(bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  /// Reads the whole text.
  mutating func parseDocument() -> JSONValue? {
    do {
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
        report(found: "a byte order mark", expected: "plain UTF-8")
        index = 3
      }
      skipSpace()
      let value = try parseValue(depth: 0)
      skipSpace()
      if next != nil { report(found: nextSummary, expected: "the end of the file") }
      return value
    } catch {
      return nil
    }
  }

  // MARK: Values

  private mutating func parseValue(depth: Int) throws(Stop) -> JSONValue {
    let start = position
    guard depth < maximumDepth else {
      throw stop(found: "deeper nesting", expected: "at most \(maximumDepth) levels")
    }
    guard let byte = next else { throw stop(found: nextSummary, expected: "a value") }
    let content: JSONValue.Content
    switch byte {
    case UInt8(ascii: "{"): content = .object(try parseObject(depth: depth))
    case UInt8(ascii: "["): content = .array(try parseArray(depth: depth))
    case UInt8(ascii: "\""): content = .string(try parseString())
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."):
      content = parseNumber()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
      content = parseWord()
    default: throw stop(found: nextSummary, expected: "a value")
    }
    return JSONValue(content: content, position: start)
  }

  private mutating func parseObject(depth: Int) throws(Stop) -> [JSONMember] {
    let start = position
    var members: [JSONMember] = []
    var seen: [String: TextPosition] = [:]
    advance()
    skipSpace()
    if next == UInt8(ascii: "}") {
      advance()
      return members
    }
    while true {
      guard next == UInt8(ascii: "\"") else {
        throw stop(found: nextSummary, expected: "a key in double quotes")
      }
      let keyPosition = position
      let key = try parseString()
      path.append((path.isEmpty ? "" : ".") + JSONText.pathPart(key))
      if let first = seen.updateValue(keyPosition, forKey: key) {
        report(
          found: "the key again, after line \(first.line)", expected: "each key once",
          at: keyPosition)
      }
      skipSpace()
      guard next == UInt8(ascii: ":") else {
        throw stop(found: nextSummary, expected: "\":\" after the key")
      }
      advance()
      skipSpace()
      let value = try parseValue(depth: depth + 1)
      path.removeLast()
      members.append(JSONMember(key: key, keyPosition: keyPosition, value: value))
      guard try parseSeparator(closing: "}", opened: start, resumesAtQuote: true) else {
        return members
      }
    }
  }

  private mutating func parseArray(depth: Int) throws(Stop) -> [JSONValue] {
    let start = position
    var values: [JSONValue] = []
    advance()
    skipSpace()
    if next == UInt8(ascii: "]") {
      advance()
      return values
    }
    while true {
      path.append("[\(values.count)]")
      values.append(try parseValue(depth: depth + 1))
      path.removeLast()
      guard try parseSeparator(closing: "]", opened: start, resumesAtQuote: false) else {
        return values
      }
    }
  }

  /// Reads what stands behind an element; whether another one follows.
  private mutating func parseSeparator(
    closing: Unicode.Scalar, opened: TextPosition, resumesAtQuote: Bool
  ) throws(Stop) -> Bool {
    skipSpace()
    let expected =
      "\",\" or \"\(closing)\" (opened at line \(opened.line), column \(opened.column))"
    switch next {
    case UInt8(ascii: closing):
      advance()
      return false
    case UInt8(ascii: ","):
      let comma = position
      advance()
      skipSpace()
      guard next == UInt8(ascii: closing) else { return true }
      report(
        found: "a trailing comma", expected: "no comma after the last element", at: comma)
      advance()
      return false
    case UInt8(ascii: "\"") where resumesAtQuote:
      report(found: nextSummary, expected: expected)
      return true
    default: throw stop(found: nextSummary, expected: expected)
    }
  }

  private mutating func parseWord() -> JSONValue.Content {
    let start = position
    let first = index
    while let byte = next, isWordByte(byte) { advance() }
    let word = String(decoding: bytes[first..<index], as: UTF8.self)
    switch word {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    default:
      report(
        found: JSONText.shortened(word),
        expected: "a value (text needs double quotes)", at: start)
      return .invalid
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  // MARK: Numbers

  private mutating func parseNumber() -> JSONValue.Content {
    let start = position
    let first = index
    while let byte = next, isWordByte(byte) || byte == 0x2B || byte == 0x2D || byte == 0x2E {
      advance()
    }
    let text = String(decoding: bytes[first..<index], as: UTF8.self)
    guard let isWhole = Self.numberIsWhole(bytes[first..<index]) else {
      report(
        found: JSONText.shortened(text), expected: "a number as JSON writes it", at: start)
      return .invalid
    }
    // The cap keeps the conversion of a hostile number cheap.
    let isHeld =
      text.utf8.count <= 400
      && (isWhole ? Int(text) != nil : Double(text).map(\.isFinite) ?? false)
    guard isHeld else {
      report(
        found: JSONText.shortened(text), expected: "a number that fits in 64 bits", at: start)
      return .invalid
    }
    return .number(text)
  }

  /// Whether a number has neither fraction nor exponent; `nil` if it is not a JSON number.
  private static func numberIsWhole(_ text: ArraySlice<UInt8>) -> Bool? {
    var rest = text
    func takeDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == 0x2D { rest = rest.dropFirst() }
    let hasLeadingZero = rest.first == 0x30
    let wholeDigits = takeDigits(&rest)
    guard wholeDigits > 0, !hasLeadingZero || wholeDigits == 1 else { return nil }
    if rest.isEmpty { return true }
    if rest.first == 0x2E {
      rest = rest.dropFirst()
      guard takeDigits(&rest) > 0 else { return nil }
    }
    if rest.first == 0x65 || rest.first == 0x45 {
      rest = rest.dropFirst()
      if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
      guard takeDigits(&rest) > 0 else { return nil }
    }
    return rest.isEmpty ? false : nil
  }

  // MARK: Strings

  private mutating func parseString() throws(Stop) -> String {
    let start = position
    var text: [UInt8] = []
    advance()
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        advance()
        guard let string = String(validating: text, as: UTF8.self) else {
          report(found: "bytes that are not UTF-8", expected: "UTF-8 text", at: start)
          return String(decoding: text, as: UTF8.self)
        }
        return string
      case UInt8(ascii: "\\"): parseEscape(into: &text)
      case UInt8(ascii: "\n"):
        throw stop(found: "the end of the line", expected: "a double quote that ends the text")
      case 0..<0x20:
        report(found: nextSummary, expected: "control characters written as escapes")
        advance()
      default:
        text.append(byte)
        advance()
      }
    }
    throw stop(found: nextSummary, expected: "a double quote that ends the text")
  }

  private mutating func parseEscape(into text: inout [UInt8]) {
    let start = position
    advance()
    guard let byte = next else { return }
    let plain: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      advance()
      if let scalar = parseUnicodeEscape() {
        text.append(contentsOf: Array(String(Character(scalar)).utf8))
      } else {
        report(found: "a bad \\u escape", expected: "four hex digits of a character", at: start)
      }
      return
    default:
      report(found: "a bad escape", expected: #"one of \" \\ \/ \b \f \n \r \t \u"#, at: start)
      return
    }
    text.append(plain)
    advance()
  }

  /// Reads the digits behind `\u`, and the second half of a surrogate pair.
  private mutating func parseUnicodeEscape() -> Unicode.Scalar? {
    guard let unit = parseHexDigits() else { return nil }
    guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
    guard next == UInt8(ascii: "\\"), index + 1 < bytes.count,
      bytes[index + 1] == UInt8(ascii: "u")
    else { return nil }
    advance()
    advance()
    guard let low = parseHexDigits(), (0xDC00..<0xE000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
  }

  private mutating func parseHexDigits() -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        return nil
      }
      value = value << 4 | UInt32(digit)
      advance()
    }
    return value
  }

  // MARK: Bytes and problems

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func advance() {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "\n") {
      position = TextPosition(line: position.line + 1, column: 1)
    } else if byte & 0xC0 != 0x80 {
      position.column += 1
    }
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      advance()
    }
  }

  private var nextSummary: String {
    guard let byte = next else { return "the end of the file" }
    if byte == UInt8(ascii: "/") { return "a comment or \"/\" (JSON has no comments)" }
    if (0x21...0x7E).contains(byte) { return "\"\(Character(Unicode.Scalar(byte)))\"" }
    return "byte \(byte)"
  }

  private mutating func report(found: String, expected: String, at place: TextPosition? = nil) {
    problems.append(
      JSONProblem(
        position: place ?? position, path: path.joined(), found: found, expected: expected))
  }

  private mutating func stop(found: String, expected: String) -> Stop {
    report(found: found, expected: expected)
    return Stop()
  }
}
