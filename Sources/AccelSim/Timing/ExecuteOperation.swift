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
  var firesA = false
  var firesB = false
  var firesD = false
  /// Scratchpad bank that the operand's row comes from, or -1.
  var bankA: Int8 = -1
  var bankB: Int8 = -1
  var bankD: Int8 = -1
  /// No operand of the operation has been fed before.
  var isFirst = false

  var firesAny: Bool { firesA || firesB || firesD }
}

/// Some of the three operands.
struct OperandSet: OptionSet, Sendable {
  var rawValue: UInt8

  static let a = OperandSet(rawValue: 1)
  static let b = OperandSet(rawValue: 2)
  static let d = OperandSet(rawValue: 4)

  /// The operands, each by itself, in the order of the hardware's ports.
  static let each: [OperandSet] = [.a, .b, .d]
}

extension OperandSet {
  init(a: Bool, b: Bool, d: Bool) {
    self.init(rawValue: (a ? 1 : 0) | (b ? 2 : 0) | (d ? 4 : 0))
  }
}

// MARK: State

extension ArrayOperand {
  mutating func visit(_ codec: inout StateCodec) {
    codec.flag(&isReal)
    codec.flag(&isAccumulator)
    codec.integer(&start)
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
    codec.flag(&firesA)
    codec.flag(&firesB)
    codec.flag(&firesD)
    codec.integer(&bankA)
    codec.integer(&bankB)
    codec.integer(&bankD)
    codec.flag(&isFirst)
  }
}
