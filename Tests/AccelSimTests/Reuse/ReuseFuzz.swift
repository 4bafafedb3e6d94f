import SystolicCore
import Testing

@testable import AccelSim

/// A random machine and a random program for it in which things repeat: lowered matmuls,
/// convolutions, residual adds, normalisations and tensor operations, each several times and
/// elsewhere in main memory.
struct ReuseFuzz {
  let config: HardwareConfig
  private(set) var program: [ProgramStep] = []

  /// - Parameter preset: The machine to begin with; a random one if `nil`.
  /// - Throws: What a configuration has against its values.
  init(seed: UInt64, preset: String? = nil) throws {
    var random = Seeded(seed)
    let names = ["rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp", "gemmini-ibert"]
    let name = preset ?? names.randomElement(using: &random) ?? names[0]
    config = Self.vary(try #require(HardwareConfig.preset(name)), &random)
    let machine = try Machine(config)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard let piece = Self.piece(on: machine, &random) else { continue }
      var single: [ProgramStep] = []
      var source = piece.program(flushesFirst: random.next() & 1 == 0)
      while let step = try source.next() { single.append(step) }
      if single.count > 300 { single.removeSubrange(300...) }
      let pause = HostWork(
        .softmax, rows: 1, columns: Int.random(in: 1...8, using: &random),
        input: HostTensor(address: MainMemoryData.base, type: .int8, stride: 64),
        output: HostTensor(address: MainMemoryData.base, type: .int8, stride: 64))
      let shifts = random.next() & 1 == 0 ? [0] : [0, 0, 64, 4096, 4160, 16]
      for number in 0..<Int.random(in: 3...5, using: &random) {
        if random.next() & 1 == 0 { program.append(.region("operator\(number)")) }
        if random.next() & 3 == 0 { program.append(.host(pause)) }
        let shift = shifts.randomElement(using: &random) ?? 0
        program += single.map { Self.shifted($0, shift) }
      }
    }
    program.append(.fence)
  }

  private static func vary(_ preset: HardwareConfig, _ random: inout Seeded) -> HardwareConfig {
    var config = preset
    config.memory.latency = [1, 7, 20, 150].randomElement(using: &random) ?? 20
    config.memory.bytesPer10Cycles = [0, 0, 37, 80, 160].randomElement(using: &random) ?? 0
    config.memory.maxOutstanding = [0, 0, 1, 5, 16].randomElement(using: &random) ?? 0
    config.host.issueInterval = [1, 1, 5, 13].randomElement(using: &random) ?? 1
    config.host.fenceCycles = [0, 0, 30].randomElement(using: &random) ?? 0
    if random.next() & 7 == 0 { config.l2.capacityKiB = 64 }
    let usual = config
    config.array.meshRows = [4, 8, 16].randomElement(using: &random) ?? 16
    config.array.meshColumns = config.array.meshRows
    config.scratchpad.capacityKiB = [16, 64, 256].randomElement(using: &random) ?? 256
    config.accumulator.capacityKiB = [8, 16, 64].randomElement(using: &random) ?? 64
    config.dma.maxBytes = [16, 64].randomElement(using: &random) ?? 64
    config.dma.maxInFlight = [4, 16, 64].randomElement(using: &random) ?? 16
    let lanes = config.array.meshColumns
    config.moveIn.scaleUnits =
      [4, 4, 0, 1, 2, lanes + 1, 3 * lanes].randomElement(using: &random) ?? 4
    // Not every size goes with every other.
    return (try? Machine(config)) == nil ? usual : config
  }

  private static func piece(on machine: Machine, _ random: inout Seeded) -> OperatorPiece? {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let dim = machine.dim
    let base = MainMemoryData.base
    switch number(0...5) {
    case 0, 1:
      var matmul = Matmul(
        rows: number(1...4 * dim), inner: number(1...5 * dim), columns: number(1...6 * dim))
      matmul.bias = [.none, .repeating, .full].randomElement(using: &random) ?? .none
      matmul.tile = MatmulTile(
        rows: number(1...2), columns: number(1...2), inner: number(1...2))
      matmul.dataflow = number(0...3) == 0 ? .outputStationary : .weightStationary
      return (try? MatmulPlan(matmul, on: machine)).map { .matmul($0) }
    case 2:
      let size = number(2...12)
      var convolution = Convolution(
        inputRows: size, inputColumns: size, inputChannels: number(1...2 * dim),
        outputChannels: number(1...2 * dim), kernel: number(1...3))
      convolution.stride = number(1...2)
      convolution.padding = number(0...1)
      convolution.hasBias = number(0...1) == 0
      return (try? ConvPlan(convolution, on: machine)).map { .convolution($0) }
    case 3:
      let addresses = ResaddAddresses(a: base, b: base + 0x10_0000, c: base + 0x20_0000)
      return
        (try? ResaddPlan(
          rows: number(1...100), columns: number(1...100), scaleA: number(0...1) == 0 ? 1 : 0.5,
          relu: false, stride: nil, addresses: addresses, on: machine)).map { .residual($0) }
    case 4:
      return
        (try? NormPlan(
          rows: number(1...3 * dim), columns: number(1...6 * dim),
          activation: number(0...1) == 0 ? .softmax : .layernorm, input: base,
          output: base + 0x10_0000, on: machine)).map { .norm($0) }
    default:
      let operation = NonlinearOperation.allCases.randomElement(using: &random) ?? .softmax
      let work = NonlinearWork(operation, rows: number(1...40), columns: number(1...100))
      return
        (try? NonlinearPlan(
          work, on: machine, addresses: NonlinearOperands(dense: work).addresses)).map {
          .nonlinear($0)
        }
    }
  }

  /// The step with its addresses in main memory some bytes higher.
  static func shifted(_ step: ProgramStep, _ bytes: Int) -> ProgramStep {
    guard case .command(var command) = step else { return step }
    let (first, second) = command.addressOperands
    if first, command.rs1 != 0 { command.rs1 += UInt64(bytes) }
    if second, command.rs2 != 0 { command.rs2 += UInt64(bytes) }
    return .command(command)
  }
}
