import SystolicCore

/// Takes down the accounts of a run from time to time: the edges of its `Timeline`.
///
/// It begins with fine steps; when there are too many edges, every other one goes and the steps are
/// twice as long, so that a run of any length has a few hundred of them.
struct TimelineRecorder: Sendable {
  /// The accounts at one moment.
  private struct Edge: Sendable {
    var cycle: Cycle
    var accounts: Accounts
    var readBytes: Int
    var writtenBytes: Int
  }

  /// First cycle in which the next edge may lie.
  private(set) var next: Cycle
  private var step: Int
  private var edges: [Edge] = []

  /// - Parameter step: Cycles of the finest bin.
  init(step: Int = 64) {
    self.step = step
    next = step
  }

  /// Takes down what has been charged up to `now`.
  mutating func note(_ now: Cycle, _ accounts: Accounts, _ bus: BusStatistics) {
    edges.append(
      Edge(cycle: now, accounts: accounts, readBytes: bus.readBytes, writtenBytes: bus.writeBytes))
    if edges.count == Timeline.maximumBins {
      edges = stride(from: 1, to: edges.count, by: 2).map { edges[$0] }
      step *= 2
    }
    next = (now / step + 1) * step
  }

  /// The bins, the last of them up to `end`.
  func timeline(
    of machine: Machine, end: Cycle, _ accounts: Accounts, _ bus: BusStatistics
  ) -> Timeline {
    var edges = edges.filter { $0.cycle < end }
    if end > 0 {
      edges.append(
        Edge(
          cycle: end, accounts: accounts, readBytes: bus.readBytes, writtenBytes: bus.writeBytes))
    }
    var before = Edge(cycle: 0, accounts: Accounts(), readBytes: 0, writtenBytes: 0)
    var starts: [Int] = []
    var bins: [Accounts] = []
    var (read, written): ([Int], [Int]) = ([], [])
    for edge in edges {
      starts.append(before.cycle)
      bins.append(edge.accounts.since(before.accounts))
      read.append(edge.readBytes - before.readBytes)
      written.append(edge.writtenBytes - before.writtenBytes)
      before = edge
    }
    let uses = CycleUse.allCases.map { use in
      Timeline.Series(name: use.name, values: bins.map { $0.cycles(of: use) })
    }
    let buffers = BufferKind.allCases.map { kind in
      Timeline.Buffer(
        name: kind.name, capacity: kind.capacity(in: machine.config),
        entryCycles: bins.map { $0.entryCycles(of: kind) })
    }
    return Timeline(
      starts: starts, end: end, uses: uses.filter { $0.values.contains { $0 > 0 } },
      units: Self.units(bins, machine), buffers: buffers.filter { $0.capacity > 0 },
      readBytes: read, writtenBytes: written)
  }

  private static func units(_ bins: [Accounts], _ machine: Machine) -> [Timeline.Unit] {
    let accounts = bins.map { $0.units(of: machine) }
    let names = Accounts().units(of: machine).map(\.unit)
    var units = names.indices.map { index in
      func cycles(_ isWanted: (String) -> Bool) -> [Int] {
        accounts.map { units in
          units[index].reasons.reduce(0) { $0 + (isWanted($1.reason) ? $1.cycles : 0) }
        }
      }
      return Timeline.Unit(
        unit: names[index], busy: cycles { $0 == "busy" },
        waiting: cycles { $0 != "busy" && $0 != "idle" })
    }
    units.append(
      Timeline.Unit(
        unit: "host", busy: bins.map(\.hostCycles), waiting: bins.map { _ in 0 }))
    return units
  }
}

/// Buffers whose entries are counted every cycle.
enum BufferKind: Int, CaseIterable, Sendable {
  case loadEntries, executeEntries, storeEntries, nonlinearEntries, reads, writes

  var name: String {
    switch self {
    case .loadEntries: "reservation station, load"
    case .executeEntries: "reservation station, execute"
    case .storeEntries: "reservation station, store"
    case .nonlinearEntries: "reservation station, nonlinear"
    case .reads: "reads in flight"
    case .writes: "writes in flight"
    }
  }

  /// Entries in `config`; 0 for what the machine does not have.
  func capacity(in config: HardwareConfig) -> Int {
    switch self {
    case .loadEntries: config.reservationStation.loadEntries
    case .executeEntries: config.reservationStation.executeEntries
    case .storeEntries: config.reservationStation.storeEntries
    case .nonlinearEntries:
      config.features.nonlinearUnit ? config.reservationStation.nonlinearEntries : 0
    case .reads, .writes: config.dma.maxInFlight
    }
  }
}

/// Entries in use of each `BufferKind`, or such entries times cycles.
struct Occupancy: Sendable {
  var load = 0
  var execute = 0
  var store = 0
  var nonlinear = 0
  var reads = 0
  var writes = 0

  subscript(buffer: BufferKind) -> Int {
    switch buffer {
    case .loadEntries: load
    case .executeEntries: execute
    case .storeEntries: store
    case .nonlinearEntries: nonlinear
    case .reads: reads
    case .writes: writes
    }
  }

  /// Adds `other` for `cycles` cycles.
  mutating func add(_ other: Occupancy, cycles: Int) {
    load &+= other.load &* cycles
    execute &+= other.execute &* cycles
    store &+= other.store &* cycles
    nonlinear &+= other.nonlinear &* cycles
    reads &+= other.reads &* cycles
    writes &+= other.writes &* cycles
  }

  func since(_ earlier: Occupancy) -> Occupancy {
    var rest = self
    rest.add(earlier, cycles: -1)
    return rest
  }
}
