import SystolicCore
import Testing

@testable import AccelSim

/// Reuse changes no number of any report.
@Suite struct ReuseTests {
  private static let presets = ["rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp"]

  private func result(
    _ steps: [ProgramStep], on machine: Machine, reuses: Bool
  ) throws -> RunResult {
    var source = StepList(steps)
    var options = RunOptions()
    options.carriesData = false
    options.reuses = reuses
    return try Simulator.run(&source, on: machine, options: options).result
  }

  private func steps(_ source: some CommandSource) throws -> [ProgramStep] {
    var source = source
    var steps: [ProgramStep] = []
    while let step = try source.next() { steps.append(step) }
    return steps
  }

  /// Random single commands, twice over, so that the second time can be reused.
  @Test(arguments: presets)
  func randomCommandsTwiceOver(_ preset: String) throws {
    for seed in 0..<UInt64(Seeded.iterations(4)) {
      let bench = try TimingPropertyTests.program(seed, on: preset)
      let machine = Machine(unchecked: bench.config)
      let steps = bench.steps + bench.steps + bench.steps
      let with = try result(steps, on: machine, reuses: true)
      let without = try result(steps, on: machine, reuses: false)
      #expect(try ReuseCheck.difference(with, without) == nil, "seed \(seed)")
      if with.warnings.isEmpty, preset != "gemmini-fp" {
        #expect(with.reusedCycles > 0, "seed \(seed)")
      }
    }
  }

  /// Random matmuls in random places of main memory, with random memories and issue gaps.
  @Test(arguments: presets)
  func randomMatmuls(_ preset: String) throws {
    for seed in 0..<UInt64(Seeded.iterations(2)) {
      var random = Seeded(seed)
      var config = try #require(HardwareConfig.preset(preset))
      config.memory.latency = [1, 20, 150].randomElement(using: &random) ?? 20
      config.host.issueInterval = [1, 1, 13].randomElement(using: &random) ?? 1
      let machine = try Machine(config)
      var program: [ProgramStep] = []
      for _ in 0..<2 {
        var matmul = Matmul(
          rows: Int.random(in: 1...40, using: &random),
          inner: Int.random(in: 1...40, using: &random),
          columns: Int.random(in: 1...100, using: &random))
        matmul.bias = [.none, .repeating, .full].randomElement(using: &random) ?? .none
        matmul.tile = MatmulTile(rows: 1, columns: 1, inner: 1)
        let single = try steps(TiledMatmul(MatmulPlan(matmul, on: machine)))
        // The same once more with everything some bytes higher.
        let shift = [0, 64, 4096, 4160, 16].randomElement(using: &random) ?? 0
        program += single + single.map { Self.shifted($0, UInt64(shift)) }
      }
      let with = try result(program, on: machine, reuses: true)
      let without = try result(program, on: machine, reuses: false)
      #expect(try ReuseCheck.difference(with, without) == nil, "seed \(seed)")
    }
  }

  private static func shifted(_ step: ProgramStep, _ bytes: UInt64) -> ProgramStep {
    guard case .command(var command) = step else { return step }
    let (first, second) = command.addressOperands
    if first, command.rs1 != 0 { command.rs1 += bytes }
    if second, command.rs2 != 0 { command.rs2 += bytes }
    return .command(command)
  }

  /// A machine set to the words of another behaves like it from then on: nothing that matters is
  /// left out, at whatever command the state is taken.
  @Test(arguments: presets)
  func aStateIsComplete(_ preset: String) throws {
    for seed in 300..<UInt64(300 + Seeded.iterations(6)) {
      let bench = try TimingPropertyTests.program(seed, on: preset)
      let machine = Machine(unchecked: bench.config)
      var plain = TimingRun(machine, observer: NullObserver())
      plain.accelerator.keepTags()
      let idle = plain.accelerator
      var moved = plain
      var bases: [UInt64: UInt64] = [:]
      for step in bench.steps {
        var tagged = step
        if case .command(var command) = step, command.addressOperands.first, command.rs1 != 0 {
          let tag = UInt64(bases.count + 1)
          bases[tag] = command.rs1
          command.rs1 |= tag << StateCodec.addressBits
          tagged = .command(command)
        }
        try plain.take(tagged)
        try moved.take(tagged)
        var reader = StateCodec(readingAt: moved.now, bases: bases)
        moved.visit(&reader)
        #expect(reader.isComplete)
        moved.replace(idle)
        var writer = StateCodec(
          setting: reader.words, at: moved.now, tags: reader.tags, bases: bases)
        moved.visit(&writer)
        #expect(writer.isComplete && writer.isAtEnd)
        var again = StateCodec(readingAt: moved.now, bases: bases)
        moved.visit(&again)
        #expect(again.words == reader.words && again.tags == reader.tags, "seed \(seed)")
      }
      #expect(try plain.finish() == moved.finish(), "seed \(seed)")
      #expect(plain.fences == moved.fences, "seed \(seed)")
      let pairs = zip(plain.accounts.units(of: machine), moved.accounts.units(of: machine))
      for (one, other) in pairs where one != other {
        let reasons = zip(one.reasons, other.reasons).filter { $0 != $1 }.map {
          "\($0.reason) \($0.cycles), \($1.cycles)"
        }
        Issue.record("seed \(seed), \(one.unit): \(reasons)")
      }
    }
  }

  /// Operators with work of the host between them; the second layer is elsewhere in main memory.
  @Test func layersRepeatEachOther() throws {
    let machine = try Machine(try #require(HardwareConfig.preset("gemmini-default")))
    let matmul = Matmul(rows: 32, inner: 48, columns: 64)
    let product = try steps(TiledMatmul(MatmulPlan(matmul, on: machine)))
    let tensor = HostTensor(address: MainMemoryData.base, type: .int8, stride: 64)
    let work = HostWork(.softmax, rows: 4, columns: 64, input: tensor, output: tensor)
    var program: [ProgramStep] = []
    for layer in 0..<4 {
      program += [.region("layer\(layer)")]
      program += product.map { Self.shifted($0, UInt64(layer * 4096)) }
      program += [.host(work), .fence]
    }
    let with = try result(program, on: machine, reuses: true)
    let without = try result(program, on: machine, reuses: false)
    #expect(try ReuseCheck.difference(with, without) == nil)
    #expect(with.regions.count == 4)
    #expect(with.reusedCycles > with.cycles / 5)
    #expect(without.reusedCycles == 0)
  }
}
