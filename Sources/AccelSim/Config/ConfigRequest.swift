import Glibc

/// A configuration and what a variant changes in it, as people write them in one word:
/// `gemmini-default`, `my.json`, `gemmini-default:accumulator.capacityKiB=256,dma.busBits=64`.
public struct ConfigRequest: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// A predefined machine's name, or a file's path.
  public var name: String
  /// What is set otherwise, in the order given.
  public var assignments: [ConfigAssignment]

  public init(name: String, assignments: [ConfigAssignment] = []) {
    self.name = name
    self.assignments = assignments
  }

  /// Reads the words of a command line or of a file.
  ///
  /// - Throws: `InvalidConfig` naming every part that is not `key=value`.
  public init(_ text: String) throws(InvalidConfig) {
    // A path may hold colons; only what stands behind the last and holds '=' are values.
    guard let colon = text.lastIndex(of: ":"), text[colon...].contains("="),
      access(text, F_OK) != 0
    else {
      self.init(name: text)
      return
    }
    self.init(
      name: String(text[..<colon]),
      assignments: try Self.assignments(String(text[text.index(after: colon)...])))
  }

  /// Reads `key=value,key=value`.
  ///
  /// - Throws: `InvalidConfig` naming every part that is not `key=value`.
  public static func assignments(_ text: String) throws(InvalidConfig) -> [ConfigAssignment] {
    var assignments: [ConfigAssignment] = []
    var problems: [ConfigProblem] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let assignment = ConfigAssignment(part) {
        assignments.append(assignment)
      } else {
        problems.append(
          ConfigProblem(
            path: "", found: JSONText.quoted(JSONText.shortened(String(part))),
            expected: "a key and a value, such as accumulator.capacityKiB=256"))
      }
    }
    guard problems.isEmpty else { throw InvalidConfig(problems: problems) }
    return assignments
  }

  /// The predefined machine or the file's, with what is set otherwise.
  ///
  /// - Throws: `InvalidConfig` if there is no such machine or file, and as `HardwareConfig.load` and
  ///   `setting`.
  public func load() throws(InvalidConfig) -> HardwareConfig {
    if let preset = HardwareConfig.preset(name) { return try preset.setting(assignments) }
    guard Self.isFile(name) else {
      let names = HardwareConfig.presetNames
      throw InvalidConfig(problems: [
        ConfigProblem(
          path: name, found: "an unknown configuration",
          expected: "one of \(names.joined(separator: ", ")), or a JSON file",
          suggestion: Suggestion.nearest(to: name, among: names))
      ])
    }
    return try HardwareConfig.load(path: name).setting(assignments)
  }

  /// Whether `name` is meant as a file's path: it looks like one, or there is such a file.
  public static func isFile(_ name: String) -> Bool {
    name.hasSuffix(".json") || name.contains("/") || InputFile.isGiven(name)
      || access(name, F_OK) == 0
  }

  /// The word that reads as this.
  public var description: String {
    assignments.isEmpty
      ? name : "\(name):\(assignments.map(\.description).joined(separator: ","))"
  }
}
