/// What a unit does in a cycle, exactly one of its reasons: the account of where time goes.
protocol Activity: RawRepresentable, CaseIterable, Sendable where RawValue == Int {
  /// The reason as reports name it.
  var name: String { get }
}

/// Reasons of the load controller.
enum LoadActivity: Int, Activity {
  case idle, busy, waitsForMemory, waitsForDMA, inFlightLimit

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .waitsForMemory: "waiting for memory"
    case .waitsForDMA: "DMA queue full"
    case .inFlightLimit: "command limit"
    }
  }
}

/// Reasons of the store controller.
enum StoreActivity: Int, Activity {
  case idle, busy, waitsForBanks, waitsForDMA, inFlightLimit

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .waitsForBanks: "waiting for banks"
    case .waitsForDMA: "move-out queue full"
    case .inFlightLimit: "command limit"
    }
  }
}

/// Reasons of the execute controller.
enum ExecuteActivity: Int, Activity {
  case idle, busy, bankConflict, operandConflict, meshFull, flush, hazard, waitsForResults
  case waitsForCommand

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .bankConflict: "bank conflict with DMA"
    case .operandConflict: "operands share a bank"
    case .meshFull: "array full"
    case .flush: "flush"
    case .hazard: "address hazard"
    case .waitsForResults: "waiting for results"
    case .waitsForCommand: "waiting for a command"
    }
  }
}

/// Reasons of the nonlinear unit.
enum NonlinearActivity: Int, Activity {
  case idle, busy, waitsForOperands, waitsForStatistics, waitsForBanks, emptying

  var name: String {
    switch self {
    case .idle: "idle"
    case .busy: "busy"
    case .waitsForOperands: "waiting for operands"
    case .waitsForStatistics: "waiting for row sums"
    case .waitsForBanks: "results wait for banks"
    case .emptying: "results on their way"
    }
  }
}

/// Cycles by reason of one unit.
struct ActivityAccount<Reason: Activity>: Sendable {
  private var counts = InlineArray<16, Int>(repeating: 0)

  mutating func charge(_ reason: Reason, cycles: Int) { counts[reason.rawValue] &+= cycles }

  func cycles(of reason: Reason) -> Int { counts[reason.rawValue] }

  /// What has been charged since `earlier`.
  func since(_ earlier: Self) -> Self {
    var rest = self
    for index in 0..<counts.count { rest.counts[index] -= earlier.counts[index] }
    return rest
  }

  mutating func add(_ other: Self) {
    for index in 0..<counts.count { counts[index] += other.counts[index] }
  }

  func account(_ unit: String) -> UnitAccount {
    UnitAccount(
      unit: unit,
      reasons: Reason.allCases.map { ReasonCount(reason: $0.name, cycles: counts[$0.rawValue]) })
  }
}
