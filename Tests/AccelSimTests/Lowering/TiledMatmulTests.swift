import Foundation
import Testing

@testable import AccelSim

private let machine = Machine(unchecked: HardwareConfig())
private let normalising: Machine = {
  var config = HardwareConfig()
  config.name = "gemmini-ibert"
  config.features.normalizations = true
  return Machine(unchecked: config)
}()

@Suite struct MatmulTileTests {
  struct Choice: Sendable {
    var matmul: (Int, Int, Int)
    var weightStationary: MatmulTile
    var outputStationary: MatmulTile
  }

  private static func tile(_ i: Int, _ j: Int, _ k: Int) -> MatmulTile {
    MatmulTile(rows: i, columns: j, inner: k)
  }

  /// Facts C8, written there as (I, J, K).
  static let choices = [
    Choice(
      matmul: (64, 64, 64), weightStationary: tile(4, 4, 4), outputStationary: tile(4, 4, 4)),
    Choice(
      matmul: (128, 128, 128), weightStationary: tile(5, 6, 8), outputStationary: tile(8, 8, 8)),
    Choice(
      matmul: (256, 256, 256), weightStationary: tile(5, 6, 16), outputStationary: tile(8, 8, 16)),
    Choice(
      matmul: (512, 512, 512), weightStationary: tile(5, 6, 32), outputStationary: tile(8, 8, 32)),
    Choice(
      matmul: (1024, 1024, 1024), weightStationary: tile(5, 5, 51),
      outputStationary: tile(8, 8, 64)),
    Choice(
      matmul: (128, 768, 768), weightStationary: tile(5, 5, 48), outputStationary: tile(8, 8, 48)),
    Choice(
      matmul: (128, 3072, 768), weightStationary: tile(5, 5, 48), outputStationary: tile(8, 8, 48)),
    Choice(
      matmul: (128, 768, 3072), weightStationary: tile(5, 5, 51), outputStationary: tile(8, 8, 64)),
    Choice(
      matmul: (1, 1000, 2048), weightStationary: tile(1, 8, 56), outputStationary: tile(1, 13, 73)),
    Choice(
      matmul: (31, 66, 30), weightStationary: tile(2, 5, 2), outputStationary: tile(2, 5, 2)),
    Choice(
      matmul: (3136, 64, 64), weightStationary: tile(8, 4, 4), outputStationary: tile(16, 4, 4)),
    Choice(
      matmul: (49, 2048, 512), weightStationary: tile(4, 8, 32), outputStationary: tile(4, 16, 32)),
  ]

  @Test(arguments: choices.indices) func libraryChoice(_ index: Int) throws {
    let choice = Self.choices[index]
    var matmul = Matmul(
      rows: choice.matmul.0, inner: choice.matmul.2, columns: choice.matmul.1)
    #expect(try MatmulPlan(matmul, on: machine).tile == choice.weightStationary)
    matmul.dataflow = .outputStationary
    #expect(try MatmulPlan(matmul, on: machine).tile == choice.outputStationary)
  }

  @Test func softmaxKeepsWholeRows() throws {
    var matmul = Matmul(rows: 128, inner: 64, columns: 128)
    matmul.activation = .softmax
    matmul.bertScale = 0.05
    #expect(try MatmulPlan(matmul, on: normalising).tile == Self.tile(4, 8, 4))
  }

  /// Every legal machine gets a tile that its memories hold, or an error.
  @Test func everyMachineGetsALegalTile() throws {
    for width in [2, 4, 8, 16, 32] {
      for capacity in [2, 16, 64, 1024] {
        for (rows, inner, columns) in [(1, 1, 1), (77, 300, 45), (1024, 64, 512)] {
          for dataflow in MatmulDataflow.allCases {
            var config = HardwareConfig()
            config.array.meshRows = width
            config.array.meshColumns = width
            config.scratchpad.capacityKiB = capacity
            config.accumulator.capacityKiB = max(capacity / 4, 1)
            let small = Machine(unchecked: config)
            var matmul = Matmul(rows: rows, inner: inner, columns: columns)
            matmul.dataflow = dataflow
            guard let plan = try? MatmulPlan(matmul, on: small) else {
              let limits = MatmulLimits(dataflow, small)
              #expect(limits.accumulatorRows < width || limits.scratchpadRows < 2 * width)
              continue
            }
            #expect(plan.tile.rows * plan.blocks.rows >= plan.bounds.rows)
          }
        }
      }
    }
  }
}

@Suite struct MatmulErrorTests {
  private func message(
    on machine: Machine = machine, _ change: (inout Matmul) -> Void
  ) -> String {
    var matmul = Matmul(rows: 64, inner: 64, columns: 64)
    change(&matmul)
    do {
      _ = try MatmulPlan(matmul, on: machine)
      return "accepted"
    } catch {
      return error.description
    }
  }

