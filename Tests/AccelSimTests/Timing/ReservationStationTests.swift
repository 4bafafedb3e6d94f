import SystolicCore
import Testing

@testable import AccelSim

/// Who waits for whom, against facts 5.5.
@Suite struct ReservationStationTests {
  private static let spad: UInt64 = 100
  private static let other: UInt64 = 5000
  private static let acc = TimingBench.accumulator(32)

  private static func tile(_ address: UInt64) -> UInt64 { TimingBench.tile(16, 16, address) }
  private static func load(_ address: UInt64) -> Command {
    Command(.mvin, TimingBench.memory, tile(address))
  }
  private static func store(_ address: UInt64) -> Command {
    Command(.mvout, TimingBench.memory, tile(address))
  }
  private static func preload(_ input: UInt64, _ result: UInt64) -> Command {
    Command(.preload, tile(input), tile(result))
  }
  private static func compute(_ a: UInt64, _ d: UInt64) -> Command {
    Command(.computePreloaded, tile(a), tile(d))
  }
  private static let configExecute = Command(.config, 4 | 1 << 16, 1 << 48)

  private struct Bench {
    var station: ReservationStation
    var now = 0

    init(_ preset: String = "rtl-default") throws {
      let config = try #require(HardwareConfig.preset(preset))
      station = ReservationStation(Machine(unchecked: config))
    }

    /// Allocates; returns the slot.
    @discardableResult mutating func add(_ command: Command) throws -> Int? {
      now += 1
      station.begin()
      let kind = try #require(ReservationStation.commandClass(command))
      return station.allocate(UnrolledCommand(command), kind, now)?.slot
    }
  }

  /// An older command, a newer one of another class, and whether the newer one waits.
  static let hazards: [(String, Command, Command, Bool)] = [
    ("RAW load, preload input", load(spad), preload(spad, acc), true),
    ("RAW load, compute A", load(spad), compute(spad, other), true),
    ("RAW load, compute D", load(spad), compute(other, spad), true),
    ("load elsewhere", load(other), compute(spad, spad + 32), false),
    ("WAW load, preload result", load(acc), preload(spad, acc), true),
    ("last row meets first", load(spad - 15), compute(spad, other), true),
    ("next to each other", load(spad - 16), compute(spad, other), false),
    ("WAR compute A, load", compute(spad, other), load(spad), true),
    ("WAR compute D, load", compute(other, spad), load(spad), true),
    ("WAR preload input, load", preload(spad, acc), load(spad), true),
    ("WAW preload result, load", preload(spad, acc), load(acc), true),
    ("WAR store, load", store(spad), load(spad), true),
    ("store elsewhere, load", store(other), load(spad), false),
    ("RAW load, store", load(spad), store(spad), true),
    ("RAW preload result, store", preload(spad, acc), store(acc), true),
    ("read twice", preload(spad, acc), store(spad), false),
    ("compute never writes", compute(spad, other), store(spad), false),
    ("WAR store, preload result", store(acc), preload(spad, acc), true),
    ("store, preload input", store(spad), preload(spad, acc), false),
    ("store, compute", store(spad), compute(spad, other), false),
    ("garbage result", store(acc), preload(spad, TimingBench.garbage), false),
    ("garbage input", load(spad), compute(TimingBench.garbage, TimingBench.garbage), false),
    ("config", load(spad), configExecute, false),
    ("the accumulate bit is no address", load(acc | 0x4000_0000), store(acc), true),
  ]

  @Test(arguments: hazards)
  func hazard(_ name: String, _ older: Command, _ newer: Command, _ waits: Bool) throws {
    var bench = try Bench()
    let olderKind = try #require(ReservationStation.commandClass(older))
    let newerKind = try #require(ReservationStation.commandClass(newer))
    let slot = try #require(try bench.add(older))
    expectEqual(bench.station.issue(olderKind) == nil, false)
    try bench.add(newer)
    // Issued is not enough between classes; completed is.
    #expect(bench.station.isReady(newerKind) == !waits, "\(name)")
    bench.station.complete(olderKind, slot)
    #expect(bench.station.isReady(newerKind), "\(name)")
    expectEqual(bench.station.issue(newerKind)?.command, newer)
  }

