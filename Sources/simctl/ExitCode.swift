/// How the process ends, after sysexits.h.
enum ExitCode: Int32 {
  case success = 0
  /// It ran, and what it checked does not hold.
  case failure = 1
  /// `check`: something recorded is no longer there or cannot run.
  case missing = 2
  /// `check`: all that differs is not recorded yet.
  case new = 3
  case usage = 64
  case data = 65
  case noInput = 66
  case internalError = 70
  case cannotCreate = 73
  case inputOutput = 74
  case config = 78
  /// Ended by Ctrl-C, as shells number it.
  case interrupted = 130
}

/// Ends a command with one message on the error stream.
struct CommandFailure: Error, Equatable {
  var code: ExitCode
  var message: String

  init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }
}
