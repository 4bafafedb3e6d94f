/// A matrix multiplication C = activation(scale · (A·B + D)) as Gemmini's library offers it
/// (facts 11.2): A is I×K, B is K×J, D and C are I×J.
public struct Matmul: Codable, Equatable, Sendable {
  /// Rows of A and C, I in the facts.
  public var rows: Int
  /// Columns of B and C, J in the facts.
  public var columns: Int
  /// Columns of A and rows of B, K in the facts.
  public var inner: Int
  /// How D is added: not at all, as a matrix, or as one row.
  public var bias = MatmulBias.none
  /// What happens to the sums on their way out, before they are scaled.
  public var activation = MatmulActivation.none
  /// A is stored as K×I.
  public var transposesA = false
  /// B is stored as J×K.
  public var transposesB = false
  /// C is int32, neither activated nor scaled.
  public var fullOutput = false
  /// D is int8.
  public var lowBias = false
  /// Scale of A on its way in.
  public var scaleA: Float = 1
  /// Scale of B on its way in.
  public var scaleB: Float = 1
  /// Scale of D on its way in.
  public var scaleD: Float = 1
  /// Scale of C on its way out.
  public var scale: Float = 1
  /// Scale of the sums that the integer GELU and softmax assume.
  public var bertScale: Float = 0
  /// Which of the library's two loops runs it; the machine's array must be able to.
  public var dataflow = MatmulDataflow.weightStationary
  /// Tiles to use instead of the library's choice.
  public var tile: MatmulTile?
  /// Elements from a row of A as stored to the next; `nil` for dense rows.
  public var strideA: Int?
  /// Elements from a row of B as stored to the next; `nil` for dense rows.
  public var strideB: Int?
  /// Elements from a row of D to the next; `nil` for dense rows.
  public var strideD: Int?
  /// Elements from a row of C to the next; `nil` for dense rows.
  public var strideC: Int?

  public init(rows: Int, inner: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
  }

  /// Multiply-accumulates of real operands.
  public var usefulMACs: Int { rows * columns * inner }
}

/// What is added to the product.
public enum MatmulBias: String, CaseIterable, Codable, Sendable {
  /// Nothing; there is no D.
  case none
  /// A matrix of the size of C.
  case full
  /// One row for all rows of C.
  case repeating
}

/// What happens to a sum before it is scaled; raw values are the hardware's codes (facts 3.1).
public enum MatmulActivation: Int, CaseIterable, Codable, Sendable {
  /// Sums pass unchanged.
  case none = 0
  /// Negative sums become 0.
  case relu = 1
  /// The integer normaliser over rows of C, which a block must hold whole (facts 4.9).
  case layernorm = 2
  /// The integer GELU (facts 4.8).
  case igelu = 3
  /// The integer softmax over rows of C, which a block must hold whole (facts 4.10).
  case softmax = 4
}

/// How the library drives the array.
public enum MatmulDataflow: String, CaseIterable, Codable, Sendable {
  /// The hardware's loop commands, weights stay.
  case weightStationary
  /// Single commands, sums stay.
  case outputStationary
}

/// Sizes of one block of the outer loop, in tiles of the array's width.
public struct MatmulTile: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Along I, tile_I in the facts.
  public var rows: Int
  /// Along J, tile_J in the facts.
  public var columns: Int
  /// Along K, tile_K in the facts.
  public var inner: Int

  public init(rows: Int, columns: Int, inner: Int) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
  }

  /// I×J×K, as the library's arguments are ordered.
  public var description: String { "\(rows)x\(columns)x\(inner)" }
}

/// Work that cannot be lowered to a machine.
public struct LoweringError: Error, Equatable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}
