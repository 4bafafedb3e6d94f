import Testing

@testable import AccelSim

/// Convolutions against command lists that Gemmini's library issued, command for command. Only
/// the base addresses are taken from the recording.
///
/// | Recorded | Why it is not a call of the convolution's lowering |
/// |---|---|
/// | `cv_downsample_fn` | another function of the library: a matmul per output row; the matmul's lowering gives its commands |
/// | `conv_trans_input_3120_with_kernel_dilation` | the test asks for 17×17 results where the convolution has 15×15; here output sizes follow from the convolution |
@Suite(.enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct ConvTraceTests {
  /// Programs of the recording's convolution driver: the call's arguments are in the variant line.
  static let driverTraces = RecordedProgram.names.filter {
    $0.hasPrefix("cv_") && $0 != "cv_downsample_fn"
  }

  @Test func allDriverTracesAreThere() { #expect(Self.driverTraces.count >= 38) }

  @Test(arguments: driverTraces) func commandsAreThoseOfTheDriver(_ name: String) throws {
    let program = try RecordedProgram(name)
    try program.expect(try #require(program.convolutionOfVariant()))
  }

  /// Rows 0, 2, 4... of the input, whose columns are taken two apart, times the 1×1 kernel.
  @Test func downsamplingByMatmuls() throws {
    var matmul = Matmul(rows: 7, inner: 64, columns: 128)
    matmul.strideA = 128
    matmul.bias = .repeating
    matmul.scale = 0.05
    try RecordedProgram("cv_downsample_fn").expect([Matmul?](repeating: matmul, count: 7))
  }

  struct Call: Sendable {
    var trace: String
    var change: @Sendable (inout Convolution) -> Void = { _ in }
  }

  /// Two images of 17×17×18 to 19 channels, 3×3, padding 1, as the library's tests have them.
  static let calls = [
    Call(trace: "conv") { $0.stride = 2 },
    Call(trace: "conv_dw") { depthwise(&$0, size: 17, channels: 15) },
    Call(trace: "conv_dw_fast") { depthwise(&$0, size: 9, channels: 5) },
    Call(trace: "conv_dw_linux") { depthwise(&$0, size: 112, channels: 17) },
    Call(trace: "conv_dw_perf") { depthwise(&$0, size: 112, channels: 17) },
    Call(trace: "conv_first_layer") {
      $0.inputChannels = 3
      $0.stride = 2
    },
    Call(trace: "conv_first_layer_fast") {
      small(&$0)
      $0.inputChannels = 3
      $0.stride = 2
    },
    Call(trace: "conv_linux") { large(&$0) },
    Call(trace: "conv_rect") {
      ($0.inputRows, $0.inputColumns) = (7, 11)
      ($0.inputChannels, $0.outputChannels) = (17, 18)
      $0.stride = 2
    },
    Call(trace: "conv_rect_pool") {
      $0.batch = 1
      ($0.inputRows, $0.inputColumns) = (9, 11)
      ($0.inputChannels, $0.outputChannels) = (17, 12)
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
    },
    Call(trace: "conv_rect_pool_linux") {
      large(&$0)
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
    },
    Call(trace: "conv_stride") {
      $0.batch = 1
      ($0.inputRows, $0.inputColumns) = (7, 7)
      ($0.inputChannels, $0.outputChannels) = (13, 17)
      ($0.strideInput, $0.strideWeights, $0.strideOutput) = (16, 21, 19)
    },
    Call(trace: "conv_trans_input_3120") {
      $0.stride = 2
      $0.transposesInput3120 = true
    },
    Call(trace: "conv_trans_output_1203") {
      $0.stride = 2
      $0.transposesOutput1203 = true
    },
    Call(trace: "conv_trans_output_1203_fast") {
      small(&$0)
      $0.stride = 2
      $0.transposesOutput1203 = true
    },
    Call(trace: "conv_trans_weight_0132") {
      $0.stride = 2
      $0.transposesWeights0132 = true
    },
    Call(trace: "conv_trans_weight_0132_fast") {
      small(&$0)
      $0.stride = 2
      $0.transposesWeights0132 = true
    },
    Call(trace: "conv_trans_weight_1203") {
      $0.stride = 2
      $0.transposesWeights1203 = true
    },
    Call(trace: "conv_trans_weight_1203_fast") {
      small(&$0)
      $0.stride = 2
      $0.transposesWeights1203 = true
    },
    Call(trace: "conv_with_input_dilation") { $0.inputDilation = 2 },
    Call(trace: "conv_with_input_dilation_fast") {
      small(&$0)
      $0.inputDilation = 2
    },
    Call(trace: "conv_with_input_dilation_and_neg_padding") {
      $0.inputDilation = 2
      $0.padding = -1
    },
    Call(trace: "conv_with_input_dilation_and_neg_padding_fast") {
      small(&$0)
      $0.inputDilation = 2
      $0.padding = -1
    },
    Call(trace: "conv_with_input_dilation_and_rot180") {
      $0.inputDilation = 2
      $0.rotatesWeights = true
    },
    Call(trace: "conv_with_input_dilation_and_rot180_fast") {
      small(&$0)
      $0.inputDilation = 2
      $0.rotatesWeights = true
    },
    Call(trace: "conv_with_kernel_dilation_fast") {
      small(&$0)
      $0.kernelDilation = 2
    },
    Call(trace: "conv_with_pool") {
      $0.stride = 2
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
    },
    Call(trace: "conv_with_pool_fast") {
      small(&$0)
      $0.stride = 2
      $0.pooling = ConvPooling(size: 3, stride: 2, padding: 1)
    },
    Call(trace: "conv_with_rot180") { $0.rotatesWeights = true },
    Call(trace: "conv_with_rot180_fast") {
      small(&$0)
      $0.rotatesWeights = true
    },
  ]

  /// The tests' sizes where FAST is set.
  private static func small(_ convolution: inout Convolution) {
    (convolution.inputRows, convolution.inputColumns) = (9, 9)
    (convolution.inputChannels, convolution.outputChannels) = (5, 7)
  }

  /// The tests' sizes on Linux.
  private static func large(_ convolution: inout Convolution) {
    convolution.batch = 4
    (convolution.inputRows, convolution.inputColumns) = (224, 224)
    (convolution.inputChannels, convolution.outputChannels) = (3, 32)
    convolution.stride = 2
  }

  private static func depthwise(_ convolution: inout Convolution, size: Int, channels: Int) {
    convolution.batch = 3
    (convolution.inputRows, convolution.inputColumns) = (size, size)
    (convolution.inputChannels, convolution.outputChannels) = (channels, channels)
    convolution.isDepthwise = true
    convolution.stride = 2
  }

  @Test func allLibraryTestsAreThere() {
    let recorded = RecordedProgram.names.filter { $0 == "conv" || $0.hasPrefix("conv_") }
    let exceptions = ["conv_trans_input_3120_with_kernel_dilation"]
    #expect(recorded.sorted() == (Self.calls.map(\.trace) + exceptions).sorted())
  }

  @Test(arguments: calls.indices) func libraryTest(_ index: Int) throws {
    let call = Self.calls[index]
    var convolution = Convolution(
      inputRows: 17, inputColumns: 17, inputChannels: 18, outputChannels: 19, kernel: 3)
    convolution.batch = 2
    convolution.padding = 1
    convolution.hasBias = true
    call.change(&convolution)
    try RecordedProgram(call.trace).expect(convolution)
  }
}

/// Sizes in both encodings against loops that recorded hardware executed; they are not the
/// library's (other addresses, no reuse), so only the sizes of those in one block are compared.
@Suite(.enabled(if: Golden.isPresent, "needs ../shared/golden"))
struct ConvEncodingTests {
  @Test(arguments: [
    "1x1_8_16_16", "1x1_8_32_32", "1x1s2_8_16_16", "3x3_4_64_64", "3x3_8_16_16",
    "3x3_8_16_16_nopad", "3x3_8_16_16_pool2", "3x3_8_16_16_pool3", "3x3_8_20_24", "3x3_8_32_32",
    "3x3_8_3_16", "3x3s2_8_16_16", "5x5_12_16_32", "7x7s2_16_3_16",
  ])
  func sizes(_ name: String) throws {
    let words = name.split(separator: "_")
    let numbers = try words[1...3].map { try #require(Int($0)) }
    let option = words.count > 4 ? words[4] : ""
    let kernel = try #require(words[0].first?.wholeNumberValue)
    var convolution = Convolution(
      inputRows: numbers[0], inputColumns: numbers[0], inputChannels: numbers[1],
      outputChannels: numbers[2], kernel: kernel)
    convolution.stride = words[0].hasSuffix("s2") ? 2 : 1
    convolution.padding = option == "nopad" ? 0 : kernel / 2
    if option == "pool2" { convolution.pooling = ConvPooling(size: 2, stride: 2) }
    if option == "pool3" { convolution.pooling = ConvPooling(size: 3, stride: 2, padding: 1) }
    let functions: [Function?] = [
      .loopConvConfig1, .loopConvConfig2, .loopConvConfig3, .loopConvConfig4,
    ]
    for (encoding, prefix) in [(ConvEncoding.rectangular, "conv"), (.square, "convold")] {
      let text = try String(
        contentsOfFile: Golden.root + "/rtl/traces/\(prefix)_\(name).trace", encoding: .utf8)
      let theirs = try RecordedProgram(name, text: text).sections[0].filter {
        functions.contains($0.function)
      }
      var config = HardwareConfig()
      config.features.convEncoding = encoding
      let plan = try ConvPlan(convolution, on: Machine(unchecked: config))
      #expect(plan.loops == 1)
      let ours = try RecordedProgram.commands(TiledConv(plan)).filter {
        functions.contains($0.function)
      }
      #expect(ours == theirs, "\(prefix)_\(name)")
    }
  }
}

extension RecordedProgram {
  /// The call that the convolution driver makes for its build options.
  func convolutionOfVariant() -> Convolution? {
    guard let rows = number("H"), let inputs = number("CI"), let outputs = number("CO") else {
      return nil
    }
    let kernel = number("KER") ?? 3
    var convolution = Convolution(
      inputRows: rows, inputColumns: number("W") ?? rows, inputChannels: inputs,
      outputChannels: outputs, kernel: kernel)
    convolution.batch = number("BATCH") ?? 1
    convolution.stride = number("STRIDE") ?? 1
    convolution.padding = number("PADD") ?? kernel / 2
    convolution.inputDilation = number("IDIL") ?? 1
    convolution.kernelDilation = number("KDIL") ?? 1
    convolution.isDepthwise = number("DW") == 1
    convolution.rotatesWeights = number("WROT") == 1
    convolution.transposesInput3120 = number("TIN") == 1
    convolution.transposesOutput1203 = number("TO") == 1
    convolution.transposesWeights1203 = number("TW1") == 1
    convolution.hasBias = number("BIAS") != 0
    convolution.activation = variant["ACT"] == "RELU" ? .relu : .none
    convolution.scale = float("SCALE") ?? 1
    if let size = number("PSIZE"), let stride = number("PSTRIDE") {
      convolution.pooling = ConvPooling(size: size, stride: stride, padding: number("PPAD") ?? 0)
    }
    return convolution
  }

  /// Expects the first section to be the commands of `convolution`.
  func expect(_ convolution: Convolution) throws {
    var config = HardwareConfig()
    // The recording's machine is the software model, which knows no limit that a bug sets.
    config.features.numerics = .softwareModel
    let machine = Machine(unchecked: config)
    let section = sections[0]
    func commands(_ addresses: ConvAddresses) throws -> [Command] {
      let plan = try ConvPlan(convolution, on: machine, addresses: addresses)
      return try Self.commands(TiledConv(plan, flushesFirst: false))
    }
    // Where the recording's operands stand, from where ours do.
    let trial = ConvAddresses(
      input: 1 << 32, weights: 1 << 32, bias: 1 << 32, output: 1 << 32)
    let ours = try commands(trial)
    func base(_ function: Function, _ operand: KeyPath<Command, UInt64>) -> UInt64 {
      let mine = ours.first { $0.function == function && $0[keyPath: operand] != 0 }
      let theirs = section.first { $0.function == function && $0[keyPath: operand] != 0 }
      guard let mine, let theirs else { return 0 }
      return 1 << 32 &+ theirs[keyPath: operand] &- mine[keyPath: operand]
    }
    expect(
      try commands(
        ConvAddresses(
          input: base(.loopConvConfig6, \.rs2), weights: base(.loopConvConfig5, \.rs1),
          bias: base(.loopConvConfig6, \.rs1), output: base(.loopConvConfig5, \.rs2))),
      asIn: section)
  }
}
