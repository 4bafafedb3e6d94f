/// Sizes of a transformer (paper.md 1.1 and 4.1).
struct TransformerSizes: Sendable {
  /// Features of a token, d.
  var width: Int
  var heads: Int
  /// Features between the two feed-forward matmuls, f.
  var hidden: Int
  var layers: Int
}

/// What attention and feed-forward network run on.
struct TransformerPass: Sendable {
  var sizes: TransformerSizes
  var batch: Int
  /// Tokens of each item of the batch that are computed.
  var rows: Int
  /// Tokens that are attended to; those before the last `rows` come from a cache.
  var context: Int
  var isCausal = false
  var hasBias = true
  var hasRotary = false

  /// Features of a head.
  var headWidth: Int { sizes.width / sizes.heads }
}

/// Parts of transformers. Activations are int8; what a nonlinear operation reads is int32
/// (paper.md 2.4).
extension WorkloadBuilder {
  /// Attention with Q, K and V projections of `x`; the result before the output projection.
  mutating func attention(_ x: String, _ pass: TransformerPass) -> String {
    let width = pass.sizes.width
    func project(_ part: String) -> String {
      linear(
        part, .projections, x, inner: width, columns: width, hasBias: pass.hasBias)
    }
    var (q, k, v) = (project("q"), project("k"), project("v"))
    if pass.hasRotary {
      var rotary = WorkloadRotary()
      rotary.heads = pass.sizes.heads
      rotary.batch = pass.batch
      rotary.position = pass.context - pass.rows
      q = add("rotaryQ", .rotary(rotary), [q])
      k = add("rotaryK", .rotary(rotary), [k])
    }
    if pass.context > pass.rows || pass.rows == 1 {
      var append = WorkloadCacheAppend()
      append.position = pass.context - pass.rows
      append.batch = pass.batch
      let shape = [pass.batch * pass.context, width]
      let (keys, values) = (tensor("keys", shape, .cache), tensor("values", shape, .cache))
      write("appendKeys", .cacheAppend(append), [k], to: keys)
      write("appendValues", .cacheAppend(append), [v], to: values)
      (k, v) = (keys, values)
    }
    var scores = WorkloadMatmul()
    scores.slices = pass.sizes.heads
    scores.batch = pass.batch
    (scores.slicingA, scores.slicingB, scores.slicingC) = (.columns, .columns, .leading)
    scores.transposeB = true
    var softmax = WorkloadSoftmax()
    softmax.inputScale = ZooScale.scores(width: pass.headWidth)
    softmax.causal = pass.isCausal
    var context = scores
    (context.slicingA, context.slicingB, context.slicingC) = (.leading, .columns, .columns)
    context.transposeB = false
    context.scale = 1 / softmax.outputScale
    let products = add("scores", .matmul(scores), [q, k], in: .attention, type: .int32)
    let weights = add("softmax", .softmax(softmax), [products])
    return add("context", .matmul(context), [weights, v], in: .attention)
  }

  /// The output projection, whose sums stay int32.
  mutating func project(_ x: String, _ pass: TransformerPass) -> String {
    linear(
      "out", .projections, x, inner: pass.sizes.width, columns: pass.sizes.width, type: .int32,
      hasBias: pass.hasBias)
  }

  /// Two matmuls with a function between them; the sums stay int32.
  mutating func feedForward(_ x: String, _ pass: TransformerPass, _ function: WorkloadFunction)
    -> String
  {
    let (width, hidden) = (pass.sizes.width, pass.sizes.hidden)
    let sums = linear("ffn1", .feedForward, x, inner: width, columns: hidden, type: .int32)
    var activation = WorkloadActivation()
    activation.function = function
    activation.inputScale = ZooScale.accumulator(inner: width)
    activation.outputScale = ZooScale.steps
    let y = add("gelu", .activation(activation), [sums])
    return linear("ffn2", .feedForward, y, inner: hidden, columns: width, type: .int32)
  }

  /// Sums of a matmul over `inner` elements plus int8 activations, as int32 for a normalisation
  /// or as int8.
  mutating func residual(
    _ part: String, _ sums: String, _ x: String, inner: Int, type: WorkloadElementType
  ) -> String {
    var residual = WorkloadResidual()
    let factor = ZooScale.requantisation(inner: inner)
    if type == .int8 { residual.firstScale = factor } else { residual.secondScale = 1 / factor }
    return add(part, .residual(residual), [sums, x], type: type)
  }

  /// A LayerNorm with gain and bias, or an RMSNorm with gain, of x in steps of `inputScale`.
  mutating func norm(
    _ part: String, _ x: String, width: Int, inputScale: Float, epsilon: Float,
    isRootMeanSquare: Bool = false
  ) -> String {
    var norm = WorkloadNorm()
    norm.inputScale = inputScale
    norm.outputScale = ZooScale.steps
    norm.epsilon = epsilon
    let gain = tensor(part + ".gain", [width], .weight, .fp32)
    if isRootMeanSquare { return add(part, .rmsNorm(norm), [x, gain]) }
    let bias = tensor(part + ".bias", [width], .weight, .fp32)
    return add(part, .layerNorm(norm), [x, gain, bias])
  }

  /// Rows of a table of features; `table` is a tensor, such as a weight.
  mutating func gather(_ part: String, _ table: String, rows: Int) -> String {
    let indices = tensor(part + ".indices", [rows], .input, .int32)
    return add(part, .embedding, [indices, table], in: .embedding)
  }
}
