import Foundation
import Synchronization

/// Knows which cases are running, and says so when one of them ends the process or does not end.
enum Witness {
  /// A case that runs longer ends the process.
  private static let patience = Campaign.isLong ? 120 : 600
  private static let workers = 64
  private static let desk = Desk()

  /// What one worker does.
  private struct Place: ~Copyable {
    /// Number of the case, or -1.
    let index = Atomic(-1)
    /// The name of the campaign; it stays.
    let name = Atomic<UnsafeMutablePointer<CChar>?>(nil)
    /// When the case began, in seconds.
    let start = Atomic(0)
  }

  /// What the workers do; another thread and a signal handler may read it.
  private struct Desk: ~Copyable, @unchecked Sendable {
    let places: UnsafeMutablePointer<Place>

    init() {
      places = .allocate(capacity: Witness.workers)
      for worker in 0..<Witness.workers { (places + worker).initialize(to: Place()) }
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

  static func begin(_ worker: Int, _ campaign: String, _ index: Int) {
    guard worker < workers else { return }
    let name = desk.places[worker].name.load(ordering: .acquiring)
    if name.map({ strcmp($0, campaign) }) != 0 {
      // A few bytes a campaign: the handler may be reading the old ones.
      desk.places[worker].name.store(strdup(campaign), ordering: .releasing)
    }
    desk.places[worker].start.store(time(nil), ordering: .relaxed)
    desk.places[worker].index.store(index, ordering: .releasing)
  }

  static func end(_ worker: Int) {
    if worker < workers { desk.places[worker].index.store(-1, ordering: .releasing) }
  }

  private static func check() {
    let now = time(nil)
    for worker in 0..<workers where desk.places[worker].index.load(ordering: .acquiring) >= 0 {
      if now - desk.places[worker].start.load(ordering: .relaxed) > patience {
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
    for worker in 0..<Witness.workers {
      var rest = Witness.desk.places[worker].index.load(ordering: .acquiring)
      guard rest >= 0 else { continue }
      Witness.say("robustness: running: ROBUSTNESS_ONLY=")
      let name = Witness.desk.places[worker].name.load(ordering: .acquiring)
      if let name { _ = write(2, name, strlen(name)) }
      Witness.say(":")
      // Digits from the lowest.
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
