extension HardwareConfig {
  /// Reads a configuration from JSON; what is left out takes its default.
  ///
  /// - Parameters:
  ///   - text: The JSON.
  ///   - file: A name for messages.
  /// - Throws: `InvalidConfig` with every problem, each with its line and key path: bad JSON,
  ///   unknown keys, wrong types, values out of range, and machines that cannot exist.
  public init(json text: String, file: String = "config") throws(InvalidConfig) {
    try self.init(json: Array(text.utf8), file: file)
  }

  /// Reads a configuration from the bytes of a JSON file.
  public init(json bytes: [UInt8], file: String) throws(InvalidConfig) {
    let text = JSONText(parsing: bytes)
    var decoder = ConfigDecoder(file: file)
    decoder.add(text.problems)
    if let value = text.value { decoder.decode(value) }
    self = try decoder.checked()
  }

  /// Takes a configuration out of a file that holds more.
  init(_ value: JSONValue, file: String) throws(InvalidConfig) {
    var decoder = ConfigDecoder(file: file)
    decoder.decode(value)
    self = try decoder.checked()
  }

  /// Reads a configuration file.
  ///
  /// - Throws: `InvalidConfig` as `init(json:file:)`, also if the file cannot be read.
  public static func load(path: String) throws(InvalidConfig) -> HardwareConfig {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.bytes(path: path, limit: 1 << 20)
    } catch {
      throw InvalidConfig(problems: [
        InputFile.problem(error, at: path, expected: "a configuration")
      ])
    }
    return try HardwareConfig(json: bytes, file: path)
  }

  /// The configuration as JSON, keys in the order of the reference table.
  ///
  /// - Parameter onlyDifferences: Whether to leave out what has its default value.
  public func json(onlyDifferences: Bool = false) -> String {
    jsonOutput(onlyDifferences: onlyDifferences).text() + "\n"
  }

  /// The configuration as a part of a JSON file.
  func jsonOutput(onlyDifferences: Bool = false) -> JSONOutput {
    var members = [(key: "name", value: JSONOutput.string(name))]
    // Takes over each value once it is compared: one key may set the defaults of later ones.
    var defaults = HardwareConfig()
    for section in Self.sections {
      let properties = section.keys.compactMap { key -> (key: String, value: JSONOutput)? in
        let text = key.output(self)
        let isDefault = text.text() == key.output(defaults).text()
        key.copy(from: self, to: &defaults)
        return onlyDifferences && isDefault ? nil : (key.name, text)
      }
      if !properties.isEmpty { members.append((section.name, .object(properties))) }
    }
    return .object(members)
  }
}

/// Fills a configuration from JSON and collects what is wrong.
private struct ConfigDecoder {
  private let file: String
  private var config = HardwareConfig()
  private var problems: [ConfigProblem] = []
  /// Where each property stood that the file gives.
  private var positions: [String: TextPosition] = [:]
  /// Properties whose value cannot be judged further.
  private var unusable: Set<String> = []

  init(file: String) { self.file = file }

  mutating func add(_ jsonProblems: [JSONProblem]) {
    for problem in jsonProblems {
      add(
        ConfigProblem(path: problem.path, found: problem.found, expected: problem.expected),
        at: problem.position)
    }
  }

  mutating func decode(_ value: JSONValue) {
    if let problem = DocumentKind.configuration.problem(with: value, file: file) {
      return add(problem, at: problem.position)
    }
    guard let members = object(value, path: "") else { return }
    for member in members {
      let section = HardwareConfig.sections.first { $0.name == member.key }
      if let section {
        guard let properties = object(member.value, path: section.name) else {
          unusable.formUnion(section.keys.map(\.path))
          continue
        }
        decode(properties, in: section)
      } else if member.key == HardwareConfig.nameKey.name {
        decode(member.value, as: HardwareConfig.nameKey)
      } else if member.key == "$schema" {
        if case .string = member.value.content { continue }
        add(
          ConfigProblem(path: "$schema", found: member.value.summary, expected: "text"),
          at: member.value.position)
      } else {
        let names = ["name"] + HardwareConfig.sections.map(\.name)
        addUnknown(member, path: "", among: names)
      }
    }
  }

  /// The configuration, if nothing is wrong with it.
  consuming func checked() throws(InvalidConfig) -> HardwareConfig {
    for (problem, rule) in config.ruleProblems(except: unusable) {
      var problem = problem
      if let given = rule.keys.first(where: { positions[$0] != nil }) { problem.path = given }
      add(problem, at: positions[problem.path])
    }
    guard problems.isEmpty else {
      // Order of the file; what has no place comes last. Equal places keep their order.
      let sorted = problems.enumerated().sorted { left, right in
        let last = TextPosition(line: .max, column: 0)
        let (a, b) = (left.element.position ?? last, right.element.position ?? last)
        return a == b ? left.offset < right.offset : a < b
      }
      throw InvalidConfig(problems: sorted.map(\.element))
    }
    return config
  }

  /// In the order of the declaration, not of the file: one key may set the defaults of later ones.
  private mutating func decode(_ members: [JSONMember], in section: ConfigSection) {
    for key in section.keys {
      for member in members where member.key == key.name { decode(member.value, as: key) }
    }
    let names = section.keys.map(\.name)
    for member in members where !names.contains(member.key) {
      addUnknown(member, path: section.name, among: names)
    }
  }

  private mutating func decode(_ value: JSONValue, as key: ConfigKey) {
    positions[key.path] = value.position
    if case .invalid = value.content {
      unusable.insert(key.path)
    } else if let problem = key.decode(value, into: &config) {
      unusable.insert(key.path)
      add(problem, at: value.position)
    }
  }

  private mutating func object(_ value: JSONValue, path: String) -> [JSONMember]? {
    switch value.content {
    case .object(let members): return members
    case .invalid: return nil
    default:
      add(
        ConfigProblem(path: path, found: value.summary, expected: "an object"),
        at: value.position)
      return nil
    }
  }

  private mutating func addUnknown(_ member: JSONMember, path: String, among names: [String]) {
    let part = JSONText.pathPart(member.key)
    var problem = ConfigProblem(
      path: path.isEmpty ? part : "\(path).\(part)", found: "an unknown key",
      expected: path.isEmpty ? "a section or \"name\"" : "a key of \(path)")
    problem.suggestion =
      Self.homonym(of: member.key) ?? Suggestion.nearest(to: member.key, among: names)
    add(problem, at: member.keyPosition)
  }

  /// The property that has this name elsewhere or in the hardware's generator, such as `sp_banks`.
  private static func homonym(of name: String) -> String? {
    let named = HardwareConfig.keys.filter { key in
      key.name == name || key.path == name
        || key.source.split(whereSeparator: { $0 == "," || $0 == " " }).contains { $0 == name }
    }
    return named.count == 1 ? named[0].path : nil
  }

  private mutating func add(_ problem: ConfigProblem, at position: TextPosition?) {
    var problem = problem
    problem.file = file
    problem.position = position
    problems.append(problem)
  }
}
