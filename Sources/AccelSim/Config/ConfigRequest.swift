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

  /// The word that reads as this.
  public var description: String {
    assignments.isEmpty
      ? name : "\(name):\(assignments.map(\.description).joined(separator: ","))"
  }
}
