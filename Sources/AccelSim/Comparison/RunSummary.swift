/// The figures of a network's run by which machines are compared.
public struct RunSummary: Encodable, Equatable, Sendable {
  /// Cycles of the whole run; of several workloads in a row, their sum.
  public var cycles: Int
  /// Multiply-accumulates of real operands.
  public var macs: Int
  /// Share of the array's peak over the whole run, 0 to 1.
  public var utilisation: Double
  /// The same over the operators that multiply, 0 to 1.
  public var matmulUtilisation: Double
  /// Bytes of read requests to main memory.
  public var readBytes: Int
  /// Bytes of write requests to main memory.
  public var writtenBytes: Int
  /// Rows read from the scratchpad times `dim` bytes: its elements are int8.
  public var scratchpadReadBytes: Int
  /// Rows written into the scratchpad times `dim` bytes.
  public var scratchpadWrittenBytes: Int
  /// Rows read from the accumulator times 4 `dim` bytes: its elements are int32.
  public var accumulatorReadBytes: Int
  /// Rows written into the accumulator times 4 `dim` bytes.
  public var accumulatorWrittenBytes: Int
  /// Elements that changed their format or scale, in all places.
  public var conversions: Int
  /// Cycles of the host's work.
  public var hostCycles: Int
  /// Those of `hostCycles` in which the host quantised or dequantised.
  public var hostConversionCycles: Int
  /// Bytes of scratchpad and accumulator.
  public var sramBytes: Int

  /// - Parameter report: A run on `machine`.
  public init(_ report: NetworkReport, on machine: Machine) {
    let multiplying = report.operators.reduce(0) { $0 + ($1.macs > 0 ? $1.cycles : 0) }
    let peak = Double(machine.peakMACsPerCycle)
    let (rowBytes, sumRowBytes) = (machine.dim, 4 * machine.dim)
    cycles = report.cycles
    macs = report.macs
    utilisation = report.utilisation
    matmulUtilisation =
      multiplying == 0 ? 0 : Double(report.macs) / (Double(multiplying) * peak)
    readBytes = report.traffic.readBytes
    writtenBytes = report.traffic.writeBytes
    scratchpadReadBytes = report.local.scratchpadReads * rowBytes
    scratchpadWrittenBytes = report.local.scratchpadWrites * rowBytes
    accumulatorReadBytes = report.local.accumulatorReads * sumRowBytes
    accumulatorWrittenBytes = report.local.accumulatorWrites * sumRowBytes
    conversions = report.conversions.reduce(0) { $0 + $1.elements }
    hostCycles = report.hostCycles.reduce(0) { $0 + $1.cycles }
    hostConversionCycles = report.hostCycles.reduce(0) {
      $0 + ($1.activity == .conversion ? $1.cycles : 0)
    }
    sramBytes = machine.sramBytes
  }
}

extension RunSummary {
  /// A figure as tables show it.
  struct Figure: Sendable {
    enum Value: Sendable {
      case count(KeyPath<RunSummary, Int> & Sendable)
      /// From 0 to 1.
      case share(KeyPath<RunSummary, Double> & Sendable)
    }

    /// As text reports name it.
    var label: String
    /// As CSV names it.
    var column: String
    var value: Value

    /// For a reader.
    func text(_ summary: RunSummary) -> String {
      switch value {
      case .count(let path): TextFormat.grouped(summary[keyPath: path])
      case .share(let path): TextFormat.fixed(100 * summary[keyPath: path], 1)
      }
    }

    /// For a program: plain numbers.
    func plain(_ summary: RunSummary) -> String {
      switch value {
      case .count(let path): "\(summary[keyPath: path])"
      case .share(let path): CSVText.number(summary[keyPath: path])
      }
    }

    /// How much more `other` has than `base`, for a reader.
    func difference(_ other: RunSummary, _ base: RunSummary) -> String {
      switch value {
      case .count(let path):
        TextFormat.signed(other[keyPath: path] - base[keyPath: path])
      case .share(let path):
        TextFormat.signed(100 * (other[keyPath: path] - base[keyPath: path]), 1)
      }
    }

    /// `other` over `base` for a reader; `-` over nothing.
    func ratio(_ other: RunSummary, _ base: RunSummary) -> String {
      let (part, whole) = (number(other), number(base))
      return whole == 0 ? "-" : TextFormat.fixed(part / whole, 3)
    }

    private func number(_ summary: RunSummary) -> Double {
      switch value {
      case .count(let path): Double(summary[keyPath: path])
      case .share(let path): summary[keyPath: path]
      }
    }
  }

  /// Every figure, in the order of reports.
  static let figures = [
    Figure(label: "Cycles", column: "cycles", value: .count(\.cycles)),
    Figure(
      label: "Utilisation, % of the array", column: "utilisation", value: .share(\.utilisation)),
    Figure(
      label: "  operators with MACs", column: "matmul_utilisation",
      value: .share(\.matmulUtilisation)),
    Figure(label: "MACs", column: "macs", value: .count(\.macs)),
    Figure(label: "Main memory, bytes read", column: "read_bytes", value: .count(\.readBytes)),
    Figure(label: "  written", column: "written_bytes", value: .count(\.writtenBytes)),
    Figure(
      label: "Scratchpad, bytes read", column: "scratchpad_read_bytes",
      value: .count(\.scratchpadReadBytes)),
    Figure(
      label: "  written", column: "scratchpad_written_bytes",
      value: .count(\.scratchpadWrittenBytes)),
    Figure(
      label: "Accumulator, bytes read", column: "accumulator_read_bytes",
      value: .count(\.accumulatorReadBytes)),
    Figure(
      label: "  written", column: "accumulator_written_bytes",
      value: .count(\.accumulatorWrittenBytes)),
    Figure(label: "Elements converted", column: "conversions", value: .count(\.conversions)),
    Figure(label: "Host, cycles", column: "host_cycles", value: .count(\.hostCycles)),
    Figure(
      label: "  for conversions", column: "host_conversion_cycles",
      value: .count(\.hostConversionCycles)),
    Figure(label: "SRAM, bytes", column: "sram_bytes", value: .count(\.sramBytes)),
  ]
}
