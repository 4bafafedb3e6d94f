import Foundation

/// Reads files whole, those that end in `.gz` through the system's gzip.
enum BinaryFile {
  /// What could not be read, in words for a `TraceError`.
  struct Failure: Error {
    var expected: String
    var found: String
  }

  /// The content of the file at `path`, unpacked if its name ends in `.gz`.
  ///
  /// - Throws: `Failure` if there is no such file, it cannot be unpacked, or it holds more than
  ///   `limit` bytes.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Failure(expected: "a file \(path)", found: "no such file")
    }
    guard !isDirectory.boolValue else {
      throw Failure(expected: "a file \(path)", found: "a directory")
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw Failure(expected: "a readable file \(path)", found: "one that may not be read")
    }
    defer { try? file.close() }
    return path.hasSuffix(".gz")
      ? try unpack(file, path, limit: limit) : try drain(file, path, limit: limit)
  }

  /// Everything that `file` still gives.
  private static func drain(
    _ file: FileHandle, _ path: String, limit: Int
  ) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let chunk: Data?
      do { chunk = try file.read(upToCount: 1 << 20) } catch {
        throw Failure(expected: "a readable file \(path)", found: "\(error)")
      }
      guard let chunk, !chunk.isEmpty else { return bytes }
      bytes.append(contentsOf: chunk)
      if bytes.count > limit {
        throw Failure(expected: "at most \(limit) bytes in \(path)", found: "more")
      }
    }
  }

  private static func unpack(
    _ file: FileHandle, _ path: String, limit: Int
  ) throws(Failure) -> [UInt8] {
    let gzip = Process()
    let output = Pipe()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc"]
    gzip.standardInput = file
    gzip.standardOutput = output
    gzip.standardError = FileHandle.nullDevice
    do { try gzip.run() } catch {
      throw Failure(expected: "gzip to unpack \(path)", found: "\(error)")
    }
    let bytes: [UInt8]
    do { bytes = try drain(output.fileHandleForReading, path, limit: limit) } catch {
      gzip.terminate()
      gzip.waitUntilExit()
      throw error
    }
    gzip.waitUntilExit()
    switch gzip.terminationStatus {
    case 0: return bytes
    case 126, 127:
      throw Failure(expected: "the program gzip to unpack \(path)", found: "none on the PATH")
    default:
      throw Failure(
        expected: "gzip data in \(path)", found: "truncated or damaged data")
    }
  }
}

/// Reads the files of a recording whole.
package enum RecordedFile {
  /// The content of the file at `path`, unpacked by the system's gzip if it ends in `.gz`.
  ///
  /// - Throws: `TraceError` if it cannot be read, or holds more than 1 GiB.
  package static func read(_ path: String) throws(TraceError) -> [UInt8] {
    let limit = 1 << 30
    do {
      if let bytes = try InputFile.givenBytes(path, limit: limit) { return bytes }
    } catch {
      throw TraceError(file: path, line: 0, expected: "at most \(limit) bytes", found: "more")
    }
    do { return try BinaryFile.read(path, limit: limit) } catch {
      throw TraceError(file: path, line: 0, expected: error.expected, found: error.found)
    }
  }
}
