import Glibc
import SystolicCore

extension NumericsReport.Operation {
  /// Inputs and outputs of an operation's comparison.
  struct Setting {
    /// What a 1 of the accumulators stands for.
    var inputScale: Double
    /// Of the inputs x.
    var inputMean: Double
    var inputDeviation: Double
    /// The real value of an int8 of 127.
    var outputLimit: Double
  }

  var setting: Setting {
    switch self {
    // The scale that the hardware's library uses for a softmax of its own (facts 4.11).
    case .softmax: Setting(inputScale: 0.05, inputMean: 0, inputDeviation: 2, outputLimit: 1)
    // Outputs are at most about 3.5 deviations large. Accumulators deviate by 100: rows of more
    // than about 210,000 elements wrap the integer unit's sum of squares.
    case .layernorm:
      Setting(inputScale: 0.01, inputMean: 0.5, inputDeviation: 1, outputLimit: 4)
    case .gelu: Setting(inputScale: 0.01, inputMean: 0, inputDeviation: 1, outputLimit: 4)
    }
  }
}

/// Seeded accumulators, the same on every machine.
struct NumericsInputs {
  private var random: SplitMix
  private let mean: Double
  private let deviation: Double

  init(_ operation: NumericsReport.Operation, seed: UInt64) {
    let setting = operation.setting
    random = SplitMix(state: seed)
    mean = setting.inputMean / setting.inputScale
    deviation = setting.inputDeviation / setting.inputScale
  }

  /// The next row. An element is the sum of the four quarters of a draw: nearly normal, and never
  /// more than 2 sqrt(3) deviations from the mean.
  mutating func row(_ length: Int) -> [Int32] {
    // Each quarter is uniform over 0...65535: the sum's variance is four times (2^32 - 1) / 12.
    let center = 131_070.0
    let unit = deviation / (4_294_967_295.0 / 3).squareRoot()
    var row: [Int32] = []
    row.reserveCapacity(length)
    for _ in 0..<length {
      let draw = random.next()
      let sum = (draw & 0xFFFF) + (draw >> 16 & 0xFFFF) + (draw >> 32 & 0xFFFF) + (draw >> 48)
      row.append(Int32((mean + (Double(sum) - center) * unit).rounded()))
    }
    return row
  }
}

/// Rows that go through every placement of one operation, and the errors that add up.
struct NumericsExperiment {
  /// Where the work is done.
  private enum Place {
    /// In double precision: what rounding to int8 costs by itself.
    case reference
    case float(RowFunctions, isOnline: Bool)
    case integer
  }

  private let operation: NumericsReport.Operation
  private let inputScale: Float
  /// Output steps in 1.
  private let stepsPerUnit: Float
  private let constants: ActivationConstants
  private var entries: [(name: String, place: Place, tally: ErrorTally)]
  /// Elements of which the reference rounded to int8 is 0.
  private(set) var zeros = 0
  /// Rows in which the integer LayerNorm's sum of squares wraps.
  private(set) var wrappedRows = 0

  init(_ operation: NumericsReport.Operation) throws {
    let setting = operation.setting
    self.operation = operation
    inputScale = Float(setting.inputScale)
    stepsPerUnit = Float(127 / setting.outputLimit)
    constants = try Self.constants(operation, inputScale: inputScale)
    var entries: [(String, Place)] = [
      ("reference, rounded", .reference),
      ("host, fp32", .float(RowFunctions(format: .fp32, width: 1), isOnline: false)),
    ]
    for isOnline in operation == .softmax ? [false, true] : [false] {
      for format in LaneFormat.allCases {
        let name = "unit, \(format)" + (isOnline ? ", online" : "")
        entries.append((name, .float(RowFunctions(format: format, width: 16), isOnline: isOnline)))
      }
    }
    entries.append(("integer units, I-BERT", .integer))
    self.entries = entries.map { ($0.0, $0.1, ErrorTally()) }
  }

  /// The constants with which software configures the integer units.
  private static func constants(
    _ operation: NumericsReport.Operation, inputScale: Float
  ) throws -> ActivationConstants {
    let activation: MatmulActivation
    switch operation {
    case .layernorm: return ActivationConstants()  // needs none
    case .softmax: activation = .softmax
    case .gelu: activation = .igelu
    }
    guard let values = NormConstants(activation, inputScale: inputScale) else {
      throw NumericsReportError(description: "\(operation) has no constants at \(inputScale)")
    }
    var constants = ActivationConstants()
    constants.qb = values.qb
    constants.qc = values.qc
    constants.qln2 = values.qln2
    constants.qln2Inverse = values.qln2Inverse
    return constants
  }

  /// The errors over all rows so far.
  var placements: [NumericsReport.Placement] {
    entries.map { entry in
      let isReference = if case .reference = entry.place { true } else { false }
      let (tally, count) = (entry.tally, Double(max(entry.tally.count, 1)))
      return NumericsReport.Placement(
        name: entry.name, maximumError: isReference ? nil : tally.maximumError,
        meanError: isReference ? nil : tally.errorSum / count, maximumSteps: tally.maximumSteps,
        meanSteps: tally.stepsSum / count, differing: tally.differing)
    }
  }

  /// Computes one row in every placement.
  mutating func add(_ row: [Int32]) {
    let exact = reference(row)
    let expected = quantised(exact)
    let inputs = row.map { Float($0) * inputScale }
    for index in entries.indices {
      switch entries[index].place {
      case .reference:
        record(exact, expected, exact, expected, at: index)
      case .float(let functions, let isOnline):
        let result = float(inputs, functions, isOnline: isOnline)
        let bytes = result.map { Rounding.clipToInt8(Rounding.toInt32($0 * stepsPerUnit)) }
        record(result.map(Double.init), bytes, exact, expected, at: index)
      case .integer:
        let (values, bytes) = integer(row)
        record(values, bytes, exact, expected, at: index)
      }
    }
    for byte in expected where byte == 0 { zeros += 1 }
    if operation == .layernorm && wraps(row) { wrappedRows += 1 }
  }

