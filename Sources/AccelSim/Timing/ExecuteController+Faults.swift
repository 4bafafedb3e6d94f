import SystolicCore

/// What recorded hardware gets wrong, found where it happens (corrections C4, C5, C6).
///
/// The functional result is that of the program order; where the hardware would leave another,
/// the run stops instead of giving the one or the other.
extension ExecuteController {
  /// Sees a request leave for the array: in the flush state it carries the flush's flip (C4).
  mutating func noteFlip(_ pending: PendingRequest, _ now: Cycle) {
    if state == .flush, pending.propagates != flushPropagates { fault = .flipLost(cycle: now) }
  }

  /// Sees an operation start: it must not add to spoilt sums (C6) nor read rows that results in
  /// flight have yet to write (C5).
  mutating func noteStart(_ now: Cycle) {
    if !isOutputStationary { flushPropagates = false }
    if sumsAreSpoilt, operation.kind != .singlePreload {
      if !operation.propagates { fault = .sumsFlushed(cycle: now) }
      sumsAreSpoilt = false
    }
    if !unwritten.isEmpty {
      for operand in [operation.a, operation.b, operation.d] where operand.isReal {
        let last = operand.start + max(operand.rows - 1, 0) * operand.stride
        let rows = operand.start...last
        for result in unwritten where rows.overlaps(result.rows) {
          fault = .readsUnwrittenResult(row: max(operand.start, result.rows.lowerBound), cycle: now)
        }
      }
    }
    let tag = operation.tag
    if tag.entry >= 0, !tag.address.isAccumulator, tag.rows > 0 {
      let first = tag.address.row(layout)
      let start = isOutputStationary ? first + (dim - 1) * (1 - cStride) : first
      let end = start + (tag.rows - 1) * cStride
      unwritten.append(UnwrittenResult(entry: tag.entry, rows: min(start, end)...max(start, end)))
    }
  }
}
