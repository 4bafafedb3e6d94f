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
    if !isInStep || !fetchRowInStep(now, scratchpad: &scratchpad) {
      fetchRowsOfAll(now, scratchpad: &scratchpad)
    }
    return true
  }

  private mutating func fetchRowsOfAll(_ now: Cycle, scratchpad: inout ScratchpadPorts) {
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
    var fires: OperandSet = []
    let isFirst = !operation.isStarted
    var isBlocked = false
    // Every read is judged by the banks as the cycle finds them.
    let readsA = operation.a.isRowReal(dim: dim)
    let readsB = operation.b.isRowReal(dim: dim)
    let readsD = operation.d.isRowReal(dim: dim)
    if allowsA {
      if !readsA || scratchpad.canRead(bankA) { fires.insert(.a) } else { isBlocked = true }
    }
    if allowsB {
      if !readsB || scratchpad.canRead(bankB) { fires.insert(.b) } else { isBlocked = true }
    }
    if allowsD {
      if !readsD || scratchpad.canRead(bankD) { fires.insert(.d) } else { isBlocked = true }
    }
    rowsAsked = OperandSet(
      a: allowsA && readsA, b: allowsB && readsB, d: allowsD && readsD)
    rowsFetched = fires
    let reads = fires.intersection(rowsAsked)
    if reads.contains(.a) { scratchpad.read(bankA, for: .execute) }
    if reads.contains(.b) { scratchpad.read(bankB, for: .execute) }
    if reads.contains(.d) { scratchpad.read(bankD, for: .execute) }
    let ends =
      operation.isStarted && isDone(operation.a, fires: fires.contains(.a), rows: operation.rows)
      && isDone(operation.b, fires: fires.contains(.b), rows: operation.rows)
      && isDone(operation.d, fires: fires.contains(.d), rows: operation.rows)
    controlQueue.send(
      ControlEntry(
        fires: fires, reads: reads, bankA: UInt8(truncatingIfNeeded: bankA),
        bankB: UInt8(truncatingIfNeeded: bankB), bankD: UInt8(truncatingIfNeeded: bankD),
        isFirst: isFirst))
    if isFirst, !fires.isEmpty { sendRequest() }
    if fires.contains(.a) { advance(&operation.a, rows: operation.rows) }
    if fires.contains(.b) { advance(&operation.b, rows: operation.rows) }
    if fires.contains(.d) { advance(&operation.d, rows: operation.rows) }
    activity = isBlocked ? .bankConflict : fires == .all ? .busy : .operandConflict
    if ends { finish(now) }
  }

  /// B does not come from memory, and all three operands stand at the same row: the usual case while
  /// weights stay.
  @inline(__always)
  private var isInStep: Bool {
    let a = operation.a.counter
    let isStarted = operation.a.isStarted
    return !operation.b.isReal && operation.rows > 1
      && operation.b.counter == a && operation.d.counter == a
      && operation.b.isStarted == isStarted && operation.d.isStarted == isStarted
  }

  /// `fetchRowsOfAll` where `isInStep` holds: of several rows nobody is ahead of another at the same
  /// one, so only the banks can refuse, as long as A and D do not want the same.
  ///
  /// - Returns: Whether they do not; else nothing is done.
  @inline(__always)
  private mutating func fetchRowInStep(_ now: Cycle, scratchpad: inout ScratchpadPorts) -> Bool {
    let bankA = bank(of: operation.a)
    let bankD = bank(of: operation.d)
    if operation.d.isReal, operation.a.isReal,
      bankA == bankD || operation.a.isAccumulator || operation.d.isAccumulator
    {
      return false
    }
    let counter = operation.a.counter
    let isStarted = operation.a.isStarted
    let next = counter &+ 1 == operation.rows ? 0 : counter &+ 1
    var fires = OperandSet.all
    var asked: OperandSet = []
    if operation.a.isRowReal(dim: dim) {
      asked.insert(.a)
      if scratchpad.canRead(bankA) {
        scratchpad.read(bankA, for: .execute)
      } else {
        fires.remove(.a)
      }
    }
    if operation.d.isRowReal(dim: dim) {
      asked.insert(.d)
      if scratchpad.canRead(bankD) {
        scratchpad.read(bankD, for: .execute)
      } else {
        fires.remove(.d)
      }
    }
    rowsAsked = asked
    rowsFetched = fires
    controlQueue.send(
      ControlEntry(
        fires: fires, reads: asked.intersection(fires), bankA: UInt8(truncatingIfNeeded: bankA),
        bankD: UInt8(truncatingIfNeeded: bankD), isFirst: !isStarted))
    if !isStarted { sendRequest() }
    if fires.contains(.a) {
      operation.a.counter = next
      operation.a.isStarted = true
    }
    operation.b.counter = next
    operation.b.isStarted = true
    if fires.contains(.d) {
      operation.d.counter = next
      operation.d.isStarted = true
    }
    activity = fires == .all ? .busy : .bankConflict
    if isStarted, counter == 0 || (next == 0 && fires == .all) { finish(now) }
    return true
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