  private mutating func record(
    _ values: [Double], _ bytes: [Int8], _ exact: [Double], _ expected: [Int8], at index: Int
  ) {
    let steps = Double(stepsPerUnit)
    for i in exact.indices {
      entries[index].tally.add(
        error: abs(values[i] - exact[i]), steps: abs(Double(bytes[i]) - exact[i] * steps),
        differs: bytes[i] != expected[i])
    }
  }

  private func quantised(_ exact: [Double]) -> [Int8] {
    let steps = Double(stepsPerUnit)
    return exact.map { Int8(max(-128, min(127, ($0 * steps).rounded(.toNearestOrEven)))) }
  }

  // MARK: Placements

  private func reference(_ row: [Int32]) -> [Double] {
    let scale = Double(inputScale)
    let inputs = row.map { Double($0) * scale }
    switch operation {
    case .softmax:
      let largest = inputs.max() ?? 0
      let parts = inputs.map { exp($0 - largest) }
      let total = parts.reduce(0, +)
      return parts.map { $0 / total }
    case .layernorm:
      let count = Double(row.count)
      let mean = inputs.reduce(0, +) / count
      let variance = inputs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let deviation = (variance + 1e-5).squareRoot()
      return inputs.map { ($0 - mean) / deviation }
    case .gelu: return inputs.map(Self.gelu)
    }
  }

  private static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

  private func float(
    _ inputs: [Float], _ functions: RowFunctions, isOnline: Bool
  ) -> [Float] {
    switch operation {
    case .softmax: functions.softmax(inputs, isOnline: isOnline)
    case .layernorm: functions.layerNorm(inputs)
    case .gelu: inputs.map(functions.gelu)
    }
  }

  /// The integer units: statistics of the whole row, then its elements scaled to int8 (facts 4.6,
  /// 4.8 to 4.10). The values are those that the scaling unit rounds.
  private func integer(_ row: [Int32]) -> (values: [Double], bytes: [Int8]) {
    let numerators: [Int32]
    let factor: Float
    switch operation {
    case .softmax:
      let statistics = statistics(row, [.maximum, .inverseSum], scale: 1)
      numerators = row.map { constants.exponential($0 &- statistics.maximum, as: .ibert) }
      factor = statistics.inverseSum
    case .layernorm:
      let statistics = statistics(row, [.mean, .inverseDeviation], scale: stepsPerUnit)
      numerators = row.map { $0 &- statistics.mean }
      factor = statistics.inverseDeviation
    case .gelu:
      numerators = row.map(constants.gelu)
      factor = Float(Self.geluScale(inputScale) * Double(stepsPerUnit))
    }
    let steps = Double(stepsPerUnit)
    return (
      numerators.map { Double(Float($0) * factor) / steps },
      numerators.map { Scaling.toInt8($0, by: factor) }
    )
  }

  private func statistics(
    _ row: [Int32], _ commands: [NormCommand], scale: Float
  ) -> NormStatistics {
    var statistics = NormStatistics()
    for command in commands {
      statistics.accumulate(
        row, count: row.count, command: command, constants: constants, exponential: .ibert,
        scale: scale, signedDeviation: false)
    }
    return statistics
  }

  /// What a 1 of the integer GELU's result stands for.
  private static func geluScale(_ inputScale: Float) -> Double {
    Double(inputScale) * Double(NormConstants.erfScale(inputScale: inputScale)) / 2
  }

  /// Whether the sum of squares around the mean needs more than 32 bits. Softmax cannot: its
  /// exponentials are at most 1112, its rows at most 2^20 elements.
  private func wraps(_ row: [Int32]) -> Bool {
    let mean = Int64(statistics(row, [.mean], scale: 1).mean)
    var sum: Int64 = 0
    for q in row { sum += (Int64(q) - mean) * (Int64(q) - mean) }
    return sum > Int64(Int32.max)
  }

  /// I-GELU on [-4, 4]. Results reach 4 / S times 2 / 0.1444 S^2, which is 0.43 of 2^31 at this S:
  /// a grid much finer would wrap, one much coarser would measure its own steps.
  static func sweepGELU() throws -> NumericsReport.GELUSweep {
    let inputScale: Float = 0x1p-8
    let constants = try constants(.gelu, inputScale: inputScale)
    let outputScale = geluScale(inputScale)
    let last = Int32(4 / inputScale)
    var (largest, squares) = (0.0, 0.0)
    for q in -last...last {
      let value = Double(constants.gelu(q)) * outputScale
      let error = abs(value - gelu(Double(q) * Double(inputScale)))
      largest = max(largest, error)
      squares += error * error
    }
    return NumericsReport.GELUSweep(
      inputScale: Double(inputScale), maximumError: largest,
      rmsError: (squares / Double(2 * last + 1)).squareRoot())
  }
}

/// Largest errors and sums of errors.
private struct ErrorTally {
  var count = 0
  var maximumError = 0.0
  var errorSum = 0.0
  var maximumSteps = 0.0
  var stepsSum = 0.0
  var differing = 0

  mutating func add(error: Double, steps: Double, differs: Bool) {
    count += 1
    maximumError = max(maximumError, error)
    errorSum += error
    maximumSteps = max(maximumSteps, steps)
    stepsSum += steps
    if differs { differing += 1 }
  }
}
