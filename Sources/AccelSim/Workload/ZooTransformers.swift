/// Encoders (paper.md 1.1 and 4.1).
extension WorkloadModel {
  static let transformers: [WorkloadModel] = [
    bert(
      "bert-base", "BERT-Base: 12 layers of 768 features, 12 heads.",
      TransformerSizes(width: 768, heads: 12, hidden: 3072, layers: 12)),
    bert(
      "bert-large", "BERT-Large: 24 layers of 1024 features, 16 heads.",
      TransformerSizes(width: 1024, heads: 16, hidden: 4096, layers: 24)),
    vit(
      "vit-b16", "ViT-B/16 (DeiT-B): 196 patches of an image, 12 layers of 768 features.",
      TransformerSizes(width: 768, heads: 12, hidden: 3072, layers: 12)),
    vit(
      "deit-s", "DeiT-S: ViT with 384 features, 6 heads.",
      TransformerSizes(width: 384, heads: 6, hidden: 1536, layers: 12)),
    vit(
      "deit-ti", "DeiT-Ti: ViT with 192 features, 3 heads.",
      TransformerSizes(width: 192, heads: 3, hidden: 768, layers: 12)),
    gemmini(
      "gemmini-encoder", "Encoder of Gemmini's own test: LayerNorm, then add; sizes of BERT-Base.",
      TransformerSizes(width: 768, heads: 12, hidden: 3072, layers: 1)),
    gemmini(
      "gemmini-encoder-small", "The same with 512 features, 4 heads.",
      TransformerSizes(width: 512, heads: 4, hidden: 1024, layers: 1)),
  ]

  /// The sizes that `values` ask for.
  static func sizes(_ sizes: TransformerSizes, _ values: WorkloadValues) -> TransformerSizes {
    var sizes = sizes
    sizes.layers = values["layers"]
    sizes.heads = values["heads"]
    return sizes
  }

  /// Attention, add, norm, feed-forward, add, norm; epsilon 1e-12 (paper.md 2.1). The pooler is
  /// without its tanh, of which there is one an input.
  private static func bert(_ name: String, _ summary: String, _ standard: TransformerSizes)
    -> WorkloadModel
  {
    let parameters: [WorkloadModelParameter] = [
      .sequence(128), .layers(standard.layers), .heads(standard.heads, of: standard.width), .batch,
      .ends(0, "embeddings before the layers, the pooler behind them"),
    ]
    return WorkloadModel(name, summary, parameters) { values throws(InvalidWorkload) in
      let sizes = sizes(standard, values)
      let (sequence, batch) = (values["sequence"], values["batch"])
      let pass = TransformerPass(sizes: sizes, batch: batch, rows: sequence, context: sequence)
      let (width, rows) = (sizes.width, batch * sequence)
      var builder = values.builder
      var x: String
      if values["ends"] == 1 {
        x = bertEmbedding(&builder, width: width, rows: rows)
      } else {
        x = builder.tensor("x", [rows, width], .input)
      }
      for layer in 0..<sizes.layers {
        builder.layer = layer
        let out = builder.project(builder.attention(x, pass), pass)
        let add1 = builder.residual("add1", out, x, inner: width, type: .int32)
        let norm1 = builder.norm(
          "norm1", add1, width: width, inputScale: ZooScale.accumulator(inner: width),
          epsilon: 1e-12)
        let ffn = builder.feedForward(norm1, pass, .gelu)
        let add2 = builder.residual("add2", ffn, norm1, inner: sizes.hidden, type: .int32)
        x = builder.norm(
          "norm2", add2, width: width, inputScale: ZooScale.accumulator(inner: sizes.hidden),
          epsilon: 1e-12)
      }
      builder.layer = nil
      if values["ends"] == 1 {
        let first = builder.gather("pooler.first", x, rows: batch)
        _ = builder.linear("pooler", .classifier, first, inner: width, columns: width)
      }
      return try builder.finish()
    }
  }

  /// Sums of word, position and type embeddings, normalised.
  private static func bertEmbedding(_ builder: inout WorkloadBuilder, width: Int, rows: Int)
    -> String
  {
    func gather(_ part: String, _ entries: Int) -> String {
      let table = builder.tensor(part + ".table", [entries, width], .weight)
      return builder.gather(part, table, rows: rows)
    }
    let (words, positions, types) = (
      gather("words", 30522), gather("positions", 512), gather("types", 2)
    )
    let plain = WorkloadKind.residual(WorkloadResidual())
    let placed = builder.add("addPositions", plain, [words, positions])
    let typed = builder.add("addTypes", plain, [placed, types])
    return builder.norm(
      "norm", typed, width: width, inputScale: 1 / ZooScale.steps, epsilon: 1e-12)
  }

