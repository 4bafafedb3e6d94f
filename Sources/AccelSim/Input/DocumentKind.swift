/// What a JSON file of this project describes; known by its keys, for a file given in the place of
/// another.
enum DocumentKind: String {
  case configuration = "a configuration"
  case workload = "a workload"
  case baseline = "a baseline"
  case study = "a study"
  case run = "a run that 'simctl run --json' wrote"

  /// The kind that `value` clearly is; `nil` if it could be several or none.
  init?(of value: JSONValue) {
    guard case .object(let members) = value.content else { return nil }
    let keys = Set(members.map(\.key))
    let sections = Set(HardwareConfig.sections.map(\.name))
    if case .string(RunFile.format)? = members.first(where: { $0.key == "format" })?.value.content {
      self = .run
    } else if keys.isSuperset(of: ["cases", "configs"]) {
      self = .baseline
    } else if keys.isSuperset(of: ["runs", "claims"]) {
      self = .study
    } else if keys.isSuperset(of: ["tensors", "operators"]) {
      self = .workload
    } else if !keys.isDisjoint(with: sections),
      keys.subtracting(["name", "$schema"]).isSubset(of: sections)
    {
      self = .configuration
    } else {
      return nil
    }
  }

  /// What is wrong if `value` is clearly another kind of document.
  func problem(with value: JSONValue, file: String) -> ConfigProblem? {
    guard let kind = DocumentKind(of: value), kind != self else { return nil }
    var problem = ConfigProblem(path: "", found: kind.rawValue, expected: rawValue)
    problem.file = file
    problem.position = value.position
    return problem
  }
}
