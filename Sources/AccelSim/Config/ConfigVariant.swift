/// A property and the value that a variant gives it, as people write it:
/// `accumulator.capacityKiB=256`.
public struct ConfigAssignment: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The key path, such as `accumulator.capacityKiB`; not yet known to exist.
  public var path: String
  /// A number, `true`, `false` or a word.
  public var value: String

  public init(path: String, value: String) {
    self.path = path
    self.value = value
  }

  /// Reads `key=value`; `nil` if either side is missing.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
    self.init(path: String(halves[0]), value: String(halves[1]))
  }

  public var description: String { "\(path)=\(value)" }

  /// The value as a configuration file would hold it.
  fileprivate var json: JSONValue {
    let position = TextPosition(line: 1, column: 1)
    let text = JSONText(parsing: Array(value.utf8), maximumDepth: 1)
    // Behind the value must be nothing more.
    if text.problems.isEmpty, let parsed = text.value {
      switch parsed.content {
      case .boolean, .number, .string: return parsed
      default: break
      }
    }
    return JSONValue(content: .string(value), position: position)
  }
}

extension HardwareConfig {
  /// The configuration with other values.
  ///
  /// Values are set in the order of the declaration, as a file's are: one key may set the defaults of
  /// later ones, such as `host.core` the host's costs. The name stays.
  ///
  /// - Throws: `InvalidConfig` with every problem: keys that do not exist, values that do not fit, a
  ///   key given twice, and machines that cannot exist.
  public func setting(_ assignments: [ConfigAssignment]) throws(InvalidConfig) -> HardwareConfig {
    var (config, problems) = assigned(assignments)
    if problems.isEmpty { problems = config.problems() }
    guard problems.isEmpty else { throw InvalidConfig(problems: problems) }
    return config
  }

  /// The configuration with other values, and what is wrong with the assignments whatever they are
  /// set in: keys that do not exist or stand there twice, and values that do not fit. Whether there
  /// can be such a machine is not looked at.
  func assigned(
    _ assignments: [ConfigAssignment]
  ) -> (config: HardwareConfig, problems: [ConfigProblem]) {
    var config = self
    let problems = config.apply(assignments)
    return (config, problems)
  }

  /// What is wrong with `assignments` whatever they are set in.
  public static func problems(of assignments: [ConfigAssignment]) -> [ConfigProblem] {
    HardwareConfig().assigned(assignments).problems
  }

  private mutating func apply(_ assignments: [ConfigAssignment]) -> [ConfigProblem] {
    var problems: [ConfigProblem] = []
    for (index, assignment) in assignments.enumerated() {
      if !Self.keys.contains(where: { $0.path == assignment.path }) {
        problems.append(Self.unknown(assignment.path))
      } else if assignments[..<index].contains(where: { $0.path == assignment.path }) {
        problems.append(
          ConfigProblem(
            path: assignment.path, found: "a second value, \(assignment.value)",
            expected: "one value a key"))
      }
    }
    for key in Self.keys {
      guard let assignment = assignments.first(where: { $0.path == key.path }) else { continue }
      if let problem = key.decode(assignment.json, into: &self) { problems.append(problem) }
    }
    return problems
  }

  private static func unknown(_ path: String) -> ConfigProblem {
    let paths = keys.map(\.path)
    // A key's own name is enough to be understood, if it is the only one.
    let homonyms = keys.filter { $0.name == path }
    return ConfigProblem(
      path: path, found: "an unknown key", expected: "a key such as accumulator.capacityKiB",
      suggestion: homonyms.count == 1
        ? homonyms[0].path : Suggestion.nearest(to: path, among: paths))
  }
}

extension HardwareConfig {
  /// Every key that an assignment may name, with its meaning, in the order of the declaration.
  public static var settableKeys: [(path: String, meaning: String)] {
    keys.map { ($0.path, $0.meaning) }
  }

  /// The words that the key may have for a value; none if it is a number or a text.
  public static func valueNames(of path: String) -> [String] {
    switch keys.first(where: { $0.path == path })?.access {
    case .boolean: ["true", "false"]
    case .choice(let choice): choice.names
    default: []
    }
  }
}
