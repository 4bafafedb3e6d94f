/// Finds what is wrong with the parts of a workload, and the shapes that are not given.
struct WorkloadChecker {
  private(set) var tensors: [WorkloadTensor]
  private(set) var problems: [ConfigProblem] = []
  private let operators: [WorkloadOperator]
  /// Whether the shape of each tensor is known: given, or found on the way.
  private var hasShape: [Bool]
  /// Tensors whose shape cannot be used, for which nothing more is reported.
  private var isUnusable: Set<Int> = []
  private var index: [String: Int] = [:]
  /// The operator that wrote a tensor.
  private var writers: [Int: Int] = [:]

  /// - Parameter tensors: Each with whether its shape is given.
  init(tensors: [(tensor: WorkloadTensor, hasShape: Bool)], operators: [WorkloadOperator]) {
    self.tensors = tensors.map(\.tensor)
    hasShape = tensors.map(\.hasShape)
    self.operators = operators
  }

  mutating func check(name: String, parameters: [WorkloadParameter]) {
    checkName(name, at: "name")
    var seen: Set<String> = []
    for parameter in parameters {
      let path = "parameters.\(JSONText.pathPart(parameter.name))"
      checkName(parameter.name, at: path)
      if !seen.insert(parameter.name).inserted {
        add(path, "the parameter again", "each parameter once")
      }
    }
    if tensors.count > Workload.maximumTensors {
      return add("tensors", "\(tensors.count) tensors", "at most \(Workload.maximumTensors)")
    }
    guard (1...Workload.maximumOperators).contains(operators.count) else {
      return add(
        "operators", "\(operators.count) operators", "1 to \(Workload.maximumOperators)")
    }
    checkTensors()
    checkOperators()
    for (number, tensor) in tensors.enumerated()
    where tensor.role == .activation && writers[number] == nil && !isUnusable.contains(number) {
      add(
        "tensors[\(number)]", "the activation \(quoted(tensor.name)) that no operator writes",
        "an operator with this output, or another role")
    }
  }

  private mutating func checkTensors() {
    for (number, tensor) in tensors.enumerated() {
      let path = "tensors[\(number)]"
      checkName(tensor.name, at: path + ".name")
      if index.updateValue(number, forKey: tensor.name) != nil {
        add(path + ".name", quoted(tensor.name) + " again", "each tensor once")
      }
      if !hasShape[number] {
        if tensor.role != .activation {
          add(path, "no shape", "the shape of a tensor with the role \"\(tensor.role)\"")
          isUnusable.insert(number)
        }
      } else if let problem = WorkloadTensor.problem(inShape: tensor.shape) {
        add(path + ".shape", problem, WorkloadTensor.shapeExpectation)
        isUnusable.insert(number)
      }
    }
  }

  private mutating func checkOperators() {
    var names: Set<String> = []
    for (number, step) in operators.enumerated() {
      let path = "operators[\(number)]"
      checkName(step.name, at: path + ".name")
      if !names.insert(step.name).inserted {
        add(path + ".name", quoted(step.name) + " again", "each operator once")
      }
      if let layer = step.layer, !(0...1_000_000).contains(layer) {
        add(path + ".layer", "\(layer)", "a whole number 0...1000000")
      }
      let bad = step.kind.declaration.badAttributes(step.kind) ?? []
      for (attribute, found) in bad {
        add("\(path).\(attribute.name)", found, attribute.expectation)
      }
      let inputs = step.inputs.enumerated().map { position, name in
        operand(name, at: "\(path).inputs[\(position)]")
      }
      guard let output = result(step, number, at: path + ".output") else { continue }
      let known = inputs.compactMap { $0 }.filter { !isUnusable.contains($0) }
      guard bad.isEmpty, known.count == inputs.count, !isUnusable.contains(output) else {
        if !hasShape[output] { isUnusable.insert(output) }
        continue
      }
      checkShape(step, known, output, at: path)
    }
  }

