import SystolicCore

/// A tensor operation that is no matmul: x and what goes with it in main memory, int8 results.
public struct NonlinearWork: Equatable, Sendable {
  /// What is computed; `.convert` only requantises.
  public var operation: NonlinearOperation
  /// Rows of x and of the result; softmax, norms and top-k take each by itself.
  public var rows: Int
  /// Elements of a row.
  public var columns: Int
  /// x is int32, as sums leave the array, or int8. The second operand is int8 always.
  public var inputIsWide: Bool
  /// What a 1 of x stands for.
  public var inputScale: Float = 0.05
  /// What a 1 of the second operand stands for.
  public var secondScale: Float = 0.05
  /// What a 1 of the result stands for.
  public var outputScale: Float = 1.0 / 127
  /// A norm multiplies by a row of FP32 factors.
  public var hasGain = false
  /// A norm adds a row of FP32 summands.
  public var hasBias = false
  /// Elements of a row that top-k keeps.
  public var k = 8
  /// Rows of each matrix of a causal softmax, as `HostWork` has it; the units see whole rows.
  public var causalRows: Int?
  /// Added to the variance of a norm.
  public var epsilon: Float = 1e-5

  public init(_ operation: NonlinearOperation, rows: Int, columns: Int) {
    self.operation = operation
    self.rows = rows
    self.columns = columns
    switch operation {
    case .add, .multiply, .gatedSilu: inputIsWide = false
    default: inputIsWide = true
    }
  }

  /// Whether there is a second tensor of the size of x.
  public var hasSecond: Bool { operation.furtherOperands.lowerBound > 0 }
  /// Elements of x.
  public var elements: Int { rows * columns }
}

/// Where the tensors of an operation stand in main memory, dense, row after row.
public struct NonlinearAddresses: Equatable, Sendable {
  /// First byte of x: int32, or int8 without `inputIsWide`.
  public var x: UInt64
  /// First byte of the second tensor, int8.
  public var y: UInt64
  /// FP32 factors of a norm.
  public var gain: UInt64
  /// FP32 summands of a norm.
  public var bias: UInt64
  /// First byte of the int8 results.
  public var output: UInt64

  /// Where the caller has them; what is absent may be anything.
  public init(x: UInt64, y: UInt64, gain: UInt64, bias: UInt64, output: UInt64) {
    self.x = x
    self.y = y
    self.gain = gain
    self.bias = bias
    self.output = output
  }

  /// One after the other from `base`, each aligned to 64 bytes; what is absent takes no room.
  public init(_ work: NonlinearWork, base: UInt64 = 0x8000_0000) {
    var cursor = AddressCursor(from: base)
    x = cursor.place(work.elements * (work.inputIsWide ? 4 : 1))
    y = cursor.place(work.hasSecond ? work.elements : 0)
    gain = cursor.place(work.hasGain ? 4 * work.columns : 0)
    bias = cursor.place(work.hasBias ? 4 * work.columns : 0)
    output = cursor.place(work.elements)
  }

  /// Checks that every tensor of `work` is in main memory.
  ///
  /// - Throws: `LoweringError`.
  func check(_ work: NonlinearWork) throws(LoweringError) {
    for (name, address, bytes) in [
      ("x", x, work.elements * (work.inputIsWide ? 4 : 1)),
      ("the second operand", y, work.hasSecond ? work.elements : 0),
      ("the gain", gain, work.hasGain ? 4 * work.columns : 0),
      ("the bias", bias, work.hasBias ? 4 * work.columns : 0),
      ("the result", output, work.elements),
    ] where bytes > 0 && !MainMemoryData.contains(address, count: bytes) {
      throw LoweringError(
        "\(work.operation) of \(work.rows)x\(work.columns): \(name) does not fit main memory, "
          + "\(bytes) bytes at \(NumberText.hexadecimal(address))")
    }
  }
}

