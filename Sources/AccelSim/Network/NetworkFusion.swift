import SystolicCore

/// Which normalisations may run on the way out of the matmul before, where half the accumulator holds
/// a row of them.
public enum NormFusion: String, CaseIterable, Codable, Sendable {
  /// Each normalisation is an operator of its own.
  case none
  /// As Gemmini's own transformer does it (facts 11.5).
  case softmax
  /// Softmax and LayerNorm.
  case all
}

/// Which operators run inside others, and where those run that are no matmul: the one place where
/// this is decided.
///
/// - Softmax and LayerNorm on the integer units leave the array's accumulator normalised if half
///   of it holds a whole row of the matmul before; else they are passes of their own (facts 11.5).
/// - GELU on the integer units always runs on the way out of the matmul before.
/// - A max-pool runs on the way out of the convolution before, also through a concat of channels.
/// - ReLU, ReLU6 (whose limit is that of int8), biases and requantisation are part of their matmul
///   or convolution. Batch normalisation is folded into weights and biases beforehand.
/// - Residual additions run by themselves.
/// - RMSNorm and SiLU run on the host where the others run on the integer units, which have neither.
///
/// An operator runs inside another only if nothing else reads what is between them.
struct NetworkFusion: Sendable {
  /// For each operator, the one that it runs inside.
  private var inside: [Int?]
  private let fusing: NormFusion
  /// The max-pool that runs on the way out of a convolution, and its operator's name.
  private(set) var pools: [Int: (pool: WorkloadMaxPool, name: String)] = [:]
  /// Where each operator that is no matmul or convolution runs.
  private(set) var placements: [Placement]
  /// Type of each tensor in memory.
  private(set) var types: [String: WorkloadElementType]

