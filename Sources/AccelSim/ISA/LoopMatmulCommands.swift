/// Starts the matmul unroller: loop_ws (facts 3.6).
public struct LoopMatmulRun: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmul, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[0]: the first step over k adds to the accumulator too; 0: it overwrites.
    case accumulates = "accumulate"
    /// rs1[1]: C leaves as raw int32, neither scaled nor activated; 0: as int8 (facts 4.6).
    case fullC = "full_c"
    /// rs1[2]: D is int8 in main memory, for which config_ld must set shrink too; 0: int32.
    case lowD = "low_d"
    /// rs1[10:8]: 2 or 4 store row by row for LayerNorm or softmax; config_st sets the others.
    case activation
    /// rs1[17:16]: half of the scratchpad for B: 0 the loop context's own, 1 lower, 2 upper.
    case bScratchpad = "b_spad"
    /// rs1[19:18]: half of the scratchpad for A: 0 the loop context's own, 1 lower, 2 upper.
    case aScratchpad = "a_spad"
    /// rs2[0]: main memory has A transposed, K rows of I columns; config_ex must say so too.
    case aTranspose = "a_transpose"
    /// rs2[1]: main memory has B transposed, J rows of K columns; config_ex must say so too.
    case bTranspose = "b_transpose"
    /// rs2[2]: C = A + B in the accumulator, both I × J, without a compute (facts 5.3).
    case isResidualAdd = "resadd"
    /// rs2[3]: move no A in, as with address 0: the scratchpad has it from an earlier loop.
    case skipA = "skip_a"
    /// rs2[4]: move no B in, as with address 0: the scratchpad has it from an earlier loop.
    case skipB = "skip_b"
    /// rs2[5]: move no D in, as with address 0.
    case skipD = "skip_d"
    /// rs2[6]: send no preload and no compute, only the moves.
    case skipExecute = "skip_ex"
    /// rs2[7]: move no C out: it stays in the accumulator.
    case skipStore = "skip_c"
    /// rs2[8]: the next loop uses the other half of the accumulator; for `scratchpadOnly` loops.
    case incrementsAccumulator = "inc_acc"
    /// rs2[9]: C goes to the scratchpad by mvout_spad, not to main memory (facts 5.2).
    case scratchpadOnly = "spad_only"
    /// rs2[63:32]: first scratchpad row of C when it goes there; tile (i, j) is (i × J + j) × DIM rows on.
    case cScratchpadRow = "c_spad"

    public var layout: FieldLayout {
      switch self {
      case .accumulates: .init(.rs1, 0, 0, .flag, "add to what the accumulator holds")
      case .fullC: .init(.rs1, 1, 1, .flag, "C is written with the accumulator type")
      case .lowD: .init(.rs1, 2, 2, .flag, "D has the input type")
      case .activation: .init(.rs1, 10, 8, .activation, "activation of the result")
      case .bScratchpad:
        .init(.rs1, 17, 16, .number, "half of the scratchpad for B: 0 default, 1 lower, 2 upper")
      case .aScratchpad: .init(.rs1, 19, 18, .number, "half of the scratchpad for A")
      case .aTranspose: .init(.rs2, 0, 0, .flag, "A is stored transposed")
      case .bTranspose: .init(.rs2, 1, 1, .flag, "B is stored transposed")
      case .isResidualAdd: .init(.rs2, 2, 2, .flag, "compute A + B, not A B")
      case .skipA: .init(.rs2, 3, 3, .flag, "do not load A")
      case .skipB: .init(.rs2, 4, 4, .flag, "do not load B")
      case .skipD: .init(.rs2, 5, 5, .flag, "do not load D")
      case .skipExecute: .init(.rs2, 6, 6, .flag, "do not compute")
      case .skipStore: .init(.rs2, 7, 7, .flag, "do not store C")
      case .incrementsAccumulator:
        .init(.rs2, 8, 8, .flag, "advance to the other half of the accumulator")
      case .scratchpadOnly: .init(.rs2, 9, 9, .flag, "C goes to the scratchpad")
      case .cScratchpadRow: .init(.rs2, 63, 32, .number, "scratchpad row of C")
      }
    }
  }

  /// Add to what the accumulator holds.
  public var accumulates: Bool { flag(.accumulates) }
  /// C is written with the accumulator type.
  public var fullC: Bool { flag(.fullC) }
  /// D has the input type.
  public var lowD: Bool { flag(.lowD) }
  /// Activation of the result.
  public var activation: Int { self[.activation] }
  /// Half of the scratchpad for B: 0 default, 1 lower, 2 upper.
  public var bScratchpad: Int { self[.bScratchpad] }
  /// Half of the scratchpad for A.
  public var aScratchpad: Int { self[.aScratchpad] }
  /// A is stored transposed.
  public var aTranspose: Bool { flag(.aTranspose) }
  /// B is stored transposed.
  public var bTranspose: Bool { flag(.bTranspose) }
  /// Compute A + B, not A B.
  public var isResidualAdd: Bool { flag(.isResidualAdd) }
  /// Do not load A.
  public var skipA: Bool { flag(.skipA) }
  /// Do not load B.
  public var skipB: Bool { flag(.skipB) }
  /// Do not load D.
  public var skipD: Bool { flag(.skipD) }
  /// Do not compute.
  public var skipExecute: Bool { flag(.skipExecute) }
  /// Do not store C.
  public var skipStore: Bool { flag(.skipStore) }
  /// Advance to the other half of the accumulator.
  public var incrementsAccumulator: Bool { flag(.incrementsAccumulator) }
  /// C goes to the scratchpad.
  public var scratchpadOnly: Bool { flag(.scratchpadOnly) }
  /// Scratchpad row of C.
  public var cScratchpadRow: Int { self[.cScratchpadRow] }
}

