import AccelSim

/// `simctl run --workload`: a whole network.
enum RunWorkload {
  static let options: [Option] = [
    Option(
      name: "--workload", value: "name", kind: .workload,
      help: "A network ('simctl workloads list') or a JSON file, instead of a matmul."),
    Option(
      name: "--mapping", value: "op=IxJxK,...",
      help: "With --workload: blocks of matmuls, by name with or without the layer."),
    fuse,
  ]

  static let fuse = Option(
    name: "--fuse", value: "norms", kind: .oneOf(NormFusion.allCases.map(\.rawValue)),
    help: "With --workload: what may run on the way out of a matmul: none, softmax or all "
      + "(default: all).")

  /// What '--fuse' allows.
  static func fusing(_ arguments: Arguments) throws(UsageError) -> NormFusion {
    try arguments.choice(fuse.name, NormFusion.allCases.map { ($0.rawValue, $0) }) ?? .all
  }

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
    let format = try ReportFormat.choice(arguments)
    let seed = try RunCommand.seed(arguments)
    if seed != nil && format == .csv {
      throw UsageError("'--data' and '--format csv' exclude each other", arguments.syntax)
    }
    let choice = try WorkloadOptions.load(name, arguments)
    // Data is checked in one workload at a time.
    let checked = try seed == nil ? nil : WorkloadOptions.single(choice, arguments)
    let machine = try MachineOptions.machine(arguments)
    let tiles = try tiles(arguments)
    let page = try PageFile(arguments)
    let reuse = try ReuseOptions(arguments)
    var report = try TraceFiles(arguments).record(on: machine, console) {
      try watched(
        choice, on: machine, tiles: tiles, reuses: reuse.isOn, watcher: $0, arguments, console)
    }
    if reuse.isVerified, report.isComplete {
      let other = try watched(
        choice, on: machine, tiles: tiles, reuses: false, arguments, console)
      if other.isComplete { try reuse.report(ReuseCheck.difference(report, other), console) }
    }
    console.trace("\(report.cycles) cycles, \(report.reusedCycles) of them reused")
    let finished = report.operators.count
    if let seed, let checked, report.isComplete {
      report.check = try check(checked, on: machine, seed, finished, arguments, console)
    }
    let ran = try RunProgram.network(
      workload: WorkloadOptions.sized(name, arguments).description, digest: choice.digest,
      tiles: tiles, fusing: fusing(arguments))
    let file = RunFile(report, ran, on: machine)
    try page?.write(HTMLReport.page(file))
    switch format {
    case .text: try console.write(report.text())
    case .markdown: try console.write(report.markdown())
    case .json: try console.write(file.json())
    case .csv: try console.write(report.csv)
    }
    guard report.isComplete else { return exitCode(report, console) }
    if let check = report.check, !check.isComplete { return .interrupted }
    return report.check?.passed == false ? .failure : .success
  }

  /// The run with its progress on a terminal; Ctrl-C ends it early.
  static func watched(
    _ steps: WorkloadSteps, on machine: Machine, tiles: [String: MatmulTile] = [:],
    reuses: Bool = true, watcher: RunWatcher? = nil, _ arguments: Arguments, _ console: Console
  ) throws -> NetworkReport {
    Interrupt.catchSignals()
    return try NetworkRun.report(
      steps, on: machine, tiles: tiles, fusing: fusing(arguments), reuses: reuses, watcher: watcher
    ) { now in
      let part = now.steps > 1 ? "\(now.step + 1) of \(now.steps), " : ""
      let line = "\(part)\(now.done) of \(now.total) operators: \(now.operation)"
      console.showProgress(line)
      console.trace(line)
      return !Interrupt.wasAsked
    }
  }

  /// How a command ends whose run may have been interrupted; says so.
  static func exitCode(_ report: NetworkReport, _ console: Console) -> ExitCode {
    guard let interruption = report.interruption else { return .success }
    console.log(.error, interruption.prefix(1).uppercased() + interruption.dropFirst())
    return .interrupted
  }

  /// Every operator's result with random data against a reference.
  private static func check(
    _ workload: Workload, on machine: Machine, _ seed: UInt64, _ total: Int,
    _ arguments: Arguments, _ console: Console
  ) throws -> NetworkCheck {
    try NetworkCheck(
      workload, on: machine, seed: seed, tiles: tiles(arguments),
      fusing: fusing(arguments)
    ) { done, name in
      console.showProgress("checked \(done) of \(total) operators: \(name)")
      return !Interrupt.wasAsked
    }
  }

  /// `q=5x5x48,ffn1=...`
  static func tiles(_ arguments: Arguments) throws(UsageError) -> [String: MatmulTile] {
    var tiles: [String: MatmulTile] = [:]
    guard let text = arguments["--mapping"] else { return tiles }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      // A name may hold '='; sizes do not.
      guard let sign = part.lastIndex(of: "="), sign != part.startIndex,
        let sizes = SizeText.triple(part[part.index(after: sign)...])
      else {
        throw arguments.invalid("--mapping", "such as 'q=5x5x48,layer0.ffn1=4x4x48'")
      }
      let name = String(part[..<sign])
      let tile = MatmulTile(rows: sizes.0, columns: sizes.1, inner: sizes.2)
      guard tiles.updateValue(tile, forKey: name) == nil else {
        throw arguments.invalid("--mapping", "'\(name)' stands there twice")
      }
    }
    return tiles
  }
}