  /// - Parameter fusing: Which normalisations may run inside the matmul before.
  init(_ workload: Workload, _ machine: Machine, fusing: NormFusion = .all) {
    self.fusing = fusing
    let operators = workload.operators
    inside = Array(repeating: nil, count: operators.count)
    placements = operators.map { Self.placement($0, workload, machine.config) }
    types = Dictionary(
      workload.tensors.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
    var producers: [String: Int] = [:]
    var readers: [String: [Int]] = [:]
    for (index, step) in operators.enumerated() {
      for name in step.inputs { readers[name, default: []].append(index) }
      producers[step.output] = index
    }
    for (index, step) in operators.enumerated() {
      guard let input = step.inputs.first, let producer = producers[input],
        readers[input]?.count == 1
      else { continue }
      if case .maxPool(let pool) = step.kind {
        let convolutions = convolutions(before: producer, operators, producers, readers)
        guard machine.config.features.maxPool, pool.size <= 3, !convolutions.isEmpty else {
          continue
        }
        for convolution in convolutions { pools[convolution] = (pool, step.name) }
        inside[index] = producer
      } else if canFuse(step, index, into: operators[producer], workload, machine) {
        inside[index] = producer
      }
    }
    if !machine.config.accumulator.readsFullWidth {
      // Sums leave such a machine as int8 only.
      for step in operators where step.isProduct || step.isView {
        if types[step.output] == .int32, workload[step.output].role == .activation {
          types[step.output] = .int8
        }
      }
    }
    for (index, step) in operators.enumerated() where !step.isProduct {
      adaptTypes(step, index, workload, producers, readers)
    }
  }

  /// The operator that `index` runs inside, or `nil` if it runs by itself.
  func host(of index: Int) -> Int? { inside[index] }

  /// Operators that run inside `index`, in their order.
  func guests(of index: Int) -> [Int] { inside.indices.filter { inside[$0] == index } }

  private static func placement(
    _ step: WorkloadOperator, _ workload: Workload, _ config: HardwareConfig
  ) -> Placement {
    switch step.kind {
    case .softmax: config.placement.softmax
    case .layerNorm: config.placement.layerNorm
    // The integer units have neither: the host does.
    case .rmsNorm: config.placement.layerNorm == .integerUnit ? .host : config.placement.layerNorm
    case .activation(let activation):
      switch activation.function {
      case .silu, .gatedSilu:
        config.placement.activation == .integerUnit ? .host : config.placement.activation
      case .gelu, .geluTanh, .relu, .relu6: config.placement.activation
      }
    case .residual:
      // Two int8 tensors are the accumulator's own business wherever the others go.
      step.inputs.allSatisfy { workload[$0].type == .int8 }
        ? .integerUnit : config.placement.residual
    case .rotary: .host
    default: .integerUnit
    }
  }

  /// The convolutions whose results a pool behind `producer` takes: itself, or all that a concat of
  /// channels joins; none if something else is among them.
  private func convolutions(
    before producer: Int, _ operators: [WorkloadOperator], _ producers: [String: Int],
    _ readers: [String: [Int]]
  ) -> [Int] {
    switch operators[producer].kind {
    case .convolution(let convolution): return convolution.poolSize == 0 ? [producer] : []
    case .concat:
      var found: [Int] = []
      for name in operators[producer].inputs {
        guard let index = producers[name], readers[name]?.count == 1,
          case .convolution(let convolution) = operators[index].kind, convolution.poolSize == 0
        else { return [] }
        found.append(index)
      }
      return found
    default: return []
    }
  }

  private func canFuse(
    _ step: WorkloadOperator, _ index: Int, into producer: WorkloadOperator,
    _ workload: Workload, _ machine: Machine
  ) -> Bool {
    switch (step.kind, producer.kind) {
    case (.softmax, .matmul(let matmul)), (.layerNorm, .matmul(let matmul)):
      let isSoftmax = if case .softmax = step.kind { true } else { false }
      guard fusing == .all || fusing == .softmax && isSoftmax,
        placements[index] == .integerUnit, matmul.activation == .none,
        let product = workload.product(of: producer)
      else { return false }
      // A row of the normalisation must be a row of the product.
      guard workload[step.inputs[0]].shape.last == product.columns else { return false }
      var plain = Matmul(rows: product.rows, inner: product.inner, columns: product.columns)
      plain.activation = isSoftmax ? .softmax : .layernorm
      return NormalisedMatmul.isFused(plain, on: machine)
    case (.activation(let activation), .matmul(let matmul)):
      return placements[index] == .integerUnit && matmul.activation == .none
        && (activation.function == .gelu || activation.function == .geluTanh)
    default: return false
    }
  }

  /// Types in memory that follow from where operators run.
  private mutating func adaptTypes(
    _ step: WorkloadOperator, _ index: Int, _ workload: Workload, _ producers: [String: Int],
    _ readers: [String: [Int]]
  ) {
    switch placements[index] {
    case .host:
      // What only the host writes and reads, as it is, stays FP32.
      guard workload[step.output].role == .activation, let next = readers[step.output],
        next.allSatisfy({
          placements[$0] == .host && workload.operators[$0].readsUnscaled(step.output)
        })
      else { return }
      types[step.output] = .fp32
    case .integerUnit, .fpUnit:
      // Both give int8 results.
      if !step.isView, step.kind != .embedding, workload[step.output].role == .activation {
        types[step.output] = .int8
      }
      // The accumulator adds int8 tensors, and the unit's second operand is int8: such sums are
      // requantised on their way out of the array.
      let narrow: [String] =
        switch step.kind {
        case .residual where placements[index] == .integerUnit: step.inputs
        case .activation: Array(step.inputs.dropFirst())
        default: []
        }
      for name in narrow where types[name] == .int32 && producers[name] != nil {
        types[name] = .int8
      }
    }
  }
}

extension WorkloadOperator {
  /// Whether the array computes it.
  var isProduct: Bool {
    switch kind {
    case .matmul, .convolution: true
    default: false
    }
  }

  /// Whether it takes the tensor called `name` as it is; a norm does not mind a scale.
  func readsUnscaled(_ name: String) -> Bool {
    switch kind {
    case .layerNorm, .rmsNorm, .rotary: true
    case .residual(let residual):
      zip(inputs, [residual.firstScale, residual.secondScale]).allSatisfy { $0 != name || $1 == 1 }
    case .softmax(let softmax): softmax.inputScale == 1
    case .activation(let activation): activation.inputScale == 1
    default: false
    }
  }

  /// Whether it only says where bytes stand.
  var isView: Bool {
    switch kind {
    case .reshape, .concat, .cacheAppend: true
    default: false
    }
  }
}
