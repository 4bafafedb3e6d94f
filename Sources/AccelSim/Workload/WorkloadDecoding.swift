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
    var decoder = WorkloadDecoder(file: file)
    if let value = decoder.reader.parse(bytes) { decoder.decode(value) }
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
      throw InvalidWorkload(problems: [InputFile.problem(error, at: path, expected: "a workload")])
    }
    return try Workload(json: bytes, file: path)
  }
}

/// Fills the parts of a workload from JSON and collects what is wrong.
private struct WorkloadDecoder {
  var reader: JSONReader
  private var name = ""
  private var parameters: [WorkloadParameter] = []
  private var tensors: [(tensor: WorkloadTensor, hasShape: Bool)] = []
  private var operators: [WorkloadOperator] = []

  init(file: String) { reader = JSONReader(file: file, document: .workload) }

  mutating func decode(_ value: JSONValue) {
    let fields = ["name", "parameters", "tensors", "operators"]
    let top = reader.object(
      value, "", keys: fields + ["$schema"], required: ["name", "tensors", "operators"])
    if let value = top["name"] { name = reader.text(value, "name") ?? "?" }
    if let value = top["$schema"] { _ = reader.text(value, "$schema") }
    if let value = top["parameters"] { decodeParameters(value) }
    for (number, element) in reader.elements(top["tensors"], "tensors").enumerated() {
      decodeTensor(element, "tensors[\(number)]")
    }
    for (number, element) in reader.elements(top["operators"], "operators").enumerated() {
      decodeOperator(element, "operators[\(number)]")
    }
  }

  /// The workload, if nothing is wrong with it.
  ///
  /// What the parts mean together is judged once each of them can be read.
  consuming func checked() throws(InvalidWorkload) -> Workload {
    if reader.problems.isEmpty {
      var checker = WorkloadChecker(tensors: tensors, operators: operators)
      checker.check(name: name, parameters: parameters)
      if checker.problems.isEmpty {
        return Workload(unchecked: name, parameters, checker.tensors, operators)
      }
      for problem in checker.problems {
        reader.add(
          problem.path, found: problem.found, expected: problem.expected,
          suggestion: problem.suggestion)
      }
    }
    throw InvalidWorkload(problems: reader.sortedProblems)
  }

  // MARK: Parts

  private mutating func decodeParameters(_ value: JSONValue) {
    for member in reader.members(value, "parameters") {
      let path = JSONReader.path("parameters", member.key)
      if let number = member.value.integer {
        parameters.append(WorkloadParameter(member.key, number))
      } else {
        reader.expect("a whole number", member.value, path)
      }
    }
  }

  private mutating func decodeTensor(_ value: JSONValue, _ path: String) {
    let members = reader.object(
      value, path, keys: ["name", "shape", "type", "role"], required: ["name"])
    var tensor = WorkloadTensor(name: "?", shape: [1])
    if let value = members["name"] { tensor.name = reader.text(value, path + ".name") ?? "?" }
    if let value = members["type"] {
      tensor.type = reader.choice(value, path + ".type", WorkloadElementType.self) ?? .int8
    }
    if let value = members["role"] {
      tensor.role = reader.choice(value, path + ".role", WorkloadTensorRole.self) ?? .activation
    }
    if let value = members["shape"] {
      let sizes = reader.elements(value, path + ".shape")
      tensor.shape = []
      for (axis, size) in sizes.enumerated() {
        if let size = size.integer {
          tensor.shape.append(size)
        } else {
          reader.expect("a whole number of at least 1", size, "\(path).shape[\(axis)]")
        }
      }
    }
    tensors.append((tensor, members["shape"] != nil))
  }

  private mutating func decodeOperator(_ value: JSONValue, _ path: String) {
    let common = ["name", "kind", "group", "layer", "inputs", "output"]
    guard case .object(let members) = value.content else {
      return reader.expect("an object", value, path)
    }
    let declarations = WorkloadKind.declarations
    let kindName = members.first { $0.key == "kind" }.flatMap { member -> String? in
      if case .string(let name) = member.value.content { name } else { nil }
    }
    let declaration = declarations.first { $0.name == kindName }
    // Without a kind nobody knows its attributes: every attribute counts as known.
    let attributes = declaration?.attributes ?? declarations.flatMap(\.attributes)
    let known = reader.object(
      value, path, keys: common + attributes.map(\.name),
      required: ["name", "kind", "inputs", "output"])
    if let value = known["kind"], declaration == nil, let name = reader.text(value, path + ".kind")
    {
      reader.add(
        path + ".kind", found: value.summary, expected: "a kind of operator",
        suggestion: Suggestion.nearest(to: name, among: declarations.map(\.name))
          .map(JSONText.quoted))
    }
    var step = WorkloadOperator(name: "?", kind: .globalAverage, inputs: [], output: "?")
    if let value = known["name"] { step.name = reader.text(value, path + ".name") ?? "?" }
    if let value = known["output"] { step.output = reader.text(value, path + ".output") ?? "?" }
    if let value = known["group"] {
      step.group = reader.choice(value, path + ".group", WorkloadGroup.self) ?? .other
    }
    if let value = known["layer"] {
      step.layer = value.integer
      if step.layer == nil { reader.expect("a whole number 0...1000000", value, path + ".layer") }
    }
    for (number, input) in reader.elements(known["inputs"], path + ".inputs").enumerated() {
      step.inputs.append(reader.text(input, "\(path).inputs[\(number)]") ?? "?")
    }
    guard let declaration else { return }
    var bad: [(member: JSONMember, expected: String, suggestion: String?)] = []
    let kind = declaration.decode(members) { member, expected, choices in
      var suggestion: String?
      if case .string(let name) = member.value.content {
        suggestion = Suggestion.nearest(to: name, among: choices).map(JSONText.quoted)
      }
      bad.append((member, expected, suggestion))
    }
    for problem in bad {
      reader.add(
        JSONReader.path(path, problem.member.key), found: problem.member.value.summary,
        expected: problem.expected, suggestion: problem.suggestion)
    }
    if let kind {
      step.kind = kind
      operators.append(step)
    }
  }
}
