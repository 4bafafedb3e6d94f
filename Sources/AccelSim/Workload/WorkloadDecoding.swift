extension Workload {
  /// Reads a workload from JSON.
  ///
  /// - Parameters:
  ///   - text: The JSON.
  ///   - file: A name for messages.
  /// - Throws: `InvalidWorkload` with every problem, each with its line and key path: bad JSON,
  ///   unknown keys, wrong types, unknown tensors, shapes that do not fit together.
  public init(json text: String, file: String = "workload") throws(InvalidWorkload) {
    try self.init(json: Array(text.utf8), file: file)
  }

  /// Reads a workload from the bytes of a JSON file.
  public init(json bytes: [UInt8], file: String) throws(InvalidWorkload) {
    let text = JSONText(parsing: bytes)
    var decoder = WorkloadDecoder(file: file)
    decoder.add(text.problems)
    if let value = text.value { decoder.decode(value) }
    self = try decoder.checked()
  }

  /// Takes a workload out of a larger JSON file.
  init(json value: JSONValue, file: String) throws(InvalidWorkload) {
    var decoder = WorkloadDecoder(file: file)
    decoder.decode(value)
    self = try decoder.checked()
  }

  /// Reads a workload file.
  ///
  /// - Throws: `InvalidWorkload` as `init(json:file:)`, also if the file cannot be read.
  public static func load(path: String) throws(InvalidWorkload) -> Workload {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.bytes(path: path, limit: 1 << 26)
    } catch {
      var problem = ConfigProblem(
        path: "", found: error.reason, expected: "a readable workload file")
      problem.file = path
      throw InvalidWorkload(problems: [problem])
    }
    return try Workload(json: bytes, file: path)
  }
}

/// Fills the parts of a workload from JSON and collects what is wrong.
private struct WorkloadDecoder {
  private let file: String
  private var name = ""
  private var parameters: [WorkloadParameter] = []
  private var tensors: [(tensor: WorkloadTensor, hasShape: Bool)] = []
  private var operators: [WorkloadOperator] = []
  private var problems: [ConfigProblem] = []
  /// Where keys and list elements stood.
  private var positions: [String: TextPosition] = [:]

  init(file: String) { self.file = file }

  mutating func add(_ jsonProblems: [JSONProblem]) {
    for problem in jsonProblems {
      add(problem.path, problem.found, problem.expected, at: problem.position)
    }
  }

  mutating func decode(_ value: JSONValue) {
    positions[""] = value.position
    let fields = ["name", "parameters", "tensors", "operators"]
    let top = object(
      value, path: "", keys: fields + ["$schema"], required: ["name", "tensors", "operators"])
    if let value = top["name"] { name = text(value, "name") ?? "?" }
    if let value = top["$schema"] { _ = text(value, "$schema") }
    if let value = top["parameters"] { decodeParameters(value) }
    for (number, element) in elements(top["tensors"], "tensors").enumerated() {
      decodeTensor(element, "tensors[\(number)]")
    }
    for (number, element) in elements(top["operators"], "operators").enumerated() {
      decodeOperator(element, "operators[\(number)]")
    }
  }

  /// The workload, if nothing is wrong with it.
  ///
  /// What the parts mean together is judged once each of them can be read.
  consuming func checked() throws(InvalidWorkload) -> Workload {
    guard problems.isEmpty else { throw InvalidWorkload(problems: sorted(problems)) }
    var checker = WorkloadChecker(tensors: tensors, operators: operators)
    checker.check(name: name, parameters: parameters)
    guard checker.problems.isEmpty else {
      let found = checker.problems.map { problem in
        var problem = problem
        problem.file = file
        problem.position = position(of: problem.path)
        return problem
      }
      throw InvalidWorkload(problems: sorted(found))
    }
    return Workload(unchecked: name, parameters, checker.tensors, operators)
  }

