import Foundation

/// The steps of a recorded trace, read lazily: a bin is read when its record is reached.
public struct TraceReader: CommandSource, Sendable {
  /// Whether the bins are read. Without them, loads and checks are left out of the steps.
  public var readsData = true
  /// Line of the last step, from 1.
  public var line: Int { scanner.line }

  private var scanner: TraceScanner
  private let file: String
  private let folder: String

  /// Opens the trace at `path` (unpacked if it ends in `.gz`); bins are relative to its folder.
  ///
  /// - Throws: `TraceError` if the file cannot be read or does not start as a trace.
  public init(path: String, readsData: Bool = true) throws {
    let bytes = try RecordedFile.read(path)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try self.init(bytes: bytes, folder: folder, name: path, readsData: readsData)
  }

  /// Reads a trace from memory; bins are relative to `folder`, and `name` stands in errors.
  ///
  /// - Throws: `TraceError` if it does not start as a trace.
  public init(
    bytes: [UInt8], folder: String, name: String = "trace", readsData: Bool = true
  ) throws {
    self.readsData = readsData
    self.folder = folder
    file = name
    scanner = try TraceScanner(bytes, file: name)
  }

  /// Reads a trace from a text; bins are relative to `folder`.
  ///
  /// - Throws: `TraceError` if it does not start as a trace.
  public init(text: String, folder: String, name: String = "trace") throws {
    try self.init(bytes: Array(text.utf8), folder: folder, name: name)
  }

  /// The next step, or `nil` at the end.
  ///
  /// - Throws: `TraceError` for a malformed record or a bin that does not fit it.
  public mutating func next() throws -> ProgramStep? {
    while let record = try scanner.next() {
      switch record {
      case .command(let command): return .command(command)
      case .fence: return .fence
      case .zero(let address, let count): return .zero(address: address, count: count)
      case .load(let address, let name):
        guard readsData else { continue }
        let room = Int(MainMemoryRange.end - address)
        return .load(address: address, bytes: try content(of: name, limit: room))
      case .dump(let address, let count, let name):
        guard readsData else { continue }
        return try check("dump", address, count, name)
      case .check(let address, let count, let name):
        guard readsData else { continue }
        return try check("check", address, count, name)
      }
    }
    return nil
  }

  private func check(
    _ kind: String, _ address: UInt64, _ count: Int, _ name: String
  ) throws -> ProgramStep {
    let expected = try content(of: name, limit: count)
    guard expected.count == count else {
      throw TraceError(
        file: file, line: line, expected: "\(count) bytes in \(name)",
        found: "\(expected.count)")
    }
    return .check(address: address, expected: expected, label: "\(kind) \(name) (line \(line))")
  }

  private func content(of name: String, limit: Int) throws -> [UInt8] {
    do { return try BinaryFile.read("\(folder)/\(name)", limit: limit) } catch {
      throw TraceError(file: file, line: line, expected: error.expected, found: error.found)
    }
  }
}
