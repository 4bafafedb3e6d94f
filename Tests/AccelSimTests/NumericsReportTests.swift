import Foundation
import SystolicCore
import Testing

@testable import AccelSim

@Suite struct NumericsReportTests {
  typealias Operation = NumericsReport.Operation

  /// Half a unit in the last place of 1.
  private static let precisions = [("fp32", 0x1p-24), ("fp16", 0x1p-11), ("bf16", 0x1p-8)]

  private func placement(
    _ name: String, in report: NumericsReport
  ) throws -> NumericsReport.Placement {
    try #require(report.placements.first { $0.name == name })
  }

  /// Placements of given rows.
  private func placements(
    _ operation: Operation, _ rows: [[Int32]]
  ) throws -> [NumericsReport.Placement] {
    var experiment = try NumericsExperiment(operation)
    for row in rows { experiment.add(row) }
    return experiment.placements
  }

  // MARK: Facts

  /// The figures of I-BERT's paper: 1.8e-2 and 8.2e-3.
  @Test func integerGELUIsThatOfItsPaper() throws {
    let report = try NumericsReport(.gelu, rows: 1, length: 1)
    let sweep = try #require(report.sweep)
    #expect((0.0178...0.0186).contains(sweep.maximumError))
    #expect((0.0078...0.0086).contains(sweep.rmsError))
    for operation in [Operation.softmax, .layernorm] {
      #expect(try NumericsReport(operation, rows: 1, length: 1).sweep == nil)
    }
  }

  /// Nothing wraps in the sweep: 64-bit arithmetic has the same results.
  @Test func integerGELUOfTheSweepFits32Bits() throws {
    let values = try #require(NormConstants(.igelu, inputScale: 0x1p-8))
    var constants = ActivationConstants()
    (constants.qb, constants.qc) = (values.qb, values.qc)
    let (qb, qc) = (Int(values.qb), Int(values.qc))
    #expect(qb == -640)  // 1.769 sqrt(2) 256, the fraction cut
    for q in -1024...1024 {
      let clipped = min(abs(q), -qb) + qb
      let erf = (q < 0 ? -1 : 1) * (clipped * clipped + qc)
      #expect(Int(constants.gelu(Int32(q))) == q * (erf + qc))
    }
  }

  /// At the library's scale ln 2 is 13 steps, 0.65: exponentials fall too fast.
  @Test func exponentialAtTheLibrarysScale() throws {
    let coarse = try exponentials(inputScale: 0.05)
    #expect((0.87...0.89).contains(coarse(-2)))
    #expect((0.35...0.38).contains(coarse(-6)))
    let fine = try exponentials(inputScale: 0.01)
    #expect((0.985...0.995).contains(fine(-2)))
    #expect((0.965...0.98).contains(fine(-6)))
  }

  /// The integer exponential of x over that of 0 and over the true one.
  private func exponentials(inputScale: Float) throws -> (Double) -> Double {
    let values = try #require(NormConstants(.softmax, inputScale: inputScale))
    var constants = ActivationConstants()
    (constants.qb, constants.qc) = (values.qb, values.qc)
    (constants.qln2, constants.qln2Inverse) = (values.qln2, values.qln2Inverse)
    return { x in
      let q = Int32((x / Double(inputScale)).rounded())
      let value = Double(constants.exponential(q, as: .ibert))
      return value / Double(constants.exponential(0, as: .ibert)) / Foundation.exp(x)
    }
  }

  // MARK: Formats

  @Test(arguments: [1, 15, 16, 17, 100, 512]) func softmaxKeepsTheFormatsBounds(_ length: Int)
    throws
  {
    let report = try NumericsReport(.softmax, rows: 16, length: length)
    for (name, unit) in Self.precisions {
      for form in ["", ", online"] {
        let errors = try placement("unit, \(name)\(form)", in: report)
        // |x| < 7: both operands of x - max and the difference are rounded, 28 units together,
        // in an element and in the sum; then exponential, reciprocal and product. Short formats
        // cannot hold the smallest results: FP16's spacing there is 2^-24.
        #expect(try #require(errors.meanError) <= 60 * unit / Double(length) + 0x1p-24)
        #expect(try #require(errors.maximumError) <= 60 * unit)
      }
    }
    #expect(try #require(placement("host, fp32", in: report).maximumError) < 1e-6)
    #expect(try #require(placement("unit, fp32", in: report).maximumError) < 1e-6)
  }

