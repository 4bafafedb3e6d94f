/// Convolutional networks (paper.md 4.2), batch normalisation folded into the convolutions.
extension WorkloadModel {
  static let convolutional: [WorkloadModel] = [
    convolutional("resnet50", "ResNet-50 v1: a stage's first 1x1 has the stride.") {
      resnet50(&$0, $1, strideIn3x3: false)
    },
    convolutional("resnet50-v1.5", "ResNet-50 v1.5: a stage's first 3x3 has the stride.") {
      resnet50(&$0, $1, strideIn3x3: true)
    },
    convolutional("mobilenetv2", "MobileNetV2 1.0.", mobilenetv2),
    convolutional("alexnet", "AlexNet as torchvision has it, without groups.") {
      alexnet(
        &$0, $1, batch: $2, outputs: [64, 192, 384, 256, 256], groups: [1, 1, 1, 1, 1], padding: 2)
    },
    convolutional("alexnet-2012", "AlexNet of 2012: two groups, images of 227x227.", image: 227) {
      alexnet(
        &$0, $1, batch: $2, outputs: [96, 256, 384, 384, 256], groups: [1, 2, 1, 2, 2], padding: 0)
    },
    convolutional("squeezenet1.0", "SqueezeNet 1.0.") {
      squeezenet(&$0, $1, first: (outputs: 96, kernel: 7), pools: [4, 8])
    },
    convolutional("squeezenet1.1", "SqueezeNet 1.1.") {
      squeezenet(&$0, $1, first: (outputs: 64, kernel: 3), pools: [3, 5])
    },
  ]

  private static func convolutional(
    _ name: String, _ summary: String, image: Int = 224,
    _ body: @escaping @Sendable (inout WorkloadBuilder, _ image: String, _ batch: Int) -> Void
  ) -> WorkloadModel {
    WorkloadModel(name, summary, [.batch]) { values throws(InvalidWorkload) in
      var builder = values.builder
      let batch = values["batch"]
      let x = builder.tensor("image", [batch, image, image, 3], .input)
      body(&builder, x, batch)
      return try builder.finish()
    }
  }

  private static func convolutional(
    _ name: String, _ summary: String,
    _ body: @escaping @Sendable (inout WorkloadBuilder, _ image: String) -> Void
  ) -> WorkloadModel {
    convolutional(name, summary) { builder, image, _ in body(&builder, image) }
  }

  private static func resnet50(_ builder: inout WorkloadBuilder, _ image: String, strideIn3x3: Bool)
  {
    var x = builder.convolution(
      "conv1", image, channels: 3, outputs: 64, kernel: 7, stride: 2, padding: 3, .relu)
    x = builder.maxPool("pool1", x, size: 3, stride: 2, padding: 1)
    var channels = 64
    for (stage, blocks) in [3, 4, 6, 3].enumerated() {
      let width = 64 << stage
      for block in 0..<blocks {
        let part = "s\(stage + 2).\(block)"
        let stride = stage > 0 && block == 0 ? 2 : 1
        let a = builder.convolution(
          part + ".a", x, channels: channels, outputs: width, stride: strideIn3x3 ? 1 : stride,
          .relu)
        let b = builder.convolution(
          part + ".b", a, channels: width, outputs: width, kernel: 3,
          stride: strideIn3x3 ? stride : 1, padding: 1, .relu)
        let c = builder.convolution(part + ".c", b, channels: width, outputs: 4 * width)
        if block == 0 {
          x = builder.convolution(
            part + ".down", x, channels: channels, outputs: 4 * width, stride: stride)
        }
        var residual = WorkloadResidual()
        residual.relu = true
        x = builder.add(part + ".add", .residual(residual), [c, x])
        channels = 4 * width
      }
    }
    x = builder.add("average", .globalAverage, [x])
    _ = builder.linear("fc", .classifier, x, inner: channels, columns: 1000)
  }

  private static func mobilenetv2(_ builder: inout WorkloadBuilder, _ image: String) {
    var x = builder.convolution(
      "conv0", image, channels: 3, outputs: 32, kernel: 3, stride: 2, padding: 1, .relu6)
    var (channels, number) = (32, 0)
    // Expansion, outputs, blocks and first stride of each stage.
    let stages = [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ]
    for (expansion, outputs, blocks, firstStride) in stages {
      for block in 0..<blocks {
        let (part, inner) = ("b\(number)", channels * expansion)
        let stride = block == 0 ? firstStride : 1
        var y = x
        if expansion > 1 {
          y = builder.convolution(part + ".exp", y, channels: channels, outputs: inner, .relu6)
        }
        y = builder.convolution(
          part + ".dw", y, channels: inner, outputs: inner, kernel: 3, stride: stride, padding: 1,
          groups: inner, .relu6)
        y = builder.convolution(part + ".proj", y, channels: inner, outputs: outputs)
        let hasResidual = stride == 1 && channels == outputs
        x =
          hasResidual ? builder.add(part + ".add", .residual(WorkloadResidual()), [y, x]) : y
        (channels, number) = (outputs, number + 1)
      }
    }
    x = builder.convolution("last", x, channels: channels, outputs: 1280, .relu6)
    x = builder.add("average", .globalAverage, [x])
    _ = builder.linear("fc", .classifier, x, inner: 1280, columns: 1000)
  }

