extension MatmulTile {
  /// The library's choice, `tiled_matmul_auto` (facts 11.2).
  ///
  /// It may not fit a machine with tiny memories; `MatmulPlan` checks.
  public static func automatic(for matmul: Matmul, on machine: Machine) -> MatmulTile {
    let limits = MatmulLimits(matmul.dataflow, machine)
    let bounds = MatmulTile.count(of: matmul, on: machine)
    var tile: MatmulTile
    switch matmul.activation {
    case .layernorm, .softmax:
      // A row of C must be complete in the accumulator.
      tile = MatmulTile(rows: 1, columns: bounds.columns, inner: 1)
    case .none, .relu, .igelu:
      let operandMatrices = limits.scratchpadRows / 2 / machine.dim
      let side = max(squareRoot(limits.accumulatorRows / machine.dim), 1)
      tile = MatmulTile(
        rows: min(bounds.rows, side), columns: min(bounds.columns, side),
        inner: min(bounds.inner, max(operandMatrices / side, 1)))
    }
    while true {
      let before = tile
      tile.columns += 1
      if !tile.fits(limits, bounds, machine) || tile.columns > bounds.columns { tile.columns -= 1 }
      tile.rows += 1
      if !tile.fits(limits, bounds, machine) || tile.rows > bounds.rows { tile.rows -= 1 }
      tile.inner += 1
      if tile.scratchpadRows(machine) > limits.scratchpadRows || tile.inner > bounds.inner {
        tile.inner -= 1
      }
      if tile == before { return tile }
    }
  }

  /// The whole matmul in tiles, rounded up.
  static func count(of matmul: Matmul, on machine: Machine) -> MatmulTile {
    MatmulTile(
      rows: ceilingDivide(matmul.rows, machine.dim),
      columns: ceilingDivide(matmul.columns, machine.dim),
      inner: ceilingDivide(matmul.inner, machine.dim))
  }

  func scratchpadRows(_ machine: Machine) -> Int {
    (rows * inner + inner * columns) * machine.dim
  }

  func accumulatorRows(_ machine: Machine) -> Int { rows * columns * machine.dim }

  private func fits(_ limits: MatmulLimits, _ bounds: MatmulTile, _ machine: Machine) -> Bool {
    scratchpadRows(machine) <= limits.scratchpadRows
      && accumulatorRows(machine) <= limits.accumulatorRows
  }

  private static func squareRoot(_ value: Int) -> Int {
    var root = 0
    while (root + 1) * (root + 1) <= value { root += 1 }
    return root
  }
}

/// Rows of the two memories that one block may take: half for the loop commands, which double
/// buffer, else all (facts 11.2).
struct MatmulLimits {
  let scratchpadRows: Int
  let accumulatorRows: Int

  init(_ dataflow: MatmulDataflow, _ machine: Machine) {
    let share = dataflow == .weightStationary ? 2 : 1
    scratchpadRows = machine.scratchpadRows / share
    accumulatorRows = machine.accumulatorRows / share
  }
}

func ceilingDivide(_ value: Int, _ divisor: Int) -> Int { (value + divisor - 1) / divisor }
