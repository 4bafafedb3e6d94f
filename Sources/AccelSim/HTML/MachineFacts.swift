/// What a reader must know of a machine, in a few words.
struct MachineFacts: Sendable {
  let config: HardwareConfig
  let dim: Int

  init(_ machine: Machine) {
    config = machine.config
    dim = machine.dim
  }

  /// Array, memories and bus.
  var summary: String {
    "scratchpad \(config.scratchpad.capacityKiB) KiB, accumulator "
      + "\(config.accumulator.capacityKiB) KiB, bus \(config.dma.busBits) bits"
  }

  /// The predefined machine that the configuration is compared with: that of its name, else the
  /// default one.
  private var base: HardwareConfig {
    HardwareConfig.preset(config.name) ?? HardwareConfig.presets[0].config
  }

  /// In which values it differs from a predefined machine.
  var differences: (from: String, values: [(key: String, text: String)]) {
    let values = HardwareConfig.keys.filter { $0.path != "name" }.compactMap { key in
      let (own, old) = (Self.text(key.output(config)), Self.text(key.output(base)))
      return own == old ? nil : (key: key.path, text: "\(own) instead of \(old)")
    }
    return (base.name, values)
  }

  private static func text(_ value: JSONOutput) -> String {
    if case .string(let text) = value { text } else { value.line }
  }
}
