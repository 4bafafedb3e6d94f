import SystolicCore

extension ExecuteController {
  /// The row of the scratchpad that `operand`, one of the three, asked for in the last tick, and
  /// whether the bank gave it; for observers. `nil` if it asked for none.
  func askedRow(_ operand: OperandSet) -> (bank: Int, rowInBank: Int, isRead: Bool)? {
    guard rowsAsked.contains(operand) else { return nil }
    var asked =
      operand == .a ? operation.a : operand == .b ? operation.b : operation.d
    let isRead = rowsFetched.contains(operand)
    // The operand already stands at the row behind.
    if isRead { asked.counter = (asked.counter + operation.rows - 1) % operation.rows }
    let row = asked.row(dim: dim, mask: rowNumberMask)
    let bankRows = machine.scratchpadBankRows
    return (row / bankRows % machine.config.scratchpad.banks, row % bankRows, isRead)
  }

  /// Asks the banks for the next row of each operand, as far as they are free (facts 6.4,
  /// "per-row operand issue"), and ends the operation with its last row.
  ///
  /// - Returns: Whether anything moved.
  mutating func fetchRows(_ now: Cycle, scratchpad: inout ScratchpadPorts) -> Bool {
    guard controlQueue.canSend(now) else {
      activity = .meshFull
      return false
    }
    if readsOnlyAInStep {
      fetchRowOfA(now, scratchpad: &scratchpad)
      return true
    }
    let bankA = bank(of: operation.a)
    let bankB = bank(of: operation.b)
    let bankD = bank(of: operation.d)
    let allowsA =
      !isAhead(operation.a, of: operation.b, rows: operation.rows)
      && !isAhead(operation.a, of: operation.d, rows: operation.rows)
    let allowsB =
      !yields(operation.b, bankB, to: operation.a, bankA)
      && !isAhead(operation.b, of: operation.a, rows: operation.rows)
      && !isAhead(operation.b, of: operation.d, rows: operation.rows)
    let allowsD =
      !yields(operation.d, bankD, to: operation.a, bankA)
      && !yields(operation.d, bankD, to: operation.b, bankB)
      && !isAhead(operation.d, of: operation.a, rows: operation.rows)
      && !isAhead(operation.d, of: operation.b, rows: operation.rows)
    var entry = ControlEntry()
    entry.isFirst = !operation.isStarted
    var isBlocked = false
    // Every read is judged by the banks as the cycle finds them.
    let readsA = operation.a.isRowReal(dim: dim)
    let readsB = operation.b.isRowReal(dim: dim)
    let readsD = operation.d.isRowReal(dim: dim)
    if allowsA {
      entry.firesA = !readsA || scratchpad.canRead(bankA)
      isBlocked = isBlocked || !entry.firesA
    }
    if allowsB {
      entry.firesB = !readsB || scratchpad.canRead(bankB)
      isBlocked = isBlocked || !entry.firesB
    }
    if allowsD {
      entry.firesD = !readsD || scratchpad.canRead(bankD)
      isBlocked = isBlocked || !entry.firesD
    }
    rowsAsked = OperandSet(
      a: allowsA && readsA, b: allowsB && readsB, d: allowsD && readsD)
    rowsFetched = OperandSet(a: entry.firesA, b: entry.firesB, d: entry.firesD)
    if entry.firesA, readsA {
      entry.bankA = Int8(truncatingIfNeeded: bankA)
      scratchpad.read(bankA, for: .execute)
    }
    if entry.firesB, readsB {
      entry.bankB = Int8(truncatingIfNeeded: bankB)
      scratchpad.read(bankB, for: .execute)
    }
    if entry.firesD, readsD {
      entry.bankD = Int8(truncatingIfNeeded: bankD)
      scratchpad.read(bankD, for: .execute)
    }
    let ends =
      operation.isStarted && isDone(operation.a, fires: entry.firesA, rows: operation.rows)
      && isDone(operation.b, fires: entry.firesB, rows: operation.rows)
      && isDone(operation.d, fires: entry.firesD, rows: operation.rows)
    controlQueue.send(entry)
    if entry.isFirst, entry.firesAny { sendRequest() }
    if entry.firesA { advance(&operation.a, rows: operation.rows) }
    if entry.firesB { advance(&operation.b, rows: operation.rows) }
    if entry.firesD { advance(&operation.d, rows: operation.rows) }
    activity =
      isBlocked
      ? .bankConflict
      : entry.firesA && entry.firesB && entry.firesD ? .busy : .operandConflict
    if ends { finish(now) }
    return true
  }

