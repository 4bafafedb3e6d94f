import Testing

@testable import SystolicCore

/// Drives a normaliser the way the move-out path does, one row at a time.
private struct NormalizerBench {
  var unit = NormalizerTiming(isPresent: true)
  var now = 0

  func row(_ command: UInt32, set: Int, nothing: Bool = false) -> OutgoingRow {
    var row = OutgoingRow(
      write: WriteRequest(address: 0, byteCount: 16, block: 0, stores: true), isGarbage: false,
      isAccumulator: true, row: 0, normCommand: command, statisticsID: set, commandSlot: 0)
    row.dividesNothing = nothing
    return row
  }

  /// Runs cycles until the row is taken; returns the cycle.
  mutating func accept(_ command: UInt32, set: Int, nothing: Bool = false, draining: Bool = true)
    -> Int
  {
    let row = row(command, set: set, nothing: nothing)
    for _ in 0..<200 {
      unit.begin(now)
      if draining, unit.hasOutput { unit.takeOutput(now) }
      let isTaken = unit.canAccept(row, now)
      if isTaken { unit.accept(row, now) }
      _ = unit.finish()
      now += 1
      if isTaken { return now - 1 }
    }
    return -1
  }
}

@Suite struct NormalizerTimingTests {
  /// Facts 8.7, "set free for the next row at", with the lane-drain rule for MAX: while a set is in
  /// get_max for it, no row is taken.
  @Test(arguments: [
    (1, 1), (3, 1), (6, 1), (5, 2), (2, 24), (4, 60), (7, 23),
  ])
  func setIsFreeAgain(_ command: UInt32, _ free: Int) {
    var bench = NormalizerBench()
    #expect(bench.accept(command, set: 0) == 0)
    #expect(bench.accept(1, set: 0) == free)
  }

  /// Facts 8.7: the division starts at 6, and until then the other set takes nothing; the sum of
  /// exponentials only holds rows off while it enters the lanes.
  @Test(arguments: [(2, 7), (4, 7), (5, 2), (7, 2), (1, 1), (3, 1), (6, 1)])
  func otherSetWaitsForTheLanes(_ command: UInt32, _ free: Int) {
    var bench = NormalizerBench()
    _ = bench.accept(command, set: 0)
    #expect(bench.accept(1, set: 1) == free)
  }

  /// Facts 8.7: 1 cycle in place of 18 or 14 if the numerator is 0 or an operand special.
  @Test(arguments: [(2, 7), (4, 43), (7, 10)])
  func nothingIsDividedAtOnce(_ command: UInt32, _ free: Int) {
    var bench = NormalizerBench()
    _ = bench.accept(command, set: 0, nothing: true)
    #expect(bench.accept(1, set: 0) == free)
  }

  /// A sum waits while the lanes of the maximum are busy: MAX at 0 keeps them until 5, so the sum of
  /// exponentials taken at 2 enters at 6, when its set takes the next row.
  /// A row of LayerNorm, all three passes on one set: 24 for the mean, 60 for the deviation, and the
  /// row leaves a cycle after it was taken.
  @Test func aRowOfLayerNorm() {
    var bench = NormalizerBench()
    #expect(bench.accept(2, set: 0) == 0)
    #expect(bench.accept(4, set: 0) == 24)
    #expect(bench.accept(0, set: 0) == 24 + 60)
    #expect(bench.accept(2, set: 0) == 24 + 60 + 1)
  }

  @Test func sumWaitsForTheMaximum() {
    var bench = NormalizerBench()
    _ = bench.accept(5, set: 0)
    #expect(bench.accept(6, set: 0) == 2)
    #expect(bench.accept(6, set: 0) == 6)
  }

  /// The second set's division starts no sooner than the first one's result, 18 cycles on.
  @Test func oneDividerServesBothSets() {
    var bench = NormalizerBench()
    #expect(bench.accept(2, set: 0) == 0)
    #expect(bench.accept(2, set: 1) == 7)
    // Divisions 6...24 and 24...42; the second holds the lanes until its own starts.
    #expect(bench.accept(1, set: 0) == 25)
    #expect(bench.accept(1, set: 1) == 42)
  }

  /// Rows of the other set that keep the lanes busy hold an inverse sum's division off.
  @Test func busyLanesHoldTheDivisionOff() {
    var bench = NormalizerBench()
    #expect(bench.accept(7, set: 0) == 0)
    #expect(bench.accept(1, set: 1) == 2)
    // In the lanes from 3 to 7: divided at 8 instead of 6.
    #expect(bench.accept(1, set: 0) == 25)
  }

  /// RESET stands at the output in the cycle after, and its set takes a row as it leaves.
  @Test func resetPassesThrough() {
    var bench = NormalizerBench()
    #expect((0..<5).map { _ in bench.accept(0, set: 0) } == [0, 1, 2, 3, 4])
    // Nothing takes the row: the set stays, the other one is free.
    #expect(bench.accept(0, set: 1, draining: false) == 5)
    #expect(bench.accept(0, set: 0, draining: false) == -1)
  }

  @Test func passThroughIsATwoEntryQueue() {
    var unit = NormalizerTiming(isPresent: false)
    let row = NormalizerBench().row(0, set: 0)
    unit.accept(row, 0)
    #expect(unit.hasOutput && unit.canAccept(row, 1))
    unit.accept(row, 1)
    #expect(!unit.canAccept(row, 2))
    unit.takeOutput(2)
    #expect(!unit.canAccept(row, 2) && unit.canAccept(row, 3))
  }

  /// Jumping from event to event finds the same cycles as looking at every one.
  @Test(arguments: [2, 4, 7] as [UInt32])
  func skippingFindsTheSameEnd(_ command: UInt32) {
    var bench = NormalizerBench()
    _ = bench.accept(command, set: 1)
    var unit = bench.unit
    var now = 1
    var steps = 0
    while unit.isActive {
      unit.begin(now)
      let moved = unit.finish()
      steps += 1
      if unit.isActive { now = moved ? now + 1 : max(now + 1, unit.nextEvent ?? now + 1) }
    }
    #expect(now == [2: 24, 4: 60, 7: 23][command])
    #expect(steps < 20)
  }
}
