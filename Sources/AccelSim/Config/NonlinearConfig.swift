import SystolicCore

/// The floating-point nonlinear unit; `FeatureConfig.nonlinearUnit` says whether there is one
/// (Docs/NonlinearUnit.md).
public struct NonlinearConfig: Equatable, Sendable {
  /// Elements that start together, a power of two, at most DIM.
  public var lanes = 16
  /// What lanes compute in.
  public var format = LaneFormat.fp32
  /// Commands between the reservation station and the unit.
  public var queueEntries = 4
  /// Rows of the array's width that each operand's buffer holds.
  public var operandRows = 8
  /// Cycles of an addition, multiplication, comparison or conversion; one a lane and cycle.
  public var arithmeticLatency = 3
  /// Cycles of an exponential.
  public var exponentialLatency = 36
  /// Cycles from one exponential of a lane to the next.
  public var exponentialInterval = 1
  /// Cycles of a division.
  public var divisionLatency = 14
  /// Cycles from one division of a lane to the next.
  public var divisionInterval = 14
  /// Cycles of a square root.
  public var rootLatency = 26
  /// Cycles from one square root of a lane to the next.
  public var rootInterval = 26

  public init() {}
}

/// Where nonlinear work is done.
public enum Placement: String, CaseIterable, Codable, Sendable {
  /// On the host, in FP32, at `HostConfig`'s cycles an element.
  case host
  /// In the floating-point nonlinear unit.
  case fpUnit
  /// In the accelerator's integer units: normaliser, activations, accumulator (facts 4.8-4.10).
  case integerUnit

  /// The predefined machine that does all its nonlinear work there.
  public var preset: String {
    switch self {
    case .host: "gemmini-default"
    case .fpUnit: "gemmini-fp"
    case .integerUnit: "gemmini-ibert"
    }
  }
}

/// Where each kind of nonlinear work is done.
public struct PlacementConfig: Equatable, Sendable {
  /// Softmax; in the integer units as `FeatureConfig.softmaxExponential` says.
  public var softmax = Placement.host
  /// LayerNorm and RMSNorm.
  public var layerNorm = Placement.host
  /// GELU and its relatives.
  public var activation = Placement.host
  /// Additions of two tensors; the integer units do them in the accumulator (facts 5.3).
  public var residual = Placement.host

  public init() {}

  /// Everything in one place.
  public init(everything place: Placement) {
    softmax = place
    layerNorm = place
    activation = place
    residual = place
  }
}

extension HardwareConfig {
  static let nonlinearSection = ConfigSection(
    name: "nonlinear",
    meaning: "The floating-point nonlinear unit, if `features.nonlinearUnit` is true "
      + "(Docs/NonlinearUnit.md). Latencies and intervals are those of one lane.",
    keys: KeyMaker("nonlinear").keys {
      [
        $0.integer(
          "lanes", \.nonlinear.lanes, .powerOfTwo(1...256),
          "Elements that start together; at most DIM, because a bank gives a row of DIM a cycle.",
          unit: "lanes", "paper facts 1.6 (16 activation units), 1.5 (S = 16)"),
        $0.choice(
          "format", \.nonlinear.format, "What lanes compute in; sums are FP32 always.",
          "this project's own"),
        $0.integer(
          "queueEntries", \.nonlinear.queueEntries, .any(1...64),
          "Commands between the reservation station and the unit.", unit: "commands",
          "this project's own"),
        $0.integer(
          "operandRows", \.nonlinear.operandRows, .any(2...64),
          "Rows of DIM elements that each operand's buffer holds; fewer than a bank's latency in "
            + "cycles slow the unit down.",
          unit: "rows", "this project's own"),
        $0.integer(
          "arithmeticLatency", \.nonlinear.arithmeticLatency, .any(1...64),
          "An addition, multiplication, comparison or conversion; fully pipelined.", unit: "cycles",
          "Rocket's sfmaLatency"),
        $0.integer(
          "exponentialLatency", \.nonlinear.exponentialLatency, .any(1...256),
          "An exponential: 12 dependent multiply-adds of 3 cycles (FloatFunctions.exp).",
          unit: "cycles", "Docs/NonlinearUnit.md"),
        $0.integer(
          "exponentialInterval", \.nonlinear.exponentialInterval, .any(1...256),
          "From one exponential to the next; 1 is fully pipelined.", unit: "cycles",
          "Docs/NonlinearUnit.md"),
        $0.integer(
          "divisionLatency", \.nonlinear.divisionLatency, .any(1...256),
          "A division: 24 bits, two a cycle.", unit: "cycles", "facts 8.7"),
        $0.integer(
          "divisionInterval", \.nonlinear.divisionInterval, .any(1...256),
          "From one division to the next; the hardware's dividers take one at a time.",
          unit: "cycles", "facts 8.7"),
        $0.integer(
          "rootLatency", \.nonlinear.rootLatency, .any(1...256),
          "A square root: 24 bits, one a cycle, and two cycles around.", unit: "cycles",
          "HardFloat's divSqrtRecFN_small"),
        $0.integer(
          "rootInterval", \.nonlinear.rootInterval, .any(1...256),
          "From one square root to the next.", unit: "cycles", "HardFloat's divSqrtRecFN_small"),
      ]
    })

