import SystolicCore

/// Where the operands of a matmul are in main memory. The stored order is A, B, D, C.
public struct MatmulAddresses: Equatable, Sendable {
  /// First byte of A, int8.
  public var a: UInt64
  /// First byte of B, int8.
  public var b: UInt64
  /// Not used without bias.
  public var d: UInt64
  /// First byte of C: int8, or int32 with `fullOutput`.
  public var c: UInt64

  public init(a: UInt64, b: UInt64, d: UInt64, c: UInt64) {
    self.a = a
    self.b = b
    self.d = d
    self.c = c
  }
}

/// A matmul with everything decided: tiles, strides and addresses.
public struct MatmulPlan: Equatable, Sendable {
  /// What is computed.
  public let matmul: Matmul
  /// What it was planned for: the tile fits its local memories.
  public let machine: Machine
  /// One block of the outer loop: the matmul's own, else the library's choice (facts 11.2).
  public let tile: MatmulTile
  /// The whole matmul in tiles.
  public let bounds: MatmulTile
  /// Blocks along each dimension.
  public let blocks: MatmulTile
  /// Where the operands are: the caller's, else one after the other from 0x8000_0000.
  public let addresses: MatmulAddresses
  /// Elements from a row of A as stored to the next.
  public let strideA: Int
  /// Elements from a row of B as stored to the next.
  public let strideB: Int
  /// Elements from a row of D to the next.
  public let strideD: Int
  /// Elements from a row of C to the next.
  public let strideC: Int

  /// Checks `matmul` against `machine`, chooses tiles and lays out memory.
  ///
  /// - Parameter addresses: Where the operands are; `nil` to put them one after the other from
  ///   0x8000_0000, each aligned to 64 bytes.
  /// - Throws: `LoweringError` naming what does not fit.
  public init(
    _ matmul: Matmul, on machine: Machine, addresses: MatmulAddresses? = nil
  ) throws(LoweringError) {
    try Self.checkShape(matmul)
    try Self.checkFeatures(matmul, machine)
    let tile = matmul.tile ?? .automatic(for: matmul, on: machine)
    bounds = .count(of: matmul, on: machine)
    try Self.checkTile(tile, bounds, matmul, machine)
    blocks = MatmulTile(
      rows: ceilingDivide(bounds.rows, tile.rows),
      columns: ceilingDivide(bounds.columns, tile.columns),
      inner: ceilingDivide(bounds.inner, tile.inner))
    self.matmul = matmul
    self.machine = machine
    self.tile = tile
    strideA = matmul.strideA ?? (matmul.transposesA ? matmul.rows : matmul.inner)
    strideB = matmul.strideB ?? (matmul.transposesB ? matmul.inner : matmul.columns)
    strideD = matmul.strideD ?? matmul.columns
    strideC = matmul.strideC ?? matmul.columns
    let sizes = Self.byteCounts(
      matmul, strideA: strideA, strideB: strideB, strideD: strideD, strideC: strideC)
    if let addresses {
      self.addresses = addresses
    } else {
      var cursor = AddressCursor()
      self.addresses = MatmulAddresses(
        a: cursor.place(sizes.a), b: cursor.place(sizes.b), d: cursor.place(sizes.d),
        c: cursor.place(sizes.c))
      try cursor.check()
    }
  }

  /// Bytes that A, B, D and C span in main memory.
  public var byteCounts: (a: Int, b: Int, d: Int, c: Int) {
    Self.byteCounts(
      matmul, strideA: strideA, strideB: strideB, strideD: strideD, strideC: strideC)
  }

  private static func byteCounts(
    _ matmul: Matmul, strideA: Int, strideB: Int, strideD: Int, strideC: Int
  ) -> (a: Int, b: Int, d: Int, c: Int) {
    func span(_ rows: Int, _ columns: Int, _ stride: Int) -> Int { (rows - 1) * stride + columns }
    let a =
      matmul.transposesA
      ? span(matmul.inner, matmul.rows, strideA) : span(matmul.rows, matmul.inner, strideA)
    let b =
      matmul.transposesB
      ? span(matmul.columns, matmul.inner, strideB) : span(matmul.inner, matmul.columns, strideB)
    let d: Int =
      switch matmul.bias {
      case .none: 0
      case .repeating: matmul.columns * (matmul.lowBias ? 1 : 4)
      case .full: span(matmul.rows, matmul.columns, strideD) * (matmul.lowBias ? 1 : 4)
      }
    let c = span(matmul.rows, matmul.columns, strideC) * (matmul.fullOutput ? 4 : 1)
    return (a, b, d, c)
  }
}

