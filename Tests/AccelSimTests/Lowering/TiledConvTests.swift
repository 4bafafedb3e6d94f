import Testing

@testable import AccelSim

/// Lowered convolutions compute plain convolutions on the functional machine.
@Suite struct TiledConvTests {
  static let cases: [@Sendable (inout Convolution) -> Void] = [
    { _ in },
    { $0.hasBias = true },
    { $0.activation = .relu },
    { $0.stride = 2 },
    { $0.padding = 0 },
    { $0.padding = 2 },
    {
      $0.kernel = 1
      $0.padding = 0
      $0.stride = 2
      ($0.inputRows, $0.inputColumns) = (12, 10)
    },
    { $0.pooling = ConvPooling(size: 2, stride: 2) },
    {
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
      $0.hasBias = true
      $0.stride = 2
    },
    { $0.pooling = ConvPooling(size: 3, stride: 1, padding: 1) },
    {
      ($0.inputChannels, $0.outputChannels) = (3, 20)
      $0.kernel = 7
      $0.padding = 3
      $0.stride = 2
    },
    {
      $0.isDepthwise = true
      $0.outputChannels = $0.inputChannels
      $0.hasBias = true
    },
    {
      $0.isDepthwise = true
      ($0.inputChannels, $0.outputChannels) = (5, 5)
      $0.stride = 2
      $0.activation = .relu
    },
    {
      $0.groups = 3
      ($0.inputChannels, $0.outputChannels) = (15, 24)
      $0.hasBias = true
    },
    {
      $0.groups = 2
      ($0.inputChannels, $0.outputChannels) = (40, 36)
      $0.stride = 2
      $0.pooling = ConvPooling(size: 2, stride: 2)
    },
    {
      $0.kernelDilation = 2
      $0.padding = 2
    },
    { $0.inputDilation = 2 },
    {
      $0.inputDilation = 2
      $0.padding = -1
      $0.rotatesWeights = true
    },
    { $0.rotatesWeights = true },
    { $0.transposesInput3120 = true },
    { $0.transposesOutput1203 = true },
    { $0.transposesWeights1203 = true },
    { $0.transposesWeights0132 = true },
    { ($0.strideInput, $0.strideWeights, $0.strideOutput) = (40, 41, 42) },
    {
      $0.tile = ConvTile(
        batch: 1, rows: 3, columns: 5, outputChannels: 16, kernelRows: 2, kernelColumns: 1,
        inputChannels: 16)
    },
    {
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
      $0.tile = ConvTile(
        batch: 1, rows: 2, columns: 3, outputChannels: 8, kernelRows: 3, kernelColumns: 3,
        inputChannels: 8)
    },
    {
      $0.kernel = 5
      $0.stride = 3
      $0.padding = 2
      ($0.inputRows, $0.inputColumns) = (14, 21)
    },
  ]

  private func check(
    _ convolution: Convolution, on machine: Machine, seed: UInt64
  ) throws {
    let plan = try ConvPlan(convolution, on: machine)
    let run = try FunctionalRun.run(ConvReference(plan, seed: seed).source, on: machine)
    #expect(run.checks == 1)
    #expect(run.mismatches.isEmpty, "\(convolution) tile \(plan.tile): \(run.mismatches)")
  }

  @Test(arguments: cases.indices) func resultIsThatOfDirectLoops(_ index: Int) throws {
    var convolution = Convolution(
      inputRows: 9, inputColumns: 7, inputChannels: 18, outputChannels: 19, kernel: 3)
    convolution.batch = 2
    convolution.padding = 1
    convolution.scale = 0.002
    Self.cases[index](&convolution)
    for width in index % 2 == 0 ? [8, 16] : [8] {
      var config = HardwareConfig()
      config.array.meshRows = width
      config.array.meshColumns = width
      try check(convolution, on: try Machine(config), seed: UInt64(index))
    }
  }

  /// The older encoding of the commands says the same.
  @Test func squareEncoding() throws {
    var config = HardwareConfig()
    config.features.convEncoding = .square
    let machine = try Machine(config)
    var convolution = Convolution(
      inputRows: 12, inputColumns: 12, inputChannels: 18, outputChannels: 20, kernel: 3)
    convolution.padding = 1
    convolution.scale = 0.002
    try check(convolution, on: machine, seed: 1)
    convolution.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
    try check(convolution, on: machine, seed: 2)
  }