/// Sizes of a matmul loop: loop_ws_bounds (facts 3.6).
public struct LoopMatmulBounds: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulBounds, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs2[15:0]: rows of A and C in tiles of DIM, at least 1; I × J tiles fit the accumulator.
    case i
    /// rs2[31:16]: columns of B and C in tiles of DIM, at least 1.
    case j
    /// rs2[47:32]: columns of A in tiles, at least 1 for products; (I + J) × K tiles fit the scratchpad.
    case k
    /// rs1[15:0]: rows that the last tile of I lacks, 0..<DIM.
    case padI = "pad_i"
    /// rs1[31:16]: columns that the last tile of J lacks, 0..<DIM.
    case padJ = "pad_j"
    /// rs1[47:32]: depth that the last tile of K lacks, 0..<DIM; rows of B come in whole tiles (facts 5.2).
    case padK = "pad_k"

    public var layout: FieldLayout {
      switch self {
      case .i: .init(.rs2, 15, 0, .number, "rows of C, in tiles")
      case .j: .init(.rs2, 31, 16, .number, "columns of C, in tiles")
      case .k: .init(.rs2, 47, 32, .number, "depth of the sums, in tiles")
      case .padI: .init(.rs1, 15, 0, .number, "elements missing in the last tile of I")
      case .padJ: .init(.rs1, 31, 16, .number, "elements missing in the last tile of J")
      case .padK: .init(.rs1, 47, 32, .number, "elements missing in the last tile of K")
      }
    }
  }

  /// Rows of C, in tiles.
  public var i: Int { self[.i] }
  /// Columns of C, in tiles.
  public var j: Int { self[.j] }
  /// Depth of the sums, in tiles.
  public var k: Int { self[.k] }
  /// Elements missing in the last tile of I.
  public var padI: Int { self[.padI] }
  /// Elements missing in the last tile of J.
  public var padJ: Int { self[.padJ] }
  /// Elements missing in the last tile of K.
  public var padK: Int { self[.padK] }
}