  @Test(arguments: [2, 17, 512]) func layerNormKeepsTheFormatsBounds(_ length: Int) throws {
    let report = try NumericsReport(.layernorm, rows: 16, length: length)
    let host = try placement("host, fp32", in: report)
    #expect(try #require(host.maximumError) <= (64 + 2 * Double(length)) * 0x1p-24)
    guard length > 2 else { return }  // two nearly equal inputs cancel in the short formats
    for (name, unit) in Self.precisions {
      // Inputs and results are below 4.5 deviations.
      let errors = try placement("unit, \(name)", in: report)
      #expect(try #require(errors.maximumError) <= 64 * unit)
    }
  }

  @Test func geluKeepsTheFormatsBounds() throws {
    let report = try NumericsReport(.gelu, rows: 8, length: 256)
    for (name, unit) in Self.precisions {
      // |x| < 3.5, some four roundings a factor; erf itself is within 6e-7.
      let errors = try placement("unit, \(name)", in: report)
      #expect(try #require(errors.maximumError) <= 12 * 3.5 * unit + 2e-6)
    }
  }

  @Test(arguments: Operation.allCases) func shorterFormatsAreWorse(_ operation: Operation) throws {
    let report = try NumericsReport(operation, rows: 8, length: 256)
    let names = ["unit, fp32", "unit, fp16", "unit, bf16", "integer units, I-BERT"]
    let means = try names.map { try #require(placement($0, in: report).meanError) }
    for (better, worse) in zip(means, means.dropFirst()) { #expect(better < worse) }
    // Rounding to int8 is half a step and hides an fp32 error, but not the integer units'.
    let reference = try placement("reference, rounded", in: report)
    let single = try placement("unit, fp32", in: report)
    let integer = try placement("integer units, I-BERT", in: report)
    #expect(reference.maximumError == nil)
    #expect(reference.maximumSteps <= 0.5)
    #expect(reference.differing == 0)
    #expect(abs(single.meanSteps - reference.meanSteps) < 1e-3)
    #expect(integer.meanSteps > single.meanSteps)
    #expect(integer.meanSteps < 1)
    #expect(integer.differing > single.differing)
    #expect(report.wrappedRows == 0)
  }

  // MARK: Integer units

  /// LayerNorm and GELU of one row by the facts' arithmetic, 4.8 and 4.9, in other types.
  @Test func integerUnitsFollowTheFacts() throws {
    let row = (0..<40).map { Int32($0 * $0 % 37 * 9 - 100) }
    let inputs = row.map { Double($0) * Double(Float(0.01)) }
    let steps = 127.0 / 4

    let mean = row.reduce(0) { $0 + Int($1) } / 40
    let variance = row.reduce(0) { $0 + (Int($1) - mean) * (Int($1) - mean) } / 40
    let deviation = Double(variance).squareRoot().rounded(.down)
    let bytes = row.map { (Double(Int($0) - mean) / deviation * steps).rounded() }
    let center = inputs.reduce(0, +) / 40
    let spread = inputs.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 40
    let normals = inputs.map { ($0 - center) / (spread + 1e-5).squareRoot() * steps }
    let layerNorm = try #require(try placements(.layernorm, [row]).last)
    #expect(abs(layerNorm.meanSteps - meanDistance(bytes, normals)) < 1e-9)

    let (qb, qc) = (-250, -69252)  // 1.769 sqrt(2) / S; 2 / 0.2888 S^2
    let scale = 0.01 * -0.2888 * 0.01 * 0.01 / 4
    let gelus = row.map { element in
      let q = Int(element)
      let clipped = min(abs(q), -qb) + qb
      let erf = (q < 0 ? -1 : 1) * (clipped * clipped + qc)
      return (Double(q * (erf + qc)) * scale * steps).rounded()
    }
    let exact = inputs.map { $0 / 2 * (1 + Foundation.erf($0 / 2.0.squareRoot())) * steps }
    let gelu = try #require(try placements(.gelu, [row]).last)
    #expect(abs(gelu.meanSteps - meanDistance(gelus, exact)) < 1e-9)
  }

  private func meanDistance(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(left.count)
  }

  /// 250,000 squares of deviations of about 100 are more than 2^31.
  @Test func wrappedSumsAreCounted() throws {
    let report = try NumericsReport(.layernorm, rows: 1, length: 250_000)
    #expect(report.wrappedRows == 1)
    #expect(report.text.contains("In 1 of 1 rows the sum of squares"))
  }

  // MARK: Edges

  /// A quarter is 31.75 steps, which every placement rounds to 32.
  @Test func equalElements() throws {
    for placement in try placements(.softmax, [[7, 7, 7, 7], [-90, -90, -90, -90]]) {
      #expect(placement.maximumError ?? 0 < 1e-7)
      #expect(abs(placement.maximumSteps - 0.25) < 1e-9)
    }
    for placement in try placements(.layernorm, [[7, 7, 7], [-90, -90], [0]]) {
      #expect(placement.maximumError ?? 0 == 0)
      #expect(placement.maximumSteps == 0)
    }
  }

  /// Softmax of one element is 1, its LayerNorm 0, in every placement.
  @Test(arguments: [Operation.softmax, .layernorm]) func oneElement(_ operation: Operation) throws {
    let report = try NumericsReport(operation, rows: 20, length: 1)
    for placement in report.placements {
      #expect(placement.maximumError ?? 0 < 1e-7)
      #expect(placement.maximumSteps == 0)
      #expect(placement.differing == 0)
    }
    #expect(report.zeros == (operation == .softmax ? 0 : 20))
  }

  @Test(arguments: Operation.allCases) func inputsAreAsStated(_ operation: Operation) {
    var inputs = NumericsInputs(operation, seed: 3)
    let row = inputs.row(20_000).map { Double($0) * operation.setting.inputScale }
    let setting = operation.setting
    let mean = row.reduce(0, +) / 20_000
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - setting.inputMean) < 0.05 * setting.inputDeviation)
    #expect(abs(variance.squareRoot() / setting.inputDeviation - 1) < 0.02)
    let farthest = row.map { abs($0 - setting.inputMean) }.max() ?? 0
    #expect(farthest < 3.5 * setting.inputDeviation)
    #expect(farthest > 3 * setting.inputDeviation)
  }

