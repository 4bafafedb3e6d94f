/// One thing that is wrong with a configuration.
public struct ConfigProblem: Equatable, Sendable, CustomStringConvertible {
  /// The key at fault, such as `scratchpad.capacityKiB`; empty for the file as a whole.
  public var path: String
  /// What stands there.
  public var found: String
  /// What should.
  public var expected: String
  /// The name that was probably meant.
  public var suggestion: String?
  /// The file it was read from, if it was.
  public var file: String?
  /// Where in the file; `nil` if the key is not in it or the file could not be read.
  public var position: TextPosition?

  /// Creates a problem of a configuration that comes from no file.
  public init(path: String, found: String, expected: String, suggestion: String? = nil) {
    self.path = path
    self.found = found
    self.expected = expected
    self.suggestion = suggestion
  }

  /// One line: `file:line:column: path: found …; expected …`.
  public var description: String {
    var place = ""
    if let file {
      place = file
      if let position { place += ":\(position.line):\(position.column)" }
      place += ": "
    }
    if !path.isEmpty { place += path + ": " }
    let question = suggestion.map { "; did you mean \($0)?" } ?? ""
    return "\(place)found \(found); expected \(expected)\(question)"
  }
}

/// A configuration cannot be used; `problems` holds every reason, not only the first.
public struct InvalidConfig: Error, Equatable, CustomStringConvertible {
  /// At least one, in the order of the file.
  public var problems: [ConfigProblem]

  public init(problems: [ConfigProblem]) { self.problems = problems }

  /// One line a problem, at most 50 of them.
  public var description: String {
    var lines = problems.prefix(50).map(\.description)
    if problems.count > lines.count { lines.append("… and \(problems.count - lines.count) more") }
    return lines.joined(separator: "\n")
  }
}

extension Machine {
  /// Checks `config` and derives the numbers.
  ///
  /// - Throws: `InvalidConfig` with every problem.
  public convenience init(_ config: HardwareConfig) throws(InvalidConfig) {
    let problems = config.problems()
    guard problems.isEmpty else { throw InvalidConfig(problems: problems) }
    self.init(unchecked: config)
  }
}