/// Where A and B are: loop_ws_addrs_ab (facts 3.6).
public struct LoopMatmulAddressesAB: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulAddressesAB, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: byte address of A's first element; 0 moves no A in.
    case a
    /// rs2[63:0]: byte address of B's first element; 0 moves no B in.
    case b

    public var layout: FieldLayout {
      switch self {
      case .a: .init(.rs1, 63, 0, .memory, "A in main memory")
      case .b: .init(.rs2, 63, 0, .memory, "B in main memory; 0 loads no B")
      }
    }
  }

  /// A in main memory.
  public var a: UInt64 { address(.a) }
  /// B in main memory; 0 loads no B.
  public var b: UInt64 { address(.b) }
}

/// Where D and C are: loop_ws_addrs_dc (facts 3.6).
public struct LoopMatmulAddressesDC: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulAddressesDC, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: byte address of D's first element; 0 moves no D in.
    case d
    /// rs2[63:0]: byte address of C's first element; 0 leaves C for the next loop to add to.
    case c

    public var layout: FieldLayout {
      switch self {
      case .d: .init(.rs1, 63, 0, .memory, "D in main memory; 0 for none")
      case .c: .init(.rs2, 63, 0, .memory, "C in main memory; 0 stores no C")
      }
    }
  }

  /// D in main memory; 0 for none.
  public var d: UInt64 { address(.d) }
  /// C in main memory; 0 stores no C.
  public var c: UInt64 { address(.c) }
}

/// Row lengths of A and B: loop_ws_strides_ab (facts 3.6).
public struct LoopMatmulStridesAB: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulStridesAB, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: elements from row to row of A, to find its tiles; inside one config_ld's bytes count.
    case a
    /// rs2[63:0]: elements from row to row of B, to find its tiles; inside one config_ld's bytes count.
    case b

    public var layout: FieldLayout {
      switch self {
      case .a: .init(.rs1, 63, 0, .number, "elements from one row of A to the next")
      case .b: .init(.rs2, 63, 0, .number, "elements from one row of B to the next")
      }
    }
  }

  /// Elements from one row of A to the next.
  public var a: Int { self[.a] }
  /// Elements from one row of B to the next.
  public var b: Int { self[.b] }
}

/// Row lengths of D and C: loop_ws_strides_dc (facts 3.6).
public struct LoopMatmulStridesDC: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulStridesDC, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: elements of D's type from row to row, to find its tiles; 0 here and in config_ld repeats a row.
    case d
    /// rs2[63:0]: elements of C's type from row to row, to find its tiles; inside one config_st's bytes count.
    case c

    public var layout: FieldLayout {
      switch self {
      case .d: .init(.rs1, 63, 0, .number, "elements from one row of D to the next")
      case .c: .init(.rs2, 63, 0, .number, "elements from one row of C to the next")
      }
    }
  }

  /// Elements from one row of D to the next.
  public var d: Int { self[.d] }
  /// Elements from one row of C to the next.
  public var c: Int { self[.c] }
}

/// Where A and B stand in the scratchpad: loop_ws_spad_ab (facts 3.6).
public struct LoopMatmulScratchpadAB: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulScratchpadAB, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[31:0]: scratchpad row of A's first tile where `aScratchpad` is 0; kept by the context.
    case aStart = "a"
    /// rs2[31:0]: scratchpad row after B's last where `bScratchpad` is 0; kept by the context.
    case bEnd = "b_end"

    public var layout: FieldLayout {
      switch self {
      case .aStart: .init(.rs1, 31, 0, .number, "first scratchpad row of A")
      case .bEnd: .init(.rs2, 31, 0, .number, "scratchpad row after the last of B")
      }
    }
  }

  /// First scratchpad row of A.
  public var aStart: Int { self[.aStart] }
  /// Scratchpad row after the last of B.
  public var bEnd: Int { self[.bEnd] }
}

/// Accepted without effect: loop_ws_spad_c (facts 3.1).
public struct LoopMatmulScratchpadC: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.loopMatmulScratchpadC, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[31:0]: a scratchpad row that no unit looks at (facts 3.1).
    case c

    public var layout: FieldLayout {
      switch self {
      case .c: .init(.rs1, 31, 0, .number, "scratchpad row, ignored")
      }
    }
  }

  /// Scratchpad row, ignored.
  public var c: Int { self[.c] }
}
