/// Cycles that the host spent on one kind of work.
public struct HostCycles: Codable, Equatable, Sendable {
  /// What the host did.
  public var activity: HostActivity
  /// Cycles of the run in which it did that.
  public var cycles: Int

  public init(activity: HostActivity, cycles: Int) {
    self.activity = activity
    self.cycles = cycles
  }
}

/// What the host spends cycles on, besides issuing commands.
public enum HostActivity: String, CaseIterable, Codable, Sendable {
  /// Softmax over rows.
  case softmax
  /// LayerNorm and RMSNorm.
  case layerNorm
  /// GELU and its relatives.
  case activation
  /// Sums and products of two tensors.
  case residual
  /// Quantising and dequantising.
  case conversion
  /// Starting operations.
  case launch
  /// Fences, after the accelerator has become idle.
  case fence
}

/// An operator of the program: from the step that names it to the next such step, or the end.
public struct RegionResult: Codable, Equatable, Sendable {
  /// Empty for what comes before the first name.
  public var name: String
  /// First cycle; the regions of a run follow each other without gaps.
  public var start: Int
  /// From `start` to where the next region begins, or the run ends.
  public var cycles: Int
  /// Bytes of read requests on the bus, whole packets.
  public var readBytes = 0
  /// Bytes of write requests on the bus, whole packets.
  public var writtenBytes = 0
  /// Bytes that main memory itself read; with a cache those of its misses.
  public var dramReadBytes = 0
  /// Bytes that main memory itself wrote; with a cache those that it wrote back, whichever
  /// operator they were written by.
  public var dramWrittenBytes = 0
  /// Rows of the local memories.
  public var local = LocalTraffic()
  /// Cycles in which the host computed, and the accelerator may have worked as well.
  public var hostCycles = 0
  /// Where each unit's cycles went.
  public var units: [UnitAccount] = []
  /// What every cycle went to; they add up to `cycles`. A use without any is left out.
  public var cycleUses: [ReasonCount] = []

  public init(name: String, start: Int, cycles: Int) {
    self.name = name
    self.start = start
    self.cycles = cycles
  }
}

/// Elements of one operator that changed their number format or scale in one place.
public struct ConversionCount: Codable, Equatable, Sendable {
  /// Name of the operator; empty if the program names none. Regions of one name are added up.
  public var region: String
  /// Where numbers were converted.
  public var by: ConversionPlace
  /// What was done to them.
  public var kind: ConversionKind
  /// Numbers converted.
  public var elements: Int
  /// Cycles for these conversions alone; 0 where they are hidden in a move or in the
  /// nonlinear unit.
  public var cycles: Int

  public init(
    region: String, by: ConversionPlace, kind: ConversionKind, elements: Int, cycles: Int
  ) {
    self.region = region
    self.by = by
    self.kind = kind
    self.elements = elements
    self.cycles = cycles
  }
}

/// Who converts.
public enum ConversionPlace: String, CaseIterable, Codable, Sendable {
  /// The host, in `HostActivity.conversion` cycles.
  case host
  /// The floating-point nonlinear unit.
  case fpUnit
  /// The scaling unit between accumulator and memory.
  case moveOut
  /// The scaler between memory and the banks.
  case moveIn

  /// The name in reports.
  var name: String {
    switch self {
    case .host: "host"
    case .fpUnit: "FP unit"
    case .moveOut: "move-out"
    case .moveIn: "move-in"
    }
  }
}

/// From what to what.
public enum ConversionKind: String, CaseIterable, Codable, Sendable {
  /// Floating point to integer.
  case quantise
  /// Integer to floating point.
  case dequantise
  /// Integer to integer of another scale.
  case requantise
}
