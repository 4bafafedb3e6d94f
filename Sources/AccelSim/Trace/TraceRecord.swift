/// One line of a trace, before any file that it names is read (format: golden README).
public enum TraceRecord: Equatable, Sendable {
  /// `cmd FUNCT RS1 RS2`: a command of the host.
  case command(Command)
  /// `fence`: the host waits until the accelerator is idle.
  case fence
  /// `load 0xADDR FILE`: bytes of a file go to main memory; FILE is relative to the trace.
  case load(address: UInt64, file: String)
  /// `zero 0xADDR LEN`: so many bytes of main memory become 0.
  case zero(address: UInt64, count: Int)
  /// Memory that must be there at the end.
  case dump(address: UInt64, count: Int, file: String)
  /// Memory that must be there at this point: `#@check`.
  case check(address: UInt64, count: Int, file: String)
}

/// Cuts the bytes of a trace into records.
public struct TraceScanner: Sendable {
  /// Longest line, in bytes.
  public static let longestLine = 65_536

  /// Line of the last record that `next()` returned, from 1.
  public private(set) var line = 0
  private let bytes: [UInt8]
  private let file: String
  private var position = 0

  /// Creates a scanner of `bytes`; `file` is the name for errors.
  ///
  /// - Throws: `TraceError` if the first line is not `gemmini-trace 1`.
  public init(_ bytes: [UInt8], file: String) throws {
    self.bytes = bytes
    self.file = file
    let range = try takeLine()
    var fields = FieldCutter(bytes, range ?? 0..<0)
    let words = [fields.next(), fields.next(), fields.next()]
    guard words[0] == "gemmini-trace", words[1] == "1", words[2] == nil else {
      throw TraceError(
        file: file, line: 1, expected: "\"gemmini-trace 1\"",
        found: range.map { Self.quoted(bytes[$0]) } ?? "an empty file")
    }
  }

  /// The next record, or `nil` at the end.
  ///
  /// - Throws: `TraceError` for a malformed line.
  public mutating func next() throws -> TraceRecord? {
    while let range = try takeLine() {
      if let record = try parse(range) { return record }
    }
    return nil
  }

  /// Bounds of the next line without its end, or `nil` at the end of the trace.
  private mutating func takeLine() throws -> Range<Int>? {
    guard position < bytes.count else { return nil }
    line += 1
    let start = position
    let (end, isASCII) = bytes.withUnsafeBufferPointer { bytes in
      var end = start
      var all: UInt8 = 0
      while end < bytes.count, bytes[end] != 0x0A {
        all |= bytes[end]
        end &+= 1
      }
      return (end, all < 0x80)
    }
    position = end + 1
    if end - start > Self.longestLine {
      throw fault("a line of at most \(Self.longestLine) bytes", "\(end - start) bytes")
    }
    if !isASCII, String(validating: bytes[start..<end], as: UTF8.self) == nil {
      throw fault("UTF-8 text", "other bytes")
    }
    return start..<end
  }

  private func parse(_ range: Range<Int>) throws -> TraceRecord? {
    var fields = FieldCutter(bytes, range)
    guard let keyword = fields.cut() else {
      guard fields.comment(startsWith: "#@check") else { return nil }
      fields = FieldCutter(bytes, fields.position + 7..<range.upperBound)
      let (address, count, name) = try region(&fields, "#@check 0xADDR LEN FILE")
      return .check(address: address, count: count, file: name)
    }
    if bytes[keyword].elementsEqual("cmd".utf8) { return .command(try command(&fields)) }
    switch String(decoding: bytes[keyword], as: UTF8.self) {
    case "fence":
      try end(&fields, "fence")
      return .fence
    case "load":
      let form = "load 0xADDR FILE"
      let address = try address(fields.cut(), form)
      guard let name = fields.next() else { throw fault("\"\(form)\"", "the end of the line") }
      try end(&fields, form)
      return .load(address: address, file: try path(name))
    case "zero":
      let form = "zero 0xADDR LEN"
      let address = try address(fields.cut(), form)
      let count = try length(fields.cut(), at: address, form)
      try end(&fields, form)
      return .zero(address: address, count: count)
    case "dump":
      let (address, count, name) = try region(&fields, "dump 0xADDR LEN FILE")
      return .dump(address: address, count: count, file: name)
    default:
      throw fault("cmd, fence, load, zero or dump", Self.quoted(bytes[keyword]))
    }
  }

