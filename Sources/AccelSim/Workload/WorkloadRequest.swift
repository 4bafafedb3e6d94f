import Glibc

/// A workload and its sizes as people write them: `bert-base:sequence=128,layers=1`, or the path of
/// a JSON file.
public struct WorkloadRequest: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// A model's name, or a file's path.
  public var name: String
  /// Parameters of a model by name; the others have their defaults.
  public var values: [String: Int]

  public init(name: String, values: [String: Int] = [:]) {
    self.name = name
    self.values = values
  }

  /// Reads the words of a command line or of a file.
  ///
  /// - Throws: `InvalidWorkload` naming the part that is not `parameter=number`.
  public init(_ text: String) throws(InvalidWorkload) {
    // Only what begins with a model's name has parameters: a path may hold colons.
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, WorkloadModel.named(String(halves[0])) != nil else {
      self.init(name: text)
      return
    }
    var values: [String: Int] = [:]
    for part in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty, let value = Int(sides[1]),
        values.updateValue(value, forKey: String(sides[0])) == nil
      else {
        throw InvalidWorkload(problems: [
          ConfigProblem(
            path: text, found: JSONText.quoted(JSONText.shortened(String(part))),
            expected: "a parameter and a number, once each, such as sequence=128")
        ])
      }
    }
    self.init(name: String(halves[0]), values: values)
  }

  /// The words that read as this, parameters sorted by name.
  public var description: String {
    guard !values.isEmpty else { return name }
    let parts = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "\(name):\(parts.joined(separator: ","))"
  }

  /// What runs: a model's workloads, or a file's.
  ///
  /// - Throws: `InvalidWorkload` if there is no such model or file, for parameters that the model
  ///   does not have, and for what is wrong with the file.
  public func steps() throws(InvalidWorkload) -> WorkloadSteps {
    if let model = WorkloadModel.named(name) { return try model.steps(values) }
    guard Self.isFile(name) else {
      let names = WorkloadModel.all.map(\.name)
      throw InvalidWorkload(problems: [
        ConfigProblem(
          path: name, found: "an unknown workload",
          expected: "one of \(names.joined(separator: ", ")), or a JSON file",
          suggestion: Suggestion.nearest(to: name, among: names))
      ])
    }
    guard values.isEmpty else {
      throw InvalidWorkload(problems: [
        ConfigProblem(path: name, found: "parameters for a file", expected: "none")
      ])
    }
    return WorkloadSteps(try Workload.load(path: name))
  }

  /// Whether `name` is meant as a file's path: it looks like one, or there is such a file.
  public static func isFile(_ name: String) -> Bool {
    looksLikeFile(name) || InputFile.isGiven(name) || access(name, F_OK) == 0
  }

  /// Whether `name` is meant as a file's path whatever files there are.
  public static func looksLikeFile(_ name: String) -> Bool {
    name.hasSuffix(".json") || name.contains("/")
  }
}
