import SystolicCore

/// An operand register of the nonlinear unit (config_nl).
struct NonlinearOperand: Equatable, Sendable {
  var address = LocalAddress.garbage
  var firstRow = 0
  var blockStride = 0
  var isPresent = false
  var isFloat = false
  var repeats = false
  var scale: Float = 1

  init() {}

  init(_ config: ConfigNonlinear, _ layout: LocalAddressLayout) {
    address = config.address
    firstRow = address.row(layout)
    blockStride = config.blockStride
    isPresent = !address.isGarbage(layout)
    isFloat = config.isFloat
    repeats = config.repeats
    scale = config.scale
  }

  var isAccumulator: Bool { address.isAccumulator }
  /// Whether its elements are integers: int8 in the scratchpad, int32 in the accumulator.
  var isInteger: Bool { isPresent && !(isAccumulator && isFloat) }

  /// The local row that holds a block of columns of a row.
  func row(block: Int, row: Int) -> Int { firstRow + block * blockStride + (repeats ? 0 : row) }

  /// Rows from the first to the last that so many rows and blocks touch.
  func span(rows: Int, blocks: Int) -> Int { (blocks - 1) * blockStride + (repeats ? 1 : rows) }
}

/// A command of the nonlinear unit with the operands that it found (nl_run).
struct NonlinearJob: Sendable {
  var entry = 0
  var operation = NonlinearOperation.convert
  var k = 0
  var rows = 1
  var columns = 1
  var blocks = 1
  var firstPass = 1
  var lastPass = 1
  /// Passes of the operation, of which this command may run one.
  var passes = 1
  /// The row ends with this command's columns.
  var ends = true
  var operands: InlineArray<4, NonlinearOperand> = InlineArray(repeating: NonlinearOperand())

  /// `nil` for a command that does nothing.
  init?(
    _ run: NonlinearRun, _ registers: [NonlinearOperand], _ entry: Int, _ machine: Machine
  ) {
    guard let operation = run.operation else { return nil }
    self.entry = entry
    self.operation = operation
    k = run.k
    rows = min(run.rows, machine.dim)
    columns = run.columns
    blocks = (columns + machine.dim - 1) / machine.dim
    passes = operation.passes(k: k)
    firstPass = run.pass == 0 ? 1 : run.pass
    lastPass = run.pass == 0 ? passes : run.pass
    ends = run.pass == 0 || run.ends
    for index in 0..<4 { operands[index] = registers[index] }
    guard rows > 0, columns > 0, lastPass <= passes else { return nil }
    let possible = operation.furtherOperands.upperBound
    for index in 1..<3 where index > possible { operands[index].isPresent = false }
  }

  /// Whether it has the pass that gives results.
  var givesResults: Bool { lastPass == passes }

  /// Integer elements that results are made of; once each, however many passes read them.
  var dequantisedElements: Int {
    guard givesResults else { return 0 }
    return (0..<3).reduce(0) { sum, index in
      let rows = operands[index].repeats ? 1 : rows
      return sum + (operands[index].isInteger ? rows * columns : 0)
    }
  }

  /// Results that become integers.
  var quantisedElements: Int {
    givesResults && operands[3].isInteger ? rows * columns : 0
  }

  /// Cycles for which the lanes are held by nothing but conversions: 0 in every operation that does
  /// something else besides, whose conversions are stages of its pipeline.
  func conversionCycles(lanes: Int, dim: Int) -> Int {
    guard operation == .convert else { return 0 }
    let last = ceilingDivide(elements(of: blocks - 1, dim: dim), lanes)
    return rows * ((blocks - 1) * (dim / lanes) + last)
  }

  /// Whether a row of operand `index` is taken for the elements at `position`.
  func needs(_ index: Int, _ position: NonlinearPosition) -> Bool {
    operands[index].isPresent && (!operands[index].repeats || position.row == 0)
  }

  /// Columns of a block.
  func elements(of block: Int, dim: Int) -> Int { min(dim, columns - block * dim) }

  func cost(_ costs: NonlinearCosts, pass: Int) -> NonlinearCosts.Pass {
    costs.pass(
      pass, of: operation, k: k,
      furtherOperands: (operands[1].isPresent ? 1 : 0) + (operands[2].isPresent ? 1 : 0))
  }
}

/// Where in a command: passes outermost, then blocks of columns, then rows, so that the elements
/// that add to the same columns are as far apart as there are rows.
struct NonlinearPosition: Equatable, Sendable {
  var pass = 1
  var block = 0
  var row = 0

  func isLast(of job: NonlinearJob) -> Bool {
    row == job.rows - 1 && block == job.blocks - 1 && pass == job.lastPass
  }

  mutating func advance(in job: NonlinearJob) {
    row += 1
    guard row == job.rows else { return }
    row = 0
    block += 1
    guard block == job.blocks else { return }
    block = 0
    pass += 1
  }
}

extension NonlinearCosts {
  /// The costs of a configuration.
  init(_ config: NonlinearConfig, width: Int) {
    self.init(
      arithmetic: config.arithmeticLatency, exponential: config.exponentialLatency,
      exponentialInterval: config.exponentialInterval, division: config.divisionLatency,
      divisionInterval: config.divisionInterval, root: config.rootLatency,
      rootInterval: config.rootInterval, width: width)
  }
}

// MARK: State

extension NonlinearOperand {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&address.bits)
    codec.integer(&firstRow)
    codec.integer(&blockStride)
    codec.flag(&isPresent)
    codec.flag(&isFloat)
    codec.flag(&repeats)
    var bits = scale.bitPattern
    codec.integer(&bits)
    scale = Float(bitPattern: bits)
  }
}

extension NonlinearJob {
  static let none = NonlinearJob()

  private init() {}

  mutating func visit(_ codec: inout StateCodec) {
    codec.entry(&entry, of: CommandClass.nonlinear.rawValue)
    codec.choice(&operation)
    codec.integer(&k)
    codec.integer(&rows)
    codec.integer(&columns)
    codec.integer(&blocks)
    codec.integer(&firstPass)
    codec.integer(&lastPass)
    codec.integer(&passes)
    codec.flag(&ends)
    for index in operands.indices { operands[index].visit(&codec) }
  }
}

extension NonlinearPosition {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&pass)
    codec.integer(&block)
    codec.integer(&row)
  }
}
