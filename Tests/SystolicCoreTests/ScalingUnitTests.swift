import Testing

@testable import SystolicCore

@Suite struct ScalingUnitTests {
  /// Cycles in which rows offered every cycle are accepted and leave.
  private func run(
    units: Int, latency: Int, lanes: Int, rows: [Bool], cycles: Int = 300
  ) -> (accepted: [Int], left: [Int]) {
    var unit = ScalingUnit(units: units, latency: latency, lanes: lanes)
    var accepted: [Int] = []
    var left: [Int] = []
    for now in 0..<cycles {
      _ = unit.begin(now)
      if unit.hasOutput {
        unit.take()
        left.append(now)
      }
      _ = unit.advance()
      if accepted.count < rows.count, unit.canPush {
        unit.push(normalises: rows[accepted.count])
        accepted.append(now)
      }
    }
    return (accepted, left)
  }

  /// Facts 8.6: accepted at t, valid at t + latency, a row a cycle.
  @Test func pipelineTakesARowACycle() {
    let (accepted, left) = run(units: 0, latency: 8, lanes: 16, rows: [false, false, false])
    #expect(accepted == [0, 1, 2])
    #expect(left == [8, 9, 10])
  }

  /// Four units, all able to normalise: 16 lanes take 4 cycles from the one after acceptance; a flag
  /// shows latency + 2 after its grant (facts 8.6, 8.2).
  @Test(arguments: [true, false])
  func fourUnitsServeEveryEntry(_ normalises: Bool) {
    let (accepted, left) = run(
      units: 4, latency: 8, lanes: 16, rows: Array(repeating: normalises, count: 1))
    #expect(accepted == [0])
    #expect(left == [0 + 4 + 8 + 2])
  }

  /// With as many others as norm units a row of each kind goes side by side: both 4 cycles.
  @Test func kindsGoSideBySide() {
    let rows = [true, false]
    let (accepted, left) = run(units: 8, latency: 4, lanes: 16, rows: rows)
    #expect(accepted == [0, 1])
    // Entry 0 normalises: the policy adds entry 2, so entry 1 has the others to itself.
    #expect(left == [10, 11])
  }

  /// Rows that normalise wait for the four units that can.
  @Test func normalisingRowsShareFourUnits() {
    let (_, left) = run(
      units: 20, latency: 4, lanes: 16, rows: [true, true, true])
    // 48 elements on 4 units: granted from 1 to 12. After reset the round robin starts at the
    // second element of each, so row 0's first one comes last and shows at 12 + 6; then in order.
    #expect(left == [18, 19, 20])
    let (_, others) = run(units: 20, latency: 4, lanes: 16, rows: [false])
    // 16 others: entry 0 is not given to the norm units, and done in one cycle.
    #expect(others == [7])
  }

  /// The source's table for 4, 8 and 16 units: entries from the highest down fill the share.
  @Test func assignmentFillsTheShare() {
    func table(_ units: Int) -> [Int] {
      (0..<8).map { pattern in
        let bits = ScalingRing.assignment(
          normalising: (0..<3).map { pattern >> $0 & 1 == 1 }, units: units)
        return (0..<3).reduce(0) { $0 | (bits[$1] ? 1 << $1 : 0) }
      }
    }
    #expect(table(4) == Array(repeating: 7, count: 8))
    // Share 1.5 entries, rounded to 2.
    #expect(table(8) == [6, 5, 6, 3, 6, 5, 6, 7])
    // Share 0.75 entries, rounded to 1.
    #expect(table(16) == [4, 1, 2, 3, 4, 5, 6, 7])
    // Share 0.4 entries, rounded to 0.
    #expect(table(30) == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  /// Only three rows are held; the next enters in the cycle in which the first leaves.
  @Test func ringHoldsThreeRows() {
    let (accepted, left) = run(
      units: 4, latency: 4, lanes: 16, rows: Array(repeating: true, count: 5))
    #expect(Array(accepted.prefix(3)) == [0, 1, 2])
    #expect(accepted[3] == left[0] && accepted[4] == left[1])
  }
}
