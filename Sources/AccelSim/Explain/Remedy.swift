/// A machine that differs from another in one respect, which may help against some of its cycles.
struct Remedy: Sendable {
  /// The change in a few words.
  var name: String
  /// What is set otherwise; more than one key only where one alone makes no machine.
  var assignments: [ConfigAssignment]
  /// The cycles that it may save.
  var against: [CycleUse]

  /// Cycles of `row` that it may save.
  func cycles(in row: NetworkReport.Row) -> Int {
    against.reduce(0) { $0 + row.cycleUses[$1.name, default: 0] }
  }

  /// The changes that are worth trying against `row`: machines that exist, those against the most
  /// cycles first, none against less than a hundredth.
  static func candidates(
    for row: NetworkReport.Row, on config: HardwareConfig, atMost count: Int
  ) -> [(change: Remedy, machine: HardwareConfig)] {
    let ranked = catalogue(config).filter { $0.cycles(in: row) * 100 >= row.cycles }
      .enumerated().sorted {
        let (left, right) = ($0.element.cycles(in: row), $1.element.cycles(in: row))
        return left == right ? $0.offset < $1.offset : left > right
      }.map(\.element)
    return Array(
      ranked.compactMap { change in
        (try? config.setting(change.assignments)).map { (change: change, machine: $0) }
      }.filter { $0.machine != config }.prefix(count))
  }

  /// - Parameter name: Needed where the values do not say it themselves.
  private init(_ against: [CycleUse], _ values: (String, String)..., name: String? = nil) {
    self.against = against
    assignments = values.map { ConfigAssignment(path: $0.0, value: $0.1) }
    self.name = name ?? assignments.map(\.description).joined(separator: " ")
  }

  /// Every change that is known. One that does not apply, such as a bandwidth of a memory that has no
  /// limit, is left out; one that makes no machine falls out later.
  private static func catalogue(_ config: HardwareConfig) -> [Remedy] {
    func double(_ value: Int) -> String { "\(2 * value)" }
    let memory: [CycleUse] = [.loads, .stores]
    let commands: [CycleUse] = [.waitsForCommand, .nothing]
    let host: [CycleUse] = [.hostWork, .hostConversion]
    let (array, pad, sums) = (config.array, config.scratchpad, config.accumulator)
    var changes = [
      Remedy(
        [.arrayBusy], ("array.meshRows", double(array.meshRows)),
        ("array.meshColumns", double(array.meshColumns)), name: "twice the rows and columns"),
      Remedy([.bankConflict], ("scratchpad.singlePorted", "false")),
      Remedy([.bankConflict, .operandConflict], ("scratchpad.banks", double(pad.banks))),
      Remedy(memory + [.operandConflict], ("scratchpad.capacityKiB", double(pad.capacityKiB))),
      Remedy(
        memory + [.bankConflict, .waitsForResults],
        ("accumulator.capacityKiB", double(sums.capacityKiB))),
      Remedy(memory, ("dma.maxInFlight", double(config.dma.maxInFlight))),
      Remedy(memory, ("dma.busBits", double(config.dma.busBits))),
      Remedy(memory, ("memory.latency", "\(max(1, config.memory.latency / 2))")),
      Remedy(
        commands,
        ("reservationStation.executeEntries", double(config.reservationStation.executeEntries))),
      Remedy(
        commands + [.loads],
        ("reservationStation.loadEntries", double(config.reservationStation.loadEntries))),
      Remedy(host, ("host.core", "boom")),
      Remedy([.nonlinearUnit], ("nonlinear.lanes", double(config.nonlinear.lanes))),
    ]
    if config.host.issueInterval > 1 {
      changes.append(Remedy(commands, ("host.issueInterval", "1")))
    }
    if config.memory.bytesPer10Cycles > 0 {
      changes.append(
        Remedy(memory, ("memory.bytesPer10Cycles", double(config.memory.bytesPer10Cycles))))
    }
    if config.memory.maxOutstanding > 0 {
      changes.append(
        Remedy(memory, ("memory.maxOutstanding", double(config.memory.maxOutstanding))))
    }
    if config.l2.capacityKiB > 0 {
      changes.append(Remedy(memory, ("l2.capacityKiB", double(config.l2.capacityKiB))))
    }
    for (placement, feature, name) in [
      (Placement.integerUnit, "features.normalizations", "nonlinear work on the integer units"),
      (.fpUnit, "features.nonlinearUnit", "nonlinear work on the FP unit"),
    ] {
      changes.append(
        Remedy(
          host, (feature, "true"), ("placement.softmax", placement.rawValue),
          ("placement.layerNorm", placement.rawValue),
          ("placement.activation", placement.rawValue),
          ("placement.residual", placement.rawValue), name: name))
    }
    return changes
  }
}