  /// Norm before attention and before the feed-forward network; epsilon 1e-6 (paper.md 2.1).
  private static func vit(_ name: String, _ summary: String, _ standard: TransformerSizes)
    -> WorkloadModel
  {
    let parameters: [WorkloadModelParameter] = [
      .layers(standard.layers), .heads(standard.heads, of: standard.width),
      .ends(1, "the patch embedding before the layers, norm and head behind them"),
    ]
    return WorkloadModel(name, summary, parameters) { values throws(InvalidWorkload) in
      let sizes = sizes(standard, values)
      let pass = TransformerPass(sizes: sizes, batch: 1, rows: 197, context: 197)
      let width = sizes.width
      var builder = values.builder
      var x: String
      if values["ends"] == 1 {
        x = patchEmbedding(&builder, width: width)
      } else {
        x = builder.tensor("x", [197, width], .input)
      }
      for layer in 0..<sizes.layers {
        builder.layer = layer
        x = preNormLayer(&builder, x, pass, .gelu, epsilon: 1e-6)
      }
      builder.layer = nil
      if values["ends"] == 1 {
        let normed = builder.norm(
          "norm", x, width: width, inputScale: 1 / ZooScale.steps, epsilon: 1e-6)
        let first = builder.gather("head.first", normed, rows: 1)
        _ = builder.linear("head", .classifier, first, inner: width, columns: 1000)
      }
      return try builder.finish()
    }
  }

  /// Patches of 16x16 pixels as tokens, the class token before them, positions added.
  private static func patchEmbedding(_ builder: inout WorkloadBuilder, width: Int) -> String {
    let image = builder.tensor("image", [1, 224, 224, 3], .input)
    let patches = builder.convolution(
      "patches", image, channels: 3, outputs: width, kernel: 16, stride: 16)
    var flat = WorkloadReshape()
    flat.shape = [196, width]
    let tokens = builder.add("tokens", .reshape(flat), [patches])
    var rows = WorkloadConcat()
    rows.axis = 0
    let first = builder.tensor("class", [1, width], .weight)
    let all = builder.add("withClass", .concat(rows), [first, tokens], in: .embedding)
    let positions = builder.tensor("positions", [197, width], .weight)
    return builder.add("addPositions", .residual(WorkloadResidual()), [all, positions])
  }

  /// Norm, attention, add, norm, feed-forward, add, with an int8 stream of residuals.
  static func preNormLayer(
    _ builder: inout WorkloadBuilder, _ x: String, _ pass: TransformerPass,
    _ function: WorkloadFunction, epsilon: Float
  ) -> String {
    let width = pass.sizes.width
    let norm1 = builder.norm(
      "norm1", x, width: width, inputScale: 1 / ZooScale.steps, epsilon: epsilon)
    let out = builder.project(builder.attention(norm1, pass), pass)
    let add1 = builder.residual("add1", out, x, inner: width, type: .int8)
    let norm2 = builder.norm(
      "norm2", add1, width: width, inputScale: 1 / ZooScale.steps, epsilon: epsilon)
    let ffn = builder.feedForward(norm2, pass, function)
    return builder.residual("add2", ffn, add1, inner: pass.sizes.hidden, type: .int8)
  }

  /// As Gemmini's transformer.c runs it (gemmini-facts.md 11.6): each int32 result is normalised
  /// and then added; the norms have no weights.
  static func gemmini(_ name: String, _ summary: String, _ standard: TransformerSizes)
    -> WorkloadModel
  {
    let parameters: [WorkloadModelParameter] = [
      .sequence(128), .layers(standard.layers), .heads(standard.heads, of: standard.width),
    ]
    return WorkloadModel(name, summary, parameters) { values throws(InvalidWorkload) in
      let sizes = sizes(standard, values)
      let sequence = values["sequence"]
      let pass = TransformerPass(sizes: sizes, batch: 1, rows: sequence, context: sequence)
      var builder = values.builder
      var x = builder.tensor("x", [sequence, sizes.width], .input)
      func normAndAdd(_ number: Int, _ sums: String, _ x: String, inner: Int) -> String {
        var norm = WorkloadNorm()
        norm.inputScale = ZooScale.accumulator(inner: inner)
        norm.outputScale = ZooScale.steps
        let normed = builder.add("norm\(number)", .layerNorm(norm), [sums])
        // The operands in the order of the recorded commands.
        return builder.add(
          "add\(number)", .residual(WorkloadResidual()),
          number == 1 ? [x, normed] : [normed, x])
      }
      for layer in 0..<sizes.layers {
        builder.layer = layer
        let out = builder.project(builder.attention(x, pass), pass)
        let attended = normAndAdd(1, out, x, inner: sizes.width)
        let ffn = builder.feedForward(attended, pass, .gelu)
        x = normAndAdd(2, ffn, attended, inner: sizes.hidden)
      }
      return try builder.finish()
    }
  }
}