  /// Facts 2.3: a range that ends behind the last row wraps.
  @Test func rangesUpToTheEndOfTheMemory() throws {
    for (start, waits) in [(16383, true), (16368, true), (16367, true), (16352, false)] {
      var bench = try Bench()
      try bench.add(Self.configExecute)
      try bench.add(Self.load(16383 - 15))
      _ = bench.station.issue(.execute)
      bench.station.complete(.execute, 0)
      _ = bench.station.issue(.load)
      try bench.add(Self.compute(UInt64(start), TimingBench.garbage))
      #expect(bench.station.isReady(.execute) == !waits, "\(start)")
    }
  }

  @Test(arguments: [CommandClass.load, .execute])
  func aClassIssuesInOrderWithoutWaiting(_ kind: CommandClass) throws {
    var bench = try Bench()
    for row in 0..<3 {
      let address = UInt64(row * 16)
      try bench.add(
        kind == .load ? Self.load(address) : Self.compute(address, TimingBench.garbage))
    }
    for slot in 0..<3 { expectEqual(bench.station.issue(kind)?.entry, slot) }
    expectEqual(bench.station.issue(kind), nil)
  }

  /// Corrections V3: recorded stores follow each other; on the newest revision each waits for the
  /// one before it to complete.
  @Test(arguments: [("rtl-default", true), ("gemmini-default", false)])
  func storeOrder(_ preset: String, _ followsAtOnce: Bool) throws {
    var bench = try Bench(preset)
    try bench.add(Self.store(Self.spad))
    try bench.add(Self.store(Self.other))
    expectEqual(bench.station.issue(.store)?.entry, 0)
    #expect(bench.station.isReady(.store) == followsAtOnce)
    if !followsAtOnce {
      bench.station.complete(.store, 0)
      #expect(bench.station.isReady(.store))
    }
    expectEqual(bench.station.issue(.store)?.entry, 1)
  }

  /// Facts 5.5: the lowest entry that was free when the cycle began.
  @Test func anEntryFreedInACycleIsTakenInTheNext() throws {
    var bench = try Bench()
    for slot in 0..<4 { try expectEqual(bench.add(Self.store(UInt64(slot * 16))), slot) }
    #expect(bench.station.isFull(.store))
    try expectEqual(bench.add(Self.store(Self.other)), nil)
    expectEqual(bench.station.issue(.store)?.entry, 0)
    bench.station.begin()
    bench.station.complete(.store, 0)
    expectEqual(bench.station.allocate(UnrolledCommand(Self.store(Self.other)), .store, 9), nil)
    try expectEqual(bench.add(Self.store(Self.other)), 0)
    #expect(bench.station.occupancy(.store) == 4)
  }

  @Test func onlyConfigsOfTheArrayWaitForTheirController() throws {
    var bench = try Bench()
    try bench.add(Command(.config, 1, 16))
    try bench.add(Command(.config, 2, 16))
    try bench.add(Self.configExecute)
    _ = bench.station.issue(.load)
    _ = bench.station.issue(.store)
    #expect(bench.station.occupancy(.load) == 0)
    #expect(bench.station.occupancy(.store) == 0)
    _ = bench.station.issue(.execute)
    #expect(bench.station.occupancy(.execute) == 1)
    #expect(bench.station.isBusy)
  }

  /// Facts 5.6: a lone preload does not count.
  @Test func aLonePreloadIsNotBusy() throws {
    var bench = try Bench()
    try bench.add(Self.preload(Self.spad, Self.acc))
    #expect(!bench.station.isEmpty)
    #expect(!bench.station.isBusy)
    try bench.add(Self.compute(Self.spad, TimingBench.garbage))
    #expect(bench.station.isBusy)
  }
}