extension NonlinearWork {
  /// Checks what no machine and no placement can do.
  ///
  /// - Throws: `LoweringError`.
  func check() throws(LoweringError) {
    guard (1...1 << 24).contains(rows), (1...1 << 24).contains(columns) else {
      throw LoweringError("\(operation) of \(rows)x\(columns); each size must be 1...\(1 << 24)")
    }
    if operation == .topK, !(1...254).contains(k) {
      throw LoweringError("top-k keeps 1...254 elements, is \(k)")
    }
    guard !hasGain || operation == .layerNorm || operation == .rmsNorm else {
      throw LoweringError("\(operation) has no gain")
    }
    guard !hasBias || operation == .layerNorm else {
      throw LoweringError("\(operation) has no bias")
    }
  }
}

/// An operation on the floating-point unit with everything decided: how many rows and columns are
/// in local memory at a time, and where.
///
/// Two buffers of everything, so that one part is worked on while the next one comes. Rows that do
/// not fit are brought again for every pass, part by part.
public struct NonlinearPlan: Equatable, Sendable, CustomStringConvertible {
  /// What is computed.
  public let work: NonlinearWork
  /// Where the tensors are in main memory: the caller's, else one after the other.
  public let addresses: NonlinearAddresses
  /// Rows of a strip, at most the array's width.
  public let stripRows: Int
  /// Blocks of the array's width in a part of a row.
  public let partBlocks: Int
  /// Parts of a row; more than one are read once a pass.
  public let parts: Int
  /// Whether operands are taken to be in local memory, and results left there.
  public let isOnChip: Bool
  let machine: Machine

  /// - Throws: `LoweringError` naming what does not fit.
  public init(
    _ work: NonlinearWork, on machine: Machine, addresses: NonlinearAddresses? = nil,
    isOnChip: Bool = false
  ) throws(LoweringError) {
    let config = machine.config
    guard config.features.nonlinearUnit else {
      throw LoweringError(
        "\(config.name) has no floating-point unit: features.nonlinearUnit is false")
    }
    try work.check()
    self.work = work
    self.machine = machine
    self.isOnChip = isOnChip
    self.addresses = addresses ?? NonlinearAddresses(work)
    if !isOnChip { try self.addresses.check(work) }
    let blocks = ceilingDivide(work.columns, machine.dim)
    var rows = machine.dim
    while rows > 1, blocks > Self.mostBlocks(work, rows: rows, machine) { rows /= 2 }
    if blocks <= Self.mostBlocks(work, rows: rows, machine) {
      stripRows = rows
      partBlocks = blocks
      parts = 1
    } else {
      // As many rows as leave room for a block.
      rows = machine.dim
      while Self.mostBlocks(work, rows: rows, machine) == 0 { rows /= 2 }
      stripRows = rows
      partBlocks = Self.mostBlocks(work, rows: rows, machine)
      parts = ceilingDivide(blocks, partBlocks)
    }
  }

  /// Blocks of so many rows that a buffer holds: half the accumulator or a quarter of the
  /// scratchpad, of which a second operand takes half and a norm's vectors a row a block.
  private static func mostBlocks(_ work: NonlinearWork, rows: Int, _ machine: Machine) -> Int {
    let half = machine.accumulatorRows / 2
    let quarter = machine.scratchpadRows / 4
    let hasVectors = work.hasGain || work.hasBias
    // A command counts 16 bits of columns.
    var most = min(0xFFFF / machine.dim, quarter / rows)
    if work.inputIsWide {
      most = min(most, half / (rows + (hasVectors ? 1 : 0)))
    } else if work.hasSecond {
      most = min(most, quarter / 2 / rows)
    }
    return hasVectors ? min(most, half) : most
  }

  /// How the tensor is cut, in a line.
  public var description: String {
    "strips of \(stripRows) rows, "
      + (parts == 1
        ? "whole rows on chip"
        : "rows in \(parts) parts of \(partBlocks * machine.dim), read once a pass")
  }

  /// Strips of rows.
  var strips: Int { ceilingDivide(work.rows, stripRows) }
  /// Passes that are commands of their own.
  var passes: Int { parts == 1 ? 1 : work.operation.passes(k: work.k) }
}
