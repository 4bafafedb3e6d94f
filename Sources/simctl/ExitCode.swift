import AccelSim

/// How the process ends, after sysexits.h.
enum ExitCode: Int32, CaseIterable {
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
  /// Nobody reads the output any more, as shells number it.
  case closedPipe = 141
  /// Ended by SIGTERM, as shells number it.
  case terminated = 143

  /// When it is that, for the help, the man page and Docs/CommandLine.md.
  var meaning: String {
    switch self {
    case .success: "Done, and what was checked holds."
    case .failure:
      "It ran, and what it checked does not hold: cycles that moved (check), a row outside its "
        + "allowance (validate), a claim that does not stand (study), a point that failed (sweep), "
        + "memory or commands that differ (run --data, replay)."
    case .missing: "check: something recorded is no longer there or cannot run."
    case .new: "check: all that differs is not recorded yet."
    case .usage:
      "The call is wrong: an unknown command or option, a value that does not fit, options that "
        + "exclude each other."
    case .data:
      "A workload, trace, assembly text, run or baseline is wrong or unknown, or the machine "
        + "cannot run it."
    case .noInput: "A file cannot be read, or there is no predefined machine of this name."
    case .internalError: "A fault of simctl itself: please report it."
    case .cannotCreate:
      "A file cannot be created, or exists and '--force' was not given."
    case .inputOutput: "Reading or writing failed on the way, such as on a full disk."
    case .config: "A configuration is wrong, or no such machine can exist."
    case .interrupted: "Ended by Ctrl-C (SIGINT); what was finished is reported."
    case .closedPipe: "Nobody reads standard output any more (SIGPIPE), as behind 'head'."
    case .terminated: "Ended by SIGTERM; what was finished is reported."
    }
  }

  /// The signal that a shell numbers so.
  var signal: Int32? { rawValue > 128 ? rawValue - 128 : nil }

  /// What 'simctl help exit-codes' prints.
  static var helpText: String {
    "EXIT CODES:\n" + allCases.map { helpLine("\($0.rawValue)", $0.meaning) }.joined()
  }
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
