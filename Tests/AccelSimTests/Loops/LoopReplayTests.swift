import Foundation
import Testing

@testable import AccelSim

/// The unrollers against every recorded run; a sample of them in debug builds.
@Suite(
  .enabled(if: LoopEvidence.isPresent, "no recorded runs at ../shared/golden"))
struct LoopReplayTests {
  @Test("Every allocation in the recorded cycle", arguments: ["rtl", "rtl-random", "software"])
  func replaysRecordedRuns(_ folder: String) throws {
    let rows = try Self.selected(LoopEvidence.rows(folder))
    #expect(!rows.isEmpty)
    var exact = 0
    for row in rows {
      var replay = try LoopReplay(row)
      replay.checksQuiet = true
      if let difference = replay.firstDifference() {
        Issue.record("\(row): \(difference)")
      } else {
        exact += 1
      }
    }
    print("\(folder): \(exact) of \(rows.count) rows exact")
  }

  /// A debug build takes every 16th row, and of those only the short ones.
  private static func selected(_ rows: [LoopEvidence.Row]) -> [LoopEvidence.Row] {
    #if DEBUG
      rows.enumerated().filter { $0.offset % 16 == 7 && ($0.element.fences.last ?? 0) < 20_000 }
        .map(\.element)
    #else
      rows
    #endif
  }
}
