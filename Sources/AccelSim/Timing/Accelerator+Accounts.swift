import SystolicCore

/// What the units tell accounts.
extension Accelerator {
  /// Says what is charged for the cycle that has just run.
  @inline(__always)
  func describe(_ state: inout CycleState) {
    state.activities = activities
    state.occupancy.reads = reader.inFlight
    state.occupancy.writes = writer.inFlight
    guard state.entries != station.entriesInUse else { return }
    state.entries = station.entriesInUse
    state.occupancy.load = station.occupancy(.load)
    state.occupancy.execute = station.occupancy(.execute)
    state.occupancy.store = station.occupancy(.store)
    state.occupancy.nonlinear = station.occupancy(.nonlinear)
  }

  /// Rows that passed the ports of the local memories so far.
  var localTraffic: LocalTraffic {
    var traffic = LocalTraffic()
    traffic.scratchpadReads = scratchpad.rowsRead
    traffic.scratchpadWrites = scratchpad.rowsWritten
    for bank in accumulator {
      traffic.accumulatorReads += bank.rowsRead
      traffic.accumulatorWrites += bank.rowsWritten
    }
    return traffic
  }
}
