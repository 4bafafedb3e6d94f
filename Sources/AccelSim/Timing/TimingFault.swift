import SystolicCore

/// Something that the hardware forbids or gets wrong, seen while a program ran.
enum TimingFault: Equatable, Sendable {
  /// A load's row landed after that of a younger load to the same row: the DMA swapped them
  /// (corrections C3).
  case loadsSwapped(isAccumulator: Bool, row: Int, cycle: Cycle)
  /// An operation reached the array while the controller was about to flush, and lost the flip of
  /// its weights or sums (corrections C4).
  case flipLost(cycle: Cycle)
  /// The array is to read scratchpad rows whose results are still on their way (corrections C5;
  /// facts 6.4: the hardware compares start addresses only).
  case readsUnwrittenResult(row: Int, cycle: Cycle)
  /// Output-stationary sums that a flush has spoilt are added to (corrections C6).
  case sumsFlushed(cycle: Cycle)
  /// An accumulating write to a row whose last write is still in its pipeline (corrections C7).
  case accumulateTooSoon(row: Int, cycle: Cycle)
  /// A weight-stationary operation reached the array directly behind an output-stationary one, whose
  /// tag takes the rows of its result (facts 7.3).
  case resultMissed(cycle: Cycle)
  /// More finished writes than a sub-bank of a single-ported accumulator bank can queue.
  case accumulatorWritesPileUp(bank: Int, cycle: Cycle)

  /// Whether the hardware asserts or stands still, rather than giving a wrong result.
  var isForbidden: Bool {
    switch self {
    case .loadsSwapped, .flipLost, .readsUnwrittenResult, .sumsFlushed: false
    case .accumulateTooSoon, .resultMissed, .accumulatorWritesPileUp: true
    }
  }
}

extension TimingFault: CustomStringConvertible {
  var description: String {
    switch self {
    case .loadsSwapped(let isAccumulator, let row, let cycle):
      "cycle \(cycle): a load wrote \(isAccumulator ? "accumulator" : "scratchpad") row \(row) "
        + "after a younger load had; order them by a command that depends on the first or by a "
        + "fence (corrections C3)"
    case .flipLost(let cycle):
      "cycle \(cycle): a short operation reached the array behind the start of a flush and lost "
        + "its flip, so its results are wrong; put other work or a fence before config_ex "
        + "(corrections C4)"
    case .readsUnwrittenResult(let row, let cycle):
      "cycle \(cycle): the array reads scratchpad row \(row) while the result for it is still on "
        + "its way; fence, or read from the result's own start address (corrections C5)"
    case .sumsFlushed(let cycle):
      "cycle \(cycle): output-stationary sums were spoilt by a flush while their chain waited; "
        + "start the chain after a fence (corrections C6)"
    case .accumulateTooSoon(let row, let cycle):
      "cycle \(cycle): accumulating result for accumulator row \(row) while its last write is "
        + "still under way; the hardware asserts (corrections C7)"
    case .resultMissed(let cycle):
      "cycle \(cycle): a weight-stationary operation directly behind output-stationary sums that "
        + "nothing pushed out of the array; the hardware takes its result for theirs and stands "
        + "still, or writes later rows in its place: give the last preload before config_ex changes "
        + "the dataflow an address for C (facts 7.3)"
    case .accumulatorWritesPileUp(let bank, let cycle):
      "cycle \(cycle): accumulator bank \(bank) has more finished writes for one sub-bank than its "
        + "queue of 3 holds; results must alternate between sub-banks (facts 8.5)"
    }
  }
}
