/// Command records as the comma-separated text of `golden/*/cmds`.
public enum CommandRecordFile {
  /// First line of every file.
  public static let header = "seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete"

  /// The file's text, a line a record; a cycle that never came is left empty.
  ///
  /// Lines end with a line feed (golden/rtl's have a carriage return before it).
  public static func text(_ records: [CommandRecord]) -> String {
    var text = header + "\n"
    text.reserveCapacity(80 * (records.count + 1))
    for record in records { text += line(record) + "\n" }
    return text
  }

  /// One record, one line.
  public static func line(_ record: CommandRecord) -> String {
    let command = record.command
    let cycles = [record.allocated, record.issued, record.completed].map { $0 < 0 ? "" : "\($0)" }
    return "\(record.sequence),\(record.commandClass.queue),\(record.slot),\(command.funct),"
      + "\(NumberText.hexadecimal(command.rs1)),\(NumberText.hexadecimal(command.rs2)),\(record.origin.source),"
      + cycles.joined(separator: ",")
  }

  /// Reads the file at `path`, unpacked if it ends in `.gz`.
  ///
  /// - Throws: `TraceError` if the file cannot be read or is no table of command records.
  public static func read(path: String) throws -> [CommandRecord] {
    try read(RecordedFile.read(path), file: path)
  }

  /// Reads command records; columns are found by name and may be more than are needed.
  ///
  /// - Throws: `TraceError` for a missing column or a field that is not what it must be.
  public static func read(_ bytes: [UInt8], file: String) throws -> [CommandRecord] {
    var scanner = CSVScanner(bytes, file: file)
    var fields: [ArraySlice<UInt8>] = []
    _ = try scanner.next(into: &fields)
    let names = fields.map { String(decoding: $0, as: UTF8.self) }
    let columns = try header.split(separator: ",").map { name in
      guard let index = names.firstIndex(of: String(name)) else {
        throw TraceError(
          file: file, line: 1, expected: "a column \(name)",
          found: TraceScanner.quoted(names.joined(separator: ",").utf8))
      }
      return index
    }
    var records: [CommandRecord] = []
    while try scanner.next(into: &fields) {
      guard fields.count == names.count else {
        throw TraceError(
          file: file, line: scanner.line, expected: "\(names.count) fields",
          found: "\(fields.count)")
      }
      let row = Row(fields: fields, columns: columns, file: file, line: scanner.line)
      var record = CommandRecord(
        sequence: try row.number(0), commandClass: try row.name(1, \.queue),
        slot: try row.number(2), command: try row.command(), origin: try row.name(6, \.source),
        allocated: try row.cycle(7))
      record.issued = try row.cycle(8)
      record.completed = try row.cycle(9)
      records.append(record)
    }
    return records
  }

  /// One line's fields in the order of `header`.
  private struct Row {
    var fields: [ArraySlice<UInt8>]
    var columns: [Int]
    var file: String
    var line: Int

    func number(_ column: Int) throws -> Int {
      guard let value = NumberText.decimal(fields[columns[column]]) else {
        throw fault("a number", column)
      }
      return Int(value)
    }

    func cycle(_ column: Int) throws -> Int {
      fields[columns[column]].isEmpty ? -1 : try number(column)
    }

    func word(_ column: Int) throws -> UInt64 {
      guard let value = NumberText.hexadecimal(fields[columns[column]]) else {
        throw fault("a 64-bit number 0x...", column)
      }
      return value
    }

    func command() throws -> Command {
      let funct = try number(3)
      guard funct <= 127 else { throw fault("a function code 0...127", 3) }
      return Command(funct: UInt8(funct), rs1: try word(4), rs2: try word(5))
    }

    func name<Value: CaseIterable>(_ column: Int, _ text: (Value) -> String) throws -> Value {
      let field = fields[columns[column]]
      for value in Value.allCases where field.elementsEqual(text(value).utf8) { return value }
      let names = Value.allCases.map { "\"\(text($0))\"" }.joined(separator: ", ")
      throw fault("one of \(names)", column)
    }

    private func fault(_ expected: String, _ column: Int) -> TraceError {
      let name = CommandRecordFile.header.split(separator: ",")[column]
      return TraceError(
        file: file, line: line, expected: "\(expected) in column \(name)",
        found: TraceScanner.quoted(fields[columns[column]]))
    }
  }
}

extension CommandClass {
  /// The class in command records.
  var queue: String {
    switch self {
    case .load: "ld"
    case .execute: "ex"
    case .store: "st"
    case .nonlinear: "nl"
    }
  }
}

extension CommandOrigin {
  /// The origin in command records.
  var source: String {
    switch self {
    case .host: ""
    case .loopMatmul: "loop_ws"
    case .loopConv: "loop_conv"
    }
  }
}
