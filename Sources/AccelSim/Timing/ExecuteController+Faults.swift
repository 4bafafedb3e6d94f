import SystolicCore

/// A result for the scratchpad that has not been written completely.
struct UnwrittenResult: Sendable {
  var entry: Int
  /// Running number of the pair whose result it is.
  var pair: Int
  /// First and last row number.
  var rows: ClosedRange<Int>
}

/// What tells whether the array does what the program order says.
struct ArrayWatch: Sendable {
  /// The flip that a flush, or a preload without compute, sends along: set by an
  /// output-stationary result on its way, never with stationary weights (facts 6.4).
  var flushPropagates = false
  /// A flush has pushed stale operands into the sums of the chain at hand.
  var sumsAreSpoilt = false
  /// The last flip was lost: the array still uses the weights or sums before it.
  var flipIsLost = false
  /// Running number of the last preload, negative before that of a state that the machine was set to, and
  /// whether its pair has a result.
  var pair = 0
  var pairHasResult = false
  /// Results for the scratchpad on their way, oldest first.
  var unwritten: [UnwrittenResult] = []
}

/// What the hardware gets wrong, found where it happens (corrections C4, C5, C6; facts 7.3).
///
/// The functional result is that of the program order; where the hardware would leave another,
/// the run stops instead of giving the one or the other.
extension ExecuteController {
  /// What was found this cycle.
  mutating func takeFault() -> TimingFault? {
    guard let found = fault else { return nil }
    fault = nil
    return found
  }

  /// Sees a request leave for the array: in the flush state it carries the flush's flip (C4), and its
  /// result must have rows of its own (facts 7.3).
  mutating func noteRequest(_ pending: PendingRequest, _ mesh: MeshTiming, _ now: Cycle) {
    if state == .flush, pending.propagates != watch.flushPropagates {
      watch.flipIsLost = true
      if watch.pairHasResult { fault = .flipLost(cycle: now) }
    }
    if mesh.missesResult(pending.request) { fault = .resultMissed(cycle: now) }
  }

  /// Sees a flush start: one that does not flip pushes stale operands into the sums at hand (C6),
  /// unless one of them comes out of the transposer, to which a single compute feeds zeros.
  mutating func noteFlush() {
    let feedsZeros = (transposesA || transposesB) && operation.kind == .singleCompute
    if isOutputStationary, !watch.flushPropagates, !feedsZeros { watch.sumsAreSpoilt = true }
  }

  /// Sees an operation start: it must not compute with what a lost flip left (C4), add to spoilt
  /// sums (C6), or read rows that results in flight have yet to write (C5).
  mutating func noteStart(_ now: Cycle) {
    if !isOutputStationary { watch.flushPropagates = false }
    let computes = operation.kind != .singlePreload
    if computes, operation.propagates {
      watch.flipIsLost = false
      watch.sumsAreSpoilt = false
    }
    if computes, watch.flipIsLost, watch.pairHasResult { fault = .flipLost(cycle: now) }
    if computes, watch.sumsAreSpoilt { fault = .sumsFlushed(cycle: now) }
    if !watch.unwritten.isEmpty {
      // What a compute reads may be overwritten by its own pair's result.
      let own = computes ? watch.pair : nil
      check(operation.a, except: transposesA ? nil : own, now)
      check(operation.b, except: transposesB ? nil : own, now)
      check(operation.d, except: nil, now)
    }
    guard operation.kind != .singleCompute else { return }
    watch.pair += 1
    let tag = operation.tag
    watch.pairHasResult = tag.entry >= 0 && tag.rows > 0
    guard watch.pairHasResult, !tag.address.isAccumulator else { return }
    let first = tag.address.row(layout)
    let start = isOutputStationary ? first + (dim - 1) * (1 - cStride) : first
    let end = start + (tag.rows - 1) * cStride
    watch.unwritten.append(
      UnwrittenResult(
        entry: tag.entry, pair: watch.pair, rows: min(start, end)...max(start, end)))
  }

  private mutating func check(_ operand: ArrayOperand, except own: Int?, _ now: Cycle) {
    guard operand.isReal, operand.rows > 0 else { return }
    let rows = operand.start...operand.start + (operand.rows - 1) * operand.stride
    for result in watch.unwritten where result.pair != own && rows.overlaps(result.rows) {
      fault = .readsUnwrittenResult(row: max(rows.lowerBound, result.rows.lowerBound), cycle: now)
    }
  }
}

// MARK: State

extension ArrayWatch {
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&flushPropagates)
    codec.flag(&sumsAreSpoilt)
    codec.flag(&flipIsLost)
    codec.flag(&pairHasResult)
    let last = pair
    codec.list(&unwritten, UnwrittenResult(entry: 0, pair: 0, rows: 0...0)) { result, codec in
      codec.entry(&result.entry, of: CommandClass.execute.rawValue)
      var behind = last - result.pair
      codec.integer(&behind)
      result.pair = last - behind
      var (first, end) = (result.rows.lowerBound, result.rows.upperBound)
      codec.integer(&first)
      codec.integer(&end)
      result.rows = first...max(first, end)
    }
  }
}
