/// Arithmetic over named numbers, such as `1 - small.cycles / base.cycles`.
///
///     sum     = product (("+" | "-") product)*
///     product = factor (("*" | "/") factor)*
///     factor  = number | name | "-" factor | "(" sum ")" | ("min" | "max") "(" sum ("," sum)* ")"
public struct Formula: Equatable, Sendable, CustomStringConvertible {
  /// As it was written.
  public let text: String
  private let term: Term

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
  public struct Problem: Error, Equatable {
    /// Where, in characters from 1.
    public var column: Int
    public var found: String
    public var expected: String
  }

  /// - Throws: `Problem` at the first character that does not fit.
  public init(_ text: String) throws(Problem) {
    var parser = FormulaParser(text)
    term = try parser.parse()
    self.text = text
  }

  public var description: String { text }

  /// The names in it, in their order.
  public var names: [String] { Self.names(term) }

  /// Its value; not finite where it divides by nothing.
  ///
  /// - Parameter number: The number that a name stands for.
  public func value(_ number: (String) -> Double) -> Double { Self.value(term, number) }

  private static func names(_ term: Term) -> [String] {
    switch term {
    case .number: []
    case .name(let name): [name]
    case .negative(let term): names(term)
    case .operation(_, let left, let right): names(left) + names(right)
    }
  }

  private static func value(_ term: Term, _ number: (String) -> Double) -> Double {
    switch term {
    case .number(let value): return value
    case .name(let name): return number(name)
    case .negative(let term): return -value(term, number)
    case .operation(let operation, let left, let right):
      let (left, right) = (value(left, number), value(right, number))
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

/// Reads a formula by recursive descent.
private struct FormulaParser {
  /// Longest text in characters, and deepest nesting.
  private static let limit = (length: 1000, depth: 50)

  private let text: [Character]
  private var index = 0
  private var depth = 0

  init(_ text: String) { self.text = Array(text) }

  mutating func parse() throws(Formula.Problem) -> Formula.Term {
    guard text.count <= Self.limit.length else {
      throw problem(
        found: "\(text.count) characters", expected: "at most \(Self.limit.length)", at: 0)
    }
    let term = try sum()
    skipSpace()
    guard index == text.count else {
      throw problem(found: summary, expected: "+, -, *, / or the end")
    }
    return term
  }

  private mutating func sum() throws(Formula.Problem) -> Formula.Term {
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

  private mutating func product() throws(Formula.Problem) -> Formula.Term {
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

  private mutating func factor() throws(Formula.Problem) -> Formula.Term {
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
      throw problem(found: summary, expected: "a number, a name or (")
    }
    let start = index
    while index < text.count, Self.isWord(text[index]) { index += 1 }
    let word = String(text[start..<index])
    if first.isNumber {
      guard let value = Double(word), value.isFinite else {
        throw problem(
          found: JSONText.quoted(JSONText.shortened(word)), expected: "a number", at: start)
      }
      return .number(value)
    }
    switch word {
    case "min" where take("("): return try list(.minimum)
    case "max" where take("("): return try list(.maximum)
    default: return .name(word)
    }
  }

  /// The arguments of a function of any number of them.
  private mutating func list(_ operation: Formula.Operation) throws(Formula.Problem)
    -> Formula.Term
  {
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

  private mutating func skipSpace() {
    while index < text.count, text[index] == " " { index += 1 }
  }

  /// What stands here, in a few words.
  private var summary: String {
    index < text.count ? JSONText.quoted(String(text[index])) : "the end"
  }

  private func problem(found: String, expected: String, at place: Int? = nil) -> Formula.Problem {
    Formula.Problem(column: (place ?? index) + 1, found: found, expected: expected)
  }
}