  /// Only A comes from memory, and all three operands stand at the same row: the usual case while
  /// weights stay.
  @inline(__always)
  private var readsOnlyAInStep: Bool {
    let a = operation.a.counter
    let started = operation.a.isStarted
    return !operation.b.isReal && !operation.d.isReal && operation.rows > 1
      && operation.b.counter == a && operation.d.counter == a
      && operation.b.isStarted == started && operation.d.isStarted == started
  }

  /// `fetchRows` where `readsOnlyAInStep` holds: of several rows nobody is ahead of another at the
  /// same one, and nobody yields to operands that are not read, so only A's bank can refuse.
  @inline(__always)
  private mutating func fetchRowOfA(_ now: Cycle, scratchpad: inout ScratchpadPorts) {
    let counter = operation.a.counter
    let isStarted = operation.a.isStarted
    let next = counter + 1 == operation.rows ? 0 : counter + 1
    var entry = ControlEntry()
    entry.isFirst = !isStarted
    entry.firesA = true
    entry.firesB = true
    entry.firesD = true
    let reads = operation.a.isRowReal(dim: dim)
    if reads {
      let bank = bank(of: operation.a)
      if scratchpad.canRead(bank) {
        entry.bankA = Int8(truncatingIfNeeded: bank)
        scratchpad.read(bank, for: .execute)
      } else {
        entry.firesA = false
      }
    }
    rowsAsked = OperandSet(a: reads, b: false, d: false)
    rowsFetched = OperandSet(a: entry.firesA, b: true, d: true)
    controlQueue.send(entry)
    if entry.isFirst { sendRequest() }
    if entry.firesA {
      operation.a.counter = next
      operation.a.isStarted = true
    }
    operation.b.counter = next
    operation.b.isStarted = true
    operation.d.counter = next
    operation.d.isStarted = true
    activity = entry.firesA ? .busy : .bankConflict
    if isStarted, counter == 0 || (next == 0 && entry.firesA) { finish(now) }
  }

  private mutating func sendRequest() {
    requests.send(
      PendingRequest(
        request: MeshRequest(
          tag: operation.tag, rows: operation.rows, flush: 0,
          isOutputStationary: isOutputStationary),
        propagates: operation.propagates))
  }

  @inline(__always)
  private func bank(of operand: ArrayOperand) -> Int {
    operand.row(dim: dim, mask: rowNumberMask) &>> bankShift & bankMask
  }

  /// Whether `operand` would run more than one row ahead of `other`.
  @inline(__always)
  private func isAhead(_ operand: ArrayOperand, of other: ArrayOperand, rows: Int) -> Bool {
    operand.isStarted && operand.counter == (other.counter + 1 == rows ? 0 : other.counter + 1)
  }

  /// Whether `operand` leaves its bank to one of higher priority this cycle.
  @inline(__always)
  private func yields(
    _ operand: ArrayOperand, _ bank: Int, to other: ArrayOperand, _ otherBank: Int
  ) -> Bool {
    guard operand.isReal, other.isReal, operand.isStarted == other.isStarted,
      operand.counter == other.counter, operand.isAccumulator == other.isAccumulator
    else { return false }
    return operand.isAccumulator || bank == otherBank
  }

  @inline(__always)
  private func isDone(_ operand: ArrayOperand, fires: Bool, rows: Int) -> Bool {
    operand.counter == 0 || (operand.counter == rows - 1 && fires)
  }

  @inline(__always)
  private func advance(_ operand: inout ArrayOperand, rows: Int) {
    operand.counter = operand.counter + 1 == rows ? 0 : operand.counter + 1
    operand.isStarted = true
  }

  /// Takes the operation's commands away and notes which entries complete.
  private mutating func finish(_ now: Cycle) {
    isOperating = false
    state = .waiting
    if isOutputStationary, operation.kind != .singleCompute {
      watch.flushPropagates = !operation.tag.isGarbage
    }
    guard let first = queue.receive(now) else { return }
    switch operation.kind {
    case .singlePreload:
      pendingFirst = operation.tag.isGarbage ? first.entry : -1
    case .singleCompute:
      pendingFirst = first.entry
    case .overlapped:
      pendingFirst = first.entry
      if let second = queue.receive(now) {
        pendingSecond = operation.tag.isGarbage ? second.entry : -1
      }
    }
  }
}
