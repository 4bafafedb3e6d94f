extension Workload {
  /// The JSON Schema (draft 2020-12) of a workload file, for editors to complete and check.
  public static func schema() -> String { WorkloadSchema.document.text() + "\n" }
}

/// Parts of the JSON Schema of a workload.
enum WorkloadSchema {
  typealias Members = [(key: String, value: JSONOutput)]

  /// The type of a shape.
  static let shape: Members = [
    ("type", .string("array")), ("minItems", .integer(1)),
    ("maxItems", .integer(WorkloadTensor.maximumRank)),
    (
      "items",
      .object([
        ("type", .string("integer")), ("minimum", .integer(1)),
        ("maximum", .integer(WorkloadTensor.maximumCount)),
      ])
    ),
  ]

  private static let text: Members = [
    ("type", .string("string")), ("minLength", .integer(1)),
    ("maxLength", .integer(ConfigKey.textLimit)),
  ]

  static var document: JSONOutput {
    let parameters = described(
      "Numbers that the workload was made from.",
      [
        ("type", .string("object")),
        ("additionalProperties", .object([("type", .string("integer"))])),
      ])
    let main = object(
      "A network for AccelSim.",
      [
        ("$schema", .object([("type", .string("string"))])),
        ("name", described("A name for reports.", text)),
        ("parameters", parameters),
        ("tensors", list("Every tensor.", tensor)),
        (
          "operators",
          list(
            "Operators in the order of execution.",
            .object([("oneOf", .array(WorkloadKind.declarations.map(step)))]))
        ),
      ], required: ["name", "tensors", "operators"])
    guard case .object(let members) = main else { return main }
    let dialect = JSONOutput.string("https://json-schema.org/draft/2020-12/schema")
    return .object([("$schema", dialect), ("title", .string("AccelSim workload"))] + members)
  }

  private static var tensor: JSONOutput {
    object(
      "A tensor.",
      [
        ("name", described("Unique among the tensors.", text)),
        (
          "shape",
          described("Sizes, outermost first; an activation's may be left out.", shape)
        ),
        ("type", choice("What an element is (default int8).", WorkloadElementType.self)),
        (
          "role",
          choice("Where the content comes from (default activation).", WorkloadTensorRole.self)
        ),
      ], required: ["name"])
  }

  private static func step(_ kind: WorkloadKindDeclaration) -> JSONOutput {
    let layer: Members = [
      ("type", .string("integer")), ("minimum", .integer(0)), ("maximum", .integer(1_000_000)),
    ]
    let common: Members = [
      ("name", described("Unique among the operators.", text)),
      ("kind", .object([("const", .string(kind.name))])),
      ("group", choice("Row of an analysis (default other).", WorkloadGroup.self)),
      ("layer", described("The layer that it belongs to.", layer)),
      ("inputs", list("Tensors: \(kind.inputs).", .object([("type", .string("string"))]))),
      ("output", described("The tensor that it writes.", text)),
    ]
    let attributes = kind.attributes.map { attribute -> (key: String, value: JSONOutput) in
      guard case .object(let members) = attribute.schema else {
        return (attribute.name, attribute.schema)
      }
      return (attribute.name, .object(members + [("default", attribute.standard)]))
    }
    return object(
      kind.meaning, common + attributes, required: ["name", "kind", "inputs", "output"])
  }

  private static func described(_ meaning: String, _ members: Members) -> JSONOutput {
    .object([("description", .string(meaning))] + members)
  }

  private static func list(_ meaning: String, _ item: JSONOutput) -> JSONOutput {
    described(meaning, [("type", .string("array")), ("items", item)])
  }

  private static func choice<T: RawRepresentable<String> & CaseIterable>(
    _ meaning: String, _ type: T.Type
  ) -> JSONOutput {
    described(
      meaning,
      [
        ("type", .string("string")),
        ("enum", .array(T.allCases.map { .string($0.rawValue) })),
      ])
  }

  private static func object(_ meaning: String, _ properties: Members, required: [String])
    -> JSONOutput
  {
    described(
      meaning,
      [
        ("type", .string("object")), ("properties", .object(properties)),
        ("required", .array(required.map { .string($0) })),
        ("additionalProperties", .boolean(false)),
      ])
  }
}
