extension Baseline {
  /// The file's text: keys sorted, an operator and a section of a machine a line, so that a change is
  /// a change of the lines that it is about. Reading it and writing it again gives the same bytes.
  public var text: String {
    var members = [
      (
        key: "cases",
        text: Self.object(cases.map { ($0.name, $0.text(indent: "    ")) }, indent: "  ")
      ),
      (
        key: "configs",
        text: Self.object(configs.map { ($0.key, Self.text($0.value)) }, indent: "  ")
      ),
    ]
    if tolerance != 0 { members.append(("tolerance", Self.text(tolerance))) }
    return Self.object(members, indent: "") + "\n"
  }

  /// Members sorted by key, one a line.
  fileprivate static func object(
    _ members: [(key: String, text: String)], indent: String
  ) -> String {
    guard !members.isEmpty else { return "{}" }
    let lines = members.sorted { $0.key < $1.key }.map {
      "\(indent)  \(JSONText.quoted($0.key)): \($0.text)"
    }
    return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
  }

  /// Elements, one a line.
  fileprivate static func list(_ elements: [String], indent: String) -> String {
    guard !elements.isEmpty else { return "[]" }
    return "[\n\(elements.map { "\(indent)  \($0)" }.joined(separator: ",\n"))\n\(indent)]"
  }

  /// Every value of a machine, a section a line.
  private static func text(_ config: HardwareConfig) -> String {
    guard case .object(let members) = config.jsonOutput() else { return "{}" }
    return object(
      members.map { key, value in
        guard case .object(let properties) = value else { return (key, value.line) }
        return (key, JSONOutput.object(properties.sorted { $0.key < $1.key }).line)
      }, indent: "    ")
  }

  fileprivate static func text(_ percent: Double) -> String {
    percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
  }

  fileprivate static func line(_ uses: [String: Int]) -> JSONOutput {
    .object(uses.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
  }
}

extension BaselineCase {
  fileprivate func text(indent: String) -> String {
    var members = [(key: "config", text: JSONText.quoted(config))]
    switch subject {
    case .workload(let request, let fusing):
      members.append(("workload", JSONText.quoted(request.description)))
      if fusing != .all { members.append(("fuse", JSONText.quoted(fusing.rawValue))) }
    case .trace(let path): members.append(("trace", JSONText.quoted(path)))
    case .matmul(let rows, let inner, let columns):
      members.append(("matmul", JSONText.quoted("\(rows)x\(inner)x\(columns)")))
    }
    if let tolerance { members.append(("tolerance", Baseline.text(tolerance))) }
    if let expected { members.append(("expected", expected.text(indent: indent + "  "))) }
    return Baseline.object(members, indent: indent)
  }
}

extension BaselineRecord {
  fileprivate func text(indent: String) -> String {
    let inner = indent + "  "
    var members = [(key: "cycleModel", text: "\(cycleModel)"), (key: "cycles", text: "\(cycles)")]
    if !operators.isEmpty {
      let lines = operators.map { row in
        JSONOutput.object([
          ("cycles", .integer(row.cycles)), ("name", .string(row.name)),
          ("uses", Baseline.line(row.uses)),
        ]).line
      }
      members.append(("operators", Baseline.list(lines, indent: inner)))
    }
    if !uses.isEmpty { members.append(("uses", Baseline.line(uses).line)) }
    if !fences.isEmpty {
      members.append(("fences", JSONOutput.array(fences.map(JSONOutput.integer)).line))
    }
    if !commands.isEmpty {
      let lines = commands.map { "[\($0.allocated), \($0.issued), \($0.completed)]" }
      members.append(("commands", Baseline.list(lines, indent: inner)))
    }
    if let digest { members.append(("digest", JSONText.quoted(digest))) }
    return Baseline.object(members, indent: indent)
  }
}
