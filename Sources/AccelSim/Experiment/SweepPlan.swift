/// What a sweep is asked to do.
public struct SweepRequest: Sendable {
  /// What all points have in common.
  public var config: HardwareConfig
  /// Values that all points have instead of the configuration's.
  public var assignments: [ConfigAssignment] = []
  /// Each runs on every machine of the sweep; none may stand here twice.
  public var workloads: [WorkloadRequest]
  /// What varies, the last fastest; empty for one point a workload.
  public var axes: [SweepAxis]
  /// Points that break one are left out.
  public var constraints: [SweepConstraint] = []
  /// Whether points that are no machine are left out instead of being an error.
  public var skipsInvalid = false

  public init(config: HardwareConfig, workloads: [WorkloadRequest], axes: [SweepAxis]) {
    self.config = config
    self.workloads = workloads
    self.axes = axes
  }
}

/// A sweep that cannot begin; `problems` holds every reason.
public struct InvalidSweep: Error, Equatable, CustomStringConvertible {
  /// At least one.
  public var problems: [ConfigProblem]
  /// Whether the request would be fine if it left out what is no machine.
  public var canSkip = false

  /// One line a problem, at most 200 of them.
  public var description: String {
    var lines = problems.prefix(200).map(\.description)
    if problems.count > lines.count { lines.append("… and \(problems.count - lines.count) more") }
    return lines.joined(separator: "\n")
  }
}

/// One run of a sweep: a workload on a machine.
public struct SweepPoint: Equatable, Sendable {
  /// Its place in the list of points, from 1.
  public let number: Int
  /// Index of the workload in the request.
  public let workload: Int
  /// Index of the value of each axis.
  public let choices: [Int]
}

/// The points of a sweep: for each workload the cross product of the axes, the last varying fastest,
/// without what the constraints exclude.
public struct SweepPlan: Sendable {
  /// Combinations of a workload and values that a sweep may have.
  public static let largest = 100_000

  /// What the plan was made from; `SweepPoint` counts its workloads and values.
  public let request: SweepRequest
  /// At least one.
  public let points: [SweepPoint]
  /// Combinations that a constraint excludes.
  public let excluded: Int
  /// Combinations left out because they are no machine; 0 unless the request allows them.
  public let invalid: Int
  /// What the results of this sweep may be put together with.
  public let identity: SweepIdentity
  private let workloads: SweepWorkloads

  /// Checks everything that can be checked before a run.
  ///
  /// A value that no machine may have is an error in any case, a combination of values that is no
  /// machine only if the request does not allow it. Constraints come first: what they exclude is not
  /// looked at.
  ///
  /// - Throws: `InvalidSweep` or `InvalidWorkload` with every problem.
  public init(_ request: SweepRequest) throws {
    let problems = Self.problems(request)
    guard problems.isEmpty else { throw InvalidSweep(problems: problems) }
    let workloads = try SweepWorkloads(request)
    var (excluded, invalid) = (0, 0)
    var reasons: [String: [ConfigProblem]] = [:]
    var order: [String] = []
    var combinations: [[Int]] = []
    for choices in CrossProduct(sizes: request.axes.map(\.values.count)) {
      let assignments = Self.assignments(request, choices)
      let (config, _) = request.config.assigned(request.assignments + assignments)
      guard try Self.allows(config, choices, request) else {
        excluded += request.workloads.count
        continue
      }
      let problems = config.problems()
      guard !problems.isEmpty else {
        combinations.append(choices)
        continue
      }
      invalid += request.workloads.count
      // Sizes of the workload make no difference: a machine is reported once.
      let values = assignments.map(\.description).joined(separator: " ")
      if reasons.updateValue(problems, forKey: values) == nil { order.append(values) }
    }
    if !reasons.isEmpty, !request.skipsInvalid {
      throw InvalidSweep(
        problems: order.flatMap { Self.problems(reasons[$0] ?? [], of: $0) },
        canSkip: !combinations.isEmpty)
    }
    guard !combinations.isEmpty else {
      throw InvalidSweep(problems: [
        ConfigProblem(
          path: "",
          found: "no point: constraints exclude \(excluded), \(invalid) are no machines",
          expected: "at least one point that runs")
      ])
    }
    var points: [SweepPoint] = []
    points.reserveCapacity(combinations.count * request.workloads.count)
    for workload in request.workloads.indices {
      for choices in combinations {
        points.append(
          SweepPoint(number: points.count + 1, workload: workload, choices: choices))
      }
    }
    self.request = request
    self.points = points
    self.excluded = excluded
    self.invalid = invalid
    self.workloads = workloads
    identity = SweepIdentity(request, points, workloads)
  }

