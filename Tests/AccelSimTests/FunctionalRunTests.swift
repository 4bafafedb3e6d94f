import Testing

@testable import AccelSim

/// Whole programs for their results: host steps, loops, and what is reported.
struct FunctionalRunTests {
  typealias Bench = FunctionalBench
  static let base = Bench.memory

  /// A tiled product with bias and padding through loop_ws, against the obvious loops.
  @Test(arguments: [8, 16])
  func loopedMatmul(_ dim: Int) throws {
    var random = Seeded(UInt64(dim))
    var config = HardwareConfig()
    config.array.meshRows = dim
    config.array.meshColumns = dim
    let (m, n, k) = (2 * dim + 3, 3 * dim - 1, 2 * dim + 5)
    let a = (0..<m * k).map { _ in Int8(truncatingIfNeeded: random.next()) }
    let b = (0..<k * n).map { _ in Int8(truncatingIfNeeded: random.next()) }
    let d = (0..<n).map { _ in Int32(truncatingIfNeeded: random.next()) >> 16 }
    let (atA, atB, atD, atC) = (
      Self.base, Self.base + 0x4000, Self.base + 0x8000, Self.base + 0xC000
    )
    let scale: Float = 1.0 / 512
    var expected: [UInt8] = []
    for row in 0..<m {
      for column in 0..<n {
        var sum = d[column]
        for i in 0..<k { sum += Int32(a[row * k + i]) * Int32(b[i * n + column]) }
        let scaled = (Double(sum) / 512).rounded(.toNearestOrEven)
        expected.append(UInt8(bitPattern: Int8(min(max(scaled, 0), 127))))
      }
    }
    let identity = UInt64(Float(1).bitPattern) << 32
    let tiles = [m, n, k].map { UInt64(($0 + dim - 1) / dim) }
    let pads = [m, n, k].map { UInt64((dim - $0 % dim) % dim) }
    let block = UInt64(dim) << 16
    let storeBits = UInt64(scale.bitPattern) << 32 | UInt64(n)
    let biasBytes = d.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) }
    }
    let steps: [ProgramStep] = [
      .load(address: atA, bytes: a.map { UInt8(bitPattern: $0) }),
      .load(address: atB, bytes: b.map { UInt8(bitPattern: $0) }),
      .load(address: atD, bytes: biasBytes),
      .command(Command(.flush, 0, 0)),
      .command(Command(.config, 4 | 1 << 16, 1 << 48)),
      .command(Command(.config, 2 | 1 << 2, storeBits)),
      .command(Command(.config, 1 | identity | block, UInt64(k))),
      .command(Command(.config, 1 | 1 << 3 | identity | block, UInt64(n))),
      .command(Command(.config, 1 | 2 << 3 | identity | block, 0)),
      .command(
        Command(
          .loopMatmulBounds, pads[0] | pads[1] << 16 | pads[2] << 32,
          tiles[0] | tiles[1] << 16 | tiles[2] << 32)),
      .command(Command(.loopMatmulAddressesAB, atA, atB)),
      .command(Command(.loopMatmulAddressesDC, atD, atC)),
      .command(Command(.loopMatmulStridesAB, UInt64(k), UInt64(n))),
      .command(Command(.loopMatmulStridesDC, 0, UInt64(n))),
      .command(Command(.loopMatmul, 1 | 1 << 8, 0)),
      .fence,
      .check(address: atC, expected: expected, label: "C"),
    ]
    let run = try FunctionalRun.run(StepList(steps), on: Machine(unchecked: config))
    #expect(run.mismatches.isEmpty, "\(run.mismatches)")
    #expect(run.machine.usefulMACs == m * n * k)
    #expect(run.commands == 12 && run.fences == 1 && run.checks == 1)
  }

  @Test func differencesAreReported() throws {
    let steps: [ProgramStep] = [
      .load(address: Self.base, bytes: [1, 2, 3, 4]),
      .zero(address: Self.base + 3, count: 1),
      .check(address: Self.base, expected: [1, 9, 3, 4], label: "line 7"),
      .check(address: Self.base, expected: [1, 2, 3, 0], label: "line 8"),
    ]
    let machine = Machine(unchecked: HardwareConfig())
    let run = try FunctionalRun.run(StepList(steps), on: machine)
    let expected = Mismatch(
      label: "line 7", address: Self.base, differingBytes: 2, byteCount: 4, firstOffset: 1,
      expected: 9, found: 2)
    #expect(run.mismatches == [expected])
    #expect(run.checks == 2)
  }

  @Test func hostAccessOutsideMemory() {
    let machine = Machine(unchecked: HardwareConfig())
    let steps: [ProgramStep] = [
      .load(address: 0, bytes: [1]), .zero(address: 0x4_7FFF_FFFF, count: 2),
      .check(address: 0x4_8000_0000, expected: [0], label: ""),
    ]
    for step in steps {
      #expect(throws: ProgramError.self) {
        try FunctionalRun.run(StepList([step]), on: machine)
      }
    }
  }

  /// The last command waits behind settings of a loop, and no fence follows: it is its own error, not
  /// that nothing can move.
  @Test func errorBehindALoopsSettings() throws {
    let steps: [ProgramStep] = [
      .command(Command(.loopMatmulBounds, 0, 1 | 1 << 16 | 1 << 32)),
      .command(Command(.configNonlinear, 0, 0)),
    ]
    var source = StepList(steps)
    let error = #expect(throws: FunctionalError.self) {
      try Simulator.run(&source, on: Machine(unchecked: HardwareConfig()))
    }
    #expect(error?.reason == .unsupported)
  }

  /// A move out that waits for the result of a preload whose compute is missing.
  @Test(arguments: [true, false])
  func preloadWithoutItsCompute(_ carriesData: Bool) throws {
    var bench = try TimingBench("rtl-default")
    bench.configureExecute()
    bench.configureStore()
    bench.preload(0, to: TimingBench.accumulator(0))
    bench.moveOut(TimingBench.accumulator(0))
    bench.fence()
    var source = StepList(bench.steps)
    var options = RunOptions()
    options.carriesData = carriesData
    let error = #expect(throws: SimulationError.self) {
      try Simulator.run(&source, on: Machine(bench.config), options: options)
    }
    guard case .illegal(let words)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.hasPrefix("the program stands still for ever: nothing can move after cycle"))
  }

  /// Before any config_ex both machines are output-stationary (facts 1.1, E 4): a config_ex that says
  /// so costs its cycle alone.
  @Test func dataflowWithoutConfiguration() throws {
    let pair = [
      Command(.preload, 0x0010_0010_ffff_ffff, 0x0010_0010_8000_0000),
      Command(.computePreloaded, 0x0010_0010_0000_0000, 0x0010_0010_0000_2000),
    ]
    func cycles(_ first: [Command]) throws -> Int {
      var source = StepList((first + pair).map { .command($0) } + [.fence])
      return try Simulator.run(&source, on: Machine(HardwareConfig())).result.cycles
    }
    let (stays, moves) = (Command(.config, 0, 0), Command(.config, 4, 0))
    #expect(try cycles([]) == cycles([stays]) - 1)
    #expect(try cycles([stays]) != cycles([moves]))
  }

  /// An error inside a loop names the unrolled command.
  @Test func errorInsideALoop() throws {
    let steps: [ProgramStep] = [
      .command(Command(.loopMatmulBounds, 0, 1 | 1 << 16 | 1 << 32)),
      .command(Command(.loopMatmulAddressesAB, 0x1_0000, 0x1_0000)),
      .command(Command(.loopMatmul, 0, 0)), .fence,
    ]
    let machine = Machine(unchecked: HardwareConfig())
    let error = try #require(throws: FunctionalError.self) {
      try FunctionalRun.run(StepList(steps), on: machine)
    }
    #expect(error.reason == .memoryAddress)
    #expect(error.found.hasSuffix("at 0x10000"))
  }

  /// Loops with any bounds and flags end, or are refused; nothing traps.
  @Test func randomLoopsNeverTrap() {
    var random = Seeded(9)
    for round in 0..<Seeded.iterations(60) {
      var config = HardwareConfig()
      config.features.convEncoding = round % 5 == 0 ? .square : .rectangular
      var run = FunctionalRun(Machine(unchecked: config))
      var steps: [ProgramStep] = []
      let isMatmul = round % 2 == 0
      for funct in isMatmul ? [9, 10, 11, 12, 13, 24, 8] : [16, 17, 18, 19, 20, 21, 15] {
        let command = Command(
          funct: UInt8(funct), rs1: operand(funct, &random), rs2: operand(funct, &random))
        steps.append(.command(command))
      }
      steps.append(.fence)
      do { for step in steps { try run.perform(step) } } catch {}
    }
  }

  private func operand(_ funct: Int, _ random: inout Seeded) -> UInt64 {
    let bits = random.next()
    if [10, 11, 20, 21].contains(funct) { return bits % 4 == 0 ? 0 : Self.base + bits % 0x1000 }
    // 1...8 in each 16-bit field: with a bound of 0 a loop has no end (see below).
    return (random.next() & 0x0007_0007_0007_0007) + 0x0001_0001_0001_0001
  }

  #if !DEBUG
    @Test func loopWithoutEnd() {
      let run: [ProgramStep] = [
        .command(Command(.loopMatmulBounds, 0, 0)), .command(Command(.loopMatmul, 0, 0)), .fence,
      ]
      let machine = Machine(unchecked: HardwareConfig())
      #expect(throws: (any Error).self) { try FunctionalRun.run(StepList(run), on: machine) }
    }
  #endif
}
