import SystolicCore

/// One operand of an operation of the array.
struct ArrayOperand: Sendable {
  /// Rows are fetched from a memory: the operand is fed and its address is not garbage.
  var isReal = false
  var isAccumulator = false
  /// Row number of the first row.
  var start = 0
  var stride = 1
  /// Rows that are not all zeros.
  var rows = 0
  var columns = 0
  /// Rows come last first, counted down from the array size.
  var isReversed = false

  // Progress: the next row to ask for, wrapping to 0 after the last.
  var counter = 0
  var isStarted = false

  /// Row number in its memory of the row that is next.
  @inline(__always)
  func row(dim: Int, mask: Int) -> Int {
    (start &+ (isReversed ? dim &- 1 &- counter : counter &* stride)) & mask
  }

  /// Whether the next row has to be read at all.
  @inline(__always)
  func isRowReal(dim: Int) -> Bool {
    isReal && (isReversed ? dim - 1 - counter : counter) < rows
  }
}

/// What the execute controller does for `rows` cycles or more: feed operands to the array.
struct ExecuteOperation: Sendable {
  enum Kind: UInt8, Sendable {
    case singlePreload, overlapped, singleCompute
  }

  var kind = Kind.singlePreload
  var a = ArrayOperand()
  var b = ArrayOperand()
  var d = ArrayOperand()
  var rows = 0
  var tag = MeshTag.garbage
  /// The operation exchanges the double-buffered registers.
  var propagates = false

  var isStarted: Bool { a.isStarted || b.isStarted || d.isStarted }
}

/// A request for the array whose first operands stand in the control queue.
struct PendingRequest: Sendable {
  var request: MeshRequest
  /// The operation exchanges the double-buffered registers.
  var propagates: Bool
}

/// One cycle's worth of operands on their way from the banks to the array (facts 6.4).
struct ControlEntry: Sendable {
  /// The operands that come with it.
  var fires: OperandSet = []
  /// Those of them that are read from a bank of the scratchpad.
  var reads: OperandSet = []
  /// Bank of each operand that is read.
  var bankA: UInt8 = 0
  var bankB: UInt8 = 0
  var bankD: UInt8 = 0
  /// No operand of the operation has been fed before.
  var isFirst = false

  /// The operands whose rows have not come out of their banks: `banks` have a row, a bit each.
  @inline(__always)
  func missing(from banks: UInt64) -> OperandSet {
    guard !reads.isEmpty else { return [] }
    var missing: OperandSet = []
    if reads.contains(.a), banks >> UInt64(bankA) & 1 == 0 { missing.insert(.a) }
    guard reads != .a else { return missing }
    if reads.contains(.b), banks >> UInt64(bankB) & 1 == 0 { missing.insert(.b) }
    if reads.contains(.d), banks >> UInt64(bankD) & 1 == 0 { missing.insert(.d) }
    return missing
  }

  /// Takes the rows of `operands`, those that were read.
  @inline(__always)
  func take(_ operands: OperandSet, _ scratchpad: inout ScratchpadPorts, _ now: Cycle) {
    let reads = reads.intersection(operands)
    if reads.isEmpty { return }
    if reads.contains(.a) { scratchpad.takeExecuteData(Int(bankA), now) }
    if reads.contains(.b) { scratchpad.takeExecuteData(Int(bankB), now) }
    if reads.contains(.d) { scratchpad.takeExecuteData(Int(bankD), now) }
  }
}

// MARK: State

extension ArrayOperand {
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isReal)
    codec.flag(&isAccumulator)
    if isReal { codec.row(&start, isAccumulator: isAccumulator) } else { codec.integer(&start) }
    codec.integer(&stride)
    codec.integer(&rows)
    codec.integer(&columns)
    codec.flag(&isReversed)
    codec.integer(&counter)
    codec.flag(&isStarted)
  }
}

extension ExecuteOperation {
  /// All but the kind, which outlives the operation.
  mutating func visit(_ codec: inout StateCodec) {
    a.visit(&codec)
    b.visit(&codec)
    d.visit(&codec)
    codec.integer(&rows)
    tag.visit(&codec)
    codec.flag(&propagates)
  }
}

extension PendingRequest {
  static let none = PendingRequest(request: .none, propagates: false)

  mutating func visit(_ codec: inout StateCodec) {
    request.visit(&codec)
    codec.flag(&propagates)
  }
}

extension ControlEntry {
  mutating func visit(_ codec: inout StateCodec) {
    codec.choice(&fires)
    codec.choice(&reads)
    if reads.contains(.a) { codec.bank(&bankA, isAccumulator: false) }
    if reads.contains(.b) { codec.bank(&bankB, isAccumulator: false) }
    if reads.contains(.d) { codec.bank(&bankD, isAccumulator: false) }
    codec.flag(&isFirst)
  }
}
