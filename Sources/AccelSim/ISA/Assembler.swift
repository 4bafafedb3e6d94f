/// Assembly text that cannot be read.
public struct AssemblyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Name of the text, as the reader was given it.
  public var file: String
  /// Line of the fault, from 1.
  public var line: Int
  /// Column at which the fault begins, in bytes from 1.
  public var column: Int
  /// What may stand there, in words that complete "expected ...".
  public var expected: String
  /// What stands there: a quoted word, or a description of it.
  public var found: String
  /// What a misspelt word may have meant.
  public var suggestion: String?

  /// `FILE:LINE:COLUMN: expected ..., found ...; did you mean ...?`
  public var description: String {
    let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
    return "\(file):\(line):\(column): expected \(expected), found \(found)\(hint)"
  }
}

/// Reads assembly text (Docs/ISA.md), a line at a time.
public struct Assembler: Sendable {
  /// Line of the last record that `next()` returned, from 1.
  public private(set) var line = 0
  private let bytes: [UInt8]
  private let file: String
  private var position = 0

  /// Reads `bytes`; `file` is the name for errors.
  public init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The trace that an assembly text stands for.
  ///
  /// - Throws: `AssemblyError` for the first line that cannot be read.
  public static func assemble(_ bytes: [UInt8], file: String) throws -> String {
    var assembler = Assembler(bytes, file: file)
    var text = TraceWriter.header
    while let record = try assembler.next() { text += TraceWriter.text(record) + "\n" }
    return text
  }

  /// The next record, or `nil` at the end.
  ///
  /// - Throws: `AssemblyError` for a line that cannot be read.
  public mutating func next() throws -> TraceRecord? {
    while position < bytes.count {
      line += 1
      let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
      let content = bytes[position..<end]
      position = end + 1
      if content.count > TraceScanner.longestLine {
        throw fault(
          1, "a line of at most \(TraceScanner.longestLine) bytes", "\(content.count) bytes")
      }
      guard let text = String(validating: content, as: UTF8.self) else {
        throw fault(1, "UTF-8 text", "other bytes")
      }
      let words = words(text)
      if !words.isEmpty { return try record(words) }
    }
    return nil
  }

  /// A word of a line and the column where it starts.
  private struct Word {
    var text: Substring
    var column: Int
  }

  private func words(_ text: String) -> [Word] {
    let code = text.prefix { $0 != "#" }
    return code.split(whereSeparator: \.isWhitespace).map {
      Word(text: $0, column: text.utf8.distance(from: text.startIndex, to: $0.startIndex) + 1)
    }
  }

  private func record(_ words: [Word]) throws -> TraceRecord {
    let name = String(words[0].text)
    if let mnemonic = Mnemonic(rawValue: name) { return .command(try command(mnemonic, words)) }
    switch name {
    case "cmd":
      let values = try numbers(words, "cmd FUNCT RS1 RS2", count: 3)
      guard values[0] <= 127 else {
        throw fault(words[1].column, "a function code 0...127", quoted(words[1].text))
      }
      return .command(Command(funct: UInt8(values[0]), rs1: values[1], rs2: values[2]))
    case "fence", "load", "zero", "dump", "check":
      // These lines are the trace's own, so its reader reads them.
      let line =
        (name == "check" ? "#@check" : name)
        + words.dropFirst().map { " " + $0.text }
        .joined()
      do {
        var scanner = try TraceScanner(Array("\(TraceWriter.header)\(line)".utf8), file: file)
        if let record = try scanner.next() { return record }
        throw fault(words[0].column, "a record", quoted(words[0].text))
      } catch let error as TraceError {
        throw fault(words[0].column, error.expected, error.found)
      }
    default:
      let names = Mnemonic.allCases.map(\.rawValue) + Self.records
      throw fault(
        words[0].column, "a command or record", quoted(words[0].text),
        Suggestion.nearest(to: name, among: names))
    }
  }

  private static let records = ["cmd", "fence", "load", "zero", "dump", "check"]

  private func numbers(_ words: [Word], _ form: String, count: Int) throws -> [UInt64] {
    guard words.count <= count + 1 else {
      throw fault(words[count + 1].column, "\"\(form)\" and no more", quoted(words[count + 1].text))
    }
    guard words.count == count + 1 else {
      throw fault(words[0].column, form, "\(words.count) words")
    }
    return try words.dropFirst().map { word in
      guard let value = NumberText.unsigned(word.text) else {
        throw fault(word.column, "a number (\(form))", quoted(word.text))
      }
      return value
    }
  }

  private func command(_ mnemonic: Mnemonic, _ words: [Word]) throws -> Command {
    var command = mnemonic.command
    let fields = mnemonic.fields
    var seen: Set<Substring> = []
    for word in words.dropFirst() {
      let key = word.text.prefix { $0 != "=" }
      let hasValue = key.endIndex < word.text.endIndex
      let value = hasValue ? word.text[word.text.index(after: key.endIndex)...] : ""
      let valueColumn = word.column + key.utf8.count + 1
      guard seen.insert(key).inserted else {
        throw fault(word.column, "each key once", "\(quoted(key)) again")
      }
      if key == "reserved1" || key == "reserved2" {
        let mask = key == "reserved1" ? mnemonic.reserved.rs1 : mnemonic.reserved.rs2
        guard let bits = NumberText.unsigned(value), bits & ~mask == 0 else {
          throw fault(valueColumn, "bits of \(NumberText.hexadecimal(mask))", quoted(value))
        }
        if key == "reserved1" { command.rs1 |= bits } else { command.rs2 |= bits }
        continue
      }
      guard let field = fields.first(where: { $0.name == key }) else {
        let names = fields.map(\.name) + ["reserved1", "reserved2"]
        throw fault(
          word.column,
          "a key of \(mnemonic.rawValue) (\(fields.map(\.name).joined(separator: ", ")))",
          quoted(key), Suggestion.nearest(to: String(key), among: names))
      }
      guard hasValue || field.layout.kind == .flag else {
        throw fault(word.column, "\(field.name)=VALUE, \(field.layout.form)", quoted(word.text))
      }
      guard let bits = hasValue ? field.layout.value(value) : 1, bits <= field.layout.mask else {
        throw fault(valueColumn, field.layout.form, quoted(value))
      }
      field.layout.write(bits, to: &command)
    }
    for field in fields where field.layout.isAlwaysWritten && !seen.contains(field.name[...]) {
      throw fault(
        words[0].column, "\(field.name)=..., \(field.layout.form), in \(mnemonic.rawValue)", "none")
    }
    return command
  }

  private func quoted(_ text: Substring) -> String { TraceScanner.quoted(text.utf8) }

  private func fault(
    _ column: Int, _ expected: String, _ found: String, _ suggestion: String? = nil
  ) -> AssemblyError {
    AssemblyError(
      file: file, line: line, column: column, expected: expected, found: found,
      suggestion: suggestion)
  }
}
