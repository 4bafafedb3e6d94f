import AccelSim
import Glibc

/// What commands that run several workloads on several machines have in common: everything is checked
/// before anything runs, and every problem is reported at once.
struct ExperimentInputs {
  /// A machine as the user named it.
  struct Config: Sendable {
    var name: String
    var machine: Machine
  }

  /// A network as the user named it.
  struct Network: Sendable {
    var name: String
    var steps: WorkloadSteps
  }

  private(set) var configs: [Config] = []
  private(set) var networks: [Network] = []
  private var problems: [CommandFailure] = []

  /// Adds the machine that `word` names.
  mutating func addConfig(_ word: String) {
    note("configuration", word) {
      let config = try MachineOptions.load(word)
      return Config(name: word, machine: try MachineOptions.machine(config))
    }.map { configs.append($0) }
  }

  /// Adds the machine that `word` names with the values of `text` on top.
  ///
  /// - Throws: `UsageError` of `syntax` if `text` is not `key=value,...`.
  mutating func addVariant(_ text: String, of word: String, _ syntax: CommandSyntax) throws {
    let assignments: [ConfigAssignment]
    do {
      assignments = try ConfigRequest.assignments(text)
    } catch {
      throw UsageError(
        "The value '\(text)' is invalid for '--set <key=value,...>': \(error.description)", syntax)
    }
    note("variant", text) { () -> Config? in
      guard let base = try? MachineOptions.load(word) else {
        // What is wrong with the base is reported with it.
        let problems = HardwareConfig.problems(of: assignments)
        if problems.isEmpty { return nil }
        throw InvalidConfig(problems: problems)
      }
      let config = try MachineOptions.setting(assignments, in: base)
      var request = try ConfigRequest(word)
      request.assignments += assignments
      return Config(name: request.description, machine: try MachineOptions.machine(config))
    }?.map { configs.append($0) }
  }

  /// Adds the network that `word` names.
  mutating func addNetwork(_ word: String) {
    note("workload", word) {
      let request = try WorkloadOptions.request(word)
      return Network(name: request.description, steps: try WorkloadOptions.steps(request))
    }.map { networks.append($0) }
  }

  /// Plans every network on every machine.
  ///
  /// - Throws: `CommandFailure` with every problem of all that was added, one paragraph each; its code
  ///   is that of the first.
  mutating func check() throws {
    for network in networks {
      for config in configs {
        note("workload", "\(network.name)' on '\(config.name)") {
          for step in 0..<network.steps.count {
            let workload = try WorkloadOptions.workload(network.steps, at: step)
            _ = try NetworkPlan(workload, on: config.machine)
          }
        }
      }
    }
    guard let first = problems.first else { return }
    throw CommandFailure(first.code, problems.map(\.message).joined(separator: "\n"))
  }

  /// The result of `work`, or a problem that names `subject`.
  @discardableResult
  private mutating func note<T>(_ kind: String, _ subject: String, _ work: () throws -> T) -> T? {
    do {
      return try work()
    } catch {
      let (code, message) =
        (error as? CommandFailure).map { ($0.code, $0.message) } ?? Simctl.describe(error)
      let isNamed = message.contains("'\(subject)'") || message.hasPrefix("\(subject):")
      problems.append(
        CommandFailure(code, isNamed ? message : "\(kind) '\(subject)': \(message)"))
    }
    return nil
  }
}

/// `--jobs`.
enum JobOptions {
  static let jobs = Option(
    name: "--jobs", value: "n",
    help: "Runs at the same time (default: one a core). The report does not depend on it.")

  static func jobs(_ arguments: Arguments) throws(UsageError) -> Int {
    try arguments.integer("--jobs", in: 1...1024) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
