/// What a machine is: every parameter that changes its results or its timing (facts 1).
///
/// A value of this type is only a description; `Machine(_:)` checks it and derives the numbers
/// that the models use. Defaults are those of the default Gemmini at its newest revision.
public struct HardwareConfig: Equatable, Sendable {
  /// A name for reports.
  public var name = "gemmini"
  /// Shape, dataflow and registers of the array; DIM is its rows, and its columns.
  public var array = ArrayConfig()
  /// The memory of the array's operands: size, banks, ports, time of a read.
  public var scratchpad = ScratchpadConfig()
  /// The memory of results: size, banks, ports, time of a write, what can be read.
  public var accumulator = AccumulatorConfig()
  /// How many commands wait for those that they depend on, and the order of stores (facts 5.5).
  public var reservationStation = ReservationStationConfig()
  /// Depths of the command queues between reservation station and controllers (facts 6).
  public var queues = QueueConfig()
  /// Size, alignment and number of the requests to main memory, and the width of their bus (facts 9).
  public var dma = DMAConfig()
  /// Multipliers that scale int8 rows on their way in (facts 8.2).
  public var moveIn = MoveInConfig()
  /// Multipliers that scale accumulator rows on their way out (facts 8.6).
  public var moveOut = MoveOutConfig()
  /// Lanes and latencies of the floating-point nonlinear unit, if `features.nonlinearUnit` is true.
  public var nonlinear = NonlinearConfig()
  /// Where softmax, norms, activations and residuals are done.
  public var placement = PlacementConfig()
  /// Parts that the machine may lack; a command that needs a missing one is an error.
  public var features = FeatureConfig()
  /// Latency and bandwidth of main memory; by default those of the recorded runs.
  public var memory = MemoryConfig()
  /// The cache between bus and main memory; by default there is none.
  public var l2 = CacheConfig()
  /// The core that issues the commands: how fast, and what work of its own costs.
  public var host = HostConfig()

  public init() {}
}

/// Which operand stays in the array.
public enum Dataflow: String, CaseIterable, Sendable {
  /// Sums stay: each element adds up one result while A and B pass through it (facts 4.2).
  case outputStationary
  /// Weights stay: sums grow from row to row down a column (facts 4.2).
  case weightStationary
  /// Hardware for both; each config_ex chooses.
  case both
}

/// The array of processing elements.
public struct ArrayConfig: Equatable, Sendable {
  /// Rows of tiles, 1...256; registers stand between tiles. DIM is `meshRows × tileRows`.
  public var meshRows = 16
  /// Columns of tiles, 1...256; `meshColumns × tileColumns` is DIM too.
  public var meshColumns = 16
  /// Rows of processing elements in a tile, 1...256; a tile is combinational inside.
  public var tileRows = 1
  /// Columns of processing elements in a tile, 1...256.
  public var tileColumns = 1
  /// Which operand stays in the array; `both` lets each config_ex choose.
  public var dataflow = Dataflow.both
  /// Extra registers a hop between tiles; a hop takes `tileLatency + 1` cycles.
  public var tileLatency = 0
  /// Registers after the bottom row, in cycles.
  public var outputDelay = 1
  /// Bits of the partial sums that travel between processing elements.
  public var outputBits = 20

  public init() {}
}

/// Types of a scratchpad element; others of the hardware's generator are not modelled.
public enum InputType: String, CaseIterable, Sendable {
  /// Signed, 8 bits; conversions saturate (facts 4.3, 4.5).
  case int8
}

/// Types of an accumulator element; others of the hardware's generator are not modelled.
public enum AccumulatorType: String, CaseIterable, Sendable {
  /// Signed, 32 bits; additions wrap (facts 4.3).
  case int32
}

/// The scratchpad: int8 rows of one array width.
public struct ScratchpadConfig: Equatable, Sendable {
  /// Type of A, B and D in memory and of the array's inputs.
  public var elementType = InputType.int8
  /// Size in KiB, 1...262,144; a row holds DIM bytes, a bank 2^n rows, at least DIM.
  public var capacityKiB = 256
  /// Banks, a power of two from 2 to 64; each is a contiguous part of the rows (facts 2.1).
  public var banks = 4
  /// One port: a write blocks reads of its bank for the cycle.
  public var singlePorted = true
  /// Depth of each bank's response queues and of the control queues behind them (facts 1.1, RD).
  public var readDelay = 4
  /// Register stages between a bank's SRAM output and its readers. Newest revision 0: data usable
  /// 2 cycles after the read; 2023 revisions `readDelay` stages: 5 cycles (corrections V1).
  public var readPipelineStages = 0

  public init() {}
}

/// The accumulator: int32 rows of one array width.
public struct AccumulatorConfig: Equatable, Sendable {
  /// Type of an element in the accumulator; its additions wrap (facts 4.3).
  public var elementType = AccumulatorType.int32
  /// Size in KiB, 1...262,144; a row holds 4 × DIM bytes, a bank 2^n rows, at least DIM.
  public var capacityKiB = 64
  /// Banks, 1, 2 or 4, each a contiguous part of the rows; the hardware names them in 2 bits.
  public var banks = 2
  /// Banks of single-ported SRAMs instead of ones that read and write in a cycle (facts 8.5).
  public var singlePorted = false
  /// Sub-banks of a single-ported bank: 1, 2 or 4.
  public var subBanks = 1
  /// Cycles from an accepted write to the SRAM holding it; at least 2.
  public var latency = 2
  /// Whether raw 32-bit rows can be moved out.
  public var readsFullWidth = true
  /// Whether scaled int8 rows can be moved out.
  public var readsSmallWidth = true

  public init() {}
}