  private func sorted(_ problems: [ConfigProblem]) -> [ConfigProblem] {
    let last = TextPosition(line: .max, column: 0)
    return problems.enumerated().sorted { left, right in
      let (a, b) = (left.element.position ?? last, right.element.position ?? last)
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
  }

  /// Where `path` stood, or else the innermost part around it.
  private func position(of path: String) -> TextPosition? {
    var path = path
    while true {
      if let position = positions[path] { return position }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else {
        return positions[""]
      }
      path = String(path[..<end])
    }
  }

  // MARK: Parts

  private mutating func decodeParameters(_ value: JSONValue) {
    guard case .object(let members) = value.content else {
      return expect("an object", value, "parameters")
    }
    for member in members {
      let path = "parameters." + JSONText.pathPart(member.key)
      positions[path] = member.keyPosition
      if let number = member.value.integer {
        parameters.append(WorkloadParameter(member.key, number))
      } else {
        expect("a whole number", member.value, path)
      }
    }
  }

  private mutating func decodeTensor(_ value: JSONValue, _ path: String) {
    let members = object(
      value, path: path, keys: ["name", "shape", "type", "role"], required: ["name"])
    var tensor = WorkloadTensor(name: "?", shape: [1])
    if let value = members["name"] { tensor.name = text(value, path + ".name") ?? "?" }
    if let value = members["type"] {
      tensor.type = choice(value, path + ".type", WorkloadElementType.self) ?? .int8
    }
    if let value = members["role"] {
      tensor.role = choice(value, path + ".role", WorkloadTensorRole.self) ?? .activation
    }
    if let value = members["shape"] {
      let sizes = elements(value, path + ".shape")
      tensor.shape = []
      for (axis, size) in sizes.enumerated() {
        if let size = size.integer {
          tensor.shape.append(size)
        } else {
          expect("a whole number of at least 1", size, "\(path).shape[\(axis)]")
        }
      }
    }
    tensors.append((tensor, members["shape"] != nil))
  }

  private mutating func decodeOperator(_ value: JSONValue, _ path: String) {
    let common = ["name", "kind", "group", "layer", "inputs", "output"]
    guard case .object(let members) = value.content else {
      return expect("an object", value, path)
    }
    let declarations = WorkloadKind.declarations
    var declaration: WorkloadKindDeclaration?
    if let member = members.first(where: { $0.key == "kind" }) {
      let name = text(member.value, path + ".kind")
      declaration = declarations.first { $0.name == name }
      if let name, declaration == nil {
        let names = declarations.map(\.name)
        add(
          path + ".kind", member.value.summary, "a kind of operator", at: member.value.position,
          suggestion: Suggestion.nearest(to: name, among: names).map(JSONText.quoted))
      }
    }
    // Without a kind nobody knows its attributes: every attribute counts as known.
    let attributes = declaration?.attributes ?? declarations.flatMap(\.attributes)
    let known = object(
      value, path: path, keys: common + attributes.map(\.name),
      required: ["name", "kind", "inputs", "output"])
    var step = WorkloadOperator(name: "?", kind: .globalAverage, inputs: [], output: "?")
    if let value = known["name"] { step.name = text(value, path + ".name") ?? "?" }
    if let value = known["output"] { step.output = text(value, path + ".output") ?? "?" }
    if let value = known["group"] {
      step.group = choice(value, path + ".group", WorkloadGroup.self) ?? .other
    }
    if let value = known["layer"] {
      step.layer = value.integer
      if step.layer == nil { expect("a whole number 0...1000000", value, path + ".layer") }
    }
    for (number, input) in elements(known["inputs"], path + ".inputs").enumerated() {
      step.inputs.append(text(input, "\(path).inputs[\(number)]") ?? "?")
    }
    guard let declaration else { return }
    var bad: [ConfigProblem] = []
    let kind = declaration.decode(members) { member, expected, choices in
      var problem = ConfigProblem(
        path: "\(path).\(member.key)", found: member.value.summary, expected: expected)
      if case .string(let name) = member.value.content {
        problem.suggestion = Suggestion.nearest(to: name, among: choices).map(JSONText.quoted)
      }
      problem.file = file
      problem.position = member.value.position
      bad.append(problem)
    }
    problems += bad
    if let kind {
      step.kind = kind
      operators.append(step)
    }
  }

  // MARK: Values

  /// The members of an object by key; reports unknown and missing ones.
  private mutating func object(
    _ value: JSONValue, path: String, keys: [String], required: [String]
  ) -> [String: JSONValue] {
    guard case .object(let members) = value.content else {
      expect("an object", value, path)
      return [:]
    }
    var result: [String: JSONValue] = [:]
    for member in members {
      let part = JSONText.pathPart(member.key)
      let full = path.isEmpty ? part : "\(path).\(part)"
      guard keys.contains(member.key) else {
        add(
          full, "an unknown key", path.isEmpty ? "a key of a workload" : "a key of \(path)",
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

  private mutating func elements(_ value: JSONValue?, _ path: String) -> [JSONValue] {
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

  private mutating func text(_ value: JSONValue, _ path: String) -> String? {
    if case .string(let text) = value.content { return text }
    expect("text", value, path)
    return nil
  }

  private mutating func choice<T: RawRepresentable<String> & CaseIterable>(
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
  private mutating func expect(_ expected: String, _ value: JSONValue, _ path: String) {
    if case .invalid = value.content { return }
    add(path, value.summary, expected, at: value.position)
  }

  private mutating func add(
    _ path: String, _ found: String, _ expected: String, at position: TextPosition,
    suggestion: String? = nil
  ) {
    var problem = ConfigProblem(
      path: path, found: found, expected: expected, suggestion: suggestion)
    problem.file = file
    problem.position = position
    problems.append(problem)
  }
}
