import Foundation

/// This program run once more, as a user would, with what it took.
struct ChildRun {
  /// Wall time from its start to its end.
  var seconds: Double
  /// Largest memory.
  var peakBytes: Int
  /// What it wrote to standard output, if that was asked for.
  var output: [UInt8] = []

  /// Runs this program with `arguments`; what it writes to standard error is dropped.
  ///
  /// - Throws: `CommandFailure` (70) if it cannot be started or fails.
  init(_ arguments: [String], keepsOutput: Bool = false) throws {
    guard let path = Bundle.main.executablePath else {
      throw CommandFailure(.internalError, "The place of this program is not known")
    }
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appendingPathComponent("simctl-\(getpid())-\(UUID().uuidString)").path
    defer { unlink(file) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, keepsOutput ? file : "/dev/null",
      keepsOutput ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    var status: Int32 = 0
    var usage = rusage()
    let start = ContinuousClock.now
    guard posix_spawn(&process, path, &actions, nil, &words, environ) == 0 else {
      throw CommandFailure(.internalError, "'\(path)' cannot be started")
    }
    while wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else {
        throw CommandFailure(
          .internalError, "'simctl \(arguments.joined(separator: " "))' was lost")
      }
    }
    let time = ContinuousClock.now - start
    guard status == 0 else {
      throw CommandFailure(
        .internalError, "'simctl \(arguments.joined(separator: " "))' failed, status \(status)")
    }
    seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    peakBytes = Int(usage.ru_maxrss) << 10
    if keepsOutput { output = [UInt8](FileManager.default.contents(atPath: file) ?? Data()) }
  }
}
