import Testing

@testable import SystolicCore

/// The units between the DMA and the banks, against facts 8.2.
@Suite struct MoveTimingTests {
  private func row(
    _ row: Int, isScaled: Bool = false, repeats: Int = 0, pixels: Int = 1, isLast: Bool = true
  ) -> IncomingRow {
    IncomingRow(
      destination: RowDestination(
        row: row, blockStride: 16, isAccumulator: false, accumulates: false, isFullWidth: false,
        isScaled: isScaled, repeats: repeats, pixelRepeats: pixels, commandSlot: 0),
      isLast: isLast, packetBytes: 16)
  }

  /// Cycles in which rows leave a scaler that is offered `count` rows from cycle 0.
  private func scaled(_ count: Int, isScaled: Bool, repeats: Int = 0) -> [(Cycle, IncomingRow)] {
    var scaler = VectorScaler(units: 4, latency: 4, lanes: 16)
    var leaving: [(Cycle, IncomingRow)] = []
    var next = 0
    for now in 0..<400 {
      let output = scaler.output
      if let output { leaving.append((now, output)) }
      let (_, isReady) = scaler.tick(now, takesOutput: output != nil)
      if isReady, next < count {
        scaler.accept(row(next, isScaled: isScaled, repeats: repeats))
        next += 1
      }
    }
    #expect(scaler.isIdle)
    return leaving
  }

  /// Facts 8.2: accepted, filled one cycle later, out the next; one row a cycle.
  @Test func unscaledRowsPassEveryCycle() {
    #expect(scaled(16, isScaled: false).map(\.0) == Array(2...17))
  }

  /// Facts 8.2: output at fill + 10; corrections C1: then three at a time every 19 cycles.
  @Test func scaledRowsShareFourMultipliers() {
    let cycles = scaled(16, isScaled: true).map(\.0)
    #expect(cycles.count == 16)
    #expect(scaled(1, isScaled: true).map(\.0) == [11])
    for index in 0..<12 { #expect(cycles[index + 3] - cycles[index] == 19) }
  }

  /// Random rows for a scaler, and another that is set to its state now and then: both do the same.
  /// Where its turn is said to decide nothing, any other turn does the same until a row is scaled.
  @Test(arguments: [0, 3]) func aStateKeepsRowsAndTheirTurns(_ share: UInt64) {
    let halves = LocalHalves(
      LocalAddressLayout(scratchpadRows: 64, accumulatorRows: 32), scratchpadBanks: 2,
      accumulatorBanks: 1)
    let lanes = VectorScaler(units: 4, latency: 4, lanes: 16).laneCount
    var draw: UInt64 = 1
    func random(_ bound: UInt64) -> UInt64 {
      draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (draw >> 33) % bound
    }
    func read(_ scaler: inout VectorScaler, _ now: Cycle) -> StateCodec {
      var codec = StateCodec(readingAt: now, bases: [:], nextTag: 1, halves: halves)
      scaler.visit(&codec)
      return codec
    }
    var scaler = VectorScaler(units: 4, latency: 4, lanes: 16)
    var twin = scaler
    var shift = 0
    var shifted = 0
    for now in 0..<20_000 {
      if random(9) == 0 {
        let state = read(&scaler, now)
        var codec = StateCodec(setting: state.words, at: now, tags: [], bases: [:], halves: halves)
        // Sometimes another turn.
        shift = state.scalerTurn == nil ? 0 : Int(random(UInt64(lanes)))
        codec.scalerTurn = state.scalerTurn.map { ($0 + shift) % lanes }
        twin = VectorScaler(units: 4, latency: 4, lanes: 16)
        twin.visit(&codec)
        #expect(codec.isComplete && codec.isAtEnd)
      }
      let output = scaler.output
      #expect(output?.destination.row == twin.output?.destination.row, "cycle \(now)")
      let takes = output != nil && random(4) > 0
      let (one, other) = (
        scaler.tick(now, takesOutput: takes), twin.tick(now, takesOutput: takes)
      )
      #expect(one.moved == other.moved && one.isReady == other.isReady, "cycle \(now)")
      if one.isReady, random(3) > 0 {
        // With another turn only rows that are not scaled.
        let isScaled = shift == 0 && share > 0 && random(share) == 0
        let next = row(now % 64, isScaled: isScaled, repeats: Int(random(3)))
        scaler.accept(next)
        twin.accept(next)
      }
      if shift > 0 {
        let (turn, its) = (read(&scaler, now + 1).scalerTurn, read(&twin, now + 1).scalerTurn)
        if let turn, let its { #expect((turn + shift) % lanes == its) }
        shifted += 1
      }
    }
    #expect(share > 0 || shifted > 1000)
  }

  /// Facts 8.2: repeats from rows - 1 down to 0, last only on the final one.
  @Test func repeatedRowsComeBackwards() {
    let rows = scaled(1, isScaled: false, repeats: 15).map(\.1)
    #expect(rows.map(\.destination.row) == (0..<16).reversed())
    #expect(rows.map(\.isLast) == Array(repeating: false, count: 15) + [true])
  }

  /// Facts 8.2: copies q = p - 1 ... 0 at row - q; those below the floor take a cycle and are not
  /// written. The floor is 0, or half of the scratchpad in its upper half.
  @Test(arguments: [
    (100, 4, [97, 98, 99, 100]), (2, 4, [nil, 0, 1, 2]), (0, 3, [nil, nil, 0]),
    (8192, 3, [nil, nil, 8192]), (8195, 4, [8192, 8193, 8194, 8195]),
    (8191, 2, [8190, 8191]), (500, 1, [500]),
  ])
  func pixelCopies(_ start: Int, _ copies: Int, _ expected: [Int?]) {
    var repeater = PixelRepeater(scratchpadRows: 16384)
    repeater.accept(row(start, pixels: copies))
    for (index, expectedRow) in expected.enumerated() {
      let output = repeater.output
      #expect(output?.destination.row == expectedRow)
      if let output { #expect(output.isLast == (index == copies - 1)) }
      let (moved, isReady) = repeater.tick(takesOutput: output != nil)
      #expect(moved)
      #expect(isReady == (index == copies - 1))
    }
    #expect(repeater.isIdle)
  }

  @Test func aPixelCopyWaitsForItsPort() {
    var repeater = PixelRepeater(scratchpadRows: 16384)
    repeater.accept(row(9))
    let held = repeater.tick(takesOutput: false)
    #expect(!held.moved && !held.isReady)
    #expect(repeater.output?.destination.row == 9)
  }

  /// Facts 8.2: one block of zeros a cycle, at the block stride.
  @Test func zerosOfFourBlocks() {
    var writer = ZeroWriter(dim: 16)
    expectEqual(writer.tick(takesOutput: false), true)
    writer.accept(ZeroRequest(columns: 50, byteCount: 50, destination: row(7).destination))
    for block in 0..<4 {
      #expect(writer.output?.destination.row == 7 + 16 * block)
      #expect(writer.output?.isLast == (block == 3))
      expectEqual(writer.tick(takesOutput: false), false)
      expectEqual(writer.tick(takesOutput: true), (block == 3))
    }
    #expect(writer.isIdle)
  }
}
