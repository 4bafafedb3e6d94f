import SystolicCore
import Testing

@testable import AccelSim

/// Work of the host among commands: when it runs and what it costs.
@Suite struct HostWorkTimingTests {
  static let memory: UInt64 = 0x8010_0000

  /// An operation from FP32 to FP32, without conversions.
  static func work(
    _ operation: NonlinearOperation = .gelu, rows: Int = 1, columns: Int = 1,
    secondStride: Int? = nil, from: HostTensor.ElementType = .fp32,
    to: HostTensor.ElementType = .fp32
  ) -> HostWork {
    let input = HostTensor(
      address: memory, type: from, scale: 0.5, stride: columns * from.bytes)
    var work = HostWork(
      operation, rows: rows, columns: columns, input: input,
      output: HostTensor(
        address: memory + 0x10_0000, type: to, scale: 0.25, stride: columns * to.bytes))
    if operation.furtherOperands.lowerBound > 0 {
      work.second = input
      if let secondStride { work.second?.stride = secondStride }
    }
    return work
  }

  /// Work that takes `cycles` on the machine of `bench`.
  private static func run(
    _ bench: TimingBench, _ steps: [ProgramStep]
  ) throws -> SimulationOutput {
    var options = RunOptions()
    options.carriesData = false
    options.recordsCommands = true
    var source = StepList(steps)
    return try Simulator.run(&source, on: Machine(bench.config), options: options)
  }

  /// A machine on which a GELU of n elements takes n cycles, and a program of two commands.
  private static func moves() throws -> (bench: TimingBench, steps: [ProgramStep], fence: Int) {
    var bench = try TimingBench("gemmini-default")
    bench.config.host.activationCycles = 1
    bench.configureLoad()
    bench.moveIn(0)
    let steps = bench.steps
    return (bench, steps, try run(bench, steps + [.fence]).result.fenceCycles[0])
  }

  private static func lasting(_ cycles: Int) -> ProgramStep {
    .host(work(columns: cycles))
  }

  /// Rocket by hand: 6 elements of each operation, with the conversions of its types.
  @Test func costsByHand() throws {
    let cases: [(HostWork, [HostCycles])] = [
      (Self.work(.softmax, rows: 2, columns: 3), [.init(activity: .softmax, cycles: 6 * 48)]),
      (
        Self.work(.softmax, rows: 2, columns: 3, from: .int32, to: .int8),
        [
          .init(activity: .softmax, cycles: 6 * 48), .init(activity: .conversion, cycles: 12 * 31),
        ]
      ),
      (
        Self.work(.layerNorm, rows: 2, columns: 3, to: .int8),
        [
          .init(activity: .layerNorm, cycles: 6 * 40), .init(activity: .conversion, cycles: 6 * 31),
        ]
      ),
      (
        Self.work(.add, rows: 3, columns: 2, secondStride: 0, from: .int8),
        [
          .init(activity: .residual, cycles: 6 * 111), .init(activity: .conversion, cycles: 8 * 31),
        ]
      ),
      (Self.work(.gelu, rows: 3, columns: 2), [.init(activity: .activation, cycles: 6 * 51)]),
      (
        Self.work(.add, rows: 3, columns: 2, from: .int8, to: .int32),
        [
          .init(activity: .residual, cycles: 6 * 111),
          .init(activity: .conversion, cycles: 18 * 31),
        ]
      ),
      (
        Self.work(.convert, rows: 3, columns: 2, to: .int8),
        [.init(activity: .conversion, cycles: 6 * 31)]
      ),
      (
        Self.work(.convert, rows: 3, columns: 2, from: .int32, to: .int8),
        [.init(activity: .conversion, cycles: 12 * 31)]
      ),
    ]
    let bench = try TimingBench("gemmini-default")
    for (work, expected) in cases {
      let result = try Self.run(bench, [.host(work)]).result
      #expect(result.hostCycles == expected, "\(work.operation)")
      #expect(result.cycles == expected.reduce(0) { $0 + $1.cycles })
      #expect(result.fenceCycles.isEmpty)
    }
  }

