import SystolicCore
import Testing

@testable import AccelSim

/// What lets a run without data take lowered tensor operations unjudged: every one that a placement
/// accepts is legal on its machine, also behind another, and multiplies nothing.
@Suite struct LegalTensorProgramTests {
  /// A machine with local memories that can be as small as rules allow.
  private static func machine(_ random: inout Seeded) throws -> Machine {
    var config = HardwareConfig()
    let width = [8, 16, 32].randomElement(using: &random)!
    config.array.meshRows = width
    config.array.meshColumns = width
    config.scratchpad.banks = [1, 2, 4, 8].randomElement(using: &random)!
    config.accumulator.banks = [1, 2, 4].randomElement(using: &random)!
    let scratchpadTiles = config.scratchpad.banks << Int.random(in: 0...5, using: &random)
    let accumulatorTiles = config.accumulator.banks << Int.random(in: 0...5, using: &random)
    config.scratchpad.capacityKiB = max(scratchpadTiles * width * width / 1024, 1)
    config.accumulator.capacityKiB = max(accumulatorTiles * width * width * 4 / 1024, 1)
    config.accumulator.readsFullWidth = random.next() & 3 != 0
    config.accumulator.readsSmallWidth = random.next() & 7 != 0
    config.features.normalizations = random.next() & 3 != 0
    config.features.nonlinearActivations = random.next() & 3 != 0
    config.features.nonlinearUnit = random.next() & 3 != 0
    config.features.numerics = random.next() & 3 == 0 ? .softwareModel : .hardware
    config.nonlinear.lanes = 1 << Int.random(in: 0...width.trailingZeroBitCount, using: &random)
    config.nonlinear.format = LaneFormat.allCases.randomElement(using: &random)!
    config.dma.maxBytes = [16, 64, 256].randomElement(using: &random)!
    config.moveIn.scaleUnits = [0, 4].randomElement(using: &random)!
    return try Machine(config)
  }

  private static func work(_ random: inout Seeded) -> NonlinearWork {
    let operation = NonlinearOperation.allCases.randomElement(using: &random)!
    var work = NonlinearWork(
      operation, rows: Int.random(in: 1...150, using: &random),
      columns: Int.random(in: 1...700, using: &random))
    if random.next() & 3 == 0 { work.inputIsWide.toggle() }
    if operation == .layerNorm || operation == .rmsNorm {
      work.hasGain = random.next() & 1 == 0
      work.hasBias = operation == .layerNorm && random.next() & 1 == 0
    }
    work.inputScale = [0.05, 1e-3, 1].randomElement(using: &random)!
    work.k = random.next() & 7 == 0 ? 254 : Int.random(in: 1...10, using: &random)
    return work
  }

  private static func judge(_ source: some CommandSource, on machine: Machine) throws -> Int {
    var run = FunctionalRun(machine, carriesData: false)
    var source = source
    while let step = try source.next() { try run.perform(step) }
    try run.drain()
    return run.machine.usefulMACs
  }

  @Test func plansAreLegal() throws {
    var judged = [Placement: Int]()
    for seed in 0..<UInt64(Seeded.iterations(4000)) {
      var random = Seeded(seed + 1)
      let work = Self.work(&random)
      let placement = Placement.allCases.randomElement(using: &random)!
      let isOnChip = placement == .fpUnit && random.next() & 7 == 0
      guard let machine = try? Self.machine(&random),
        let source = try? TensorProgram(work, at: placement, on: machine, isOnChip: isOnChip)
      else { continue }
      do {
        #expect(try Self.judge(source, on: machine) == source.legalMACs)
      } catch {
        Issue.record("seed \(seed): \(placement), \(work), \(machine.config): \(error)")
      }
      judged[placement, default: 0] += 1
    }
    for placement in Placement.allCases { #expect(judged[placement, default: 0] > 50) }
  }

  /// Nothing that a program leaves behind makes the next one illegal, matmuls among them.
  @Test func chainsAreLegal() throws {
    var judged = 0
    for seed in 0..<UInt64(Seeded.iterations(2000)) {
      var random = Seeded(seed + 77)
      guard let machine = try? Self.machine(&random) else { continue }
      let placements = (0..<2).map { _ in Placement.allCases.randomElement(using: &random)! }
      let works = (0..<2).map { _ in Self.work(&random) }
      var matmul = Matmul(rows: 20, inner: 30, columns: 40)
      matmul.activation = MatmulActivation.allCases.randomElement(using: &random)!
      matmul.bertScale = 0.05
      guard let first = try? TensorProgram(works[0], at: placements[0], on: machine),
        let second = try? TensorProgram(works[1], at: placements[1], on: machine),
        let plan = try? MatmulPlan(matmul, on: machine)
      else { continue }
      let source = ProgramChain(ProgramChain(first, TiledMatmul(plan)), second)
      do {
        #expect(try Self.judge(source, on: machine) == source.legalMACs)
      } catch {
        Issue.record("seed \(seed): \(placements), \(works), \(matmul): \(error)")
      }
      judged += 1
    }
    #expect(judged > 20)
  }

  /// A chain is licensed only if both of its parts are.
  @Test func sumsOfChains() throws {
    let machine = try Machine(HardwareConfig())
    let matmul = TiledMatmul(
      try MatmulPlan(Matmul(rows: 2, inner: 3, columns: 4), on: machine))
    let work = try TensorProgram(
      NonlinearWork(.add, rows: 4, columns: 4), at: .integerUnit, on: machine)
    #expect(ProgramChain(matmul, ProgramChain(work, matmul)).legalMACs == 48)
    #expect(ProgramChain(matmul, StepList([])).legalMACs == nil)
    #expect(ProgramChain(StepList([]), matmul).legalMACs == nil)
  }

  @Test func whatNoProgramCanDoIsRefused() throws {
    func message(
      _ work: NonlinearWork, _ placement: Placement,
      _ change: (inout HardwareConfig) -> Void = { _ in }
    ) -> String {
      var config = HardwareConfig()
      config.features.normalizations = true
      config.features.nonlinearUnit = true
      change(&config)
      do {
        _ = try TensorProgram(work, at: placement, on: Machine(config))
        return "none"
      } catch {
        return "\(error)"
      }
    }
    for operation in [NonlinearOperation.gelu, .softmax] {
      let work = NonlinearWork(operation, rows: 4, columns: 4)
      #expect(
        message(work, .integerUnit) { $0.features.nonlinearActivations = false }
          .contains("features.nonlinearActivations is false"))
    }
    var work = NonlinearWork(.add, rows: 4, columns: 4)
    work.inputIsWide = true
    #expect(message(work, .integerUnit).contains("add int8 tensors"))
    work.hasGain = true
    for placement in Placement.allCases {
      #expect(message(work, placement).contains("add has no gain"))
      let large = NonlinearWork(.softmax, rows: 1 << 20, columns: 1 << 13)
      #expect(message(large, placement).contains("main memory"))
      #expect(message(NonlinearWork(.convert, rows: 0, columns: 1), placement).contains("0x1"))
    }
    work.operation = .rmsNorm
    work.hasBias = true
    #expect(message(work, .host).contains("rmsNorm has no bias"))
  }
}
