import AccelSim

/// A random small network of two to five layers of one form, so that cycles repeat: products,
/// attention, normalisations and functions of rows, or convolutions of pixels.
struct LayeredNetwork {
  private var tensors: [WorkloadTensor] = []
  private var operators: [WorkloadOperator] = []
  private var layer: Int?

  static func workload(_ random: inout Seeded) throws -> Workload {
    var network = LayeredNetwork()
    let isPixels = random.oneIn(3)
    let shape =
      isPixels
      ? [1, random.number(3...7), random.number(3...7), random.number(1...12)]
      : [random.number(1...16), 2 * random.number(1...16)]
    var x = network.tensor("x", shape, .input)
    // A state comes again behind the second or third of them at the earliest.
    let layers = random.pick([2, 3, 4, 4, 5, 5])
    // Each layer draws the same numbers.
    let start = random
    for number in 0..<layers {
      network.layer = number
      random = start
      x = isPixels ? network.pixels(x, &random) : network.rows(x, &random)
    }
    network.layer = nil
    if isPixels, random.oneIn(2) {
      x = network.add("mean", .globalAverage, [x], [shape[0], shape[3]])
    }
    return try Workload(
      name: "layers", tensors: network.tensors, operators: network.operators)
  }

  // MARK: Layers

  /// Rows of features; the result is like `x`.
  private mutating func rows(_ x: WorkloadTensor, _ random: inout Seeded) -> WorkloadTensor {
    var y = x
    for part in 0..<random.number(1...2) {
      let name = "part\(part)"
      let columns = random.oneIn(2) ? x.shape[1] : 2 * random.number(1...20)
      switch random.below(6) {
      case 0: y = linear(name, y, columns, .int8, &random)
      case 1:
        var activation = WorkloadActivation()
        activation.function = random.pick([.gelu, .geluTanh, .silu])
        activation.inputScale = 0.01
        activation.outputScale = 16
        y = after(linear(name, y, columns, .int32, &random), .activation(activation))
      case 2:
        var softmax = WorkloadSoftmax()
        softmax.inputScale = 0.01
        y = after(linear(name, y, columns, .int32, &random), .softmax(softmax))
      case 3:
        var norm = WorkloadNorm()
        norm.inputScale = 0.01
        norm.outputScale = 16
        let sums = linear(name, y, columns, .int32, &random)
        if random.oneIn(2) {
          y = after(sums, .layerNorm(norm))
        } else {
          let gain = tensor(name + ".gain", [columns], .weight, .fp32)
          y = after(sums, .rmsNorm(norm), gain)
        }
      case 4: y = attention(name, y, heads: random.pick([1, 2]))
      default:
        var activation = WorkloadActivation()
        activation.function = .gatedSilu
        activation.inputScale = 0.01
        let gate = linear(name, y, columns, .int32, &random)
        y = after(gate, .activation(activation), linear(name + ".up", y, columns, .int8, &random))
      }
    }
    if y.shape != x.shape { y = linear("down", y, x.shape[1], .int8, &random) }
    return random.oneIn(2) ? y : sum(y, x, &random)
  }

  /// Rows, columns and channels of an image; the result is like `x`.
  private mutating func pixels(_ x: WorkloadTensor, _ random: inout Seeded) -> WorkloadTensor {
    var y = x
    if random.oneIn(2) { y = convolution("wide", y, random.number(1...16), &random) }
    y = convolution("narrow", y, x.shape[3], &random)
    return random.oneIn(2) ? y : sum(y, x, &random)
  }

  // MARK: Operators

