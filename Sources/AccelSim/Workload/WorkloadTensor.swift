/// A tensor of a workload: what it is called, how large it is and what it holds.
public struct WorkloadTensor: Equatable, Sendable {
  /// Unique among the tensors of the workload.
  public var name: String
  /// Elements along each axis, row-major, outermost first: [batch, rows, columns, channels] for
  /// the activations of a CNN, [rows, features] or [slices, rows, columns] for transformers.
  public var shape: [Int]
  /// What each element is.
  public var type: WorkloadElementType
  /// Where its content comes from.
  public var role: WorkloadTensorRole

  public init(
    name: String, shape: [Int], type: WorkloadElementType = .int8,
    role: WorkloadTensorRole = .activation
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.role = role
  }

  /// Elements of the tensor. The shape must be one that `Workload` accepts.
  public var count: Int { shape.reduce(1, *) }
  /// Bytes of the tensor in main memory.
  public var bytes: Int { count * type.bytes }

  /// Most elements that a tensor may have.
  public static let maximumCount = 1 << 40
  /// Most axes that a tensor may have.
  public static let maximumRank = 8

  /// What is wrong with `shape`, or `nil`.
  static func problem(inShape shape: [Int]) -> String? {
    guard (1...maximumRank).contains(shape.count) else { return "\(shape.count) axes" }
    var count = 1
    for size in shape {
      guard size >= 1 else { return "the size \(size)" }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= maximumCount else { return "\(shape), too many elements" }
      count = product
    }
    return nil
  }

  static let shapeExpectation = "1 to 8 sizes of at least 1, at most 2^40 elements in all"
}

/// What an element of a tensor is.
public enum WorkloadElementType: String, CaseIterable, Sendable {
  /// A signed byte: operands, and results that are requantised.
  case int8
  /// Sums of products, and biases.
  case int32
  /// IEEE 754 single precision: gains and biases of norms, and what is not quantised.
  case fp32

  /// Bytes of an element.
  public var bytes: Int { self == .int8 ? 1 : 4 }
}

/// Where the content of a tensor comes from.
public enum WorkloadTensorRole: String, CaseIterable, Sendable {
  /// Given anew for each execution.
  case input
  /// A parameter of the network, the same in each execution.
  case weight
  /// Kept from earlier executions and written by a cacheAppend.
  case cache
  /// The result of an operator.
  case activation

  var meaning: String {
    switch self {
    case .input: "given for each execution"
    case .weight: "a parameter of the network"
    case .cache: "kept from earlier executions, written by cacheAppend"
    case .activation: "the result of an operator"
    }
  }
}
