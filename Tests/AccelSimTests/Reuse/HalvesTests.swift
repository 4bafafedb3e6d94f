import SystolicCore
import Testing

@testable import AccelSim

/// The two halves of each local memory are alike: a machine in the state of another but for exchanged
/// halves does the same in the same cycles, as long as nothing names a half.
@Suite struct HalvesTests {
  /// A run of tagged commands, and how far the addresses are that its tags stand for.
  private struct Run {
    var timing: TimingRun<NullObserver>
    var bases: [UInt64: UInt64] = [:]
    var nextTag: UInt64 = 1

    init(_ machine: Machine) {
      timing = TimingRun(machine, observer: NullObserver())
      timing.stopsAtWrongResults = false
      timing.accelerator.keepTags()
    }

    mutating func take(_ step: ProgramStep) throws {
      guard case .command(var command) = step else { return try timing.take(step) }
      let (first, second) = command.addressOperands
      if first { tag(&command.rs1) }
      if second { tag(&command.rs2) }
      try timing.take(.command(command))
    }

    private mutating func tag(_ address: inout UInt64) {
      guard address != 0 else { return }
      bases[nextTag] = address
      address |= nextTag << StateCodec.addressBits
      nextTag += 1
    }
  }

  /// Random products and convolutions, one after the other, of blocks that take halves in turn.
  private func program(_ seed: UInt64, on machine: Machine) throws -> [ProgramStep] {
    var random = Seeded(seed)
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let dim = machine.dim
    var steps: [ProgramStep] = []
    for _ in 0..<3 {
      let piece: OperatorPiece
      if number(0...2) > 0 {
        var matmul = Matmul(
          rows: number(3 * dim...6 * dim), inner: number(3 * dim...6 * dim),
          columns: number(3 * dim...6 * dim))
        matmul.bias = [.none, .repeating, .full].randomElement(using: &random) ?? .none
        matmul.tile = MatmulTile(rows: 1, columns: number(1...2), inner: number(1...2))
        piece = .matmul(try MatmulPlan(matmul, on: machine))
      } else {
        var convolution = Convolution(
          inputRows: 9, inputColumns: 9, inputChannels: number(dim...2 * dim),
          outputChannels: number(dim...2 * dim), kernel: number(1...3))
        convolution.hasBias = number(0...1) == 0
        convolution.tile = ConvTile(
          batch: 1, rows: number(2...4), columns: number(2...4), outputChannels: dim,
          kernelRows: 1, kernelColumns: 1, inputChannels: dim)
        guard let plan = try? ConvPlan(convolution, on: machine) else { continue }
        piece = .convolution(plan)
      }
      var source = piece.program(flushesFirst: false)
      while let step = try source.next() { steps.append(step) }
    }
    return steps
  }

  private func words(_ run: inout Run, _ machine: Machine, _ swap: HalfSwap) -> StateCodec {
    var codec = StateCodec(
      readingAt: run.timing.now, bases: run.bases, nextTag: run.nextTag, halves: machine.halves,
      swap: swap, parkedSwaps: [swap, swap])
    codec.loopsBringSettings = true
    run.timing.visit(&codec)
    run.bases = codec.bases
    run.nextTag = codec.nextTag
    return codec
  }

