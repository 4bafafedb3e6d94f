import SystolicCore

/// One tensor operation that the host computes in main memory, row by row, in FP32.
///
/// Integer inputs are dequantised on the way in and integer results quantised on the way out; each
/// such element is a conversion. A row is read whole before its result is written, so the output
/// may be an input's own place.
public struct HostWork: Equatable, Sendable {
  /// What the host computes.
  public enum Operation: String, CaseIterable, Sendable {
    /// Of each row.
    case softmax
    /// Of each row, with neither gain nor bias.
    case layerNorm
    /// With the error function, as BERT has it.
    case gelu
    /// The sum of two tensors.
    case residual
    /// Nothing but the conversions that the types ask for.
    case convert
  }

  public var operation: Operation
  public var rows: Int
  public var columns: Int
  public var input: HostTensor
  /// The other summand of `residual`; `nil` for every other operation.
  public var second: HostTensor?
  public var output: HostTensor
  /// What `layerNorm` adds to the variance.
  public var epsilon: Float = 1e-5

  public init(
    _ operation: Operation, rows: Int, columns: Int, input: HostTensor, second: HostTensor? = nil,
    output: HostTensor
  ) {
    self.operation = operation
    self.rows = rows
    self.columns = columns
    self.input = input
    self.second = second
    self.output = output
  }

  /// Elements of the result.
  public var elements: Int { rows * columns }

  /// Elements that are dequantised: those of integer inputs.
  public var dequantisedElements: Int {
    (input.type.isInteger ? elements : 0) + (second?.type.isInteger == true ? elements : 0)
  }

  /// Elements that are quantised: those of an integer result.
  public var quantisedElements: Int { output.type.isInteger ? elements : 0 }
}

/// Where a matrix lies in main memory, and what its bytes mean.
public struct HostTensor: Equatable, Sendable {
  /// Type of an element in memory, little-endian.
  public enum ElementType: String, CaseIterable, Sendable {
    case int8, int32, fp32

    /// Bytes of an element.
    public var bytes: Int { self == .int8 ? 1 : 4 }
    /// Whether values are whole numbers of a scale.
    public var isInteger: Bool { self != .fp32 }
  }

  /// First byte, of any alignment.
  public var address: UInt64
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
    guard (second != nil) == (operation == .residual) else {
      throw invalid(
        second == nil ? "one input" : "two inputs", operation == .residual ? "two" : "one")
    }
    guard operation != .convert || input.type.isInteger || output.type.isInteger else {
      throw invalid("FP32 to FP32", "an integer type on one side")
    }
    guard epsilon.isFinite, epsilon >= 0 else {
      throw invalid("an epsilon of \(epsilon)", "a number of at least 0")
    }
    try check(input, "input", leastStride: 0)
    if let second { try check(second, "second input", leastStride: 0) }
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
    .invalidHostWork("host \(operation.rawValue): \(found), expected \(expected)")
  }
}
