import AccelSim
import SystolicCore

/// A random machine and a random program of commands that are legal on it: moves, products, loops and
/// nonlinear operations on few rows, so that hazards and conflicts are frequent.
struct CommandProgram {
  let machine: Machine
  var steps: [ProgramStep] = []
  /// A part of the program and a group of commands that is not legal behind it, if one was drawn.
  private(set) var illegal: [ProgramStep]?
  /// What the host reads and writes.
  static let input = MainMemoryData.base + 0x10_0000
  static let output = MainMemoryData.base + 0x20_0000
  static let bytes = 0x4000

  /// Says which commands are legal; it computes nothing.
  private var judge: FunctionalRun

  init(_ random: inout Seeded) throws {
    machine = try RandomMachine.machine(&random)
    judge = FunctionalRun(machine, carriesData: false)
    let noise = (0..<Self.bytes / 8).map { _ in random.next() }
    steps = [
      .load(
        address: Self.input,
        bytes: noise.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      )
    ]
    add(execute(&random))
    for state in 0..<3 { add(load(state, &random)) }
    add(store(&random))
    let start = steps.count
    for _ in 0..<random.number(4...16) { add(group(&random)) }
    // Some more times, here or elsewhere in main memory, so that there are cycles to reuse.
    let round = Array(steps[start...])
    for _ in 0..<random.pick([0, 0, 1, 3]) {
      let distance = random.pick([0, 0, 64, 1024, 4096, 4160])
      add(round.map { Self.moved($0, by: distance) })
    }
    add([.fence])
  }

  /// The step with its addresses in main memory so many bytes further on.
  private static func moved(_ step: ProgramStep, by bytes: Int) -> ProgramStep {
    guard case .command(var command) = step else { return step }
    switch command.function {
    case .mvin, .mvin2, .mvin3, .mvout:
      if command.rs1 != 0 { command.rs1 += UInt64(bytes) }
    case .loopMatmulAddressesAB, .loopMatmulAddressesDC:
      if command.rs1 != 0 { command.rs1 += UInt64(bytes) }
      if command.rs2 != 0 { command.rs2 += UInt64(bytes) }
    default: break
    }
    return .command(command)
  }

  /// Adds commands that belong together if they are legal where they are.
  private mutating func add(_ group: [ProgramStep]) {
    var trial = judge
    do {
      for step in group { try trial.perform(step) }
      // What waits behind a loop is judged at its end.
      try trial.drain()
    } catch {
      illegal = steps + group
      return
    }
    judge = trial
    steps += group
  }

  // MARK: Commands

  private func group(_ random: inout Seeded) -> [ProgramStep] {
    switch random.below(17) {
    case 0...3: moveIn(&random)
    case 4...7: product(&random)
    case 8...10: moveOut(&random)
    case 11: loop(&random)
    case 12: random.pick([execute(&random), load(random.below(3), &random), store(&random)])
    case 13: [command(.mvoutSpad, UInt64(random.below(64)), tile(row(&random), &random))]
    case 14 where machine.config.features.nonlinearUnit: nonlinear(&random)
    case 15: leftSums(&random)
    default: [random.oneIn(3) ? command(.flush, 0, 0) : .fence]
    }
  }

  private func command(_ function: Function, _ rs1: UInt64, _ rs2: UInt64) -> ProgramStep {
    .command(Command(function, rs1, rs2))
  }

  /// A row of the scratchpad, seldom far away, on the borders of small blocks.
  private func row(_ random: inout Seeded) -> UInt64 {
    UInt64(random.below(8) * machine.dim + (random.oneIn(6) ? random.below(machine.dim) : 0))
  }

  private func accumulator(_ random: inout Seeded, adds: Bool = false) -> UInt64 {
    row(&random) % UInt64(machine.accumulatorRows) | 1 << 31 | (adds ? 1 << 30 : 0)
  }

  private func tile(_ address: UInt64, _ random: inout Seeded, blocks: Int = 1) -> UInt64 {
    let dim = machine.dim
    let rows = random.oneIn(2) ? dim : random.number(1...dim)
    let columns = random.oneIn(2) ? dim : random.number(1...dim * blocks)
    return UInt64(rows) << 48 | UInt64(columns) << 32 | address
  }

  private func execute(_ random: inout Seeded, dataflow: UInt64? = nil) -> [ProgramStep] {
    let isWeightStationary: UInt64 = dataflow ?? (random.oneIn(3) ? 0 : 4)
    let transposes: UInt64 = random.oneIn(4) ? random.pick([1 << 8, 1 << 9]) : 0
    let activation: UInt64 = random.oneIn(4) ? 8 : 0
    return [
      command(
        .config, isWeightStationary | activation | transposes | 1 << 16,
        1 << 48 | UInt64(random.pick([0, 0, 3])))
    ]
  }

