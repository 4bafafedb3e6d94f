/// Claims about machines and networks, each with the runs that test it and the band in which it
/// counts as reproduced.
public struct Study: Sendable {
  /// Short, such as `transformer-inference`; `simctl study` knows those that come with it by it.
  public var name: String
  /// Heading of the report.
  public var title: String
  /// Where the claims come from.
  public var source: String
  /// What all simulated runs share, such as main memory.
  public var settings: [ConfigAssignment] = []
  /// In the order of the study's file, each under a name of its own.
  public var runs: [StudyRun]
  /// In the order of the study's file.
  public var claims: [StudyClaim]
}

/// One run of a study, under a name that formulas use.
public struct StudyRun: Sendable {
  /// What stands before the dot in `run.quantity`.
  public var name: String
  /// What runs, or is only counted.
  public var subject: Subject

  /// What a run of a study measures.
  public enum Subject: Sendable {
    /// Cycles of a workload on a machine.
    case simulation(Simulation)
    /// Operations and bytes of a workload, without a machine.
    case analysis(WorkloadRequest, WorkloadTraffic)
  }

  /// A workload on a machine.
  public struct Simulation: Sendable {
    /// The name of a predefined machine, or a file's path.
    public var config: String
    /// Values that differ from it, the study's own first.
    public var settings: [ConfigAssignment]
    /// The network.
    public var workload: StudyWorkload
    /// Which normalisations may run on the way out of the matmul before.
    public var fusing: NormFusion
  }
}

/// A workload that a study names or spells out.
public enum StudyWorkload: Sendable {
  /// A model with its parameters, or a workload's file.
  case request(WorkloadRequest)
  /// Operators that the study's file spells out.
  case workload(Workload)

  func steps() throws(InvalidWorkload) -> WorkloadSteps {
    switch self {
    case .request(let request): try request.steps()
    case .workload(let workload): WorkloadSteps(workload)
    }
  }
}

/// A claim and what must be measured for it to hold.
public struct StudyClaim: Sendable {
  /// Such as `G3`.
  public var id: String
  /// In a sentence.
  public var claim: String
  /// Where it is made.
  public var source: String
  /// What must be in its band; the worst of them decides on the claim.
  public var checks: [StudyCheck]
  /// Why it cannot be tested yet; such a claim has no checks.
  public var pending: String?
  /// What a reader must know: contradictions of the source, or why a check is outside its band.
  public var note: String?
}

/// A measured number with its band.
public struct StudyCheck: Sendable {
  /// What is measured, in words, for the report.
  public var what: String
  /// Over `run.quantity` names.
  public var value: Formula
  /// What `band` is in, and how the measured number is shown.
  public var unit: StudyUnit
  /// What the source says, as it says it.
  public var paper: String
  /// The band in the unit; infinite where one side is open.
  public var band: ClosedRange<Double>
  /// Whether it is known to be outside its band; the claim's note says why.
  public var isKnownOutside: Bool
}

/// How a measured number is shown.
public enum StudyUnit: String, CaseIterable, Sendable {
  /// The number as it is.
  case number
  /// Of 1: `0.25` is shown as 25.
  case percent
  /// A ratio.
  case times

  var factor: Double { self == .percent ? 100 : 1 }

  var suffix: String {
    switch self {
    case .number: ""
    case .percent: " %"
    case .times: "x"
    }
  }
}

extension Study {
  /// The studies that come with the program.
  public static let builtIn: [(name: String, json: [UInt8])] = [
    ("transformer-inference", PackageResources.transformer_inference_json)
  ]

  /// The study with only the claims whose ID, or the letters that it begins with, is `name`, and the
  /// runs that they need; `nil` if there are none.
  public func selecting(_ name: String) -> Study? {
    var study = self
    study.claims = claims.filter { $0.id == name || $0.id.prefix { $0.isLetter } == name }
    guard !study.claims.isEmpty else { return nil }
    let used = Set(
      study.claims.flatMap(\.checks).flatMap(\.value.names).map { Self.run(of: $0.text) })
    study.runs = runs.filter { used.contains($0.name) }
    return study
  }

  /// The run in `run.quantity`.
  static func run(of name: String) -> String { String(name.prefix { $0 != "." }) }

  /// The quantity in `run.quantity`.
  static func quantity(of name: String) -> String {
    String(name.drop { $0 != "." }.dropFirst())
  }
}

extension StudyRun {
  /// What it does, in a line.
  public var summary: String {
    switch subject {
    case .analysis(let request, let traffic):
      return "analysis of \(request), \(traffic.rawValue) traffic"
    case .simulation(let simulation):
      let workload =
        switch simulation.workload {
        case .request(let request): request.description
        case .workload(let workload): workload.name
        }
      let settings = simulation.settings.map { " \($0)" }.joined()
      return "\(workload) on \(simulation.config)\(settings)"
        + (simulation.fusing == .all ? "" : ", fusing \(simulation.fusing.rawValue)")
    }
  }
}
