/// What a machine is: every parameter that changes its results or its timing (facts 1).
///
/// A value of this type is only a description; `Machine(_:)` checks it and derives the numbers
/// that the models use. Defaults are those of the default Gemmini at its newest revision.
public struct HardwareConfig: Equatable, Sendable {
  /// A name for reports.
  public var name = "gemmini"
  public var array = ArrayConfig()
  public var scratchpad = ScratchpadConfig()
  public var accumulator = AccumulatorConfig()
  public var reservationStation = ReservationStationConfig()
  public var queues = QueueConfig()
  public var dma = DMAConfig()
  public var moveIn = MoveInConfig()
  public var moveOut = MoveOutConfig()
  public var nonlinear = NonlinearConfig()
  public var placement = PlacementConfig()
  public var features = FeatureConfig()
  public var memory = MemoryConfig()
  public var l2 = CacheConfig()
  public var host = HostConfig()

  public init() {}
}

/// Which operand stays in the array.
public enum Dataflow: String, CaseIterable, Sendable {
  case outputStationary, weightStationary, both
}

/// The array of processing elements.
public struct ArrayConfig: Equatable, Sendable {
  public var meshRows = 16
  public var meshColumns = 16
  public var tileRows = 1
  public var tileColumns = 1
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
  case int8
}

/// Types of an accumulator element; others of the hardware's generator are not modelled.
public enum AccumulatorType: String, CaseIterable, Sendable {
  case int32
}

/// The scratchpad: int8 rows of one array width.
public struct ScratchpadConfig: Equatable, Sendable {
  public var elementType = InputType.int8
  public var capacityKiB = 256
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
  public var elementType = AccumulatorType.int32
  public var capacityKiB = 64
  public var banks = 2
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
  public var loadEntries = 8
  public var storeEntries = 4
  public var executeEntries = 16
  /// Commands of the nonlinear unit, where there is one.
  public var nonlinearEntries = 4
  public var storeOrder = StoreOrder.afterCompletion

  public init() {}
}

/// Depths of the controllers' command queues.
public struct QueueConfig: Equatable, Sendable {
  public var load = 8
  public var store = 2
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
  case hardware, softwareModel
}

/// Optional parts of the machine.
public struct FeatureConfig: Equatable, Sendable {
  public var trainingConvs = true
  public var maxPool = true
  public var nonlinearActivations = true
  public var depthwiseConvs = true
  public var normalizations = false
  /// The floating-point nonlinear unit (Docs/NonlinearUnit.md).
  public var nonlinearUnit = false
  public var firstLayerOptimizations = true
  public var loopConv = true
  /// The commands mvout_spad and loop_ws with a scratchpad destination.
  public var storeToScratchpad = true
  public var convEncoding = ConvEncoding.rectangular
  public var executeReadsScratchpad = true
  public var executeReadsAccumulator = true
  public var executeWritesScratchpad = true
  public var executeWritesAccumulator = true
  /// Weight-stationary only: the bias port is tied to zero.
  public var hardcodeBiasToZero = false
  /// Performance counters, 0...255.
  public var counters = 8
  public var softmaxExponential = SoftmaxExponential.ibert
  public var numerics = NumericsModel.hardware

  public init() {}
}
