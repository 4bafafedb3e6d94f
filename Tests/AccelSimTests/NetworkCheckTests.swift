import SystolicCore
import Testing

@testable import AccelSim

/// Networks with random data against references.
struct NetworkCheckTests {
  static func machine(_ preset: String, _ change: (inout HardwareConfig) -> Void = { _ in })
    throws -> Machine
  {
    var config = try #require(HardwareConfig.preset(preset))
    change(&config)
    return try Machine(config)
  }

  /// A transformer's layer as the zoo has it, of `width` features.
  static func layer(width: Int = 64, sequence: Int = 20, isPreNorm: Bool = false) throws
    -> Workload
  {
    let sizes = TransformerSizes(width: width, heads: 2, hidden: 2 * width, layers: 1)
    let pass = TransformerPass(sizes: sizes, batch: 1, rows: sequence, context: sequence)
    var builder = WorkloadBuilder("layer", [])
    builder.layer = 0
    let x = builder.tensor("x", [sequence, width], .input)
    if isPreNorm {
      _ = WorkloadModel.preNormLayer(&builder, x, pass, .geluTanh, epsilon: 1e-5)
      return try builder.finish()
    }
    let out = builder.project(builder.attention(x, pass), pass)
    let add1 = builder.residual("add1", out, x, inner: width, type: .int32)
    let norm1 = builder.norm("norm1", add1, width: width, inputScale: 1, epsilon: 1e-12)
    let ffn = builder.feedForward(norm1, pass, .gelu)
    let add2 = builder.residual("add2", ffn, norm1, inner: 2 * width, type: .int32)
    _ = builder.norm("norm2", add2, width: width, inputScale: 1, epsilon: 1e-12)
    return try builder.finish()
  }

  /// A few layers of a CNN: pooling, groups, dilation, depthwise, a stride, a residual, a concat.
  static func network() throws -> Workload {
    var builder = WorkloadBuilder("cnn", [])
    let image = builder.tensor("image", [1, 12, 12, 3], .input)
    var x = builder.convolution(
      "first", image, channels: 3, outputs: 24, kernel: 3, padding: 1, .relu)
    x = builder.maxPool("pool", x, size: 2, stride: 2)
    let a = builder.convolution("a", x, channels: 24, outputs: 24, kernel: 3, padding: 1, groups: 2)
    let b = builder.convolution(
      "b", x, channels: 24, outputs: 24, kernel: 3, padding: 1, groups: 24, .relu6)
    var residual = WorkloadResidual()
    residual.relu = true
    x = builder.add("add", .residual(residual), [a, b])
    let left = builder.convolution("left", x, channels: 24, outputs: 20, stride: 2)
    let right = builder.convolution(
      "right", x, channels: 24, outputs: 12, kernel: 3, stride: 2, padding: 1)
    x = builder.add("concat", .concat(WorkloadConcat()), [left, right])
    x = builder.add("average", .globalAverage, [x])
    _ = builder.linear("fc", .classifier, x, inner: 32, columns: 10)
    return try builder.finish()
  }

  @Test(arguments: ["gemmini-default", "gemmini-ibert", "gemmini-fp", "gemmini-8x8"])
  func everyOperatorOfAnEncoderIsRight(_ preset: String) throws {
    let check = try NetworkCheck(Self.layer(), on: try Self.machine(preset), seed: 3)
    #expect(check.passed, "\(check.text())")
    #expect(check.isComplete)
    let verdicts = Set(check.operators.map(\.verdict))
    #expect(verdicts == [.right])
  }

  /// The stream of residuals stays FP32 on the host.
  @Test(arguments: ["gemmini-default", "gemmini-fp"])
  func transformerWithNormsFirst(_ preset: String) throws {
    let check = try NetworkCheck(
      Self.layer(isPreNorm: true), on: try Self.machine(preset), seed: 4)
    #expect(check.passed, "\(check.text())")
  }

