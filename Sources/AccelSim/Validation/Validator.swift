/// Replays recorded runs, one trace at a time: each trace is read once for all its rows.
package struct Validator: Sendable {
  /// One trace with its rows, or one program whose memory is compared.
  package enum Job: Sendable {
    case timing(folder: Int, trace: String, rows: [Int])
    case function(folder: Int, trace: String)
  }

  /// What came of a job.
  package enum Outcome: Sendable {
    case timing(folder: Int, [(index: Int, outcome: RowOutcome)])
    case function(folder: Int, FunctionOutcome)
  }

  package let folders: [GoldenFolder]
  /// In the order of the folders; results do not depend on the order in which they are done.
  package let jobs: [Job]

  /// Whether every row also runs with and without reuse (Docs/Reuse.md), to compare every counter.
  private let verifiesReuse: Bool
  private let machines: [String: HardwareConfig]
  let functionMachine: Machine
  let hardwareMachine: Machine

  /// Plans the work.
  ///
  /// - Parameters:
  ///   - timing: Whether to compare cycles.
  ///   - function: Whether to compare memory.
  ///   - verifiesReuse: Whether to run every row with and without reuse, too, and to compare every
  ///     counter.
  package init(
    folders: [GoldenFolder], timing: Bool = true, function: Bool = true,
    verifiesReuse: Bool = false
  ) {
    self.folders = folders
    self.verifiesReuse = verifiesReuse
    var jobs: [Job] = []
    for (index, folder) in folders.enumerated() {
      if timing { jobs += Self.timingJobs(index, folder) }
      if function { jobs += folder.replayable.map { .function(folder: index, trace: $0) } }
    }
    self.jobs = jobs
    var machines: [String: HardwareConfig] = [:]
    for name in HardwareConfig.presetNames where name.hasPrefix("rtl-") {
      machines[String(name.dropFirst(4))] = HardwareConfig.preset(name)
    }
    self.machines = machines
    functionMachine = Machine(unchecked: Self.softwareModel)
    var hardware = Self.softwareModel
    hardware.features.numerics = .hardware
    hardwareMachine = Machine(unchecked: hardware)
  }

  /// The machine of the software model that recorded `golden/software`, with every feature.
  package static var softwareModel: HardwareConfig {
    var config = HardwareConfig()
    config.name = "software-model"
    config.features.normalizations = true
    config.features.numerics = .softwareModel
    return config
  }

  private static func timingJobs(_ index: Int, _ folder: GoldenFolder) -> [Job] {
    var order: [String] = []
    var rows: [String: [Int]] = [:]
    for (number, row) in folder.rows.enumerated() {
      if rows[row.trace] == nil { order.append(row.trace) }
      rows[row.trace, default: []].append(number)
    }
    return order.map { .timing(folder: index, trace: $0, rows: rows[$0] ?? []) }
  }

  /// Does one job. What goes wrong is part of the outcome.
  package func run(_ job: Job) -> Outcome {
    switch job {
    case .timing(let index, let trace, let rows):
      let folder = folders[index]
      let program = readTrace(folder, trace)
      return .timing(
        folder: index,
        rows.map { ($0, replay(folder.rows[$0], of: folder, program)) })
    case .function(let index, let trace):
      return .function(folder: index, runFunction(folders[index], trace))
    }
  }

  /// Puts outcomes of all jobs together, in the order of the recordings.
  package func report(_ outcomes: [Outcome], allowances: AllowanceList) -> ValidationReport {
    var rows = folders.map { $0.rows.map { _ in RowOutcome?.none } }
    var functions = folders.map { _ in [FunctionOutcome]() }
    for outcome in outcomes {
      switch outcome {
      case .timing(let folder, let results):
        for result in results { rows[folder][result.index] = result.outcome }
      case .function(let folder, let result): functions[folder].append(result)
      }
    }
    let reports = folders.indices.map { index in
      ValidationReport.Folder(
        name: folders[index].name,
        invalidRows: rows[index].contains { $0 != nil } ? folders[index].invalidRows : 0,
        rows: rows[index].compactMap { $0 }, functions: functions[index])
    }
    return ValidationReport(folders: reports, allowances: allowances)
  }

  private func readTrace(_ folder: GoldenFolder, _ trace: String) -> Result<StepList, any Error> {
    Result {
      guard let path = folder.tracePath(trace) else {
        throw TraceError(
          file: folder.path, line: 0, expected: "a trace \(trace)", found: "none")
      }
      var reader = try TraceReader(path: path, readsData: false)
      var steps: [ProgramStep] = []
      while let step = try reader.next() { steps.append(step) }
      return StepList(steps)
    }
  }

  private func replay(
    _ row: GoldenRow, of folder: GoldenFolder, _ program: Result<StepList, any Error>
  ) -> RowOutcome {
    var outcome = RowOutcome(row: row)
    do {
      guard var config = machines[row.config] else {
        throw TraceError(
          file: "\(folder.path)/golden.csv", line: row.line,
          expected: "a config of \(machines.keys.sorted().joined(separator: ", "))",
          found: row.config)
      }
      config.memory.latency = row.latency
      config.host.issueInterval = row.issueGap
      let steps = try program.get()
      var source = steps
      let recording = try folder.commandsPath(row).map { try CommandRecordFile.read(path: $0) }
      var options = RunOptions()
      options.carriesData = false
      options.recordsCommands = recording != nil
      let output = try Simulator.run(&source, on: Machine(config), options: options)
      outcome.fenceCycles = output.result.fenceCycles
      if let recording { outcome.compare(recording, output.commands, config) }
      if verifiesReuse, let difference = try reuseDifference(steps, on: Machine(config)) {
        outcome.failure = "reuse changes the result: \(difference)"
      }
    } catch {
      outcome.failure = "\(error)"
    }
    return outcome
  }

  /// What differs first between a run that reuses and one that does not.
  private func reuseDifference(_ steps: StepList, on machine: Machine) throws -> String? {
    var options = RunOptions()
    options.carriesData = false
    var (source, again) = (steps, steps)
    let with = try Simulator.run(&source, on: machine, options: options).result
    options.reuses = false
    let without = try Simulator.run(&again, on: machine, options: options).result
    return try ReuseCheck.difference(with, without)
  }
}

extension RowOutcome {
  fileprivate mutating func compare(
    _ recorded: [CommandRecord], _ own: [CommandRecord], _ config: HardwareConfig
  ) {
    recordedCommands = recorded.count
    exactCommands = zip(recorded, own).count { $0 == $1 }
    let comparison = CommandComparison(recorded: recorded, own: own)
    guard let first = comparison.first else { return }
    let disassembler = Disassembler(encoding: config.features.convEncoding)
    func cycles(_ records: [CommandRecord]) -> String {
      guard first < records.count else { return "nothing" }
      let record = records[first]
      return "\(record.allocated)/\(record.issued)/\(record.completed)"
    }
    var words = "command \(first)"
    if first < recorded.count { words += " \(disassembler.text(recorded[first].command))" }
    firstDivergence =
      "\(words): \(cycles(own)), recorded \(cycles(recorded)) (allocated/issued/completed)"
  }
}
