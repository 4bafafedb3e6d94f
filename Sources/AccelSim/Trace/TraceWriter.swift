import Foundation

/// Writes traces (format: golden README).
public enum TraceWriter {
  /// First line of every trace.
  public static let header = "gemmini-trace 1\n"

  /// One record, one line.
  public static func text(_ record: TraceRecord) -> String {
    switch record {
    case .command(let command):
      "cmd \(command.funct) \(NumberText.hexadecimal(command.rs1)) \(NumberText.hexadecimal(command.rs2))"
    case .fence: "fence"
    case .load(let address, let file): "load \(NumberText.hexadecimal(address)) \(file)"
    case .zero(let address, let count): "zero \(NumberText.hexadecimal(address)) \(count)"
    case .dump(let address, let count, let file):
      "dump \(NumberText.hexadecimal(address)) \(count) \(file)"
    case .check(let address, let count, let file):
      "#@check \(NumberText.hexadecimal(address)) \(count) \(file)"
    }
  }

  /// Writes `program` as `FOLDER/trace.txt` with a bin for each load and check.
  ///
  /// The folder appears whole or not at all: it is filled under another name and then renamed.
  /// Checks after the last command and fence become `dump`, earlier ones `#@check`; regions are
  /// left out.
  ///
  /// - Throws: `TraceError` if `folder` exists or cannot be written, or for host work; errors of
  ///   `program`.
  public static func write(_ program: some CommandSource, to folder: String) throws {
    let files = FileManager.default
    guard !files.fileExists(atPath: folder) else {
      throw TraceError(file: folder, line: 0, expected: "a new folder", found: "one that exists")
    }
    let target = URL(fileURLWithPath: folder)
    let draft = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString)")
    do {
      try files.createDirectory(at: draft, withIntermediateDirectories: true)
      defer { try? files.removeItem(at: draft) }
      try fill(draft, with: program)
      try files.moveItem(at: draft, to: target)
    } catch let error as CocoaError {
      throw TraceError(
        file: folder, line: 0, expected: "a folder that can be written", found: "\(error)")
    }
  }

  private static func fill(_ folder: URL, with program: some CommandSource) throws {
    var program = program
    var text = header
    // Records since the last command or fence: only at the end is it known that checks are dumps.
    var pending: [TraceRecord] = []
    func flush(asDumps: Bool) {
      for record in pending {
        if asDumps, case .check(let address, let count, let file) = record {
          text += Self.text(.dump(address: address, count: count, file: file)) + "\n"
        } else {
          text += Self.text(record) + "\n"
        }
      }
      pending = []
    }
    var bins = 0
    func bin(_ kind: String, _ bytes: [UInt8]) throws -> String {
      let name = "\(kind)\(bins).bin"
      bins += 1
      try Data(bytes).write(to: folder.appendingPathComponent(name))
      return name
    }
    while let step = try program.next() {
      switch step {
      case .command(let command):
        flush(asDumps: false)
        text += Self.text(.command(command)) + "\n"
      case .fence:
        flush(asDumps: false)
        text += Self.text(.fence) + "\n"
      case .zero(let address, let count):
        flush(asDumps: false)
        text += Self.text(.zero(address: address, count: count)) + "\n"
      case .load(let address, let bytes):
        flush(asDumps: false)
        text += Self.text(.load(address: address, file: try bin("load", bytes))) + "\n"
      case .check(let address, let expected, _):
        let name = try bin("check", expected)
        pending.append(.check(address: address, count: expected.count, file: name))
      case .host(let work):
        throw TraceError(
          file: "trace.txt", line: 0, expected: "commands, fences and memory",
          found: "host work (\(work.operation)), for which traces have no record")
      case .region: break
      }
    }
    flush(asDumps: true)
    try Data(text.utf8).write(to: folder.appendingPathComponent("trace.txt"))
  }
}