  private func load(_ state: Int, _ random: inout Seeded) -> [ProgramStep] {
    let scale = UInt64(Float(random.pick([1, 1, 0.5])).bitPattern) << 32
    let shrink: UInt64 = random.oneIn(3) ? 4 : 0
    return [
      command(
        .config, 1 | shrink | UInt64(state) << 3 | 1 << 8 | UInt64(machine.dim) << 16 | scale,
        UInt64(random.pick([0, machine.dim, 4 * machine.dim, 100])))
    ]
  }

  private func store(_ random: inout Seeded) -> [ProgramStep] {
    let scale = UInt64(Float(random.pick([1, 0.01])).bitPattern) << 32
    return [
      command(
        .config, 2 | UInt64(random.pick([0, 0, 1])) << 2,
        scale | UInt64(random.pick([machine.dim, 4 * machine.dim, 200])))
    ]
  }

  private func moveIn(_ random: inout Seeded) -> [ProgramStep] {
    let address = random.oneIn(3) ? accumulator(&random, adds: random.oneIn(2)) : row(&random)
    let function = random.pick([Function.mvin, .mvin2, .mvin3])
    let source = random.oneIn(12) ? 0 : Self.input + UInt64(random.below(Self.bytes / 4))
    return [command(function, source, tile(address, &random, blocks: 3))]
  }

  /// Output-stationary sums that no command takes out, behind a result or none, then the other dataflow.
  private func leftSums(_ random: inout Seeded) -> [ProgramStep] {
    var steps = execute(&random, dataflow: 0)
    if random.oneIn(2) { steps += product(&random) }
    if random.oneIn(3) { steps.append(.fence) }
    steps += product(&random, isDropped: true)
    return steps + execute(&random, dataflow: 4) + product(&random)
  }

  private func product(_ random: inout Seeded, isDropped dropsAll: Bool = false) -> [ProgramStep] {
    let garbage: UInt64 = 0xFFFF_FFFF
    var steps: [ProgramStep] = []
    let count = random.number(1...3)
    for index in 0..<count {
      let isDropped = dropsAll || random.oneIn(index + 1 < count ? 4 : 8)
      let result =
        random.oneIn(3)
        ? row(&random) : accumulator(&random, adds: random.oneIn(2))
      let weights = index > 0 && random.oneIn(2) ? garbage : row(&random)
      steps.append(
        command(.preload, tile(weights, &random), tile(isDropped ? garbage : result, &random))
      )
      steps.append(
        command(
          weights == garbage ? .computeAccumulated : .computePreloaded,
          tile(random.oneIn(8) ? garbage : row(&random), &random),
          tile(random.oneIn(4) ? row(&random) : garbage, &random)))
    }
    return steps
  }

  private func moveOut(_ random: inout Seeded) -> [ProgramStep] {
    let address =
      random.oneIn(3)
      ? row(&random) : accumulator(&random) | (random.oneIn(4) ? 1 << 29 : 0)
    return [
      command(.mvout, Self.output + UInt64(random.below(Self.bytes / 4)), tile(address, &random))
    ]
  }

  private func loop(_ random: inout Seeded) -> [ProgramStep] {
    let (i, j, k) = (random.number(1...2), random.number(1...2), random.number(1...2))
    let dim = machine.dim
    let stride = UInt64(2 * dim)
    let pads = random.oneIn(2) ? 0 : UInt64(random.below(dim)) << UInt64(16 * random.below(3))
    let bias = random.oneIn(2) ? Self.input : 0
    return [
      command(.loopMatmulBounds, pads, UInt64(i) | UInt64(j) << 16 | UInt64(k) << 32),
      command(.loopMatmulAddressesAB, Self.input, Self.input + 0x400),
      command(.loopMatmulAddressesDC, bias, Self.output),
      command(.loopMatmulStridesAB, stride, stride),
      command(.loopMatmulStridesDC, stride, stride),
      command(.loopMatmul, random.oneIn(3) ? 1 : 0, 0),
    ]
  }

  private func nonlinear(_ random: inout Seeded) -> [ProgramStep] {
    let operation = random.pick(NonlinearOperation.allCases)
    let columns = random.pick([5, 16, 40])
    let rows = random.number(1...machine.dim)
    var steps: [ProgramStep] = []
    for (index, address) in [
      (0, accumulator(&random)), (1, accumulator(&random)), (3, row(&random)),
    ] {
      steps.append(
        command(
          .configNonlinear, UInt64(index) << 48 | UInt64(machine.dim) << 32 | address,
          UInt64(Float(1).bitPattern)))
    }
    let size = UInt64(columns) << 32 | UInt64(rows) << 48
    return steps + [command(.nonlinear, UInt64(operation.rawValue) | size, 0)]
  }
}
