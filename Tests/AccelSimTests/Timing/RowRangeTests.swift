import SystolicCore
import Testing

@testable import AccelSim

/// Overlap of row ranges against sets of rows.
@Suite struct RowRangeTests {
  private static let layout = LocalAddressLayout(scratchpadRows: 64, accumulatorRows: 16)

  private static func address(_ row: Int, isAccumulator: Bool = false) -> LocalAddress {
    LocalAddress(bits: (isAccumulator ? 0x8000_0000 : 0) | UInt32(row))
  }

  /// Facts 5.5: rows up to the end of the memory count; what wraps around is not seen.
  @Test(arguments: [false, true])
  func everyPairOfRanges(_ isAccumulator: Bool) throws {
    let rows = isAccumulator ? 16 : 64
    let step = isAccumulator ? 1 : 3
    let counts = [1, 2, 5, rows / 4, rows / 2]
    for start in Swift.stride(from: 0, to: rows, by: step) {
      for count in counts {
        let one = try #require(
          RowRange(
            Self.address(start, isAccumulator: isAccumulator), count: count, Self.layout))
        let ownRows = Set(start..<min(start + count, rows))
        for otherStart in Swift.stride(from: 0, to: rows, by: step) {
          for otherCount in counts {
            let other = try #require(
              RowRange(
                Self.address(otherStart, isAccumulator: isAccumulator), count: otherCount,
                Self.layout))
            let otherRows = Set(otherStart..<min(otherStart + otherCount, rows))
            let meet = !ownRows.isDisjoint(with: otherRows)
            #expect(one.overlaps(other) == meet, "\(start)+\(count), \(otherStart)+\(otherCount)")
            #expect(other.overlaps(one) == meet)
          }
        }
      }
    }
  }

  @Test func theMemoriesAreApart() throws {
    let one = try #require(RowRange(Self.address(3), count: 4, Self.layout))
    let other = try #require(
      RowRange(Self.address(3, isAccumulator: true), count: 4, Self.layout))
    #expect(!one.overlaps(other))
    #expect(!other.overlaps(one))
  }

  @Test func garbageHasNoRows() {
    #expect(RowRange(.garbage, count: 4, Self.layout) == nil)
    #expect(RowRange(toEndOfBank: .garbage, bankRows: 8, banks: 2, Self.layout) == nil)
  }

  /// Facts 5.5: pooling stores reach to the end of their accumulator bank.
  @Test func poolingReachesToTheEndOfTheBank() throws {
    for start in 0..<16 {
      let pooled = try #require(
        RowRange(
          toEndOfBank: Self.address(start, isAccumulator: true), bankRows: 8, banks: 2,
          Self.layout))
      for row in 0..<16 {
        let one = try #require(
          RowRange(Self.address(row, isAccumulator: true), count: 1, Self.layout))
        #expect(pooled.overlaps(one) == (row >= start && row / 8 == start / 8))
      }
    }
  }
}
