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

/// Calls the program in this process with something on standard input.
func call(_ words: [String], input: String) async -> Outcome {
  let console = Console.capturing(input: input)
  let code = await Simctl.run(words, console: console)
  return Outcome(code: code, output: console.output, errors: console.errors)
}

/// The program as a user has it, in a process of its own.
struct BuiltProgram {
  /// The folder that it is in; `nil` if it was not built with the tests.
  static let folder: String? = {
    let runner = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = runner.deletingLastPathComponent()
    // The runner may be inside a bundle.
    for _ in 0..<4 {
      if FileManager.default.isExecutableFile(atPath: "\(folder.path)/simctl") {
        return folder.path
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }()

  var status: Int32
  var output: String
  var errors: String

  /// Runs `script` in bash, simctl on its path; output and errors go through files in `folder`.
  init(_ script: String, in folder: String, shell: [String] = ["bash", "-c"]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = shell + [script]
    process.currentDirectoryURL = URL(filePath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(Self.folder ?? ""):\(environment["PATH"] ?? "")"
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    self.output = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }

  static func has(_ tool: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
  }
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
