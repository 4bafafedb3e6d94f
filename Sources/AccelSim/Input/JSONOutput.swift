/// JSON to write: keys keep their order.
indirect enum JSONOutput: Sendable {
  case boolean(Bool)
  case integer(Int)
  /// A number as JSON writes it.
  case number(String)
  case string(String)
  case array([JSONOutput])
  case object([(key: String, value: JSONOutput)])

  /// The text, indented by two spaces a level; lists stand on one line.
  func text(indent: String = "") -> String {
    switch self {
    case .boolean(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .number(let text): return text
    case .string(let value): return JSONText.quoted(value)
    case .array(let values):
      return "[" + values.map { $0.text(indent: indent) }.joined(separator: ", ") + "]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let inner = indent + "  "
      let lines = members.map {
        inner + JSONText.quoted($0.key) + ": " + $0.value.text(indent: inner)
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n" + indent + "}"
    }
  }

  /// The text on one line.
  var line: String {
    switch self {
    case .array(let values): "[" + values.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { JSONText.quoted($0.key) + ": " + $0.value.line }.joined(separator: ", ")
        + "}"
    case .boolean, .integer, .number, .string: text()
    }
  }
}

extension JSONOutput: Encodable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// As a part of what an encoder writes, whose order of keys it takes.
  func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: Key.self)
      for member in members {
        try container.encode(member.value, forKey: Key(stringValue: member.key))
      }
    case .array(let values): try values.encode(to: encoder)
    case .boolean(let value): try value.encode(to: encoder)
    case .integer(let value): try value.encode(to: encoder)
    case .number(let text): try (Double(text) ?? 0).encode(to: encoder)
    case .string(let value): try value.encode(to: encoder)
    }
  }
}
