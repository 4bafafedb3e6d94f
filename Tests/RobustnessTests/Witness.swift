import Foundation
import Synchronization

/// Knows which cases are running, and says so when one of them ends the process or does not end.
enum Witness {
  /// A case that runs longer ends the process.
  private static let patience = Campaign.isLong ? 120 : 600
  private static let workers = 64
  private static let desk = Desk()

  /// What the workers do; a signal handler may read it.
  private struct Desk: ~Copyable, @unchecked Sendable {
    /// Number of the case of each worker, or -1.
    let cases: UnsafeMutablePointer<Int>
    /// The names of campaigns; they stay.
    let names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    /// When the case began, in seconds.
    let starts: UnsafeMutablePointer<Int>

    init() {
      cases = .allocate(capacity: Witness.workers)
      cases.initialize(repeating: -1, count: Witness.workers)
      names = .allocate(capacity: Witness.workers)
      names.initialize(repeating: nil, count: Witness.workers)
      starts = .allocate(capacity: Witness.workers)
      starts.initialize(repeating: 0, count: Witness.workers)
      for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
        signal(number, Witness.testify)
      }
      Thread.detachNewThread {
        while true {
          sleep(5)
          Witness.check()
        }
      }
    }
  }

  static func begin(_ worker: Int, _ name: String, _ index: Int) {
    guard worker < workers else { return }
    if desk.cases[worker] == -1, desk.names[worker].map({ strcmp($0, name) }) != 0 {
      // A few bytes a campaign: the handler may be reading the old ones.
      desk.names[worker] = strdup(name)
    }
    desk.starts[worker] = time(nil)
    desk.cases[worker] = index
  }

  static func end(_ worker: Int) {
    if worker < workers { desk.cases[worker] = -1 }
  }

  private static func check() {
    let now = time(nil)
    for worker in 0..<workers where desk.cases[worker] >= 0 {
      if now - desk.starts[worker] > patience {
        say("robustness: a case does not end\n")
        abort()
      }
    }
  }

  private static func say(_ text: StaticString) {
    _ = write(2, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Does only what a signal handler may do.
  private static let testify: @convention(c) (Int32) -> Void = { number in
    for worker in 0..<Witness.workers where Witness.desk.cases[worker] >= 0 {
      Witness.say("robustness: running: ROBUSTNESS_ONLY=")
      if let name = Witness.desk.names[worker] { _ = write(2, name, strlen(name)) }
      Witness.say(":")
      // Digits from the lowest.
      var rest = Witness.desk.cases[worker]
      var digits: UInt64 = 0
      var count = 0
      repeat {
        digits = digits << 4 | UInt64(rest % 10)
        rest /= 10
        count += 1
      } while rest > 0 && count < 16
      for _ in 0..<count {
        var digit = UInt8(ascii: "0") + UInt8(digits & 15)
        digits >>= 4
        _ = write(2, &digit, 1)
      }
      Witness.say("\n")
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
