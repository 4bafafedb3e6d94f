import AccelSim
import Foundation
import Testing

/// Sizes of the zoo against paper.md 4 and zoo_cnn.json.
@Suite struct ZooTests {
  private func build(_ name: String, _ values: [String: Int] = [:]) throws -> Workload {
    try #require(WorkloadModel.named(name)).workload(values)
  }

  /// Multiply-accumulates by the formulas of paper.md 4.1, independent of the builder.
  private func encoderMACs(rows: Int, width: Int, hidden: Int, layers: Int) -> Int {
    layers * (4 * rows * width * width + 2 * rows * rows * width + 2 * rows * width * hidden)
  }

  @Test(arguments: [("bert-base", 768, 3072, 12), ("bert-large", 1024, 4096, 24)])
  func multiplicationsOfEncodersAreThoseOfTheFormula(
    _ name: String, _ width: Int, _ hidden: Int, _ layers: Int
  ) throws {
    for sequence in [128, 512] {
      let workload = try build(name, ["sequence": sequence])
      let macs = encoderMACs(rows: sequence, width: width, hidden: hidden, layers: layers)
      #expect(workload.macs == macs)
    }
  }

  /// GMAC as paper.md 4.1 prints them.
  @Test func printedTransformerTotals() throws {
    let printed: [(String, [String: Int], Double, Double)] = [
      ("bert-base", ["sequence": 128], 11.17, 0.005),
      ("bert-base", ["sequence": 512], 48.32, 0.005),
      ("bert-large", ["sequence": 128], 39.46, 0.005),
      ("bert-large", ["sequence": 512], 167.5, 0.05),
      ("vit-b16", [:], 17.56, 0.005), ("deit-s", [:], 4.60, 0.01), ("deit-ti", [:], 1.25, 0.01),
      ("gpt2-decode", ["position": 1024], 0.1038, 0.00005), ("llama-7b", [:], 833.2, 0.05),
      ("llama-7b-decode", [:], 6.51, 0.005),
    ]
    for (name, values, total, tolerance) in printed {
      let macs = Double(try build(name, values).macs) / 1e9
      #expect(abs(macs - total) <= tolerance, "\(name) \(values): \(macs)")
    }
    let head = try build("gpt2", ["ends": 1]).macs - build("gpt2").macs
    #expect(head == 50257 * 768)
    let llamaHead = try build("llama-7b", ["ends": 1]).macs - build("llama-7b").macs
    #expect(llamaHead == 32000 * 4096)
  }

  /// Millions of parameters as paper.md 4.1 prints them.
  @Test func printedParameterCounts() throws {
    let printed: [(String, [String: Int], Double, Double)] = [
      ("bert-base", [:], 85.0, 0.1), ("bert-base", ["ends": 1], 110, 0.6),
      ("bert-large", [:], 302, 0.5), ("bert-large", ["ends": 1], 335, 0.5),
      ("vit-b16", [:], 86.6, 0.05), ("deit-s", [:], 22.1, 0.05), ("deit-ti", [:], 5.7, 0.05),
      ("gpt2", ["ends": 1], 124.4, 0.05), ("llama-7b", ["ends": 1], 6740, 5),
      ("llama-7b", [:], 6476, 1),
    ]
    for (name, values, total, tolerance) in printed {
      let count = Double(try build(name, values).parameterCount) / 1e6
      #expect(abs(count - total) <= tolerance, "\(name) \(values): \(count)")
    }
  }

  /// Multiply-accumulates and weights (without biases) of zoo_cnn.json.
  @Test(arguments: [
    ("resnet50", 3_857_973_248, 25_502_912), ("resnet50-v1.5", 4_089_184_256, 25_502_912),
    ("mobilenetv2", 300_774_272, 3_469_760), ("alexnet", 714_188_480, 61_090_496),
    ("alexnet-2012", 724_406_816, 60_954_656), ("squeezenet1.0", 818_924_576, 1_244_448),
    ("squeezenet1.1", 349_151_936, 1_231_552),
  ])
  func convolutionalTotals(_ name: String, _ macs: Int, _ weights: Int) throws {
    let workload = try build(name)
    #expect(workload.macs == macs)
    let counted = workload.tensors.filter { $0.role == .weight && $0.shape.count > 1 }
    #expect(counted.reduce(0) { $0 + $1.count } == weights)
    let two = try build(name, ["batch": 2])
    #expect(two.macs == 2 * macs)
  }

  private struct Layer: Decodable {
    var name: String
    var inputChannels, outputChannels, kernel, stride, padding, input, output, groups: Int
    var macs, params: Int

    enum CodingKeys: String, CodingKey {
      case name, macs, params
      case inputChannels = "C"
      case outputChannels = "K"
      case kernel = "R"
      case stride = "S"
      case padding = "P"
      case input = "Hin"
      case output = "Hout"
      case groups = "g"
    }
  }

