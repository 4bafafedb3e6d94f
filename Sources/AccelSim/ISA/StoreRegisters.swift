import SystolicCore

/// What config_st and config_norm set (facts 3.4, 3.5).
struct StoreRegisters: Sendable {
  var stride: UInt64 = 0
  var poolStride = 0
  var poolSize = 0
  var poolOutDim = 0
  var poolOutRows = 0
  var poolOutColumns = 0
  var outRows = 0
  var outColumns = 0
  var upperPadding = 0
  var leftPadding = 0
  var statisticsID = 0
  /// Activation code, 3 bits: config_st sets the lower two and clears the third.
  var activation = 0

  mutating func apply(_ config: ConfigNorm) {
    statisticsID = config.statistics
    if !config.setOnlyStatistics { activation = activation & 3 | (config.activationMSB ? 4 : 0) }
  }

  mutating func apply(_ config: ConfigStore) {
    stride = UInt64(config.stride)
    activation = config.activation
    poolSize = config.poolSize
    poolStride = config.poolStride
    if poolStride != 0 {
      poolOutRows = config.poolOutRows
      poolOutColumns = config.poolOutColumns
      upperPadding = config.upperPadding
      leftPadding = config.leftPadding
    }
    if poolStride != 0 || poolSize != 0 {
      poolOutDim = config.poolOutDim
      outRows = config.outRows
      outColumns = config.outColumns
    }
  }
}

// MARK: State

extension StoreRegisters {
  mutating func visit(_ codec: inout StateCodec) {
    codec.integer(&stride)
    codec.integer(&poolStride)
    codec.integer(&poolSize)
    codec.integer(&poolOutDim)
    codec.integer(&poolOutRows)
    codec.integer(&poolOutColumns)
    codec.integer(&outRows)
    codec.integer(&outColumns)
    codec.integer(&upperPadding)
    codec.integer(&leftPadding)
    codec.integer(&statisticsID)
    codec.integer(&activation)
  }
}
