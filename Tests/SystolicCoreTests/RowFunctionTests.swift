import Foundation
import Testing

@testable import SystolicCore

/// Distance in units in the last place of the correctly rounded value.
private func ulps(_ value: Float, from exact: Double) -> Int {
  abs(Int(value.bitPattern) - Int(Float(exact).bitPattern))
}

@Suite struct FloatFunctionTests {
  @Test func exponentialIsWithinOneUlp() {
    var worst = 0
    for step in 0...400_000 {
      let x = Float(-87.33 + 176.05 * Double(step) / 400_000)
      worst = max(worst, ulps(FloatFunctions.exp(x), from: Foundation.exp(Double(x))))
    }
    #expect(worst <= 1)
  }

  @Test func exponentialAtItsEnds() {
    #expect(FloatFunctions.exp(0) == 1)
    #expect(FloatFunctions.exp(-0.0) == 1)
    #expect(FloatFunctions.exp(-.infinity) == 0)
    #expect(FloatFunctions.exp(.infinity) == .infinity)
    #expect(FloatFunctions.exp(-88) == 0)
    #expect(FloatFunctions.exp(88.72).isFinite)
    #expect(FloatFunctions.exp(88.73) == .infinity)
    #expect(FloatFunctions.exp(.nan).isNaN)
  }

  @Test func othersKeepTheirBounds() {
    var (erf, tanh, sigmoid) = (0.0, 0.0, 0.0)
    for step in 0...200_000 {
      let x = Float(-12 + 24 * Double(step) / 200_000)
      let exact = Double(x)
      erf = max(erf, abs(Double(FloatFunctions.erf(x)) - Foundation.erf(exact)))
      tanh = max(tanh, abs(Double(FloatFunctions.tanh(x)) - Foundation.tanh(exact)))
      sigmoid = max(
        sigmoid, abs(Double(FloatFunctions.sigmoid(x)) - 1 / (1 + Foundation.exp(-exact))))
    }
    #expect(erf <= 6e-7)
    #expect(tanh <= 2e-7)
    #expect(sigmoid <= 2e-7)
  }

  /// The smallest spacing around each bit pattern: every short number is its own rounding, and what
  /// lies between two goes to the nearer, at the middle to the even one.
  @Test(arguments: [LaneFormat.fp16, .bf16]) func roundingIsToNearestEven(_ format: LaneFormat) {
    let shift: Float = format == .bf16 ? 0x1p-7 : 0x1p-10
    for (even, odd) in [(1, 1 + shift), (1 + 2 * shift, 1 + shift)] as [(Float, Float)] {
      let middle = (even + odd) / 2
      #expect(format.round(even) == even)
      #expect(format.round(odd) == odd)
      #expect(format.round(middle) == even)
      #expect(format.round(middle + (odd - even) * 0x1p-8) == odd)
    }
    #expect(format.round(.infinity) == .infinity)
    #expect(format.round(-.infinity) == -.infinity)
    #expect(format.round(.nan).isNaN)
    #expect(format.round(.greatestFiniteMagnitude) == .infinity)
  }
}

@Suite struct RowFunctionTests {
  private static func row(_ length: Int, _ seed: UInt64, spread: Float = 8) -> [Float] {
    var random = SeededNumbers(Int(seed))
    return (0..<length).map { _ in Float.random(in: -spread...spread, using: &random) }
  }

  /// Relative precision of each format, half a unit in the last place of 1.
  private static func precision(_ format: LaneFormat) -> Double {
    switch format {
    case .fp32: 0x1p-24
    case .fp16: 0x1p-11
    case .bf16: 0x1p-8
    }
  }

  @Test(arguments: LaneFormat.allCases, [false, true])
  func softmaxIsThatOfDoublePrecision(_ format: LaneFormat, isOnline: Bool) {
    for (seed, length) in [1, 2, 15, 16, 17, 100, 512, 1000].enumerated() {
      let row = Self.row(length, UInt64(seed + 1)).map(format.round)
      let result = RowFunctions(format: format).softmax(row, isOnline: isOnline)
      let top = Double(row.max()!)
      let parts = row.map { Foundation.exp(Double($0) - top) }
      let total = parts.reduce(0, +)
      let unit = Self.precision(format)
      // The difference x - max, up to 16, is rounded before the exponential: 16 units of error.
      for (value, part) in zip(result, parts) {
        #expect(abs(Double(value) - part / total) <= 40 * unit * part / total + 1e-7)
      }
      let sum = result.reduce(0.0) { $0 + Double($1) }
      #expect(abs(sum - 1) <= 40 * unit + 1e-7 * Double(length))
    }
  }