  @Test(
    .enabled(if: Golden.isPresent),
    arguments: [
      ("resnet50_v1", "resnet50"), ("resnet50_v15", "resnet50-v1.5"),
      ("mobilenetv2", "mobilenetv2"), ("alexnet_torchvision", "alexnet"),
      ("alexnet_2012", "alexnet-2012"), ("squeezenet1_0", "squeezenet1.0"),
      ("squeezenet1_1", "squeezenet1.1"),
    ])
  func everyConvolutionalLayer(_ table: String, _ name: String) throws {
    let file = Golden.root + "/../reference/zoo_cnn.json"
    let tables = try JSONDecoder().decode(
      [String: [Layer]].self, from: Data(contentsOf: URL(filePath: file)))
    let layers = try #require(tables[table])
    let workload = try build(name)
    let steps = workload.operators.filter { workload.macs(of: $0) > 0 }
    #expect(Set(steps.map(\.name)) == Set(layers.map(\.name)))
    for layer in layers {
      let step = try #require(steps.first { $0.name == layer.name })
      let weights = workload.inputs(of: step)[1]
      #expect(workload.macs(of: step) == layer.macs, "\(layer.name)")
      #expect(weights.count == layer.params, "\(layer.name)")
      guard case .convolution(let convolution) = step.kind else { continue }
      let (input, output) = (workload.inputs(of: step)[0].shape, workload[step.output].shape)
      #expect(input == [1, layer.input, layer.input, layer.inputChannels], "\(layer.name)")
      #expect(output == [1, layer.output, layer.output, layer.outputChannels], "\(layer.name)")
      let found = [
        convolution.kernel, convolution.stride, convolution.padding, convolution.groups,
      ]
      #expect(found == [layer.kernel, layer.stride, layer.padding, layer.groups], "\(layer.name)")
    }
  }

  @Test(arguments: WorkloadModel.all.map(\.name))
  func everyModelSurvivesWritingAndReading(_ name: String) throws {
    let model = try #require(WorkloadModel.named(name))
    var values: [String: Int] = [:]
    let names = model.parameters.map(\.name)
    if names.contains("layers") { values["layers"] = 2 }
    if names.contains("ends") { values["ends"] = 1 }
    if names.contains("batch") { values["batch"] = 2 }
    let workload = try model.workload(values)
    #expect(try Workload(json: workload.json()) == workload)
  }

  @Test func residualsOfTheConvolutionalNetworks() throws {
    for (name, count) in [("resnet50", 16), ("mobilenetv2", 10), ("squeezenet1.1", 0)] {
      let residuals = try build(name).operators.filter { $0.kind.name == "residual" }
      #expect(residuals.count == count, "\(name)")
    }
  }

  @Test func operatorsOfALayerOfBERT() throws {
    let workload = try build("bert-base", ["layers": 1])
    #expect(
      workload.operators.map(\.stem) == [
        "q", "k", "v", "scores", "softmax", "context", "out", "add1", "norm1", "ffn1", "gelu",
        "ffn2", "add2", "norm2",
      ])
    let scores = workload.operators[3]
    #expect(
      workload.product(of: scores) == WorkloadProduct(count: 12, rows: 128, inner: 64, columns: 128)
    )
    #expect(workload[scores.output].type == .int32)
    #expect(workload.readers(of: scores.output).map(\.stem) == ["softmax"])
    #expect(workload.writer(of: scores.output) == scores)
    #expect(workload.writer(of: "x") == nil)
  }

  @Test func aGenerationIsAListOfSteps() throws {
    let model = try #require(WorkloadModel.named("gpt2-generate"))
    let steps = try model.steps(["tokens": 5, "layers": 1])
    #expect(steps.count == 5)
    let keys = try (0..<5).map { try steps.workload(at: $0)["layer0.keys"].shape }
    #expect(keys == (1...5).map { [$0, 768] })
  }

  @Test func parametersThatAModelDoesNotTake() throws {
    let model = try #require(WorkloadModel.named("bert-base"))
    #expect {
      try model.workload(["sequnce": 3, "layers": 0, "heads": 5])
    } throws: { error in
      "\(error)" == """
        heads: found 5; expected a whole number 1...384 that divides 768
        layers: found 0; expected a whole number 1...256
        sequnce: found a parameter that bert-base does not have; expected one of sequence, layers, \
        heads, batch, ends; did you mean sequence?
        """
    }
    // Each size by itself is fine; together they are too large.
    #expect(throws: InvalidWorkload.self) {
      try model.workload(["sequence": 65536, "batch": 1024, "layers": 1])
    }
  }
}
