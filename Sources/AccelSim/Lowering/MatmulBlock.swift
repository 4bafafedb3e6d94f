/// One block of the outer loop: its size in tiles, its padding and its operands' addresses.
struct MatmulBlock {
  let row: Int
  let column: Int
  let inner: Int
  let size: MatmulTile
  /// Elements missing in the last tile of each dimension.
  let padRows: Int
  let padColumns: Int
  let padInner: Int
  let a: UInt64
  let b: UInt64
  let d: UInt64
  let c: UInt64
  let isFirstInner: Bool
  let isLastInner: Bool
  private let dim: Int

  init(_ plan: MatmulPlan, row: Int, column: Int, inner: Int) {
    let matmul = plan.matmul
    let tile = plan.tile
    let bounds = plan.bounds
    dim = plan.machine.dim
    self.row = row
    self.column = column
    self.inner = inner
    size = MatmulTile(
      rows: min(tile.rows, bounds.rows - row * tile.rows),
      columns: min(tile.columns, bounds.columns - column * tile.columns),
      inner: min(tile.inner, bounds.inner - inner * tile.inner))
    padRows = row == plan.blocks.rows - 1 ? bounds.rows * dim - matmul.rows : 0
    padColumns = column == plan.blocks.columns - 1 ? bounds.columns * dim - matmul.columns : 0
    padInner = inner == plan.blocks.inner - 1 ? bounds.inner * dim - matmul.inner : 0
    isFirstInner = inner == 0
    isLastInner = inner == plan.blocks.inner - 1
    let i = row * tile.rows * dim
    let j = column * tile.columns * dim
    let k = inner * tile.inner * dim
    let offsetA = matmul.transposesA ? k * plan.strideA + i : i * plan.strideA + k
    let offsetB = matmul.transposesB ? j * plan.strideB + k : k * plan.strideB + j
    let biasRow = matmul.bias == .repeating ? 0 : i
    a = plan.addresses.a + UInt64(offsetA)
    b = plan.addresses.b + UInt64(offsetB)
    d = plan.addresses.d + UInt64((biasRow * plan.strideD + j) * plan.biasBytes)
    c = plan.addresses.c + UInt64((i * plan.strideC + j) * plan.outputBytes)
  }

  /// Rows of A and C in tile `i`.
  func rows(_ i: Int) -> Int { dim - (i == size.rows - 1 ? padRows : 0) }

  /// Columns of B and C in `blocks` tiles from `j` on.
  func columns(_ j: Int, _ blocks: Int) -> Int {
    blocks * dim - (j + blocks >= size.columns ? padColumns : 0)
  }

  /// Rows of B in tile `k`.
  func innerRows(_ k: Int) -> Int { dim - (k == size.inner - 1 ? padInner : 0) }

  /// Columns of A in `blocks` tiles from `k` on.
  func innerColumns(_ k: Int, _ blocks: Int) -> Int {
    blocks * dim - (k + blocks >= size.inner ? padInner : 0)
  }
}
