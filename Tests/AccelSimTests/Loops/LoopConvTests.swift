import Testing

@testable import AccelSim

/// A convolution unroller alone, its output always taken.
private struct Bench {
  var unit: LoopConv
  private var clock = 100
  private(set) var emitted: [(cycle: Int, command: Command)] = []

  init(_ change: (inout HardwareConfig) -> Void = { _ in }) {
    var config = HardwareConfig()
    config.reservationStation.loadEntries = 1 << 20
    config.reservationStation.executeEntries = 1 << 20
    config.reservationStation.storeEntries = 1 << 20
    change(&config)
    unit = LoopConv(Machine(unchecked: config))
  }

  var commands: [Command] { emitted.map(\.command) }

  private mutating func give(_ command: Command) {
    unit.input.send(UnrolledCommand(command))
    _ = unit.tick(clock, outputReady: true, completed: CompletionCounts())
    clock += 1
  }

  /// A 3x3 convolution of 6x6 pixels with padding 1, from 2 of a layer's 3 batches.
  mutating func run(_ rs1: UInt64 = 0, _ rs2: UInt64 = 1, channels: UInt64 = 4, ochs: UInt64 = 8) {
    give(
      Command(
        .loopConvConfig1, ochs << 48 | channels << 32 | 6 << 16 | 3,
        1 << 56 | 1 << 48 | 6 << 32 | 3 << 16 | 6))
    give(
      Command(
        .loopConvConfig2, 3 << 48 | 3 << 32 | 2 << 16 | 2 << 8, 2 << 48 | 3 << 32 | 3 << 16 | ochs))
    give(
      Command(
        .loopConvConfig3, 3 << 48 | 3 << 32 | channels << 16 | 1, 1 << 48 | 1 << 32 | 1 << 24 | 6))
    give(Command(.loopConvConfig4, 6 << 48 | 1, channels << 48 | ochs << 32 | ochs << 16 | 6))
    give(Command(.loopConvConfig5, 0x8100_0000, 0x9000_0000))
    give(Command(.loopConvConfig6, 0x8200_0000, 0x8000_0000))
    let start = clock
    give(Command(.loopConv, rs1, rs2))
    while unit.isBusy, clock < start + 100_000 {
      if let out = unit.tick(clock, outputReady: true, completed: CompletionCounts()) {
        emitted.append((clock - start, out.command))
        #expect(out.origin == .loopConv)
      }
      clock += 1
    }
    #expect(!unit.isBusy)
  }
}

@Suite("LoopConv")
struct LoopConvTests {
  @Test("First command four cycles after RUN is consumed, loads in priority order")
  func start() {
    var bench = Bench()
    bench.run()
    // Two pipeline stages after the sub-unit's first active cycle (facts 5.4): a command that is
    // allocated 8 cycles after RUN was accepted.
    #expect(bench.emitted.first?.cycle == 4)
    let order = bench.commands.map(\.funct)
    #expect(order.first == 0 && order[1] == 14)
    let weights = order.firstIndex(of: 1) ?? 0
    let input = order.firstIndex(of: 2) ?? 0
    let compute = order.firstIndex(of: 6) ?? 0
    #expect(1 < weights && weights < input && input < compute)
    #expect(order.last == 3)
  }

  @Test("Every tap of every output pixel is computed once, weights change where facts say")
  func steps() {
    var bench = Bench()
    bench.run(channels: 20, ochs: 20)
    // 2 batches x 6 rows x 1 piece of columns for each of 2 x 2 channel tiles and 9 taps.
    let computes = bench.commands.filter { [4, 5].contains($0.funct) }
    #expect(computes.count == 2 * 6 * 9 * 2 * 2)
    #expect(computes.count { $0.funct == 4 } == 9 * 2 * 2)
    #expect(bench.commands.filter { $0.funct == 6 }.allSatisfy { $0.rs2 >> 30 & 3 == 3 })
  }

  @Test("Parts that a machine lacks are left out of the loop")
  func features() {
    var full = Bench()
    full.run(0, 1)
    var plain = Bench {
      $0.features.trainingConvs = false
      $0.features.depthwiseConvs = false
      $0.features.maxPool = false
      $0.features.firstLayerOptimizations = false
    }
    plain.run(0x37E, 0b100)
    #expect(plain.commands == full.commands)
    var trained = Bench()
    trained.run(0b10, 1)
    #expect(trained.commands != full.commands)
  }

  @Test("Input 3120: hardware steps by the loop's batches, the software model by the layer's")
  func batchStep() {
    for (numerics, batches) in [(NumericsModel.hardware, 2), (.softwareModel, 3)] {
      var bench = Bench { $0.features.numerics = numerics }
      bench.run(1 << 5, 1)
      let addresses = bench.commands.filter { $0.funct == 2 && $0.rs1 != 0 }.map(\.rs1)
      var expected: Set<UInt64> = []
      for channel in 0..<4 {
        for row in 0..<6 {
          expected.insert(0x8000_0000 + UInt64((channel * 36 + row * 6) * batches))
        }
      }
      #expect(Set(addresses) == expected)
    }
  }

  @Test("Pooling stores stand between two store configurations")
  func pools() {
    var bench = Bench()
    bench.run(0, 0)
    let stores = bench.commands.suffix(4)
    #expect(stores.map(\.funct) == [0, 3, 3, 0])
    // Pool window and stride 2, 3x3 pooled pixels of 6x6 (facts 3.4).
    let fields: UInt64 =
      6 << 56 | 6 << 48 | 3 << 40 | 3 << 32 | 3 << 24 | 2 << 6 | 2 << 4 | 2
    #expect(stores.first?.rs1 == fields)
    #expect(stores.last?.rs1 == 2)
    #expect(stores.first?.rs2 == 0xFFFF_FFFF_0000_0008)
  }
}
