import SystolicCore

/// Who wrote each local row last, so that loads whose rows land in the wrong order are noticed.
///
/// The reservation station does not order loads among each other, and a request that the bus
/// refused comes back behind younger ones (corrections C3): then the older load's row lands last.
struct LoadOrder: Sendable {
  private var scratchpad: [UInt32]
  private var accumulator: [UInt32]

  init(_ machine: Machine) {
    scratchpad = Array(repeating: 0, count: machine.scratchpadRows)
    accumulator = Array(repeating: 0, count: machine.accumulatorRows)
  }

  /// Notes that a load wrote a row.
  ///
  /// - Returns: Whether a younger load had written it before, other than by adding to it.
  mutating func note(_ write: MoveInWrite) -> Bool {
    // Repeated pixels of different rows fall into different columns of one.
    guard !write.isPartial else { return false }
    if write.isAccumulator {
      guard write.row < accumulator.count else { return false }
      if write.order < accumulator[write.row] { return !write.accumulates }
      accumulator[write.row] = write.order
    } else {
      guard write.row < scratchpad.count else { return false }
      if write.order < scratchpad[write.row] { return true }
      scratchpad[write.row] = write.order
    }
    return false
  }
}

// MARK: State

extension LoadOrder {
  /// Rows that a load younger than the oldest one under way has written: only they can be met by
  /// an older one. Runs after all that holds loads.
  mutating func visit(_ codec: inout StateCodec) {
    Self.visit(&scratchpad, isAccumulator: false, &codec)
    Self.visit(&accumulator, isAccumulator: true, &codec)
  }

  private static func visit(
    _ rows: inout [UInt32], isAccumulator: Bool, _ codec: inout StateCodec
  ) {
    let (last, oldest) = (codec.lastOrder, codec.oldestLoad)
    var young: [Int] = []
    if !codec.isRestoring {
      for index in rows.indices {
        let row = codec.row(at: index, isAccumulator: isAccumulator)
        if rows[row] != 0, last &- rows[row] < oldest { young.append(row) }
      }
    }
    codec.list(&young, 0) { $1.row(&$0, isAccumulator: isAccumulator) }
    if codec.isRestoring { rows = Array(repeating: 0, count: rows.count) }
    for row in young {
      guard rows.indices.contains(row) else { return codec.giveUp() }
      var behind = last &- rows[row]
      codec.integer(&behind)
      if codec.isRestoring { rows[row] = last &- behind }
    }
  }
}