  /// Without the first-layer optimisation a scratchpad row holds one pixel.
  @Test func onePixelPerRow() throws {
    var config = HardwareConfig()
    config.features.firstLayerOptimizations = false
    var convolution = Convolution(
      inputRows: 12, inputColumns: 12, inputChannels: 3, outputChannels: 20, kernel: 3)
    convolution.scale = 0.002
    try check(convolution, on: try Machine(config), seed: 1)
  }
}

/// Every convolution that a plan takes is computed right, and what a plan does not take has a name.
@Suite struct ConvPlanTests {
  private func message(
    _ config: HardwareConfig = HardwareConfig(), _ change: (inout Convolution) -> Void
  ) -> String {
    var convolution = Convolution(
      inputRows: 16, inputColumns: 16, inputChannels: 16, outputChannels: 16, kernel: 3)
    change(&convolution)
    do {
      return try ConvPlan(convolution, on: Machine(unchecked: config)).tile.description
    } catch {
      return error.description
    }
  }

  private func messageWithout(_ change: (inout FeatureConfig) -> Void) -> String {
    var config = HardwareConfig()
    change(&config.features)
    return message(config) {
      $0.isDepthwise = true
      $0.pooling = ConvPooling(size: 2, stride: 2)
      $0.activation = .relu
    }
  }

  @Test func eachMistakeIsNamed() {
    #expect(message { _ in } == "1x14x14x16x3x3x16")
    #expect(message { $0.kernel = 0 }.contains("kernel must be"))
    #expect(message { $0.kernel = 17 }.contains("0 output rows"))
    #expect(message { $0.inputDilation = 3 }.contains("input dilation must be 1...2"))
    #expect(message { $0.groups = 3 }.contains("3 groups"))
    #expect(message { $0.strideInput = 15 }.contains("stride of the input"))
    #expect(message { $0.pooling = ConvPooling(size: 4, stride: 1) }.contains("pooling size"))
    #expect(
      message { $0.pooling = ConvPooling(size: 2, stride: 1, padding: 2) }.contains(
        "pooling padding"))
    #expect(
      message {
        $0.transposesInput3120 = true
        $0.transposesWeights0132 = true
      }.contains("one transposer"))
    #expect(
      message {
        $0.isDepthwise = true
        $0.outputChannels = 32
      }.contains("depthwise"))
    #expect(
      message {
        $0.tile = ConvTile(
          batch: 1, rows: 14, columns: 14, outputChannels: 17, kernelRows: 3, kernelColumns: 3,
          inputChannels: 16)
      }.contains("output channels must be 1...16"))
    #expect(
      message {
        $0.padding = 20
        $0.tile = ConvTile(
          batch: 1, rows: 2, columns: 14, outputChannels: 16, kernelRows: 1, kernelColumns: 3,
          inputChannels: 16)
      }.contains("beyond the padding"))
    #expect(
      message {
        $0.inputRows = 65000
        $0.inputColumns = 65000
      }.contains("main memory"))
    #expect(
      message {
        $0.batch = 64
        $0.transposesInput3120 = true
      }.contains("all 64 images"))
  }

  @Test func eachMissingFeatureIsNamed() {
    #expect(messageWithout { $0.loopConv = false }.contains("loopConv is false"))
    #expect(messageWithout { $0.depthwiseConvs = false }.contains("depthwiseConvs is false"))
    #expect(messageWithout { $0.maxPool = false }.contains("maxPool is false"))
    #expect(
      messageWithout { $0.nonlinearActivations = false }.contains(
        "nonlinearActivations is false"))
    var config = HardwareConfig()
    config.features.trainingConvs = false
    #expect(message(config) { $0.rotatesWeights = true }.contains("trainingConvs is false"))
    config.features.convEncoding = .square
    #expect(message(config) { $0.inputRows = 17 }.contains("square encoding"))
    config.array.dataflow = .outputStationary
    #expect(message(config) { _ in }.contains("no weight-stationary"))
    config = HardwareConfig()
    config.array.meshRows = 32
    config.array.meshColumns = 32
    config.scratchpad.capacityKiB = 8
    #expect(
      message(config) {
        ($0.batch, $0.inputRows, $0.inputColumns) = (3, 2, 2)
        ($0.inputChannels, $0.kernel) = (29, 2)
        ($0.padding, $0.inputDilation) = (1, 2)
      }.contains("takes 148 rows of the scratchpad, 127 as the library counts; there are 128"))
    config = HardwareConfig()
    config.accumulator.capacityKiB = 1
    #expect(
      message(config) { $0.pooling = ConvPooling(size: 3, stride: 1) }.contains(
        "takes 9 rows of the accumulator; there are 8"))
  }
}
