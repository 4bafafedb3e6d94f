import Glibc
import SystolicCore

/// One tensor operation that the host computes in main memory, row by row, in FP32.
///
/// Integer inputs are dequantised on the way in and integer results quantised on the way out; each
/// such element is a conversion. A row is read whole before its result is written, so the output
/// may be an input's own place.
public struct HostWork: Equatable, Sendable {
  /// What the host computes; it has no cost for top-k. `.convert` is nothing but the conversions
  /// that the types ask for.
  public var operation: NonlinearOperation
  /// Rows of x and of the result; softmax and norms take each by itself.
  public var rows: Int
  /// Elements of a row.
  public var columns: Int
  /// Operand x.
  public var input: HostTensor
  /// Operand y: the other summand, the other factor, or a norm's gain; `nil` for none.
  public var second: HostTensor?
  /// Operand z: the bias of a layer norm; `nil` for none.
  public var third: HostTensor?
  /// Where the result goes, and as which type.
  public var output: HostTensor
  /// What a norm adds to the variance.
  public var epsilon: Float = 1e-5
  /// Rows of each matrix of a causal softmax: row r of as many sees the columns up to
  /// columns - rows + r, and is 0 behind them. `nil` for whole rows. Costs are those of whole rows.
  public var causalRows: Int?
  /// Turns the rows of x, at the cost of `.multiply`, which needs no second operand then.
  public var rotation: HostRotation?

  public init(
    _ operation: NonlinearOperation, rows: Int, columns: Int, input: HostTensor,
    second: HostTensor? = nil, third: HostTensor? = nil, output: HostTensor
  ) {
    self.operation = operation
    self.rows = rows
    self.columns = columns
    self.input = input
    self.second = second
    self.third = third
    self.output = output
  }

  /// Elements of the result.
  public var elements: Int { rows * columns }

  /// Columns that row number `row` of a causal softmax sees; otherwise all.
  func visibleColumns(_ row: Int) -> Int {
    causalRows.map { columns - $0 + row % $0 + 1 } ?? columns
  }

  /// Elements that are dequantised: those of integer inputs, once each; of a repeated row, the row.
  public var dequantisedElements: Int {
    [input, second, third].reduce(0) { sum, tensor in
      guard let tensor, tensor.type.isInteger else { return sum }
      return sum + (tensor.stride == 0 ? columns : elements)
    }
  }

  /// Elements that are quantised: those of an integer result.
  public var quantisedElements: Int { output.type.isInteger ? elements : 0 }
}

/// Rotary position embedding: in each head, elements 2i and 2i + 1 are a point that turns by
/// position / base^(2i / width).
public struct HostRotation: Equatable, Sendable {
  /// Slices of a row, each turned by itself.
  public var heads: Int
  /// Rows of an item, whose positions follow each other.
  public var rows: Int
  /// Position of an item's first row.
  public var position: Int
  /// Base of the angles, above 0; 10,000 if a workload does not say otherwise.
  public var base: Float

  public init(heads: Int, rows: Int, position: Int, base: Float) {
    self.heads = heads
    self.rows = rows
    self.position = position
    self.base = base
  }

  /// Row number `row` with its points turned, in FP32.
  func turned(_ x: [Float], row: Int) -> [Float] {
    let width = x.count / heads
    let place = Double(position + row % rows)
    var result = x
    for first in stride(from: 0, to: x.count, by: 2) {
      let share = Double(first % width) / Double(width)
      let angle = place * exp(-share * log(Double(base)))
      let (c, s) = (Float(cos(angle)), Float(sin(angle)))
      result[first] = x[first] * c - x[first + 1] * s
      result[first + 1] = x[first] * s + x[first + 1] * c
    }
    return result
  }
}

/// Where a matrix lies in main memory, and what its bytes mean.
public struct HostTensor: Equatable, Sendable {
  /// Type of an element in memory, little-endian.
  public enum ElementType: String, CaseIterable, Sendable {
    /// A signed byte: value q · scale.
    case int8
    /// Four bytes, signed: value q · scale.
    case int32
    /// Four bytes, IEEE 754: the value itself.
    case fp32

