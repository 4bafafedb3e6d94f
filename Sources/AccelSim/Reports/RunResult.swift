/// What a run found: everything that any report needs.
public struct RunResult: Codable, Equatable, Sendable {
  /// Name of the configuration.
  public var config = ""
  /// Cycle in which each fence completed; cycle 0 is the one that accepted the first command, or in
  /// which the host began to work.
  public var fenceCycles: [Int] = []
  /// Cycles up to the last fence, or to idleness of machine and host where no fence ends the program.
  public var cycles = 0
  /// Of `cycles` those that were not simulated again, because the machine had done the same before
  /// (Docs/Reuse.md). They change no other number.
  public var reusedCycles = 0
  /// Commands accepted from the host.
  public var commands = 0
  /// Requests and bytes between the accelerator and main memory.
  public var traffic = Traffic()
  /// Rows of the local memories.
  public var localTraffic = LocalTraffic()
  /// Multiply-accumulates of real operands.
  public var usefulMACs = 0
  /// Multiply-accumulates the array could do in a cycle.
  public var peakMACsPerCycle = 0
  /// Where each unit's cycles went; the reasons of a unit add up to `cycles`.
  public var units: [UnitAccount] = []
  /// What every cycle went to: work or waiting of the array, else of the others; they add up to
  /// `cycles`. A use without any is left out.
  public var cycleUses: [ReasonCount] = []
  /// Cycles of the host's work; a kind without any is left out.
  public var hostCycles: [HostCycles] = []
  /// The operators that the program names; they add up to `cycles`.
  public var regions: [RegionResult] = []
  /// Where numbers changed their format or scale.
  public var conversions: [ConversionCount] = []
  /// Places where recorded hardware would compute something else than the program says; only in
  /// runs without data, which go on there.
  public var warnings: [String] = []
  /// Records that did not match main memory.
  public var mismatches: [Mismatch] = []

  public init() {}

  /// Useful work over peak work, 0 when nothing ran.
  public var utilisation: Double {
    cycles == 0 || peakMACsPerCycle == 0
      ? 0 : Double(usefulMACs) / (Double(cycles) * Double(peakMACsPerCycle))
  }
}

/// Rows that passed the ports of the local memories; a row holds as many elements as the array is
/// wide.
public struct LocalTraffic: Codable, Equatable, Sendable {
  /// Rows read from the scratchpad.
  public var scratchpadReads = 0
  /// Rows written to the scratchpad.
  public var scratchpadWrites = 0
  /// Those of accumulating writes included.
  public var accumulatorReads = 0
  /// Rows written to the accumulator.
  public var accumulatorWrites = 0

  public init() {}

  func since(_ earlier: LocalTraffic) -> LocalTraffic {
    var rest = self
    rest.scratchpadReads -= earlier.scratchpadReads
    rest.scratchpadWrites -= earlier.scratchpadWrites
    rest.accumulatorReads -= earlier.accumulatorReads
    rest.accumulatorWrites -= earlier.accumulatorWrites
    return rest
  }

  mutating func add(_ other: LocalTraffic) {
    scratchpadReads += other.scratchpadReads
    scratchpadWrites += other.scratchpadWrites
    accumulatorReads += other.accumulatorReads
    accumulatorWrites += other.accumulatorWrites
  }
}

/// One unit's cycles by reason.
public struct UnitAccount: Codable, Equatable, Sendable {
  /// Name of the unit.
  public var unit: String
  /// Its cycles by what it did or waited for.
  public var reasons: [ReasonCount]

  public init(unit: String, reasons: [ReasonCount]) {
    self.unit = unit
    self.reasons = reasons
  }

  /// Cycles of all reasons together.
  public var total: Int { reasons.reduce(0) { $0 + $1.cycles } }
}

/// Cycles that a unit spent for one reason.
public struct ReasonCount: Codable, Equatable, Sendable {
  /// Its name in reports.
  public var reason: String
  /// Cycles for it alone.
  public var cycles: Int

  public init(reason: String, cycles: Int) {
    self.reason = reason
    self.cycles = cycles
  }
}

/// A place in main memory that does not hold what a program expects.
public struct Mismatch: Codable, Equatable, Sendable {
  /// Names the record that expects it.
  public var label: String
  /// First byte of what is compared.
  public var address: UInt64
  /// Bytes that are not the expected ones.
  public var differingBytes: Int
  /// Bytes compared.
  public var byteCount: Int
  /// Of the first byte that differs, from `address`.
  public var firstOffset: Int
  /// What the first byte that differs should be.
  public var expected: UInt8
  /// What it is.
  public var found: UInt8

  public init(
    label: String, address: UInt64, differingBytes: Int, byteCount: Int, firstOffset: Int,
    expected: UInt8, found: UInt8
  ) {
    self.label = label
    self.address = address
    self.differingBytes = differingBytes
    self.byteCount = byteCount
    self.firstOffset = firstOffset
    self.expected = expected
    self.found = found
  }
}

/// When one command passed the reservation station; a line of a golden `cmds` file.
public struct CommandRecord: Equatable, Sendable {
  /// Running number of allocation.
  public var sequence: Int
  /// The queue of the reservation station that it went through.
  public var commandClass: CommandClass
  /// Entry of its class that it took.
  public var slot: Int
  public var command: Command
  /// Who issued it: the host, or the unroller of a loop command.
  public var origin: CommandOrigin
  /// Cycle in which it took its entry.
  public var allocated: Int
  /// -1 until then.
  public var issued = -1
  /// -1 until then.
  public var completed = -1

  public init(
    sequence: Int, commandClass: CommandClass, slot: Int, command: Command, origin: CommandOrigin,
    allocated: Int
  ) {
    self.sequence = sequence
    self.commandClass = commandClass
    self.slot = slot
    self.command = command
    self.origin = origin
    self.allocated = allocated
  }
}
