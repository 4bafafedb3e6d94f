import SystolicCore
import Testing

@testable import AccelSim

/// Reuse changes no number of any report.
@Suite struct ReuseTests {
  private static let presets = ["rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp"]

  /// Steps of lowerings: their loops bring all of their settings.
  private struct Lowered: CommandSource {
    var list: StepList
    var legalMACs: Int? { 0 }

    mutating func next() -> ProgramStep? { list.next() }
  }

  private func result(
    _ steps: [ProgramStep], on machine: Machine, reuses: Bool, isLowered: Bool = false,
    memo: ReuseMemo = ReuseMemo()
  ) throws -> RunResult {
    var options = RunOptions()
    options.carriesData = false
    options.reuses = reuses
    var memo = memo
    if isLowered {
      var source = Lowered(list: StepList(steps))
      return try Simulator.run(
        &source, on: machine, options: options, watcher: nil, memo: &memo
      ).result
    }
    var source = StepList(steps)
    return try Simulator.run(
      &source, on: machine, options: options, watcher: nil, memo: &memo
    ).result
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

  /// Random operators on random machines with random memories, each several times in random places
  /// of main memory.
  ///
  /// A long run takes a two-hundredth of its iterations: each is a run of thousands of cycles.
  @Test func reuseFuzz() throws {
    var usual = (runs: 0, reusing: 0)
    var forgetful = usual
    let count = Seeded.isLongRun ? Seeded.iterations(0) / 200 : 20
    for seed in 0..<UInt64(count) {
      let fuzz = try ReuseFuzz(seed: seed)
      let machine = try Machine(fuzz.config)
      // Every third forgets again and again, and reuses less.
      let forgets = seed % 3 == 0
      let memo = forgets ? ReuseMemo(limit: 20_000) : ReuseMemo()
      let with = try result(fuzz.program, on: machine, reuses: true, isLowered: true, memo: memo)
      let without = try result(fuzz.program, on: machine, reuses: false, isLowered: true)
      #expect(try ReuseCheck.difference(with, without) == nil, "seed \(seed)")
      let runs = (runs: 1, reusing: with.reusedCycles > 0 ? 1 : 0)
      if forgets {
        forgetful = (forgetful.runs + runs.runs, forgetful.reusing + runs.reusing)
      } else {
        usual = (usual.runs + runs.runs, usual.reusing + runs.reusing)
      }
    }
    #expect(usual.reusing > usual.runs / 3)
    #expect(forgetful.reusing > 0)
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
      var nextTag: UInt64 = 1
      for step in bench.steps {
        var tagged = step
        if case .command(var command) = step, command.addressOperands.first, command.rs1 != 0 {
          bases[nextTag] = command.rs1
          command.rs1 |= nextTag << StateCodec.addressBits
          nextTag += 1
          tagged = .command(command)
        }
        try plain.take(tagged)
        try moved.take(tagged)
        var reader = StateCodec(
          readingAt: moved.now, bases: bases, nextTag: nextTag, halves: machine.halves)
        moved.visit(&reader)
        #expect(reader.isComplete)
        bases = reader.bases
        moved.replace(idle)
        var writer = StateCodec(
          setting: reader.words, at: moved.now, tags: reader.tags, bases: bases,
          halves: machine.halves)
        writer.scalerTurn = reader.scalerTurn
        moved.visit(&writer)
        #expect(writer.isComplete && writer.isAtEnd)
        var again = StateCodec(
          readingAt: moved.now, bases: bases, nextTag: reader.nextTag, halves: machine.halves)
        moved.visit(&again)
        #expect(again.words == reader.words, "seed \(seed)")
        #expect(again.tags.map { again.bases[$0] } == reader.tags.map { bases[$0] }, "seed \(seed)")
        bases = again.bases
        nextTag = again.nextTag
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
      program += product.map { ReuseFuzz.shifted($0, layer * 4096) }
      program += [.host(work), .fence]
    }
    let with = try result(program, on: machine, reuses: true)
    let without = try result(program, on: machine, reuses: false)
    #expect(try ReuseCheck.difference(with, without) == nil)
    #expect(with.regions.count == 4)
    #expect(with.reusedCycles > with.cycles / 5)
    #expect(without.reusedCycles == 0)
  }

  /// A flush forgets the page of a load: it then asks the TLB in the cycle in which a store may leave its
  /// page, which depends on where the store goes.
  @Test(arguments: [4, 8, 14]) func aFlushForgetsPages(_ delay: Int) throws {
    var config = try #require(HardwareConfig.preset("gemmini-default"))
    config.memory.latency = 1
    let machine = try Machine(config)
    let stride: UInt64 = 256
    let base = MainMemoryData.base
    let one = UInt64(Float(1).bitPattern) << 32
    let setLoads = Command(.config, one | 16 << 16 | 1 << 8 | 1, 16)
    let block: UInt64 = 16 << 48 | 16 << 32
    var program: [ProgramStep] = [
      .command(Command(.config, one | 1 << 16 | 4, 1 << 48)), .command(setLoads),
      .command(Command(.config, 2, one | stride)),
    ]
    for row in 0..<17 {
      program += [
        .command(Command(.mvin, base, block)),
        .command(Command(.mvout, base + 0x2_0000, block | 16)), .fence,
        .command(Command(.flush, 0, 0)),
        .command(Command(.mvout, base + 0x1_0000 + UInt64(row) * stride, block | 32)),
      ]
      program += Array(repeating: .command(setLoads), count: delay)
      program += [.command(Command(.mvin, base, 1 << 48 | 16 << 32 | 128)), .fence]
    }
    let with = try result(program, on: machine, reuses: true)
    let without = try result(program, on: machine, reuses: false)
    #expect(try ReuseCheck.difference(with, without) == nil)
    #expect(with.reusedCycles > 0)
  }

  /// What repeats is still known after much that does not: what was used last is kept.
  @Test func whatIsUsedIsNotForgotten() throws {
    let machine = try Machine(try #require(HardwareConfig.preset("gemmini-default")))
    func product(_ rows: Int) throws -> [ProgramStep] {
      try steps(TiledMatmul(MatmulPlan(Matmul(rows: rows, inner: 48, columns: 64), on: machine)))
        + [.fence]
    }
    var program: [ProgramStep] = []
    for round in 1..<20 { program += try product(64) + product(16 + round) }
    let limits = [1_000, 50_000, 1_000_000]
    let results = try limits.map { limit in
      try result(
        program, on: machine, reuses: true, isLowered: true, memo: ReuseMemo(limit: limit))
    }
    let without = try result(program, on: machine, reuses: false, isLowered: true)
    for with in results { #expect(try ReuseCheck.difference(with, without) == nil) }
    // Room for a round or two is enough for what repeats.
    #expect(results[1].reusedCycles > results[2].reusedCycles * 8 / 10)
    #expect(results[0].reusedCycles < results[1].reusedCycles)
  }
}
