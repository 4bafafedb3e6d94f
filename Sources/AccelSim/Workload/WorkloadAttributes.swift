/// Attributes of a matmul, or of several of one shape.
///
/// There are `batch * slices` products. How each takes its part of a tensor is `slicingA`,
/// `slicingB`, `slicingC`. Whether the result is requantised to int8 or stays int32 is the element
/// type of the output tensor.
public struct WorkloadMatmul: Equatable, Sendable {
  /// Products for each item of the batch, such as the heads of attention.
  public var slices = 1
  /// Items whose rows lie one behind the other in a tensor cut by columns.
  public var batch = 1
  /// How the products' A lie in their tensor.
  public var slicingA = WorkloadSlicing.shared
  /// How the products' B lie in their tensor.
  public var slicingB = WorkloadSlicing.shared
  /// How the results lie in their tensor.
  public var slicingC = WorkloadSlicing.shared
  /// Whether A lies in memory as inner x rows.
  public var transposeA = false
  /// Whether B lies in memory as columns x inner.
  public var transposeB = false
  /// What is added to the products: a third input, int32, or fp32 where A is.
  public var bias = WorkloadBias.none
  /// The function that is applied to the result, before requantisation.
  public var activation = WorkloadFusedActivation.none
  /// Requantisation factor of an int8 result.
  public var scale: Float = 1

  public init() {}
}

/// How the matrices of a batched matmul lie in a tensor.
public enum WorkloadSlicing: String, CaseIterable, Sendable {
  /// One matrix [rows, columns] that every product uses.
  case shared
  /// [batch * rows, slices * columns], cut by columns: the heads of attention.
  case columns
  /// [batch * slices, rows, columns]: the first axis counts the products.
  case leading
}

/// What is added to a matmul's result before it is scaled.
public enum WorkloadBias: String, CaseIterable, Sendable {
  /// Nothing; the operator has two inputs.
  case none
  /// One row for all rows: [last axis of the output].
  case row
  /// A tensor of the output's shape.
  case full
}

/// A function that an operator applies to its result.
public enum WorkloadFusedActivation: String, CaseIterable, Sendable {
  /// The result as it is.
  case none
  /// max(x, 0).
  case relu
  /// min(max(x, 0), 6); runs as ReLU, so the scale must make 6 the largest int8 (Docs/Networks.md).
  case relu6
  /// x/2 (1 + erf(x/sqrt 2)).
  case gelu
  /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
  case geluTanh
  /// x / (1 + e^-x).
  case silu
}

/// Attributes of a convolution; rows and columns are treated alike.
public struct WorkloadConvolution: Equatable, Sendable {
  /// Rows and columns of the kernel.
  public var kernel = 1
  /// Input pixels from one window to the next.
  public var stride = 1
  /// Zeros on each side.
  public var padding = 0
  /// Distance of two weights of the kernel in pixels.
  public var dilation = 1
  /// Groups of channels; as many as channels makes it depthwise.
  public var groups = 1
  /// Whether a third input [outputs] is added to the sums.
  public var bias = false
  /// none, relu or relu6.
  public var activation = WorkloadFusedActivation.none
  /// Rows and columns of a max-pool window over the result; 0 without.
  public var poolSize = 0
  /// Pixels of the result from one pool window to the next.
  public var poolStride = 1
  /// Pixels on each side of the result that are pooled with it; less than `poolSize`.
  public var poolPadding = 0
  /// Requantisation factor of an int8 result.
  public var scale: Float = 1

  public init() {}
}

/// Attributes of max-pooling.
public struct WorkloadMaxPool: Equatable, Sendable {
  /// Rows and columns of the window.
  public var size = 2
  /// Pixels from one window to the next.
  public var stride = 2
  /// Pixels on each side that never win; less than `size`.
  public var padding = 0
  /// Whether a last window that reaches beyond the edge counts (SqueezeNet).
  public var roundsUp = false

  public init() {}
}

/// Attributes of a sum: relu(x * firstScale + y * secondScale).
public struct WorkloadResidual: Equatable, Sendable {
  /// Factor on x.
  public var firstScale: Float = 1
  /// Factor on y.
  public var secondScale: Float = 1
  /// Whether negative sums become 0.
  public var relu = false

  public init() {}
}

/// Attributes of a softmax: y = outputScale * softmax(inputScale * x).
public struct WorkloadSoftmax: Equatable, Sendable {
  /// Real value of one step of x, times 1/sqrt(head width).
  public var inputScale: Float = 1
  /// Steps of y for 1.0.
  public var outputScale: Float = 127
  /// Whether a row sees only the columns up to its own position; the last row sees all.
  public var causal = false

  public init() {}
}

/// Attributes of a normalisation: y = outputScale * norm(inputScale * x).
public struct WorkloadNorm: Equatable, Sendable {
  /// Real value of one step of x.
  public var inputScale: Float = 1
  /// Steps of y for 1.0.
  public var outputScale: Float = 1
  /// Added to the variance (paper.md 2.1).
  public var epsilon: Float = 1e-5

  public init() {}
}

/// Attributes of an element-wise function: y = outputScale * f(inputScale * x).
public struct WorkloadActivation: Equatable, Sendable {
  /// f.
  public var function = WorkloadFunction.relu
  /// Real value of one step of x.
  public var inputScale: Float = 1
  /// Steps of y for 1.0.
  public var outputScale: Float = 1

  public init() {}
}

/// Functions of one element (paper.md 2.1).
public enum WorkloadFunction: String, CaseIterable, Sendable {
  /// max(x, 0).
  case relu
  /// min(max(x, 0), 6).
  case relu6
  /// x/2 (1 + erf(x/sqrt 2)).
  case gelu
  /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
  case geluTanh
  /// x / (1 + e^-x).
  case silu
  /// SiLU(x) * y with a second input y.
  case gatedSilu
}

/// Attributes of rotary position embedding.
public struct WorkloadRotary: Equatable, Sendable {
  /// Slices of columns, each rotated by itself.
  public var heads = 1
  /// Items whose rows lie one behind the other.
  public var batch = 1
  /// Position of the first row.
  public var position = 0
  /// Base of the angles.
  public var base: Float = 10000

  public init() {}
}

/// Attributes of a concatenation.
public struct WorkloadConcat: Equatable, Sendable {
  /// From 0, outermost first; -1 is the last.
  public var axis = -1

  public init() {}
}

/// Attributes of the writing of new rows into a cache.
public struct WorkloadCacheAppend: Equatable, Sendable {
  /// First row of the cache that is written, of each item of the batch.
  public var position = 0
  /// Items whose rows lie one behind the other.
  public var batch = 1

  public init() {}
}

/// Attributes of a change of shape.
public struct WorkloadReshape: Equatable, Sendable {
  /// The shape of the output.
  public var shape: [Int] = [1]

  public init() {}
}