  /// Six elements of each operation at the cost of its class.
  @Test func classesOfCosts() throws {
    let costs: [(HostActivity, Int, [NonlinearOperation])] = [
      (.softmax, 48, [.softmax, .softmaxOnline]), (.layerNorm, 40, [.layerNorm, .rmsNorm]),
      (.activation, 51, [.exponential, .eluPlusOne, .gelu, .geluTanh, .silu, .gatedSilu]),
      (.residual, 111, [.add, .multiply]),
    ]
    let bench = try TimingBench("gemmini-default")
    var operations: Set<NonlinearOperation> = [.convert, .topK]
    for (activity, cycles, members) in costs {
      for operation in members {
        let result = try Self.run(bench, [.host(Self.work(operation, rows: 2, columns: 3))]).result
        #expect(
          result.hostCycles == [.init(activity: activity, cycles: 6 * cycles)], "\(operation)")
        operations.insert(operation)
      }
    }
    #expect(operations.count == NonlinearOperation.allCases.count)
  }

  /// Of 12 elements: a gain and a bias in FP32 are no conversions, in integers one a column.
  @Test func conversionsOfGainAndBias() throws {
    var work = Self.work(.layerNorm, rows: 3, columns: 4, from: .int32, to: .int8)
    let vector = HostTensor(address: Self.memory + 0x20_0000, type: .fp32, stride: 0)
    work.second = vector
    work.third = vector
    #expect(work.dequantisedElements == 12 && work.quantisedElements == 12)
    work.second?.type = .int8
    work.third?.type = .int32
    #expect(work.dequantisedElements == 12 + 4 + 4)
    work.second?.stride = 4
    #expect(work.dequantisedElements == 12 + 12 + 4)
  }

  /// The commands are accepted in cycles 0 and 1, so that the host comes to its work in cycle 2.
  @Test func workOverlapsWithTheCommandsBeforeIt() throws {
    let (bench, steps, fence) = try Self.moves()
    for cycles in [1, 5, fence - 3, fence - 2, fence - 1, 1000] {
      let result = try Self.run(bench, steps + [Self.lasting(cycles), .fence]).result
      #expect(result.fenceCycles == [max(fence, 2 + cycles)], "\(cycles)")
      let trailing = try Self.run(bench, steps + [Self.lasting(cycles)]).result
      #expect(trailing.cycles == max(fence, 2 + cycles), "\(cycles)")
    }
  }

  @Test func aFenceBeforeTheWorkAddsThem() throws {
    let (bench, steps, fence) = try Self.moves()
    let work: [ProgramStep] = [.fence, Self.lasting(100)]
    let trailing = try Self.run(bench, steps + work).result
    #expect(trailing.fenceCycles == [fence])
    #expect(trailing.cycles == fence + 1 + 100)
    let result = try Self.run(bench, steps + work + [.fence]).result
    #expect(result.fenceCycles == [fence, fence + 1 + 100])
    #expect(result.cycles == fence + 1 + 100)
    let total = result.units.allSatisfy { $0.total == fence + 101 }
    #expect(total)
  }

  /// A command is allocated four cycles after it is accepted.
  @Test func commandsWaitForTheWork() throws {
    let (bench, steps, _) = try Self.moves()
    let after = try Self.run(bench, [Self.lasting(7), Self.lasting(5)] + steps)
    #expect(after.commands.map(\.allocated) == [16, 17])
    let between = try Self.run(bench, [steps[0], Self.lasting(30), steps[1]])
    #expect(between.commands.map(\.allocated) == [4, 35])
  }

  /// The issue interval lies between two commands; work runs inside it.
  @Test func workFillsTheIssueInterval() throws {
    var (bench, steps, _) = try Self.moves()
    bench.config.host.issueInterval = 13
    for (cycles, accepted) in [(5, 13), (12, 13), (13, 14), (20, 21)] {
      let output = try Self.run(bench, [steps[0], Self.lasting(cycles), steps[1]])
      #expect(output.commands.map(\.allocated) == [4, accepted + 4])
    }
  }

  @Test func fencesAndLaunchesCost() throws {
    var (bench, steps, fence) = try Self.moves()
    bench.config.host.fenceCycles = 70
    bench.config.host.launchCycles = 9
    let result = try Self.run(
      bench, steps + [.fence, Self.lasting(100), Self.lasting(1), .fence]
    ).result
    let first = fence + 70
    #expect(result.fenceCycles == [first, first + 1 + 9 + 100 + 9 + 1 + 70])
    #expect(
      result.hostCycles == [
        HostCycles(activity: .activation, cycles: 101), HostCycles(activity: .launch, cycles: 18),
        HostCycles(activity: .fence, cycles: 140),
      ])
    let accountsAreComplete = result.units.allSatisfy { $0.total == result.cycles }
    #expect(accountsAreComplete)
  }

  /// Fences right after each other are not drawn together by a long issue interval.
  @Test func jumpsEndWhereTheHostGoesOn() throws {
    var bench = try TimingBench("gemmini-default")
    bench.config.host.issueInterval = 1000
    bench.command(.flush, 0, 0)
    bench.fence()
    bench.fence()
    for skips in [true, false] {
      var run = TimingRun(try Machine(bench.config), observer: NullObserver())
      run.skipsIdleCycles = skips
      for case .command(let command) in bench.steps { try run.accept(command) }
      try run.fence()
      try run.fence()
      #expect(run.fences == [5, 6])
    }
  }

  private struct Outcome: Equatable {
    var fences: [Cycle]
    var commands: [CommandRecord]
    var units: [UnitAccount]
    var host: [HostCycles]
    var regions: [RegionResult]
    var conversions: [ConversionCount]
    var cycles: Int
  }

  private static func outcome(
    _ steps: [ProgramStep], _ config: HardwareConfig, skips: Bool
  ) throws -> Outcome {
    var run = TimingRun(Machine(unchecked: config), observer: CommandRecorder())
    run.skipsIdleCycles = skips
    try run.perform(steps)
    let cycles = try run.finish()
    return Outcome(
      fences: run.fences, commands: run.observer.records,
      units: run.accounts.units(of: run.accelerator.machine),
      host: run.host.activities, regions: run.regions.regions,
      conversions: run.regions.conversions, cycles: cycles)
  }

  @Test(arguments: ["rtl-default", "gemmini-default"])
  func jumpingOverIdleCyclesChangesNothing(_ preset: String) throws {
    for seed in 0..<UInt64(Seeded.iterations(12)) {
      let bench = try TimingPropertyTests.program(seed, on: preset)
      var random = Seeded(seed + 1000)
      var config = bench.config
      config.host.activationCycles = 1
      config.host.fenceCycles = [0, 0, 1, 40].randomElement(using: &random) ?? 0
      config.host.launchCycles = [0, 3].randomElement(using: &random) ?? 0
      var steps: [ProgramStep] = []
      for step in bench.steps {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: steps.append(Self.lasting(Int.random(in: 1...400, using: &random)))
        case 1: steps.append(.region("r\(Int.random(in: 0..<3, using: &random))"))
        case 2: steps.append(.fence)
        default: break
        }
        steps.append(step)
      }
      if Bool.random(using: &random) { steps.append(Self.lasting(50)) }
      let jumped = try Self.outcome(steps, config, skips: true)
      let stepped = try Self.outcome(steps, config, skips: false)
      #expect(jumped == stepped, "\(preset), seed \(seed)")
      for unit in jumped.units { #expect(unit.total == jumped.cycles, "seed \(seed)") }
      let inRegions = jumped.regions.reduce(0) { $0 + $1.cycles }
      #expect(inRegions == jumped.cycles || jumped.regions.isEmpty, "seed \(seed)")
    }
  }
}
