/// Scales and ranges that suit random data: estimates of the root mean square of every tensor, from
/// operator to operator, and from them scales that keep results in range.
///
/// Weights are random around zero, so that a sum of `inner` products has the root mean square of
/// its operands' product times the root of `inner`, whatever the mean of the activations.
struct NetworkScaling {
  /// With the scales of all operators replaced.
  private(set) var workload: Workload
  /// Root mean square that the content of each given tensor shall have; integers only.
  private(set) var spreads: [String: Double] = [:]

  private let machine: Machine
  private let fusion: NetworkFusion
  private var estimates: [String: Double] = [:]
  /// Operands of products whose sums go through the softmax of the integer units.
  private var softmaxOperands: Set<String> = []
  /// Tensors without negative elements.
  private var positive: Set<String> = []

  /// Of int8 over their whole range.
  static let full = 73.6
  /// Of int8 results: 4 deviations are just in range.
  private static let result = 32.0
  /// Of sums that the integer units normalise or put through their GELU: finer ones wrap 32 bits.
  private static let integerSums = 250.0
  /// Of the operands of an integer softmax's sums: exponentials of finer sums wrap 32 bits.
  private static let integerSoftmax = 20.0

  init(_ workload: Workload, on machine: Machine) {
    self.workload = workload
    self.machine = machine
    fusion = NetworkFusion(workload, machine)
    for tensor in workload.tensors where tensor.role != .activation {
      estimates[tensor.name] = tensor.role == .cache ? Self.integerSoftmax : Self.full
    }
    for (index, step) in workload.operators.enumerated() {
      guard case .softmax = step.kind, fusion.placements[index] == .integerUnit,
        let scores = workload.writer(of: step.inputs[0])
      else { continue }
      softmaxOperands.formUnion(scores.inputs.prefix(2))
    }
    var operators = workload.operators
    for index in operators.indices { operators[index].kind = scaled(index) }
    for tensor in workload.tensors where tensor.role != .activation {
      spreads[tensor.name] = spreads[tensor.name] ?? estimates[tensor.name]
    }
    self.workload = Workload(
      unchecked: workload.name, workload.parameters, workload.tensors, operators)
  }

  private func estimate(_ name: String) -> Double { max(estimates[name] ?? 1, 1e-3) }

  /// The operator with its scales, and the estimate of its result.
  private mutating func scaled(_ index: Int) -> WorkloadKind {
    let step = workload.operators[index]
    let x = estimate(step.inputs[0])
    var kind = step.kind
    var result = x
    switch kind {
    case .matmul(var matmul):
      let sums = sums(step, index, taps: 1)
      result = product(step, sums, matmul.activation, &matmul.scale)
      kind = .matmul(matmul)
    case .convolution(var convolution):
      let sums = sums(step, index, taps: Self.tapsInside(convolution, step, workload))
      result = product(step, sums, convolution.activation, &convolution.scale)
      if convolution.poolSize > 0 { result *= 1.5 }
      kind = .convolution(convolution)
    case .maxPool: result = 1.5 * x
    // Of results of a ReLU, whose mean is not 0.
    case .globalAverage: result = 0.65 * x
    case .residual(var residual):
      result = self.residual(step, index, &residual)
      kind = .residual(residual)
    case .softmax(var softmax):
      let deviation = 1.5
      softmax.inputScale = Float(deviation / x)
      softmax.outputScale = 127
      let columns = Double(workload[step.output].shape.last ?? 1)
      // exp(1.5^2) is the ratio of mean square to squared mean.
      result = 127 * (min(1, 9.5 / columns) / columns).squareRoot()
      kind = .softmax(softmax)
    case .layerNorm(var norm):
      result = Self.norm(&norm, x)
      kind = .layerNorm(norm)
    case .rmsNorm(var norm):
      result = Self.norm(&norm, x)
      kind = .rmsNorm(norm)
    case .activation(var activation):
      activation.inputScale = Float(1 / x)
      activation.outputScale = 40
      result = 0.65 * 40
      kind = .activation(activation)
    case .embedding: result = estimate(step.inputs[1])
    case .concat: result = step.inputs.map(estimate).max() ?? x
    case .rotary, .cacheAppend, .reshape: break
    }
    estimates[step.output] = result
    return kind
  }

