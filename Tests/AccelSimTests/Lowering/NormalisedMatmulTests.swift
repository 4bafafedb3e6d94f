import SystolicCore
import Testing

@testable import AccelSim

/// When a matmul normalises its own rows, and that both ways give the same bytes.
struct NormalisedMatmulTests {
  private static func machine(accumulatorKiB: Int) throws -> Machine {
    var config = try #require(HardwareConfig.preset("gemmini-ibert"))
    config.accumulator.capacityKiB = accumulatorKiB
    return try Machine(config)
  }

  /// Paper facts 1.7, the table of strips that fit: softmax of 512 from 64 KiB on, LayerNorm of 768
  /// from 128 KiB on, softmax of 4096 not in 256 KiB.
  @Test(arguments: [
    (64, false, true, false), (128, true, true, false), (256, true, true, false),
    (512, true, true, true),
  ])
  func fits(_ kiB: Int, _ layerNorm768: Bool, _ softmax512: Bool, _ softmax4096: Bool) throws {
    let machine = try Self.machine(accumulatorKiB: kiB)
    func isFused(_ columns: Int, _ activation: MatmulActivation) -> Bool {
      var matmul = Matmul(rows: 512, inner: 64, columns: columns)
      matmul.activation = activation
      return NormalisedMatmul.isFused(matmul, on: machine)
    }
    #expect(isFused(768, .layernorm) == layerNorm768)
    #expect(isFused(512, .softmax) == softmax512)
    #expect(isFused(4096, .softmax) == softmax4096)
    #expect(isFused(100_000, .igelu))
  }

  /// The same operands on a machine that fuses and on one that cannot: the same result.
  @Test(arguments: [MatmulActivation.softmax, .layernorm])
  func bothWaysAgree(_ activation: MatmulActivation) throws {
    var matmul = Matmul(rows: 21, inner: 40, columns: 100)
    matmul.activation = activation
    matmul.bertScale = 0.02
    matmul.scale = activation == .softmax ? 1 : 20
    func result(_ kiB: Int, isFused: Bool) throws -> [UInt8] {
      let machine = try Self.machine(accumulatorKiB: kiB)
      #expect(NormalisedMatmul.isFused(matmul, on: machine) == isFused)
      var run = FunctionalRun(machine)
      var random = Seeded(8)
      for offset in [0, 1 << 12] {
        let bytes = (0..<1 << 12).map { _ in
          UInt8(bitPattern: Int8.random(in: -20...20, using: &random))
        }
        try run.perform(.load(address: 0x8000_0000 + UInt64(offset), bytes: bytes))
      }
      var program = try NormalisedMatmul(matmul, on: machine)
      let output: UInt64
      switch program {
      case .fused(let fused): output = fused.plan.addresses.c
      case .separate(_, _, let norm): output = norm.output
      }
      while let step = try program.next() { try run.perform(step) }
      try run.drain()
      return try #require(run.machine.memory.bytes(at: output, count: 2100))
    }
    let fused = try result(64, isFused: true)
    let separate = try result(8, isFused: false)
    #expect(fused == separate)
    #expect(Set(fused).count > 3)
  }

  @Test func whatFitsNeitherWay() throws {
    let machine = try Self.machine(accumulatorKiB: 8)
    var matmul = Matmul(rows: 21, inner: 40, columns: 2100)
    matmul.activation = .softmax
    matmul.bertScale = 0.05
    #expect(throws: LoweringError.self) { try NormalisedMatmul(matmul, on: machine) }
    matmul.columns = 128
    matmul.strideC = 200
    #expect(throws: LoweringError.self) { try NormalisedMatmul(matmul, on: machine) }
  }
}