  @Test func eachMistakeIsNamed() {
    #expect(message { $0.rows = 0 }.contains("rows (M)"))
    #expect(message { $0.columns = Int.max }.contains("columns (N)"))
    #expect(
      message {
        $0.transposesA = true
        $0.transposesB = true
      }.contains("one transposer"))
    #expect(message { $0.activation = .softmax }.contains("normalizations"))
    #expect(
      message { $0.tile = MatmulTile(rows: 4, columns: 4, inner: 5) }.contains("K must be 1...4"))
    #expect(
      message {
        $0.rows = 512
        $0.tile = MatmulTile(rows: 32, columns: 4, inner: 4)
      }.contains("accumulator"))
    #expect(
      message {
        $0.rows = 1 << 20
        $0.columns = 1 << 20
      }.contains("main memory"))
    #expect(message { $0.strideA = 3 }.contains("stride of A"))
    #expect(
      message {
        $0.dataflow = .outputStationary
        $0.transposesA = true
      }.contains("output-stationary"))
    #expect(message(on: normalising) { $0.activation = .igelu }.contains("positive scale"))
    #expect(
      message(on: normalising) {
        $0.activation = .softmax
        $0.bertScale = 2
      }.contains("constants"))
  }
}

@Suite struct NormConstantsTests {
  /// Facts C5.
  @Test func softwareConstants() throws {
    var matmul = Matmul(rows: 1, inner: 1, columns: 1)
    matmul.bertScale = 0.05
    matmul.activation = .igelu
    let gelu = try #require(NormConstants(matmul))
    #expect(gelu.qb == -50)
    #expect(gelu.qc == -2770)
    matmul.activation = .softmax
    let softmax = try #require(NormConstants(matmul))
    #expect(softmax.qln2 == 13)
    #expect(softmax.qln2Inverse == 5041)
    #expect(softmax.qb == 27)
    #expect(softmax.qc == 383)
  }
}

/// What lets a run without data take lowered commands unjudged: every program that a plan gives is
/// legal on its machine, and does the work that it states.
@Suite struct LegalProgramTests {
  private static func draw(_ seed: UInt64) throws -> (Matmul, Machine) {
    var random = Seeded(seed + 1)
    var config = HardwareConfig()
    let width = [4, 8, 16, 32].randomElement(using: &random)!
    config.array.meshRows = width
    config.array.meshColumns = width
    config.array.dataflow = [.both, .weightStationary, .outputStationary].randomElement(
      using: &random)!
    config.scratchpad.capacityKiB = [8, 64, 256].randomElement(using: &random)!
    config.accumulator.capacityKiB = [4, 16, 64].randomElement(using: &random)!
    config.features.normalizations = random.next() & 1 == 0
    config.features.nonlinearActivations = random.next() & 3 != 0
    config.features.trainingConvs = random.next() & 1 == 0
    config.features.executeReadsAccumulator = random.next() & 1 == 0
    config.features.executeWritesScratchpad = random.next() & 1 == 0
    config.features.loopConv = random.next() & 1 == 0
    config.features.hardcodeBiasToZero = random.next() & 7 == 0
    config.accumulator.readsFullWidth = random.next() & 3 != 0
    config.accumulator.readsSmallWidth = random.next() & 7 != 0
    config.dma.maxBytes = [16, 64, 256].randomElement(using: &random)!
    let machine = try Machine(config)
    var matmul = Matmul(
      rows: Int.random(in: 1...150, using: &random), inner: Int.random(in: 1...150, using: &random),
      columns: Int.random(in: 1...150, using: &random))
    matmul.bias = MatmulBias.allCases.randomElement(using: &random)!
    matmul.lowBias = random.next() & 3 == 0
    matmul.fullOutput = random.next() & 3 == 0
    matmul.transposesA = random.next() & 3 == 0
    matmul.transposesB = random.next() & 3 == 0
    matmul.dataflow = random.next() & 1 == 0 ? .weightStationary : .outputStationary
    matmul.activation = MatmulActivation.allCases.randomElement(using: &random)!
    matmul.bertScale = 0.05
    return (matmul, machine)
  }

  @Test func plansAreLegalAndCountTheirWork() throws {
    var judged = 0
    for seed in 0..<400 as Range<UInt64> {
      guard let (matmul, machine) = try? Self.draw(seed),
        let plan = try? MatmulPlan(matmul, on: machine)
      else { continue }
      let source = TiledMatmul(plan)
      var run = FunctionalRun(machine, carriesData: false)
      var steps = source
      while let step = steps.next() { try run.perform(step) }
      try run.drain()
      #expect(run.machine.usefulMACs == source.legalMACs, "seed \(seed): \(matmul)")
      judged += 1
    }
    #expect(judged > 50)
  }
}