  private func command(_ fields: inout FieldCutter) throws -> Command {
    let form = "cmd FUNCT RS1 RS2"
    let functField = fields.cut()
    guard let functField, let funct = decimal(functField), funct <= 127 else {
      throw fault("a function code 0...127 (\(form))", text(functField))
    }
    let rs1 = try operand(fields.cut(), form)
    let rs2 = try operand(fields.cut(), form)
    try end(&fields, form)
    return Command(funct: UInt8(funct), rs1: rs1, rs2: rs2)
  }

  private func operand(_ field: Range<Int>?, _ form: String) throws -> UInt64 {
    guard let field, let value = hexadecimal(field) else {
      throw fault("a 64-bit number 0x... (\(form))", text(field))
    }
    return value
  }

  private func region(
    _ fields: inout FieldCutter, _ form: String
  ) throws -> (address: UInt64, count: Int, file: String) {
    let address = try address(fields.cut(), form)
    let count = try length(fields.cut(), at: address, form)
    guard let name = fields.next() else { throw fault("\"\(form)\"", "the end of the line") }
    try end(&fields, form)
    return (address, count, try path(name))
  }

  private func address(_ field: Range<Int>?, _ form: String) throws -> UInt64 {
    guard let field, let value = hexadecimal(field) else {
      throw fault("an address 0x... (\(form))", text(field))
    }
    guard MainMemoryRange.contains(value, count: 0) else {
      throw fault("an address in main memory, 0x80000000...0xbfffffff", text(field))
    }
    return value
  }

  private func length(_ field: Range<Int>?, at address: UInt64, _ form: String) throws -> Int {
    guard let field, let value = decimal(field) ?? hexadecimal(field) else {
      throw fault("a length (\(form))", text(field))
    }
    let room = MainMemoryRange.end - address
    guard value <= room else {
      throw fault("at most \(room) bytes, the rest of main memory", text(field))
    }
    return Int(value)
  }

  private func path(_ name: String) throws -> String {
    if name.hasPrefix("/") || name.utf8.contains(0) {
      throw fault("a path relative to the trace", Self.quoted(name.utf8))
    }
    return name
  }

  private func end(_ fields: inout FieldCutter, _ form: String) throws {
    if let extra = fields.cut() { throw fault("\"\(form)\" and no more", text(extra)) }
  }

  private func decimal(_ field: Range<Int>) -> UInt64? { NumberText.decimal(bytes[field]) }

  private func hexadecimal(_ field: Range<Int>) -> UInt64? {
    NumberText.hexadecimal(bytes[field])
  }

  private func text(_ field: Range<Int>?) -> String {
    field.map { Self.quoted(bytes[$0]) } ?? "the end of the line"
  }

  private func fault(_ expected: String, _ found: String) -> TraceError {
    TraceError(file: file, line: line, expected: expected, found: found)
  }

  /// The first bytes of a text in quotes, control characters escaped.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    var text = "\""
    for scalar in String(decoding: bytes.prefix(60), as: UTF8.self).unicodeScalars {
      text += scalar.value < 0x20 ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return text + (bytes.count > 60 ? "...\"" : "\"")
  }
}

/// Cuts a line into fields at blanks, up to a comment.
private struct FieldCutter {
  private(set) var position: Int
  private let end: Int
  private let bytes: [UInt8]

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  /// Bounds of the next field, or `nil` at the end or at a comment.
  mutating func cut() -> Range<Int>? {
    let (start, stop) = bytes.withUnsafeBufferPointer { [position, end] bytes in
      var start = position
      while start < end, Self.isBlank(bytes[start]) { start &+= 1 }
      var stop = start
      while stop < end, !Self.isBlank(bytes[stop]), bytes[stop] != 0x23 { stop &+= 1 }
      return (start, stop)
    }
    position = start == stop ? start : stop
    return start == stop ? nil : start..<stop
  }

  /// The next field as text.
  mutating func next() -> String? {
    cut().map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// Whether what follows is a comment that starts with `prefix` and a blank.
  func comment(startsWith prefix: String) -> Bool {
    let rest = bytes[position..<end]
    guard rest.starts(with: prefix.utf8) else { return false }
    let after = position + prefix.utf8.count
    return after == end || Self.isBlank(bytes[after])
  }
}
