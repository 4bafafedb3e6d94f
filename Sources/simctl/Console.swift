import AccelSim
import Glibc

/// Everything that leaves the process goes through here: standard streams and files.
///
/// Output is buffered until `flush`; errors and progress are not.
final class Console {
  private enum Destination {
    case standard
    case memory
  }

  /// The reader of a pipe went away: end quietly.
  struct Closed: Error {}

  private let destination: Destination
  private var buffer: [UInt8] = []
  private var progressWidth = 0
  /// What was written, if this console captures.
  private(set) var output = ""
  /// What was written to the error stream, if this console captures.
  private(set) var errors = ""

  private init(_ destination: Destination) { self.destination = destination }

  /// The process's own streams. A closed pipe is an error, not a signal.
  static func standard() -> Console {
    signal(SIGPIPE, SIG_IGN)
    return Console(.standard)
  }

  /// Keeps everything in `output` and `errors`.
  static func capturing() -> Console { Console(.memory) }

  /// Writes a line to standard output.
  func print(_ line: String = "") throws { try write(line + "\n") }

  /// Writes `text` to standard output as it is.
  func write(_ text: String) throws {
    clearProgress()
    switch destination {
    case .memory: output += text
    case .standard:
      buffer.append(contentsOf: text.utf8)
      if buffer.count >= 1 << 16 { try flush() }
    }
  }

  /// Writes a line to standard error, after everything before it.
  ///
  /// What names of files and their contents would make a terminal do is written out instead.
  func printError(_ line: String) {
    let line = VisibleText.of(line)
    clearProgress()
    switch destination {
    case .memory: errors += line + "\n"
    case .standard:
      try? flush()
      try? Self.write(Array((line + "\n").utf8), to: STDERR_FILENO)
    }
  }

  /// Shows a line that the next output replaces, on a terminal only.
  func showProgress(_ line: String) {
    guard case .standard = destination, isatty(STDERR_FILENO) == 1 else { return }
    // A line that wraps would not be overwritten.
    let line = String(line.prefix(79))
    let padding = String(repeating: " ", count: max(0, progressWidth - line.count))
    progressWidth = line.count
    try? Self.write(Array(("\r" + line + padding).utf8), to: STDERR_FILENO)
  }

  /// Writes what is buffered.
  ///
  /// - Throws: `Closed` when nobody reads any more, else a `CommandFailure`.
  func flush() throws {
    guard !buffer.isEmpty else { return }
    let bytes = buffer
    buffer.removeAll(keepingCapacity: true)
    do {
      try Self.write(bytes, to: STDOUT_FILENO)
    } catch let code as SystemError {
      if code.number == EPIPE { throw Closed() }
      throw CommandFailure(.inputOutput, "Standard output cannot be written: \(code)")
    }
  }

  private func clearProgress() {
    guard progressWidth > 0 else { return }
    let blank = String(repeating: " ", count: progressWidth)
    progressWidth = 0
    try? Self.write(Array(("\r" + blank + "\r").utf8), to: STDERR_FILENO)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    try bytes.withUnsafeBytes { all in
      var rest = all[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, part.baseAddress, part.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          throw SystemError(number: errno)
        }
      }
    }
  }
}

/// An error number of the system, in words.
struct SystemError: Error, CustomStringConvertible {
  var number: Int32

  var description: String { String(cString: strerror(number)) }
}

/// A file that a command promises to write; nothing of it is seen before it is complete.
struct OutputFile {
  let path: String
  let overwrites: Bool

  /// Checks early, before any work, that the file may be created.
  ///
  /// - Throws: `CommandFailure` (73) if it exists and `overwrites` is false, or its folder is
  ///   missing.
  init(_ path: String, overwrites: Bool) throws {
    self.path = path
    self.overwrites = overwrites
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw CommandFailure(.cannotCreate, "'\(path)' is a folder")
      }
      // Replacing would put a plain file in the place of a device, a pipe or what a link names.
      var link = stat()
      if status.st_mode & S_IFMT != S_IFREG
        || (lstat(path, &link) == 0 && link.st_mode & S_IFMT != S_IFREG)
      {
        throw CommandFailure(.cannotCreate, "'\(path)' is not a regular file")
      }
      if !overwrites {
        throw CommandFailure(
          .cannotCreate, "'\(path)' exists already; '--force' replaces it")
      }
    }
    let folder = InputFile.folder(of: path)
    if stat(folder, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
      throw CommandFailure(.cannotCreate, "'\(path)' cannot be created: no folder '\(folder)'")
    }
  }

  /// Writes the chunks that `produce` hands over, then puts the file in its place in one step.
  ///
  /// - Throws: `CommandFailure` (73 or 74); no partial file stays behind.
  func write(_ produce: ((String) throws -> Void) throws -> Void) throws {
    try fill { descriptor in
      var buffer: [UInt8] = []
      try produce { text in
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 18 {
          try Console.write(buffer, to: descriptor)
          buffer.removeAll(keepingCapacity: true)
        }
      }
      try Console.write(buffer, to: descriptor)
    }
  }

  /// Lets `body` write to a descriptor, then puts the file in its place in one step.
  ///
  /// - Throws: What `body` throws, and `CommandFailure` (73 or 74); no partial file stays behind.
  func fill<Result>(_ body: (Int32) throws -> Result) throws -> Result {
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw CommandFailure(
        .cannotCreate, "'\(path)' cannot be created: \(SystemError(number: errno))")
    }
    let result: Result
    do {
      result = try body(descriptor)
    } catch {
      close(descriptor)
      unlink(temporary)
      if let error = error as? SystemError {
        throw CommandFailure(.inputOutput, "'\(path)' cannot be written: \(error)")
      }
      throw error
    }
    guard close(descriptor) == 0 else {
      let number = errno
      unlink(temporary)
      throw CommandFailure(
        .inputOutput, "'\(path)' cannot be written: \(SystemError(number: number))")
    }
    // A hard link never replaces a file that appeared in the meantime.
    let placed = overwrites ? rename(temporary, path) : link(temporary, path)
    let number = errno
    if !overwrites || placed != 0 { unlink(temporary) }
    guard placed == 0 else {
      throw CommandFailure(
        .cannotCreate, "'\(path)' cannot be created: \(SystemError(number: number))")
    }
    return result
  }
}
