import Foundation
import Testing

/// Many seeded cases of one kind of input. Each ends in a result or in an error in words; a case that
/// crashes or hangs is named before the process ends.
///
/// ROBUSTNESS_CASES is how many cases all campaigns have together, ROBUSTNESS_SEED another start, and
/// ROBUSTNESS_ONLY=NAME:CASE runs that case alone (Docs/Robustness.md).
struct Campaign: Sendable {
  enum End: Sendable { case accepted, refused }

  var name: String
  /// Of a thousand cases, how many are of this campaign.
  var share: Int
  /// A case that takes longer than so many seconds, in a release build, is a defect.
  var limit = 5.0
  /// More than this part of the cases must be accepted, if they are a hundred or more; `nil` where
  /// some must be and some not.
  var leastAccepted: Double?

  private static let environment = ProcessInfo.processInfo.environment
  private static let total = environment["ROBUSTNESS_CASES"].flatMap(Int.init)
  private static let seed = environment["ROBUSTNESS_SEED"].flatMap(UInt64.init) ?? 1
  private static let only = environment["ROBUSTNESS_ONLY"].map { $0.split(separator: ":") }

  /// Whether a long run was asked for; else the cases suit a debug build.
  static var isLong: Bool { total != nil }

  var count: Int { max(20, (Self.total ?? 10_000) * share / 1000) }

  /// Runs all cases, on as many threads as there are cores.
  ///
  /// - Parameter body: One case; it throws or records an issue where something is wrong.
  func run(
    count: Int? = nil, _ body: @escaping @Sendable (_ random: inout Seeded) async throws -> End
  ) async {
    let cases: Range<Int>
    if let only = Self.only {
      guard only.count == 2, only[0] == name, let index = Int(only[1]) else { return }
      cases = index..<index + 1
    } else {
      cases = 0..<(count ?? self.count)
    }
    let workers = min(cases.count, max(1, ProcessInfo.processInfo.activeProcessorCount))
    let start = ContinuousClock.now
    let before = Memory.residentBytes
    let tallies = await withTaskGroup(of: Tally.self) { group in
      for worker in 0..<workers {
        group.addTask { await work(worker, of: workers, cases, body) }
      }
      return await group.reduce(into: Tally()) { $0.add($1) }
    }
    report(tallies, cases.count, ContinuousClock.now - start, grown: Memory.residentBytes - before)
  }

  private func work(
    _ worker: Int, of workers: Int, _ cases: Range<Int>,
    _ body: @Sendable (inout Seeded) async throws -> End
  ) async -> Tally {
    // The same for every process: a hash of the name, as FNV-1a.
    let kind = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    var tally = Tally()
    for index in Swift.stride(from: cases.lowerBound + worker, to: cases.upperBound, by: workers) {
      var random = Seeded(kind ^ Self.seed, case: index)
      let start = ContinuousClock.now
      Witness.begin(worker, name, index)
      do {
        if try await body(&random) == .accepted { tally.accepted += 1 }
      } catch {
        Issue.record("ROBUSTNESS_ONLY=\(name):\(index) ROBUSTNESS_SEED=\(Self.seed): \(error)")
      }
      Witness.end(worker)
      let time = ContinuousClock.now - start
      if time > tally.slowest { (tally.slowest, tally.slowestCase) = (time, index) }
    }
    return tally
  }

  private func report(_ tally: Tally, _ count: Int, _ time: Duration, grown: Int) {
    let share = 100 * tally.accepted / max(1, count)
    print(
      "robustness: \(name): \(count) cases, \(share)% accepted, \(time.seconds) s; slowest "
        + "\(tally.slowest.seconds) s (case \(tally.slowestCase)); memory \(grown >> 20) MiB more")
    guard Self.only == nil else { return }
    if let leastAccepted {
      #expect(count < 100 || Double(tally.accepted) > leastAccepted * Double(count), "\(name)")
    } else {
      // Where everything has one end, the changes prove nothing.
      #expect(tally.accepted > 0 && tally.accepted < count, "\(name)")
    }
    guard Self.isLong else { return }
    #if !DEBUG
      #expect(tally.slowest < .seconds(limit), "\(name), case \(tally.slowestCase)")
    #endif
    #expect(grown < 512 << 20, "\(name): cases leave memory behind")
  }

  private struct Tally: Sendable {
    var accepted = 0
    var slowest = Duration.zero
    var slowestCase = 0

    mutating func add(_ other: Tally) {
      accepted += other.accepted
      if other.slowest > slowest { (slowest, slowestCase) = (other.slowest, other.slowestCase) }
    }
  }
}

extension Duration {
  /// Seconds with three digits.
  fileprivate var seconds: String { String(format: "%.3f", self / .seconds(1)) }
}

/// A case that is wrong, in words.
struct Defect: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless `holds`.
func require(_ holds: Bool, _ words: @autoclosure () -> String) throws(Defect) {
  guard holds else { throw Defect(words()) }
}

enum Memory {
  /// What the process has in memory, as Linux counts it; 0 where nobody does.
  static var residentBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return 0
    }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
