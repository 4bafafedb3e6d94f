/// A product of matrices within a matmul operator.
public struct WorkloadProduct: Equatable, Sendable {
  /// Products of this shape: batch times slices.
  public var count: Int
  /// Rows of A and of the result.
  public var rows: Int
  /// Columns of A and rows of B: multiply-accumulates of an element of the result.
  public var inner: Int
  /// Columns of B and of the result.
  public var columns: Int

  public init(count: Int, rows: Int, inner: Int, columns: Int) {
    self.count = count
    self.rows = rows
    self.inner = inner
    self.columns = columns
  }
}

/// Two shapes, or a shape and an attribute, that do not go together.
struct ShapeProblem: Error {
  var found: String
  var expected: String
}

/// Shapes of results, and whether the operands fit together.
///
/// Operands must have shapes that a tensor may have, so that sizes of one tensor cannot overflow.
enum WorkloadShapes {
  /// Most multiply-accumulates of one operator, so that sums over operators fit in `Int`.
  static let maximumMACs = 1 << 46

  /// The shape of what `kind` makes of operands of the shapes `inputs`.
  ///
  /// - Parameter cache: The shape of the output if that is a cache.
  static func output(of kind: WorkloadKind, _ inputs: [[Int]], cache: [Int]? = nil)
    throws(ShapeProblem) -> [Int]
  {
    try checkCount(of: inputs.count, for: kind)
    let shape = try inferred(kind, inputs, cache: cache)
    try checkSize(shape)
    return shape
  }

  private static func inferred(_ kind: WorkloadKind, _ inputs: [[Int]], cache: [Int]?)
    throws(ShapeProblem) -> [Int]
  {
    switch kind {
    case .matmul(let matmul): return try self.matmul(matmul, inputs).output
    case .convolution(let convolution): return try self.convolution(convolution, inputs).output
    case .maxPool(let pool):
      let x = try pixels(inputs[0])
      let rows = try windows(
        x[1], size: pool.size, stride: pool.stride, padding: pool.padding, roundsUp: pool.roundsUp)
      let columns = try windows(
        x[2], size: pool.size, stride: pool.stride, padding: pool.padding, roundsUp: pool.roundsUp)
      let output = [x[0], rows, columns, x[3]]
      try checkMACs(output + [pool.size, pool.size], "comparisons")
      return output
    case .globalAverage:
      let x = try pixels(inputs[0])
      return [x[0], x[3]]
    case .residual:
      try expectSame(inputs[1], inputs[0])
      return inputs[0]
    case .activation:
      if inputs.count == 2 { try expectSame(inputs[1], inputs[0]) }
      return inputs[0]
    case .softmax(let softmax):
      if softmax.causal {
        guard inputs[0].count >= 2, inputs[0][inputs[0].count - 2] <= inputs[0].last! else {
          throw ShapeProblem(
            found: "x \(text(inputs[0]))", expected: "rows, and no more of them than columns")
        }
      }
      return inputs[0]
    case .layerNorm, .rmsNorm:
      for weights in inputs.dropFirst() { try expect(weights, [inputs[0].last!], "a weight") }
      return inputs[0]
    case .rotary(let rotary):
      let x = try matrix(inputs[0])
      guard x[1] % rotary.heads == 0, x[1] / rotary.heads % 2 == 0, x[0] % rotary.batch == 0 else {
        throw ShapeProblem(
          found: "x \(text(x))",
          expected: "\(rotary.heads) heads of an even width and rows in \(rotary.batch) equal parts"
        )
      }
      return x
    case .embedding:
      guard inputs[0].count == 1 else {
        throw ShapeProblem(found: "indices \(text(inputs[0]))", expected: "one axis")
      }
      return [inputs[0][0], try matrix(inputs[1])[1]]
    case .concat(let concat): return try self.concat(concat, inputs)
    case .cacheAppend(let append):
      let x = try matrix(inputs[0])
      guard let cache else { return x }
      let whole = try matrix(cache)
      guard x[0] % append.batch == 0, whole[0] % append.batch == 0, x[1] == whole[1],
        append.position <= whole[0] / append.batch - x[0] / append.batch
      else {
        throw ShapeProblem(
          found: "rows \(text(x)) at position \(append.position) of a cache \(text(cache))",
          expected: "rows that lie inside the cache, in \(append.batch) equal parts")
      }
      return cache
    case .reshape(let reshape):
      let count = inputs[0].reduce(1, *)
      guard reshape.shape.reduce(1, *) == count else {
        throw ShapeProblem(
          found: "\(text(inputs[0])) as \(text(reshape.shape))", expected: "\(count) elements")
      }
      return reshape.shape
    }
  }

