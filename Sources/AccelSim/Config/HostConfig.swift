/// Cores whose costs are known; choosing one sets the costs of `HostConfig`.
public enum HostCore: String, CaseIterable, Sendable {
  /// In order, with a scalar floating-point unit.
  case rocket
  /// Out of order: half of Rocket's costs, rounded up.
  case boom

  /// `cycles` of Rocket on this core.
  fileprivate func cycles(rocket cycles: Int) -> Int {
    switch self {
    case .rocket: cycles
    case .boom: (cycles + 1) / 2
    }
  }
}

/// The core that issues commands, and computes what the accelerator cannot.
///
/// The costs are cycles an element, calibrated from a published time breakdown of BERT (paper
/// facts 1.6), not measured: Docs/Timing.md.
public struct HostConfig: Equatable, Sendable {
  /// Least cycles between two accepted commands.
  public var issueInterval = 1
  /// Setting it sets the costs of the five kinds of elements below.
  public var core = HostCore.rocket {
    didSet { takeCosts() }
  }
  /// Softmax, all passes over an element together.
  public var softmaxCycles = 0
  /// GELU; also what its relatives are charged.
  public var activationCycles = 0
  /// LayerNorm; also what RMSNorm is charged.
  public var layerNormCycles = 0
  /// The addition of two tensors; also what their product is charged.
  public var residualCycles = 0
  /// Cycles to quantise or dequantise an element.
  public var conversionCycles = 0
  /// Cycles that a fence takes after the accelerator has become idle.
  public var fenceCycles = 0
  /// Cycles to start an operation on the host.
  public var launchCycles = 0

  public init() { takeCosts() }

  private mutating func takeCosts() {
    softmaxCycles = core.cycles(rocket: 48)
    activationCycles = core.cycles(rocket: 51)
    layerNormCycles = core.cycles(rocket: 40)
    residualCycles = core.cycles(rocket: 111)
    conversionCycles = core.cycles(rocket: 31)
  }
}
