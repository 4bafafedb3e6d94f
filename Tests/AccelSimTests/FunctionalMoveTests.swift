import Testing

@testable import AccelSim

/// Moves between main memory and the local memories (facts 3.2, 3.4, 4.5 to 4.7).
struct FunctionalMoveTests {
  typealias Bench = FunctionalBench

  @Test func blocksAndStrides() throws {
    var bench = Bench()
    var random = Seeded(1)
    let image = (0..<1000).map { _ in Int8(truncatingIfNeeded: random.next()) }
    bench.host(image, at: 0)
    try bench.configureLoad(state: 1, stride: 100, blockStride: 20)
    try bench.run(.mvin2, Bench.memory + 3, Bench.tile(5, 40, 7))
    for row in 0..<5 {
      for column in 0..<40 {
        let found = bench.machine.scratchpad[7 + row + column / 16 * 20, column % 16]
        #expect(found == image[3 + row * 100 + column])
      }
      #expect(bench.machine.scratchpad[7 + row + 40, 8] == 0, "columns beyond are untouched")
    }
    try bench.configureLoad(stride: 100, blockStride: 16)
    try bench.run(.mvin, Bench.memory, Bench.tile(16, 64 - 30, 100))
    try bench.configureStore(stride: 50)
    try bench.run(.mvout, Bench.memory + 4000, Bench.tile(9, 34, 100))
    for row in 0..<9 {
      let expected = Array(image[row * 100..<row * 100 + 34])
      #expect(bench.host(at: UInt64(4000 + row * 50), count: 34) == expected)
    }
    #expect(bench.host(at: 4034, count: 16) == [Int8](repeating: 0, count: 16))
  }

  @Test func repeatedRowZerosAndAccumulation() throws {
    var bench = Bench()
    bench.host([1, 0, 0, 0, -1, -1, -1, -1], at: 0)  // 1 and -1 as int32
    try bench.configureLoad(stride: 0)
    try bench.run(.mvin, Bench.memory, Bench.tile(3, 2, Bench.accumulator(5)))
    try bench.run(.mvin, Bench.memory, Bench.tile(2, 2, Bench.accumulator(6, adds: true)))
    #expect((5...8).map { bench.machine.accumulator[$0, 0] } == [1, 2, 2, 0])
    #expect((5...8).map { bench.machine.accumulator[$0, 1] } == [-1, -2, -2, 0])
    try bench.run(.mvin, 0, Bench.tile(1, 2, Bench.accumulator(6)))
    #expect(bench.machine.accumulator[6, 0] == 0)
  }

  @Test func scaledAndShrunk() throws {
    var bench = Bench()
    bench.host([3, 5, -3, 127, -128], at: 0)
    try bench.configureLoad(stride: 16, scale: 0.5, shrink: true)
    try bench.run(.mvin, Bench.memory, Bench.tile(1, 5, Bench.accumulator(0)))
    #expect((0..<5).map { bench.machine.accumulator[0, $0] } == [2, 2, -2, 64, -64])
    try bench.configureLoad(stride: 16, scale: 1.5)
    try bench.run(.mvin, Bench.memory, Bench.tile(1, 5, 9))
    #expect((0..<5).map { bench.machine.scratchpad[9, $0] } == [4, 8, -4, 127, -128])
  }

