import SystolicCore

/// The reason of every unit in one cycle.
struct Activities: Equatable, Sendable {
  var load = LoadActivity.idle
  var execute = ExecuteActivity.idle
  var store = StoreActivity.idle
  var nonlinear = NonlinearActivity.idle
  var reader = ReaderActivity.idle
  var writer = WriterActivity.idle
}

/// What is charged for a cycle. It often stays the same for many.
struct CycleState: Sendable {
  var activities = Activities()
  /// What the host does, if it works.
  var host: CycleUse?
  /// Entries of the reservation station in use, a bit each.
  var entries: UInt64 = 0
  var occupancy = Occupancy()
}

/// Where every unit's cycles went.
struct Accounts: Sendable {
  private var load = ActivityAccount<LoadActivity>()
  private var execute = ActivityAccount<ExecuteActivity>()
  private var store = ActivityAccount<StoreActivity>()
  private var nonlinear = ActivityAccount<NonlinearActivity>()
  private var reader = ActivityAccount<ReaderActivity>()
  private var writer = ActivityAccount<WriterActivity>()
  private var run = ActivityAccount<CycleUse>()
  /// Cycles in which the host worked, whatever the units did.
  private(set) var hostCycles = 0
  /// Entries in use times cycles.
  private var occupancy = Occupancy()

  /// Charges what the units and the host do to `cycles` cycles.
  mutating func charge(_ state: CycleState, cycles: Int) {
    let activities = state.activities
    load.charge(activities.load, cycles: cycles)
    execute.charge(activities.execute, cycles: cycles)
    store.charge(activities.store, cycles: cycles)
    nonlinear.charge(activities.nonlinear, cycles: cycles)
    reader.charge(activities.reader, cycles: cycles)
    writer.charge(activities.writer, cycles: cycles)
    run.charge(CycleUse(activities, host: state.host), cycles: cycles)
    if state.host != nil { hostCycles += cycles }
    occupancy.add(state.occupancy, cycles: cycles)
  }

  /// What has been charged since `earlier`.
  func since(_ earlier: Accounts) -> Accounts {
    var rest = self
    rest.load = load.since(earlier.load)
    rest.execute = execute.since(earlier.execute)
    rest.store = store.since(earlier.store)
    rest.nonlinear = nonlinear.since(earlier.nonlinear)
    rest.reader = reader.since(earlier.reader)
    rest.writer = writer.since(earlier.writer)
    rest.run = run.since(earlier.run)
    rest.hostCycles -= earlier.hostCycles
    rest.occupancy = occupancy.since(earlier.occupancy)
    return rest
  }

  /// Adds what `other` has been charged.
  mutating func add(_ other: Accounts) {
    load.add(other.load)
    execute.add(other.execute)
    store.add(other.store)
    nonlinear.add(other.nonlinear)
    reader.add(other.reader)
    writer.add(other.writer)
    run.add(other.run)
    hostCycles += other.hostCycles
    occupancy.add(other.occupancy, cycles: 1)
  }

  /// The accounts in the order of reports, of the units that `machine` has.
  func units(of machine: Machine) -> [UnitAccount] {
    [load.account("load"), execute.account("execute"), store.account("store")]
      + (machine.config.features.nonlinearUnit ? [nonlinear.account("nonlinear")] : [])
      + [reader.account("DMA read"), writer.account("DMA write")]
  }

  /// Cycles that went to `use`.
  func cycles(of use: CycleUse) -> Int { run.cycles(of: use) }

  /// Entries of `buffer` in use, times cycles.
  func entryCycles(of buffer: BufferKind) -> Int { occupancy[buffer] }

  /// What every cycle went to, in the order of `CycleUse`; a use without any is left out.
  var cycleUses: [ReasonCount] { run.account("run").reasons.filter { $0.cycles > 0 } }
}

/// Reasons of the DMA's reading half.
enum ReaderActivity: Int, Activity {
  case idle, busy, inFlightLimit, waitsForMemory, retry

  init(_ stall: StreamReader.Stall, isBusy: Bool) {
    switch stall {
    case .idle: self = isBusy ? .waitsForMemory : .idle
    case .none: self = .busy
    case .inFlightLimit: self = .inFlightLimit
    case .retry: self = .retry
    }
  }

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .inFlightLimit: "request limit"
    case .waitsForMemory: "waiting for memory"
    case .retry: "bus taken"
    }
  }
}

/// Reasons of the DMA's writing half.
enum WriterActivity: Int, Activity {
  case idle, busy, inFlightLimit, waitsForMemory, bus

  init(_ stall: StreamWriter.Stall, isBusy: Bool) {
    switch stall {
    case .idle: self = isBusy ? .waitsForMemory : .idle
    case .none: self = .busy
    case .inFlightLimit: self = .inFlightLimit
    case .bus: self = .bus
    }
  }

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .inFlightLimit: "request limit"
    case .waitsForMemory: "waiting for memory"
    case .bus: "bus taken"
    }
  }
}
