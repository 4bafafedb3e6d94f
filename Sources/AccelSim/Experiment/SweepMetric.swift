/// A number of a run that points of a sweep are compared by.
public enum SweepMetric: String, CaseIterable, Sendable {
  /// Cycles of the whole run.
  case cycles
  /// Share of the array's peak over the whole run.
  case utilisation
  /// Cycles of the operators that have multiply-accumulates.
  case matmulCycles
  /// Share of the array's peak in those.
  case matmulUtilisation
  /// Bytes of requests to main memory, both ways.
  case dramBytes
  /// Bytes of read requests to main memory.
  case readBytes
  /// Bytes of write requests to main memory.
  case writtenBytes
  /// Cycles in which the host computed.
  case hostCycles
  /// Cycles for conversions of number formats alone.
  case conversionCycles
  /// Bytes of both local memories.
  case sramBytes

  /// The number in `measurement`.
  public func value(_ measurement: SweepMeasurement) -> Double {
    switch self {
    case .cycles: Double(measurement.cycles)
    case .utilisation: measurement.utilisation(in: measurement.cycles)
    case .matmulCycles: Double(measurement.matmulCycles)
    case .matmulUtilisation: measurement.utilisation(in: measurement.matmulCycles)
    case .dramBytes: Double(measurement.readBytes + measurement.writtenBytes)
    case .readBytes: Double(measurement.readBytes)
    case .writtenBytes: Double(measurement.writtenBytes)
    case .hostCycles: Double(measurement.hostCycles)
    case .conversionCycles: Double(measurement.conversionCycles)
    case .sramBytes: Double(measurement.sramBytes)
    }
  }

  /// Whether it is a share of 1.
  var isShare: Bool { self == .utilisation || self == .matmulUtilisation }

  /// As a table shows it: grouped, shares in percent.
  func text(_ measurement: SweepMeasurement) -> String {
    let value = value(measurement)
    return isShare ? TextFormat.fixed(100 * value, 1) : TextFormat.fixed(value, 0)
  }

  /// As a file holds it.
  func fileText(_ measurement: SweepMeasurement) -> String {
    let value = value(measurement)
    return isShare ? TextFormat.fixed(value, 6) : "\(Int(value))"
  }
}

/// What is better in a comparison.
public struct SweepObjective: Equatable, Sendable {
  /// The number of a point that is compared.
  public var metric: SweepMetric
  /// Whether more is better.
  public var isMaximised: Bool

  public init(_ metric: SweepMetric, isMaximised: Bool = false) {
    self.metric = metric
    self.isMaximised = isMaximised
  }

  /// Less is better.
  func cost(_ measurement: SweepMeasurement) -> Double {
    isMaximised ? -metric.value(measurement) : metric.value(measurement)
  }

  var words: String { "\(isMaximised ? "most" : "least") \(metric.rawValue)" }
}

/// The points that no other point dominates.
enum ParetoFront {
  /// Indices of `costs`, ascending, whose rows no other row dominates: none is at most as large in
  /// every column and smaller in one. Of equal rows all are in or none.
  static func indices(_ costs: [[Double]]) -> [Int] {
    // Whatever dominates a row comes before it in this order, and is itself in the front or dominated
    // by a row of the front.
    let order = costs.indices.sorted { costs[$0].lexicographicallyPrecedes(costs[$1]) }
    var front: [Int] = []
    for index in order
    where !front.contains(where: { dominates(costs[$0], costs[index]) }) {
      front.append(index)
    }
    return front.sorted()
  }

  private static func dominates(_ one: [Double], _ other: [Double]) -> Bool {
    one != other && zip(one, other).allSatisfy { $0 <= $1 }
  }
}