  /// A copy never crosses the start of the memory or of its upper half.
  @Test func pixelRepeats() throws {
    var bench = Bench()
    bench.host([1, 2, 3, 4, 5, 6, 7, 8, 9], at: 0)
    try bench.configureLoad(stride: 3, repeats: 3)
    for start in [0, 8192] {
      try bench.run(.mvin, Bench.memory, Bench.tile(3, 3, UInt64(start)))
      let row0: [Int8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
      let row1: [Int8] = [4, 5, 6, 7, 8, 9, 0, 0, 0, 0]
      #expect((0..<10).map { bench.machine.scratchpad[start, $0] } == row0)
      #expect((0..<10).map { bench.machine.scratchpad[start + 1, $0] } == row1)
      #expect((0..<4).map { bench.machine.scratchpad[start + 2, $0] } == [7, 8, 9, 0])
    }
    #expect(bench.machine.scratchpad[8191, 3] == 0)
  }

  @Test func activationsAndScale() throws {
    for (numerics, expected) in [(NumericsModel.hardware, 0), (.softwareModel, 2)] {
      var bench = Bench { $0.features.numerics = numerics }
      bench.setAccumulator(1, [-3, 1000])
      try bench.configureStore(stride: 8, activation: 1, scaleBits: Float(-0.5).bitPattern)
      try bench.run(.mvout, Bench.memory, Bench.tile(1, 2, Bench.accumulator(1)))
      #expect(bench.host(at: 0, count: 1) == [Int8(expected)], "ReLU before, or after, the scale")
      try bench.configureStore(stride: 8, scaleBits: 0x3DFC_D35B)
      try bench.configureStore(stride: 8, scaleBits: .max)
      try bench.run(.mvout, Bench.memory, Bench.tile(1, 2, Bench.accumulator(1)))
      #expect(bench.host(at: 0, count: 2) == [0, 123], "all ones keeps the scale")
      try bench.run(.mvout, Bench.memory, Bench.tile(1, 2, Bench.accumulator(1, full: true)))
      #expect(bench.host(at: 0, count: 8) == [-3, -1, -1, -1, -24, 3, 0, 0])
    }
  }

  @Test func pooledMvoutIsTheLargestOfEachWindow() throws {
    var random = Seeded(3)
    for round in 0..<30 {
      var bench = Bench()
      let rows = Int(random.next() % 6) + 3
      let columns = Int(random.next() % 6) + 3
      let size = round % 3 + 1
      let stride = Int(random.next() % 3) + 1
      let upper = size == 1 ? 0 : Int(random.next() % 2)
      let left = size == 1 ? 0 : Int(random.next() % 2)
      let outRows = (rows + 2 * upper - size) / stride + 1
      let outColumns = (columns + 2 * left - size) / stride + 1
      bench.fillScratchpad(rows: rows * columns, &random)
      var pool = UInt64(stride << 4 | size << 6 | upper << 8 | left << 10)
      pool |= UInt64(outColumns + 1) << 24 | UInt64(outRows) << 32 | UInt64(outColumns) << 40
      pool |= UInt64(rows) << 48 | UInt64(columns) << 56
      try bench.configureStore(stride: 20, pool: pool)
      try bench.run(.mvout, Bench.memory, Bench.tile(0, 5, 0))
      for outRow in 0..<outRows {
        for outColumn in 0..<outColumns {
          var best = [Int8](repeating: .min, count: 5)
          for row in outRow * stride - upper..<outRow * stride - upper + size {
            for column in outColumn * stride - left..<outColumn * stride - left + size {
              let isInside = (0..<rows).contains(row) && (0..<columns).contains(column)
              for i in 0..<5 {
                let value = isInside ? bench.machine.scratchpad[row * columns + column, i] : 0
                best[i] = max(best[i], value)
              }
            }
          }
          let offset = (outRow * (outColumns + 1) + outColumn) * 20
          #expect(bench.host(at: UInt64(offset), count: 5) == best)
        }
      }
    }
  }

  /// Pool size without stride: consecutive local rows become the pixels of an image.
  @Test func imageOfRows() throws {
    var bench = Bench()
    var random = Seeded(4)
    bench.fillScratchpad(rows: 12, &random)
    let pool: UInt64 = 1 << 6 | 7 << 24 | 3 << 48 | 4 << 56
    try bench.configureStore(stride: 4, pool: pool)
    try bench.run(.mvout, Bench.memory, Bench.tile(1, 4, 0))
    for row in 0..<3 {
      for column in 0..<4 {
        let expected = (0..<4).map { bench.machine.scratchpad[row * 4 + column, $0] }
        #expect(bench.host(at: UInt64((row * 7 + column) * 4), count: 4) == expected)
      }
    }
  }

  @Test func storeToScratchpad() throws {
    var bench = Bench()
    bench.setAccumulator(0, [300, -5])
    bench.setAccumulator(1, [7, -300])
    try bench.configureStore(stride: 0)
    let target: UInt64 = 2 << 32 | 40
    try bench.run(.mvoutSpad, target, Bench.tile(2, 2, Bench.accumulator(0)))
    #expect([bench.machine.scratchpad[40, 0], bench.machine.scratchpad[40, 1]] == [127, -5])
    #expect([bench.machine.scratchpad[42, 0], bench.machine.scratchpad[42, 1]] == [7, -128])
  }

  /// Rows with statistics commands write nothing; config_st clears the softmax bit.
  @Test func statisticsAndStickiness() throws {
    var bench = Bench { $0.features.normalizations = true }
    bench.setAccumulator(3, [10, 20, 30, 40])
    try bench.configureStore(stride: 0, activation: 2)
    for norm in [2, 4] {
      let row = Bench.accumulator(3, norm: norm)
      try bench.run(.mvout, Bench.memory, Bench.tile(1, 4, row))
    }
    #expect(bench.host(at: 0, count: 4) == [0, 0, 0, 0])
    #expect(bench.machine.store.statistics[0].mean == 25)
    try bench.run(.mvout, Bench.memory, Bench.tile(1, 4, Bench.accumulator(3)))
    // Deviation floor(sqrt(125)) = 11: -15/11, -5/11, 5/11, 15/11.
    #expect(bench.host(at: 0, count: 4) == [-1, 0, 0, 1])
    try bench.run(.config, 3 | 1 << 16, 0)
    #expect(bench.machine.store.registers.activation == 4 | 2)
    try bench.configureStore(stride: 0)
    #expect(bench.machine.store.registers.activation == 0)
  }

  @Test func trivialDivisionsAreKnown() throws {
    var bench = Bench { $0.features.normalizations = true }
    bench.setAccumulator(0, [5, -5])
    bench.setAccumulator(1, [5, 5])
    try bench.configureStore(stride: 0, activation: 2)
    try bench.run(.mvout, Bench.memory, Bench.tile(2, 2, Bench.accumulator(0, norm: 2)))
    #expect(bench.machine.trivialDivisions == [0])
  }
}
