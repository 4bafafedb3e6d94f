import Foundation
import Testing

@testable import SystolicCore

/// The integer approximations and statistics against the facts' vectors (C5) and real functions.
struct NumericsActivationTests {
  @Test(arguments: [
    (-60, 0), (-20, 18000), (-1, 2401), (0, 0), (1, -3139), (20, -92800), (60, -332_400),
  ])
  func geluVectors(_ q: Int, _ expected: Int) {
    var constants = ActivationConstants()
    constants.qb = -50
    constants.qc = -2770
    #expect(constants.gelu(Int32(q)) == Int32(expected))
    #expect(constants.exponential(Int32(q), as: .polynomial) == Int32(expected))
  }

  static let softmax: ActivationConstants = {
    var constants = ActivationConstants()
    constants.qln2 = 13
    constants.qln2Inverse = 5041
    constants.qb = 27
    constants.qc = 383
    return constants
  }()

  @Test(arguments: [(0, 1112), (-1, 1059), (-10, 672), (-14, 529), (-50, 79), (-100, 5)])
  func exponentialVectors(_ q: Int, _ expected: Int) {
    #expect(Self.softmax.exponential(Int32(q), as: .ibert) == Int32(expected))
    #expect(Self.softmax.exponential(Int32(q), as: .ibertSoftware) == Int32(expected))
  }

  /// Within 2 % of e^(qS) scaled by its value at 0, until integers run out.
  @Test func exponentialIsOne() {
    for q in stride(from: Int32(0), to: -60, by: -1) {
      let found = Double(Self.softmax.exponential(q, as: .ibert)) / 1112
      #expect(abs(found - exp(Double(q) * 0.05)) < 0.06, "\(q)")
    }
  }

  /// Exponents beyond the word's width leave nothing in the hardware's form.
  @Test func exponentialOfVeryNegative() {
    #expect(Self.softmax.exponential(-13 * 40, as: .ibert) == 0)
    #expect(Self.softmax.exponential(-1_000_000, as: .ibert) == 0)
  }

  @Test func rootIsFloorOfSquareRoot() {
    var random = SplitMix(seed: 5)
    for _ in 0..<5_000 {
      let value = UInt32(truncatingIfNeeded: random.next()) >> UInt32(random.next() % 32)
      let expected = max(UInt32(Double(value).squareRoot().rounded(.down)), 1)
      #expect(NormStatistics.root(Int32(bitPattern: value)) == Int32(expected))
    }
    #expect(NormStatistics.root(0) == 1)
  }

  @Test func layernormStatistics() {
    var random = SplitMix(seed: 6)
    for _ in 0..<200 {
      let row = (0..<40).map { _ in Int32(random.next() % 4000) - 1500 }
      var statistics = NormStatistics()
      feed(row, .sum, .mean, &statistics)
      let sum = row.reduce(0) { $0 + Int($1) }
      let mean = sum / 40
      #expect(Int(statistics.mean) == mean)
      feed(row, .variance, .inverseDeviation, &statistics, scale: 0.5)
      let squares = row.reduce(0) { $0 + (Int($1) - mean) * (Int($1) - mean) }
      let deviation = Double(squares / 40).squareRoot().rounded(.down)
      #expect(statistics.inverseDeviation == Float(1) / Float(deviation) * 0.5)
      #expect(statistics.sum == 0 && statistics.count == 0)
    }
  }

  @Test func softmaxStatistics() {
    let row: [Int32] = [3, -40, 17, 16, -2, 0]
    var statistics = NormStatistics()
    feed(row, .maximum, .maximum, &statistics)
    #expect(statistics.maximum == 17)
    feed(row, .sumExponentials, .inverseSum, &statistics)
    let sum = row.reduce(Int32(0)) { $0 + Self.softmax.exponential($1 - 17, as: .ibert) }
    #expect(statistics.inverseSum == Float(127) / Float(sum))
    #expect(statistics.maximum == 17, "the maximum outlives the division")
    feed([-900, -800], .maximum, .maximum, &statistics)
    #expect(statistics.maximum == -800)
  }

  @Test func nothingToDivide() {
    var statistics = NormStatistics()
    let isTrivial = statistics.accumulate(
      [5, -5], count: 2, command: .mean, constants: Self.softmax, exponential: .ibert, scale: 1,
      signedDeviation: false)
    #expect(isTrivial)
  }

  @Test func commandsBeforeTheLastBlock() {
    let terminating: [NormCommand] = [.mean, .inverseDeviation, .inverseSum]
    #expect(terminating.map(\.beforeLastBlock) == [.sum, .variance, .sumExponentials])
    for command in [NormCommand.reset, .sum, .variance, .maximum, .sumExponentials] {
      #expect(command.beforeLastBlock == command)
    }
  }

  private func feed(
    _ row: [Int32], _ first: NormCommand, _ last: NormCommand, _ statistics: inout NormStatistics,
    scale: Float = 1
  ) {
    let half = row.count / 2
    for (part, command) in [(row[..<half], first), (row[half...], last)] {
      statistics.accumulate(
        Array(part), count: part.count, command: command, constants: Self.softmax,
        exponential: .ibert, scale: scale, signedDeviation: false)
    }
  }
}
