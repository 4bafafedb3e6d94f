/// Attributes that JSON can hold: reader, writer, schema and reference follow from `fields`.
protocol WorkloadAttributes: Equatable, Sendable {
  /// Every attribute at its default.
  init()
  static var fields: [WorkloadField<Self>] { get }
}

/// The declaration of one attribute of an operator.
struct WorkloadField<Owner: Sendable>: Sendable {
  let name: String
  let meaning: String
  let access: Access

  init(_ name: String, _ meaning: String, _ access: Access) {
    self.name = name
    self.meaning = meaning
    self.access = access
  }

  enum Access: Sendable {
    case integer(WritableKeyPath<Owner, Int> & Sendable, ClosedRange<Int>)
    case boolean(WritableKeyPath<Owner, Bool> & Sendable)
    case number(WritableKeyPath<Owner, Float> & Sendable)
    /// What a step stands for, or the like: above 0 and far from the ends of FP32.
    case scale(WritableKeyPath<Owner, Float> & Sendable)
    /// A number of at least 0.
    case magnitude(WritableKeyPath<Owner, Float> & Sendable)
    case shape(WritableKeyPath<Owner, [Int]> & Sendable)
    case choice(Choice)
  }

  struct Choice: Sendable {
    let names: [String]
    let get: @Sendable (Owner) -> String
    let set: @Sendable (inout Owner, String) -> Void
  }

  /// A choice among the cases of an enumeration, or some of them.
  static func oneOf<Value>(
    _ path: WritableKeyPath<Owner, Value> & Sendable, among values: [Value] = Array(Value.allCases)
  ) -> Access where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    .choice(
      Choice(
        names: values.map(\.rawValue), get: { $0[keyPath: path].rawValue },
        set: { owner, name in
          if let value = Value(rawValue: name) { owner[keyPath: path] = value }
        }))
  }

  /// What a scale may be.
  static var scales: ClosedRange<Float> { 1e-18...1e18 }

  /// What a value must be, for messages and the reference.
  var expectation: String {
    switch access {
    case .integer(_, let range): "a whole number \(range.lowerBound)...\(range.upperBound)"
    case .boolean: "true or false"
    case .number: "a number"
    case .scale: "a number from \(Self.scales.lowerBound) to \(Self.scales.upperBound)"
    case .magnitude: "a number of at least 0"
    case .shape: "a list of \(WorkloadTensor.shapeExpectation)"
    case .choice(let choice): choice.names.map(JSONText.quoted).joined(separator: " or ")
    }
  }

  func output(_ owner: Owner) -> JSONOutput {
    switch access {
    case .integer(let path, _): .integer(owner[keyPath: path])
    case .boolean(let path): .boolean(owner[keyPath: path])
    case .number(let path), .scale(let path), .magnitude(let path):
      .number("\(owner[keyPath: path])")
    case .shape(let path): .array(owner[keyPath: path].map { .integer($0) })
    case .choice(let choice): .string(choice.get(owner))
    }
  }

  /// Puts `value` into `owner`; whether it fits.
  func decode(_ value: JSONValue, into owner: inout Owner) -> Bool {
    switch (access, value.content) {
    case (.integer(let path, _), .number):
      guard let integer = value.integer else { return false }
      owner[keyPath: path] = integer
    case (.boolean(let path), .boolean(let boolean)): owner[keyPath: path] = boolean
    case (.number(let path), .number(let text)), (.scale(let path), .number(let text)),
      (.magnitude(let path), .number(let text)):
      guard let number = Float(text) else { return false }
      owner[keyPath: path] = number
    case (.shape(let path), .array(let values)):
      let sizes = values.compactMap(\.integer)
      guard sizes.count == values.count else { return false }
      owner[keyPath: path] = sizes
    case (.choice(let choice), .string(let name)):
      guard choice.names.contains(name) else { return false }
      choice.set(&owner, name)
    default: return false
    }
    return isGood(owner)
  }

  /// Whether the value in `owner` is one that the attribute may have.
  func isGood(_ owner: Owner) -> Bool {
    switch access {
    case .integer(let path, let range): range.contains(owner[keyPath: path])
    case .boolean: true
    case .number(let path): owner[keyPath: path].isFinite
    case .scale(let path): Self.scales.contains(owner[keyPath: path])
    case .magnitude(let path): owner[keyPath: path].isFinite && owner[keyPath: path] >= 0
    case .shape(let path): WorkloadTensor.problem(inShape: owner[keyPath: path]) == nil
    case .choice(let choice): choice.names.contains(choice.get(owner))
    }
  }

  /// The names that a text value is chosen from; empty for other attributes.
  var choices: [String] {
    if case .choice(let choice) = access { choice.names } else { [] }
  }

  /// The JSON Schema of the value.
  var schema: JSONOutput {
    let type: [(key: String, value: JSONOutput)]
    switch access {
    case .integer(_, let range):
      type = [
        ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
        ("maximum", .integer(range.upperBound)),
      ]
    case .boolean: type = [("type", .string("boolean"))]
    case .number: type = [("type", .string("number"))]
    case .magnitude: type = [("type", .string("number")), ("minimum", .integer(0))]
    case .scale:
      type = [
        ("type", .string("number")), ("minimum", .number("\(Self.scales.lowerBound)")),
        ("maximum", .number("\(Self.scales.upperBound)")),
      ]
    case .shape: type = WorkloadSchema.shape
    case .choice(let choice):
      type = [("type", .string("string")), ("enum", .array(choice.names.map { .string($0) }))]
    }
    return .object([("description", .string(meaning))] + type)
  }
}