  @Test(arguments: [LaneFormat.fp16, .bf16])
  func shortFormats(_ format: LaneFormat) throws {
    let machine = try Self.machine("gemmini-fp") { $0.nonlinear.format = format }
    let check = try NetworkCheck(Self.layer(), on: machine, seed: 5)
    #expect(check.passed, "\(check.text())")
  }

  @Test func everyOperatorOfAConvolutionalNetworkIsExact() throws {
    let check = try NetworkCheck(Self.network(), on: try Self.machine("gemmini-default"), seed: 6)
    #expect(check.passed, "\(check.text())")
    #expect(check.operators.count == 9)
    #expect(check.operators.first?.fused == ["pool"])
    let differing = check.operators.reduce(0) { $0 + $1.differing }
    #expect(differing == 0)
    let text = check.text()
    #expect(text.contains("int8 convolution, maxima, exact: first\n"))
    #expect(text.hasSuffix("9 operators: none is wrong\n"))
  }

  /// A reshape inside a concat of rows takes its place through its input.
  @Test func viewsOfViews() throws {
    var builder = WorkloadBuilder("views", [])
    let image = builder.tensor("image", [1, 4, 4, 3], .input)
    let patches = builder.convolution(
      "patches", image, channels: 3, outputs: 16, kernel: 2, stride: 2)
    var flat = WorkloadReshape()
    flat.shape = [4, 16]
    let tokens = builder.add("tokens", .reshape(flat), [patches])
    var rows = WorkloadConcat()
    rows.axis = 0
    let first = builder.tensor("class", [3, 16], .weight)
    let all = builder.add("withClass", .concat(rows), [first, tokens])
    _ = builder.linear("fc", .classifier, all, inner: 16, columns: 8)
    let check = try NetworkCheck(
      builder.finish(), on: try Self.machine("gemmini-default"), seed: 7)
    #expect(check.passed, "\(check.text())")
    rows.axis = 1
    var middle = WorkloadBuilder("middle", [])
    let (x, y) = (middle.tensor("x", [2, 3, 4], .input), middle.tensor("y", [2, 1, 4], .input))
    _ = middle.add("join", .concat(rows), [x, y])
    #expect(throws: NetworkError.self) {
      try NetworkPlan(middle.finish(), on: try Self.machine("gemmini-default"))
    }
  }

  @Test func cachesOfABatch() throws {
    let sizes = TransformerSizes(width: 32, heads: 2, hidden: 64, layers: 1)
    let pass = TransformerPass(sizes: sizes, batch: 2, rows: 1, context: 9)
    var builder = WorkloadBuilder("decode", [])
    let x = builder.tensor("x", [2, 32], .input)
    _ = builder.attention(x, pass)
    let check = try NetworkCheck(
      builder.finish(), on: try Self.machine("gemmini-default"), seed: 8)
    #expect(check.passed, "\(check.text())")
  }

  /// The host masks and turns; the units see whole rows.
  @Test(arguments: ["gemmini-default", "gemmini-ibert"])
  func causalAttentionWithRotaryEmbedding(_ preset: String) throws {
    let sizes = TransformerSizes(width: 32, heads: 2, hidden: 64, layers: 1)
    var pass = TransformerPass(sizes: sizes, batch: 2, rows: 9, context: 9)
    pass.isCausal = true
    pass.hasRotary = true
    var builder = WorkloadBuilder("causal", [])
    let x = builder.tensor("x", [18, 32], .input)
    _ = builder.attention(x, pass)
    let check = try NetworkCheck(builder.finish(), on: try Self.machine(preset), seed: 11)
    #expect(check.passed, "\(check.text())")
    let rotary = try #require(check.operators.first { $0.name == "rotaryK" })
    #expect(rotary.verdict == .right && rotary.elements == 18 * 32 && rotary.worst < 1)
    let softmax = check.operators.first { $0.comparedWith.contains("softmax") }
    let isMasked = softmax?.comparedWith == "softmax, causal"
    #expect(isMasked == (preset == "gemmini-default"))
    if isMasked {
      // Above the diagonals at least.
      #expect(try #require(softmax).zeros >= 4 * 36)
    }
  }

  /// A byte that changes between operators is found where it is read.
  @Test func aChangedByteIsFound() throws {
    let machine = try Self.machine("gemmini-default")
    let data = NetworkData(try Self.network(), on: machine, seed: 9)
    let plan = try NetworkPlan(data.workload, on: machine)
    var run = try NetworkDataRun(plan, data)
    #expect(try run.perform(plan.operators[0]).verdict == .right)
    let input = try #require(plan.operators[1].places[plan.workload.operators[2].inputs[0]])
    run.corrupt(input.address + 5)
    #expect(try run.perform(plan.operators[1]).verdict == .inputChanged)
    // A weight of the next operator, too.
    let weight = try #require(plan.given["b.weight"])
    run.corrupt(weight.address)
    #expect(try run.perform(plan.operators[2]).verdict == .inputChanged)
  }

  /// Commands for other scales than the graph's give results that are not the reference's.
  @Test func aWrongPlanIsFound() throws {
    let machine = try Self.machine("gemmini-default")
    let original = try Self.network()
    let data = NetworkData(original, on: machine, seed: 10)
    var steps = data.workload.operators
    guard case .convolution(var convolution) = steps[0].kind else { return }
    convolution.scale *= 1.1
    steps[0].kind = .convolution(convolution)
    let altered = try Workload(
      name: "altered", tensors: data.workload.tensors, operators: steps)
    let wrong = try NetworkPlan(altered, on: machine)
    var run = try NetworkDataRun(wrong, data, reference: data.workload)
    let row = try run.perform(wrong.operators[0])
    #expect(row.verdict == .wrong)
    #expect(row.differing > 0)
    #expect(try run.perform(wrong.operators[1]).verdict == .right)
  }

  /// The text fits 80 columns, whatever operators are called.
  @Test func longNames() throws {
    var builder = WorkloadBuilder(String(repeating: "workload", count: 12), [])
    let x = builder.tensor("x", [16, 16], .input)
    _ = builder.linear(
      String(repeating: "long", count: 20), .feedForward, x, inner: 16, columns: 16)
    let machine = try Self.machine("gemmini-default")
    let workload = try builder.finish()
    var report = try NetworkRun.report(WorkloadSteps(workload), on: machine)
    report.check = try NetworkCheck(workload, on: machine, seed: 1)
    let texts = [
      report.text(), LoweringReport(try NetworkPlan(workload, on: machine)).text(),
      workload.table(), WorkloadAnalysis(workload).text(byOperator: true),
    ]
    for text in texts {
      let tooLong = text.split(separator: "\n").filter { $0.count > 80 }
      #expect(tooLong.isEmpty, "\(tooLong)")
    }
  }

  @Test func contentsFollowFromSeedAndName() throws {
    let machine = try Self.machine("gemmini-default")
    let workload = try Self.network()
    let (one, other) = (
      NetworkData(workload, on: machine, seed: 1), NetworkData(workload, on: machine, seed: 2)
    )
    let (image, weight) = (workload["image"], workload["first.weight"])
    let values = one.values(of: image, as: .int8)
    #expect(values == one.values(of: image, as: .int8))
    #expect(values != other.values(of: image, as: .int8))
    let isInRange = values.integers.allSatisfy { (-127...127).contains($0) }
    #expect(isInRange)
    #expect(one.values(of: weight, as: .int8).integers.prefix(9) != values.integers.prefix(9))
    let bytes = TensorValues.integer([-2, 300, 7]).bytes(as: .int32)
    #expect(TensorValues(bytes, as: .int32).integers == [-2, 300, 7])
  }
}
