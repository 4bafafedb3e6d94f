import SystolicCore

/// Something that the hardware forbids or gets wrong, seen while a program ran.
enum TimingFault: Equatable, Sendable {
  /// An accumulating write to a row whose last write is still in its pipeline (corrections C7).
  case accumulateTooSoon(row: Int, cycle: Cycle)
}

/// Where every unit's cycles went.
struct Accounts: Sendable {
  private var load = ActivityAccount<LoadActivity>()
  private var execute = ActivityAccount<ExecuteActivity>()
  private var store = ActivityAccount<StoreActivity>()
  private var reader = ActivityAccount<ReaderActivity>()
  private var writer = ActivityAccount<WriterActivity>()
  /// Cycles charged to each unit.
  private(set) var cycles = 0

  /// Charges what the units do to `cycles` cycles.
  mutating func charge(_ accelerator: borrowing Accelerator, cycles count: Int) {
    load.charge(accelerator.load.activity, cycles: count)
    execute.charge(accelerator.execute.activity, cycles: count)
    store.charge(accelerator.store.activity, cycles: count)
    reader.charge(ReaderActivity(accelerator.reader), cycles: count)
    writer.charge(WriterActivity(accelerator.writer), cycles: count)
    cycles += count
  }

  /// The accounts in the order of reports.
  var units: [UnitAccount] {
    [
      load.account("load"), execute.account("execute"), store.account("store"),
      reader.account("DMA read"), writer.account("DMA write"),
    ]
  }
}

/// Reasons of the DMA's reading half.
enum ReaderActivity: Int, Activity {
  case idle, busy, inFlightLimit, waitsForMemory, retry

  init(_ reader: borrowing StreamReader) {
    switch reader.stall {
    case .idle: self = reader.isBusy ? .waitsForMemory : .idle
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

  init(_ writer: borrowing StreamWriter) {
    switch writer.stall {
    case .idle: self = writer.isBusy ? .waitsForMemory : .idle
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
