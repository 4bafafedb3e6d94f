import SystolicCore

/// A place in a program where the recorded hardware's result depends on when commands arrive.
///
/// The functional result is that of the program order. Whether the hardware would have met the
/// case, only the timing machine can tell (corrections C4 to C7).
public struct Hazard: Equatable, Sendable, CustomStringConvertible {
  /// Which case.
  public enum Kind: String, Sendable {
    /// config_ex directly after a weight-stationary compute of 4 rows that flips: if the compute
    /// runs without a preload overlapped, the flip is lost (corrections C4).
    case flipBeforeConfig
    /// The array reads scratchpad rows that a pair shortly before writes, from another start:
    /// the hardware compares starts only, and may read the old rows (facts 6.4).
    case overlappingResult
    /// The array reads the scratchpad rows of the pair before, whose preload took four rows: the
    /// hardware may not have the tag yet, and read the old rows (corrections C5).
    case unseenResult
    /// An output-stationary chain over k begins while an older result may still be in the array:
    /// if the chain stalls, the flush corrupts it (corrections C6).
    case chainBehindResult
    /// Weight-stationary work behind output-stationary sums without a C: if no earlier result was on
    /// its way when config_ex came, nothing pushed the sums out, and the hardware stands still
    /// (facts 7.3).
    case sumsLeftBehind
    /// An accumulating compute adds to a row that the pair before it writes one or two cycles
    /// earlier if the two run back to back: the hardware asserts (corrections C7).
    case closeAccumulation
    /// Fewer rows pass the array than C has: whether the rest is written depends on overlap.
    case shortResult
    /// Garbage weights are flipped in before a whole matrix of zeros was certainly pushed through.
    case partialZeros
  }

  /// As many are kept.
  static let limit = 100

  /// What the hardware may do otherwise; the raw value stands in `description`.
  public var kind: Kind
  /// Commands executed before the one that meets it.
  public var index: Int

  public var description: String { "command \(index): \(kind.rawValue)" }
}

/// A pair that the array has executed, as far as hazards ask.
struct ExecutedPair: Sendable {
  var output: ArrayContent.Pending
  /// Local row of C's first row, and rows from one of its rows to the next.
  var first: Int
  var stride: Int
  /// Rows pushed through the array.
  var pushed: Int
  var flips: Bool
  /// Running number.
  var index: Int

  /// Rows of local memory from the first to the last of C.
  var rows: Range<Int> {
    let last = first + (output.outputRows - 1) * stride
    return min(first, last)..<max(first, last) + 1
  }
}

extension FunctionalMachine {
  /// Notes `kind` for the command being executed.
  mutating func note(_ kind: Hazard.Kind) {
    if hazards.count < Hazard.limit { hazards.append(Hazard(kind: kind, index: executed)) }
  }

  /// Remembers a pair; those with C in the scratchpad as long as their tags may be in the array.
  mutating func remember(_ pair: ExecutedPair, hasResult: Bool) {
    array.last = pair
    array.lastHasResult = hasResult
    if !array.inScratchpad.isEmpty {
      array.inScratchpad.removeAll { pair.index - $0.index > 6 }
    }
    if hasResult && !pair.output.output.isAccumulator { array.inScratchpad.append(pair) }
  }

  /// Notes what reading `rows` rows from `first` on may miss.
  mutating func noteRead(_ first: Int, _ rows: Int) {
    guard !array.inScratchpad.isEmpty, let last = array.last else { return }
    for pair in array.inScratchpad where pair.rows.overlaps(first..<first + rows) {
      if pair.first != first {
        note(.overlappingResult)
      } else if pair.index == last.index && pair.output.inputIsGarbage
        && array.isWeightStationary && machine.config.scratchpad.readPipelineStages > 0
      {
        note(.unseenResult)
      }
    }
  }

  /// Notes an accumulation onto a row that the pair before writes too short a time before.
  mutating func noteAccumulation(_ address: LocalAddress, _ first: Int) {
    guard address.isAccumulator, address.accumulates, array.lastHasResult, let last = array.last,
      last.output.output.isAccumulator, last.first != first, array.strideC == last.stride,
      last.stride > 0
    else { return }
    let distance = first - last.first
    guard distance > 0, distance.isMultiple(of: last.stride) else { return }
    let rowsApart = distance / last.stride
    let cyclesApart = last.pushed - rowsApart
    if rowsApart < last.output.outputRows && cyclesApart <= machine.config.accumulator.latency {
      note(.closeAccumulation)
    }
  }
}
