import Testing

@testable import AccelSim

/// Commands that a machine must refuse, with what was found; and that nothing traps.
struct FunctionalErrorTests {
  typealias Bench = FunctionalBench
  static let base = Bench.memory

  struct Case: Sendable, CustomTestStringConvertible {
    var found: String
    var reason: FunctionalError.Reason
    var commands: [Command]
    var change: @Sendable (inout HardwareConfig) -> Void = { _ in }
    var testDescription: String { found }
  }

  static func strides(_ transposes: UInt64 = 0, ws: Bool = true) -> Command {
    Command(.config, (ws ? 4 : 0) | transposes << 8 | 1 << 16, 1 << 48)
  }

  static let garbageTile = Bench.tile(16, 16, Bench.garbage)

  static let inC = Bench.tile(16, 16, Bench.accumulator(0))
  static let leftSums =
    "weight-stationary work behind output-stationary sums that nothing took out of the array: "
    + "the hardware stands still"

  /// A preload and its compute.
  static func pair(_ c: UInt64 = garbageTile) -> [Command] {
    [
      Command(.preload, garbageTile, c), Command(.computePreloaded, garbageTile, garbageTile),
    ]
  }

  static let cases: [Case] = [
    Case(
      found: "rows 17", reason: .illegalOperand,
      commands: [Command(.mvin, base, Bench.tile(17, 16, 0))]),
    Case(
      found: "columns 65", reason: .illegalOperand,
      commands: [Command(.mvin, base, Bench.tile(1, 65, 0))]),
    Case(
      found: "block stride 0 with 2 rows", reason: .illegalOperand,
      commands: [Command(.mvin, base, Bench.tile(2, 17, 0))]),
    Case(
      found: "16 bytes at 0x1000", reason: .memoryAddress,
      commands: [Command(.mvin, 0x1000, Bench.tile(1, 16, 0))]),
    Case(
      found: "16 bytes at 0x47fffffff", reason: .memoryAddress,
      commands: [Command(.mvout, 0x4_7FFF_FFFF, Bench.tile(1, 16, 0))]),
    Case(
      found: "destination in scratchpad rows 16383..<16385", reason: .localAddress,
      commands: [Command(.mvin, base, Bench.tile(2, 16, 16383))]),
    Case(
      found: "source in accumulator rows 1024..<1025", reason: .localAddress,
      commands: [Command(.mvout, base, Bench.tile(1, 16, Bench.accumulator(1024)))]),
    Case(
      found: "a garbage destination", reason: .illegalOperand,
      commands: [Command(.mvin, base, Bench.tile(1, 1, Bench.garbage))]),
    Case(
      found: "load state 3", reason: .illegalOperand, commands: [Command(.config, 1 | 3 << 3, 0)]),
    Case(
      found: "a zero-address move into the accumulator with shrink", reason: .undefined,
      commands: [
        Command(.config, 1 | 4, 0), Command(.mvin, 0, Bench.tile(1, 1, Bench.accumulator(0))),
      ]),
    Case(
      found: "a full-width read of the accumulator", reason: .unsupported,
      commands: [Command(.mvout, base, Bench.tile(1, 1, Bench.accumulator(0, full: true)))],
      change: { $0.accumulator.readsFullWidth = false }),
    Case(
      found: "columns of a full-width read 17", reason: .illegalOperand,
      commands: [Command(.mvout, base, Bench.tile(1, 17, Bench.accumulator(0, full: true)))]),
    Case(
      found: "output-stationary dataflow", reason: .unsupported, commands: [strides(ws: false)],
      change: { $0.array.dataflow = .weightStationary }),
    Case(
      found: "A and B transposed", reason: .illegalOperand, commands: [strides(3)]),
    Case(
      found: "B transposed without A", reason: .illegalOperand,
      commands: [strides(2, ws: false)]),
    Case(
      found: "a compute", reason: .sequence,
      commands: [Command(.computePreloaded, garbageTile, garbageTile)]),
    Case(
      found: "a second preload", reason: .sequence,
      commands: [
        Command(.preload, garbageTile, Bench.tile(1, 1, 0)),
        Command(.preload, garbageTile, garbageTile),
      ]),
    Case(
      found: "config_ex", reason: .sequence,
      commands: [Command(.preload, garbageTile, garbageTile), strides()]),
    Case(
      found: "preloaded matrix in the accumulator", reason: .unsupported,
      commands: [Command(.preload, Bench.tile(1, 1, Bench.accumulator(0)), garbageTile)]),
    Case(
      found: "C in the scratchpad", reason: .unsupported,
      commands: [
        strides(), Command(.preload, garbageTile, Bench.tile(1, 1, 0)),
        Command(.computePreloaded, garbageTile, garbageTile),
      ],
      change: { $0.features.executeWritesScratchpad = false }),
    Case(
      found: "more accumulation after the output-stationary result left", reason: .undefined,
      commands: [
        strides(ws: false), Command(.preload, garbageTile, Bench.tile(1, 1, 0)),
        Command(.computePreloaded, garbageTile, garbageTile),
        Command(.preload, garbageTile, garbageTile),
        Command(.computeAccumulated, garbageTile, garbageTile),
      ]),
    Case(
      found: leftSums, reason: .undefined,
      commands: [strides(ws: false)] + pair() + [strides(), Command(.preload, garbageTile, inC)]),
    Case(
      found: leftSums, reason: .undefined,
      commands: [strides(ws: false)] + pair(inC) + [strides(ws: false)] + pair()
        + [strides(ws: false), strides(), Command(.preload, garbageTile, garbageTile)]),
    Case(
      found: "activation 3", reason: .unsupported, commands: [Command(.config, 2 | 3 << 2, 0)]),
    Case(found: "config_norm", reason: .unsupported, commands: [Command(.config, 3, 0)]),
    Case(
      found: "statistics id 2", reason: .illegalOperand,
      commands: [Command(.config, 3 | 2 << 8, 0)], change: { $0.features.normalizations = true }),
    Case(
      found: "pool stride 1", reason: .unsupported,
      commands: [Command(.config, 2 | 1 << 4 | 1 << 6, 0)],
      change: { $0.features.maxPool = false }),
    Case(
      found: "a full-width read with pooling", reason: .illegalOperand,
      commands: [
        Command(.config, 2 | 1 << 4 | 1 << 6, 0),
        Command(.mvout, base, Bench.tile(1, 1, Bench.accumulator(0, full: true))),
      ]),
    Case(
      found: "3 pixel repeats of 6 columns", reason: .illegalOperand,
      commands: [
        Command(.config, 1 | 3 << 8, 0), Command(.mvin, base, Bench.tile(1, 6, 0)),
      ]),
    Case(
      found: "mvout_spad", reason: .unsupported,
      commands: [Command(.mvoutSpad, 0, Bench.tile(1, 1, 0))],
      change: { $0.features.storeToScratchpad = false }),
    Case(
      found: "funct 99", reason: .illegalOperand,
      commands: [Command(funct: 99, rs1: 0, rs2: 0)]),
    Case(
      found: "a loop command", reason: .sequence, commands: [Command(.loopMatmul, 0, 0)]),
  ]

