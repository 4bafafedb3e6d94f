/// Arithmetic over named numbers, such as `1 - small.cycles / base.cycles`.
///
///     sum     = product (("+" | "-") product)*
///     product = factor (("*" | "/") factor)*
///     factor  = number | name | "-" factor | "(" sum ")" | ("min" | "max") "(" sum ("," sum)* ")"
public struct Formula: Equatable, Sendable, CustomStringConvertible {
  /// As it was written.
  public let text: String
  /// The names in it, in their order.
  public let names: [Name]
  let term: Term

  /// A name and where it stands, in characters from 1.
  public struct Name: Equatable, Sendable {
    /// Letters, digits, `.` and `_`, such as `array.meshRows` or `run.cycles`.
    public var text: String
    /// Of its first character in the formula's text.
    public var column: Int
  }

  /// A number, a name or what is made of them.
  indirect enum Term: Equatable, Sendable {
    case number(Double)
    case name(String)
    case negative(Term)
    case operation(Operation, Term, Term)
  }

  enum Operation: Equatable, Sendable {
    case sum, difference, product, quotient, minimum, maximum
  }

  /// Why a text is no formula.
  public struct Problem: Error, Equatable, CustomStringConvertible {
    /// Where, in characters from 1.
    public var column: Int
    /// What stands at `column`, quoted, or a few words such as `the end`.
    public var found: String
    /// What could stand there, in words.
    public var expected: String
    /// What was probably meant; `nil` where nothing is near.
    public var suggestion: String?

    public var description: String {
      "column \(column): found \(found); expected \(expected)"
        + (suggestion.map { "; did you mean \($0)?" } ?? "")
    }
  }

  /// - Throws: `Problem` at the first character that does not fit.
  public init(_ text: String) throws(Problem) {
    var parser = try FormulaParser(text)
    term = try parser.formula()
    names = parser.names
    self.text = text
  }

  public var description: String { text }

  /// Its value; not finite where it divides by nothing.
  ///
  /// - Parameter number: The number that a name stands for.
  public func value(_ number: (String) -> Double) -> Double { term.value(number) }
}

extension Formula.Term {
  func value(_ number: (String) -> Double) -> Double {
    switch self {
    case .number(let value): return value
    case .name(let name): return number(name)
    case .negative(let term): return -term.value(number)
    case .operation(let operation, let left, let right):
      let (left, right) = (left.value(number), right.value(number))
      return switch operation {
      case .sum: left + right
      case .difference: left - right
      case .product: left * right
      case .quotient: left / right
      case .minimum: min(left, right)
      case .maximum: max(left, right)
      }
    }
  }
}

/// How two sums compare.
enum Relation: String, CaseIterable, Sendable {
  case atMost = "<="
  case atLeast = ">="
  case equal = "=="
  case less = "<"
  case more = ">"

  func holds(_ left: Double, _ right: Double) -> Bool {
    switch self {
    case .atMost: left <= right
    case .atLeast: left >= right
    case .equal: left == right
    case .less: left < right
    case .more: left > right
    }
  }
}

/// Reads formulas and comparisons of two by recursive descent.
struct FormulaParser {
  typealias Problem = Formula.Problem
  typealias Term = Formula.Term

  /// Longest text in characters, and deepest nesting.
  private static let limit = (length: 1000, depth: 50)

  private let text: [Character]
  private var index = 0
  private var depth = 0
  private(set) var names: [Formula.Name] = []

  init(_ text: String) throws(Problem) {
    self.text = Array(text)
    guard self.text.count <= Self.limit.length else {
      throw Problem(
        column: 1, found: "\(self.text.count) characters",
        expected: "at most \(Self.limit.length)")
    }
  }

  /// A formula that is the whole text.
  mutating func formula() throws(Problem) -> Term {
    let term = try sum()
    try end()
    return term
  }

  /// Two formulas and what is between them, which are the whole text.
  mutating func relation() throws(Problem) -> (Term, Relation, Term) {
    let left = try sum()
    skipSpace()
    // Those of two characters come first.
    guard let relation = Relation.allCases.first(where: { starts(with: $0.rawValue) }) else {
      throw problem(found: summary, expected: "+, -, *, /, <=, >=, <, > or ==")
    }
    index += relation.rawValue.count
    let right = try sum()
    skipSpace()
    if Relation.allCases.contains(where: { starts(with: $0.rawValue) }) {
      throw problem(found: summary, expected: "only one comparison")
    }
    try end()
    return (left, relation, right)
  }

  private mutating func end() throws(Problem) {
    skipSpace()
    guard index == text.count else {
      throw problem(found: summary, expected: "+, -, *, / or the end")
    }
  }

  private mutating func sum() throws(Problem) -> Term {
    var sum = try product()
    while true {
      if take("+") {
        sum = .operation(.sum, sum, try product())
      } else if take("-") {
        sum = .operation(.difference, sum, try product())
      } else {
        return sum
      }
    }
  }

  private mutating func product() throws(Problem) -> Term {
    var product = try factor()
    while true {
      if take("*") {
        product = .operation(.product, product, try factor())
      } else if take("/") {
        product = .operation(.quotient, product, try factor())
      } else {
        return product
      }
    }
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
      guard take(")") else { throw problem(found: summary, expected: "+, -, *, / or )") }
      return inner
    }
    guard let first = text.dropFirst(index).first, Self.isWord(first) else {
      throw problem(
        found: summary, expected: "a number, a name or (")
    }
    let start = index
    while index < text.count, Self.isWord(text[index]) { index += 1 }
    let word = String(text[start..<index])
    if first.isNumber {
      let isDecimal = word.allSatisfy { $0.isNumber || $0 == "." }
      guard isDecimal, let value = Double(word), value.isFinite else {
        throw problem(
          found: JSONText.quoted(JSONText.shortened(word)), expected: "a number", at: start)
      }
      return .number(value)
    }
    switch word {
    case "min" where take("("): return try list(.minimum)
    case "max" where take("("): return try list(.maximum)
    default:
      names.append(Formula.Name(text: word, column: start + 1))
      return .name(word)
    }
  }

  /// The arguments of a function of any number of them.
  private mutating func list(_ operation: Formula.Operation) throws(Problem) -> Term {
    var result = try sum()
    while take(",") { result = .operation(operation, result, try sum()) }
    guard take(")") else { throw problem(found: summary, expected: "a comma or )") }
    return result
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isASCII
      && (character.isLetter || character.isNumber || character == "." || character == "_")
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
