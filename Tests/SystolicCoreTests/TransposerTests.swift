import Testing

@testable import SystolicCore

@Suite struct TransposerTests {
  /// Facts 7.5: while a matrix enters, line i of the matrix before leaves with its row i.
  @Test(arguments: 1...32) func delaysByOneMatrix(size: Int) throws {
    var numbers = SeededNumbers(size)
    var transposer = Transposer(size: size)
    var before: TileMatrix?
    for _ in 0..<4 {
      let matrix = try TileMatrix.random(size, size, using: &numbers)
      for row in 0..<size {
        if let before {
          #expect(transposer.output == (0..<size).map { before[$0, row] })
        }
        transposer.enter((0..<size).map { matrix[row, $0] })
      }
      before = matrix
    }
  }
}