  /// The values of `point`, one an axis.
  public func values(of point: SweepPoint) -> [String] {
    zip(request.axes, point.choices).map { $0.values[$1] }
  }

  /// The workload of `point` as it was asked for, without what the axes vary.
  public func workloadName(of point: SweepPoint) -> String {
    request.workloads[point.workload].description
  }

  /// What runs at `point`.
  func steps(of point: SweepPoint) -> WorkloadSteps { workloads.steps(point) }

  /// Two points of the same workload, of the same size, have the same index.
  func workloadIndex(of point: SweepPoint) -> Int { workloads.index(point) }

  /// The machine of `point`.
  ///
  /// - Throws: Never for a point of this plan.
  func machine(of point: SweepPoint) throws(InvalidConfig) -> Machine {
    try Machine(
      request.config.setting(request.assignments + Self.assignments(request, point.choices)))
  }

  // MARK: Checks

  private static func problems(_ request: SweepRequest) -> [ConfigProblem] {
    var problems = request.config.assigned(request.assignments).problems
    for (index, axis) in request.axes.enumerated() {
      if request.axes[..<index].contains(where: { $0.path == axis.path }) {
        problems.append(
          ConfigProblem(path: axis.path, found: "the key twice", expected: "each key varied once"))
      } else if let set = request.assignments.first(where: { $0.path == axis.path }) {
        problems.append(
          ConfigProblem(
            path: axis.path, found: "a key that varies and is set to \(set.value)",
            expected: "one of the two"))
      } else {
        problems += axis.problems(varying: request.config)
      }
    }
    for (index, workload) in request.workloads.enumerated()
    where request.workloads[..<index].contains(workload) {
      problems.append(
        ConfigProblem(
          path: workload.description, found: "the workload twice", expected: "each workload once"))
    }
    var count = request.workloads.count
    for axis in request.axes {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: axis.values.count)
      count = isTooLarge ? .max : product
    }
    if count > largest {
      let words = count == .max ? "more than \(Int.max)" : TextFormat.grouped(count)
      problems.append(
        ConfigProblem(
          path: "", found: "\(words) combinations of workloads and values",
          expected: "at most \(TextFormat.grouped(largest)); fewer values, or several sweeps"))
    }
    return problems
  }

  private static func assignments(_ request: SweepRequest, _ choices: [Int]) -> [ConfigAssignment] {
    zip(request.axes, choices).compactMap { axis, choice in
      axis.parameter == nil
        ? ConfigAssignment(path: axis.path, value: axis.values[choice]) : nil
    }
  }

  private static func allows(
    _ config: HardwareConfig, _ choices: [Int], _ request: SweepRequest
  ) throws(InvalidSweep) -> Bool {
    guard !request.constraints.isEmpty else { return true }
    let parameters = SweepWorkloads.parameters(request, choices)
    for constraint in request.constraints {
      guard let allows = constraint.allows(config, parameters: parameters) else {
        throw InvalidSweep(problems: [
          ConfigProblem(
            path: constraint.text, found: "a number beyond 2^53, or none",
            expected: "sums and products of at most 2^53")
        ])
      }
      if !allows { return false }
    }
    return true
  }

  /// The problems of a combination of values, each saying which.
  private static func problems(_ problems: [ConfigProblem], of values: String) -> [ConfigProblem] {
    problems.map { problem in
      var problem = problem
      problem.path = values.isEmpty ? problem.path : "\(values): \(problem.path)"
      return problem
    }
  }
}

/// All combinations of indices below `sizes`, the last varying fastest; one empty combination if
/// there are no sizes.
struct CrossProduct: Sequence, IteratorProtocol {
  private let sizes: [Int]
  private var upcoming: [Int]?

  init(sizes: [Int]) {
    self.sizes = sizes
    upcoming = sizes.contains(0) ? nil : sizes.map { _ in 0 }
  }

  mutating func next() -> [Int]? {
    guard let result = upcoming else { return nil }
    var following = result
    var axis = sizes.count - 1
    while axis >= 0 {
      following[axis] += 1
      if following[axis] < sizes[axis] { break }
      following[axis] = 0
      axis -= 1
    }
    upcoming = axis >= 0 ? following : nil
    return result
  }
}
