/// What the host's work costs, and the cycles that it has cost so far.
struct HostAccount: Sendable {
  /// Cycles of converting, and those of everything else.
  typealias Cost = (conversion: Int, operation: Int)

  private let config: HostConfig
  private var spent = [Int](repeating: 0, count: HostActivity.allCases.count)

  init(_ config: HostConfig) { self.config = config }

  /// Charges `work`. An operation without a calibrated cost has that of its nearest relative: an
  /// assumption (Docs/Deviations.md).
  mutating func charge(_ work: HostWork) -> Cost {
    let operation =
      switch work.operation {
      case .softmax, .softmaxOnline: charge(.softmax, config.softmaxCycles * work.elements)
      case .layerNorm, .rmsNorm: charge(.layerNorm, config.layerNormCycles * work.elements)
      case .exponential, .eluPlusOne, .gelu, .geluTanh, .silu, .gatedSilu:
        charge(.activation, config.activationCycles * work.elements)
      case .add, .multiply: charge(.residual, config.residualCycles * work.elements)
      // Conversions alone; top-k never comes here (`HostWork.check`).
      case .convert, .topK: 0
      }
    let conversion = charge(
      .conversion, conversionCycles(work.dequantisedElements + work.quantisedElements))
    return (conversion, operation + charge(.launch, config.launchCycles))
  }

  /// Cycles that `work` would cost.
  func cost(of work: HostWork) -> Cost {
    var account = self
    return account.charge(work)
  }

  /// Charges a fence.
  ///
  /// - Returns: Its cycles.
  mutating func chargeFence() -> Int { charge(.fence, config.fenceCycles) }

  /// Cycles of converting `elements`.
  func conversionCycles(_ elements: Int) -> Int { config.conversionCycles * elements }

  private mutating func charge(_ activity: HostActivity, _ cycles: Int) -> Int {
    spent[HostActivity.allCases.firstIndex(of: activity) ?? 0] += cycles
    return cycles
  }

  /// All cycles so far.
  var cycles: Int { spent.reduce(0, +) }

  /// What cost cycles, in the order of reports.
  var activities: [HostCycles] {
    zip(HostActivity.allCases, spent).compactMap { activity, cycles in
      cycles == 0 ? nil : HostCycles(activity: activity, cycles: cycles)
    }
  }
}
