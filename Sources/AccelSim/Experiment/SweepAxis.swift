/// One thing that a sweep varies, with its values as people write them:
/// `accumulator.capacityKiB=64,128,256`.
public struct SweepAxis: Equatable, Sendable {
  /// A key of the configuration, or `workload.` and a parameter of the workloads; not yet known to
  /// exist.
  public var path: String
  /// As written, in the order of the sweep; not yet known to be values of the key.
  public var values: [String]

  /// What the name of a workload's parameter begins with.
  static let workloadPrefix = "workload."

  public init(path: String, values: [String]) {
    self.path = path
    self.values = values
  }

  /// Reads `key=value,value`; `nil` if either side is missing.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
    let values = String(halves[1]).split(separator: ",", omittingEmptySubsequences: false)
    self.init(path: String(halves[0]), values: values.map { String($0) })
  }

  /// The parameter of the workloads that varies; `nil` for a key of the configuration.
  public var parameter: String? {
    path.hasPrefix(Self.workloadPrefix)
      ? String(path.dropFirst(Self.workloadPrefix.count)) : nil
  }

  /// A value as JSON has it.
  static func json(_ value: String) -> JSONOutput {
    if let number = Int(value) { return .integer(number) }
    return Bool(value).map(JSONOutput.boolean) ?? .string(value)
  }

  /// What is wrong with the key and each value, seen alone.
  func problems(varying config: HardwareConfig) -> [ConfigProblem] {
    var problems: [ConfigProblem] = []
    for (index, value) in values.enumerated() {
      if value.isEmpty {
        problems.append(
          ConfigProblem(path: path, found: "an empty value", expected: "values between commas"))
      } else if values[..<index].contains(value) {
        problems.append(
          ConfigProblem(path: path, found: "the value \(value) twice", expected: "each value once"))
      } else if parameter != nil {
        // Which numbers it takes is the model's business.
        guard Int(value).map(String.init) != value else { continue }
        problems.append(
          ConfigProblem(path: path, found: JSONText.shortened(value), expected: "whole numbers"))
      } else {
        let found = config.assigned([ConfigAssignment(path: path, value: value)]).problems
        problems += found
        // An unknown key is reported once.
        if !HardwareConfig.keys.contains(where: { $0.path == path }) { return problems }
      }
    }
    return problems
  }
}
