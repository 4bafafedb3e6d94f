import SystolicCore

/// A matmul whose rows go through softmax or LayerNorm on the integer units: in its own move out
/// where a tile holds whole rows of C, else int32 sums to main memory and a pass of its own
/// (facts 11.5, 11.6).
public enum NormalisedMatmul: CommandSource, Sendable {
  /// C leaves normalised.
  case fused(TiledMatmul)
  /// The sums go to main memory and come back for the normaliser.
  case separate(ProgramChain<TiledMatmul, TiledNorm>, matmul: MatmulPlan, norm: NormPlan)

  /// Decides by what the accumulator holds: half of it, because the loop commands double buffer,
  /// must hold a row of tiles of C.
  ///
  /// - Throws: `LoweringError` naming what fits neither way.
  public init(_ matmul: Matmul, on machine: Machine) throws(LoweringError) {
    if Self.isFused(matmul, on: machine) {
      self = .fused(TiledMatmul(try MatmulPlan(matmul, on: machine)))
      return
    }
    guard matmul.strideC == nil else {
      throw LoweringError(
        "\(matmul.activation) as a pass of its own needs dense rows of C, not a stride")
    }
    var sums = matmul
    sums.activation = .none
    sums.fullOutput = true
    sums.scale = 1
    sums.tile = nil
    let plan = try MatmulPlan(sums, on: machine)
    let end = plan.addresses.c + UInt64((plan.byteCounts.c + 63) / 64 * 64)
    guard MainMemoryData.contains(end, count: matmul.rows * matmul.columns) else {
      throw LoweringError(
        "the sums and the results take "
          + "\(Int(end - MainMemoryData.base) + matmul.rows * matmul.columns) bytes; main memory "
          + "has \(MainMemoryData.end - MainMemoryData.base)")
    }
    let norm = try NormPlan(
      rows: matmul.rows, columns: matmul.columns, activation: matmul.activation,
      scale: matmul.scale, inputScale: matmul.bertScale, input: plan.addresses.c, output: end,
      on: machine)
    self = .separate(
      ProgramChain(TiledMatmul(plan), TiledNorm(norm, flushesFirst: false)), matmul: plan,
      norm: norm)
  }

  /// Whether `matmul` can normalise its rows on their way out: always, if it does not normalise.
  public static func isFused(_ matmul: Matmul, on machine: Machine) -> Bool {
    guard matmul.activation == .softmax || matmul.activation == .layernorm else { return true }
    if matmul.tile != nil { return true }
    let row = MatmulTile(
      rows: 1, columns: ceilingDivide(matmul.columns, machine.dim), inner: 1)
    let limits = MatmulLimits(matmul.dataflow, machine)
    return row.accumulatorRows(machine) <= limits.accumulatorRows
      && row.scratchpadRows(machine) <= limits.scratchpadRows
  }

  public mutating func next() throws -> ProgramStep? {
    switch self {
    case .fused(var program):
      defer { self = .fused(program) }
      return program.next()
    case .separate(var program, let matmul, let norm):
      defer { self = .separate(program, matmul: matmul, norm: norm) }
      return try program.next()
    }
  }
}
