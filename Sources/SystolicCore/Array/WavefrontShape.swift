/// Size and latencies of an array of processing elements (facts 7.1).
public struct WavefrontShape: Equatable, Sendable {
  /// Rows of tiles; registers stand between tiles.
  public let meshRows: Int
  /// Columns of tiles.
  public let meshColumns: Int
  /// Rows of processing elements in a tile, which is combinational.
  public let tileRows: Int
  /// Columns of processing elements in a tile.
  public let tileColumns: Int
  /// Extra registers a hop between tiles.
  public let tileLatency: Int
  /// Registers after the bottom row.
  public let outputDelay: Int
  /// Bits of partial sums and of what leaves the array.
  public let outputBits: Int

  /// Describes an array.
  ///
  /// - Throws: `WavefrontError.shape` unless sizes are positive, the array is square in processing
  ///   elements, latencies are not negative and 8...32 bits leave the array.
  public init(
    meshRows: Int, meshColumns: Int, tileRows: Int = 1, tileColumns: Int = 1, tileLatency: Int = 0,
    outputDelay: Int = 1, outputBits: Int = 20
  ) throws(WavefrontError) {
    guard min(meshRows, meshColumns, tileRows, tileColumns) >= 1 else {
      throw .shape("rows and columns of mesh and tiles must be at least 1")
    }
    guard max(meshRows, meshColumns, tileRows, tileColumns) <= 1024 else {
      throw .shape("rows and columns of mesh and tiles must be at most 1024")
    }
    guard meshRows * tileRows == meshColumns * tileColumns else {
      throw .shape(
        "the array must be square, is \(meshRows * tileRows) x \(meshColumns * tileColumns)")
    }
    guard (0...64).contains(tileLatency), (0...64).contains(outputDelay) else {
      throw .shape("tile latency and output delay must be 0...64 cycles")
    }
    guard (8...32).contains(outputBits) else {
      throw .shape("output bits must be 8...32, are \(outputBits)")
    }
    self.meshRows = meshRows
    self.meshColumns = meshColumns
    self.tileRows = tileRows
    self.tileColumns = tileColumns
    self.tileLatency = tileLatency
    self.outputDelay = outputDelay
    self.outputBits = outputBits
  }

  /// Rows, and columns, of processing elements.
  public var dim: Int { meshRows * tileRows }
  /// Cycles of one hop between tiles.
  public var hopLatency: Int { tileLatency + 1 }
  /// Cycles from a row advancing into the array to its response (facts 7.2).
  var rowLatency: Int { hopLatency * (meshRows + meshColumns - 1) + outputDelay }
  /// M in the facts: operations are numbered modulo this, and the tag queue holds one more.
  public var simultaneousMatmuls: Int {
    let side = min(tileRows, tileColumns)
    return max((5 * hopLatency + side - 1) / side, 5)
  }
}

/// Why an array or a run of it is impossible.
public enum WavefrontError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Sizes or latencies that no array here can have; the words name what is allowed.
  case shape(String)
  /// A matrix, a result or a shift that does not fit the array; the words give the sizes.
  case operand(String)

  public var description: String {
    switch self {
    case .shape(let text): "array: \(text)"
    case .operand(let text): "operand: \(text)"
    }
  }
}
