extension WorkloadKind {
  /// Every kind, in the order of the reference.
  static let declarations: [WorkloadKindDeclaration] = [
    .init(
      "matmul", "C = activation(scale * (A * B + bias)), batch * slices times.",
      inputs: "A, B; with a bias, the bias (int32)", { .matmul($0) },
      { if case .matmul(let value) = $0 { value } else { nil } }),
    .init(
      "convolution", "A convolution of pixels, with what may follow it.",
      inputs: "x [batch, rows, columns, channels], weights [kernel, kernel, channels / groups, "
        + "outputs]; with a bias, the bias [outputs] (int32)", { .convolution($0) },
      { if case .convolution(let value) = $0 { value } else { nil } }),
    .init(
      "maxPool", "The largest element of each window.",
      inputs: "x [batch, rows, columns, channels]", { .maxPool($0) },
      { if case .maxPool(let value) = $0 { value } else { nil } }),
    plain(
      .globalAverage, "globalAverage", "The mean over rows and columns: [batch, channels].",
      inputs: "x [batch, rows, columns, channels]"),
    .init(
      "residual", "relu(x * firstScale + y * secondScale).", inputs: "x, y of one shape",
      { .residual($0) }, { if case .residual(let value) = $0 { value } else { nil } }),
    .init(
      "softmax", "outputScale * softmax(inputScale * x) over the last axis.", inputs: "x",
      { .softmax($0) }, { if case .softmax(let value) = $0 { value } else { nil } }),
    .init(
      "layerNorm", "outputScale * LayerNorm(inputScale * x) over the last axis.",
      inputs: "x; gain and bias [last axis], if there are such", { .layerNorm($0) },
      { if case .layerNorm(let value) = $0 { value } else { nil } }),
    .init(
      "rmsNorm", "outputScale * RMSNorm(inputScale * x) over the last axis.",
      inputs: "x; the gain [last axis], if there is one", { .rmsNorm($0) },
      { if case .rmsNorm(let value) = $0 { value } else { nil } }),
    .init(
      "activation", "outputScale * f(inputScale * x) of each element.",
      inputs: "x; for gatedSilu a factor y of its shape", { .activation($0) },
      { if case .activation(let value) = $0 { value } else { nil } }),
    .init(
      "rotary",
      "Rotary position embedding of each head: elements 2i and 2i + 1 are a point that turns by "
        + "position / base^(2i / width).",
      inputs: "x [rows, heads * width]",
      { .rotary($0) }, { if case .rotary(let value) = $0 { value } else { nil } }),
    plain(
      .embedding, "embedding", "Rows of a table, in the order of the indices.",
      inputs: "indices [rows] (int32), table [entries, features]"),
    .init(
      "concat", "Tensors one behind the other along an axis.", inputs: "two or more",
      { .concat($0) }, { if case .concat(let value) = $0 { value } else { nil } }),
    .init(
      "cacheAppend", "Writes new rows into a cache, the output.", inputs: "the rows",
      { .cacheAppend($0) }, { if case .cacheAppend(let value) = $0 { value } else { nil } }),
    .init(
      "reshape", "The same elements in another shape; moves nothing.", inputs: "x",
      { .reshape($0) }, { if case .reshape(let value) = $0 { value } else { nil } }),
  ]

  /// A kind without attributes.
  private static func plain(
    _ kind: WorkloadKind, _ name: String, _ meaning: String, inputs: String
  ) -> WorkloadKindDeclaration {
    WorkloadKindDeclaration(
      name, meaning, inputs: inputs, { (_: NoAttributes) in kind },
      { $0 == kind ? NoAttributes() : nil })
  }

  /// Its position in `declarations`.
  private var index: Int {
    switch self {
    case .matmul: 0
    case .convolution: 1
    case .maxPool: 2
    case .globalAverage: 3
    case .residual: 4
    case .softmax: 5
    case .layerNorm: 6
    case .rmsNorm: 7
    case .activation: 8
    case .rotary: 9
    case .embedding: 10
    case .concat: 11
    case .cacheAppend: 12
    case .reshape: 13
    }
  }

  var declaration: WorkloadKindDeclaration { Self.declarations[index] }
}

private struct NoAttributes: WorkloadAttributes {
  static let fields: [WorkloadField<NoAttributes>] = []
}

/// The largest number that counts rows, slices, pixels or positions.
private let countLimit = 1 << 30

