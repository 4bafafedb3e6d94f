import Testing

@testable import AccelSim

@Suite("Unrollers with arbitrary operands")
struct LoopFuzzTests {
  @Test("No operand of a loop command stops the process", arguments: ConvEncoding.allCases)
  func survives(_ encoding: ConvEncoding) {
    var random = Seeded(0x5EED)
    for round in 0..<200 {
      var config = HardwareConfig()
      config.features.convEncoding = encoding
      if round % 3 == 1 {
        config.array.meshRows = 8
        config.array.meshColumns = 8
      }
      let machine = Machine(unchecked: config)
      var matmul = LoopMatmul(machine)
      var conv = LoopConv(machine)
      var position = 0
      var pending = CompletionCounts()
      // All fields at their largest, all at random, or all small.
      let mask: UInt64 = [.max, 0x0003_0003_0003_0003, 0xFFFF_FFFF_FFFF_FFFF][round % 3]
      for now in 0..<400 {
        let completed = pending
        pending = CompletionCounts()
        let out = matmul.tick(now, outputReady: now % 5 != 0, completed: completed)
        if let out, out.origin == .loopMatmul { pending = released(out.command) }
        let between = conv.tick(
          now, outputReady: matmul.input.canSend(now), completed: CompletionCounts())
        if let between { matmul.input.send(between) }
        guard conv.input.canSend(now) else { continue }
        // All configurations, then RUN, of one unroller and then of the other.
        let functions: [UInt8] = [9, 10, 11, 12, 13, 24, 8, 16, 17, 18, 19, 20, 21, 15]
        let funct = functions[position % functions.count]
        position += 1
        var rs2 = round % 4 == 3 ? UInt64.max : random.next() & mask
        if funct == 8 { rs2 &= ~0b1111_1000 }
        let rs1 = round % 4 == 3 ? UInt64.max : random.next() & mask
        conv.input.send(UnrolledCommand(Command(funct: funct, rs1: rs1, rs2: rs2)))
      }
      #expect(position > 7)
    }
  }

  private func released(_ command: Command) -> CompletionCounts {
    var counts = CompletionCounts()
    switch command.funct {
    case 1, 2, 14: counts.load = 1
    case 4, 5, 6: counts.execute = 1
    default: counts.store = 1
    }
    return counts
  }
}
