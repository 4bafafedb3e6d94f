/// Writes commands and traces as assembly text (Docs/ISA.md).
public struct Disassembler: Sendable {
  /// How convolution commands are encoded.
  public var encoding: ConvEncoding

  public init(encoding: ConvEncoding = .rectangular) { self.encoding = encoding }

  /// One command, one line. Fields that are 0 are left out, except addresses and the dataflow;
  /// bits outside every field follow as `reserved1` and `reserved2` when set. A function code
  /// that is no command is written as `cmd FUNCT RS1 RS2`.
  public func text(_ command: Command) -> String {
    let instruction: Instruction
    do { instruction = try command.decode(encoding: encoding) } catch {
      return
        "cmd \(command.funct) \(NumberText.hexadecimal(command.rs1)) \(NumberText.hexadecimal(command.rs2))"
    }
    let mnemonic = instruction.parts.mnemonic
    var text = mnemonic.rawValue
    for field in mnemonic.fields {
      let value = field.layout.read(command)
      if value == 0 && !field.layout.isAlwaysWritten { continue }
      text += " " + field.name
      if field.layout.kind != .flag { text += "=" + field.layout.text(value) }
    }
    let reserved = mnemonic.reserved
    let rest1 = command.rs1 & reserved.rs1
    let rest2 = command.rs2 & reserved.rs2
    if rest1 != 0 { text += " reserved1=" + NumberText.hexadecimal(rest1) }
    if rest2 != 0 { text += " reserved2=" + NumberText.hexadecimal(rest2) }
    return text
  }

  /// One record of a trace, one line.
  public func text(_ record: TraceRecord) -> String {
    switch record {
    case .command(let command): text(command)
    case .check(let address, let count, let file):
      "check \(NumberText.hexadecimal(address)) \(count) \(file)"
    case .fence, .load, .zero, .dump: TraceWriter.text(record)
    }
  }

  /// A whole trace as assembly text; comments are lost, records are not.
  ///
  /// - Throws: `TraceError` for a malformed record.
  public func disassemble(trace bytes: [UInt8], file: String) throws -> String {
    var scanner = try TraceScanner(bytes, file: file)
    var text = ""
    while let record = try scanner.next() { text += self.text(record) + "\n" }
    return text
  }
}