  /// Runs a program twice, once with the machine's halves exchanged at random places, and compares.
  ///
  /// - Returns: How often they were exchanged.
  private func exchange(_ program: [ProgramStep], on machine: Machine, seed: UInt64) throws -> Int {
    var exchanges = 0
    var random = Seeded(seed)
    var plain = Run(machine)
    var exchanged = Run(machine)
    let idle = exchanged.timing.accelerator
    var toldApart = 0
    var isExchanged = false
    var isComparable = true
    for (number, step) in program.enumerated() {
      guard case .command(let command) = step else {
        try plain.take(step)
        try exchanged.take(step)
        continue
      }
      // What names a half must meet the machine as it is.
      let isLoop = command.function == .loopMatmul || command.function == .loopConv
      let swap: HalfSwap =
        command.tellsHalvesApart
        ? [] : HalfSwap(rawValue: UInt8.random(in: 1...3, using: &random))
      if command.tellsHalvesApart || (isLoop && random.next() & 1 == 0) {
        let before = words(&plain, machine, [])
        #expect(before.isComplete)
        if plain.timing.accelerator.halvesAreAlike || swap == [] {
          exchanged.timing.replace(idle)
          var codec = StateCodec(
            setting: before.words, parked: before.parked, at: plain.timing.now,
            tags: before.tags, bases: plain.bases, halves: machine.halves,
            swap: swap.intersection(machine.swappableHalves),
            parkedSwaps: Array(
              repeating: swap.intersection(machine.swappableHalves), count: 2))
          codec.loopsBringSettings = true
          codec.scalerTurn = before.scalerTurn
          exchanged.timing.visit(&codec)
          #expect(codec.isComplete && codec.isAtEnd)
          isExchanged = swap != []
          toldApart = plain.timing.accelerator.halvesToldApart
          exchanges += isExchanged ? 1 : 0
        }
      }
      try plain.take(step)
      try exchanged.take(step)
      // A loop that is too large for its half.
      isComparable = !isExchanged || plain.timing.accelerator.halvesToldApart == toldApart
      if command.tellsHalvesApart { toldApart = plain.timing.accelerator.halvesToldApart }
      guard isComparable else { break }
      #expect(plain.timing.now == exchanged.timing.now, "seed \(seed), step \(number)")
    }
    guard isComparable else { return exchanges }
    #expect(try plain.timing.finish() == exchanged.timing.finish(), "seed \(seed)")
    #expect(plain.timing.fences == exchanged.timing.fences, "seed \(seed)")
    let pairs = zip(
      plain.timing.accounts.units(of: machine), exchanged.timing.accounts.units(of: machine))
    for (one, other) in pairs where one != other {
      Issue.record("seed \(seed), \(one.unit): \(one.reasons), \(other.reasons)")
    }
    return exchanges
  }

  @Test func exchangedHalvesTakeTheSameCycles() throws {
    var exchanges = 0
    for seed in 500..<UInt64(500 + Seeded.iterations(8)) {
      let machine = try Machine(ReuseFuzz(seed: seed).config)
      guard machine.cache == nil else { continue }
      exchanges += try exchange(program(seed, on: machine), on: machine, seed: seed)
    }
    #expect(exchanges > 20)
  }

  /// Results that begin in the accumulator's last row, which the garbage address names as well: the
  /// array waits for them where it does not for those of the lower half (`MeshTiming.hasTag`).
  @Test func theLastRowIsNoOther() throws {
    var config = try #require(HardwareConfig.preset("gemmini-default"))
    config.scratchpad.capacityKiB = 16
    config.accumulator.capacityKiB = 64
    let machine = try Machine(config)
    // Three parts of rows and of channels, so that no loop names its half.
    var convolution = Convolution(
      inputRows: 192, inputColumns: 1, inputChannels: 32, outputChannels: 384, kernel: 1)
    convolution.tile = ConvTile(
      batch: 1, rows: 64, columns: 1, outputChannels: 128, kernelRows: 1, kernelColumns: 1,
      inputChannels: 32)
    var program: [ProgramStep] = []
    var source = OperatorPiece.convolution(try ConvPlan(convolution, on: machine))
      .program(flushesFirst: false)
    while let step = try source.next() { program.append(step) }
    for seed in 0..<UInt64(2) {
      _ = try exchange(program, on: machine, seed: seed)
    }
  }

  /// A range has a counterpart in the other half, with the same overlaps, unless it crosses.
  @Test func rangesOfOneHalfHaveCounterparts() throws {
    let machine = try Machine(try #require(HardwareConfig.preset("gemmini-default")))
    let (rows, half) = (machine.scratchpadRows, machine.scratchpadRows / 2)
    func range(_ start: Int, _ count: Int) throws -> RowRange {
      try #require(
        RowRange(LocalAddress(bits: UInt32(start)), count: count, machine.layout))
    }
    var random = Seeded(11)
    for _ in 0..<2_000 {
      let starts = (0..<2).map { _ in Int.random(in: 0..<half, using: &random) }
      let counts = starts.map { Int.random(in: 0...half - $0, using: &random) }
      let lower = try zip(starts, counts).map { try range($0, $1) }
      let upper = try zip(starts, counts).map { try range($0 + half, $1) }
      for (one, count) in zip(lower + upper, counts + counts) {
        #expect(one.crossesHalves(machine.layout) == (count == 0))
      }
      #expect(counts.contains(0) || lower[0].overlaps(lower[1]) == upper[0].overlaps(upper[1]))
    }
    #expect(try range(half - 1, 2).crossesHalves(machine.layout))
    #expect(try range(rows - 1, 2).crossesHalves(machine.layout))
    #expect(try range(0, rows).crossesHalves(machine.layout))
    #expect(try !range(0, half).crossesHalves(machine.layout))
    #expect(try !range(half, half).crossesHalves(machine.layout))
  }
}
