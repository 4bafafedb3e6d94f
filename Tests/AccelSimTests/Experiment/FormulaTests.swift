import Testing

@testable import AccelSim

@Suite struct FormulaTests {
  private func value(_ text: String, _ numbers: [String: Double] = [:]) throws -> Double {
    try Formula(text).value { numbers[$0] ?? .nan }
  }

  @Test(arguments: [
    ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("8 / 4 / 2", 1), ("8 - 4 - 2", 2), ("-2 * -3", 6),
    ("1.5", 1.5), ("max(1, 3, 2) - min(4, 1 + 1)", 1), ("max(5)", 5), ("--1", 1),
  ])
  func arithmetic(_ text: String, _ expected: Double) throws {
    let found = try value(text)
    #expect(found == expected)
  }

  @Test func namesStandForNumbers() throws {
    let formula = try Formula("1 - a.cycles / b_1.operator.q.cycles")
    #expect(formula.names.map(\.text) == ["a.cycles", "b_1.operator.q.cycles"])
    let found = formula.value { $0 == "a.cycles" ? 3 : 4 }
    #expect(found == 0.25)
    let bare = try Formula("min + max")
    #expect(bare.names.map(\.text) == ["min", "max"])
  }

  @Test(arguments: [
    ("", 1), ("1 +", 4), ("(1", 3), ("1 2", 3), ("a b", 3), ("1..2", 1), ("max(1", 6), ("$", 1),
    ("1 ^ 2", 3), ("1e999", 1), ("5x", 1), ("0x10", 1),
  ])
  func errorsPointAtTheirPlace(_ text: String, _ column: Int) {
    let error = #expect(throws: Formula.Problem.self) { try Formula(text) }
    #expect(error?.column == column)
  }

  @Test func depthAndLengthHaveLimits() {
    let deep = String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400)
    #expect(throws: Formula.Problem.self) { try Formula(deep) }
    let long = String(repeating: "1+", count: 600) + "1"
    #expect(throws: Formula.Problem.self) { try Formula(long) }
  }
}
