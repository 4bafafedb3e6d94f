import AccelSim
import Foundation

/// `simctl bench`: how fast the simulator is on this computer.
enum BenchCommand: Subcommand {
  private static let parts = ["loop", "networks", "data", "sweep", "start"]

  static let syntax = CommandSyntax(
    name: "bench", abstract: "Measure the simulator's own speed on this computer.",
    discussion: """
      loop: a dense 512x768x768 matmul at memory latency 20, every cycle simulated, without and with \
      data, and its data alone; processor time on one core. networks: BERT-Base of 512 tokens and \
      ResNet-50 on gemmini-default, each as a process of its own. data: a layer of BERT-Base with \
      data, every result compared. sweep: nine sizes of scratchpad and accumulator, with one job and \
      with two. start: 'simctl --help'. Reports medians.
      """,
    options: [
      Option(
        name: "--config", value: "config", kind: .config,
        help: "The machine of the matmul (default: rtl-default)."),
      Option(name: "--runs", value: "n", help: "Runs of each kind (default: 5)."),
      Option(
        name: "--only", value: "parts", kind: .someOf(parts),
        help: "What is measured, with commas between (default: all)."),
      Option(
        name: "--against", value: "file.json", kind: .input([".json"]),
        help: "An earlier result of '--json' to compare with."),
    ] + ReportFormat.options([.json]),
    examples: [
      Example("simctl bench --runs 3", "The medians of three runs.", isLong: true),
      Example("simctl bench --only loop --json > before.json", "To compare with.", isLong: true),
      Example("simctl bench --only loop --against before.json", "What a change did.", isLong: true),
    ])

  static func run(_ arguments: Arguments, console: Console) throws -> ExitCode {
    let runs = try arguments.integer("--runs", in: 1...100) ?? 5
    let chosen = arguments["--only"]?.split(separator: ",").map(String.init) ?? parts
    let earlier = try arguments["--against"].map(read)
    var config = try MachineOptions.load(arguments["--config"] ?? "rtl-default")
    config.memory.latency = 20
    let machine = try MachineOptions.machine(config)
    var report = BenchReport(
      computer: Computer.name, build: isOptimised ? "release" : "debug, not optimised",
      machine: config.name, runs: runs)
    if chosen.contains("loop") { report.rows += try loop(on: machine, runs, console) }
    if chosen.contains("networks") {
      for network in ["bert-base:sequence=512", "resnet50"] {
        report.rows.append(
          try child(network, ["run", "--workload", network, "--json"], runs, console, isRun: true))
      }
    }
    if chosen.contains("data") {
      let layer = "bert-base:sequence=512,layers=1"
      report.rows.append(
        try child("\(layer), data", ["run", "--workload", layer, "--data"], runs, console))
    }
    if chosen.contains("sweep") {
      for jobs in [1, 2] {
        var row = try child(
          "nine sizes, \(jobs) job\(jobs == 1 ? "" : "s")", sweep + ["--jobs", "\(jobs)"], runs,
          console)
        row.points = 9
        report.rows.append(row)
      }
    }
    if chosen.contains("start") {
      report.rows.append(try child("simctl --help", ["--help"], max(runs, 5), console))
    }
    let isJSON = try ReportFormat.choice(arguments) == .json
    try console.write(isJSON ? report.json() : report.text(against: earlier))
    return .success
  }

  /// The sweep of the paper's Fig. 13, a layer of BERT-Base (Docs/Sweeping.md).
  private static let sweep = [
    "sweep", "--workload", "bert-base:layers=1,sequence=512", "--set", "memory.latency=100",
    "--set", "memory.bytesPer10Cycles=80", "--vary", "accumulator.capacityKiB=64,128,256",
    "--vary", "scratchpad.capacityKiB=64,128,256", "--quiet",
  ]

  private static func read(_ path: String) throws -> BenchReport {
    do {
      return try BenchReport(json: try InputFileCheck.bytes(path))
    } catch let error as NotABenchReport {
      throw CommandFailure(
        .data, "'\(path)' is no result of 'simctl bench --json': \(error.reason)")
    }
  }

  // MARK: What is measured

  /// One matmul, in this process.
  private static func loop(
    on machine: Machine, _ runs: Int, _ console: Console
  ) throws -> [BenchReport.Row] {
    let plan = try MatmulPlan(Matmul(rows: 512, inner: 768, columns: 768), on: machine)
    var rows = [
      BenchReport.Row("matmul, cycles"),
      BenchReport.Row("matmul, data alone", macs: plan.matmul.usefulMACs),
      BenchReport.Row("matmul, cycles and data"),
    ]
    // The first run of each kind warms caches and is not counted.
    for round in 0...runs {
      for (number, carriesData) in [(0, false), (2, true)] {
        let (cycles, seconds) = try measure(plan, carriesData: carriesData)
        rows[number].cycles = cycles
        if round > 0 { rows[number].seconds.append(seconds) }
      }
      let seconds = try measureFunction(plan)
      if round > 0 { rows[1].seconds.append(seconds) }
      console.showProgress("run \(round) of \(runs) of a matmul")
    }
    return rows
  }

  /// This program with `arguments`, in processes of its own.
  ///
  /// - Parameter isRun: It prints the JSON of a run.
  private static func child(
    _ name: String, _ arguments: [String], _ runs: Int, _ console: Console, isRun: Bool = false
  ) throws -> BenchReport.Row {
    struct Run: Decodable {
      var cycles: Int
      var reusedCycles: Int
    }
    var row = BenchReport.Row(name)
    var peak = 0
    for round in 1...runs {
      let run = try ChildRun(arguments, keepsOutput: isRun)
      row.seconds.append(run.seconds)
      peak = max(peak, run.peakBytes)
      if isRun, let found = try? JSONDecoder().decode(Run.self, from: Data(run.output)) {
        row.cycles = found.cycles
        row.reusedCycles = found.reusedCycles
      }
      console.showProgress("run \(round) of \(runs) of \(name)")
    }
    row.peakBytes = peak
    return row
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
