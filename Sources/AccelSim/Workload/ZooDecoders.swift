/// Decoders (paper.md 1.1 and 4.1): whole inputs, single tokens and whole generations.
extension WorkloadModel {
  static let decoders: [WorkloadModel] = [
    WorkloadModel(
      "gpt2", "GPT-2 (smallest) on a whole prompt.",
      [.sequence(128), .layers(12), .heads(12, of: 768), .batch, gpt2Ends]
    ) { values throws(InvalidWorkload) in
      try gpt2(values, rows: values["sequence"], context: values["sequence"])
    },
    WorkloadModel(
      "gpt2-decode", "GPT-2 (smallest), one token with a cache of keys and values.",
      [.position(128), .layers(12), .heads(12, of: 768), .batch, gpt2Ends]
    ) { values throws(InvalidWorkload) in
      try gpt2(values, rows: 1, context: values["position"])
    },
    WorkloadModel(
      "gpt2-generate", "GPT-2 (smallest), a generation without a prompt: one step a token.",
      [
        .init("tokens", 128, 1...65536, "Tokens that are generated."), .layers(12),
        .heads(12, of: 768), .batch, gpt2Ends,
      ], count: { $0["tokens"] },
      build: { values, step throws(InvalidWorkload) in
        try gpt2(values, rows: 1, context: step + 1)
      }),
    WorkloadModel(
      "llama-7b", "Llama-7B on a whole prompt.",
      [.sequence(128), .layers(32), .heads(32, of: 4096), .batch, llamaEnds]
    ) { values throws(InvalidWorkload) in
      try llama(values, rows: values["sequence"], context: values["sequence"])
    },
    WorkloadModel(
      "llama-7b-decode", "Llama-7B, one token with a cache of keys and values.",
      [.position(128), .layers(32), .heads(32, of: 4096), .batch, llamaEnds]
    ) { values throws(InvalidWorkload) in
      try llama(values, rows: 1, context: values["position"])
    },
  ]

  private static let gpt2Ends = WorkloadModelParameter.ends(
    0, "embeddings before the layers, norm and head of the last token behind them")
  private static let llamaEnds = WorkloadModelParameter.ends(
    0, "the embedding before the layers, norm and head of the last token behind them")

  /// Norm before each part, tanh GELU, epsilon 1e-5; the head shares the words' table.
  private static func gpt2(_ values: WorkloadValues, rows: Int, context: Int)
    throws(InvalidWorkload) -> Workload
  {
    let standard = TransformerSizes(width: 768, heads: 12, hidden: 3072, layers: 12)
    let sizes = sizes(standard, values)
    let (batch, width) = (values["batch"], sizes.width)
    var pass = TransformerPass(sizes: sizes, batch: batch, rows: rows, context: context)
    pass.isCausal = rows > 1
    var builder = values.builder
    var x: String
    var table = ""
    if values["ends"] == 1 {
      table = builder.tensor("words.table", [50257, width], .weight)
      let places = builder.tensor("positions.table", [1024, width], .weight)
      let words = builder.gather("words", table, rows: batch * rows)
      let positions = builder.gather("positions", places, rows: batch * rows)
      x = builder.add("addPositions", .residual(WorkloadResidual()), [words, positions])
    } else {
      x = builder.tensor("x", [batch * rows, width], .input)
    }
    for layer in 0..<sizes.layers {
      builder.layer = layer
      x = preNormLayer(&builder, x, pass, .geluTanh, epsilon: 1e-5)
    }
    builder.layer = nil
    if values["ends"] == 1 {
      if rows > 1 { x = builder.gather("head.last", x, rows: batch) }
      let normed = builder.norm(
        "norm", x, width: width, inputScale: 1 / ZooScale.steps, epsilon: 1e-5)
      var head = WorkloadMatmul()
      head.transposeB = true
      _ = builder.add("head", .matmul(head), [normed, table], in: .classifier, type: .int32)
    }
    return try builder.finish()
  }

  /// RMSNorm before each part, rotary positions, SwiGLU, no biases; epsilon 1e-6 (paper.md 2.1).
  private static func llama(_ values: WorkloadValues, rows: Int, context: Int)
    throws(InvalidWorkload) -> Workload
  {
    let standard = TransformerSizes(width: 4096, heads: 32, hidden: 11008, layers: 32)
    let sizes = sizes(standard, values)
    let (batch, width, hidden) = (values["batch"], sizes.width, sizes.hidden)
    var pass = TransformerPass(sizes: sizes, batch: batch, rows: rows, context: context)
    pass.isCausal = rows > 1
    pass.hasBias = false
    pass.hasRotary = true
    var builder = values.builder
    var x: String
    if values["ends"] == 1 {
      let table = builder.tensor("words.table", [32000, width], .weight)
      x = builder.gather("words", table, rows: batch * rows)
    } else {
      x = builder.tensor("x", [batch * rows, width], .input)
    }
    func norm(_ part: String, _ x: String) -> String {
      builder.norm(
        part, x, width: width, inputScale: 1 / ZooScale.steps, epsilon: 1e-6,
        isRootMeanSquare: true)
    }
    func matmul(_ part: String, _ x: String, inner: Int, columns: Int) -> String {
      builder.linear(
        part, .feedForward, x, inner: inner, columns: columns, type: .int32, hasBias: false)
    }
    for layer in 0..<sizes.layers {
      builder.layer = layer
      let out = builder.project(builder.attention(norm("norm1", x), pass), pass)
      let add1 = builder.residual("add1", out, x, inner: width, type: .int8)
      let norm2 = norm("norm2", add1)
      let gate = matmul("gate", norm2, inner: width, columns: hidden)
      let up = matmul("up", norm2, inner: width, columns: hidden)
      var silu = WorkloadActivation()
      silu.function = .gatedSilu
      silu.inputScale = ZooScale.accumulator(inner: width)
      silu.outputScale = ZooScale.requantisation(inner: width)
      let gated = builder.add("silu", .activation(silu), [gate, up])
      let down = matmul("down", gated, inner: hidden, columns: width)
      x = builder.residual("add2", down, add1, inner: hidden, type: .int8)
    }
    builder.layer = nil
    if values["ends"] == 1 {
      if rows > 1 { x = builder.gather("head.last", x, rows: batch) }
      _ = builder.linear(
        "head", .classifier, norm("norm", x), inner: width, columns: 32000, type: .int32,
        hasBias: false)
    }
    return try builder.finish()
  }
}