/// What one kind of operator is called, means and takes.
struct WorkloadKindDeclaration: Sendable {
  let name: String
  let meaning: String
  /// The tensors that it reads, in words.
  let inputs: String
  let attributes: [Attribute]
  /// The kind from the members that are its attributes; `nil` after a problem.
  let decode:
    @Sendable (
      _ members: [JSONMember],
      _ report: (JSONMember, _ expected: String, _ choices: [String]) -> Void
    ) -> WorkloadKind?
  /// Attributes that differ from the default; `nil` for another kind.
  let encode: @Sendable (WorkloadKind) -> [(key: String, value: JSONOutput)]?
  /// Attributes with a value that they may not have; `nil` for another kind.
  let badAttributes: @Sendable (WorkloadKind) -> [(attribute: Attribute, found: String)]?

  struct Attribute: Sendable {
    let name: String
    let meaning: String
    let expectation: String
    let standard: JSONOutput
    let schema: JSONOutput
  }

  init<A: WorkloadAttributes>(
    _ name: String, _ meaning: String, inputs: String,
    _ wrap: @escaping @Sendable (A) -> WorkloadKind,
    _ unwrap: @escaping @Sendable (WorkloadKind) -> A?
  ) {
    self.name = name
    self.meaning = meaning
    self.inputs = inputs
    func erased(_ field: WorkloadField<A>) -> Attribute {
      Attribute(
        name: field.name, meaning: field.meaning, expectation: field.expectation,
        standard: field.output(A()), schema: field.schema)
    }
    attributes = A.fields.map(erased)
    decode = { members, report in
      var (value, isGood) = (A(), true)
      for member in members {
        guard let field = A.fields.first(where: { $0.name == member.key }) else { continue }
        if case .invalid = member.value.content {
          isGood = false
        } else if !field.decode(member.value, into: &value) {
          isGood = false
          report(member, field.expectation, field.choices)
        }
      }
      return isGood ? wrap(value) : nil
    }
    encode = { kind in
      unwrap(kind).map { value in
        A.fields.compactMap { field in
          let output = field.output(value)
          return output.text() == field.output(A()).text() ? nil : (field.name, output)
        }
      }
    }
    badAttributes = { kind in
      unwrap(kind).map { value in
        A.fields.filter { !$0.isGood(value) }.map {
          (
            Attribute(
              name: $0.name, meaning: $0.meaning, expectation: $0.expectation,
              standard: $0.output(A()), schema: $0.schema), $0.output(value).text()
          )
        }
      }
    }
  }
}
