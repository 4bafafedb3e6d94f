/// How fast the simulator was: medians of several runs.
public struct BenchReport: Sendable {
  /// Processor and cores.
  public var computer: String
  /// How the simulator was compiled.
  public var build: String
  /// Name of the configuration.
  public var machine: String
  public var runs: Int
  /// Multiply-accumulates of the program.
  public var macs: Int
  /// Simulated cycles of the program.
  public var cycles = 0
  /// Processor seconds of each run without data.
  public var timing: [Double] = []
  /// Processor seconds of each run of the functional machine alone.
  public var function: [Double] = []
  /// Processor seconds of each run with timing and data together.
  public var data: [Double] = []
  /// Wall seconds of each start of the program.
  public var start: [Double] = []

  public init(computer: String, build: String, machine: String, runs: Int, macs: Int) {
    self.computer = computer
    self.build = build
    self.machine = machine
    self.runs = runs
    self.macs = macs
  }

  /// Simulated cycles a second, timing without data.
  public var cyclesPerSecond: Double { Self.rate(cycles, Self.median(timing)) }
  /// Multiply-accumulates a second, the functional machine alone.
  public var functionMACsPerSecond: Double { Self.rate(macs, Self.median(function)) }
  /// Simulated cycles a second with data.
  public var cyclesPerSecondWithData: Double { Self.rate(cycles, Self.median(data)) }
  /// Multiply-accumulates a second with data.
  public var macsPerSecond: Double { Self.rate(macs, Self.median(data)) }

  /// The report for a reader.
  public var text: String {
    func millions(_ value: Double) -> String { TextFormat.fixed(value / 1e6, 2) }
    func milliseconds(_ values: [Double]) -> String {
      TextFormat.fixed(Self.median(values) * 1e3, 1)
    }
    return """
      \(computer); \(build) build, one core, median of \(runs)
      matmul 512x768x768 on \(machine), latency 20: \(TextFormat.grouped(cycles)) cycles

      """
        + TextFormat.table([
          ["", "ms", "M cycles/s", "GMAC/s"],
          ["timing, no data", milliseconds(timing), millions(cyclesPerSecond), "-"],
          [
            "data, no timing", milliseconds(function), "-",
            TextFormat.fixed(functionMACsPerSecond / 1e9, 2),
          ],
          [
            "timing and data", milliseconds(data), millions(cyclesPerSecondWithData),
            TextFormat.fixed(macsPerSecond / 1e9, 2),
          ],
          ["start of the program", milliseconds(start), "-", "-"],
        ])
  }

  private struct Document: Encodable {
    var computer: String
    var build: String
    var machine: String
    var runs: Int
    var simulatedCycles: Int
    var cyclesPerSecond: Double
    var cyclesPerSecondWithData: Double
    var macsPerSecond: Double
    var functionMACsPerSecond: Double
    var startSeconds: Double
  }

  /// The report for a program.
  public func json() throws -> String {
    try ReportJSON.text(
      Document(
        computer: computer, build: build, machine: machine, runs: runs, simulatedCycles: cycles,
        cyclesPerSecond: cyclesPerSecond, cyclesPerSecondWithData: cyclesPerSecondWithData,
        macsPerSecond: macsPerSecond, functionMACsPerSecond: functionMACsPerSecond,
        startSeconds: Self.median(start)))
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  private static func rate(_ count: Int, _ seconds: Double) -> Double {
    seconds > 0 ? Double(count) / seconds : 0
  }
}
