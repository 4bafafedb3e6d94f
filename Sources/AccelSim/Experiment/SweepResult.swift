/// What is kept of one run of a sweep. Whole numbers only, so that it is the same after writing and
/// reading.
public struct SweepMeasurement: Equatable, Sendable {
  /// Cycles of the whole run.
  public var cycles = 0
  /// Multiply-accumulates of real operands.
  public var macs = 0
  /// Multiply-accumulates that the array can do in a cycle: its processing elements.
  public var peakMACsPerCycle = 0
  /// Cycles of the operators that have multiply-accumulates.
  public var matmulCycles = 0
  /// Bytes of read requests to main memory.
  public var readBytes = 0
  /// Bytes of write requests to main memory.
  public var writtenBytes = 0
  /// Cycles in which the host computed.
  public var hostCycles = 0
  /// Cycles for conversions of number formats alone.
  public var conversionCycles = 0
  /// Bytes of both local memories.
  public var sramBytes = 0
  /// Cycles of each `WorkloadGroup`, in the order of its cases.
  public var groupCycles = [Int](repeating: 0, count: WorkloadGroup.allCases.count)

  init() {}

  /// What `report` says of a run on `machine`.
  init(_ report: NetworkReport, on machine: Machine) {
    cycles = report.cycles
    macs = report.macs
    peakMACsPerCycle = report.peakMACsPerCycle
    readBytes = report.traffic.readBytes
    writtenBytes = report.traffic.writeBytes
    hostCycles = report.hostCycles.reduce(0) { $0 + $1.cycles }
    conversionCycles = report.conversions.reduce(0) { $0 + $1.cycles }
    sramBytes = machine.sramBytes
    for row in report.operators {
      if row.macs > 0 { matmulCycles += row.cycles }
      for (index, group) in WorkloadGroup.allCases.enumerated() where group.rawValue == row.group {
        groupCycles[index] += row.cycles
      }
    }
  }

  /// Share of the array's peak in `cycles`.
  func utilisation(in cycles: Int) -> Double {
    cycles == 0 || peakMACsPerCycle == 0
      ? 0 : Double(macs) / (Double(cycles) * Double(peakMACsPerCycle))
  }

  /// The numbers by name, without those that follow from others.
  private static let fields: [(String, WritableKeyPath<SweepMeasurement, Int> & Sendable)] = [
    ("cycles", \.cycles), ("macs", \.macs), ("peakMACsPerCycle", \.peakMACsPerCycle),
    ("matmulCycles", \.matmulCycles), ("readBytes", \.readBytes),
    ("writtenBytes", \.writtenBytes), ("hostCycles", \.hostCycles),
    ("conversionCycles", \.conversionCycles), ("sramBytes", \.sramBytes),
  ]

  /// As a journal holds it.
  var json: JSONOutput {
    let groups = zip(WorkloadGroup.allCases, groupCycles).map {
      (key: $0.rawValue, value: JSONOutput.integer($1))
    }
    return .object(
      Self.fields.map { (key: $0, value: JSONOutput.integer(self[keyPath: $1])) }
        + [(key: "groupCycles", value: .object(groups))])
  }

  /// Reads what `json` wrote; `nil` for anything else.
  init?(_ value: JSONValue) {
    guard let groups = value["groupCycles"] else { return nil }
    for (name, path) in Self.fields {
      guard let number = value[name]?.integer else { return nil }
      self[keyPath: path] = number
    }
    for (index, group) in WorkloadGroup.allCases.enumerated() {
      guard let number = groups[group.rawValue]?.integer else { return nil }
      groupCycles[index] = number
    }
  }
}

/// How a point of a sweep ended.
public enum SweepOutcome: Equatable, Sendable {
  /// The workload ran to its end.
  case measured(SweepMeasurement)
  /// The machine cannot run the workload; why, in one line.
  case failed(String)

  /// What was measured; `nil` if the point failed.
  public var measurement: SweepMeasurement? {
    if case .measured(let measurement) = self { measurement } else { nil }
  }

  /// Why the machine cannot run the workload, in one line; `nil` if it ran.
  public var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}

extension SweepPlan {
  /// Runs one point.
  ///
  /// - Parameter goesOn: Asked before each operator; if it says no, there is no outcome.
  public func outcome(of point: SweepPoint, goesOn: () -> Bool = { true }) -> SweepOutcome? {
    guard goesOn() else { return nil }
    do {
      let machine = try machine(of: point)
      let report = try NetworkRun.report(steps(of: point), on: machine) { _ in goesOn() }
      return report.isComplete ? .measured(SweepMeasurement(report, on: machine)) : nil
    } catch {
      return .failed(SimulationError.line(error))
    }
  }

  /// Runs points, `jobs` at a time.
  ///
  /// - Parameters:
  ///   - goesOn: Asked before each operator of each run; if it says no, what runs is given up and
  ///     nothing else begins.
  ///   - finished: Given each outcome as soon as it is there: one call at a time, in any order.
  /// - Throws: What `finished` throws.
  public func run(
    _ points: [SweepPoint], jobs: Int, goesOn: @escaping @Sendable () -> Bool,
    finished: (SweepPoint, SweepOutcome) throws -> Void
  ) async throws {
    try await ParallelMap.run(
      points, jobs: jobs,
      finished: { index, outcome in
        if let outcome { try finished(points[index], outcome) }
      },
      work: { outcome(of: $0) { goesOn() && !Task.isCancelled } })
  }
}

extension JSONValue {
  /// The value of a key, if this is an object that has it.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The text, if it is one.
  var string: String? {
    if case .string(let text) = content { text } else { nil }
  }
}
