/// Runs whose cycles are kept, to notice when they change: a file of `Baselines`.
public struct Baseline: Sendable {
  /// Percent by which cycles may differ, for cases that do not say otherwise; 0 for exact.
  public var tolerance = 0.0
  /// Machines by name, by value: what a preset or a configuration file says later does not change
  /// what has been recorded.
  public var configs: [String: HardwareConfig] = [:]
  /// Sorted by name.
  public var cases: [BaselineCase] = []

  public init() {}

  /// Largest file that is read, in bytes.
  static let sizeLimit = 1 << 24

  /// Commands of a trace whose times are kept; more would make files that nobody reads.
  public static let commandLimit = 1000

  /// Longest name of a case in characters: it stands in lines of reports.
  public static let nameLimit = 200

  /// Whether a case may be called `name`.
  public static func isGoodName(_ name: String) -> Bool {
    ConfigKey.isGoodText(name, limit: nameLimit)
  }

  /// Adds a case, in the place of one of its name; machines that no case names any more go.
  ///
  /// - Parameter config: Its machine; the name in the file is `name`, or `name (2)` if that stands
  ///   for another machine.
  /// - Returns: The case as it stands in the file.
  @discardableResult
  public mutating func add(
    _ new: BaselineCase, config: HardwareConfig, named name: String
  ) -> BaselineCase {
    var new = new
    cases.removeAll { $0.name == new.name }
    configs = configs.filter { entry in cases.contains { $0.config == entry.key } }
    new.config = name
    var number = 2
    while let other = configs[new.config], other != config {
      new.config = "\(name) (\(number))"
      number += 1
    }
    configs[new.config] = config
    cases.append(new)
    cases.sort { $0.name < $1.name }
    return new
  }
}

/// One run of a baseline.
public struct BaselineCase: Sendable {
  /// What runs.
  public enum Subject: Sendable {
    /// A model, or a workload's file.
    case workload(WorkloadRequest, fusing: NormFusion)
    /// The path of a recorded command trace.
    case trace(String)
    /// C of I×J from A of I×K, as the hardware's library does it.
    case matmul(rows: Int, inner: Int, columns: Int)
  }

  /// Key of the case in the file's `cases`: 1 to `Baseline.nameLimit` printable characters.
  public var name: String
  /// A machine of the file.
  public var config: String
  /// Paths are relative to the baseline's folder.
  public var subject: Subject
  /// Percent by which cycles may differ, instead of the file's.
  public var tolerance: Double?
  /// What is compared; `nil` until it is recorded.
  public var expected: BaselineRecord?
  /// Line in the file, from 1.
  public var line = 1

  public init(name: String, config: String, subject: Subject) {
    self.name = name
    self.config = config
    self.subject = subject
  }

  /// The path of what runs if it is a file.
  public var path: String? {
    switch subject {
    case .workload(let request, _):
      WorkloadModel.named(request.name) == nil ? request.name : nil
    case .trace(let path): path
    case .matmul: nil
    }
  }
}

/// The cycles of one run, as a baseline keeps them.
public struct BaselineRecord: Equatable, Sendable {
  /// An operator of a network, in the order of execution.
  public struct Operator: Equatable, Sendable {
    /// As in the run's report, such as `layer0.q`; a generation has each name once a step.
    public var name: String
    /// From where the operator begins to where the next one does.
    public var cycles: Int
    /// What every cycle went to; they add up to `cycles` when recorded.
    public var uses: [String: Int]
    /// Line in the file, from 1.
    public var line = 1

    public static func == (left: Operator, right: Operator) -> Bool {
      (left.name, left.cycles, left.uses) == (right.name, right.cycles, right.uses)
    }
  }

  /// When a command passed the reservation station; -1 where it never did.
  public struct CommandTimes: Equatable, Sendable {
    /// Cycle in which it took its entry, counted from the first command's acceptance.
    public var allocated: Int
    /// Cycle in which its controller took it.
    public var issued: Int
    /// Cycle in which it completed; configurations of loads and stores do when they issue (facts 5.5).
    public var completed: Int
  }

  /// `CycleModel.version` of the simulator that recorded it.
  public var cycleModel = CycleModel.version
  /// Cycles of the whole run, as `RunResult.cycles`.
  public var cycles = 0
  /// Empty for a trace and a matmul.
  public var operators: [Operator] = []
  /// What every cycle of a trace or a matmul went to.
  public var uses: [String: Int] = [:]
  /// Cycle in which each fence of a trace completed.
  public var fences: [Int] = []
  /// The first commands of a trace, in the order of allocation.
  public var commands: [CommandTimes] = []
  /// Tells whether the file that runs is still the recorded one; `nil` for what is no file.
  public var digest: String?

  public init() {}
}
