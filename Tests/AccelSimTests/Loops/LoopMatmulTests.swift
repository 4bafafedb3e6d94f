import Testing

@testable import AccelSim

/// A matmul unroller alone, its output always taken.
private struct Bench {
  var unit: LoopMatmul
  /// Cycle of RUN's consumption is 0; the queue's clock starts later.
  private var clock = 100
  private(set) var emitted: [(cycle: Int, command: Command)] = []
  private(set) var retired = 0

  init(_ change: (inout HardwareConfig) -> Void = { _ in }) {
    var config = HardwareConfig()
    config.reservationStation.loadEntries = 1 << 20
    config.reservationStation.executeEntries = 1 << 20
    config.reservationStation.storeEntries = 1 << 20
    change(&config)
    unit = LoopMatmul(Machine(unchecked: config))
  }

  mutating func give(_ command: Command) {
    unit.input.send(UnrolledCommand(command))
    _ = unit.tick(clock, outputReady: true, completed: CompletionCounts())
    clock += 1
  }

  /// Configures a loop of `rows` x `columns` x `depth` tiles with operands at fixed addresses.
  mutating func configure(
    _ rows: Int, _ columns: Int, _ depth: Int, d: UInt64 = 0, c: UInt64 = 0x9000_0000,
    rowPad: UInt64 = 0
  ) {
    let bounds = UInt64(depth) << 32 | UInt64(columns) << 16 | UInt64(rows)
    give(Command(.loopMatmulBounds, rowPad, bounds))
    give(Command(.loopMatmulAddressesAB, 0x8000_0000, 0x8100_0000))
    give(Command(.loopMatmulAddressesDC, d, c))
    give(Command(.loopMatmulStridesAB, UInt64(depth * 16), UInt64(columns * 16)))
    give(Command(.loopMatmulStridesDC, UInt64(columns * 16), UInt64(columns * 16)))
  }

  /// Gives RUN, whose consumption is cycle 0, and runs until the loop has retired.
  mutating func run(_ rs1: UInt64 = 0, _ rs2: UInt64 = 0) {
    let start = clock
    give(Command(.loopMatmul, rs1, rs2))
    while unit.isBusy, clock < start + 10_000 {
      if let out = unit.tick(clock, outputReady: true, completed: CompletionCounts()) {
        emitted.append((clock - start, out.command))
        #expect(out.origin == .loopMatmul)
      }
      retired = clock - start
      clock += 1
    }
  }

  /// "cycle:funct" of each command.
  var timeline: String {
    emitted.map { "\($0.cycle):\($0.command.funct)" }.joined(separator: " ")
  }
}

