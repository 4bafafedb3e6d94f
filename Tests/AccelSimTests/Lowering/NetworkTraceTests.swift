import SystolicCore
import Testing

@testable import AccelSim

/// Whole networks against command lists that Gemmini's own library issued: the same operators in
/// the same order, each command with the same operands. Base addresses are free, but one tensor
/// stands in one place for all operators that touch it.
@Suite(.enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct NetworkTraceTests {
  // MARK: Encoders

  struct Encoder: Sendable {
    var trace: String
    var width: Int
    var hidden: Int
    var heads: Int
    var sequence: Int
    /// Scale of int8 results: 1 in the programs as shipped, whose data are all zero.
    var scale: Float = 1
  }

  static let encoders = [
    Encoder(
      trace: "transformer_bert_base_zero", width: 768, hidden: 3072, heads: 12, sequence: 128),
    Encoder(
      trace: "transformer_small_zero", width: 512, hidden: 1024, heads: 4, sequence: 128),
    Encoder(
      trace: "transformer_256_512_4_64_random", width: 256, hidden: 512, heads: 4, sequence: 64,
      scale: 0.05),
    Encoder(
      trace: "transformer_64_128_2_32_random", width: 64, hidden: 128, heads: 2, sequence: 32,
      scale: 0.05),
  ]

  /// The zoo's encoder with the scales of the test program.
  @Test(arguments: encoders.indices) func encoder(_ index: Int) throws {
    let encoder = Self.encoders[index]
    let model = WorkloadModel.gemmini(
      "encoder", "",
      TransformerSizes(
        width: encoder.width, heads: encoder.heads, hidden: encoder.hidden, layers: 1))
    let zoo = try model.workload(["sequence": encoder.sequence])
    var operators = zoo.operators
    for index in operators.indices {
      switch operators[index].kind {
      case .matmul(var matmul):
        matmul.scale = operators[index].stem == "scores" ? 1 : encoder.scale
        operators[index].kind = .matmul(matmul)
      case .softmax(var softmax):
        softmax.inputScale = 0.05
        operators[index].kind = .softmax(softmax)
      case .activation(var activation):
        activation.inputScale = encoder.scale
        operators[index].kind = .activation(activation)
      case .layerNorm(var norm):
        norm.outputScale = 1
        operators[index].kind = .layerNorm(norm)
      default: break
      }
    }
    // The recorded program never runs LayerNorm inside its matmul. Ours does where half the
    // accumulator holds a row; a second reader of the sums keeps it from that.
    var tensors = zoo.tensors
    for step in zoo.operators where step.kind.name == "layerNorm" {
      let sums = step.inputs[0]
      var view = WorkloadReshape()
      view.shape = zoo[sums].shape
      tensors.append(WorkloadTensor(name: sums + ".seen", shape: view.shape, type: .int32))
      operators.append(
        WorkloadOperator(
          name: sums + ".seen", kind: .reshape(view), inputs: [sums], output: sums + ".seen"))
    }
    var config = HardwareConfig()
    config.features.normalizations = true
    config.features.numerics = .softwareModel
    config.placement.softmax = .integerUnit
    config.placement.layerNorm = .integerUnit
    config.placement.activation = .integerUnit
    config.placement.residual = .integerUnit
    let workload = try Workload(name: "encoder", tensors: tensors, operators: operators)
    var trace = try NetworkTrace(workload, on: Machine(config))
    // The program writes these sums with the distance of the expansion's rows, and reads them dense.
    try trace.space("ffn2", by: encoder.hidden)
    try trace.expect(RecordedProgram(encoder.trace))
  }

  // MARK: Chains

  /// Three layers, twice.
  @Test(arguments: [("net_mlp_ws", Dataflow.both), ("net_mlp_os", .outputStationary)])
  func perceptron(_ name: String, _ dataflow: Dataflow) throws {
    var builder = WorkloadBuilder("mlp", [])
    var x = builder.tensor("x", [64, 128], .input)
    for (number, (inner, columns, scale)) in [
      (128, 256, Float(0.05)), (256, 64, 0.03), (64, 16, 0.25),
    ].enumerated() {
      x = Self.linear(
        &builder, "fc\(number)", x, inner: inner, columns: columns, scale: scale,
        activation: number < 2 ? .relu : .none)
    }
    var config = HardwareConfig()
    config.array.dataflow = dataflow
    try NetworkTrace(builder.finish(), on: Machine(config)).expect(RecordedProgram(name), times: 2)
  }

  /// Attention whose softmax is the host's, on int8 scores, and the residual behind it.
  @Test func attention() throws {
    var builder = WorkloadBuilder("attention", [])
    let x = builder.tensor("x", [64, 128], .input)
    let (q, k, v) = (
      Self.linear(&builder, "q", x, inner: 128, columns: 128, scale: 0.03),
      Self.linear(&builder, "k", x, inner: 128, columns: 128, scale: 0.03),
      Self.linear(&builder, "v", x, inner: 128, columns: 128, scale: 0.03)
    )
    var scores = WorkloadMatmul()
    scores.slices = 4
    (scores.slicingA, scores.slicingB, scores.slicingC) = (.columns, .columns, .leading)
    scores.transposeB = true
    scores.scale = 0.02
    var context = scores
    (context.slicingA, context.slicingC) = (.leading, .columns)
    context.transposeB = false
    context.scale = 0.01
    let weights = builder.add(
      "softmax", .softmax(WorkloadSoftmax()), [builder.add("scores", .matmul(scores), [q, k])])
    let attended = builder.add("context", .matmul(context), [weights, v])
    let out = Self.linear(&builder, "out", attended, inner: 128, columns: 128, scale: 0.05)
    _ = builder.add("add", .residual(WorkloadResidual()), [out, x])
    try NetworkTrace(builder.finish(), on: Machine(HardwareConfig()))
      .expect(RecordedProgram("net_attention_cpu_softmax"))
  }

  private static func linear(
    _ builder: inout WorkloadBuilder, _ part: String, _ x: String, inner: Int, columns: Int,
    scale: Float, activation: WorkloadFusedActivation = .none
  ) -> String {
    var matmul = WorkloadMatmul()
    matmul.scale = scale
    matmul.activation = activation
    matmul.bias = .row
    let weights = builder.tensor(part + ".weight", [inner, columns], .weight)
    let bias = builder.tensor(part + ".bias", [columns], .weight, .int32)
    return builder.add(part, .matmul(matmul), [x, weights, bias])
  }
}

/// The commands of a network, fence by fence, and what stands where.
struct NetworkTrace {
  struct Section {
    var step: OperatorPlan
    var commands: [Command] = []
  }

  let plan: NetworkPlan
  private(set) var sections: [Section] = []

  init(_ workload: Workload, on machine: Machine) throws {
    plan = try NetworkPlan(workload, on: machine)
    let steps = Dictionary(
      plan.operators.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var program = NetworkProgram(plan)
    var current: Section?
    while let next = try program.next() {
      switch next {
      case .region(let name): current = Section(step: try #require(steps[name]))
      case .command(let command) where command.function != .flush:
        current?.commands.append(command)
      case .fence:
        guard let section = current else { continue }
        if !section.commands.isEmpty { sections.append(section) }
        current?.commands = []
      default: break
      }
    }
  }

  /// Writes the rows of the matmul `stem` `stride` elements apart.
  mutating func space(_ stem: String, by stride: Int) throws {
    for (index, section) in sections.enumerated() where section.step.stem == stem {
      guard case .matmul(let plan) = section.step.pieces.first else { continue }
      var matmul = plan.matmul
      matmul.strideC = stride
      let wide = try MatmulPlan(matmul, on: plan.machine, addresses: plan.addresses)
      sections[index].commands = try RecordedProgram.commands(
        TiledMatmul(wide, flushesFirst: false))
    }
  }

  /// Expects the sections of `program` to be these, `times` times one behind the other.
  func expect(_ program: RecordedProgram, times: Int = 1) throws {
    let recorded = program.sections.filter { !$0.isEmpty }
    try #require(recorded.count == times * sections.count, "\(program.name)")
    for pass in 0..<times {
      var distances: [String: UInt64] = [:]
      for (index, ours) in sections.enumerated() {
        let theirs = recorded[pass * sections.count + index]
        try #require(ours.commands.count == theirs.count, "\(program.name): \(ours.step.name)")
        // Where there is no D, programs of the library give its rows a stride of 0 or another.
        let hasBias = theirs.contains { $0.function == .loopMatmulAddressesDC && $0.rs1 != 0 }
        for (own, other) in zip(ours.commands, theirs) {
          let isSame = compare(own, other, ours.step, hasBias: hasBias, &distances)
          if !isSame {
            Issue.record("\(program.name): \(ours.step.name): ours \(own), theirs \(other)")
            return
          }
        }
      }
    }
  }

  private func compare(
    _ own: Command, _ other: Command, _ step: OperatorPlan, hasBias: Bool,
    _ distances: inout [String: UInt64]
  ) -> Bool {
    guard own.funct == other.funct else { return false }
    switch own.function {
    case .mvin, .mvin2, .mvin3, .mvout:
      return own.rs2 == other.rs2 && compare(own.rs1, other.rs1, step, &distances)
    case .loopMatmulAddressesAB, .loopMatmulAddressesDC:
      return compare(own.rs1, other.rs1, step, &distances)
        && compare(own.rs2, other.rs2, step, &distances)
    case .loopMatmulStridesDC where !hasBias: return own.rs2 == other.rs2
    // The integer GELU's scale: ours has the factor of its polynomial, the program any other.
    case .config where own.rs1 == 3 << 2 | 2:
      return own.rs1 == other.rs1 && UInt32(truncatingIfNeeded: own.rs2 ^ other.rs2) == 0
    case .config where !hasBias && own.rs1 & 0x1F == 2 << 3 | 1: return own.rs1 == other.rs1
    default: return own == other
    }
  }

  /// Whether both are 0, or as far apart as the other addresses of the tensor in which `own` lies.
  private func compare(
    _ own: UInt64, _ other: UInt64, _ step: OperatorPlan, _ distances: inout [String: UInt64]
  ) -> Bool {
    guard own != 0, other != 0 else { return own == other }
    let holder = step.places.keys.sorted().first { name in
      guard let place = step.places[name] else { return false }
      let columns = plan.workload[name].shape.last ?? 1
      let rows = plan.workload[name].count / columns
      let bytes = ((rows - 1) * place.pitch + columns) * place.type.bytes
      return (place.address..<place.address + UInt64(bytes)).contains(own)
    }
    // What runs inside an operator writes where that would have written.
    let graph = plan.workload.operators
    let output = graph.first { $0.name == step.name }?.output
    // Rows that were spaced go beyond their tensor.
    guard var tensor = holder ?? output else { return false }
    if let guest = step.fused.last, output == tensor {
      tensor = graph.first { $0.name == guest }?.output ?? tensor
    }
    let distance = other &- own
    return distances.updateValue(distance, forKey: tensor).map { $0 == distance } ?? true
  }
}
