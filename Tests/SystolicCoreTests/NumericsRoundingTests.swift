import Testing

@testable import SystolicCore

/// Roundings and scalings against the facts' check vectors (appendix C) and against the same
/// definitions in double precision, where every value here is exact.
struct NumericsRoundingTests {
  @Test(arguments: [
    (5, 1, 2), (7, 1, 4), (-5, 1, -2), (-7, 1, -4), (6, 2, 2), (10, 2, 2), (-6, 2, -2),
    (-10, 2, -2), (11, 2, 3), (-1, 1, 0), (-3, 1, -2),
  ])
  func shiftVectors(_ value: Int, _ amount: Int, _ expected: Int) {
    #expect(Rounding.shiftRight(Int32(value), by: amount) == Int32(expected))
  }

  @Test func shiftIsDivisionRoundedToEven() {
    var random = SplitMix(seed: 1)
    for _ in 0..<20_000 {
      let value = Int32(truncatingIfNeeded: random.next()) >> Int32(random.next() % 32)
      let amount = Int(random.next() % 32)
      let exact = Double(value) / Double(UInt64(1) << UInt64(amount))
      let expected = Int32(exact.rounded(.toNearestOrEven))
      #expect(Rounding.shiftRight(value, by: amount) == expected, "\(value) >> \(amount)")
    }
  }

  @Test func wrapAndClip() {
    var random = SplitMix(seed: 2)
    for _ in 0..<5_000 {
      let value = Int32(truncatingIfNeeded: random.next()) >> Int32(random.next() % 32)
      let bits = Int(random.next() % 32) + 1
      let span = Int64(1) << Int64(bits)
      var wrapped = Int64(value) % span
      if wrapped >= span / 2 { wrapped -= span }
      if wrapped < -span / 2 { wrapped += span }
      #expect(Int64(Rounding.wrap(value, bits: bits)) == wrapped)
      let clipped = min(max(Int64(value), -span / 2), span / 2 - 1)
      #expect(Int64(Rounding.clip(value, bits: bits)) == clipped)
    }
  }

  @Test func floatToInteger() {
    var random = SplitMix(seed: 3)
    for _ in 0..<50_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      #expect(Rounding.toInt32(value) == reference(value), "\(value)")
    }
    for eighth in -80...80 {
      #expect(Rounding.toInt32(Float(eighth) / 8) == reference(Float(eighth) / 8))
    }
    #expect(Rounding.toInt32(.nan) == .max)
    #expect(Rounding.toInt32(.infinity) == .max)
    #expect(Rounding.toInt32(-.infinity) == .min)
  }

  /// The library's macro adds 1 in float32 (seen in golden norm_layernorm_40x192).
  @Test func softwareMacroRoundsTwice() {
    #expect(Rounding.toInt32LikeSoftware(0.99999994) == 2)
    #expect(Rounding.toInt32LikeSoftware(-0.99999994) == -2)
    #expect(Rounding.toInt32(0.99999994) == 1)
    for eighth in -80...80 {
      let value = Float(eighth) / 8
      #expect(Rounding.toInt32LikeSoftware(value) == reference(value))
    }
  }

  @Test(arguments: [
    (5, 0x3F00_0000, false, 2), (7, 0x3F00_0000, false, 4), (-5, 0x3F00_0000, false, -2),
    (-7, 0x3F00_0000, false, -4), (3, 0x3DCC_CCCD, false, 0), (1000, 0x3DFC_D35B, false, 123),
    (-1000, 0x3DFC_D35B, true, 0), (-3, 0xBF00_0000, true, 0), (-3, 0xBF00_0000, false, 2),
    (16_777_217, 0x3680_0000, false, 64), (33_554_435, 0x3600_0000, false, 64),
    (2_147_483_647, 0x33D6_BF95, false, 127),
  ])
  func accumulatorScaleVectors(_ value: Int, _ bits: UInt32, _ relu: Bool, _ expected: Int) {
    var bytes: [UInt8] = [0]
    Scaling.scaleRow(
      [Int32(value)], count: 1, scale: Float(bitPattern: bits), relu: relu, into: &bytes, at: 0)
    #expect(Int8(bitPattern: bytes[0]) == Int8(expected))
  }

  @Test func scaledRowsEqualTheDefinition() {
    var random = SplitMix(seed: 4)
    for round in 0..<400 {
      let row = (0..<33).map { _ in
        Int32(truncatingIfNeeded: random.next()) >> Int32(random.next() % 32)
      }
      // Half of the scales are any bits at all, half bring the values into range.
      let scale =
        round % 2 == 0
        ? Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        : Float(random.next() % 1000) / 1e6 - 0.0005
      let relu = random.next() % 2 == 0
      var bytes = [UInt8](repeating: 0, count: 34)
      Scaling.scaleRow(row, count: 33, scale: scale, relu: relu, into: &bytes, at: 1)
      for (i, value) in row.enumerated() {
        let product = Float(relu ? max(value, 0) : value) * scale
        let expected = Int8(clamping: reference(product))
        #expect(Int8(bitPattern: bytes[1 + i]) == expected, "\(value) * \(scale)")
      }
    }
  }

  @Test(arguments: [
    (3, 0.5, 2), (5, 0.5, 2), (-3, 0.5, -2), (127, 1.5, 127), (-128, 1.5, -128), (100, 0.01, 1),
    (-128, -1.0, 127), (50, Float.infinity, 127), (0, Float.infinity, 127),
  ])
  func moveInScaleVectors(_ value: Int, _ scale: Float, _ expected: Int) {
    let table = Scaling.moveInTable(scale: scale)
    #expect(Int8(bitPattern: table[value & 255]) == Int8(expected))
  }

  /// Saturating conversion in double precision, where every float and its halves are exact.
  private func reference(_ value: Float) -> Int32 {
    if value.isNaN { return .max }
    let rounded = Double(value).rounded(.toNearestOrEven)
    return rounded >= 2_147_483_647 ? .max : rounded <= -2_147_483_648 ? .min : Int32(rounded)
  }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
