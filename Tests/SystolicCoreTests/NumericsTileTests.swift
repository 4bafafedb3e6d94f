import Testing

@testable import SystolicCore

/// The tile kernel and the memories' contents against the obvious loops.
struct NumericsTileTests {
  @Test(arguments: [2, 4, 8, 16, 32, 64])
  func productsEqualTheNaiveOnes(_ dim: Int) {
    var random = SplitMix(seed: UInt64(dim))
    for round in 0..<12 {
      var scratchpad = ScratchpadData(rows: 4 * dim, dim: dim)
      // Every third round holds the most negative value only, where int16 sums would overflow.
      for row in 0..<scratchpad.rows {
        let bytes = (0..<dim).map { _ in
          round % 3 == 0 ? 0x80 : UInt8(truncatingIfNeeded: random.next())
        }
        scratchpad.write(bytes, from: 0, count: dim, row: row)
      }
      let isWhole = round < 3
      let rows = isWhole ? dim : Int(random.next() % UInt64(dim)) + 1
      let depth = isWhole ? dim : Int(random.next() % UInt64(dim)) + 1
      let columns = isWhole ? dim : Int(random.next() % UInt64(dim)) + 1
      let transposesA = round % 2 == 1
      let transposesB = round % 4 >= 2
      let stride = round % 5 == 0 ? 2 : 1
      var left = PackedRows(dim: dim)
      var right = PackedMatrix(dim: dim)
      var sums = TileSums(dim: dim)
      left.pack(
        scratchpad, from: 1, rows: rows, columns: depth, stride: stride, transposed: transposesA)
      right.pack(scratchpad, from: 3 * dim, rows: depth, columns: columns, transposed: transposesB)
      sums.load(scratchpad, from: 2 * dim, rows: rows, columns: columns)
      sums.multiplyAdd(left, right, rows: rows)
      for row in 0..<dim {
        for column in 0..<dim {
          var expected = 0
          if row < rows && column < columns {
            expected = Int(scratchpad[2 * dim + row, column])
            for k in 0..<depth {
              let a =
                transposesA
                ? scratchpad[1 + k * stride, row] : scratchpad[1 + row * stride, k]
              let b =
                transposesB ? scratchpad[3 * dim + column, k] : scratchpad[3 * dim + k, column]
              expected += Int(a) * Int(b)
            }
          }
          #expect(Int(sums[row, column]) == expected)
        }
      }
    }
  }

  /// Facts C4: 40 products of (-128)(-128) in 20 bits.
  @Test func twentyBitSumsWrap() {
    var scratchpad = ScratchpadData(rows: 16, dim: 16)
    scratchpad.write([0x80], from: 0, count: 1, row: 0)
    var left = PackedRows(dim: 16)
    var right = PackedMatrix(dim: 16)
    var sums = TileSums(dim: 16)
    left.pack(scratchpad, from: 0, rows: 1, columns: 1, stride: 1, transposed: false)
    right.pack(scratchpad, from: 0, rows: 1, columns: 1, transposed: false)
    for _ in 0..<40 {
      sums.multiplyAdd(left, right, rows: 1)
      sums.wrap(rows: 16, bits: 20)
    }
    #expect(sums[0, 0] == -393_216)
    #expect(sums.shifted(by: 0, bits: 20)[0, 0] == -393_216)
    #expect(sums.shifted(by: 4, bits: 12)[0, 0] == -2048)
  }

  @Test func tilesInLocalMemory() {
    var source = ScratchpadData(rows: 16, dim: 16)
    source.write([100, 0x9C, 3], from: 0, count: 3, row: 1)
    var sums = TileSums(dim: 16)
    sums.load(source, from: 0, rows: 2, columns: 3)
    var right = PackedMatrix(dim: 16)
    var left = PackedRows(dim: 16)
    right.pack(source, from: 1, rows: 1, columns: 3, transposed: false)
    left.pack(source, from: 1, rows: 1, columns: 1, stride: 1, transposed: false)
    sums.multiplyAdd(left, right, rows: 1)  // row 0: 10000 -10000 300
    var scratchpad = ScratchpadData(rows: 8, dim: 16)
    scratchpad.write(
      sums, rows: 2, columns: 3, at: 1, stride: 3, relu: true, lastFirst: false)
    #expect((0..<4).map { scratchpad[1, $0] } == [127, 0, 127, 0])
    #expect((0..<4).map { scratchpad[4, $0] } == [100, 0, 3, 0])
    scratchpad.write(
      sums, rows: 2, columns: 2, at: 6, stride: 0, relu: false, lastFirst: true)
    #expect((0..<4).map { scratchpad[6, $0] } == [127, -128, 0, 0])
    var accumulator = AccumulatorData(rows: 8, dim: 16)
    for _ in 0..<2 {
      accumulator.write(
        sums, rows: 2, columns: 3, at: 1, stride: 3, accumulate: true, lastFirst: false)
    }
    #expect((0..<4).map { accumulator[1, $0] } == [20000, -20000, 600, 0])
    accumulator.write(
      sums, rows: 1, columns: 16, at: 1, stride: 1, accumulate: false, lastFirst: false)
    #expect((0..<4).map { accumulator[1, $0] } == [10000, -10000, 300, 0])
  }

  @Test func accumulationWraps() {
    var accumulator = AccumulatorData(rows: 2, dim: 4)
    accumulator.write(
      [0, 0xFF, 0xFF, 0xFF, 0x7F], from: 1, count: 1, row: 1, accumulate: false)
    #expect(accumulator[1, 0] == .max)
    accumulator.writeNarrow([9, 1, 0xFF], from: 1, count: 2, row: 1, accumulate: true)
    #expect(accumulator[1, 0] == .min && accumulator[1, 1] == -1)
  }

  @Test func mainMemory() {
    var memory = MainMemoryData()
    let page: UInt64 = 0x8001_0000
    let bytes = (0..<40).map { UInt8($0) }
    var done = memory.write(bytes, count: 40, at: page - 20)
    #expect(done)
    #expect(memory.bytes(at: page - 20, count: 40) == bytes)
    #expect(memory.bytes(at: page - 22, count: 3) == [0, 0, 0])
    let copy = memory
    done = memory.zero(at: page - 1, count: 65538)
    #expect(done)
    #expect(memory.bytes(at: page - 2, count: 5) == [18, 0, 0, 0, 0])
    #expect(copy.bytes(at: page - 2, count: 5) == [18, 19, 20, 21, 22])
    done = memory.write([1, 2], count: 2, at: 0x4_7FFF_FFFE)
    #expect(done)
    #expect(memory.bytes(at: 0x4_7FFF_FFFE, count: 2) == [1, 2])
  }

  @Test func bytesOutsideMainMemory() {
    var memory = MainMemoryData()
    for (address, count) in [(0x4_7FFF_FFFF, 2), (0x7FFF_FFFF, 1), (0, 1), (UInt64.max, 1)] {
      let wrote = memory.write([1, 2], count: count, at: address)
      let zeroed = memory.zero(at: address, count: count)
      #expect(!wrote && !zeroed && memory.bytes(at: address, count: count) == nil)
    }
    #expect(memory.bytes(at: 0x4_8000_0000, count: 0) == [])
  }
}
