extension HardwareConfig {
  static let featureSection = ConfigSection(
    name: "features",
    meaning: "Parts that a machine may lack. A command that needs a part that is not there is an "
      + "error.",
    keys: KeyMaker("features").keys {
      [
        $0.boolean(
          "trainingConvs", \.features.trainingConvs,
          "Transposing and dilating options of loop_conv_ws.", "has_training_convs"),
        $0.boolean("maxPool", \.features.maxPool, "Max pooling on the way out.", "has_max_pool"),
        $0.boolean(
          "nonlinearActivations", \.features.nonlinearActivations,
          "ReLU, and with `normalizations` the other activations.", "has_nonlinear_activations"),
        $0.boolean(
          "depthwiseConvs", \.features.depthwiseConvs, "The depthwise flag of loop_conv_ws.",
          "has_dw_convs"),
        $0.boolean(
          "normalizations", \.features.normalizations,
          "The normaliser: layer norm, softmax, I-GELU and config_norm.", "has_normalizations"),
        $0.boolean(
          "nonlinearUnit", \.features.nonlinearUnit,
          "The floating-point nonlinear unit and its commands config_nl and nl_run.",
          "this project's own"),
        $0.boolean(
          "firstLayerOptimizations", \.features.firstLayerOptimizations,
          "Pixel repeats; adds a register to both move-in paths.", "has_first_layer_optimizations"),
        $0.boolean(
          "loopConv", \.features.loopConv,
          "The loop_conv_ws unit and its stage in the command path.",
          "has_loop_conv"),
        $0.boolean(
          "storeToScratchpad", \.features.storeToScratchpad,
          "The commands mvout_spad and loop_ws with a scratchpad destination; absent in the 2023 "
            + "revisions.",
          "corrections V5"),
        $0.choice(
          "convEncoding", \.features.convEncoding,
          "Fields of loop_conv_ws: separate rows and columns since July 2023, `square` before.",
          "corrections V5"),
        $0.boolean(
          "executeReadsScratchpad", \.features.executeReadsScratchpad,
          "The array can read operands from the scratchpad.", "ex_read_from_spad"),
        $0.boolean(
          "executeReadsAccumulator", \.features.executeReadsAccumulator,
          "The array can read operands from the accumulator.", "ex_read_from_acc"),
        $0.boolean(
          "executeWritesScratchpad", \.features.executeWritesScratchpad,
          "The array can write results to the scratchpad.", "ex_write_to_spad"),
        $0.boolean(
          "executeWritesAccumulator", \.features.executeWritesAccumulator,
          "The array can write results to the accumulator.", "ex_write_to_acc"),
        $0.boolean(
          "hardcodeBiasToZero", \.features.hardcodeBiasToZero,
          "The array's bias port is tied to zero.", "hardcode_d_to_garbage_addr"),
        $0.integer(
          "counters", \.features.counters, .any(0...255), "Performance counters (facts 10).",
          unit: "counters", "num_counter"),
        $0.choice(
          "softmaxExponential", \.features.softmaxExponential,
          "The exponential of softmax: I-BERT's, which software expects, or the polynomial that the "
            + "newest sources elaborate.",
          "facts 4.10"),
        $0.choice(
          "numerics", \.features.numerics,
          "Whose arithmetic counts where hardware and its software model disagree.",
          "facts appendix B"),
      ]
    })
}
