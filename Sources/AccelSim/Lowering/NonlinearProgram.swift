import SystolicCore

/// The commands of a `NonlinearPlan`: part after part, the next one's moves in behind the command
/// that works on this one, so that both go on together.
public struct NonlinearProgram: PartwiseSource, Sendable {
  /// What the commands compute, in which parts and where.
  public let plan: NonlinearPlan
  var steps: StepBuffer
  private var part: Part?
  private var phase = Phase.configuration

  private enum Phase { case configuration, parts, done }

  /// A part of a strip in a pass.
  private struct Part {
    var strip = 0
    var pass = 0
    var part = 0
    /// Running number, whose lowest bit is the buffer.
    var number = 0
  }

  /// - Parameter flushesFirst: Whether it starts with the flush that every program starts with.
  public init(_ plan: NonlinearPlan, flushesFirst: Bool = true) {
    self.plan = plan
    steps = StepBuffer(flushesFirst: flushesFirst)
  }

  /// Legal by construction; the array has no work.
  public var legalMACs: Int? { 0 }

  mutating func emitPart() -> Bool {
    switch phase {
    case .configuration:
      configure()
      let first = Part()
      if plan.isOnChip {
        // A fence, so that cycles from here on are the unit's alone.
        emitFence()
      } else {
        moveIn(first)
      }
      part = first
      phase = .parts
    case .parts:
      guard let current = part else {
        emitFence()
        phase = .done
        return true
      }
      let following = following(current)
      run(current)
      if !plan.isOnChip {
        if let following { moveIn(following) }
        moveOut(current)
      }
      part = following
    case .done: return false
    }
    return true
  }

  private func following(_ part: Part) -> Part? {
    var next = part
    next.number += 1
    next.part += 1
    guard next.part == plan.parts else { return next }
    next.part = 0
    next.pass += 1
    guard next.pass == plan.passes else { return next }
    next.pass = 0
    next.strip += 1
    return next.strip < plan.strips ? next : nil
  }

  // MARK: Places

  private var work: NonlinearWork { plan.work }
  private var half: Int { plan.machine.accumulatorRows / 2 }
  private var quarter: Int { plan.machine.scratchpadRows / 4 }
  private static let accumulator: UInt32 = 1 << 31

  private func x(_ part: Part) -> UInt32 {
    let buffer = part.number & 1
    return work.inputIsWide
      ? Self.accumulator | UInt32(buffer * half) : UInt32(buffer * quarter)
  }

  /// Beside the other buffer's x, in another bank than this one's.
  private func y(_ part: Part) -> UInt32 {
    let buffer = part.number & 1
    return work.inputIsWide
      ? UInt32((2 + buffer) * quarter) : UInt32((1 - buffer) * quarter + quarter / 2)
  }

  private func output(_ part: Part) -> UInt32 {
    UInt32(((work.inputIsWide ? 0 : 2) + part.number & 1) * quarter)
  }

  private var gain: UInt32 { Self.accumulator | UInt32(half - plan.partBlocks) }
  private var bias: UInt32 { Self.accumulator | UInt32(2 * half - plan.partBlocks) }

  private func rows(_ part: Part) -> Int {
    min(plan.stripRows, work.rows - part.strip * plan.stripRows)
  }

  private func firstColumn(_ part: Part) -> Int { part.part * plan.partBlocks * plan.machine.dim }

  private func columns(_ part: Part) -> Int {
    min(plan.partBlocks * plan.machine.dim, work.columns - firstColumn(part))
  }

  private func givesResults(_ part: Part) -> Bool { part.pass == plan.passes - 1 }

  // MARK: Commands

  private mutating func configure() {
    emit(HostCommands.configStore(stride: work.columns, activation: 0, scale: 1))
    let width = work.inputIsWide ? 4 : 1
    for (state, stride) in [(0, work.columns * width), (1, work.columns), (2, 0)] {
      emit(
        HostCommands.configLoad(
          state: state, stride: stride, scale: 1, shrinks: false, blockStride: plan.stripRows))
    }
    if plan.parts == 1, !plan.isOnChip { moveVectors(Part()) }
    emit(HostCommands.configNonlinear(operand: 1, at: .garbage, blockStride: 0, scale: 1))
    emit(HostCommands.configNonlinear(operand: 2, at: .garbage, blockStride: 0, scale: 1))
    if work.hasGain { emit(vector(operand: 1, at: gain)) }
    if work.hasBias { emit(vector(operand: 2, at: bias)) }
  }