  /// - Parameters:
  ///   - outputs: Channels of the results of the convolutions.
  ///   - groups: Of the convolutions.
  ///   - padding: Of the first.
  private static func alexnet(
    _ builder: inout WorkloadBuilder, _ image: String, batch: Int, outputs: [Int], groups: [Int],
    padding: Int
  ) {
    var (x, channels) = (image, 3)
    for (index, kernel) in [11, 5, 3, 3, 3].enumerated() {
      x = builder.convolution(
        "conv\(index + 1)", x, channels: channels, outputs: outputs[index], kernel: kernel,
        stride: index == 0 ? 4 : 1, padding: index == 0 ? padding : kernel / 2,
        groups: groups[index], .relu)
      channels = outputs[index]
      if [0, 1, 4].contains(index) {
        x = builder.maxPool("pool\(index + 1)", x, size: 3, stride: 2)
      }
    }
    var flat = WorkloadReshape()
    flat.shape = [batch, 9216]
    x = builder.add("flat", .reshape(flat), [x])
    x = builder.linear(
      "fc6", .classifier, x, inner: 9216, columns: 4096, activation: .relu)
    x = builder.linear("fc7", .classifier, x, inner: 4096, columns: 4096, activation: .relu)
    _ = builder.linear("fc8", .classifier, x, inner: 4096, columns: 1000)
  }

  /// - Parameter pools: Fire modules that a max-pool follows, besides the first convolution.
  private static func squeezenet(
    _ builder: inout WorkloadBuilder, _ image: String, first: (outputs: Int, kernel: Int),
    pools: Set<Int>
  ) {
    var x = builder.convolution(
      "conv1", image, channels: 3, outputs: first.outputs, kernel: first.kernel, stride: 2, .relu)
    x = builder.maxPool("pool1", x, size: 3, stride: 2, roundsUp: true)
    var channels = first.outputs
    for fire in 2...9 {
      let part = "fire\(fire)"
      // 16, 16, 32, 32, 48, 48, 64, 64: each half expands to four times as many.
      let squeezed = 16 * (fire / 2)
      let s = builder.convolution(part + ".sq", x, channels: channels, outputs: squeezed, .relu)
      let e1 = builder.convolution(
        part + ".e1", s, channels: squeezed, outputs: 4 * squeezed, .relu)
      let e3 = builder.convolution(
        part + ".e3", s, channels: squeezed, outputs: 4 * squeezed, kernel: 3, padding: 1, .relu)
      x = builder.add(part + ".concat", .concat(WorkloadConcat()), [e1, e3])
      channels = 8 * squeezed
      if pools.contains(fire) {
        x = builder.maxPool("pool\(fire)", x, size: 3, stride: 2, roundsUp: true)
      }
    }
    x = builder.convolution("conv10", x, channels: channels, outputs: 1000, .relu)
    _ = builder.add("average", .globalAverage, [x])
  }
}

extension WorkloadBuilder {
  /// A convolution with weights and biases.
  mutating func convolution(
    _ part: String, _ x: String, channels: Int, outputs: Int, kernel: Int = 1, stride: Int = 1,
    padding: Int = 0, groups: Int = 1, _ activation: WorkloadFusedActivation = .none
  ) -> String {
    var convolution = WorkloadConvolution()
    (convolution.kernel, convolution.stride, convolution.padding) = (kernel, stride, padding)
    (convolution.groups, convolution.activation) = (groups, activation)
    convolution.bias = true
    let inner = kernel * kernel * channels / groups
    convolution.scale = ZooScale.requantisation(inner: inner)
    let weights = tensor(
      part + ".weight", [kernel, kernel, channels / groups, outputs], .weight)
    let bias = tensor(part + ".bias", [outputs], .weight, .int32)
    return add(part, .convolution(convolution), [x, weights, bias], in: .convolution)
  }

  /// A max-pool of windows `size` x `size`.
  mutating func maxPool(
    _ part: String, _ x: String, size: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false
  ) -> String {
    var pool = WorkloadMaxPool()
    (pool.size, pool.stride, pool.padding, pool.roundsUp) = (size, stride, padding, roundsUp)
    return add(part, .maxPool(pool), [x])
  }
}
