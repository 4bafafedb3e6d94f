import Foundation
import Testing

@testable import AccelSim

/// The lowering against command lists that Gemmini's own library issued, command for command.
/// Only the base addresses are taken from the recording.
@Suite(
  .enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct LibraryTraceTests {
  /// Programs of the recording's matmul driver: the call's arguments are in the variant line.
  static let driverTraces = RecordedProgram.names.filter { $0.hasPrefix("mm_") }

  @Test func allDriverTracesAreThere() { #expect(Self.driverTraces.count >= 79) }

  @Test(arguments: driverTraces) func commandsAreThoseOfTheDriver(_ name: String) throws {
    let program = try RecordedProgram(name)
    let matmul = try #require(program.matmulOfVariant())
    try program.expect([matmul])
  }

  struct Call: Sendable {
    var trace: String
    /// I, J, K as the test's source defines them.
    var shape: (Int, Int, Int)
    var change: @Sendable (inout Matmul) -> Void = { _ in }
  }

  static let calls = [
    Call(trace: "tiled_matmul_ws_fast", shape: (64, 64, 64)),
    Call(trace: "tiled_matmul_ws_linux", shape: (512, 512, 512)),
    Call(trace: "tiled_matmul_os", shape: (64, 64, 64)) { $0.dataflow = .outputStationary },
    Call(trace: "tiled_matmul_os_fast", shape: (64, 64, 64)) { $0.dataflow = .outputStationary },
    Call(trace: "tiled_matmul_ws_At", shape: (60, 30, 50)) { $0.transposesA = true },
    Call(trace: "tiled_matmul_ws_At_linux", shape: (500, 300, 412)) { $0.transposesA = true },
    Call(trace: "tiled_matmul_ws_Bt", shape: (60, 30, 50)) { $0.transposesB = true },
    Call(trace: "tiled_matmul_ws_Bt_fast", shape: (19, 17, 18)) { $0.transposesB = true },
    Call(trace: "tiled_matmul_ws_Bt_linux", shape: (500, 300, 412)) { $0.transposesB = true },
    Call(trace: "tiled_matmul_ws_full_C", shape: (60, 30, 40)) { $0.fullOutput = true },
    Call(trace: "tiled_matmul_ws_low_D", shape: (60, 30, 40)) {
      $0.bias = .full
      $0.lowBias = true
    },
    Call(trace: "tiled_matmul_ws_low_D_fast", shape: (60, 30, 40)) {
      $0.bias = .full
      $0.lowBias = true
    },
    Call(trace: "tiled_matmul_ws_low_D_linux", shape: (500, 300, 400)) {
      $0.bias = .full
      $0.lowBias = true
    },
    Call(trace: "tiled_matmul_ws_igelu", shape: (30, 30, 30)) {
      $0.activation = .igelu
      $0.bertScale = 0.8
    },
    Call(trace: "tiled_matmul_ws_igelu_linux", shape: (128, 512, 512)) {
      $0.activation = .igelu
      $0.bertScale = 0.8
    },
    Call(trace: "tiled_matmul_ws_softmax", shape: (31, 66, 30)) {
      $0.activation = .softmax
      $0.bertScale = 0.05
    },
    Call(trace: "tiled_matmul_ws_softmax_linux", shape: (128, 128, 64)) {
      $0.activation = .softmax
      $0.bertScale = 0.05
    },
    Call(trace: "tiled_matmul_ws_layernorm", shape: (31, 66, 30)) {
      $0.bias = .full
      $0.fullOutput = true
      $0.tile = MatmulTile(rows: 2, columns: 5, inner: 2)
    },
    Call(trace: "tiled_matmul_ws_perf_linux", shape: (128, 256, 512)) { $0.bias = .repeating },
  ]

  @Test(arguments: calls.indices) func commandsAreThoseOfAKnownCall(_ index: Int) throws {
    let call = Self.calls[index]
    let program = try RecordedProgram(call.trace)
    var matmul = Matmul(rows: call.shape.0, inner: call.shape.2, columns: call.shape.1)
    call.change(&matmul)
    try program.expect([matmul])
  }

  /// Every combination of dataflow, activation, scale, bias and transposition in the order of the
  /// test's loops. The library also takes "repeating bias" without a bias, which only sets an
  /// unused stride to 0; we do not offer it, so those 16 calls are skipped.
  @Test func options() throws {
    var matmuls: [Matmul?] = []
    for dataflow in [MatmulDataflow.outputStationary, .weightStationary] {
      for activation in [MatmulActivation.none, .relu] {
        for scale in [Float(0), 1] {
          for bias in [MatmulBias.full, .repeating, MatmulBias.none, nil] {
            for transpose in 0..<(dataflow == .weightStationary ? 3 : 1) {
              guard let bias else {
                matmuls.append(nil)
                continue
              }
              var matmul = Matmul(rows: 33, inner: 28, columns: 32)
              matmul.dataflow = dataflow
              matmul.activation = activation
              matmul.scale = scale
              matmul.bias = bias
              matmul.transposesB = transpose == 1
              matmul.transposesA = transpose == 2
              matmuls.append(matmul)
            }
          }
        }
      }
    }
    #expect(matmuls.count == 64)
    try RecordedProgram("tiled_matmul_option").expect(matmuls)
  }

  struct Network: Sendable {
    var trace: String
    /// Rows, then the widths of the layers.
    var widths: [Int]
    /// 0 in the programs as shipped, whose data are all zero.
    var scale: Float = 0
    var isOutputStationary = false
  }

  /// The multi-layer perceptrons: ReLU after every layer, no bias, batch of 64.
  static let networks = [
    Network(trace: "mlp1", widths: [832, 2560, 2048, 1536, 1024, 512, 64]),
    Network(trace: "mlp2", widths: [832, 832, 64]),
    Network(trace: "mlp2_os", widths: [832, 832, 64], isOutputStationary: true),
    Network(trace: "mlp2_random", widths: [832, 832, 64], scale: 0.02),
    Network(trace: "mlp3", widths: [448, 512, 448]),
    Network(trace: "mlp4", widths: [3072, 4608, 3072]),
    Network(trace: "mlp3_random", widths: [448, 512, 448], scale: 0.02),
    Network(
      trace: "mlp3_random_os", widths: [448, 512, 448], scale: 0.02, isOutputStationary: true),
  ]

  @Test(arguments: networks.indices) func commandsAreThoseOfAChainOfMatmuls(_ index: Int) throws {
    let network = Self.networks[index]
    let matmuls = zip(network.widths, network.widths.dropFirst()).map { inner, columns in
      var matmul = Matmul(rows: 64, inner: inner, columns: columns)
      matmul.activation = .relu
      matmul.scale = network.scale
      if network.isOutputStationary { matmul.dataflow = .outputStationary }
      return matmul
    }
    try RecordedProgram(network.trace).expect(matmuls)
  }
}

extension RecordedProgram {
  /// The call that the matmul driver makes for its build options.
  func matmulOfVariant() -> Matmul? {
    guard let rows = number("DI"), let columns = number("DJ"), let inner = number("DK") else {
      return nil
    }
    var matmul = Matmul(rows: rows, inner: inner, columns: columns)
    if number("BIAS") == 1 { matmul.bias = number("REPEAT") == 1 ? .repeating : .full }
    matmul.lowBias = number("LOWD") == 1
    matmul.fullOutput = number("FULLC") == 1
    matmul.transposesA = number("AT") == 1
    matmul.transposesB = number("BT") == 1
    if variant["FLOW"] == "OS" { matmul.dataflow = .outputStationary }
    switch variant["ACT"] {
    case "RELU": matmul.activation = .relu
    case "LAYERNORM": matmul.activation = .layernorm
    case "IGELU": matmul.activation = .igelu
    case "SOFTMAX": matmul.activation = .softmax
    default: break
    }
    if let scale = float("SCALE") { matmul.scale = scale }
    if let scale = float("ASCALE") { matmul.scaleA = scale }
    if let scale = float("BSCALE") { matmul.scaleB = scale }
    if let scale = float("BERT") { matmul.bertScale = scale }
    if let pad = number("PAD") {
      matmul.strideA = (matmul.transposesA ? rows : inner) + pad
      matmul.strideB = (matmul.transposesB ? inner : columns) + pad
      matmul.strideD = columns + pad
      matmul.strideC = columns + pad
    }
    if let i = number("TI"), let j = number("TJ"), let k = number("TK") {
      matmul.tile = MatmulTile(rows: i, columns: j, inner: k)
    }
    return matmul
  }

  /// Expects each section to start with the commands of the matmul of the same index.
  func expect(_ matmuls: [Matmul?]) throws {
    var machines = HardwareConfig()
    machines.features.normalizations = true
    let machine = Machine(unchecked: machines)
    #expect(sections.count >= matmuls.count)
    for (section, matmul) in zip(sections, matmuls) {
      guard let matmul else { continue }
      let addresses = try Self.addresses(section, matmul)
      let plan = try MatmulPlan(matmul, on: machine, addresses: addresses)
      let commands = try Self.commands(TiledMatmul(plan, flushesFirst: false))
      // Some tests go on with other work before the fence; a matmul never ends early.
      expect(commands, asIn: section, exactly: variant["DI"] != nil)
    }
  }

  private static func addresses(
    _ section: [Command], _ matmul: Matmul
  ) throws -> MatmulAddresses {
    switch matmul.dataflow {
    case .weightStationary:
      let ab = try #require(section.first { $0.function == .loopMatmulAddressesAB })
      let dc = section.filter { $0.function == .loopMatmulAddressesDC }
      let c = try #require(dc.first { $0.rs2 != 0 })
      return MatmulAddresses(a: ab.rs1, b: ab.rs2, d: try #require(dc.first).rs1, c: c.rs2)
    case .outputStationary:
      // The three configurations of state 0 inside a block each open one operand's moves.
      var openings: [UInt64] = []
      for (index, command) in section.enumerated().dropFirst(5)
      where command.function == .config && section[index + 1].function == .mvin {
        openings.append(section[index + 1].rs1)
      }
      let c = try #require(section.first { $0.function == .mvout }).rs1
      let biased = matmul.bias != .none
      try #require(openings.count >= (biased ? 3 : 2))
      return MatmulAddresses(
        a: openings[biased ? 2 : 1], b: openings[biased ? 1 : 0], d: biased ? openings[0] : 0,
        c: c)
    }
  }
}