extension MatmulPlan {
  private static func checkShape(_ matmul: Matmul) throws(LoweringError) {
    let largest = 1 << 24
    for (name, value) in [
      ("rows (M)", matmul.rows), ("inner dimension (K)", matmul.inner),
      ("columns (N)", matmul.columns),
    ] where !(1...largest).contains(value) {
      throw LoweringError("the matmul's \(name) must be 1...\(largest), is \(value)")
    }
    let minimalStrides = [
      ("A", matmul.strideA, matmul.transposesA ? matmul.rows : matmul.inner),
      ("B", matmul.strideB, matmul.transposesB ? matmul.inner : matmul.columns),
      ("D", matmul.strideD, matmul.columns), ("C", matmul.strideC, matmul.columns),
    ]
    for (name, stride, least) in minimalStrides {
      if let stride, !(least...largest).contains(stride) {
        throw LoweringError("the stride of \(name) must be \(least)...\(largest), is \(stride)")
      }
    }
  }

  private static func checkFeatures(_ matmul: Matmul, _ machine: Machine) throws(LoweringError) {
    let config = machine.config
    switch (matmul.dataflow, config.array.dataflow) {
    case (.outputStationary, .weightStationary):
      throw LoweringError("\(config.name) has no output-stationary dataflow")
    case (.weightStationary, .outputStationary):
      throw LoweringError("\(config.name) has no weight-stationary dataflow")
    default: break
    }
    if matmul.dataflow == .outputStationary {
      if matmul.transposesA || matmul.transposesB {
        throw LoweringError("the library does not transpose in the output-stationary dataflow")
      }
      if matmul.lowBias {
        throw LoweringError("the library has no int8 bias in the output-stationary dataflow")
      }
    } else if matmul.transposesA && matmul.transposesB {
      throw LoweringError("the array has one transposer: transpose A or B, not both")
    }
    if matmul.fullOutput ? !config.accumulator.readsFullWidth : !config.accumulator.readsSmallWidth
    {
      throw LoweringError(
        "\(config.name) cannot move \(matmul.fullOutput ? "int32" : "int8") results out")
    }
    if matmul.activation != .none, !config.features.nonlinearActivations {
      throw LoweringError(
        "\(config.name) has no \(matmul.activation): features.nonlinearActivations is false")
    }
    switch matmul.activation {
    case .none, .relu: break
    case .layernorm, .igelu, .softmax:
      guard config.features.normalizations else {
        throw LoweringError(
          "\(config.name) has no \(matmul.activation): features.normalizations is false")
      }
      if matmul.activation != .layernorm {
        guard matmul.bertScale.isFinite, matmul.bertScale > 0 else {
          throw LoweringError(
            "\(matmul.activation) needs a positive scale of its input, is \(matmul.bertScale)")
        }
        guard NormConstants(matmul) != nil else {
          throw LoweringError(
            "the constants of \(matmul.activation) cannot be formed from \(matmul.bertScale)")
        }
      }
    }
  }

  private static func checkTile(
    _ tile: MatmulTile, _ bounds: MatmulTile, _ matmul: Matmul, _ machine: Machine
  ) throws(LoweringError) {
    for (name, value, bound) in [
      ("I", tile.rows, bounds.rows), ("J", tile.columns, bounds.columns),
      ("K", tile.inner, bounds.inner),
    ] where !(1...min(bound, 0xFFFF)).contains(value) {
      throw LoweringError("tile \(tile): \(name) must be 1...\(min(bound, 0xFFFF)), is \(value)")
    }
    let limits = MatmulLimits(matmul.dataflow, machine)
    let half = matmul.dataflow == .weightStationary ? " (half, for double buffering)" : ""
    if tile.scratchpadRows(machine) > limits.scratchpadRows {
      throw LoweringError(
        "tile \(tile) takes \(tile.scratchpadRows(machine)) rows of the scratchpad; there are "
          + "\(limits.scratchpadRows)\(half)")
    }
    if tile.accumulatorRows(machine) > limits.accumulatorRows {
      throw LoweringError(
        "tile \(tile) takes \(tile.accumulatorRows(machine)) rows of the accumulator; there are "
          + "\(limits.accumulatorRows)\(half)")
    }
    switch matmul.activation {
    case .layernorm, .softmax:
      if tile.columns < bounds.columns {
        throw LoweringError(
          "\(matmul.activation) needs whole rows: tile J must be \(bounds.columns), is "
            + "\(tile.columns)")
      }
    case .none, .relu, .igelu: break
    }
  }
}
