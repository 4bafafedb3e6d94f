/// What came of a case's run.
public enum BaselineOutcome: Sendable {
  /// It ran to its end, whether or not it agrees with what is recorded.
  case measured(BaselineMeasurement)
  /// It cannot run: a file is gone, or the machine refuses the program. In one line.
  case failed(String)
}

/// The cycles of a run that has just been made.
public struct BaselineMeasurement: Sendable {
  /// What the baseline would keep of this run.
  public var record: BaselineRecord
  /// The commands whose times `record` has, as assembly.
  public var commands: [String] = []
  /// Where accounts of this run do not add up to its cycles, in words; none, unless the simulator has a
  /// fault.
  public var imbalances: [String] = []
}

extension Baseline {
  /// Runs a case.
  ///
  /// - Parameters:
  ///   - folder: Where the baseline is; its paths start there.
  ///   - reuses: Whether cycles are reused (Docs/Reuse.md). The same outcome either way.
  ///   - goesOn: Asked before each operator; if it says no, there is no outcome.
  public func outcome(
    of item: BaselineCase, in folder: String, reuses: Bool = true, goesOn: () -> Bool = { true }
  ) -> BaselineOutcome? {
    guard goesOn() else { return nil }
    do {
      guard let config = configs[item.config] else {
        return .failed("no machine \(JSONText.quoted(item.config))")
      }
      let machine = try Machine(config)
      var measurement: BaselineMeasurement
      switch item.subject {
      case .workload(var request, let fusing):
        if item.path != nil { request.name = Self.path(request.name, in: folder) }
        let report = try NetworkRun.report(
          request.steps(), on: machine, fusing: fusing, reuses: reuses
        ) { _ in goesOn() }
        guard report.isComplete else { return nil }
        measurement = BaselineMeasurement(report)
      case .trace(let path):
        var source = try TraceReader(path: Self.path(path, in: folder), readsData: false)
        measurement = try BaselineMeasurement(
          &source, on: machine, recordsCommands: true, reuses: reuses)
      case .matmul(let rows, let inner, let columns):
        let matmul = Matmul(rows: rows, inner: inner, columns: columns)
        var source = TiledMatmul(try MatmulPlan(matmul, on: machine))
        measurement = try BaselineMeasurement(
          &source, on: machine, recordsCommands: false, reuses: reuses)
      }
      if let path = item.path {
        measurement.record.digest = try Self.digest(Self.path(path, in: folder))
      }
      return .measured(measurement)
    } catch {
      return .failed(SimulationError.line(error))
    }
  }

  /// Where a path of a baseline in `folder` leads.
  static func path(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)"
  }

  private static func digest(_ path: String) throws -> String {
    var digest = Digest()
    digest.add(try InputFile.bytes(path: path, limit: 1 << 30))
    return digest.text
  }
}

extension BaselineMeasurement {
  init(_ report: NetworkReport) {
    record = BaselineRecord()
    record.cycles = report.cycles
    record.operators = report.operators.map {
      BaselineRecord.Operator(name: $0.name, cycles: $0.cycles, uses: $0.cycleUses)
    }
    for row in record.operators {
      balance("what the cycles of \(row.name) went to", row.uses.values.reduce(0, +), row.cycles)
    }
    balance("operators", record.operators.reduce(0) { $0 + $1.cycles }, report.cycles)
    for unit in report.units {
      balance("reasons of unit \(unit.unit)", unit.total, report.cycles)
    }
  }

  fileprivate init(
    _ source: inout some CommandSource, on machine: Machine, recordsCommands: Bool, reuses: Bool
  ) throws {
    var options = RunOptions()
    options.reuses = reuses
    options.carriesData = false
    options.recordsCommands = recordsCommands
    let output = try Simulator.run(&source, on: machine, options: options)
    let kept = output.commands.prefix(Baseline.commandLimit)
    record = BaselineRecord()
    record.cycles = output.result.cycles
    record.uses = Dictionary(
      output.result.cycleUses.map { ($0.reason, $0.cycles) }, uniquingKeysWith: +)
    if recordsCommands { record.fences = output.result.fenceCycles }
    record.commands = kept.map {
      BaselineRecord.CommandTimes(
        allocated: $0.allocated, issued: $0.issued, completed: $0.completed)
    }
    let disassembler = Disassembler(encoding: machine.config.features.convEncoding)
    commands = kept.map { disassembler.text($0.command) }
    balance("what cycles went to", record.uses.values.reduce(0, +), record.cycles)
    for unit in output.result.units {
      balance("reasons of unit \(unit.unit)", unit.total, record.cycles)
    }
  }

  private mutating func balance(_ what: String, _ sum: Int, _ cycles: Int) {
    if sum != cycles { imbalances.append("\(what): \(sum) of \(cycles) cycles") }
  }
}
