/// Writes a row several times, each copy shifted by one pixel (facts 8.2). One register.
public struct PixelRepeater: Sendable {
  private var row: IncomingRow?
  /// Copies still to come after the one at hand.
  private var copiesLeft = 0
  private let halfRows: Int

  /// Creates an idle repeater for a scratchpad of `scratchpadRows`.
  public init(scratchpadRows: Int) { halfRows = scratchpadRows / 2 }

  /// Whether nothing is held.
  @inline(__always)
  public var isIdle: Bool { row == nil }

  /// The copy would lie below the first row of its half: it takes its cycle, but is not written.
  @inline(__always)
  private var isBelowFloor: Bool {
    guard let row, !row.destination.isAccumulator else { return false }
    let floor = row.destination.row < halfRows ? 0 : halfRows
    return row.destination.row < floor + copiesLeft
  }

  /// The copy to be written this cycle, at its own address.
  @inline(__always)
  public var output: IncomingRow? {
    guard var row, !isBelowFloor else { return nil }
    row.destination.row -= copiesLeft
    row.isLast = row.isLast && copiesLeft == 0
    return row
  }

  /// Moves on after the copy in `output` was written or not.
  ///
  /// - Returns: Whether anything moved, and whether a row is accepted this cycle.
  @inline(__always)
  public mutating func tick(takesOutput: Bool) -> (moved: Bool, isReady: Bool) {
    guard row != nil else { return (false, true) }
    guard takesOutput || isBelowFloor else { return (false, false) }
    if copiesLeft == 0 {
      row = nil
      return (true, true)
    }
    copiesLeft -= 1
    return (true, false)
  }

  /// Takes a row; only in a cycle in which `tick` said that it is ready.
  public mutating func accept(_ next: IncomingRow) {
    row = next
    copiesLeft = max(next.destination.pixelRepeats, 1) - 1
  }
}

extension PixelRepeater {
  mutating func visit(_ codec: inout StateCodec) {
    guard codec.holds(&row, or: .none) else { return }
    row?.visit(&codec)
    codec.integer(&copiesLeft)
  }
}
