import Foundation
import Testing

@testable import AccelSim

@Suite struct SweepJournalTests {
  private static func plan(_ axes: [String] = ["memory.latency=5,6,7"]) throws -> SweepPlan {
    try SweepPlan(SweepPlanTests.request(axes))
  }

  static func measurement(_ cycles: Int, sramBytes: Int = 1) -> SweepMeasurement {
    var measurement = SweepMeasurement()
    measurement.cycles = cycles
    measurement.macs = 4 * cycles
    measurement.peakMACsPerCycle = 8
    measurement.matmulCycles = cycles - 1
    measurement.sramBytes = sramBytes
    measurement.groupCycles[2] = cycles
    return measurement
  }

  private static func lines(_ plan: SweepPlan) -> [String] {
    let outcomes: [SweepOutcome] = [
      .measured(measurement(100)), .failed("no \"room\",\nat all\u{1F}"), .measured(measurement(3)),
    ]
    return zip(plan.points, outcomes).map { SweepJournal.line($1, of: $0, in: plan) }
  }

  private static func read(
    _ text: String, _ plan: SweepPlan
  ) throws(SweepJournal.Problem) -> SweepJournal {
    try SweepJournal(reading: Array(text.utf8), of: plan)
  }

  @Test func linesRoundTripInAnyOrder() throws {
    let plan = try Self.plan()
    let lines = Self.lines(plan)
    #expect(lines.allSatisfy { $0.hasSuffix("\"}\n") && $0.count { $0 == "\n" } == 1 })
    let text = lines[2] + lines[0] + "\n" + lines[1] + lines[0]
    let journal = try Self.read(text, plan)
    #expect(journal.outcomes[1] == .measured(Self.measurement(100)))
    #expect(journal.outcomes[2] == .failed("no \"room\",\nat all\u{1F}"))
    #expect(journal.outcomes[3] == .measured(Self.measurement(3)))
    #expect(journal.length == text.utf8.count && !journal.isTorn)
    #expect(try Self.read("", plan).outcomes.isEmpty)
  }

  /// Wherever the writer ended, the lines before it are there and nothing else.
  @Test func everyTornEndIsDropped() throws {
    let plan = try Self.plan()
    let lines = Self.lines(plan)
    let bytes = Array((lines[0] + lines[1]).utf8)
    let first = lines[0].utf8.count
    for length in 0...bytes.count {
      let journal = try SweepJournal(reading: Array(bytes[..<length]), of: plan)
      let whole = length == bytes.count ? 2 : length >= first ? 1 : 0
      #expect(journal.outcomes.count == whole)
      #expect(journal.length == [0, first, bytes.count][whole])
      #expect(journal.isTorn == (length != journal.length))
    }
    // Blocks that the file system had not yet written.
    let zeros = try SweepJournal(
      reading: Array(lines[0].utf8) + [UInt8](repeating: 0, count: 50), of: plan)
    #expect(zeros.isTorn && zeros.length == first)
  }

  /// Any other byte anywhere is found by the checksum.
  @Test func damageIsFound() throws {
    let plan = try Self.plan()
    let lines = Self.lines(plan)
    let bytes = Array(lines[0].utf8)
    let second = Array(lines[1].utf8)
    for index in 0..<bytes.count - 1 {
      var damaged = bytes
      damaged[index] ^= 1
      let whole = damaged + second
      let problem = #expect(throws: SweepJournal.Problem.self) {
        try SweepJournal(reading: whole, of: plan)
      }
      #expect(problem?.line == 1 && problem?.isForeign == false)
      // As the last line it may be what a crash left.
      #expect(try SweepJournal(reading: second + damaged, of: plan).isTorn)
    }
  }

  @Test func linesOfOtherSweepsAreRefused() throws {
    let plan = try Self.plan()
    let own = Self.lines(plan)[0]
    let other = try Self.plan(["memory.latency=5,6,8"])
    let foreign = #expect(throws: SweepJournal.Problem.self) {
      try Self.read(own + Self.lines(other)[1], plan)
    }
    #expect(foreign?.line == 2 && foreign?.isForeign == true)
    #expect(foreign?.reason == "of a sweep with other points")
    let contrary = SweepJournal.line(.failed("x"), of: plan.points[0], in: plan)
    let twice = #expect(throws: SweepJournal.Problem.self) { try Self.read(own + contrary, plan) }
    #expect(twice?.reason == "another outcome of point 1 than a line before it")
    // A last line that is whole but foreign is not torn.
    #expect(throws: SweepJournal.Problem.self) { try Self.read(Self.lines(other)[0], plan) }
  }

  @Test func whatIsNoJournalIsRefused() throws {
    let plan = try Self.plan()
    #expect(throws: SweepJournal.Problem.self) { try Self.read("a,b\n1,2\n", plan) }
  }
}
