extension HardwareConfig {
  /// The JSON Schema (draft 2020-12) of a configuration file, for editors to complete and check.
  ///
  /// It knows the keys and the values that each may take by itself; the rules between keys are
  /// beyond it, see `problems()`.
  public static func schema() -> String {
    let defaults = HardwareConfig()
    var properties: [(key: String, value: JSONOutput)] = [
      ("$schema", .object([("type", .string("string"))])),
      (nameKey.name, nameKey.schema(defaults)),
    ]
    for section in sections {
      let keys = section.keys.map { (key: $0.name, value: $0.schema(defaults)) }
      properties.append((section.name, object(section.meaning, keys)))
    }
    guard case .object(let members) = object("A machine for AccelSim.", properties) else {
      return ""
    }
    let dialect = JSONOutput.string("https://json-schema.org/draft/2020-12/schema")
    let title = JSONOutput.string("AccelSim hardware configuration")
    return JSONOutput.object([("$schema", dialect), ("title", title)] + members).text() + "\n"
  }

  private static func object(
    _ meaning: String, _ properties: [(key: String, value: JSONOutput)]
  ) -> JSONOutput {
    .object([
      ("description", .string(meaning)), ("type", .string("object")),
      ("properties", .object(properties)), ("additionalProperties", .boolean(false)),
    ])
  }
}

extension ConfigKey {
  fileprivate func schema(_ defaults: HardwareConfig) -> JSONOutput {
    let type: [(key: String, value: JSONOutput)]
    switch access {
    case .integer(_, let domain) where domain.isPowersOfTwo:
      type = [
        ("type", .string("integer")), ("enum", .array(domain.powersOfTwo.map { .integer($0) })),
      ]
    case .integer(_, let domain):
      type = [
        ("type", .string("integer")), ("minimum", .integer(domain.range.lowerBound)),
        ("maximum", .integer(domain.range.upperBound)),
      ]
    case .boolean: type = [("type", .string("boolean"))]
    case .text:
      type = [
        ("type", .string("string")), ("minLength", .integer(1)),
        ("maxLength", .integer(Self.textLimit)),
      ]
    case .choice(let choice):
      type = [
        ("type", .string("string")), ("enum", .array(choice.names.map { .string($0) })),
      ]
    }
    let unitText = unit.map { " In \($0)." } ?? ""
    return .object(
      [("description", .string(meaning + unitText))] + type + [("default", output(defaults))])
  }
}
