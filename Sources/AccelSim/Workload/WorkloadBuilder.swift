/// Collects the parts of a workload; shapes of results are found when it is finished.
///
/// An operator and the tensor that it writes share a name.
struct WorkloadBuilder {
  private let name: String
  private let parameters: [WorkloadParameter]
  private var tensors: [(tensor: WorkloadTensor, hasShape: Bool)] = []
  private var operators: [WorkloadOperator] = []
  /// The layer that operators are added to.
  var layer: Int?

  init(_ name: String, _ parameters: [WorkloadParameter]) {
    self.name = name
    self.parameters = parameters
  }

  /// `part` with the name of the layer before it.
  func named(_ part: String) -> String { layer.map { "layer\($0).\(part)" } ?? part }

  /// Adds a tensor that no operator writes, and returns its name.
  @discardableResult
  mutating func tensor(
    _ part: String, _ shape: [Int], _ role: WorkloadTensorRole,
    _ type: WorkloadElementType = .int8
  ) -> String {
    let name = named(part)
    tensors.append((WorkloadTensor(name: name, shape: shape, type: type, role: role), true))
    return name
  }

  /// Adds an operator and the tensor for its result, whose name it returns.
  mutating func add(
    _ part: String, _ kind: WorkloadKind, _ inputs: [String], in group: WorkloadGroup = .other,
    type: WorkloadElementType = .int8
  ) -> String {
    let name = named(part)
    tensors.append((WorkloadTensor(name: name, shape: [1], type: type), false))
    operators.append(
      WorkloadOperator(
        name: name, group: group, layer: layer, kind: kind, inputs: inputs, output: name))
    return name
  }

  /// Adds an operator that writes the tensor `output`.
  mutating func write(
    _ part: String, _ kind: WorkloadKind, _ inputs: [String], to output: String
  ) {
    operators.append(
      WorkloadOperator(
        name: named(part), layer: layer, kind: kind, inputs: inputs, output: output))
  }

  /// Adds a matmul with weights [inner, columns] and, unless told otherwise, a row of biases.
  mutating func linear(
    _ part: String, _ group: WorkloadGroup, _ x: String, inner: Int, columns: Int,
    type: WorkloadElementType = .int8, hasBias: Bool = true,
    activation: WorkloadFusedActivation = .none
  ) -> String {
    var matmul = WorkloadMatmul()
    matmul.activation = activation
    if type == .int8 { matmul.scale = ZooScale.requantisation(inner: inner) }
    var inputs = [x, tensor(part + ".weight", [inner, columns], .weight)]
    if hasBias {
      matmul.bias = .row
      inputs.append(tensor(part + ".bias", [columns], .weight, .int32))
    }
    return add(part, .matmul(matmul), inputs, in: group, type: type)
  }

  /// The workload.
  func finish() throws(InvalidWorkload) -> Workload {
    var checker = WorkloadChecker(tensors: tensors, operators: operators)
    checker.check(name: name, parameters: parameters)
    guard checker.problems.isEmpty else { throw InvalidWorkload(problems: checker.problems) }
    return Workload(unchecked: name, parameters, checker.tensors, operators)
  }
}

/// Nominal quantisation of the zoo, which has no trained weights: int8 activations in steps of
/// 1/16, and factors that keep products of full-range int8 data in range. Cycles do not depend on
/// these; results stay meaningful.
enum ZooScale {
  /// Steps of an int8 activation for 1.0.
  static let steps: Float = 16

  /// From a sum of `inner` products to int8.
  static func requantisation(inner: Int) -> Float { 1 / (128 * Float(inner).squareRoot()) }

  /// Real value of one step of such a sum.
  static func accumulator(inner: Int) -> Float { requantisation(inner: inner) / steps }

  /// Real value of one step of scores of heads of `width`, with the 1/sqrt(width) of attention.
  static func scores(width: Int) -> Float { 1 / (steps * steps * Float(width).squareRoot()) }
}