  // MARK: Matmul

  /// The products of a matmul and the shape of its result.
  static func matmul(_ matmul: WorkloadMatmul, _ inputs: [[Int]]) throws(ShapeProblem)
    -> (product: WorkloadProduct, output: [Int])
  {
    let (products, overflow) = matmul.slices.multipliedReportingOverflow(by: matmul.batch)
    guard !overflow, products <= WorkloadTensor.maximumCount else {
      throw ShapeProblem(
        found: "\(matmul.batch) x \(matmul.slices) products", expected: "at most 2^40")
    }
    let storedA = try slice(inputs[0], matmul.slicingA, matmul, "A")
    let storedB = try slice(inputs[1], matmul.slicingB, matmul, "B")
    let a = matmul.transposeA ? (rows: storedA.columns, columns: storedA.rows) : storedA
    let b = matmul.transposeB ? (rows: storedB.columns, columns: storedB.rows) : storedB
    guard a.columns == b.rows else {
      throw ShapeProblem(
        found: "A \(text(inputs[0])) with \(a.columns) inner elements and "
          + "B \(text(inputs[1])) with \(b.rows)", expected: "the same number")
    }
    let product = WorkloadProduct(
      count: products, rows: a.rows, inner: a.columns, columns: b.columns)
    let output: [Int]
    switch matmul.slicingC {
    case .shared:
      guard products == 1 else {
        throw ShapeProblem(
          found: "slicingC \"shared\" for \(products) products",
          expected: "\"columns\" or \"leading\"")
      }
      output = [a.rows, b.columns]
    case .columns:
      output = [
        try times(a.rows, matmul.batch), try times(b.columns, matmul.slices),
      ]
    case .leading: output = [products, a.rows, b.columns]
    }
    try checkSize(output)
    try checkMACs([products, a.rows, a.columns, b.columns])
    switch matmul.bias {
    case .none: break
    case .row: try expect(inputs[2], [output.last!], "the bias")
    case .full: try expect(inputs[2], output, "the bias")
    }
    return (product, output)
  }

  /// Rows and columns of one matrix of `shape`.
  private static func slice(
    _ shape: [Int], _ slicing: WorkloadSlicing, _ matmul: WorkloadMatmul, _ name: String
  ) throws(ShapeProblem) -> (rows: Int, columns: Int) {
    switch slicing {
    case .shared where shape.count == 2: return (shape[0], shape[1])
    case .columns where shape.count == 2:
      guard shape[0] % matmul.batch == 0, shape[1] % matmul.slices == 0 else { break }
      return (shape[0] / matmul.batch, shape[1] / matmul.slices)
    case .leading where shape.count == 3:
      guard shape[0] == matmul.batch * matmul.slices else { break }
      return (shape[1], shape[2])
    default: break
    }
    let expected =
      switch slicing {
      case .shared: "[rows, columns]"
      case .columns: "[\(matmul.batch) * rows, \(matmul.slices) * columns]"
      case .leading: "[\(matmul.batch * matmul.slices), rows, columns]"
      }
    throw ShapeProblem(found: "\(name) \(text(shape))", expected: expected)
  }

  // MARK: Pixels

  /// The shape before pooling and the result's shape of a convolution.
  static func convolution(_ convolution: WorkloadConvolution, _ inputs: [[Int]])
    throws(ShapeProblem) -> (unpooled: [Int], output: [Int])
  {
    let x = try pixels(inputs[0])
    let weights = inputs[1]
    guard x[3] % convolution.groups == 0 else {
      throw ShapeProblem(
        found: "x \(text(x)) in \(convolution.groups) groups", expected: "channels that divide")
    }
    let kernel = [convolution.kernel, convolution.kernel, x[3] / convolution.groups]
    guard weights.count == 4, Array(weights[..<3]) == kernel,
      weights[3] % convolution.groups == 0
    else {
      throw ShapeProblem(
        found: "weights \(text(weights)) for x \(text(x))",
        expected: "[\(kernel[0]), \(kernel[1]), \(kernel[2]), outputs]"
          + (convolution.groups > 1 ? ", outputs a multiple of \(convolution.groups)" : ""))
    }
    if convolution.bias { try expect(inputs[2], [weights[3]], "the bias") }
    let extent = (convolution.kernel - 1) * convolution.dilation + 1
    let rows = try windows(
      x[1], size: extent, stride: convolution.stride, padding: convolution.padding)
    let columns = try windows(
      x[2], size: extent, stride: convolution.stride, padding: convolution.padding)
    let unpooled = [x[0], rows, columns, weights[3]]
    try checkSize(unpooled)
    try checkMACs(unpooled + kernel)
    guard convolution.poolSize > 0 else { return (unpooled, unpooled) }
    let (size, stride, padding) = (
      convolution.poolSize, convolution.poolStride, convolution.poolPadding
    )
    let output = [
      x[0], try windows(rows, size: size, stride: stride, padding: padding),
      try windows(columns, size: size, stride: stride, padding: padding), weights[3],
    ]
    return (unpooled, output)
  }

