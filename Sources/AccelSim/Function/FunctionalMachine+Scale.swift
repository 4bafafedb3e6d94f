import SystolicCore

/// The way of an accumulator row through normaliser and scaling unit (facts 4.6 to 4.10).
extension FunctionalMachine {
  /// The activation of rows that leave the accumulator.
  private func activation() throws(Fault) -> MoveOutSettings.Activation {
    guard let activation = MoveOutSettings.Activation(rawValue: store.registers.activation) else {
      throw Fault(
        .undefined, found: "activation \(store.registers.activation)", expected: "0...4")
    }
    return machine.config.features.nonlinearActivations ? activation : .none
  }

  private var exponential: IntegerExponential {
    if machine.config.features.softmaxExponential == .elaborated { return .polynomial }
    return followsSoftware ? .ibertSoftware : .ibert
  }

  /// Feeds the first `count` elements of `rowSums` to the current statistics set.
  ///
  /// - Returns: Whether a division began with nothing to divide.
  mutating func feedStatistics(_ count: Int, _ command: NormCommand) -> Bool {
    let form = exponential
    let scale = followsSoftware ? 1 : store.scale
    return store.statistics[store.registers.statisticsID].accumulate(
      rowSums, count: count, command: command, constants: store.constants, exponential: form,
      scale: scale, signedDeviation: followsSoftware)
  }

  /// Scales the first `count` elements of `rowSums` into `rowBytes` from `offset` on.
  mutating func scale(_ count: Int, at offset: Int) throws(Fault) {
    let activation = try activation()
    if followsSoftware {
      preActivate(count)
      Scaling.scaleRow(
        rowSums, count: count, scale: store.scale, relu: false, into: &rowBytes, at: offset,
        rounding: .softwareMacro)
      if activation == .relu {
        for i in offset..<offset + count where rowBytes[i] >= 128 { rowBytes[i] = 0 }
      }
      return
    }
    let statistics = store.statistics[store.registers.statisticsID]
    var scale = store.scale
    switch activation {
    case .none, .relu: break
    case .gelu:
      for i in 0..<count { rowSums[i] = store.constants.gelu(rowSums[i]) }
    case .layernorm:
      for i in 0..<count { rowSums[i] &-= statistics.mean }
      scale = statistics.inverseDeviation
    case .softmax:
      let form = exponential
      for i in 0..<count {
        rowSums[i] = store.constants.exponential(rowSums[i] &- statistics.maximum, as: form)
      }
      scale = statistics.inverseSum
    }
    Scaling.scaleRow(
      rowSums, count: count, scale: scale, relu: activation == .relu, into: &rowBytes, at: offset)
  }

  /// What the software model does to a row before it scales it; the two normalisations are
  /// rounded here already, and a second time by the scale (facts 4.9, 4.10).
  mutating func preActivate(_ count: Int) {
    let statistics = store.statistics[store.registers.statisticsID]
    let form = exponential
    switch MoveOutSettings.Activation(rawValue: store.registers.activation) {
    case .gelu:
      for i in 0..<count { rowSums[i] = store.constants.gelu(rowSums[i]) }
    case .layernorm:
      for i in 0..<count {
        let difference = Float(rowSums[i] &- statistics.mean)
        rowSums[i] = rounding.toInt32(difference * statistics.inverseDeviation)
      }
    case .softmax:
      for i in 0..<count {
        let value = store.constants.exponential(rowSums[i] &- statistics.maximum, as: form)
        rowSums[i] = Int32(
          Scaling.toInt8(value, by: statistics.inverseSum, rounding: rounding))
      }
    case .none?, .relu, nil: break
    }
  }
}