    /// Bytes of an element.
    public var bytes: Int { self == .int8 ? 1 : 4 }
    /// Whether values are whole numbers of a scale.
    public var isInteger: Bool { self != .fp32 }
  }

  /// First byte, of any alignment.
  public var address: UInt64
  /// Type of all its elements.
  public var type: ElementType
  /// What an integer counts: the value is q · scale. No meaning for FP32.
  public var scale: Float
  /// Bytes from a row to the next; inputs may repeat a row with 0.
  public var stride: Int

  public init(address: UInt64, type: ElementType, scale: Float = 1, stride: Int) {
    self.address = address
    self.type = type
    self.scale = scale
    self.stride = stride
  }
}

extension HostWork {
  /// Judges whether the host can do this, whatever is in memory.
  ///
  /// - Throws: `ProgramError`.
  func check() throws(ProgramError) {
    let limit = Int(MainMemoryData.end - MainMemoryData.base)
    guard (1...limit).contains(rows), (1...limit).contains(columns) else {
      throw invalid("\(rows) rows and \(columns) columns", "1...\(limit) of each")
    }
    guard operation != .topK else {
      throw ProgramError.invalidHostWork("no cost for topK on the host")
    }
    let further = operation.furtherOperands
    if let rotation {
      guard operation == .multiply, second == nil, rotation.heads > 0, rotation.rows > 0,
        columns % rotation.heads == 0, columns / rotation.heads % 2 == 0, rotation.base > 0,
        rotation.base.isFinite, rotation.position >= 0, rotation.position <= 1 << 31
      else {
        throw invalid(
          "\(rotation.heads) heads in \(columns) columns", "heads of an even width, a base above 0")
      }
    }
    if let causalRows {
      guard operation == .softmax || operation == .softmaxOnline, causalRows > 0,
        rows % causalRows == 0, causalRows <= columns
      else {
        throw invalid(
          "causal matrices of \(causalRows) rows in \(rows)x\(columns)",
          "softmax, and no more rows than columns")
      }
    }
    guard second != nil || further.lowerBound == 0 || rotation != nil else {
      throw invalid("one operand", "two")
    }
    guard second == nil || further.upperBound > 0 else {
      throw invalid("a second operand", "none")
    }
    guard third == nil || further.upperBound > 1 else {
      throw invalid("a third operand", "none")
    }
    guard operation != .convert || input.type.isInteger || output.type.isInteger else {
      throw invalid("FP32 to FP32", "an integer type on one side")
    }
    guard epsilon.isFinite, epsilon >= 0 else {
      throw invalid("an epsilon of \(epsilon)", "a number of at least 0")
    }
    try check(input, "input", leastStride: 0)
    if let second { try check(second, "second operand", leastStride: 0) }
    if let third { try check(third, "third operand", leastStride: 0) }
    try check(output, "output", leastStride: rows == 1 ? 0 : columns * output.type.bytes)
  }

  private func check(
    _ tensor: HostTensor, _ name: String, leastStride: Int
  ) throws(ProgramError) {
    let limit = Int(MainMemoryData.end - MainMemoryData.base)
    guard leastStride <= limit, (leastStride...limit).contains(tensor.stride) else {
      throw invalid("\(name) rows \(tensor.stride) bytes apart", "\(leastStride)...\(limit)")
    }
    guard !tensor.type.isInteger || tensor.scale > 0 && tensor.scale.isNormal else {
      throw invalid("an \(name) scale of \(tensor.scale)", "a normal number above 0")
    }
    let count = (rows - 1) * tensor.stride + columns * tensor.type.bytes
    guard MainMemoryData.contains(tensor.address, count: count) else {
      throw ProgramError.noMemory(address: tensor.address, count: count)
    }
  }

  private func invalid(_ found: String, _ expected: String) -> ProgramError {
    .invalidHostWork("host \(operation): \(found), expected \(expected)")
  }
}
