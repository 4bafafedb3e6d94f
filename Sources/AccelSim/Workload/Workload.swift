/// What a network computes: typed tensors, and operators in the order of execution.
///
/// A value of this type is consistent: names are unique, operands exist before they are used, and
/// every shape follows from the operands. Docs/Workload.md describes the file form.
public struct Workload: Equatable, Sendable {
  /// A name for reports.
  public let name: String
  /// The numbers that it was made from, such as the sequence length.
  public let parameters: [WorkloadParameter]
  /// In the order of the file; every operand and result is one of them.
  public let tensors: [WorkloadTensor]
  /// In the order of execution.
  public let operators: [WorkloadOperator]
  private let tensorIndex: [String: Int]

  /// Checks the parts of a workload.
  ///
  /// - Throws: `InvalidWorkload` with every problem.
  public init(
    name: String, parameters: [WorkloadParameter] = [], tensors: [WorkloadTensor],
    operators: [WorkloadOperator]
  ) throws(InvalidWorkload) {
    var checker = WorkloadChecker(tensors: tensors.map { ($0, true) }, operators: operators)
    checker.check(name: name, parameters: parameters)
    guard checker.problems.isEmpty else { throw InvalidWorkload(problems: checker.problems) }
    self.init(unchecked: name, parameters, tensors, operators)
  }

  /// Takes parts that are known to fit together.
  init(
    unchecked name: String, _ parameters: [WorkloadParameter], _ tensors: [WorkloadTensor],
    _ operators: [WorkloadOperator]
  ) {
    self.name = name
    self.parameters = parameters
    self.tensors = tensors
    self.operators = operators
    tensorIndex = Dictionary(
      tensors.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The tensor called `name`; must be one of `tensors`.
  public subscript(name: String) -> WorkloadTensor {
    guard let index = tensorIndex[name] else {
      preconditionFailure("no tensor '\(name)' in workload '\(self.name)'")
    }
    return tensors[index]
  }

  /// The tensors that `step` reads.
  public func inputs(of step: WorkloadOperator) -> [WorkloadTensor] { step.inputs.map { self[$0] } }

  /// The operators that read the tensor called `name`, in the order of execution; none for a result
  /// of the network.
  public func readers(of name: String) -> [WorkloadOperator] {
    operators.filter { $0.inputs.contains(name) }
  }

  /// The operator that computes the tensor called `name`; `nil` for what is given.
  public func writer(of name: String) -> WorkloadOperator? {
    operators.first { $0.output == name }
  }

  /// The matrix products that `step` consists of, a convolution as the im2col products of its
  /// groups before pooling; `nil` for what is no matrix product.
  public func product(of step: WorkloadOperator) -> WorkloadProduct? {
    let shapes = step.inputs.map { self[$0].shape }
    switch step.kind {
    case .matmul(let matmul): return try? WorkloadShapes.matmul(matmul, shapes).product
    case .convolution(let convolution):
      guard let pixels = try? WorkloadShapes.convolution(convolution, shapes).unpooled else {
        return nil
      }
      let weights = shapes[1]
      return WorkloadProduct(
        count: convolution.groups, rows: pixels[0] * pixels[1] * pixels[2],
        inner: weights[0] * weights[1] * weights[2], columns: pixels[3] / convolution.groups)
    default: return nil
    }
  }

  /// Multiply-accumulates of matmuls and convolutions of `step`; padding counts as pixels.
  public func macs(of step: WorkloadOperator) -> Int {
    product(of: step).map { $0.count * $0.rows * $0.inner * $0.columns } ?? 0
  }

  /// Multiply-accumulates of all operators.
  public var macs: Int { operators.reduce(0) { $0 + macs(of: $1) } }

  /// Elements of all weights, biases and normalisation weights included.
  public var parameterCount: Int {
    tensors.reduce(0) { $0 + ($1.role == .weight ? $1.count : 0) }
  }

  /// The value of the parameter called `name`.
  public func parameter(_ name: String) -> Int? { parameters.first { $0.name == name }?.value }

  /// Most operators that a workload may have.
  public static let maximumOperators = 1 << 14
  /// Most tensors that a workload may have.
  public static let maximumTensors = 1 << 16
}

/// A number that a workload was made from.
public struct WorkloadParameter: Equatable, Sendable {
  /// Such as `sequence`.
  public var name: String
  /// In the unit that the model gives it, such as tokens.
  public var value: Int

  public init(_ name: String, _ value: Int) {
    self.name = name
    self.value = value
  }
}

/// A workload cannot be used; `problems` holds every reason, not only the first.
public struct InvalidWorkload: Error, Equatable, CustomStringConvertible {
  /// At least one, in the order of the file.
  public var problems: [ConfigProblem]

  public init(problems: [ConfigProblem]) { self.problems = problems }

  /// One line a problem, at most 50 of them.
  public var description: String { InvalidConfig(problems: problems).description }
}
