import AccelSim
import Glibc
import Synchronization

/// `simctl run --workload`: a whole network.
enum RunWorkload {
  static let options: [Option] = [
    Option(
      name: "--workload", value: "name",
      help: "A network ('simctl workloads list') or a JSON file, instead of a matmul."),
    Option(
      name: "--mapping", value: "op=IxJxK,...",
      help: "With --workload: blocks of matmuls, by name with or without the layer."),
    Option(name: "--csv", help: "With --workload: a line an operator."),
    Option(name: "--quiet", help: "Show no progress."),
  ]

  /// Options of a single matmul that mean nothing for a network.
  private static let others = [
    "--matmul", "--bias", "--repeating-bias", "--low-d", "--relu", "--activation", "--scale",
    "--input-scale", "--transpose-a", "--transpose-b", "--full-c", "--dataflow", "--tile",
    "--commands", "--events",
  ]

  static func run(_ name: String, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
    for other in others where arguments.has(other) {
      throw UsageError("'--workload' and '\(other)' exclude each other", arguments.syntax)
    }
    if arguments.has("--json") && arguments.has("--csv") {
      throw UsageError("'--json' and '--csv' exclude each other", arguments.syntax)
    }
    let seed = try RunCommand.seed(arguments)
    if seed != nil && arguments.has("--csv") {
      throw UsageError("'--data' and '--csv' exclude each other", arguments.syntax)
    }
    let choice = try WorkloadOptions.load(name, arguments)
    // Data is checked in one workload at a time.
    let checked = try seed == nil ? nil : WorkloadOptions.single(choice, arguments)
    let machine = try MachineOptions.machine(arguments)
    let tiles = try tiles(arguments)
    Interrupt.catchSignals()
    let reuse = try ReuseOptions(arguments)
    func progress(_ now: NetworkRun.Progress) -> Bool {
      if !arguments.has("--quiet") {
        let part = now.steps > 1 ? "\(now.step + 1) of \(now.steps), " : ""
        console.showProgress("\(part)\(now.done) of \(now.total) operators: \(now.operation)")
      }
      return !Interrupt.wasAsked
    }
    var report = try NetworkRun.report(
      choice, on: machine, tiles: tiles, reuses: reuse.isOn, progress: progress)
    if reuse.isVerified, report.isComplete {
      let other = try NetworkRun.report(
        choice, on: machine, tiles: tiles, reuses: false, progress: progress)
      if other.isComplete { try reuse.report(ReuseCheck.difference(report, other), console) }
    }
    let finished = report.operators.count
    if let seed, let checked, report.isComplete {
      report.check = try check(checked, on: machine, seed, finished, arguments, console)
    }
    if arguments.has("--json") {
      try console.write(report.json())
    } else {
      try console.write(arguments.has("--csv") ? report.csv : report.text())
    }
    guard report.isComplete else {
      console.printError("Interrupted: \(finished) operators are finished, and reported")
      return .interrupted
    }
    if let check = report.check, !check.isComplete { return .interrupted }
    return report.check?.passed == false ? .failure : .success
  }

  /// Every operator's result with random data against a reference.
  private static func check(
    _ workload: Workload, on machine: Machine, _ seed: UInt64, _ total: Int,
    _ arguments: Arguments, _ console: Console
  ) throws -> NetworkCheck {
    try NetworkCheck(workload, on: machine, seed: seed, tiles: tiles(arguments)) { done, name in
      if !arguments.has("--quiet") {
        console.showProgress("checked \(done) of \(total) operators: \(name)")
      }
      return !Interrupt.wasAsked
    }
  }

  /// `q=5x5x48,ffn1=...`
  static func tiles(_ arguments: Arguments) throws(UsageError) -> [String: MatmulTile] {
    var tiles: [String: MatmulTile] = [:]
    for part in (arguments["--mapping"] ?? "").split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1)
      let sizes = halves.last?.split(separator: "x").map { Int($0) } ?? []
      guard halves.count == 2, sizes.count == 3, let rows = sizes[0], let columns = sizes[1],
        let inner = sizes[2], rows > 0, columns > 0, inner > 0
      else { throw arguments.invalid("--mapping", "such as 'q=5x5x48,layer0.ffn1=4x4x48'") }
      tiles[String(halves[0])] = MatmulTile(rows: rows, columns: columns, inner: inner)
    }
    return tiles
  }
}

/// Ctrl-C, remembered instead of obeyed; a second one ends the process.
enum Interrupt {
  private static let asked = Atomic<Bool>(false)

  static var wasAsked: Bool { asked.load(ordering: .relaxed) }

  static func catchSignals() {
    signal(SIGINT) { _ in
      Interrupt.asked.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}
