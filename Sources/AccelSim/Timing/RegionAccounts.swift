import SystolicCore

/// What belongs to which operator of the program: time and conversions.
///
/// The accelerator's conversions are known as running totals: the controllers of the moves count a
/// row when they send it on its way, the nonlinear unit a command when it takes it. What a total
/// grows by between two region steps is the first one's: exact if a fence stands before the second,
/// else what was still waiting counts for the second.
struct RegionAccounts: Sendable {
  /// Running totals of what belongs to operators.
  struct Totals: Sendable {
    var accounts = Accounts()
    var bus = BusStatistics()
    var dram = MemoryStatistics()
    var host = 0
    var local = LocalTraffic()
    var moveIn = 0
    var moveOut = 0
    var unitQuantised = 0
    var unitDequantised = 0
    /// Cycles of the nonlinear unit's commands that only convert.
    var unitCycles = 0

    /// What has been counted since `earlier`; the most requests in flight are those of all time.
    func since(_ earlier: Totals) -> Totals {
      Totals(
        accounts: accounts.since(earlier.accounts), bus: bus.since(earlier.bus),
        dram: dram.since(earlier.dram), host: host - earlier.host,
        local: local.since(earlier.local),
        moveIn: moveIn - earlier.moveIn, moveOut: moveOut - earlier.moveOut,
        unitQuantised: unitQuantised - earlier.unitQuantised,
        unitDequantised: unitDequantised - earlier.unitDequantised,
        unitCycles: unitCycles - earlier.unitCycles)
    }

    mutating func add(_ other: Totals) {
      accounts.add(other.accounts)
      bus.add(other.bus)
      dram.add(other.dram)
      host += other.host
      local.add(other.local)
      moveIn += other.moveIn
      moveOut += other.moveOut
      unitQuantised += other.unitQuantised
      unitDequantised += other.unitDequantised
      unitCycles += other.unitCycles
    }
  }

  private struct Key: Hashable, Comparable {
    var name: Int
    var place: ConversionPlace
    var kind: ConversionKind

    /// By region in order of appearance, then by place and kind as declared.
    static func < (one: Key, other: Key) -> Bool { one.order < other.order }

    private var order: (Int, Int, Int) {
      (
        name, ConversionPlace.allCases.firstIndex(of: place) ?? 0,
        ConversionKind.allCases.firstIndex(of: kind) ?? 0
      )
    }
  }

  private let machine: Machine
  private var spans: [RegionResult] = []
  private var names = [""]
  private var numbers = ["": 0]
  private var counts: [Key: (elements: Int, cycles: Int)] = [:]
  private var current = RegionResult(name: "", start: 0, cycles: 0)
  private var hasRegions = false
  private var seen = Totals()

  init(_ machine: Machine) { self.machine = machine }

  /// A region begins in cycle `now`.
  mutating func begin(_ name: String, _ now: Cycle, _ totals: Totals) {
    end(now, totals)
    hasRegions = true
    current = RegionResult(name: name, start: now, cycles: 0)
  }

  /// The region at hand ends in cycle `now`.
  mutating func end(_ now: Cycle, _ totals: Totals) {
    // A command that takes integers to integers is charged once, as quantising.
    let quantised = totals.unitQuantised - seen.unitQuantised
    let cycles = totals.unitCycles - seen.unitCycles
    add(.fpUnit, .quantise, elements: quantised, cycles: cycles)
    add(
      .fpUnit, .dequantise, elements: totals.unitDequantised - seen.unitDequantised,
      cycles: quantised == 0 ? cycles : 0)
    add(.moveOut, .requantise, elements: totals.moveOut - seen.moveOut)
    add(.moveIn, .requantise, elements: totals.moveIn - seen.moveIn)
    current.readBytes = totals.bus.readBytes - seen.bus.readBytes
    current.writtenBytes = totals.bus.writeBytes - seen.bus.writeBytes
    current.dramReadBytes = totals.dram.readBytes - seen.dram.readBytes
    current.dramWrittenBytes = totals.dram.writeBytes - seen.dram.writeBytes
    current.hostCycles = totals.host - seen.host
    current.local = totals.local.since(seen.local)
    if hasRegions {
      let accounts = totals.accounts.since(seen.accounts)
      current.units = accounts.units(of: machine)
      current.cycleUses = accounts.cycleUses
    }
    seen = totals
    current.cycles = now - current.start
    if !current.name.isEmpty || current.cycles > 0 { spans.append(current) }
  }

  /// Counts conversions of the region at hand.
  mutating func add(
    _ place: ConversionPlace, _ kind: ConversionKind, elements: Int, cycles: Int = 0
  ) {
    guard elements > 0 else { return }
    let key = Key(name: number(of: current.name), place: place, kind: kind)
    counts[key, default: (0, 0)].elements += elements
    counts[key, default: (0, 0)].cycles += cycles
  }

  private mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    names.append(name)
    numbers[name] = names.count - 1
    return names.count - 1
  }

  /// The regions in order; none if the program names none.
  var regions: [RegionResult] { hasRegions ? spans : [] }

  /// The conversions, region by region in the order of their first appearance.
  var conversions: [ConversionCount] {
    counts.sorted { $0.key < $1.key }.map { key, count in
      ConversionCount(
        region: names[key.name], by: key.place, kind: key.kind, elements: count.elements,
        cycles: count.cycles)
    }
  }
}
