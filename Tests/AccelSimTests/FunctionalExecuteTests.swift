import Testing

@testable import AccelSim

/// preload and compute in both dataflows against the obvious loops (facts 4.2 to 4.4, 7.3).
struct FunctionalExecuteTests {
  typealias Bench = FunctionalBench

  @Test(arguments: [4, 8, 16, 32])
  func weightStationary(_ dim: Int) throws {
    var random = Seeded(UInt64(dim))
    for round in 0..<10 {
      var bench = Bench(dim: dim)
      bench.fillScratchpad(rows: 8 * dim, &random)
      let depth = Int(random.next() % UInt64(dim)) + 1
      let columns = Int(random.next() % UInt64(dim)) + 1
      let transposeA = round % 3 == 1
      let transposeB = round % 3 == 2
      let strideA = round % 2 + 1
      let strideC = round % 4 == 3 ? 2 : 1
      let hasBias = round % 5 != 0
      try bench.configureExecute(
        transposeA: transposeA, transposeB: transposeB, strideA: strideA, strideC: strideC)
      let before = bench.machine
      var expected = [Int32](repeating: 0, count: dim * dim)
      // New weights, then the same weights with other rows, added to the same place.
      for (pass, function) in [Function.computePreloaded, .computeAccumulated].enumerated() {
        let rows = Int(random.next() % UInt64(dim)) + 1
        let weights = pass == 0 ? UInt64(3 * dim) : Bench.garbage
        let output = Bench.accumulator(17, adds: pass == 1)
        try bench.run(
          .preload, Bench.tile(depth, columns, weights), Bench.tile(rows, columns, output))
        let bias = hasBias ? UInt64(6 * dim) : Bench.garbage
        try bench.run(
          function, Bench.tile(rows, depth, UInt64(pass)), Bench.tile(rows, columns, bias))
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = hasBias ? Int32(before.scratchpad[6 * dim + row, column]) : 0
            for k in 0..<depth {
              let a =
                transposeA
                ? before.scratchpad[pass + k * strideA, row]
                : before.scratchpad[pass + row * strideA, k]
              let b =
                transposeB
                ? before.scratchpad[3 * dim + column, k] : before.scratchpad[3 * dim + k, column]
              sum += Int32(a) * Int32(b)
            }
            let at = row * dim + column
            expected[at] = pass == 0 ? sum : expected[at] + sum
          }
        }
      }
      for row in 0..<dim {
        for column in 0..<dim where 17 + row * strideC < 1024 {
          let found = bench.machine.accumulator[17 + row * strideC, column]
          #expect(found == expected[row * dim + column], "round \(round) \(row) \(column)")
        }
      }
    }
  }

  /// A chain over k with D, a shift, and C in either memory; 20-bit sums.
  @Test(arguments: [4, 8, 16])
  func outputStationary(_ dim: Int) throws {
    var random = Seeded(UInt64(100 + dim))
    for round in 0..<10 {
      var bench = Bench(dim: dim)
      bench.fillScratchpad(rows: 12 * dim, &random)
      let before = bench.machine
      let transposeA = round % 3 > 0
      let transposeB = round % 3 == 2
      let shift = Int(random.next() % 8)
      let isAccumulator = round % 2 == 0
      try bench.configureExecute(
        ws: false, activation: 1, transposeA: transposeA, transposeB: transposeB, shift: shift)
      let rows = Int(random.next() % UInt64(dim)) + 1
      let columns = Int(random.next() % UInt64(dim)) + 1
      let chain = 12
      var sums = [Int32](repeating: 0, count: dim * dim)
      for row in 0..<rows {
        for column in 0..<columns {
          sums[row * dim + column] = Int32(before.scratchpad[8 * dim + row, column])
        }
      }
      for step in 0..<chain {
        let a = (step % 3) * dim
        let b = (4 + step % 2) * dim
        let input = step == 0 ? UInt64(8 * dim) : Bench.garbage
        let place = isAccumulator ? Bench.accumulator(5) : 16000
        let output = step == chain - 1 ? place : Bench.garbage
        try bench.run(
          .preload, Bench.tile(rows, columns, input), Bench.tile(rows, columns, output))
        try bench.run(
          step == 0 ? .computePreloaded : .computeAccumulated, Bench.tile(rows, dim, UInt64(a)),
          Bench.tile(dim, columns, UInt64(b)))
        for row in 0..<rows {
          for column in 0..<columns {
            for k in 0..<dim {
              let left =
                transposeA ? before.scratchpad[a + k, row] : before.scratchpad[a + row, k]
              let right =
                transposeB ? before.scratchpad[b + column, k] : before.scratchpad[b + k, column]
              let sum = sums[row * dim + column] + Int32(left) * Int32(right)
              sums[row * dim + column] = (sum << 12) >> 12
            }
          }
        }
      }
      for row in 0..<rows {
        for column in 0..<columns {
          let exact = Double(sums[row * dim + column]) / Double(1 << shift)
          let shifted = Int32(exact.rounded(.toNearestOrEven))
          if isAccumulator {
            let found = bench.machine.accumulator[5 + row, column]
            #expect(found == min(shifted, 524_287))
          } else {
            let found = bench.machine.scratchpad[16000 + row, column]
            #expect(found == Int8(max(min(shifted, 127), 0)))
          }
        }
      }
    }
  }

  /// Facts C4 as a program, and what the software model makes of it.
  @Test(arguments: [(NumericsModel.hardware, -393_216), (.softwareModel, 655_360)])
  func wrappingSums(_ numerics: NumericsModel, _ expected: Int) throws {
    var bench = Bench { $0.features.numerics = numerics }
    bench.machine.scratchpad.write([0x80], from: 0, count: 1, row: 0)
    try bench.configureExecute(ws: false, shift: 0)
    for step in 0..<40 {
      let output = step == 39 ? Bench.accumulator(0) : Bench.garbage
      try bench.run(.preload, Bench.tile(1, 1, Bench.garbage), Bench.tile(1, 1, output))
      try bench.run(
        step == 0 ? .computePreloaded : .computeAccumulated, Bench.tile(1, 1, 0),
        Bench.tile(1, 1, 0))
    }
    #expect(Int(bench.machine.accumulator[0, 0]) == expected)
  }

  /// 32 x 128 x 128 is one more than 20 bits hold (facts 4.2).
  @Test func widestColumnWraps() throws {
    var bench = Bench(dim: 32)
    for row in 0..<64 {
      bench.machine.scratchpad.write(
        [UInt8](repeating: 0x80, count: 32), from: 0, count: 32, row: row)
    }
    try bench.configureExecute()
    try bench.run(.preload, Bench.tile(32, 32, 0), Bench.tile(32, 32, Bench.accumulator(0)))
    try bench.run(
      .computePreloaded, Bench.tile(32, 32, 32), Bench.tile(32, 32, Bench.garbage))
    #expect(bench.machine.accumulator[31, 31] == -524_288)
  }

  /// Only the strides change; the dataflow and transposes stay (facts 3.3).
  @Test func onlyStrides() throws {
    var bench = Bench()
    try bench.configureExecute(ws: false, transposeA: true, shift: 3)
    try bench.configureExecute(ws: true, strideA: 5, strideC: 6, shift: 9, onlyStrides: true)
    let array = bench.machine.array
    #expect(!array.isWeightStationary && array.transposesA && array.shift == 3)
    #expect(array.strideA == 5 && array.strideC == 6)
  }

  /// The hardware's row address counts down from the array's last row (facts 6.4, quirk).
  @Test(arguments: [(NumericsModel.hardware, 200 - 15), (.softwareModel, 200)])
  func outputStationaryStride(_ numerics: NumericsModel, _ start: Int) throws {
    var bench = Bench { $0.features.numerics = numerics }
    bench.machine.scratchpad.write([1], from: 0, count: 1, row: 0)
    bench.machine.scratchpad.write([2], from: 0, count: 1, row: 1)
    try bench.configureExecute(ws: false, strideC: 2)
    try bench.run(.preload, Bench.tile(2, 1, 0), Bench.tile(2, 1, Bench.accumulator(200)))
    try bench.run(
      .computePreloaded, Bench.tile(2, 1, Bench.garbage), Bench.tile(1, 1, Bench.garbage))
    #expect(bench.machine.accumulator[start, 0] == 1)
    #expect(bench.machine.accumulator[start + 2, 0] == 2)
  }
}
