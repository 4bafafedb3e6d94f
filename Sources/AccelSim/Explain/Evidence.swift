/// Figures that show what bounds an operator, as sentences.
struct Evidence {
  private let row: NetworkReport.Row
  private let report: NetworkReport
  private let machine: Machine

  init(_ row: NetworkReport.Row, _ report: NetworkReport, _ machine: Machine) {
    self.row = row
    self.report = report
    self.machine = machine
  }

  /// Only those that say something about this operator.
  var sentences: [String] {
    guard row.cycles > 0 else { return ["It takes no time."] }
    return [array, filling, inside, transfers, requests, conversions].compactMap { $0 }
  }

  private func cycles(_ use: CycleUse) -> Int { row.cycleUses[use.name, default: 0] }

  /// How much of the array's peak is used.
  private var array: String? {
    guard row.macs > 0 else { return "The array has nothing to multiply." }
    let least = ceilingDivide(row.macs, machine.peakMACsPerCycle)
    return "Its \(TextFormat.grouped(row.macs)) multiply-accumulates need "
      + "\(TextFormat.grouped(least)) cycles at \(TextFormat.grouped(machine.peakMACsPerCycle)) a "
      + "cycle: \(TextFormat.percent(least, of: row.cycles)) % of its cycles."
  }

  /// Whether busy cycles are full ones.
  private var filling: String? {
    let (busy, least) = (
      cycles(.arrayBusy), ceilingDivide(row.macs, machine.peakMACsPerCycle)
    )
    guard row.macs > 0, busy * 10 > least * 11 else { return nil }
    return "The array is busy for \(TextFormat.grouped(busy)) cycles, "
      + "\(TextFormat.fixed(Double(busy) / Double(least), 1)) times as many: it brings weights in with "
      + "nothing to multiply meanwhile, or sizes are no multiples of \(machine.dim)."
  }

  /// What else its cycles pay for.
  private var inside: String? {
    guard !row.name.isEmpty, !row.fused.isEmpty else { return nil }
    return "\(row.fused.prefix(4).joined(separator: ", ")) "
      + "\(row.fused.count == 1 ? "runs" : "run") inside it, on the way out of the accumulator."
  }

  /// How near the way to main memory is to its limit.
  private var transfers: String? {
    guard row.readBytes + row.writtenBytes > 0 else { return nil }
    let limit = machine.transferLimit(read: row.readBytes, written: row.writtenBytes)
    return "It reads \(TextFormat.grouped(row.readBytes)) bytes and writes "
      + "\(TextFormat.grouped(row.writtenBytes)): at least \(TextFormat.grouped(limit.cycles)) cycles "
      + "on the way to main memory, \(TextFormat.percent(limit.cycles, of: row.cycles)) % of its "
      + "cycles."
  }

  /// Whether loads wait for answers rather than for bandwidth.
  private var requests: String? {
    guard cycles(.loads) * 10 > row.cycles,
      let reader = report.units.first(where: { $0.unit == "DMA read" }),
      let limited = reader.reasons.first(where: { $0.reason == ReaderActivity.inFlightLimit.name }),
      limited.cycles * 20 > report.cycles
    else { return nil }
    return "In the whole run the DMA could send no read for \(TextFormat.grouped(limited.cycles)) "
      + "cycles because \(machine.config.dma.maxInFlight) were in flight: it waits for memory's "
      + "latency of \(machine.config.memory.latency) cycles."
  }

  /// What is quantised and dequantised for it.
  private var conversions: String? {
    let names = Set(
      report.operators.filter { row.name.isEmpty || $0.stem == row.stem }.map(\.name))
    let own = report.conversions.filter { names.contains($0.region) && $0.cycles > 0 }
    let elements = own.reduce(0) { $0 + $1.elements }
    let cycles = own.reduce(0) { $0 + $1.cycles }
    guard elements > 0 else { return nil }
    return "\(TextFormat.grouped(elements)) numbers are converted between int8 and floating point "
      + "for it, which takes \(TextFormat.grouped(cycles)) cycles."
  }
}
