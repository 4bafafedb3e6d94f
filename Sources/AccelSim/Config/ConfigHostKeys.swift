extension HardwareConfig {
  private static let calibration =
    "calibration from the survey paper's time breakdown of BERT-Base (paper facts 1.6)"

  static let hostSection = ConfigSection(
    name: "host",
    meaning: "The core that issues commands, and computes what the accelerator cannot. Its costs "
      + "an element are calibrated from a published time breakdown, not measured (Timing.md).",
    keys: KeyMaker("host").keys {
      [
        $0.integer(
          "issueInterval", \.host.issueInterval, .any(1...1_000_000),
          "Least distance between two accepted commands.", unit: "cycles",
          "outside the accelerator"),
        $0.choice(
          "core", \.host.core,
          "Sets the five costs an element below, wherever it stands in the section; a cost that "
            + "the file gives counts instead. `rocket`: in order with a scalar floating-point unit, "
            + "the defaults. `boom`: out of order, half of them, rounded up; the source, that "
            + "such a host makes the whole about 2 times faster, is unconfirmed.",
          "paper facts 1.6, 1.9 [M]"),
        $0.integer(
          "softmaxCycles", \.host.softmaxCycles, cost, "Softmax.", unit: "cycles/element",
          calibration),
        $0.integer(
          "activationCycles", \.host.activationCycles, cost,
          "GELU. Other activations and exponentials are charged the same: an assumption.",
          unit: "cycles/element", calibration),
        $0.integer(
          "layerNormCycles", \.host.layerNormCycles, cost,
          "Layer norm. The breakdown's labels of layer norm (4 %) and residual (11 %) may be "
            + "swapped; then this is 111 and `residualCycles` 40. RMSNorm is charged the same: an "
            + "assumption.",
          unit: "cycles/element", calibration),
        $0.integer(
          "residualCycles", \.host.residualCycles, cost,
          "Addition of a residual; see `layerNormCycles`. The product of two tensors is charged the "
            + "same: an assumption.",
          unit: "cycles/element", calibration),
        $0.integer(
          "conversionCycles", \.host.conversionCycles, cost,
          "To quantise or to dequantise, on top of an operation's own cost.",
          unit: "cycles/element", calibration),
        $0.integer(
          "fenceCycles", \.host.fenceCycles, cost,
          "What a fence takes after the accelerator has become idle; recorded fences take nothing.",
          unit: "cycles", "outside the accelerator"),
        $0.integer(
          "launchCycles", \.host.launchCycles, cost, "To start one operation on the host.",
          unit: "cycles", "outside the accelerator"),
      ]
    })

  private static let cost = IntegerDomain.any(0...1_000_000)
}
