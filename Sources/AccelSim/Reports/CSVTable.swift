/// Cuts comma-separated text into rows of fields; a field in double quotes may hold commas,
/// doubled quotes and line ends.
struct CSVScanner {
  /// Line where the last row starts, from 1.
  private(set) var line = 0
  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var nextLine = 1

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// Puts the next row into `fields`; false at the end. Empty lines are no rows.
  ///
  /// - Throws: `TraceError` for a quoted field that does not end as one.
  mutating func next(into fields: inout [ArraySlice<UInt8>]) throws -> Bool {
    fields.removeAll(keepingCapacity: true)
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      if bytes[position] == 0x0A { nextLine += 1 }
      position += 1
    }
    guard position < bytes.count else { return false }
    line = nextLine
    while true {
      fields.append(bytes[position...].first == 0x22 ? try quotedField() : plainField())
      guard position < bytes.count else { return true }
      let separator = bytes[position]
      position += 1
      if separator == 0x0A {
        nextLine += 1
        return true
      }
    }
  }

  /// The field up to the next comma or line end, which stays.
  private mutating func plainField() -> ArraySlice<UInt8> {
    let start = position
    position = bytes.withUnsafeBufferPointer { bytes in
      var end = start
      while end < bytes.count, bytes[end] != 0x2C, bytes[end] != 0x0A { end &+= 1 }
      return end
    }
    let isCRLF = position > start && bytes[position - 1] == 0x0D && !isComma(at: position)
    return bytes[start..<(isCRLF ? position - 1 : position)]
  }

  private mutating func quotedField() throws -> ArraySlice<UInt8> {
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == 0x22 {
        guard position < bytes.count, bytes[position] == 0x22 else { break }
        position += 1
      } else if byte == 0x0A {
        nextLine += 1
      }
      content.append(byte)
    }
    let isClosed = bytes[position - 1] == 0x22
    if position < bytes.count, bytes[position] == 0x0D, !isComma(at: position + 1) { position += 1 }
    guard isClosed, position == bytes.count || bytes[position] == 0x0A || isComma(at: position)
    else {
      throw TraceError(
        file: file, line: line, expected: "a quoted field that ends with \" before a comma",
        found: TraceScanner.quoted(content))
    }
    return content[...]
  }

  private func isComma(at index: Int) -> Bool { index < bytes.count && bytes[index] == 0x2C }
}

/// A table of comma-separated text whose first row names the columns.
package struct CSVTable: Sendable {
  /// A row and the line where it starts.
  package struct Row: Sendable {
    package var line: Int
    package var fields: [String]
  }

  package let file: String
  package let columns: [String]
  package private(set) var rows: [Row] = []

  /// Reads a table; `file` is the name for errors.
  ///
  /// - Throws: `TraceError` if it is empty, or a row has another number of fields than the first.
  package init(_ bytes: [UInt8], file: String) throws {
    self.file = file
    var scanner = CSVScanner(bytes, file: file)
    var fields: [ArraySlice<UInt8>] = []
    guard try scanner.next(into: &fields) else {
      throw TraceError(file: file, line: 1, expected: "a row of column names", found: "nothing")
    }
    columns = fields.map { String(decoding: $0, as: UTF8.self) }
    while try scanner.next(into: &fields) {
      guard fields.count == columns.count else {
        throw TraceError(
          file: file, line: scanner.line, expected: "\(columns.count) fields",
          found: "\(fields.count)")
      }
      let row = Row(line: scanner.line, fields: fields.map { String(decoding: $0, as: UTF8.self) })
      rows.append(row)
    }
  }

  /// Reads the table at `path`, unpacked if it ends in `.gz`.
  ///
  /// - Throws: `TraceError` if the file cannot be read or is no table.
  package init(path: String) throws { try self.init(RecordedFile.read(path), file: path) }

  /// `text` as a field: in quotes if it holds a comma, a quote or a line end.
  static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// Where the column of this name is.
  ///
  /// - Throws: `TraceError` if there is none.
  package func column(_ name: String) throws -> Int {
    guard let index = columns.firstIndex(of: name) else {
      throw TraceError(
        file: file, line: 1, expected: "a column \(name)", found: columns.joined(separator: ","))
    }
    return index
  }

  /// The field of `row` in column `index` as a number.
  ///
  /// - Throws: `TraceError` if it is none.
  package func number(_ row: Row, _ index: Int) throws -> Int {
    guard let value = Int(row.fields[index]) else {
      throw TraceError(
        file: file, line: row.line, expected: "a number in column \(columns[index])",
        found: TraceScanner.quoted(row.fields[index].utf8))
    }
    return value
  }
}