  @Test(arguments: [false, true])
  func softmaxOfExtremes(isOnline: Bool) {
    let unit = RowFunctions()
    #expect(unit.softmax([3], isOnline: isOnline) == [1])
    #expect(unit.softmax([-1e30], isOnline: isOnline) == [1])
    #expect(
      unit.softmax(Array(repeating: -7, count: 4), isOnline: isOnline)
        == Array(repeating: 0.25, count: 4))
    #expect(unit.softmax([-.infinity, 2, -.infinity], isOnline: isOnline) == [0, 1, 0])
    #expect(unit.softmax([-.infinity, -.infinity], isOnline: isOnline) == [0, 0])
    let spoilt = unit.softmax([1, .nan, 2], isOnline: isOnline).contains { $0.isNaN }
    #expect(spoilt)
    #expect(unit.softmax([3e38, -3e38], isOnline: isOnline) == [1, 0])
  }

  @Test func softmaxKeepsTheOrder() {
    for format in LaneFormat.allCases {
      let row = Self.row(300, 9).map(format.round).sorted()
      let result = RowFunctions(format: format).softmax(row)
      let rises = zip(result, result.dropFirst()).allSatisfy { $0 <= $1 }
      #expect(rises)
    }
  }

  @Test(arguments: LaneFormat.allCases) func layerNorm(_ format: LaneFormat) {
    for (seed, length) in [2, 16, 17, 768, 1000].enumerated() {
      let row = Self.row(length, UInt64(seed + 20)).map(format.round)
      let result = RowFunctions(format: format).layerNorm(row).map(Double.init)
      let mean = result.reduce(0, +) / Double(length)
      let variance = result.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let unit = Self.precision(format)
      let before = row.map(Double.init)
      let center = before.reduce(0, +) / Double(length)
      let spread = before.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(length)
      #expect(abs(mean) <= 8 * unit)
      #expect(abs(variance - spread / (spread + 1e-5)) <= 16 * unit)
    }
    // All equal: nothing varies, so nothing is left.
    #expect(RowFunctions(format: format).layerNorm([5, 5, 5]) == [0, 0, 0])
    #expect(RowFunctions(format: format).layerNorm([5]) == [0])
  }

  @Test func gainAndBiasAreApplied() {
    let unit = RowFunctions()
    let plain = unit.layerNorm([1, 2, 4])
    let affine = plain.map { $0 * 2 + 1 }
    #expect(unit.layerNorm([1, 2, 4], gain: [2, 2, 2], bias: [1, 1, 1]) == affine)
    let root = unit.rmsNorm([3, -3, 3, -3])
    let isUnit = root.allSatisfy { abs(abs($0) - 1) < 1e-5 }
    #expect(isUnit)
    #expect(unit.rmsNorm([3, -3], gain: [2, 4])[1] == unit.rmsNorm([3, -3])[1] * 4)
  }

  @Test(arguments: LaneFormat.allCases) func activationsAreThoseOfDoublePrecision(
    _ format: LaneFormat
  ) {
    let unit = RowFunctions(format: format)
    let precision = Self.precision(format)
    for step in 0...4_000 {
      let x = format.round(Float(-8 + 16 * Double(step) / 4_000))
      let exact = Double(x)
      let gelu = exact / 2 * (1 + Foundation.erf(exact / 2.0.squareRoot()))
      let cubic = 0.7978845608028654 * (exact + 0.044715 * exact * exact * exact)
      let tanh = exact / 2 * (1 + Foundation.tanh(cubic))
      let silu = exact / (1 + Foundation.exp(-exact))
      let bound = 12 * precision * max(abs(exact), 1) + 3e-6
      #expect(abs(Double(unit.gelu(x)) - gelu) <= bound)
      #expect(abs(Double(unit.geluTanh(x)) - tanh) <= bound)
      #expect(abs(Double(unit.silu(x)) - silu) <= bound)
    }
  }
}
