extension Workload {
  /// The workload as JSON: a tensor or an operator a line, attributes only where they differ from
  /// their defaults.
  public func json() -> String {
    var text = "{\n  \"name\": \(JSONText.quoted(name)),\n  \"parameters\": "
    text += JSONOutput.object(parameters.map { ($0.name, .integer($0.value)) }).line + ",\n"
    text += list("tensors", tensors.map(\.jsonOutput)) + ",\n"
    return text + list("operators", operators.map(\.jsonOutput)) + "\n}\n"
  }

  private func list(_ key: String, _ values: [JSONOutput]) -> String {
    let lines = values.map { "    " + $0.line }.joined(separator: ",\n")
    return "  \"\(key)\": [" + (lines.isEmpty ? "]" : "\n\(lines)\n  ]")
  }
}

extension WorkloadTensor {
  fileprivate var jsonOutput: JSONOutput {
    .object([
      ("name", .string(name)), ("shape", .array(shape.map { .integer($0) })),
      ("type", .string(type.rawValue)), ("role", .string(role.rawValue)),
    ])
  }
}

extension WorkloadOperator {
  fileprivate var jsonOutput: JSONOutput {
    var members: [(key: String, value: JSONOutput)] = [
      ("name", .string(name)), ("kind", .string(kind.name)), ("group", .string(group.rawValue)),
    ]
    if let layer { members.append(("layer", .integer(layer))) }
    members.append(("inputs", .array(inputs.map { .string($0) })))
    members.append(("output", .string(output)))
    return .object(members + (kind.declaration.encode(kind) ?? []))
  }
}