/// When a store may issue relative to older stores (corrections V3).
public enum StoreOrder: String, CaseIterable, Sendable {
  /// After every older store has completed (newest revision).
  case afterCompletion
  /// After every older store has issued (2023 revisions).
  case afterIssue
}

/// Entries of the reservation station, each a power of two.
public struct ReservationStationConfig: Equatable, Sendable {
  /// Loads held, 1...64; all four sizes together are at most 64.
  public var loadEntries = 8
  /// Stores held, 1...64.
  public var storeEntries = 4
  /// Executes held, 2...64; a preload waits here for its compute.
  public var executeEntries = 16
  /// Commands of the nonlinear unit, where there is one.
  public var nonlinearEntries = 4
  /// What a store waits for: that older stores are complete, or only that they have issued.
  public var storeOrder = StoreOrder.afterCompletion

  public init() {}
}

/// Depths of the controllers' command queues.
public struct QueueConfig: Equatable, Sendable {
  /// Commands in the load controller's queue, 1...64 (facts 6.2).
  public var load = 8
  /// Commands in the store controller's queue, 1...64 (facts 6.3).
  public var store = 2
  /// Commands in the execute controller's queue, 3...64: it looks at three of them (facts 6.4).
  public var execute = 8

  public init() {}
}

/// The DMA engines between main memory and the local memories.
public struct DMAConfig: Equatable, Sendable {
  /// Largest request in bytes, a power of two.
  public var maxBytes = 64
  /// Width of the bus in bits: one beat a cycle.
  public var busBits = 128
  /// Reads, and separately writes, in flight. Also fixes the load (store) commands in flight:
  /// `maxInFlight / DIM + 1` (facts 6.1).
  public var maxInFlight = 16
  /// Smallest alignment of a request in bytes, a power of two.
  public var alignedTo = 1

  public init() {}
}

/// The scaling units of the move-in path and what stands around them.
public struct MoveInConfig: Equatable, Sendable {
  /// Shared multipliers of the int8 scaler; 0 means one a lane, fully pipelined.
  public var scaleUnits = 4
  /// Pipeline stages of a multiplier.
  public var scaleLatency = 4
  /// Entries of the queue between reader and scaler: 2 in the newest revision, 0 (a wire) in the
  /// 2023 revisions (corrections V2).
  public var queueDepth = 2

  public init() {}
}

/// The scaling unit of the move-out path.
public struct MoveOutConfig: Equatable, Sendable {
  /// Shared multipliers; 0 means one a lane, fully pipelined (all predefined machines).
  public var scaleUnits = 0
  /// Pipeline stages of a multiplier.
  public var scaleLatency = 8

  public init() {}
}

/// Field layout of the loop_conv_ws commands (corrections V5).
public enum ConvEncoding: String, CaseIterable, Sendable {
  /// Separate row and column sizes, since July 2023 (facts 3.7).
  case rectangular
  /// The older square-only fields.
  case square
}

/// How the integer softmax computes its exponential (facts 4.10).
public enum SoftmaxExponential: String, CaseIterable, Sendable {
  /// The I-BERT integer exponential that software expects.
  case ibert
  /// The I-GELU polynomial that the snapshot of the hardware elaborates.
  case elaborated
}

/// Whose arithmetic to follow where hardware and its software model disagree (facts appendix B).
public enum NumericsModel: String, CaseIterable, Sendable {
  /// That of the RTL: output-stationary sums wrap, ReLU comes before the scale (facts 4.2, 4.6).
  case hardware
  /// That of the Spike model: output-stationary sums have 32 bits, ReLU comes after the scale.
  case softwareModel
}

/// Optional parts of the machine.
public struct FeatureConfig: Equatable, Sendable {
  /// Transposing, rotating and dilating options of loop_conv_ws; without them they read as 0 (facts 3.7).
  public var trainingConvs = true
  /// Max pooling on the way out, done by the DMA's writer (facts 4.7).
  public var maxPool = true
  /// ReLU, and with `normalizations` the other activations.
  public var nonlinearActivations = true
  /// The depthwise flag of loop_conv_ws; without it the flag reads as 0 (facts 3.7).
  public var depthwiseConvs = true
  /// The normaliser: layer norm, softmax, I-GELU and config_norm (facts 4.8 to 4.10, 8.7).
  public var normalizations = false
  /// The floating-point nonlinear unit (Docs/NonlinearUnit.md).
  public var nonlinearUnit = false
  /// Pixel repeats; adds a register to both move-in paths (facts 8.2).
  public var firstLayerOptimizations = true
  /// The loop_conv_ws unit and its stage, a cycle, in the command path (facts 5.1).
  public var loopConv = true
  /// The commands mvout_spad and loop_ws with a scratchpad destination.
  public var storeToScratchpad = true
  /// Fields of loop_conv_ws: separate rows and columns since July 2023, `square` before.
  public var convEncoding = ConvEncoding.rectangular
  /// The array can read operands from the scratchpad.
  public var executeReadsScratchpad = true
  /// The array can read operands from the accumulator; but none would arrive, so they are errors (facts 4.6).
  public var executeReadsAccumulator = true
  /// The array can write results to the scratchpad, and checks for hazards there (facts 6.4).
  public var executeWritesScratchpad = true
  /// The array can write results to the accumulator.
  public var executeWritesAccumulator = true
  /// Weight-stationary only: the bias port is tied to zero.
  public var hardcodeBiasToZero = false
  /// Performance counters, 0...255.
  public var counters = 8
  /// The exponential of integer softmax: I-BERT's, or what the newest sources elaborate (facts 4.10).
  public var softmaxExponential = SoftmaxExponential.ibert
  /// Whose arithmetic counts where hardware and its software model disagree (facts appendix B).
  public var numerics = NumericsModel.hardware

  public init() {}
}
