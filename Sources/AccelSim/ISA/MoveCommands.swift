import SystolicCore

/// Main memory to local memory: mvin, mvin2, mvin3 (facts 3.2).
public struct MoveIn: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.mvin, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[63:0]: byte address of the first row; 0 reads no memory and writes zeros.
    case memoryAddress = "from"
    /// rs2[63:48]: rows to move, 1...DIM.
    case rows
    /// rs2[47:32]: elements of a row, 1 to the larger of DIM and `DMAConfig.maxBytes`, in blocks of DIM.
    case columns = "cols"
    /// rs2[31:0]: local row of the first row's first block; bit 30 adds to accumulator rows.
    case localAddress = "to"

    public var layout: FieldLayout {
      switch self {
      case .memoryAddress: .init(.rs1, 63, 0, .memory, "first byte in main memory; 0 writes zeros")
      case .rows: .init(.rs2, 63, 48, .number, "rows, at most the array size")
      case .columns: .init(.rs2, 47, 32, .number, "columns")
      case .localAddress: .init(.rs2, 31, 0, .local, "first local row")
      }
    }
  }

  /// First byte in main memory; 0 writes zeros.
  public var memoryAddress: UInt64 { address(.memoryAddress) }
  /// Rows, at most the array size.
  public var rows: Int { self[.rows] }
  /// Columns.
  public var columns: Int { self[.columns] }
  /// First local row.
  public var localAddress: LocalAddress { local(.localAddress) }
}

/// Local memory to main memory: mvout (facts 3.2).
public struct MoveOut: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.mvout, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs2[31:0]: local row of the first row's first block; bit 29 takes raw int32 (facts 2.2).
    case localAddress = "from"
    /// rs2[63:48]: rows to move, 1...DIM; not looked at when config_st has switched pooling on.
    case rows
    /// rs2[47:32]: elements of a row, up to `Machine.maxBlockLength` blocks of DIM, DIM rows apart.
    case columns = "cols"
    /// rs1[63:0]: byte address of the first row; the others follow config_st's stride apart.
    case memoryAddress = "to"

    public var layout: FieldLayout {
      switch self {
      case .localAddress: .init(.rs2, 31, 0, .local, "first local row")
      case .rows: .init(.rs2, 63, 48, .number, "rows, ignored when pooling")
      case .columns: .init(.rs2, 47, 32, .number, "columns")
      case .memoryAddress: .init(.rs1, 63, 0, .memory, "first byte in main memory")
      }
    }
  }

  /// First local row.
  public var localAddress: LocalAddress { local(.localAddress) }
  /// Rows, ignored when pooling.
  public var rows: Int { self[.rows] }
  /// Columns.
  public var columns: Int { self[.columns] }
  /// First byte in main memory.
  public var memoryAddress: UInt64 { address(.memoryAddress) }
}

/// Local memory to scratchpad: mvout_spad (facts 3.2).
public struct MoveOutToScratchpad: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.mvoutSpad, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs2[31:0]: local row of the first row read; accumulator rows are scaled to int8.
    case source = "from"
    /// rs2[63:48]: rows to move, 1...DIM; an error while pooling is on.
    case rows
    /// rs2[47:32]: elements of a row, 1...DIM.
    case columns = "cols"
    /// rs1[31:0]: scratchpad row of the first row written; the accumulator is an error.
    case destination = "to"
    /// rs1[63:32]: scratchpad rows from one written row to the next.
    case destinationStride = "stride"

    public var layout: FieldLayout {
      switch self {
      case .source: .init(.rs2, 31, 0, .local, "first local row read")
      case .rows: .init(.rs2, 63, 48, .number, "rows")
      case .columns: .init(.rs2, 47, 32, .number, "columns")
      case .destination: .init(.rs1, 31, 0, .local, "first scratchpad row written")
      case .destinationStride: .init(.rs1, 63, 32, .number, "scratchpad rows from row to row")
      }
    }
  }

  /// First local row read.
  public var source: LocalAddress { local(.source) }
  /// Rows.
  public var rows: Int { self[.rows] }
  /// Columns.
  public var columns: Int { self[.columns] }
  /// First scratchpad row written.
  public var destination: LocalAddress { local(.destination) }
  /// Scratchpad rows from row to row.
  public var destinationStride: Int { self[.destinationStride] }
}

/// Weights or bias into the array, and where C goes: preload (facts 3.2).
public struct Preload: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.preload, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[31:0]: first row of B when weights stay, of D when outputs stay; garbage feeds zeros.
    case input = "b"
    /// rs1[63:48]: rows of that matrix, 0...DIM; the others of the array get zeros (facts 4.4).
    case inputRows = "b_rows"
    /// rs1[47:32]: columns of that matrix, 0...DIM; the others of the array get zeros.
    case inputColumns = "b_cols"
    /// rs2[31:0]: first row of C; bit 30 adds to accumulator rows, garbage writes no C (facts 2.2).
    case output = "c"
    /// rs2[63:48]: rows of C to write, 0...DIM; results beyond are dropped (facts 4.3).
    case outputRows = "c_rows"
    /// rs2[47:32]: columns of C to write, 0...DIM; results beyond are dropped.
    case outputColumns = "c_cols"

    public var layout: FieldLayout {
      switch self {
      case .input: .init(.rs1, 31, 0, .local, "B when weights stay, D when outputs stay")
      case .inputRows: .init(.rs1, 63, 48, .number, "rows of that matrix")
      case .inputColumns: .init(.rs1, 47, 32, .number, "columns of that matrix")
      case .output: .init(.rs2, 31, 0, .local, "where the result goes")
      case .outputRows: .init(.rs2, 63, 48, .number, "rows of C")
      case .outputColumns: .init(.rs2, 47, 32, .number, "columns of C")
      }
    }
  }

  /// B when weights stay, D when outputs stay.
  public var input: LocalAddress { local(.input) }
  /// Rows of that matrix.
  public var inputRows: Int { self[.inputRows] }
  /// Columns of that matrix.
  public var inputColumns: Int { self[.inputColumns] }
  /// Where the result goes.
  public var output: LocalAddress { local(.output) }
  /// Rows of C.
  public var outputRows: Int { self[.outputRows] }
  /// Columns of C.
  public var outputColumns: Int { self[.outputColumns] }
}