  static let placementSection = ConfigSection(
    name: "placement",
    meaning: "Where work that is no matmul is done: `host`, `fpUnit` (needs "
      + "`features.nonlinearUnit`) or `integerUnit` (needs `features.normalizations`; a residual "
      + "needs only the accumulator).",
    keys: KeyMaker("placement").keys {
      [
        $0.choice("softmax", \.placement.softmax, "Softmax.", "paper facts 1.6"),
        $0.choice("layerNorm", \.placement.layerNorm, "LayerNorm and RMSNorm.", "paper facts 1.6"),
        $0.choice(
          "activation", \.placement.activation,
          "GELU and its relatives; ReLU never leaves the move-out path.", "paper facts 1.6"),
        $0.choice("residual", \.placement.residual, "Residual additions.", "paper facts 1.6"),
      ]
    })

  static let nonlinearRules =
    [
      ConfigRule(
        statement: "at most DIM lanes: a bank gives a row of DIM elements a cycle",
        keys: ["nonlinear.lanes", "features.nonlinearUnit"] + meshKeys
      ) {
        guard let dim = $0.dim, $0.features.nonlinearUnit else { return nil }
        return $0.nonlinear.lanes <= dim ? nil : "\($0.nonlinear.lanes) lanes, DIM \(dim)"
      }
    ] + intervalRules

  private static let intervalRules: [ConfigRule] = [
    ("exponential", \.exponentialInterval, \.exponentialLatency),
    ("division", \.divisionInterval, \.divisionLatency),
    ("root", \.rootInterval, \.rootLatency),
  ].map {
    (
      name: String, interval: KeyPath<NonlinearConfig, Int> & Sendable,
      latency: KeyPath<NonlinearConfig, Int> & Sendable
    ) in
    ConfigRule(
      statement: "at most \(name)Latency: no operation of a lane waits longer than one takes",
      keys: ["nonlinear.\(name)Interval", "nonlinear.\(name)Latency"]
    ) {
      let (apart, long) = ($0.nonlinear[keyPath: interval], $0.nonlinear[keyPath: latency])
      return apart <= long ? nil : "\(apart) with \(name)Latency \(long)"
    }
  }

  /// What each placement needs, operation by operation.
  static let placementRules: [ConfigRule] = [
    ("softmax", \.softmax), ("layerNorm", \.layerNorm), ("activation", \.activation),
    ("residual", \.residual),
  ].flatMap { (name: String, path: KeyPath<PlacementConfig, Placement> & Sendable) in
    [
      ConfigRule(
        statement: "another placement, or features.nonlinearUnit true",
        keys: ["placement.\(name)", "features.nonlinearUnit"]
      ) {
        $0.placement[keyPath: path] == .fpUnit && !$0.features.nonlinearUnit ? "\"fpUnit\"" : nil
      },
      ConfigRule(
        statement: name == "residual"
          ? "another placement, or accumulator.readsSmallWidth true"
          : "another placement, or features.normalizations, features.nonlinearActivations and "
            + "accumulator.readsSmallWidth true",
        keys: [
          "placement.\(name)", "features.normalizations", "features.nonlinearActivations",
          "accumulator.readsSmallWidth",
        ]
      ) {
        let features = $0.features
        let isPossible =
          $0.accumulator.readsSmallWidth
          && (name == "residual" || features.normalizations && features.nonlinearActivations)
        return $0.placement[keyPath: path] == .integerUnit && !isPossible
          ? "\"integerUnit\"" : nil
      },
    ]
  }
}