  private static func norm(_ norm: inout WorkloadNorm, _ x: Double) -> Double {
    norm.inputScale = Float(1 / x)
    norm.outputScale = 24
    return 24
  }

  /// The root mean square of sums, after weights have been given theirs.
  private mutating func sums(_ step: WorkloadOperator, _ index: Int, taps: Double) -> Double {
    let inner = Double(workload.product(of: step)?.inner ?? 1) * taps
    let x = estimate(step.inputs[0])
    let name = step.inputs[1]
    var weights = estimate(name)
    if workload[name].role == .weight, spreads[name] == nil {
      weights = Self.full
      if feedsIntegerFunction(index) {
        weights = min(weights, Self.integerSums / (x * inner.squareRoot()))
      }
      // What the array adds up at a time must fit its width.
      let bits = min(machine.config.array.outputBits, 32)
      let chain = min(inner, Double(machine.dim))
      weights = min(weights, Double(1 << (bits - 1)) / (128 * chain) * 0.57)
      spreads[name] = weights
      estimates[name] = weights
    }
    let sums = x * weights * inner.squareRoot()
    if step.inputs.count > 2, workload[step.inputs[2]].role == .weight {
      spreads[step.inputs[2]] = 0.2 * sums
    }
    return sums
  }

  /// Whether nothing but a LayerNorm or a GELU of the integer units reads the sums of `index`.
  private func feedsIntegerFunction(_ index: Int) -> Bool {
    let output = workload.operators[index].output
    guard fusion.types[output] == .int32 else { return false }
    return workload.operators.enumerated().contains { reader, step in
      guard step.inputs.first == output, fusion.placements[reader] == .integerUnit else {
        return false
      }
      switch step.kind {
      case .layerNorm, .activation: return true
      default: return false
      }
    }
  }

  /// Requantises to a suitable spread if the result is int8.
  private mutating func product(
    _ step: WorkloadOperator, _ sums: Double, _ activation: WorkloadFusedActivation,
    _ scale: inout Float
  ) -> Double {
    scale = 1
    var result = sums
    if fusion.types[step.output] == .int8 {
      result = softmaxOperands.contains(step.output) ? Self.integerSoftmax : Self.result
      scale = Float(result / sums)
    }
    if activation == .none { return result }
    positive.insert(step.output)
    return result / 2.0.squareRoot()
  }

  /// Both operands come to the same spread; a second one that may be FP32 on the host stays as it
  /// is, and what is added to it is smaller, so that sums of sums do not grow.
  private mutating func residual(
    _ step: WorkloadOperator, _ index: Int, _ residual: inout WorkloadResidual
  ) -> Double {
    let (a, b) = (estimate(step.inputs[0]), estimate(step.inputs[1]))
    let isOnAccelerator = fusion.placements[index] != .host
    if !isOnAccelerator, workload[step.output].type == .int8 {
      residual.firstScale = Float(b / a / 4)
      residual.secondScale = 1
      return b
    }
    let isNarrow = fusion.types[step.output] == .int8
    let each = isNarrow ? Self.result / 2.0.squareRoot() : max(a, b)
    residual.firstScale = Float(each / a)
    residual.secondScale = Float(each / b)
    guard residual.relu else { return each * 2.0.squareRoot() }
    // Half of the sums are cut off, or fewer if an operand has no negative elements.
    let isPositive = step.inputs.contains { positive.contains($0) }
    positive.insert(step.output)
    return each * (isPositive ? 1.34 : 1)
  }

  /// Share of a kernel's elements that lie inside the image.
  private static func tapsInside(
    _ convolution: WorkloadConvolution, _ step: WorkloadOperator, _ workload: Workload
  ) -> Double {
    let shape = workload[step.inputs[0]].shape
    return [shape[1], shape[2]].reduce(1.0) { share, length in
      let reach = (convolution.kernel - 1) * convolution.dilation
      let outputs = (length + 2 * convolution.padding - reach - 1) / convolution.stride + 1
      var inside = 0
      for output in 0..<outputs {
        for tap in 0..<convolution.kernel {
          let pixel =
            output * convolution.stride + tap * convolution.dilation - convolution.padding
          if pixel >= 0 && pixel < length { inside += 1 }
        }
      }
      return share * Double(inside) / Double(outputs * convolution.kernel)
    }
  }
}