/// A product in the array: compute_preloaded, compute_accumulated (facts 3.2).
public struct Compute: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.computePreloaded, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[31:0]: first scratchpad row of A; the others follow config_ex's stride apart.
    case a
    /// rs1[63:48]: rows of A as stored, 0...DIM; the array takes at least 4 (facts 6.4).
    case aRows = "a_rows"
    /// rs1[47:32]: columns of A as stored, 0...DIM; elements beyond count as zeros (facts 4.4).
    case aColumns = "a_cols"
    /// rs2[31:0]: first row of D when weights stay, of B when outputs stay; garbage feeds zeros.
    case b
    /// rs2[63:48]: rows of that matrix as stored, 0...DIM.
    case bRows = "b_rows"
    /// rs2[47:32]: columns of that matrix as stored, 0...DIM.
    case bColumns = "b_cols"

    public var layout: FieldLayout {
      switch self {
      case .a: .init(.rs1, 31, 0, .local, "A")
      case .aRows: .init(.rs1, 63, 48, .number, "rows of A")
      case .aColumns: .init(.rs1, 47, 32, .number, "columns of A")
      case .b: .init(.rs2, 31, 0, .local, "D when weights stay, B when outputs stay")
      case .bRows: .init(.rs2, 63, 48, .number, "rows of that matrix")
      case .bColumns: .init(.rs2, 47, 32, .number, "columns of that matrix")
      }
    }
  }

  /// A.
  public var a: LocalAddress { local(.a) }
  /// Rows of A.
  public var aRows: Int { self[.aRows] }
  /// Columns of A.
  public var aColumns: Int { self[.aColumns] }
  /// D when weights stay, B when outputs stay.
  public var b: LocalAddress { local(.b) }
  /// Rows of that matrix.
  public var bRows: Int { self[.bRows] }
  /// Columns of that matrix.
  public var bColumns: Int { self[.bColumns] }
}

/// Forgets address translations: flush (facts 3.8).
public struct Flush: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.flush, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[0]: 1 drops a request that has faulted, 0 repeats it; translations are forgotten either way.
    case skip

    public var layout: FieldLayout {
      switch self {
      case .skip: .init(.rs1, 0, 0, .flag, "drop the faulting request instead of repeating it")
      }
    }
  }

  /// Drop the faulting request instead of repeating it.
  public var skip: Bool { flag(.skip) }
}

/// Switches the clock gate: clock_gate (facts 3.1).
public struct ClockGate: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.clockGate, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[0]: what the clock enable becomes if the accelerator is idle (facts 3.1).
    case enable

    public var layout: FieldLayout {
      switch self {
      case .enable: .init(.rs1, 0, 0, .flag, "let the clock run")
      }
    }
  }

  /// Let the clock run.
  public var enable: Bool { flag(.enable) }
}

/// Reads and sets performance counters: counter (facts 3.8).
public struct CounterAccess: CommandView {
  public var command: Command

  public init(_ command: Command) { self.command = command }

  /// The command with every field 0.
  public init() { command = Command(.counter, 0, 0) }

  /// The fields.
  public enum Field: String, CommandField {
    /// rs1[0]: set all counters and external sums to 0, and leave the snapshot (facts 10).
    case reset
    /// rs1[1]: leave the snapshot: reads return the live counters again.
    case clearSnapshot = "clear_snapshot"
    /// rs1[2]: copy all counters; reads return the copies while the counting goes on.
    case takeSnapshot = "snapshot"
    /// rs1[3]: let counter `index` count `event`, from 0 on.
    case configure
    /// rs1[11:4]: the counter, below `FeatureConfig.counters`; of 8, hardware looks at rs1[6:4].
    case index
    /// rs1[17:12]: code of the event to count, 0...44, or of the external value, 1...7 (facts 10).
    case event
    /// rs1[31]: `event` names an external value, such as bytes moved, which is read as it is.
    case isExternal = "external"

    public var layout: FieldLayout {
      switch self {
      case .reset: .init(.rs1, 0, 0, .flag, "clear all counters")
      case .clearSnapshot: .init(.rs1, 1, 1, .flag, "leave the snapshot")
      case .takeSnapshot: .init(.rs1, 2, 2, .flag, "freeze the values that reads return")
      case .configure: .init(.rs1, 3, 3, .flag, "set which event the counter counts")
      case .index: .init(.rs1, 11, 4, .number, "the counter")
      case .event: .init(.rs1, 17, 12, .number, "the event to count")
      case .isExternal: .init(.rs1, 31, 31, .flag, "the event is one of the external ones")
      }
    }
  }

  /// Clear all counters.
  public var reset: Bool { flag(.reset) }
  /// Leave the snapshot.
  public var clearSnapshot: Bool { flag(.clearSnapshot) }
  /// Freeze the values that reads return.
  public var takeSnapshot: Bool { flag(.takeSnapshot) }
  /// Set which event the counter counts.
  public var configure: Bool { flag(.configure) }
  /// The counter.
  public var index: Int { self[.index] }
  /// The event to count.
  public var event: Int { self[.event] }
  /// The event is one of the external ones.
  public var isExternal: Bool { flag(.isExternal) }
}
