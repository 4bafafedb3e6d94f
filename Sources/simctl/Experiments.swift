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
  ///
  mutating func addConfig(_ word: String) {
    note("configuration '\(word)'") {
      let request = try Self.request(word)
      return try Self.machine(request)
    }.map { configs.append($0) }
  }

  /// Adds the machine that `word` names with the values of `text` on top.
  mutating func addVariant(_ text: String, of word: String) {
    note("variant '\(text)' of '\(word)'") {
      var request = try Self.request(word)
      request.assignments += try Self.checked { () throws(InvalidConfig) in
        try ConfigRequest.assignments(text)
      }
      return try Self.machine(request)
    }.map { configs.append($0) }
  }

  /// Adds the network that `word` names.
  mutating func addNetwork(_ word: String) {
    note("workload '\(word)'") {
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
        note("'\(network.name)' on '\(config.name)'") {
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

  /// The result of `work`, or a problem that begins with `subject`.
  @discardableResult
  private mutating func note<T>(_ subject: String, _ work: () throws -> T) -> T? {
    do {
      return try work()
    } catch let error as CommandFailure {
      problems.append(CommandFailure(error.code, "\(subject): \(error.message)"))
    } catch {
      let (code, message) = Simctl.describe(error)
      problems.append(CommandFailure(code, "\(subject): \(message)"))
    }
    return nil
  }

  private static func request(_ word: String) throws -> ConfigRequest {
    try checked { () throws(InvalidConfig) in try ConfigRequest(word) }
  }

  private static func machine(_ request: ConfigRequest) throws -> Config {
    let config = try MachineOptions.load(request.name)
    let variant = try checked { () throws(InvalidConfig) in
      try config.setting(request.assignments)
    }
    return Config(name: request.description, machine: try MachineOptions.machine(variant))
  }

  private static func checked<T>(_ work: () throws(InvalidConfig) -> T) throws -> T {
    do {
      return try work()
    } catch {
      throw CommandFailure(.config, error.description)
    }
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
