/// Reads a `SweepConstraint` by recursive descent.
///
///     constraint = sum ("<=" | ">=" | "==" | "<" | ">") sum
///     sum        = product (("+" | "-") product)*
///     product    = factor ("*" factor)*
///     factor     = number | name | "-" factor | "(" sum ")"
struct SweepConstraintParser {
  typealias Problem = SweepConstraint.Problem
  typealias Term = SweepConstraint.Term

  /// Longest text in characters, and deepest nesting.
  private static let limit = (length: 1000, depth: 50)

  private let text: [Character]
  private let names: [String]
  private var index = 0
  private var depth = 0

  /// - Parameter names: What may stand for a number.
  init(_ text: String, names: [String]) {
    self.text = Array(text)
    self.names = names
  }

  mutating func parse() throws(Problem) -> (Term, SweepConstraint.Comparison, Term) {
    guard text.count <= Self.limit.length else {
      throw problem(
        found: "\(text.count) characters", expected: "at most \(Self.limit.length)", at: 0)
    }
    let left = try sum()
    let comparison = try comparison()
    let right = try sum()
    skipSpace()
    guard index == text.count else {
      let isChain = SweepConstraint.Comparison.allCases.contains { starts(with: $0.rawValue) }
      throw problem(
        found: summary, expected: isChain ? "only one comparison" : "+, -, * or the end")
    }
    return (left, comparison, right)
  }

  private mutating func comparison() throws(Problem) -> SweepConstraint.Comparison {
    skipSpace()
    // Those of two characters come first.
    for comparison in SweepConstraint.Comparison.allCases where starts(with: comparison.rawValue) {
      index += comparison.rawValue.count
      return comparison
    }
    throw problem(found: summary, expected: "+, -, *, <=, >=, <, > or ==")
  }

  private mutating func sum() throws(Problem) -> Term {
    var sum = try product()
    while true {
      if take("+") {
        sum = .sum(sum, try product())
      } else if take("-") {
        sum = .difference(sum, try product())
      } else {
        return sum
      }
    }
  }

  private mutating func product() throws(Problem) -> Term {
    var product = try factor()
    while take("*") { product = .product(product, try factor()) }
    return product
  }

  private mutating func factor() throws(Problem) -> Term {
    skipSpace()
    guard depth < Self.limit.depth else {
      throw problem(found: "deeper nesting", expected: "at most \(Self.limit.depth) levels")
    }
    depth += 1
    defer { depth -= 1 }
    if take("-") { return .negative(try factor()) }
    if take("(") {
      let inner = try sum()
      guard take(")") else { throw problem(found: summary, expected: "+, -, * or )") }
      return inner
    }
    guard let first = text.dropFirst(index).first, Self.isWord(first) else {
      throw problem(
        found: summary, expected: "a number, a key such as scratchpad.capacityKiB, or (")
    }
    let start = index
    while index < text.count, Self.isWord(text[index]) { index += 1 }
    let word = String(text[start..<index])
    return first.isNumber ? try number(word, at: start) : try name(word, at: start)
  }

  private func number(_ word: String, at start: Int) throws(Problem) -> Term {
    guard let value = Int(word) else {
      throw problem(
        found: JSONText.quoted(JSONText.shortened(word)), expected: "a whole number", at: start)
    }
    return .number(value)
  }

  private func name(_ word: String, at start: Int) throws(Problem) -> Term {
    if names.contains(word) { return .name(word) }
    let isKey = HardwareConfig.keys.contains { $0.path == word }
    // A key's own name is enough to be understood, if it is the only one.
    let homonyms = names.filter { $0.hasSuffix("." + word) }
    throw Problem(
      column: start + 1, found: JSONText.quoted(JSONText.shortened(word)),
      expected: isKey ? "a key that holds a number" : "a key such as scratchpad.capacityKiB",
      suggestion: homonyms.count == 1
        ? homonyms[0] : isKey ? nil : Suggestion.nearest(to: word, among: names))
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == ".")
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard index < text.count, text[index] == character else { return false }
    index += 1
    return true
  }

  private func starts(with symbol: String) -> Bool { text[index...].starts(with: symbol) }

  private mutating func skipSpace() {
    while index < text.count, text[index] == " " || text[index] == "\t" { index += 1 }
  }

  /// What stands here, in a few words.
  private var summary: String {
    index < text.count ? JSONText.quoted(String(text[index])) : "the end"
  }

  private func problem(found: String, expected: String, at place: Int? = nil) -> Problem {
    Problem(column: (place ?? index) + 1, found: found, expected: expected)
  }
}