  /// Windows along an axis of `length` pixels.
  private static func windows(
    _ length: Int, size: Int, stride: Int, padding: Int, roundsUp: Bool = false
  ) throws(ShapeProblem) -> Int {
    let room = length + 2 * padding - size
    guard room >= 0, padding < size else {
      throw ShapeProblem(
        found: "a window of \(size) over \(length) pixels with \(padding) of padding",
        expected: "a window that fits, larger than the padding")
    }
    var count = room / stride + 1
    // A window that begins in the padding behind the edge does not count, as in PyTorch.
    if roundsUp, room % stride != 0, count * stride < length + padding { count += 1 }
    return count
  }

  private static func concat(_ concat: WorkloadConcat, _ inputs: [[Int]]) throws(ShapeProblem)
    -> [Int]
  {
    var result = inputs[0]
    let axis = concat.axis < 0 ? result.count - 1 : concat.axis
    guard axis < result.count else {
      throw ShapeProblem(found: "axis \(axis) of \(text(result))", expected: "an axis it has")
    }
    for input in inputs.dropFirst() {
      var same = input
      if input.count == result.count { same[axis] = result[axis] }
      guard same == result else {
        throw ShapeProblem(
          found: "\(text(inputs[0])) and \(text(input))",
          expected: "shapes that differ only along axis \(axis)")
      }
      result[axis] += input[axis]
      try checkSize(result)
    }
    return result
  }

  // MARK: Checks

  private static func checkCount(of count: Int, for kind: WorkloadKind) throws(ShapeProblem) {
    let range: ClosedRange<Int> =
      switch kind {
      case .matmul(let matmul): matmul.bias == .none ? 2...2 : 3...3
      case .convolution(let convolution): convolution.bias ? 3...3 : 2...2
      case .activation(let activation): activation.function == .gatedSilu ? 2...2 : 1...1
      case .maxPool, .globalAverage, .softmax, .rotary, .cacheAppend, .reshape: 1...1
      case .residual, .embedding: 2...2
      case .layerNorm: 1...3
      case .rmsNorm: 1...2
      case .concat: 2...1024
      }
    guard range.contains(count) else {
      let wanted =
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw ShapeProblem(
        found: "\(count) inputs", expected: "\(wanted): \(kind.declaration.inputs)")
    }
  }

  private static func pixels(_ shape: [Int]) throws(ShapeProblem) -> [Int] {
    guard shape.count == 4 else {
      throw ShapeProblem(
        found: "x \(text(shape))", expected: "[batch, rows, columns, channels]")
    }
    return shape
  }

  private static func matrix(_ shape: [Int]) throws(ShapeProblem) -> [Int] {
    guard shape.count == 2 else {
      throw ShapeProblem(found: text(shape), expected: "[rows, columns]")
    }
    return shape
  }

  private static func expectSame(_ second: [Int], _ first: [Int]) throws(ShapeProblem) {
    guard first == second else {
      throw ShapeProblem(found: "\(text(first)) and \(text(second))", expected: "one shape")
    }
  }

  private static func expect(_ shape: [Int], _ wanted: [Int], _ name: String)
    throws(ShapeProblem)
  {
    guard shape == wanted else {
      throw ShapeProblem(found: "\(name) \(text(shape))", expected: text(wanted))
    }
  }

  private static func checkSize(_ shape: [Int]) throws(ShapeProblem) {
    if WorkloadTensor.problem(inShape: shape) != nil {
      throw ShapeProblem(
        found: "a result of \(text(shape))", expected: WorkloadTensor.shapeExpectation)
    }
  }

  private static func checkMACs(_ factors: [Int], _ what: String = "multiply-accumulates")
    throws(ShapeProblem)
  {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow, next <= maximumMACs else {
        throw ShapeProblem(
          found: factors.map(String.init).joined(separator: " x ") + " \(what)",
          expected: "at most 2^46")
      }
      product = next
    }
  }

  private static func times(_ left: Int, _ right: Int) throws(ShapeProblem) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    guard !overflow else {
      throw ShapeProblem(found: "\(left) x \(right)", expected: "at most 2^40 elements")
    }
    return product
  }

  /// `shape` as messages show it.
  static func text(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }
}