  @Test func sizesOutsideTheLimits() {
    #expect(throws: NumericsReportError.self) { try NumericsReport(.gelu, rows: 0) }
    #expect(throws: NumericsReportError.self) { try NumericsReport(.gelu, length: 1 << 21) }
    #expect(throws: NumericsReportError.self) {
      try NumericsReport(.gelu, rows: 65_536, length: 1_048_576)
    }
  }

  // MARK: Text

  @Test(arguments: Operation.allCases) func textIsRepeatableAndFits(_ operation: Operation) throws {
    func report(_ seed: UInt64) throws -> NumericsReport {
      try NumericsReport(operation, rows: 3, length: 33, seed: seed)
    }
    #expect(try report(5).text == report(5).text)
    #expect(try report(5).json() == report(5).json())
    #expect(try report(5).placements != report(6).placements)
    for line in try report(.max).text.split(separator: "\n") {
      #expect(line.count <= 80)
      #expect(line.last != " ")
    }
  }

  @Test func scientificText() {
    let cases: [(Double, String)] = [
      (0, "0"), (0.0182, "1.8e-2"), (0.009_96, "1.0e-2"), (123, "1.2e2"), (1, "1.0"),
      (-4.71, "-4.7"), (9.96, "1.0e1"), (0.000_000_05, "5.0e-8"), (.nan, "-"),
    ]
    for (value, text) in cases { #expect(TextFormat.scientific(value, digits: 2) == text) }
    #expect(TextFormat.scientific(0.018_24, digits: 3) == "1.82e-2")
  }
}
