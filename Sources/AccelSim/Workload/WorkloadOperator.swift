/// One step of a workload.
public struct WorkloadOperator: Equatable, Sendable {
  /// Unique among the operators of the workload, such as `layer0.q`.
  public var name: String
  /// The row of an analysis that it counts in.
  public var group: WorkloadGroup
  /// The layer that it belongs to, from 0; `nil` for what comes before or after the layers.
  public var layer: Int?
  /// What it computes, with its attributes.
  public var kind: WorkloadKind
  /// Tensors that it reads, in the order that its kind asks for (Docs/Workload.md).
  public var inputs: [String]
  /// The tensor that it writes.
  public var output: String

  public init(
    name: String, group: WorkloadGroup = .other, layer: Int? = nil, kind: WorkloadKind,
    inputs: [String], output: String
  ) {
    self.name = name
    self.group = group
    self.layer = layer
    self.kind = kind
    self.inputs = inputs
    self.output = output
  }

  /// The name without its layer: `q` of `layer0.q`.
  public var stem: String {
    guard let layer else { return name }
    let prefix = "layer\(layer)."
    return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}

/// Rows of an analysis, after Tab. 3 and Tab. 4 of the survey (paper.md 1.3).
public enum WorkloadGroup: String, CaseIterable, Sendable {
  /// Matmuls of attention with weights: Q, K, V and output.
  case projections
  /// Matmuls of activations with activations: scores and context.
  case attention
  /// Matmuls of the feed-forward network.
  case feedForward
  /// Convolutions, depthwise ones too.
  case convolution
  /// Fully connected layers at the end of a network.
  case classifier
  /// Rows looked up in tables, and what joins them to the input of the first layer.
  case embedding
  /// Softmax, normalisation, activation functions, residuals, pooling.
  case other

  var title: String {
    switch self {
    case .projections: "Projections"
    case .attention: "Act-to-act"
    case .feedForward: "Feed-forward"
    case .convolution: "Convolution"
    case .classifier: "Classifier"
    case .embedding: "Embedding"
    case .other: "Other"
    }
  }
}

/// What an operator computes.
public enum WorkloadKind: Equatable, Sendable {
  /// C = activation(scale * (A * B + bias)). Inputs A, B and the bias if there is one.
  case matmul(WorkloadMatmul)
  /// Inputs x [batch, rows, columns, channels], weights [kernel, kernel, channels / groups,
  /// outputs] and a bias [outputs] if there is one.
  case convolution(WorkloadConvolution)
  /// The largest element of each window of x [batch, rows, columns, channels].
  case maxPool(WorkloadMaxPool)
  /// The mean over rows and columns: [batch, rows, columns, channels] to [batch, channels].
  case globalAverage
  /// The sum of two tensors of one shape.
  case residual(WorkloadResidual)
  /// Over the last axis.
  case softmax(WorkloadSoftmax)
  /// Over the last axis. Inputs x and, if there are such, gain and bias of a row.
  case layerNorm(WorkloadNorm)
  /// Over the last axis. Inputs x and, if there is one, the gain of a row.
  case rmsNorm(WorkloadNorm)
  /// A function of each element; `gatedSilu` has a second input that the result is multiplied by.
  case activation(WorkloadActivation)
  /// Rotary position embedding of [rows, heads * width].
  case rotary(WorkloadRotary)
  /// Rows of a table: inputs indices [rows] and table [entries, features].
  case embedding
  /// Tensors one behind the other along an axis.
  case concat(WorkloadConcat)
  /// Writes new rows into a cache: input the rows, output the cache.
  case cacheAppend(WorkloadCacheAppend)
  /// The same elements in the same order, seen in another shape; moves nothing.
  case reshape(WorkloadReshape)

  /// Its name in JSON.
  public var name: String { declaration.name }
}
