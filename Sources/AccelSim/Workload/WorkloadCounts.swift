/// Operations and bytes of an operator.
public struct WorkloadCounts: Equatable, Sendable {
  /// Additions, multiplications and the like.
  public var flops = 0
  /// Bytes read and written: the survey's MOPs.
  public var bytes = 0

  public init(flops: Int = 0, bytes: Int = 0) {
    self.flops = flops
    self.bytes = bytes
  }

  /// FLOPs a byte; not a number without bytes.
  public var intensity: Double { Double(flops) / Double(bytes) }

  /// Adds the counts of what also runs.
  public static func += (left: inout WorkloadCounts, right: WorkloadCounts) {
    left.flops += right.flops
    left.bytes += right.bytes
  }
}

/// How the bytes of an operator are counted.
public enum WorkloadTraffic: String, CaseIterable, Sendable {
  /// An element is a byte and each operand moves once (paper.md 1.2).
  case ideal
  /// As ideal, but batch normalisation and ReLU are passes of their own after a convolution or a
  /// residual (Tab. 4 of the survey).
  case unfused
  /// Between main memory and a 2 MB L2: operands that do not fit move again, and results ahead of
  /// a nonlinear operation have 32 bits (Tab. 5, paper.md 1.4).
  case tiled
}

extension WorkloadCounts {
  /// What `step` of `workload` counts.
  ///
  /// Rules that the survey states or that its tables determine (paper.md 1.2): a matmul with
  /// weights counts its bias and has 2K operations a result, one of activations 2K - 1; biases
  /// move no bytes; writing a cache is part of the projection. The tables determine softmax (4
  /// operations and 2 bytes an element) and, of the other nonlinear operations of a layer, only
  /// sums: 58 operations and 17 bytes for each of the d elements of a token. LayerNorm 8, GELU 10
  /// and a residual 1 give the first; 2 bytes an element of GELU, 3 of a residual and 1.5 of
  /// LayerNorm the second. Counts of operations that are in none of its tables are this project's.
  public init(_ step: WorkloadOperator, in workload: Workload, traffic: WorkloadTraffic = .ideal) {
    let inputs = workload.inputs(of: step)
    let output = workload[step.output]
    self.init()
    switch step.kind {
    case .matmul, .convolution:
      guard let product = workload.product(of: step) else { return }
      let isWeighted = inputs[1].role == .weight
      let results = product.count * product.rows * product.columns
      flops = results * (2 * product.inner - (isWeighted ? 0 : 1))
      bytes = inputs[0].count + inputs[1].count + output.count
      if traffic == .tiled, case .matmul = step.kind {
        bytes = Self.tiledBytes(product, step, isWeighted: isWeighted, output: output)
      }
    case .softmax: (flops, bytes) = (4 * output.count, 2 * output.count)
    case .layerNorm:
      let weights = inputs.dropFirst().reduce(0) { $0 + $1.count }
      (flops, bytes) = (8 * output.count, 3 * output.count / 2 + weights)
    case .rmsNorm:
      let weights = inputs.dropFirst().reduce(0) { $0 + $1.count }
      (flops, bytes) = (4 * output.count, 2 * output.count + weights)
    case .activation(let activation):
      flops = Self.operations(of: activation.function) * output.count
      bytes = (inputs.count + 1) * output.count
    case .residual: (flops, bytes) = (output.count, 3 * output.count)
    case .maxPool(let pool):
      flops = (pool.size * pool.size - 1) * output.count
      bytes = inputs[0].count + output.count
    case .globalAverage: (flops, bytes) = (inputs[0].count, inputs[0].count + output.count)
    case .rotary: (flops, bytes) = (3 * output.count, 2 * output.count)
    case .embedding, .concat: bytes = 2 * output.count
    case .cacheAppend, .reshape: break
    }
    if traffic == .tiled { addTiledNonlinear(step, output) }
    if traffic == .unfused { addSeparatePasses(step, output) }
  }

  /// Elements of a weight, or of an operand of attention, that stay in the L2 along one axis.
  private static let tiledTokens = 1024
  /// Results along an axis for which an input stays in the L2; the survey's 2 passes for 768 and
  /// 7 for 3072 allow 439 to 511.
  private static let tiledOutputs = 448

  private static func tiledBytes(
    _ product: WorkloadProduct, _ step: WorkloadOperator, isWeighted: Bool, output: WorkloadTensor
  ) -> Int {
    func passes(_ length: Int, _ tile: Int) -> Int { (length + tile - 1) / tile }
    let a = product.count * product.rows * product.inner
    let b = product.count * product.inner * product.columns
    let passesOfA = passes(product.columns, isWeighted ? tiledOutputs : tiledTokens)
    // The table has the second feed-forward matmul write 8 bits although a LayerNorm follows.
    let narrows = step.group == .feedForward && product.inner > product.columns
    let size = narrows ? 1 : output.type.bytes
    return a * passesOfA + b * passes(product.rows, tiledTokens)
      + product.count * product.rows * product.columns * size
  }

  /// Nonlinear operations read 32 bits and write 8.
  private mutating func addTiledNonlinear(_ step: WorkloadOperator, _ output: WorkloadTensor) {
    switch step.kind {
    case .softmax, .layerNorm, .rmsNorm, .activation: bytes = 5 * output.count
    default: break
    }
  }

  private mutating func addSeparatePasses(_ step: WorkloadOperator, _ output: WorkloadTensor) {
    var hasActivation = false
    if case .convolution(let convolution) = step.kind {
      self += WorkloadCounts(flops: 2 * output.count, bytes: 2 * output.count)
      hasActivation = convolution.activation != .none
    }
    if case .residual(let residual) = step.kind { hasActivation = residual.relu }
    if hasActivation { self += WorkloadCounts(flops: output.count, bytes: 2 * output.count) }
  }

  /// Operations of a function of one element; of SiLU: negate, exponential, add, divide, multiply.
  private static func operations(of function: WorkloadFunction) -> Int {
    switch function {
    case .relu: 1
    case .relu6: 2
    case .gelu, .geluTanh: 10
    case .silu: 5
    case .gatedSilu: 6
    }
  }
}
