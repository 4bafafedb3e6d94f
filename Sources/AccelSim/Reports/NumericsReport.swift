import SystolicCore

/// Why placements cannot be compared.
public struct NumericsReportError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// What each placement of nonlinear work costs in accuracy: host, floating-point unit and integer
/// units on the same seeded inputs, each against a double-precision reference
/// (Docs/NonlinearUnit.md).
///
/// Inputs are int32 accumulators q that stand for x = q S. Floating-point placements get
/// Float(q) S; the integer units get q. Outputs are int8 in steps of the output scale.
public struct NumericsReport: Sendable {
  /// The nonlinear work that is compared.
  public enum Operation: String, CaseIterable, Sendable {
    /// Over each row by itself.
    case softmax
    /// Without gain and bias; the reference's epsilon is 1e-5.
    case layernorm
    /// Of each element; the reference is the exact one with erf.
    case gelu
  }

  /// Errors of one placement over all elements.
  public struct Placement: Equatable, Sendable {
    /// Where the work is done and in which format.
    public var name: String
    /// Largest distance of the result from the reference before the result becomes int8; `nil` for
    /// the reference itself.
    public var maximumError: Double?
    /// Mean of these distances; `nil` for the reference itself.
    public var meanError: Double?
    /// Largest distance of the int8 result from the reference, in output steps.
    public var maximumSteps: Double
    /// Mean of these distances, in output steps.
    public var meanSteps: Double
    /// Elements whose int8 is not that of the reference rounded to int8.
    public var differing: Int
  }

  /// The integer GELU against the exact one at every input of [-4, 4].
  public struct GELUSweep: Equatable, Sendable {
    /// What a 1 of the swept integers stands for.
    public var inputScale: Double
    /// Largest distance; the paper of I-BERT has 1.8e-2.
    public var maximumError: Double
    /// Root of the mean square; the paper of I-BERT has 8.2e-3.
    public var rmsError: Double
  }

  /// Rows that can be asked for.
  public static let rowRange = 1...65_536
  /// Elements of a row that can be asked for.
  public static let lengthRange = 1...1_048_576
  /// Most elements of all rows together.
  public static let mostElements = 1 << 26

  /// What every placement computes.
  public let operation: Operation
  /// Rows of inputs that were drawn, in `rowRange`.
  public let rows: Int
  /// Elements of a row.
  public let length: Int
  /// Chooses the inputs; the same seed, operation and sizes give the same report.
  public let seed: UInt64
  /// The reference rounded to int8 first, the integer units last.
  public let placements: [Placement]
  /// Elements of which the reference rounded to int8 is 0.
  public let zeros: Int
  /// Rows in which the integer LayerNorm's sum of squares leaves 32 bits and wraps.
  public let wrappedRows: Int
  /// Of `gelu` only.
  public let sweep: GELUSweep?

  /// Draws the inputs and computes every placement.
  ///
  /// - Parameters:
  ///   - length: Elements of a row.
  ///   - seed: Chooses the inputs.
  /// - Throws: `NumericsReportError` for sizes outside the limits.
  public init(
    _ operation: Operation, rows: Int = 64, length: Int = 512, seed: UInt64 = 1
  ) throws {
    guard Self.rowRange.contains(rows), Self.lengthRange.contains(length) else {
      throw NumericsReportError(
        description: "rows must be \(Self.rowRange.lowerBound)...\(Self.rowRange.upperBound) and "
          + "length \(Self.lengthRange.lowerBound)...\(Self.lengthRange.upperBound), "
          + "are \(rows) and \(length)")
    }
    guard rows * length <= Self.mostElements else {
      throw NumericsReportError(
        description: "rows times length must be at most \(Self.mostElements), is \(rows * length)")
    }
    var experiment = try NumericsExperiment(operation)
    var inputs = NumericsInputs(operation, seed: seed)
    for _ in 0..<rows { experiment.add(inputs.row(length)) }
    self.operation = operation
    self.rows = rows
    self.length = length
    self.seed = seed
    placements = experiment.placements
    zeros = experiment.zeros
    wrappedRows = experiment.wrappedRows
    sweep = operation == .gelu ? try NumericsExperiment.sweepGELU() : nil
  }