  private func vector(operand: Int, at row: UInt32) -> Command {
    HostCommands.configNonlinear(
      operand: operand, at: LocalAddress(bits: row), blockStride: 1, isFloat: true,
      repeats: true, scale: 1)
  }

  private mutating func moveVectors(_ part: Part) {
    // Without them a part may have more blocks than the accumulator has rows for vectors.
    guard work.hasGain || work.hasBias else { return }
    for (isThere, from, to) in [
      (work.hasGain, plan.addresses.gain, gain), (work.hasBias, plan.addresses.bias, bias),
    ] where isThere {
      let first = firstColumn(part)
      for block in 0..<ceilingDivide(columns(part), plan.machine.dim) {
        let column = first + block * plan.machine.dim
        emit(
          Command(
            .mvin3, from + UInt64(4 * column),
            HostCommands.operand(
              to + UInt32(block), rows: 1,
              columns: min(plan.machine.dim, work.columns - column))))
      }
    }
  }

  private mutating func moveIn(_ part: Part) {
    let width = work.inputIsWide ? 4 : 1
    let blocks =
      work.inputIsWide ? plan.machine.maxBlockLengthAccumulator : plan.machine.maxBlockLength
    move(.mvin, part, plan.addresses.x, width: width, blocks: blocks, local: x(part))
    guard givesResults(part) else { return }
    if work.hasSecond {
      move(
        .mvin2, part, plan.addresses.y, width: 1, blocks: plan.machine.maxBlockLength,
        local: y(part))
    }
    if plan.parts > 1 { moveVectors(part) }
  }

  private mutating func moveOut(_ part: Part) {
    guard givesResults(part) else { return }
    // Blocks of one move out stand a whole array's width of rows apart.
    let blocks = plan.stripRows == plan.machine.dim ? plan.machine.maxBlockLength : 1
    move(
      .mvout, part, plan.addresses.output, width: 1, blocks: blocks, local: output(part))
  }

  private mutating func move(
    _ function: Function, _ part: Part, _ base: UInt64, width: Int, blocks: Int, local: UInt32
  ) {
    let dim = plan.machine.dim
    let first = part.strip * plan.stripRows * work.columns + firstColumn(part)
    for column in stride(from: 0, to: columns(part), by: blocks * dim) {
      emit(
        Command(
          function, base + UInt64((first + column) * width),
          HostCommands.operand(
            local + UInt32(column / dim * plan.stripRows), rows: rows(part),
            columns: min(blocks * dim, columns(part) - column))))
    }
  }

  private mutating func run(_ part: Part) {
    emit(
      HostCommands.configNonlinear(
        operand: 0, at: LocalAddress(bits: x(part)), blockStride: plan.stripRows,
        scale: work.inputScale))
    if givesResults(part) {
      if work.hasSecond {
        emit(
          HostCommands.configNonlinear(
            operand: 1, at: LocalAddress(bits: y(part)), blockStride: plan.stripRows,
            scale: work.secondScale))
      }
      emit(
        HostCommands.configNonlinear(
          operand: 3, at: LocalAddress(bits: output(part)), blockStride: plan.stripRows,
          scale: 1 / work.outputScale))
    }
    var command = NonlinearRun()
    command[.operation] = Int(work.operation.rawValue)
    command[.rows] = rows(part)
    command[.columns] = columns(part)
    command[.k] = work.operation == .topK ? work.k : 0
    command[.epsilonBits] = Int(work.epsilon.bitPattern)
    if plan.parts > 1 {
      command[.pass] = part.pass + 1
      command[.begins] = part.part == 0 ? 1 : 0
      command[.ends] = part.part == plan.parts - 1 ? 1 : 0
    }
    emit(command.command)
  }
}

extension HostCommands {
  /// config_nl (Docs/NonlinearUnit.md).
  static func configNonlinear(
    operand: Int, at address: LocalAddress, blockStride: Int, isFloat: Bool = false,
    repeats: Bool = false, scale: Float
  ) -> Command {
    var command = ConfigNonlinear()
    command[.operand] = operand
    command[.address] = Int(address.bits)
    command[.blockStride] = blockStride
    command[.isFloat] = isFloat ? 1 : 0
    command[.repeats] = repeats ? 1 : 0
    command[.scaleBits] = Int(scale.bitPattern)
    return command.command
  }
}