  private mutating func linear(
    _ part: String, _ x: WorkloadTensor, _ columns: Int, _ type: WorkloadElementType,
    _ random: inout Seeded
  ) -> WorkloadTensor {
    var matmul = WorkloadMatmul()
    if type == .int8 {
      matmul.scale = 0.01
      if random.oneIn(3) { matmul.activation = .relu }
    }
    matmul.bias = random.pick(WorkloadBias.allCases)
    let output = [x.shape[0], columns]
    var inputs = [x, tensor(part + ".weight", [x.shape[1], columns], .weight)]
    switch matmul.bias {
    case .none: break
    case .row: inputs.append(tensor(part + ".bias", [columns], .weight, .int32))
    case .full: inputs.append(tensor(part + ".bias", output, .weight, .int32))
    }
    return add(part, .matmul(matmul), inputs, output, type)
  }

  private mutating func attention(_ part: String, _ x: WorkloadTensor, heads: Int)
    -> WorkloadTensor
  {
    let rows = x.shape[0]
    var product = WorkloadMatmul()
    product.slices = heads
    (product.slicingA, product.slicingB, product.slicingC) = (.columns, .columns, .leading)
    product.transposeB = true
    let scores = add(part, .matmul(product), [x, x], [heads, rows, rows], .int32)
    var softmax = WorkloadSoftmax()
    softmax.inputScale = 0.01
    let weights = after(scores, .softmax(softmax))
    (product.slicingA, product.slicingC) = (.leading, .columns)
    product.transposeB = false
    product.scale = 0.01
    return add(part + ".context", .matmul(product), [weights, x], x.shape)
  }

  private mutating func convolution(
    _ part: String, _ x: WorkloadTensor, _ channels: Int, _ random: inout Seeded
  ) -> WorkloadTensor {
    var convolution = WorkloadConvolution()
    convolution.kernel = random.pick([1, 3, 3, 5])
    convolution.padding = convolution.kernel / 2
    convolution.scale = 0.01
    convolution.bias = random.oneIn(2)
    if random.oneIn(2) { convolution.activation = .relu }
    if channels == x.shape[3], random.oneIn(4) { convolution.groups = channels }
    if random.oneIn(6) {
      (convolution.poolSize, convolution.poolStride, convolution.poolPadding) = (3, 1, 1)
    }
    let filters = [
      convolution.kernel, convolution.kernel, x.shape[3] / convolution.groups, channels,
    ]
    var inputs = [x, tensor(part + ".weight", filters, .weight)]
    if convolution.bias { inputs.append(tensor(part + ".bias", [channels], .weight, .int32)) }
    return add(part, .convolution(convolution), inputs, Array(x.shape[..<3]) + [channels])
  }

  private mutating func sum(_ y: WorkloadTensor, _ x: WorkloadTensor, _ random: inout Seeded)
    -> WorkloadTensor
  {
    var residual = WorkloadResidual()
    residual.secondScale = random.pick([1, 0.5])
    residual.relu = random.oneIn(4)
    return add("sum", .residual(residual), [y, x], x.shape)
  }

  /// An operator without other sizes behind the one that makes `x`.
  private mutating func after(
    _ x: WorkloadTensor, _ kind: WorkloadKind, _ others: WorkloadTensor...
  ) -> WorkloadTensor {
    let part = operators.last { $0.output == x.name }?.stem ?? x.name
    return add("\(part).\(kind.name)", kind, [x] + others, x.shape)
  }

  // MARK: Parts

  private mutating func tensor(
    _ part: String, _ shape: [Int], _ role: WorkloadTensorRole,
    _ type: WorkloadElementType = .int8
  ) -> WorkloadTensor {
    let name = layer.map { "layer\($0).\(part)" } ?? part
    let tensor = WorkloadTensor(name: name, shape: shape, type: type, role: role)
    tensors.append(tensor)
    return tensor
  }

  /// Adds an operator and the tensor that it writes, which share a name.
  private mutating func add(
    _ part: String, _ kind: WorkloadKind, _ inputs: [WorkloadTensor], _ shape: [Int],
    _ type: WorkloadElementType = .int8
  ) -> WorkloadTensor {
    let output = tensor(part, shape, .activation, type)
    operators.append(
      WorkloadOperator(
        name: output.name, layer: layer, kind: kind, inputs: inputs.map(\.name),
        output: output.name))
    return output
  }
}
