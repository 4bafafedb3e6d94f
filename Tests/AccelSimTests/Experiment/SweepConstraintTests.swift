import Foundation
import Testing

@testable import AccelSim

@Suite struct SweepConstraintTests {
  private func allows(_ text: String, _ sets: String..., sequence: Int = 7) throws -> Bool? {
    let config = HardwareConfig().assigned(sets.compactMap { ConfigAssignment($0) }).config
    return try SweepConstraint(text, parameters: ["sequence"])
      .allows(config, parameters: ["sequence": sequence])
  }

  @Test(arguments: [
    ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true), ("10 - 4 - 3 == 3", true),
    ("2 * -3 == -6", true), ("--1 == 1", true), ("1<2", true), ("2<2", false), ("2<=2", true),
    ("3 > 2", true), ("2 >= 3", false), ("2 > 2", false), ("((4)) == 4", true),
    ("3 / 2 == 1.5", true),
    ("-(1 - 3) * 2 == 4", true), ("1\t==\t1", true),
  ])
  func arithmetic(_ text: String, _ holds: Bool) throws {
    #expect(try allows(text) == holds)
  }

  @Test func namesAreKeysAndSizes() throws {
    let sum = "scratchpad.capacityKiB + accumulator.capacityKiB <= 320"
    #expect(try allows(sum, "scratchpad.capacityKiB=256", "accumulator.capacityKiB=64") == true)
    #expect(try allows(sum, "scratchpad.capacityKiB=256", "accumulator.capacityKiB=128") == false)
    #expect(
      try allows(
        "sramBytes == 1024 * 96", "scratchpad.capacityKiB=64", "accumulator.capacityKiB=32")
        == true)
    #expect(try allows("workload.sequence > 6") == true)
    #expect(try allows("workload.sequence > 6", sequence: 6) == false)
  }

  @Test func numbersThatAreNotExactAreNoAnswer() throws {
    let large = "9007199254740992"
    #expect(try allows("\(large) * 2 > 0") == nil)
    #expect(try allows("-\(large) - 2 < 0") == nil)
    #expect(try allows("1 / (sramBytes - sramBytes) > 0") == nil)
    #expect(try allows("0 / (sramBytes - sramBytes) > 0") == nil)
    #expect(try allows("\(large) > 0") == true)
  }

  @Test(arguments: [
    ("", 1, "the end"), ("1", 2, "the end"), ("1 <", 4, "the end"), ("1 < 2 < 3", 7, "\"<\""),
    ("1 = 2", 3, "\"=\""), ("1 <> 2", 4, "\">\""), ("(1 < 2", 4, "\"<\""), ("1) < 2", 2, "\")\""),
    ("1 < 2 3", 7, "\"3\""), ("1 + < 2", 5, "\"<\""), ("1..5 < 2", 1, "\"1..5\""),
    ("1 < 1e999", 5, "\"1e999\""), ("a < 1", 1, "\"a\""),
    ("1 < ä", 5, "\"ä\""), ("1 % 2 < 3", 3, "\"%\""), ("1 < 2 && 2 < 3", 7, "\"&\""),
    ("1 <= (2", 8, "the end"),
  ])
  func problemsPointAtTheColumn(_ text: String, _ column: Int, _ found: String) {
    let problem = #expect(throws: SweepConstraint.Problem.self) { try SweepConstraint(text) }
    #expect(problem?.column == column)
    #expect(problem?.found == found)
  }

  @Test(arguments: [
    ("scratchpad.capacityKib < 1", "scratchpad.capacityKiB"), ("latency < 1", nil),
    ("issueInterval < 1", "host.issueInterval"), ("srambytes < 1", "sramBytes"),
    ("workload.sequense < 1", "workload.sequence"),
  ])
  func unknownNamesGetASuggestion(_ text: String, _ suggestion: String?) {
    let problem = #expect(throws: SweepConstraint.Problem.self) {
      try SweepConstraint(text, parameters: ["sequence"])
    }
    #expect(problem?.suggestion == suggestion)
  }

  @Test func keysWithoutNumbersAreRefused() {
    let problem = #expect(throws: SweepConstraint.Problem.self) {
      try SweepConstraint("features.maxPool == 1")
    }
    #expect(problem?.expected == "a key that holds a number")
  }

  @Test func nestingAndLengthHaveLimits() {
    let deep = String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400)
    let long = (0..<400).map { _ in "1" }.joined(separator: " + ")
    let (nested, negated) = ("\(deep) < 2", String(repeating: "-", count: 900) + "1 < 2")
    for text in [nested, negated, "\(long) < 2"] {
      #expect(throws: SweepConstraint.Problem.self) { try SweepConstraint(text) }
    }
  }
}
