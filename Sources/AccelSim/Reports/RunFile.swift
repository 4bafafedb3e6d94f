import FoundationEssentials

/// What a run executed, so that it can be executed again.
public enum RunProgram: Codable, Equatable, Sendable {
  /// A network: the words of a `WorkloadRequest`, a digest of what they meant, and how it was lowered.
  case network(
    workload: String, digest: String, tiles: [String: MatmulTile], fusing: NormFusion)
  /// One matrix product (`simctl run --matmul`).
  case matmul(shape: Matmul)
  /// One operation outside the array (`simctl nonlinear`).
  case nonlinear(
    operation: String, rows: Int, columns: Int, placement: Placement, isOnChip: Bool)
  /// A recorded program; it cannot be executed on another machine.
  case trace(path: String)
}

/// A run as a file: what ran, on which machine, and what came out. `simctl run --json` writes it,
/// `simctl report` and `simctl explain` read it.
public struct RunFile: Equatable, Sendable {
  /// What the file's `format` says, so that other JSON is not taken for a run.
  public static let format = "accelsim-run"
  /// Raised when a reader of the last version would misunderstand a file.
  public static let version = 1

  /// The configuration by value: the file means the same after its preset or file has changed.
  public var machine: HardwareConfig
  /// What wrote the file (`CycleModel.version`); another one may count other cycles.
  public var cycleModel = CycleModel.version
  /// What was executed; it says whether another machine can execute it, too.
  public var program: RunProgram
  /// What ran, in one line.
  public var title: String
  /// Further lines about the work, such as its tiles.
  public var notes: [String] = []
  /// Every operator with its cycles, traffic and reasons; of no network, one operator.
  public var report: NetworkReport
  /// Details of a program that is no network, such as its fences.
  public var result: RunResult?

  /// A network's run.
  public init(_ report: NetworkReport, _ program: RunProgram, on machine: Machine) {
    self.machine = machine.config
    self.program = program
    self.report = report
    title = NetworkReport.title("\(report.workload) on \(report.config)", report.parameters)
  }

  /// The run of a matmul or a trace.
  public init(
    _ output: SimulationOutput, _ program: RunProgram, _ context: ReportContext,
    on machine: Machine
  ) {
    self.machine = machine.config
    self.program = program
    title = context.title
    notes = context.notes
    result = output.result
    report = NetworkReport(
      output.result, named: context.title, memory: machine.config.memorySummary)
    report.timeline = output.timeline
  }
}

// MARK: Writing

extension RunFile {
  /// What a file says before its results.
  private struct Heading: Encodable {
    var format = RunFile.format
    var version = RunFile.version
    var cycleModel: Int
    var machine: JSONOutput
    var program: RunProgram
    var title: String
    var notes: [String]
  }

  /// Results of a program that is no network.
  private struct Single: Encodable {
    var result: RunResult
    var idealCycles: Int
    var utilisation: Double
    var timeline: Timeline?
  }

  private struct Document: Encodable {
    var heading: Heading
    var single: Single?
    var report: NetworkReport

    func encode(to encoder: any Encoder) throws {
      try heading.encode(to: encoder)
      if let single { try single.encode(to: encoder) } else { try report.encode(to: encoder) }
    }
  }

  /// The file's text: keys sorted, ends with a line break.
  ///
  /// - Throws: Never for a result of a run; the encoder's error otherwise.
  public func json() throws -> String {
    try ReportJSON.text(
      Document(
        heading: Heading(
          cycleModel: cycleModel, machine: machine.jsonOutput(), program: program, title: title,
          notes: notes),
        single: result.map {
          Single(
            result: $0, idealCycles: $0.idealCycles, utilisation: $0.utilisation,
            timeline: report.timeline)
        }, report: report))
  }
}

extension NetworkReport {
  /// A program that is no network, as a network of one operator.
  init(_ result: RunResult, named name: String, memory: String) {
    workload = name
    config = result.config
    self.memory = memory
    parameters = [:]
    cycles = result.cycles
    reusedCycles = result.reusedCycles
    macs = result.usefulMACs
    peakMACsPerCycle = result.peakMACsPerCycle
    memoryBytes = 0
    hostCycles = result.hostCycles
    conversions = result.conversions
    units = result.units
    traffic = result.traffic
    local = result.localTraffic
    var row = Row(
      name: "program", stem: "program", group: "program", layer: nil, place: "array", fused: [],
      cycles: result.cycles, macs: result.usefulMACs, readBytes: result.traffic.readBytes,
      writtenBytes: result.traffic.writeBytes, dramReadBytes: result.traffic.dramReadBytes,
      dramWrittenBytes: result.traffic.dramWriteBytes, local: result.localTraffic,
      hostCycles: result.hostCycles.reduce(0) { $0 + $1.cycles }, stall: "")
    row.charge(result.units, result.cycleUses)
    operators = [row]
  }
}

extension NetworkReport.Row {
  /// Takes over where the cycles went.
  mutating func charge(_ units: [UnitAccount], _ uses: [ReasonCount]) {
    let execute = units.first { $0.unit == "execute" }?.reasons ?? []
    stalls = Dictionary(
      execute.filter { $0.reason != "busy" && $0.cycles > 0 }.map { ($0.reason, $0.cycles) },
      uniquingKeysWith: +)
    cycleUses = Dictionary(uses.map { ($0.reason, $0.cycles) }, uniquingKeysWith: +)
    stall = macs > 0 ? NetworkReport.largest(stalls) : ""
  }
}
