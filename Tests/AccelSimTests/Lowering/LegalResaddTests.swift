import Testing

@testable import AccelSim

/// What lets networks take lowered residual adds and global averages unjudged: every program that a
/// plan gives is legal on its machine.
@Suite struct LegalResaddTests {
  private static func machine(_ random: inout Seeded) throws -> Machine {
    var config = HardwareConfig()
    let width = [4, 8, 16, 32].randomElement(using: &random) ?? 16
    config.array.meshRows = width
    config.array.meshColumns = width
    config.array.dataflow = Dataflow.allCases.randomElement(using: &random) ?? .both
    config.scratchpad.capacityKiB = [8, 64, 256].randomElement(using: &random) ?? 256
    config.accumulator.capacityKiB = [4, 16, 64].randomElement(using: &random) ?? 64
    config.features.nonlinearActivations = random.next() & 3 != 0
    config.features.hardcodeBiasToZero = random.next() & 7 == 0
    config.accumulator.readsFullWidth = random.next() & 3 != 0
    config.dma.maxBytes = [16, 64, 256].randomElement(using: &random) ?? 64
    return try Machine(config)
  }

  /// Judges every command; throws what is illegal.
  private static func judge(_ source: some CommandSource, on machine: Machine) throws {
    var source = source
    var run = FunctionalRun(machine, carriesData: false)
    while let step = try source.next() { try run.perform(step) }
    try run.drain()
  }

  @Test func residualAdds() throws {
    var judged = 0
    for seed in 0..<UInt64(Seeded.iterations(300)) {
      var random = Seeded(seed + 1)
      guard let machine = try? Self.machine(&random) else { continue }
      let columns = Int.random(in: 1...150, using: &random)
      guard
        let plan = try? ResaddPlan(
          rows: Int.random(in: 1...150, using: &random), columns: columns,
          scaleA: [1, 0.5].randomElement(using: &random) ?? 1, relu: random.next() & 1 == 0,
          stride: random.next() & 1 == 0 ? nil : columns + 7,
          addresses: ResaddAddresses(a: 0x8000_0000, b: 0x8010_0000, c: 0x8020_0000), on: machine)
      else { continue }
      do {
        try Self.judge(TiledResadd(plan), on: machine)
      } catch {
        Issue.record("seed \(seed): \(plan), \(machine.config): \(error)")
      }
      judged += 1
    }
    #expect(judged > 100)
  }

  @Test func globalAverages() throws {
    var judged = 0
    for seed in 0..<UInt64(Seeded.iterations(300)) {
      var random = Seeded(seed + 1)
      guard let machine = try? Self.machine(&random),
        let plan = try? GlobalAveragePlan(
          batch: Int.random(in: 1...3, using: &random), rows: Int.random(in: 1...8, using: &random),
          columns: Int.random(in: 1...8, using: &random),
          channels: Int.random(in: 1...200, using: &random), input: 0x8000_0000,
          output: 0x8010_0000, on: machine)
      else { continue }
      do {
        try Self.judge(GlobalAverage(plan), on: machine)
      } catch {
        Issue.record("seed \(seed): \(plan), \(machine.config): \(error)")
      }
      judged += 1
    }
    #expect(judged > 100)
  }
}