extension WorkloadMatmul: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadMatmul>] = [
    .init("slices", "Products for each item of the batch.", .integer(\.slices, 1...countLimit)),
    .init(
      "batch", "Items whose rows lie one behind the other in a tensor cut by columns.",
      .integer(\.batch, 1...countLimit)),
    .init("slicingA", "How the matrices A lie in their tensor.", oneOf(\.slicingA)),
    .init("slicingB", "How the matrices B lie in their tensor.", oneOf(\.slicingB)),
    .init("slicingC", "How the results lie in their tensor.", oneOf(\.slicingC)),
    .init("transposeA", "Whether A lies as [inner, rows].", .boolean(\.transposeA)),
    .init("transposeB", "Whether B lies as [columns, inner].", .boolean(\.transposeB)),
    .init(
      "bias", "None, one row for all rows, or a tensor of the output's shape.", oneOf(\.bias)),
    .init("activation", "The function applied to the result.", oneOf(\.activation)),
    .init("scale", "Requantisation factor of an int8 result.", .number(\.scale)),
  ]
  private static func oneOf<V>(_ path: WritableKeyPath<WorkloadMatmul, V> & Sendable)
    -> WorkloadField<WorkloadMatmul>.Access
  where V: RawRepresentable<String> & CaseIterable & SendableMetatype {
    WorkloadField<WorkloadMatmul>.oneOf(path)
  }
}

extension WorkloadConvolution: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadConvolution>] = [
    .init("kernel", "Rows and columns of the kernel.", .integer(\.kernel, 1...4096)),
    .init("stride", "Pixels from one window to the next.", .integer(\.stride, 1...4096)),
    .init("padding", "Zeros on each side, in pixels.", .integer(\.padding, 0...4096)),
    .init("dilation", "Pixels from one weight to the next.", .integer(\.dilation, 1...4096)),
    .init(
      "groups", "Groups of channels; as many as channels makes it depthwise.",
      .integer(\.groups, 1...countLimit)),
    .init("bias", "Whether there is a bias.", .boolean(\.bias)),
    .init(
      "activation", "The function applied to the result.",
      WorkloadField<WorkloadConvolution>.oneOf(\.activation, among: [.none, .relu, .relu6])),
    .init(
      "poolSize", "Rows and columns of a max-pool window over the result; 0 without.",
      .integer(\.poolSize, 0...4096)),
    .init(
      "poolStride", "Pixels from one pool window to the next.", .integer(\.poolStride, 1...4096)),
    .init("poolPadding", "Pixels around the pooled result.", .integer(\.poolPadding, 0...4096)),
    .init("scale", "Requantisation factor of an int8 result.", .number(\.scale)),
  ]
}

extension WorkloadMaxPool: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadMaxPool>] = [
    .init("size", "Rows and columns of the window.", .integer(\.size, 1...4096)),
    .init("stride", "Pixels from one window to the next.", .integer(\.stride, 1...4096)),
    .init("padding", "Pixels on each side that never win.", .integer(\.padding, 0...4096)),
    .init(
      "roundsUp", "Whether a last window that reaches beyond the edge counts.",
      .boolean(\.roundsUp)),
  ]
}

extension WorkloadResidual: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadResidual>] = [
    .init("firstScale", "Factor on x.", .number(\.firstScale)),
    .init("secondScale", "Factor on y.", .number(\.secondScale)),
    .init("relu", "Whether negative sums become 0.", .boolean(\.relu)),
  ]
}

extension WorkloadSoftmax: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadSoftmax>] = [
    .init(
      "inputScale", "Real value of one step of x, times 1/sqrt(head width).",
      .scale(\.inputScale)),
    .init("outputScale", "Steps of the result for 1.0.", .scale(\.outputScale)),
    .init(
      "causal", "Whether a row sees only columns up to its own position; the last row sees all.",
      .boolean(\.causal)),
  ]
}

extension WorkloadNorm: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadNorm>] = [
    .init("inputScale", "Real value of one step of x.", .scale(\.inputScale)),
    .init("outputScale", "Steps of the result for 1.0.", .scale(\.outputScale)),
    .init("epsilon", "Added to the variance or mean square.", .magnitude(\.epsilon)),
  ]
}

extension WorkloadActivation: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadActivation>] = [
    .init("function", "f.", WorkloadField<WorkloadActivation>.oneOf(\.function)),
    .init("inputScale", "Real value of one step of x.", .scale(\.inputScale)),
    .init("outputScale", "Steps of the result for 1.0.", .scale(\.outputScale)),
  ]
}

extension WorkloadRotary: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadRotary>] = [
    .init("heads", "Slices of columns, each rotated by itself.", .integer(\.heads, 1...countLimit)),
    .init("batch", "Items whose rows lie one behind the other.", .integer(\.batch, 1...countLimit)),
    .init("position", "Position of the first row.", .integer(\.position, 0...countLimit)),
    .init("base", "Base of the angles.", .scale(\.base)),
  ]
}

extension WorkloadConcat: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadConcat>] = [
    .init("axis", "From 0, outermost first; -1 is the last.", .integer(\.axis, -1...7))
  ]
}

extension WorkloadCacheAppend: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadCacheAppend>] = [
    .init(
      "position", "First row of the cache that is written, of each item of the batch.",
      .integer(\.position, 0...countLimit)),
    .init("batch", "Items whose rows lie one behind the other.", .integer(\.batch, 1...countLimit)),
  ]
}

extension WorkloadReshape: WorkloadAttributes {
  static let fields: [WorkloadField<WorkloadReshape>] = [
    .init("shape", "The shape of the output.", .shape(\.shape))
  ]
}
