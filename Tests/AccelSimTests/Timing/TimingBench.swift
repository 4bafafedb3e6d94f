import SystolicCore
import Testing

@testable import AccelSim

/// Small programs on the timing machine, without data.
struct TimingBench {
  static let memory: UInt64 = 0x8010_0000
  static let garbage: UInt64 = 0xFFFF_FFFF
  var config: HardwareConfig
  private(set) var steps: [ProgramStep] = []

  init(_ preset: String, latency: Int = 20) throws {
    config = try #require(HardwareConfig.preset(preset))
    config.memory.latency = latency
  }

  static func tile(_ rows: Int, _ columns: Int, _ address: UInt64) -> UInt64 {
    UInt64(rows) << 48 | UInt64(columns) << 32 | address
  }

  static func accumulator(_ row: Int, adds: Bool = false) -> UInt64 {
    0x8000_0000 | (adds ? 0x4000_0000 : 0) | UInt64(row)
  }

  mutating func command(_ function: Function, _ rs1: UInt64, _ rs2: UInt64) {
    steps.append(.command(Command(function, rs1, rs2)))
  }

  mutating func fence() { steps.append(.fence) }

  mutating func configureExecute(isWeightStationary: Bool = true) {
    command(.config, (isWeightStationary ? 4 : 0) | 1 << 16, 1 << 48)
  }

  mutating func configureLoad(stride: UInt64 = 16, scale: Float = 1) {
    command(.config, 1 | 1 << 8 | 16 << 16 | UInt64(scale.bitPattern) << 32, stride)
  }

  mutating func configureStore(stride: UInt64 = 16) {
    command(.config, 2, UInt64(Float(1).bitPattern) << 32 | stride)
  }

  mutating func moveIn(_ row: Int, rows: Int = 16, columns: Int = 16) {
    command(.mvin, Self.memory, Self.tile(rows, columns, UInt64(row)))
  }

  mutating func moveOut(_ address: UInt64, rows: Int = 16, columns: Int = 16) {
    command(.mvout, Self.memory + 0x10000, Self.tile(rows, columns, address))
  }

  mutating func preload(_ address: UInt64, to result: UInt64, rows: Int = 16) {
    command(.preload, Self.tile(16, 16, address), Self.tile(rows, 16, result))
  }

  mutating func compute(_ address: UInt64, rows: Int = 16, keepsWeights: Bool = false) {
    command(
      keepsWeights ? .computeAccumulated : .computePreloaded, Self.tile(rows, 16, address),
      Self.tile(rows, 16, Self.garbage))
  }

  /// An operation of the nonlinear unit on dense blocks of 16 rows.
  mutating func nonlinear(
    _ operation: NonlinearOperation, rows: Int = 16, columns: Int, x: UInt64,
    y: UInt64 = garbage, to target: UInt64
  ) {
    for (index, address) in [(0, x), (1, y), (3, target)] as [(UInt64, UInt64)] {
      command(
        .configNonlinear, index << 48 | 16 << 32 | address, UInt64(Float(1).bitPattern))
    }
    command(
      .nonlinear, UInt64(operation.rawValue) | UInt64(columns) << 32 | UInt64(rows) << 48, 0)
  }

  /// Runs the program so far.
  func run(events: Bool = false) throws -> SimulationOutput {
    var options = RunOptions()
    options.carriesData = false
    options.recordsCommands = true
    options.recordsEvents = events
    var source = StepList(steps)
    return try Simulator.run(&source, on: Machine(config), options: options)
  }
}

extension TimingRun {
  /// Runs `steps`, without those that concern data alone.
  mutating func perform(_ steps: [ProgramStep]) throws(SimulationError) {
    for step in steps {
      switch step {
      case .command(let command): try accept(command)
      case .fence: try fence()
      case .host(let work): try perform(work)
      case .region(let name): beginRegion(name)
      case .load, .zero, .check: break
      }
    }
  }
}

extension SimulationOutput {
  /// Cycles of an event, in order.
  func cycles(_ event: String) -> [Int] { events.filter { $0.event == event }.map(\.cycle) }

  /// The records of a kind of command.
  func records(_ function: Function) -> [CommandRecord] {
    commands.filter { $0.command.function == function }
  }
}
