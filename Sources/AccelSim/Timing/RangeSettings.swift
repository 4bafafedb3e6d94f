import SystolicCore

/// The reservation station's own copies of what configs set, and the rows that a command touches
/// under them (facts 5.5, table "operand ranges").
struct RangeSettings: Sendable {
  private var aStride = 0
  private var cStride = 0
  private var transposesA = false
  private var blockStrides = [0, 0, 0]
  private var pixelRepeats = [1, 1, 1]
  private var isPooling = false
  private var operands = [NonlinearOperand](repeating: NonlinearOperand(), count: 4)

  /// Takes over what a config command sets, when it is allocated.
  mutating func update(_ command: Command, _ kind: CommandClass, _ machine: Machine) {
    if command.function == .configNonlinear {
      let config = ConfigNonlinear(command)
      operands[config.operand] = NonlinearOperand(config, machine.layout)
    }
    guard command.funct == Function.config.rawValue else { return }
    switch kind {
    case .execute:
      let config = ConfigExecute(command)
      aStride = config.aStride & machine.strideMask
      cStride = config.cStride & machine.strideMask
      if !config.setOnlyStrides { transposesA = config.aTranspose }
    case .load:
      let config = ConfigLoad(command)
      let id = min(config.state, 2)
      blockStrides[id] = config.blockStride & machine.strideMask
      pixelRepeats[id] = max(1, config.pixelRepeats & machine.pixelRepeatMask)
    case .store:
      if command.rs1 & 3 == 2 { isPooling = ConfigStore(command).poolStride != 0 }
    case .nonlinear: break
    }
  }

  /// An entry with the ranges of `command`.
  func describe(_ command: Command, _ kind: CommandClass, _ machine: Machine)
    -> ReservationStation.Entry
  {
    var entry = ReservationStation.Entry()
    let layout = machine.layout
    if kind == .nonlinear {
      describeNonlinear(command, &entry, machine)
      return entry
    }
    if command.funct == Function.config.rawValue {
      entry.isConfig = true
      entry.completesOnIssue = kind != .execute
      return entry
    }
    let one = LocalOperand(command.rs1)
    let two = LocalOperand(command.rs2)
    switch command.function {
    case .mvin, .mvin2, .mvin3:
      entry.firstIsWritten = true
      entry.first = moveInRange(command, two, machine)
    case .preload:
      entry.firstIsWritten = true
      entry.first = RowRange(
        two.address, count: (two.rows & machine.rowMask) * cStride, layout)
      entry.second = RowRange(one.address, count: one.rows & machine.rowMask, layout)
    case .computePreloaded, .computeAccumulated:
      let rows = (transposesA ? one.columns : one.rows) & machine.rowMask
      entry.first = RowRange(one.address, count: rows * aStride, layout)
      entry.second = RowRange(two.address, count: two.rows & machine.rowMask, layout)
    case .mvout:
      entry.first = moveOutRange(two, machine)
      entry.second = entry.first
    case .mvoutSpad:
      entry.firstIsWritten = true
      entry.first = RowRange(
        LocalAddress(bits: UInt32(truncatingIfNeeded: command.rs1)),
        count: two.rows & machine.rowMask, layout)
      entry.second = moveOutRange(two, machine)
    default: break
    }
    return entry
  }

  /// Whether the rows of a command of this kind are others in the other half of a memory: those of repeated
  /// pixels end at its floor, those of a pooling store at the end of a bank.
  func tellsHalvesApart(_ kind: CommandClass, _ machine: Machine) -> Bool {
    switch kind {
    case .load: machine.config.features.firstLayerOptimizations && pixelRepeats.contains { $0 > 1 }
    case .store: isPooling && machine.config.accumulator.banks == 1
    case .execute, .nonlinear: false
    }
  }

  /// What the nonlinear unit writes, then what it reads.
  private func describeNonlinear(
    _ command: Command, _ entry: inout ReservationStation.Entry, _ machine: Machine
  ) {
    guard command.function == .nonlinear else {
      entry.isConfig = true
      entry.completesOnIssue = true
      return
    }
    guard let job = NonlinearJob(NonlinearRun(command), operands, 0, machine) else { return }
    func range(_ index: Int) -> RowRange? {
      let operand = job.operands[index]
      guard operand.isPresent else { return nil }
      return RowRange(
        operand.address, count: operand.span(rows: job.rows, blocks: job.blocks), machine.layout)
    }
    entry.firstIsWritten = true
    entry.second = range(0)
    guard job.givesResults else { return }
    entry.first = range(3)
    entry.third = range(1)
    entry.fourth = range(2)
  }

  private func moveInRange(_ command: Command, _ operand: LocalOperand, _ machine: Machine)
    -> RowRange?
  {
    let id = LoadController.stateID(command)
    let columns = operand.columns & machine.moveInColumnMask
    let blocks = (columns + machine.dim - 1) / machine.dim
    let count = (blocks - 1) * blockStrides[id] + (operand.rows & machine.rowMask)
    var address = operand.address
    if !address.isAccumulator, machine.config.features.firstLayerOptimizations {
      let lowered = pixelRepeats[id] - 1
      let row = address.row(machine.layout)
      let half = machine.scratchpadRows / 2
      let floor = row > half ? half : 0
      address = address.advanced(by: max(row - lowered, floor) - row, machine.layout)
    }
    return RowRange(address, count: count, machine.layout)
  }

  private func moveOutRange(_ operand: LocalOperand, _ machine: Machine) -> RowRange? {
    if isPooling {
      return RowRange(
        toEndOfBank: operand.address, bankRows: machine.accumulatorBankRows,
        banks: machine.config.accumulator.banks, machine.layout)
    }
    let columns = operand.columns & machine.moveInColumnMask
    let blocks = (columns + machine.dim - 1) / machine.dim
    let count = (blocks - 1) * machine.dim + (operand.rows & machine.rowMask)
    return RowRange(operand.address, count: count, machine.layout)
  }
}

// MARK: State

extension RangeSettings {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&aStride)
    codec.integer(&cStride)
    codec.flag(&transposesA)
    for id in blockStrides.indices {
      codec.integer(&blockStrides[id])
      codec.integer(&pixelRepeats[id])
    }
    codec.flag(&isPooling)
    for index in operands.indices { operands[index].visit(&codec) }
  }
}
