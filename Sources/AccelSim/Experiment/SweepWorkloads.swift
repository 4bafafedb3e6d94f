/// The workloads of a sweep, each in every size that the axes ask for.
struct SweepWorkloads: Sendable {
  /// What distinguishes two of them.
  private struct Key: Hashable {
    var workload: Int
    /// Index of the value of each axis that varies a workload's parameter.
    var choices: [Int]
  }

  private let axes: [Int]
  private var indices: [Key: Int] = [:]
  private var list: [WorkloadSteps] = []

  /// Builds them as far as needed to know that they can be built.
  ///
  /// - Throws: `InvalidWorkload` with every problem.
  init(_ request: SweepRequest) throws(InvalidWorkload) {
    axes = request.axes.indices.filter { request.axes[$0].parameter != nil }
    var problems: [ConfigProblem] = []
    for (number, workload) in request.workloads.enumerated() {
      if let problem = Self.conflict(workload, request) {
        problems.append(problem)
        continue
      }
      for choices in CrossProduct(sizes: axes.map { request.axes[$0].values.count }) {
        var sized = workload
        for (axis, choice) in zip(axes, choices) {
          guard let name = request.axes[axis].parameter else { continue }
          sized.values[name] = Int(request.axes[axis].values[choice])
        }
        do {
          let steps = try sized.steps()
          // The last is the largest.
          _ = try steps.workload(at: steps.count - 1)
          indices[Key(workload: number, choices: choices)] = list.count
          list.append(steps)
        } catch {
          problems += error.problems.map { problem in
            var problem = problem
            if problem.file == nil, problem.path != sized.description {
              problem.path =
                sized.description + (problem.path.isEmpty ? "" : ": \(problem.path)")
            }
            return problem
          }
        }
      }
    }
    guard problems.isEmpty else { throw InvalidWorkload(problems: problems) }
  }

  func index(_ point: SweepPoint) -> Int {
    let key = Key(workload: point.workload, choices: axes.map { point.choices[$0] })
    return indices[key] ?? 0
  }

  func steps(_ point: SweepPoint) -> WorkloadSteps { list[index(point)] }

  /// The parameters that vary, by name, in a combination of choices.
  static func parameters(_ request: SweepRequest, _ choices: [Int]) -> [String: Int] {
    var parameters: [String: Int] = [:]
    for (axis, choice) in zip(request.axes, choices) {
      if let name = axis.parameter { parameters[name] = Int(axis.values[choice]) }
    }
    return parameters
  }

  /// A parameter that has one value and shall have others.
  private static func conflict(
    _ workload: WorkloadRequest, _ request: SweepRequest
  ) -> ConfigProblem? {
    let names = request.axes.compactMap(\.parameter)
    guard let name = names.first(where: { workload.values[$0] != nil }) else { return nil }
    return ConfigProblem(
      path: workload.description, found: "a value of \(name), which varies",
      expected: "\(SweepAxis.workloadPrefix)\(name) varied, or a value given")
  }

  /// What the workloads are: of each its first and its last step as a file would hold them.
  var digest: String {
    var digest = Digest()
    for steps in list { steps.add(to: &digest) }
    return digest.text
  }
}

/// What the results of a sweep depend on, in short. Results with equal identities and equal numbers
/// are of the same point.
public struct SweepIdentity: Equatable, Sendable {
  /// `CycleModel.version`.
  public var model: Int
  /// Digest of the configuration.
  public var config: String
  /// Digest of the workloads.
  public var workloads: String
  /// Digest of the list of points.
  public var points: String

  init(model: Int, config: String, workloads: String, points: String) {
    self.model = model
    self.config = config
    self.workloads = workloads
    self.points = points
  }

  init(_ request: SweepRequest, _ points: [SweepPoint], _ workloads: SweepWorkloads) {
    model = CycleModel.version
    var config = Digest()
    config.add(part: request.config.json())
    // Sorted: the order in which values are set makes no difference.
    for text in request.assignments.map(\.description).sorted() { config.add(part: text) }
    self.config = config.text
    self.workloads = workloads.digest
    var list = Digest()
    for axis in request.axes {
      list.add(part: axis.path)
      for value in axis.values { list.add(part: value) }
    }
    // The names stand in the results.
    for workload in request.workloads { list.add(part: workload.description) }
    for point in points {
      list.add(part: "\(point.workload)")
      for choice in point.choices { list.add(part: "\(choice)") }
    }
    self.points = list.text
  }

  /// What differs between two, in words; `nil` if nothing does.
  func difference(from other: SweepIdentity) -> String? {
    if model != other.model {
      return "version \(model) of the cycle model, not of version \(other.model)"
    }
    if config != other.config { return "another configuration" }
    if workloads != other.workloads { return "other workloads" }
    return points == other.points ? nil : "other points"
  }
}