  @Test(arguments: cases)
  func eachRefusalSaysWhatWasFoundAndWhy(_ example: Case) throws {
    var bench = Bench(example.change)
    for command in example.commands.dropLast() { try bench.machine.execute(command) }
    let last = try #require(example.commands.last)
    let error = try #require(throws: FunctionalError.self) { try bench.machine.execute(last) }
    #expect(error.found == example.found)
    #expect(error.reason == example.reason)
    #expect(error.index == example.commands.count - 1)
    #expect(error.description.contains("expected"))
  }

  /// Random commands, mostly with plausible fields, never trap.
  @Test func randomCommandsNeverTrap() {
    var random = Seeded(7)
    var refused = 0
    let rounds = Seeded.iterations(200)
    for round in 0..<rounds {
      var config = HardwareConfig()
      config.features.normalizations = round % 2 == 0
      config.features.numerics = round % 4 < 2 ? .hardware : .softwareModel
      config.array.dataflow = Dataflow.allCases[round % 3]
      var machine = FunctionalMachine(Machine(unchecked: config))
      for _ in 0..<60 {
        let functions: [Function] = [
          .config, .mvin, .mvin2, .mvin3, .mvout, .mvoutSpad, .preload, .computePreloaded,
          .computeAccumulated,
        ]
        let function = functions[Int(random.next() % UInt64(functions.count))]
        let command = Command(function, operand(&random), operand(&random))
        do throws(FunctionalError) { try machine.execute(command) } catch { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  private func operand(_ random: inout Seeded) -> UInt64 {
    let bits = random.next()
    switch random.next() % 8 {
    case 0: return bits
    case 1: return Self.base + bits % 0x1_0000
    case 2: return Bench.garbage | bits % 20 << 32 | bits % 17 << 48
    case 3:
      return Bench.accumulator(Int(bits % 1100), adds: bits % 2 == 0) | bits % 20 << 32 | 3 << 48
    case 4: return 0
    case 5: return 1 << 48 | bits % 4 | bits % 1024
    default: return bits % 16500 | bits % 18 << 32 | bits % 18 << 48
    }
  }

  @Test func hazardsAreNoted() throws {
    var bench = Bench { $0.scratchpad.readPipelineStages = 3 }
    try bench.configureExecute()
    let weights = Bench.tile(16, 16, 0)
    try bench.run(.preload, weights, Bench.tile(4, 16, 100))
    try bench.run(.computePreloaded, Bench.tile(4, 16, 50), Self.garbageTile)
    try bench.run(.preload, Bench.tile(16, 16, 90), Bench.tile(4, 16, 200))
    try bench.run(.computePreloaded, Bench.tile(4, 16, 50), Self.garbageTile)
    #expect(bench.machine.hazards.map(\.kind) == [.overlappingResult])
    try bench.configureExecute()
    #expect(bench.machine.hazards.map(\.kind) == [.overlappingResult, .flipBeforeConfig])
    bench.machine.hazards = []
    for (row, weights) in [(0, weights), (15, Self.garbageTile)] {
      try bench.run(
        .preload, weights, Bench.tile(16, 16, Bench.accumulator(row, adds: true)))
      try bench.run(.computeAccumulated, Bench.tile(16, 16, 50), Self.garbageTile)
    }
    #expect(bench.machine.hazards.map(\.kind) == [.closeAccumulation])
  }

  /// Sums that nobody takes out matter only to the other dataflow, and only the timing machine knows
  /// whether the result of a pair before them was flushed out behind them.
  @Test func leftSumsAreNoted() throws {
    var bench = Bench()
    func places(_ commands: [Command]) throws -> Int {
      bench.machine.hazards = []
      for command in commands { try bench.machine.execute(command) }
      return bench.machine.hazards.count { $0.kind == .sumsLeftBehind }
    }
    let (stays, weights) = (Self.strides(ws: false), Self.strides())
    let result = Self.pair(Self.inC)
    #expect(try places([stays] + Self.pair() + result + [weights] + result) == 0)
    #expect(
      try places([stays] + Self.pair() + [weights, stays] + result + [weights] + result) == 0)
    #expect(try places([stays] + result + Self.pair() + [weights] + result + result) == 1)
  }
}
