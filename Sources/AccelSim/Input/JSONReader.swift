/// Takes values out of parsed JSON and collects what is wrong, with places: for files whose keys are
/// strict.
struct JSONReader {
  private let file: String
  /// What a whole file should be.
  private let document: DocumentKind
  private(set) var problems: [ConfigProblem] = []
  /// Where keys and list elements stood.
  private var positions: [String: TextPosition] = [:]

  init(file: String, document: DocumentKind) {
    self.file = file
    self.document = document
  }

  /// The outermost value of `bytes`, if there is one and it is not clearly another kind of document.
  mutating func parse(_ bytes: [UInt8]) -> JSONValue? {
    let text = JSONText(parsing: bytes)
    for problem in text.problems {
      add(problem.path, problem.found, problem.expected, at: problem.position)
    }
    guard let value = text.value else { return nil }
    positions[""] = value.position
    guard let problem = document.problem(with: value, file: file) else { return value }
    problems.append(problem)
    return nil
  }

  /// The problems in the order of the file.
  var sortedProblems: [ConfigProblem] {
    let last = TextPosition(line: .max, column: 0)
    return problems.enumerated().sorted { left, right in
      let (a, b) = (left.element.position ?? last, right.element.position ?? last)
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }

  /// The members of an object by key; reports unknown and missing ones.
  mutating func object(
    _ value: JSONValue, _ path: String, keys: [String], required: [String] = []
  ) -> [String: JSONValue] {
    guard case .object(let members) = value.content else {
      expect("an object", value, path)
      return [:]
    }
    var result: [String: JSONValue] = [:]
    for member in members {
      let full = Self.path(path, member.key)
      guard keys.contains(member.key) else {
        add(
          full, "an unknown key",
          path.isEmpty ? "a key of \(document.rawValue)" : "a key of \(path)",
          at: member.keyPosition, suggestion: Suggestion.nearest(to: member.key, among: keys))
        continue
      }
      positions[full] = member.value.position
      result[member.key] = member.value
    }
    for key in required where result[key] == nil {
      add(path, "no key \"\(key)\"", "it to be there", at: value.position)
    }
    return result
  }

  /// The members of an object whose keys are names of the user's own.
  mutating func members(_ value: JSONValue, _ path: String) -> [JSONMember] {
    guard case .object(let members) = value.content else {
      expect("an object", value, path)
      return []
    }
    for member in members { positions[Self.path(path, member.key)] = member.value.position }
    return members
  }

  /// The elements of a list; none if it is not there.
  mutating func elements(_ value: JSONValue?, _ path: String) -> [JSONValue] {
    guard let value else { return [] }
    guard case .array(let values) = value.content else {
      expect("a list", value, path)
      return []
    }
    for (number, element) in values.enumerated() {
      positions["\(path)[\(number)]"] = element.position
    }
    return values
  }

  mutating func text(_ value: JSONValue, _ path: String) -> String? {
    if case .string(let text) = value.content { return text }
    expect("text", value, path)
    return nil
  }

  mutating func boolean(_ value: JSONValue, _ path: String) -> Bool? {
    if case .boolean(let boolean) = value.content { return boolean }
    expect("true or false", value, path)
    return nil
  }

  mutating func number(_ value: JSONValue, _ path: String) -> Double? {
    if case .number(let text) = value.content { return Double(text) }
    expect("a number", value, path)
    return nil
  }

  mutating func choice<T: RawRepresentable<String> & CaseIterable>(
    _ value: JSONValue, _ path: String, _ type: T.Type
  ) -> T? {
    let names = T.allCases.map(\.rawValue)
    let expected = names.map(JSONText.quoted).joined(separator: " or ")
    guard case .string(let name) = value.content else {
      expect(expected, value, path)
      return nil
    }
    if let result = T(rawValue: name) { return result }
    add(
      path, value.summary, expected, at: value.position,
      suggestion: Suggestion.nearest(to: name, among: names).map(JSONText.quoted))
    return nil
  }

  /// Reports that `value` is something else, unless that has been said.
  mutating func expect(_ expected: String, _ value: JSONValue, _ path: String) {
    if case .invalid = value.content { return }
    add(path, value.summary, expected, at: value.position)
  }

  /// Reports what is wrong at `path`, in the place of the innermost part of it that the file has.
  mutating func add(_ path: String, found: String, expected: String, suggestion: String? = nil) {
    var known = path
    while positions[known] == nil {
      guard let end = known.lastIndex(where: { $0 == "." || $0 == "[" }) else {
        known = ""
        break
      }
      known = String(known[..<end])
    }
    add(path, found, expected, at: positions[known], suggestion: suggestion)
  }

  /// Reports problems of what stands at `path` and was read by another reader of the same file.
  mutating func add(_ found: [ConfigProblem], under path: String) {
    for problem in found {
      var problem = problem
      problem.path = problem.path.isEmpty ? path : "\(path).\(problem.path)"
      problem.position = problem.position ?? positions[path]
      problems.append(problem)
    }
  }

  private mutating func add(
    _ path: String, _ found: String, _ expected: String, at position: TextPosition?,
    suggestion: String? = nil
  ) {
    var problem = ConfigProblem(
      path: path, found: found, expected: expected, suggestion: suggestion)
    problem.file = file
    problem.position = position
    problems.append(problem)
  }

  /// The path of `key` in the object at `path`.
  static func path(_ path: String, _ key: String) -> String {
    path.isEmpty ? JSONText.pathPart(key) : "\(path).\(JSONText.pathPart(key))"
  }
}