  /// The index of a tensor that an operator reads; reports one that is not there yet.
  private mutating func operand(_ name: String, at path: String) -> Int? {
    guard let number = index[name] else {
      var problem = ConfigProblem(
        path: path, found: "no tensor " + quoted(name), expected: "the name of a tensor")
      // Messages show the first problems; comparing names for all of a hostile file takes too long.
      if problems.count < 50 {
        let names = Array(index.keys.sorted().prefix(2000))
        problem.suggestion = Suggestion.nearest(to: name, among: names).map(JSONText.quoted)
      }
      problems.append(problem)
      return nil
    }
    if tensors[number].role == .activation && writers[number] == nil {
      add(path, quoted(name) + " before an operator writes it", "an earlier result")
      return nil
    }
    return number
  }

  /// The index of the tensor that an operator writes.
  private mutating func result(_ step: WorkloadOperator, _ number: Int, at path: String) -> Int? {
    guard let output = index[step.output] else {
      add(path, "no tensor " + quoted(step.output), "the name of a tensor")
      return nil
    }
    let role = tensors[output].role
    if case .cacheAppend = step.kind {
      guard role == .cache else {
        add(path, "the \(role) \(quoted(step.output))", "a tensor with the role \"cache\"")
        return nil
      }
      return output
    }
    guard role == .activation else {
      add(path, "the \(role) \(quoted(step.output))", "a tensor with the role \"activation\"")
      return nil
    }
    if let writer = writers.updateValue(number, forKey: output) {
      add(
        path, "\(quoted(step.output)), which \(quoted(operators[writer].name)) writes",
        "a tensor of its own")
      return nil
    }
    return output
  }

  private mutating func checkShape(
    _ step: WorkloadOperator, _ inputs: [Int], _ output: Int, at path: String
  ) {
    do throws(ShapeProblem) {
      try checkTypes(step, inputs, output)
      let isCache = tensors[output].role == .cache
      let shape = try WorkloadShapes.output(
        of: step.kind, inputs.map { tensors[$0].shape },
        cache: isCache ? tensors[output].shape : nil)
      if !hasShape[output] {
        tensors[output].shape = shape
        hasShape[output] = true
      }
      guard shape == tensors[output].shape else {
        throw ShapeProblem(
          found: "output \(WorkloadShapes.text(tensors[output].shape))",
          expected: WorkloadShapes.text(shape))
      }
    } catch {
      add(path, "operator \(quoted(step.name)): \(error.found)", error.expected)
      if !hasShape[output] { isUnusable.insert(output) }
    }
  }

  private func checkTypes(_ step: WorkloadOperator, _ inputs: [Int], _ output: Int)
    throws(ShapeProblem)
  {
    func expect(_ number: Int, _ types: [WorkloadElementType]) throws(ShapeProblem) {
      let tensor = tensors[number]
      guard types.contains(tensor.type) else {
        throw ShapeProblem(
          found: "\(quoted(tensor.name)) of type \(tensor.type)",
          expected: types.map(\.rawValue).joined(separator: " or "))
      }
    }
    switch step.kind {
    case .matmul, .convolution:
      guard inputs.count >= 2 else { return }
      try expect(inputs[0], [.int8, .fp32])
      let isFloat = tensors[inputs[0]].type == .fp32
      try expect(inputs[1], [tensors[inputs[0]].type])
      for bias in inputs.dropFirst(2) { try expect(bias, [isFloat ? .fp32 : .int32]) }
      try expect(output, isFloat ? [.fp32] : [.int8, .int32])
    case .embedding:
      guard inputs.count == 2 else { return }
      try expect(inputs[0], [.int32])
      let indices = tensors[inputs[0]]
      guard indices.role == .input || indices.role == .weight else {
        throw ShapeProblem(
          found: "indices \(quoted(indices.name)) with the role \"\(indices.role)\"",
          expected: "\"input\" or \"weight\"")
      }
      try expect(output, [tensors[inputs[1]].type])
    case .concat:
      for input in inputs { try expect(input, [tensors[output].type]) }
    case .reshape, .cacheAppend, .maxPool:
      if let first = inputs.first { try expect(output, [tensors[first].type]) }
    default: break
    }
  }

  private mutating func checkName(_ name: String, at path: String) {
    if !ConfigKey.isGoodText(name) {
      add(path, quoted(name), "1 to \(ConfigKey.textLimit) printable characters")
    }
  }

  private mutating func add(_ path: String, _ found: String, _ expected: String) {
    problems.append(ConfigProblem(path: path, found: found, expected: expected))
  }

  private func quoted(_ name: String) -> String { JSONText.quoted(JSONText.shortened(name)) }
}
