import Foundation

/// The recorded evidence, where it is present.
enum Golden {
  /// The folder `../shared/golden` beside the repository.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared/golden").path

  /// Whether it is there; tests that need it say so with `.enabled(if:)`.
  static let isPresent = FileManager.default.fileExists(atPath: root + "/README.md")

  /// Every trace, as paths, in a fixed order.
  static let traces: [String] = {
    guard isPresent else { return [] }
    var paths: [String] = []
    for part in ["rtl/traces", "rtl-random/traces", "software"] {
      let folder = root + "/" + part
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        let path = folder + "/" + name
        if name.hasSuffix(".trace") { paths.append(path) }
        if part == "software", FileManager.default.fileExists(atPath: path + "/trace.txt") {
          paths.append(path + "/trace.txt")
        }
      }
    }
    return paths.sorted()
  }()

  /// Every trace when a long run is asked for by FUZZ_ITERATIONS, a handful otherwise.
  static var someTraces: [String] {
    if Seeded.isLongRun { return traces }
    return stride(from: 0, to: traces.count, by: 40).map { traces[$0] }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// Iterations of a fuzz test: FUZZ_ITERATIONS, or `count`.
  static func iterations(_ count: Int) -> Int {
    ProcessInfo.processInfo.environment["FUZZ_ITERATIONS"].flatMap(Int.init) ?? count
  }

  static let isLongRun = ProcessInfo.processInfo.environment["FUZZ_ITERATIONS"] != nil
}

/// A folder that goes away when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("accelsim-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }
}
