import SystolicCore

extension ExecuteController {
  /// Asks the banks for the next row of each operand, as far as they are free (facts 6.4,
  /// "per-row operand issue"), and ends the operation with its last row.
  ///
  /// - Returns: Whether anything moved.
  mutating func fetchRows(_ now: Cycle, scratchpad: inout [ScratchpadBankTiming]) -> Bool {
    guard var current = operation else { return false }
    guard controlQueue.canSend(now) else {
      activity = .meshFull
      return false
    }
    let bankA = bank(of: current.a)
    let bankB = bank(of: current.b)
    let bankD = bank(of: current.d)
    let allowsA =
      !isAhead(current.a, of: current.b, rows: current.rows)
      && !isAhead(current.a, of: current.d, rows: current.rows)
    let allowsB =
      !yields(current.b, bankB, to: current.a, bankA)
      && !isAhead(current.b, of: current.a, rows: current.rows)
      && !isAhead(current.b, of: current.d, rows: current.rows)
    let allowsD =
      !yields(current.d, bankD, to: current.a, bankA)
      && !yields(current.d, bankD, to: current.b, bankB)
      && !isAhead(current.d, of: current.a, rows: current.rows)
      && !isAhead(current.d, of: current.b, rows: current.rows)
    var entry = ControlEntry()
    entry.isFirst = !current.isStarted
    entry.rows = current.rows
    entry.tag = current.tag
    var isBlocked = false
    // Every read is judged by the banks as the cycle finds them.
    let readsA = current.a.isRowReal(dim: dim)
    let readsB = current.b.isRowReal(dim: dim)
    let readsD = current.d.isRowReal(dim: dim)
    if allowsA {
      entry.firesA = !readsA || scratchpad[bankA].canRead
      isBlocked = isBlocked || !entry.firesA
    }
    if allowsB {
      entry.firesB = !readsB || scratchpad[bankB].canRead
      isBlocked = isBlocked || !entry.firesB
    }
    if allowsD {
      entry.firesD = !readsD || scratchpad[bankD].canRead
      isBlocked = isBlocked || !entry.firesD
    }
    if allowsA, readsA { operandReads.a = row(of: current.a, isRead: entry.firesA) }
    if allowsB, readsB { operandReads.b = row(of: current.b, isRead: entry.firesB) }
    if allowsD, readsD { operandReads.d = row(of: current.d, isRead: entry.firesD) }
    if entry.firesA, readsA {
      entry.bankA = bankA
      scratchpad[bankA].read(for: .execute)
    }
    if entry.firesB, readsB {
      entry.bankB = bankB
      scratchpad[bankB].read(for: .execute)
    }
    if entry.firesD, readsD {
      entry.bankD = bankD
      scratchpad[bankD].read(for: .execute)
    }
    let ends =
      current.isStarted && isDone(current.a, fires: entry.firesA, rows: current.rows)
      && isDone(current.b, fires: entry.firesB, rows: current.rows)
      && isDone(current.d, fires: entry.firesD, rows: current.rows)
    controlQueue.send(entry)
    if entry.firesA { advance(&current.a, rows: current.rows) }
    if entry.firesB { advance(&current.b, rows: current.rows) }
    if entry.firesD { advance(&current.d, rows: current.rows) }
    activity =
      isBlocked
      ? .bankConflict
      : entry.firesA && entry.firesB && entry.firesD ? .busy : .operandConflict
    operation = current
    if ends { finish(current, now) }
    return true
  }

  private func bank(of operand: ArrayOperand) -> Int {
    operand.row(dim: dim, mask: Int(layout.dataMask)) / bankRows % machine.config.scratchpad.banks
  }

  private func row(of operand: ArrayOperand, isRead: Bool) -> OperandReads.Row {
    OperandReads.Row(
      row: operand.row(dim: dim, mask: Int(layout.dataMask)), isRead: isRead)
  }

  /// Whether `operand` would run more than one row ahead of `other`.
  private func isAhead(_ operand: ArrayOperand, of other: ArrayOperand, rows: Int) -> Bool {
    operand.isStarted && operand.counter == (other.counter + 1 == rows ? 0 : other.counter + 1)
  }

  /// Whether `operand` leaves its bank to one of higher priority this cycle.
  private func yields(
    _ operand: ArrayOperand, _ bank: Int, to other: ArrayOperand, _ otherBank: Int
  ) -> Bool {
    guard operand.isReal, other.isReal, operand.isStarted == other.isStarted,
      operand.counter == other.counter, operand.isAccumulator == other.isAccumulator
    else { return false }
    return operand.isAccumulator || bank == otherBank
  }

  private func isDone(_ operand: ArrayOperand, fires: Bool, rows: Int) -> Bool {
    operand.counter == 0 || (operand.counter == rows - 1 && fires)
  }

  private func advance(_ operand: inout ArrayOperand, rows: Int) {
    operand.counter = operand.counter + 1 == rows ? 0 : operand.counter + 1
    operand.isStarted = true
  }

  /// Takes the operation's commands away and notes which entries complete.
  private mutating func finish(_ ended: ExecuteOperation, _ now: Cycle) {
    operation = nil
    state = .waiting
    guard let first = queue.receive(now) else { return }
    switch ended.kind {
    case .singlePreload:
      pendingFirst = ended.tag.isGarbage ? first.entry : -1
    case .singleCompute:
      pendingFirst = first.entry
    case .overlapped:
      pendingFirst = first.entry
      if let second = queue.receive(now) {
        pendingSecond = ended.tag.isGarbage ? second.entry : -1
      }
    }
  }
}
