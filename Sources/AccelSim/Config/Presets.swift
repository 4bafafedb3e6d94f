/// A machine that ships with the simulator; also a file in `Configs`.
public struct ConfigPreset: Sendable {
  /// One line on what it is.
  public let summary: String
  /// The machine; its name is the preset's.
  public let config: HardwareConfig
}

extension HardwareConfig {
  /// The names that `preset(_:)` knows.
  public static var presetNames: [String] { presets.map(\.config.name) }

  /// The predefined machine of this name.
  public static func preset(_ name: String) -> HardwareConfig? {
    presets.first { $0.config.name == name }?.config
  }

  /// The machine that a user names: a predefined one, or a file.
  ///
  /// - Parameter nameOrPath: A predefined name; anything else is a path.
  /// - Throws: `InvalidConfig` as `load(path:)`; for an unknown name with the nearest known one.
  public static func named(_ nameOrPath: String) throws(InvalidConfig) -> HardwareConfig {
    if let config = preset(nameOrPath) { return config }
    do {
      return try load(path: nameOrPath)
    } catch {
      var error = error
      let isName = !nameOrPath.contains("/") && !nameOrPath.hasSuffix(".json")
      if isName, error.problems.count == 1, error.problems[0].position == nil {
        error.problems[0].expected = "a predefined machine or a configuration file"
        error.problems[0].suggestion = Suggestion.nearest(to: nameOrPath, among: presetNames)
      }
      throw error
    }
  }

  /// Every predefined machine, the default one first (facts 1.4).
  public static let presets: [ConfigPreset] = [
    define("gemmini-default", "The default machine at the newest revision.") { _ in },
    define(
      "gemmini-lean", "Weight-stationary only, 64 requests in flight, no bias from memory."
    ) {
      $0.array.dataflow = .weightStationary
      $0.accumulator.readsFullWidth = false
      $0.dma.maxInFlight = 64
      $0.features.executeReadsAccumulator = false
      $0.features.executeWritesScratchpad = false
      $0.features.hardcodeBiasToZero = true
    },
    define(
      "gemmini-chip",
      "The taped-out machine: a quarter of the scratchpad, half of the accumulator, single ports."
    ) {
      $0.array.dataflow = .weightStationary
      $0.array.outputDelay = 2
      $0.scratchpad.capacityKiB = 64
      $0.accumulator.capacityKiB = 32
      $0.accumulator.singlePorted = true
      $0.accumulator.subBanks = 2
      $0.moveOut.scaleLatency = 4
      $0.features.executeReadsAccumulator = false
      $0.features.executeWritesScratchpad = false
      $0.features.hardcodeBiasToZero = true
    },
    define("gemmini-ibert", "For transformers: the normaliser and a 128 KiB accumulator.") {
      $0.accumulator.capacityKiB = 128
      $0.features.trainingConvs = false
      $0.features.maxPool = false
      $0.features.normalizations = true
      $0.placement = PlacementConfig(everything: .integerUnit)
    },
    define(
      "gemmini-fp", "The default machine with the floating-point nonlinear unit of 16 lanes."
    ) {
      $0.features.nonlinearUnit = true
      $0.placement = PlacementConfig(everything: .fpUnit)
    },
    define("gemmini-32x32", "High-performance inference: a 32x32 array, memories doubled.") {
      $0.array.meshRows = 32
      $0.array.meshColumns = 32
      $0.scratchpad.capacityKiB = 512
      $0.accumulator.capacityKiB = 128
      $0.features.trainingConvs = false
    },
    define(
      "gemmini-8x8", "A small machine of this project's own: an 8x8 array, memories quartered."
    ) {
      $0.array.meshRows = 8
      $0.array.meshColumns = 8
      $0.scratchpad.capacityKiB = 64
      $0.accumulator.capacityKiB = 16
    },
    define(
      "rtl-lean", "The recorded design `lean`: weight-stationary, a revision of late 2023."
    ) {
      $0.array.dataflow = .weightStationary
      $0.dma.maxInFlight = 32
      $0.useRecordedRevision()
    },
    define(
      "rtl-default", "The recorded design `default`: both dataflows, a revision of mid 2023."
    ) {
      $0.useRecordedRevision()
      $0.features.convEncoding = .square
    },
  ]

  /// What the two recorded revisions share (corrections V1, V2, V3, V5).
  private mutating func useRecordedRevision() {
    scratchpad.readPipelineStages = 4
    moveIn.queueDepth = 0
    reservationStation.storeOrder = .afterIssue
    features.storeToScratchpad = false
  }

  private static func define(
    _ name: String, _ summary: String, _ change: (inout HardwareConfig) -> Void
  ) -> ConfigPreset {
    var config = HardwareConfig()
    config.name = name
    change(&config)
    return ConfigPreset(summary: summary, config: config)
  }
}
