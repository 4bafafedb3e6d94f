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

  /// What of notes and errors is shown.
  var level = LogLevel.info
  private let destination: Destination
  private let hasColour: Bool
  private let input: String
  private var buffer: [UInt8] = []
  private var failure: (any Error)?
  private var progressWidth = 0
  private let start = ContinuousClock.now
  /// What was written, if this console captures.
  private(set) var output = ""
  /// What was written to the error stream, if this console captures.
  private(set) var errors = ""

  private init(_ destination: Destination, input: String = "", hasColour: Bool = false) {
    self.destination = destination
    self.input = input
    self.hasColour = hasColour
  }

  /// The process's own streams. A closed pipe is an error, not a signal, and so is a file that gets
  /// larger than 'ulimit -f' allows.
  static func standard() -> Console {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    keepStreams()
    return Console(
      .standard,
      hasColour: wantsColour(
        isTerminal: isatty(STDERR_FILENO) == 1, noColour: getenv("NO_COLOR"), term: getenv("TERM")))
  }

  /// Keeps everything in `output` and `errors`; `input` stands for standard input.
  static func capturing(input: String = "", hasColour: Bool = false) -> Console {
    Console(.memory, input: input, hasColour: hasColour)
  }

  /// Whether messages are coloured: on a terminal that can, if the user does not object
  /// (https://no-color.org).
  static func wantsColour(
    isTerminal: Bool, noColour: UnsafePointer<CChar>?, term: UnsafePointer<CChar>?
  ) -> Bool {
    guard isTerminal, let term, strcmp(term, "dumb") != 0, term.pointee != 0 else { return false }
    return noColour == nil || noColour?.pointee == 0
  }

  /// Puts something in the place of standard streams that are closed, or the next file that is opened
  /// would take it. What is there cannot be read or written, as a closed stream.
  private static func keepStreams() {
    for (descriptor, flags) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] {
      if fcntl(Int32(descriptor), F_GETFD) == -1 { _ = open("/dev/null", flags) }
    }
  }

  /// Everything on standard input.
  ///
  /// - Throws: `CommandFailure` (66) if it cannot be read, or is more than 1 GiB.
  func readInput() throws -> [UInt8] {
    if case .memory = destination { return Array(input.utf8) }
    if isatty(STDIN_FILENO) == 1 { log(.info, "Reading standard input; Ctrl-D ends it") }
    do {
      return try InputFile.bytes(of: STDIN_FILENO, limit: 1 << 30)
    } catch {
      throw CommandFailure(
        .noInput, "'\(InputFile.standardInput)' cannot be read: \(error.reason)")
    }
  }

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

  /// Writes a message to standard error, after everything before it, if the user wants its level.
  ///
  /// What names of files and their contents would make a terminal do is written out instead.
  func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard level <= self.level else { return }
    clearProgress()
    let text = VisibleText.of(message())
    switch level {
    case .error, .info: writeError(nil, text)
    case .warning: writeError(Label(text: "Warning:", colour: 33), text)
    case .debug: writeError(Label(text: "Debug:"), text)
    }
  }

  /// What stands before a message.
  private struct Label {
    var text: String
    /// As terminals number it.
    var colour: Int?
  }

  /// Says why the command fails.
  func printError(_ message: String) {
    clearProgress()
    writeError(Label(text: "Error:", colour: 31), VisibleText.of(message))
  }

  /// A debug message with the time since the start of the program.
  func trace(_ message: @autoclosure () -> String) {
    guard level >= .debug else { return }
    let time = (ContinuousClock.now - start).components
    let milliseconds = time.seconds * 1000 + time.attoseconds / 1_000_000_000_000_000
    log(.debug, "\(milliseconds) ms: \(message())")
  }

  private func writeError(_ label: Label?, _ text: String) {
    var shown = text + "\n"
    if let label {
      let isColoured = hasColour && label.colour != nil
      let start = isColoured ? "\u{1B}[1;\(label.colour ?? 0)m" : ""
      shown = "\(start)\(label.text)\(isColoured ? "\u{1B}[0m" : "") \(shown)"
    }
    switch destination {
    case .memory: errors += shown
    case .standard:
      try? flush()
      try? Self.write(Array(shown.utf8), to: STDERR_FILENO)
    }
  }

  /// Shows a line that the next output replaces, on a terminal only.
  func showProgress(_ line: String) {
    guard case .standard = destination, level >= .info, isatty(STDERR_FILENO) == 1 else { return }
    // A line that wraps would not be overwritten.
    let line = DisplayWidth.prefix(VisibleText.of(line), 79)
    let width = DisplayWidth.of(line)
    let padding = String(repeating: " ", count: max(0, progressWidth - width))
    progressWidth = width
    try? Self.write(Array(("\r" + line + padding).utf8), to: STDERR_FILENO)
  }

  /// Writes what is buffered.
  ///
  /// - Throws: `Closed` when nobody reads any more, else a `CommandFailure`; also if an earlier call
  ///   failed and nobody heard of it.
  func flush() throws {
    if let failure { throw failure }
    guard !buffer.isEmpty else { return }
    let bytes = buffer
    buffer.removeAll(keepingCapacity: true)
    do {
      try Self.write(bytes, to: STDOUT_FILENO)
    } catch let code as SystemError {
      failure =
        code.number == EPIPE
        ? Closed()
        : CommandFailure(.inputOutput, "Standard output cannot be written: \(code)")
      throw failure ?? code
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
