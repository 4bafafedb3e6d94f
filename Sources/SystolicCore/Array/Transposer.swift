/// The grid of registers that turns one operand (facts 7.5).
///
/// Rows enter from the right for `size` rows, then from below for `size` rows, and so on. While
/// one matrix enters, the one before leaves on the opposite side, line by line and transposed: the
/// operand is late by exactly one operation of `size` rows.
public struct Transposer: Equatable, Sendable {
  /// Rows and columns.
  public let size: Int
  private var cells: [Int8]
  private var rowsEntered = 0
  private var entersFromBelow = false

  /// Creates a cleared grid.
  public init(size: Int) {
    self.size = size
    cells = Array(repeating: 0, count: size * size)
  }

  /// The line that leaves when the next row enters.
  public var output: [Int8] {
    (0..<size).map { entersFromBelow ? cells[$0] : cells[$0 * size] }
  }

  /// One row enters and everything moves on by one place.
  public mutating func enter(_ row: [Int8]) {
    precondition(row.count == size, "a row of \(row.count) for a transposer of \(size)")
    if entersFromBelow {
      cells.removeFirst(size)
      cells.append(contentsOf: row)
    } else {
      for line in 0..<size {
        let start = line * size
        for at in start..<start + size - 1 { cells[at] = cells[at + 1] }
        cells[start + size - 1] = row[line]
      }
    }
    rowsEntered += 1
    if rowsEntered == size {
      rowsEntered = 0
      entersFromBelow.toggle()
    }
  }
}
