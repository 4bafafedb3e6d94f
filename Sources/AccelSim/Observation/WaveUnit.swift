/// A unit whose signals a wave dump can have.
public enum WaveUnit: String, CaseIterable, Sendable {
  /// Commands that it hands over, its fences and its own work.
  case host
  /// The queues before and behind the two loop unrollers (facts 5.1).
  case commandPath = "command-path"
  /// The reservation station's entries of each class (facts 5.5).
  case station
  /// The load controller (facts 6.2).
  case load
  /// The execute controller (facts 6.4).
  case execute
  /// The store controller (facts 6.3).
  case store
  /// The floating-point nonlinear unit, where the machine has one.
  case nonlinear
  /// Requests, operand rows and result rows of the systolic array (facts 7.2).
  case array
  /// Reads and writes of the scratchpad's banks (facts 8.1).
  case scratchpad
  /// Reads and writes of the accumulator's banks (facts 8.4).
  case accumulator
  /// The way from the DMA reader to the banks (facts 8.2).
  case moveIn = "move-in"
  /// The way from the banks to the DMA writer (facts 8.3).
  case moveOut = "move-out"
  /// Both halves of the DMA and their requests in flight (facts 9).
  case dma
  /// Beats between the DMA and main memory: channels A and D of TileLink.
  case bus

  /// Its bit in a set.
  var number: Int {
    switch self {
    case .host: 0
    case .commandPath: 1
    case .station: 2
    case .load: 3
    case .execute: 4
    case .store: 5
    case .nonlinear: 6
    case .array: 7
    case .scratchpad: 8
    case .accumulator: 9
    case .moveIn: 10
    case .moveOut: 11
    case .dma: 12
    case .bus: 13
    }
  }

  /// Its module in the dump: Gemmini's name, where it has the unit.
  var module: StaticString {
    switch self {
    case .host: "Host"
    case .commandPath: "CommandPath"
    case .station: "ReservationStation"
    case .load: "LoadController"
    case .execute: "ExecuteController"
    case .store: "StoreController"
    case .nonlinear: "NonlinearUnit"
    case .array: "MeshWithDelays"
    case .scratchpad: "Scratchpad"
    case .accumulator: "AccumulatorMem"
    case .moveIn: "MoveIn"
    case .moveOut: "MoveOut"
    case .dma: "StreamReaderWriter"
    case .bus: "TileLink"
    }
  }
}

/// What goes through the signals of a machine, one after the other: once to declare them, then
/// every cycle for their values. So a signal is written down in one place.
protocol SignalVisitor {
  /// Whether the signals of a unit are wanted; opens its module if so.
  mutating func enter(_ unit: WaveUnit) -> Bool
  /// Opens a module inside.
  mutating func enter(_ part: StaticString)
  /// Closes the module opened last.
  mutating func leave()
  /// A register: the value that the *next* cycle begins with.
  mutating func register(_ name: StaticString, _ width: Int, _ value: UInt64)
  /// A wire: the value in this cycle.
  mutating func wire(_ name: StaticString, _ width: Int, _ value: UInt64)
  /// A wire with the reason of a unit's account.
  mutating func state<Reason: Activity>(_ name: StaticString, _ value: Reason)
}

extension SignalVisitor {
  @inline(__always)
  mutating func register(_ name: StaticString, _ width: Int = 1, _ value: Bool) {
    register(name, width, value ? 1 : 0)
  }

  @inline(__always)
  mutating func register(_ name: StaticString, _ width: Int, _ value: Int) {
    register(name, width, UInt64(truncatingIfNeeded: value))
  }

  @inline(__always)
  mutating func wire(_ name: StaticString, _ width: Int = 1, _ value: Bool) {
    wire(name, width, value ? 1 : 0)
  }

  @inline(__always)
  mutating func wire(_ name: StaticString, _ width: Int, _ value: Int) {
    wire(name, width, UInt64(truncatingIfNeeded: value))
  }

  /// A queue in front of a unit: whether it offers and takes, and the command at its head.
  @inline(__always)
  mutating func queue(
    _ part: StaticString, count: Int, depth: Int, head: Command?, entry: Int? = nil
  ) {
    enter(part)
    register("valid", 1, count > 0)
    register("ready", 1, count < depth)
    register("count", 8, count)
    register("funct", 7, UInt64(head?.funct ?? 0))
    register("rs1", 64, head?.rs1 ?? 0)
    register("rs2", 64, head?.rs2 ?? 0)
    if let entry { register("entry", 6, entry) }
    leave()
  }
}
