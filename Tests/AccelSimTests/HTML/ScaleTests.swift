import Testing

@testable import AccelSim

@Suite struct ScaleTests {
  @Test func endsStandAtTheEnds() {
    let scale = Scale(10...30, to: (100, 0))
    #expect(scale(10) == 100)
    #expect(scale(30) == 0)
    #expect(scale(15) == 75)
    let doubling = Scale(1...256, to: (0, 8), isLogarithmic: true)
    #expect(doubling(16) == 4)
    // One number has a place in the middle.
    #expect(Scale(5...5, to: (0, 10))(5) == 5)
    #expect(Scale(4...4, to: (0, 10), isLogarithmic: true)(4) == 5)
  }

  /// Ticks are multiples of 1, 2 or 5 times a power of ten, in the domain, as many as asked for.
  @Test func ticksAreRound() {
    var random = SplitMix(state: 0x71C5)
    for _ in 0..<500 {
      let low = Double(random.next(in: -1_000_000...1_000_000)) / 7
      let span = Double(random.next(in: 1...2_000_000_000)) / 997
      let count = random.next(in: 1...12)
      let ticks = Scale(low...low + span, to: (0, 1)).ticks(count)
      let step = Scale.niceStep(span, count)
      #expect(ticks.count <= count + 1)
      #expect(ticks.count >= Int(span / step))
      for tick in ticks {
        #expect(tick >= low - 1e-6 * span && tick <= low + span * (1 + 1e-6))
        #expect(abs(tick / step - (tick / step).rounded()) < 1e-6)
      }
      var digits = step
      while digits >= 9.99 { digits /= 10 }
      while digits < 0.999 { digits *= 10 }
      #expect([1, 2, 5].contains { abs($0 - digits) < 1e-6 }, "\(step)")
    }
  }

  @Test func logarithmicTicksArePowersOfTwo() {
    let scale = Scale(0.25...1024, to: (0, 1), isLogarithmic: true)
    #expect(scale.ticks(20) == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
    #expect(scale.ticks(4) == [1, 8, 64, 512])
  }

  @Test(arguments: [
    (0.0, "0"), (999.0, "999"), (1234.0, "1.23 k"), (999_999.0, "1 M"), (12_345_678.0, "12.3 M"),
    (117_786_233.0, "118 M"), (2.5e9, "2.5 G"), (0.125, "0.13"), (-1500.0, "-1.5 k"),
  ])
  func shortNumbers(_ value: Double, _ text: String) {
    #expect(ShortNumber.text(value) == text)
  }

  @Test func tickNamesShareTheirUnit() {
    #expect(ShortNumber.ticks([0, 500_000, 1_000_000]) == ["0", "0.5 M", "1 M"])
    #expect(ShortNumber.ticks([0, 250, 500]) == ["0", "250", "500"])
    #expect(ShortNumber.bytes(1536) == "1.5 KiB")
    #expect(ShortNumber.bytes(1000) == "1,000 bytes")
    #expect(ShortNumber.power(0.25) == "1/4")
  }

  @Test func namesFitTheirPlace() {
    for width in [0.0, 10, 40, 100, 1000] {
      for name in ["", "q", "layer0.ffn1", "😀😀😀😀", String(repeating: "long", count: 50)] {
        let fitted = TextWidth.fitted(name, width, size: 11)
        #expect(TextWidth.estimate(fitted, size: 11) <= width)
        #expect(fitted == name || fitted.isEmpty || fitted.hasSuffix("…"))
      }
    }
  }
}