@Suite("LoopMatmul")
struct LoopMatmulTests {
  @Test("Facts C7: I = J = K = 2 with C")
  func square() {
    var bench = Bench()
    bench.configure(2, 2, 2)
    bench.run()
    #expect(
      bench.timeline == """
        2:1 3:2 4:6 5:4 6:2 7:6 8:5 9:6 10:4 11:6 12:5 13:1 14:6 15:4 16:6 17:5 18:6 19:4 20:3 \
        21:6 22:5 23:3
        """)
    #expect(bench.retired == 25)
  }

  @Test("Facts C7: I = J = 2, K = 1 with a full-width D")
  func bias() {
    var bench = Bench()
    bench.configure(2, 2, 1, d: 0x8200_0000)
    bench.run(1)
    #expect(
      bench.timeline == """
        2:14 3:14 4:14 5:14 6:1 7:2 8:6 9:4 10:2 11:6 12:5 13:6 14:4 15:3 16:6 17:5 18:3
        """)
    #expect(bench.retired == 20)
    // Order of D: columns outside, rows inside, one array width of 32-bit values each.
    let rows = bench.emitted.prefix(4).map { $0.command.rs2 & 0xFFFF }
    #expect(rows == [0, 32, 16, 48])
  }

  @Test("Facts C7: I = 4, J = 5, K = 6 begins with loads and pairs in turn")
  func wide() {
    var bench = Bench()
    bench.configure(4, 5, 6)
    bench.run()
    #expect(
      bench.timeline.hasPrefix("2:1 3:2 4:6 5:4 6:2 7:6 8:5 9:2 10:6 11:5 12:2 13:1 14:6 15:5 16:6")
    )
    #expect(bench.emitted.count { $0.command.funct == 6 } == 4 * 5 * 6)
  }

  @Test("Plain commands pass in a cycle and keep their origin; loop commands do not")
  func passes() throws {
    var unit = LoopMatmul(Machine(unchecked: HardwareConfig()))
    let plain = UnrolledCommand(Command(.flush, 1, 2), from: .loopConv)
    unit.input.send(plain)
    #expect(unit.isBusy)
    #expect(unit.tick(1, outputReady: false, completed: CompletionCounts()) == nil)
    #expect(!unit.moved)
    #expect(unit.tick(2, outputReady: true, completed: CompletionCounts()) == plain)
    #expect(unit.moved && !unit.isBusy)
    unit.input.send(UnrolledCommand(Command(.loopMatmulBounds, 0, 0)))
    #expect(unit.tick(3, outputReady: true, completed: CompletionCounts()) == nil)
    #expect(unit.moved && !unit.isBusy)
  }

  @Test("A loop stops at the reservation station's size and goes on with a completion")
  func occupancy() {
    var bench = Bench { $0.reservationStation.loadEntries = 2 }
    bench.configure(4, 1, 1)
    bench.give(Command(.loopMatmul, 0, 0))
    var loads: [Int] = []
    for cycle in 200..<230 {
      var completed = CompletionCounts()
      completed.load = cycle == 220 ? 1 : 0
      let out = bench.unit.tick(cycle, outputReady: true, completed: completed)
      if let out, [1, 2].contains(out.command.funct) { loads.append(cycle) }
    }
    // RUN is consumed in the cycle before 200: loads from the cycle after next (facts 5.2).
    #expect(loads == [201, 202, 221])
  }

  @Test("Normalising stores: passes and rows as facts 5.2 nest them", arguments: [2, 4])
  func normalises(_ activation: Int) {
    var bench = Bench()
    let pad: UInt64 = 13
    bench.configure(2, 5, 1, rowPad: pad)
    bench.run(UInt64(activation) << 8)
    let norms: [[UInt64]] =
      activation == 2 ? [[1, 2], [3, 4], [0, 0]] : [[5, 5], [6, 7], [0, 0]]
    var expected: [Command] = []
    for (tile, rows) in [(0, 16), (1, 3)] {
      for pair in stride(from: 0, to: rows, by: 2) {
        for pass in 0..<3 {
          for id in 0..<min(2, rows - pair) {
            expected.append(Command(.config, 0x20003 | UInt64(id) << 8, 0))
            for (column, blocks) in [(0, 4), (4, 1)] {
              let row = pair + id
              let local = UInt64((tile * 5 + column) * 16 + row)
              let norm = norms[pass][column == 4 ? 1 : 0] << 26
              expected.append(
                Command(
                  .mvout, 0x9000_0000 + UInt64((tile * 16 + row) * 80 + column * 16),
                  1 << 48 | UInt64(blocks * 16) << 32 | 1 << 31 | norm | local))
            }
          }
        }
      }
    }
    let stores = bench.emitted.map(\.command).filter { [0, 3].contains($0.funct) }
    #expect(stores == expected)
  }

  @Test("A loop into the scratchpad stores tile by tile, after all else")
  func storesToScratchpad() {
    var bench = Bench()
    bench.configure(2, 2, 1)
    bench.run(0, 0x1000 << 32 | 1 << 9)
    let stores = bench.emitted.map(\.command).filter { $0.funct == 23 }
    let tiles: [UInt64] = [0, 2, 1, 3]
    #expect(
      stores
        == tiles.map {
          Command(
            .mvoutSpad, 1 << 32 | 0x1000 + $0 * 16, 16 << 48 | 16 << 32 | 1 << 31 | $0 * 16)
        })
    #expect(!bench.unit.isBusy)
  }

  @Test("Skipped sub-units emit nothing and the loop still retires")
  func skips() {
    var bench = Bench()
    bench.configure(2, 2, 2)
    // ldA, ldB, ldD and the store are skipped: only preloads and computes remain.
    bench.run(0, 0b1011_1000)
    #expect(Set(bench.emitted.map(\.command.funct)) == [4, 5, 6])
    #expect(!bench.unit.isBusy)
  }

  @Test("Reused operands: spad ids 1 and 2 name the scratchpad halves")
  func halves() throws {
    var bench = Bench()
    bench.configure(1, 1, 1)
    bench.run(2 << 18 | 1 << 16)
    let first = try #require(bench.emitted.first { $0.command.funct == 2 })
    #expect(first.command.rs2 & 0xFFFF_FFFF == 8192)
    let weights = try #require(bench.emitted.first { $0.command.funct == 1 })
    #expect(weights.command.rs2 & 0xFFFF_FFFF == 8192 - 16)
  }

  @Test("Two loops in flight toggle the accumulator's halves where C is stored")
  func toggles() throws {
    var bench = Bench()
    bench.configure(1, 1, 1)
    bench.run()
    bench.configure(1, 1, 1, c: 0)
    bench.run()
    bench.configure(1, 1, 1)
    bench.run()
    let results = bench.emitted.map(\.command).filter { $0.funct == 6 }.map { $0.rs2 & 0xFFFF }
    #expect(results == [0, 512, 512])
  }
}
