import Foundation
import Testing

@testable import simctl

/// What one call of the program did.
struct Outcome {
  var code: ExitCode
  var output: String
  var errors: String
}

/// Calls the program in this process.
func call(_ words: String...) async -> Outcome {
  let console = Console.capturing()
  let code = await Simctl.run(words, console: console)
  return Outcome(code: code, output: console.output, errors: console.errors)
}

/// A folder for one test, gone after it.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "simctl-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: file))
    return file
  }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}

/// Compares `text` with Snapshots/`name`; `RECORD_SNAPSHOTS=1 swift test` rewrites the file.
func expectSnapshot(
  _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Snapshots/\(name)")
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
    try Data(text.utf8).write(to: file)
  }
  let recorded = try String(contentsOf: file, encoding: .utf8)
  #expect(
    text == recorded, "RECORD_SNAPSHOTS=1 swift test rewrites it", sourceLocation: sourceLocation)
}