  // MARK: Text

  /// The report for a reader, at most 80 columns wide.
  public var text: String {
    let setting = operation.setting
    var table = [["", "max error", "mean error", "max steps", "mean steps", "int8 off, %"]]
    for placement in placements {
      table.append([
        placement.name, Self.short(placement.maximumError), Self.short(placement.meanError),
        TextFormat.fixed(placement.maximumSteps, 3), TextFormat.fixed(placement.meanSteps, 3),
        TextFormat.fixed(100 * Double(placement.differing) / Double(rows * length), 2),
      ])
    }
    var text = """
      \(operation) of \(rows) rows of \(length) against double precision
        inputs   int32 accumulators q, drawn from seed \(seed)
                 x = \(setting.inputScale) q: mean \(Self.plain(setting.inputMean)), deviation \
      \(Self.plain(setting.inputDeviation)), nearly normal up to 3.5 deviations
        outputs  int8 in steps of \(Self.plain(setting.outputLimit))/127; \
      \(TextFormat.percent(zeros, of: rows * length)) % of the reference's are 0
        error    of the result before it becomes int8
        steps    error of the int8 result, in steps: 0.5 is rounding alone
        off      int8 results that are not the reference's

      """
    text += "\n" + TextFormat.table(table)
    if wrappedRows > 0 {
      text += """

        In \(wrappedRows) of \(rows) rows the sum of squares of the integer units leaves 32 bits
        and wraps: their results mean nothing there.

        """
    }
    if let sweep {
      text += """

        I-GELU itself, every input of [-4, 4] in steps of 1/\
        \(Self.plain(1 / sweep.inputScale)), before int8:
          max error \(TextFormat.fixed(sweep.maximumError, 4)), \
        rms error \(TextFormat.fixed(sweep.rmsError, 4)) (its paper: 0.018 and 0.0082)

        """
    }
    return text
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() ? TextFormat.fixed(value, 0) : "\(value)"
  }

  /// Two digits: more would depend on the C library that the reference uses.
  private static func short(_ error: Double?) -> String {
    error.map { TextFormat.scientific($0, digits: 2) } ?? "-"
  }

  // MARK: JSON

  private struct Document: Encodable {
    var operation: String
    var rows: Int
    var length: Int
    var seed: UInt64
    var inputScale: Double
    var inputMean: Double
    var inputDeviation: Double
    var outputScale: Double
    var placements: [Entry]
    var zeroResults: Int
    var wrappedRows: Int
    var integerGELU: Sweep?
  }

  private struct Entry: Encodable {
    var placement: String
    var maximumError: Double?
    var meanError: Double?
    var maximumErrorInSteps: Double
    var meanErrorInSteps: Double
    var differingResults: Int
  }

  private struct Sweep: Encodable {
    var inputScale: Double
    var from: Double
    var to: Double
    var maximumError: Double
    var rmsError: Double
  }

  /// The report for a program: keys sorted, ends with a line break, errors to three digits.
  public func json() throws -> String {
    let setting = operation.setting
    return try ReportJSON.text(
      Document(
        operation: operation.rawValue, rows: rows, length: length, seed: seed,
        inputScale: setting.inputScale, inputMean: setting.inputMean,
        inputDeviation: setting.inputDeviation, outputScale: setting.outputLimit / 127,
        placements: placements.map { placement in
          Entry(
            placement: placement.name, maximumError: placement.maximumError.map(Self.rounded),
            meanError: placement.meanError.map(Self.rounded),
            maximumErrorInSteps: Self.rounded(placement.maximumSteps),
            meanErrorInSteps: Self.rounded(placement.meanSteps),
            differingResults: placement.differing)
        },
        zeroResults: zeros, wrappedRows: wrappedRows,
        integerGELU: sweep.map {
          Sweep(
            inputScale: $0.inputScale, from: -4, to: 4, maximumError: Self.rounded($0.maximumError),
            rmsError: Self.rounded($0.rmsError))
        }))
  }

  private static func rounded(_ value: Double) -> Double {
    Double(TextFormat.scientific(value, digits: 3)) ?? value
  }
}
