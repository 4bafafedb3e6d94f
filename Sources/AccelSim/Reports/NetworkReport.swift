import SystolicCore

/// A network's run: every operator with its cycles, and what they sum up to.
public struct NetworkReport: Codable, Equatable, Sendable {
  /// An operator, or operators of one name in several layers added up.
  public struct Row: Codable, Equatable, Sendable, StemRow {
    /// The operator's name, such as `layer0.q`; of several layers the first one's.
    public var name: String
    /// Without its layer.
    public var stem: String
    /// The group of the workload's file, such as `attention`.
    public var group: String
    /// Counted from 0; `nil` outside of layers.
    public var layer: Int?
    /// Who did the work: the array, a nonlinear unit or the host.
    public var place: String
    /// Operators that ran inside it.
    public var fused: [String]
    /// Operators that this row adds up.
    public var count = 1
    /// Cycles from where it begins to where the next operator does.
    public var cycles: Int
    /// Multiply-accumulates of real operands, as the workload counts them.
    public var macs: Int
    /// Bytes of requests on the bus.
    public var readBytes: Int
    /// Bytes of write requests on the bus.
    public var writtenBytes: Int
    /// Bytes that main memory itself moved, see `RegionResult`.
    public var dramReadBytes = 0
    /// Bytes that main memory itself wrote, see `RegionResult`.
    public var dramWrittenBytes = 0
    /// Rows of the local memories.
    public var local: LocalTraffic
    /// Cycles in which the host computed.
    public var hostCycles: Int
    /// What the array's controller mostly waited for, if it had work.
    public var stall: String
    /// Cycles of the array's controller for each reason but work.
    public var stalls: [String: Int] = [:]
    /// What every cycle went to; they add up to `cycles`.
    public var cycleUses: [String: Int] = [:]

    enum CodingKeys: String, CodingKey {
      case name, stem, group, layer, place, fused, count, cycles, macs, readBytes, writtenBytes
      case dramReadBytes, dramWrittenBytes, local, hostCycles, stall, stalls, cycleUses
    }

    /// Adds up what is counted.
    mutating func add(_ other: Row) {
      count += other.count
      cycles += other.cycles
      macs += other.macs
      readBytes += other.readBytes
      writtenBytes += other.writtenBytes
      dramReadBytes += other.dramReadBytes
      dramWrittenBytes += other.dramWrittenBytes
      local.add(other.local)
      hostCycles += other.hostCycles
      stalls.merge(other.stalls, uniquingKeysWith: +)
      if macs > 0 { stall = NetworkReport.largest(stalls) }
      cycleUses.merge(other.cycleUses, uniquingKeysWith: +)
    }
  }

  /// Name of the network.
  public var workload: String
  /// Whether every operator ran.
  public var isComplete = true
  /// Name of the configuration.
  public var config: String
  /// The array and its memories in a few words; `nil` in files of runs that did not keep it.
  public var sizes: String?
  /// Main memory in a few words.
  public var memory: String
  /// What the network was made from, such as `sequence`.
  public var parameters: [String: Int]
  /// Cycles of the whole run; those of `operators` add up to it.
  public var cycles: Int
  /// Of `cycles` those that were not simulated again (Docs/Reuse.md).
  public var reusedCycles: Int
  /// Multiply-accumulates of all operators.
  public var macs: Int
  /// Multiply-accumulates that the array can do in a cycle.
  public var peakMACsPerCycle: Int
  /// Bytes of main memory that the tensors take.
  public var memoryBytes: Int
  /// In the order of execution; views, which take no time, are left out.
  public var operators: [Row]
  /// Cycles of the host's work; a kind without any is left out.
  public var hostCycles: [HostCycles]
  /// Where numbers changed their format or scale.
  public var conversions: [ConversionCount]
  /// Where each unit's cycles went.
  public var units: [UnitAccount]
  /// Requests and bytes between the accelerator and main memory.
  public var traffic: Traffic
  /// Rows of the local memories.
  public var local: LocalTraffic
  /// The run in bins of time.
  public var timeline: Timeline?
  /// Results against references, if asked for.
  public var check: NetworkCheck?

  public init(_ plan: NetworkPlan, _ result: RunResult) {
    workload = plan.workload.name
    config = result.config
    sizes = plan.machine.sizeSummary
    memory = plan.machine.config.memorySummary
    parameters = Dictionary(
      plan.workload.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    cycles = result.cycles
    reusedCycles = result.reusedCycles
    macs = 0
    peakMACsPerCycle = result.peakMACsPerCycle
    memoryBytes = plan.memoryBytes
    hostCycles = result.hostCycles
    conversions = result.conversions
    units = result.units
    traffic = result.traffic
    local = result.localTraffic
    operators = []
    let regions = Dictionary(
      result.regions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for step in plan.operators {
      guard let region = regions[step.name] else { continue }
      var row = Row(
        name: step.name, stem: step.stem, group: step.group.rawValue, layer: step.layer,
        place: step.place.name, fused: step.fused, cycles: region.cycles, macs: step.macs,
        readBytes: region.readBytes, writtenBytes: region.writtenBytes,
        dramReadBytes: region.dramReadBytes, dramWrittenBytes: region.dramWrittenBytes,
        local: region.local, hostCycles: region.hostCycles, stall: "")
      row.charge(region.units, region.cycleUses)
      operators.append(row)
      macs += row.macs
    }
  }

  /// Adds the run of what comes after this, such as the next token of a generation.
  public mutating func append(_ next: NetworkReport) {
    cycles += next.cycles
    reusedCycles += next.reusedCycles
    macs += next.macs
    memoryBytes = max(memoryBytes, next.memoryBytes)
    operators += next.operators
    conversions += next.conversions
    traffic.add(next.traffic)
    local.add(next.local)
    if let other = next.timeline { timeline?.append(other) }
    isComplete = isComplete && next.isComplete
    for part in next.hostCycles {
      if let index = hostCycles.firstIndex(where: { $0.activity == part.activity }) {
        hostCycles[index].cycles += part.cycles
      } else {
        hostCycles.append(part)
      }
    }
    for (unit, account) in next.units.enumerated() where units[unit].unit == account.unit {
      for (reason, count) in account.reasons.enumerated() {
        units[unit].reasons[reason].cycles += count.cycles
      }
    }
  }

  static func largest(_ stalls: [String: Int]) -> String {
    stalls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first?.key ?? ""
  }

  /// Share of the array's peak over the whole run.
  public var utilisation: Double { Self.utilisation(macs, cycles, peakMACsPerCycle) }

  static func utilisation(_ macs: Int, _ cycles: Int, _ peak: Int) -> Double {
    cycles == 0 || peak == 0 ? 0 : Double(macs) / (Double(cycles) * Double(peak))
  }

  /// Operators of one name over all layers, in the order of their first.
  public var stems: [Row] { operators.stems }

  /// What is missing, for a run that did not end.
  public var interruption: String? {
    isComplete
      ? nil : "interrupted: only \(TextFormat.counted(operators.count, "operator")) finished"
  }
}
