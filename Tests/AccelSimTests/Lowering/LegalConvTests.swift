import Testing

@testable import AccelSim

/// What lets a run without data take lowered convolutions unjudged: every program that a plan
/// gives is legal on its machine, and does the work that it states.
@Suite struct LegalConvTests {
  private static func machine(_ random: inout Seeded) throws -> Machine {
    var config = HardwareConfig()
    let width = [4, 8, 16, 32].randomElement(using: &random)!
    config.array.meshRows = width
    config.array.meshColumns = width
    config.array.dataflow = random.next() & 1 == 0 ? .both : .weightStationary
    config.scratchpad.capacityKiB = [8, 64, 256].randomElement(using: &random)!
    config.accumulator.capacityKiB = [4, 16, 64].randomElement(using: &random)!
    config.features.firstLayerOptimizations = random.next() & 1 == 0
    config.features.trainingConvs = random.next() & 3 != 0
    config.features.depthwiseConvs = random.next() & 3 != 0
    config.features.maxPool = random.next() & 3 != 0
    config.features.nonlinearActivations = random.next() & 3 != 0
    config.features.convEncoding = random.next() & 3 == 0 ? .square : .rectangular
    config.features.executeReadsAccumulator = random.next() & 1 == 0
    config.features.executeWritesScratchpad = random.next() & 1 == 0
    config.features.hardcodeBiasToZero = random.next() & 7 == 0
    config.accumulator.readsFullWidth = random.next() & 3 != 0
    config.dma.maxBytes = [16, 64, 256].randomElement(using: &random)!
    return try Machine(config)
  }

  private static func convolution(_ random: inout Seeded) -> Convolution {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let rows = number(1...20)
    var convolution = Convolution(
      inputRows: rows, inputColumns: number(0...2) == 0 ? number(1...20) : rows,
      inputChannels: number(1...40), outputChannels: number(1...40), kernel: number(1...5))
    convolution.batch = number(1...3)
    convolution.stride = number(1...3)
    convolution.padding = number(0...2)
    convolution.hasBias = number(0...1) == 0
    convolution.activation = number(0...1) == 0 ? .none : .relu
    convolution.scale = 0.003
    switch number(0...11) {
    case 0: convolution.transposesInput3120 = true
    case 1: convolution.transposesWeights1203 = true
    case 2: convolution.transposesWeights0132 = true
    case 3: convolution.transposesOutput1203 = true
    case 4: convolution.rotatesWeights = true
    case 5:
      convolution.inputDilation = 2
      convolution.stride = 1
    case 6:
      convolution.isDepthwise = true
      convolution.outputChannels = convolution.inputChannels
    case 7:
      convolution.groups = 2
      convolution.inputChannels *= 2
      convolution.outputChannels *= 2
    case 8:
      (convolution.kernel, convolution.stride, convolution.padding) = (1, 2, 0)
      convolution.inputRows *= 2
      convolution.inputColumns *= 2
    case 9: convolution.kernelDilation = 2
    default: break
    }
    if number(0...3) == 0 {
      let size = number(1...3)
      convolution.pooling = ConvPooling(
        size: size, stride: number(1...3), padding: number(0...(size - 1)))
    }
    return convolution
  }

  @Test func plansAreLegalAndCountTheirWork() throws {
    var judged = 0
    for seed in 0..<UInt64(Seeded.iterations(120)) {
      var random = Seeded(seed + 1)
      guard let machine = try? Self.machine(&random) else { continue }
      let convolution = Self.convolution(&random)
      guard let plan = try? ConvPlan(convolution, on: machine) else { continue }
      let source = TiledConv(plan)
      var run = FunctionalRun(machine, carriesData: false)
      var steps = source
      while let step = steps.next() { try run.perform(step) }
      try run.drain()
      #expect(
        run.machine.usefulMACs == source.legalMACs, "seed \(seed): \(convolution) \(plan.tile)")
      judged += 1
    }
    #expect(judged > 40)
  }

  @Test func plansComputeTheirConvolution() throws {
    var judged = 0
    for seed in 1000..<UInt64(1000 + Seeded.iterations(100)) {
      var random = Seeded(seed + 1)
      guard let machine = try? Self.machine(&random) else { continue }
      let convolution = Self.convolution(&random)
      guard let plan = try? ConvPlan(convolution, on: machine), plan.issuedMACs < 100_000,
        plan.loops < 200
      else { continue }
      let run = try FunctionalRun.run(ConvReference(plan, seed: seed).source, on: machine)
      #expect(
        run.mismatches.isEmpty,
        "seed \(seed): dim \(machine.dim) \(convolution) \(plan.tile): \(run.mismatches)")
      judged += 1
    }
    #expect(judged > 10)
  }
}
