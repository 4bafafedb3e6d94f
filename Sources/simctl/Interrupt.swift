import Glibc
import Synchronization

/// Ctrl-C and SIGTERM: remembered by commands that ask for it, else they end the process. Files that
/// are half written go away with it.
enum Interrupt {
  /// A place for the name of a file that is being written.
  typealias Mark = Int

  /// The signal that came.
  private static let asked = Atomic<Int32>(0)
  private static let isRemembered = Atomic<Bool>(false)
  /// As many files as a command writes at once, and some.
  private static let files = Files()

  /// The names of files that are being written; a signal handler may read them.
  private struct Files: ~Copyable, @unchecked Sendable {
    let names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    let count = 16
    let lock = Mutex<Void>(())

    init() {
      names = .allocate(capacity: count)
      names.initialize(repeating: nil, count: count)
    }
  }

  static var wasAsked: Bool { asked.load(ordering: .relaxed) != 0 }

  /// How a command that was interrupted ends.
  static var exitCode: ExitCode {
    asked.load(ordering: .relaxed) == SIGTERM ? .terminated : .interrupted
  }

  /// From now on a signal removes what is half written before it ends the process.
  static func install() {
    _ = files.count
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // What a caller such as nohup wants to be ignored stays so.
      var old = sigaction()
      guard sigaction(number, nil, &old) == 0, !isIgnored(old) else { continue }
      signal(number, handle)
    }
  }

  /// From now on the first signal is remembered instead of obeyed; the next ends the process.
  static func catchSignals() { isRemembered.store(true, ordering: .relaxed) }

  /// - Returns: What `didWrite` wants.
  static func willWrite(_ path: String) -> Mark? {
    files.lock.withLock { _ in
      for mark in 0..<files.count where files.names[mark] == nil {
        files.names[mark] = strdup(path)
        return mark
      }
      return nil
    }
  }

  static func didWrite(_ mark: Mark?) {
    guard let mark else { return }
    files.lock.withLock { _ in
      let name = files.names[mark]
      files.names[mark] = nil
      free(name)
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Does only what a signal handler may do.
  private static let handle: @convention(c) (Int32) -> Void = { number in
    if number != SIGHUP, Interrupt.isRemembered.load(ordering: .relaxed),
      Interrupt.asked.exchange(number, ordering: .relaxed) == 0
    {
      let notice: StaticString =
        "\nStopping behind the operator that runs; Ctrl-C again ends at once\n"
      _ = write(2, notice.utf8Start, notice.utf8CodeUnitCount)
      return
    }
    for mark in 0..<Interrupt.files.count {
      if let name = Interrupt.files.names[mark] { unlink(name) }
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
