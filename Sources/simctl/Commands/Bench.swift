import AccelSim
import Foundation

/// `simctl bench`: how fast the simulator is on this computer.
enum BenchCommand: Subcommand {
  static let syntax = CommandSyntax(
    name: "bench", abstract: "Measure the simulator's own speed on this computer.",
    discussion: """
      Runs a dense 512x768x768 matmul at memory latency 20 several times on one core: its cycles \
      without data, its data without cycles, and both together. Reports the medians of the \
      processor time.
      """,
    options: [
      Option(
        name: "--config", value: "config", kind: .config,
        help: "The machine (default: rtl-default)."),
      Option(name: "--runs", value: "n", help: "Runs of each kind (default: 5)."),
    ] + ReportFormat.options([.json]),
    examples: [Example("simctl bench --runs 3", "The medians of three runs.", isLong: true)])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let runs = try arguments.integer("--runs", in: 1...100) ?? 5
    var config = try MachineOptions.load(arguments["--config"] ?? "rtl-default")
    config.memory.latency = 20
    let machine = try MachineOptions.machine(config)
    let plan = try MatmulPlan(Matmul(rows: 512, inner: 768, columns: 768), on: machine)
    var report = BenchReport(
      computer: Computer.name, build: isOptimised ? "release" : "debug, not optimised",
      machine: config.name, runs: runs, macs: plan.matmul.usefulMACs)
    // The first run of each kind warms caches and is not counted.
    for round in 0...runs {
      let (cycles, seconds) = try measure(plan, carriesData: false)
      report.cycles = cycles
      if round > 0 { report.timing.append(seconds) }
      console.showProgress("run \(round) of \(runs)")
    }
    for round in 0...runs {
      let seconds = try measureFunction(plan)
      if round > 0 { report.function.append(seconds) }
      console.showProgress("run \(round) of \(runs) of data alone")
    }
    for round in 0...runs {
      let (_, seconds) = try measure(plan, carriesData: true)
      if round > 0 { report.data.append(seconds) }
      console.showProgress("run \(round) of \(runs) with data")
    }
    report.start = try startTimes(runs)
    try console.write(ReportFormat.choice(arguments) == .json ? report.json() : report.text)
    return .success
  }

  /// Cycles of one run and the processor time that it took.
  private static func measure(
    _ plan: MatmulPlan, carriesData: Bool
  ) throws -> (cycles: Int, seconds: Double) {
    var options = RunOptions()
    options.carriesData = carriesData
    // The loop is what is measured.
    options.reuses = false
    let result: RunResult
    let start: Double
    if carriesData {
      var source = MatmulExercise(plan, checksResult: false).source
      start = processorTime()
      result = try Simulator.run(&source, on: plan.machine, options: options).result
    } else {
      var source = TiledMatmul(plan)
      start = processorTime()
      result = try Simulator.run(&source, on: plan.machine, options: options).result
    }
    return (result.cycles, processorTime() - start)
  }

  /// Processor time of the functional machine alone.
  private static func measureFunction(_ plan: MatmulPlan) throws -> Double {
    let source = MatmulExercise(plan, checksResult: false).source
    let start = processorTime()
    _ = try FunctionalRun.run(source, on: plan.machine)
    return processorTime() - start
  }

  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Wall times of the smallest call of this program.
  private static func startTimes(_ runs: Int) throws -> [Double] {
    guard let path = Bundle.main.executablePath else { return [] }
    return try (0..<runs).map { _ in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = ["--version"]
      process.standardOutput = FileHandle.nullDevice
      let clock = ContinuousClock()
      let time = try clock.measure {
        try process.run()
        process.waitUntilExit()
      }
      return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }
  }

  private static var isOptimised: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true
        return true
      }())
    return !isDebug
  }
}

/// What the computer is called.
private enum Computer {
  static var name: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let model = line?.split(separator: ":", maxSplits: 1).last.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    return "\(model ?? "unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores"
  }
}
