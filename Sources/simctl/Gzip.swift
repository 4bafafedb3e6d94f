import AccelSim
import Foundation

/// Packs files with the system's gzip, as they are read with it (`RecordedFile`).
enum Gzip {
  /// Does `body` with what takes bytes; packed, they go to `descriptor`. Neither name nor date is
  /// packed with them, so equal bytes give equal files.
  ///
  /// - Throws: What `body` throws, and `CommandFailure` if there is no gzip.
  static func packing<Result>(
    into descriptor: Int32, named path: String, _ body: (@escaping ByteSink) throws -> Result
  ) throws -> Result {
    // A gzip that ends early is an error, not a signal.
    signal(SIGPIPE, SIG_IGN)
    let gzip = Process()
    let input = Pipe()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-nc"]
    gzip.standardInput = input
    gzip.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    gzip.standardError = FileHandle.nullDevice
    do { try gzip.run() } catch {
      throw CommandFailure(.inputOutput, "'\(path)' cannot be packed: no gzip: \(error)")
    }
    let pipe = input.fileHandleForWriting
    let outcome = Swift.Result {
      try body { bytes in
        do { try Console.write(bytes, to: pipe.fileDescriptor) } catch let error as SystemError {
          throw CommandFailure(.inputOutput, "'\(path)' cannot be packed: \(error)")
        }
      }
    }
    try? pipe.close()
    gzip.waitUntilExit()
    switch gzip.terminationStatus {
    case 0: return try outcome.get()
    case 126, 127:
      throw CommandFailure(
        .inputOutput, "'\(path)' cannot be packed: the program gzip is not on the PATH")
    default:
      throw CommandFailure(
        .inputOutput, "'\(path)' cannot be written: gzip ended with \(gzip.terminationStatus)")
    }
  }
}
