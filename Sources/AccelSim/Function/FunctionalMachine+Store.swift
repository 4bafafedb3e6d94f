import SystolicCore

/// What an mvout needs to know: the registers, and the values that only data depends on
/// (facts 3.4, 3.5).
struct MoveOutSettings: Sendable {
  /// The activation register's codes (facts 3.1).
  enum Activation: Int, Sendable {
    case none, relu, layernorm, gelu, softmax
  }

  var registers = StoreRegisters()
  var scale: Float = 1
  var constants = ActivationConstants()
  var statistics: [NormStatistics]

  init(statisticsSets: Int) {
    statistics = Array(repeating: NormStatistics(), count: statisticsSets)
  }
}

extension FunctionalMachine {
  mutating func configure(_ config: ConfigStore) throws(Fault) {
    let features = machine.config.features
    if config.activation != 0 && !features.nonlinearActivations {
      throw Fault(
        .unsupported, found: "activation \(config.activation)",
        expected: "0 without nonlinear activations")
    }
    if config.activation >= 2 && !features.normalizations {
      throw Fault(
        .unsupported, found: "activation \(config.activation)",
        expected: "0 or 1 without normalizations")
    }
    if config.poolStride != 0 {
      if !features.maxPool {
        throw Fault(
          .unsupported, found: "pool stride \(config.poolStride)", expected: "0 without max-pool")
      }
      try require("pool size", config.poolSize, in: 1...3)
    }
    if config.scaleBits != .max { store.scale = Float(bitPattern: config.scaleBits) }
    store.registers.apply(config)
  }

  mutating func configure(_ config: ConfigNorm) throws(Fault) {
    guard machine.config.features.normalizations else {
      throw Fault(.unsupported, found: "config_norm", expected: "a machine with normalizations")
    }
    try require("statistics id", config.statistics, in: 0...store.statistics.count - 1)
    store.registers.apply(config)
    guard !config.setOnlyStatistics else { return }
    store.constants.qb = Int32(bitPattern: config.qb)
    store.constants.qc = Int32(bitPattern: config.qc)
    if config.isInverse {
      store.constants.qln2Inverse = Int32(bitPattern: config.qln2)
    } else {
      store.constants.qln2 = Int32(bitPattern: config.qln2)
    }
  }

  /// mvout (facts 3.2, 3.4, 4.6, 4.7, 6.3).
  mutating func moveOut(_ command: MoveOut) throws(Fault) {
    let address = command.localAddress
    let base = command.memoryAddress
    trivialDivisions.removeAll(keepingCapacity: true)
    try requireSource(address, columns: command.columns)
    if store.registers.poolStride != 0 {
      try moveOutPooled(address, command.columns, to: base)
    } else if store.registers.poolSize != 0 && !followsSoftware {
      try moveOutImage(address, command.columns, to: base)
    } else {
      try require("rows", command.rows, in: 1...machine.dim)
      try requireSpan(address, rows: command.rows, columns: command.columns)
      for row in 0..<command.rows {
        let target = base &+ UInt64(truncatingIfNeeded: row) &* store.registers.stride
        let first = address.row(machine.layout) + row
        if let count = try readRow(first, of: address, columns: command.columns) {
          try writeRow(count, to: target)
        }
      }
    }
  }

  /// mvout_spad: the rows of an mvout, written to the scratchpad (facts 3.2).
  mutating func moveOut(_ command: MoveOutToScratchpad) throws(Fault) {
    guard machine.config.features.storeToScratchpad else {
      throw Fault(
        .unsupported, found: "mvout_spad", expected: "a machine that stores to the scratchpad")
    }
    let address = command.source
    let target = command.destination
    try require("rows", command.rows, in: 1...machine.dim)
    try require("columns", command.columns, in: 1...machine.dim)
    try requireSource(address, columns: command.columns)
    try requireSpan(address, rows: command.rows, columns: command.columns)
    if address.isAccumulator && address.readsFullRow {
      throw Fault(.illegalOperand, found: "a full-width read", expected: "8-bit rows")
    }
    if store.registers.poolStride != 0 || store.registers.poolSize != 0 {
      throw Fault(.illegalOperand, found: "pooling with mvout_spad", expected: "pooling off")
    }
    if target.isAccumulator {
      throw Fault(.illegalOperand, found: "an accumulator destination", expected: "scratchpad")
    }
    let first = target.row(machine.layout)
    let span = (command.rows - 1) * command.destinationStride + 1
    try requireRows("destination", first, count: span, of: target)
    for row in 0..<command.rows {
      let from = address.row(machine.layout) + row
      if let count = try readRow(from, of: address, columns: command.columns) {
        let to = first + row * command.destinationStride
        guard carriesData else { continue }
        scratchpad.write(rowBytes, from: 0, count: count, row: to)
      }
    }
  }

  /// Max pooling: each output row is the elementwise maximum over a window; rows outside the
  /// image count as zeros (facts 4.7, 6.3).
  private mutating func moveOutPooled(
    _ address: LocalAddress, _ columns: Int, to base: UInt64
  ) throws(Fault) {
    try require("columns", columns, in: 1...machine.dim)
    if address.isAccumulator && address.readsFullRow {
      throw Fault(.illegalOperand, found: "a full-width read with pooling", expected: "8-bit rows")
    }
    let first = address.row(machine.layout)
    var best = [UInt8](repeating: 0, count: rowBytes.count)
    for outRow in 0..<store.registers.poolOutRows {
      for outColumn in 0..<store.registers.poolOutColumns {
        var bytes = columns
        for window in 0..<store.registers.poolSize * store.registers.poolSize {
          let row =
            outRow * store.registers.poolStride + window / store.registers.poolSize
            - store.registers.upperPadding
          let column =
            outColumn * store.registers.poolStride + window % store.registers.poolSize
            - store.registers.leftPadding
          if row < 0 || column < 0 || row >= store.registers.outRows
            || column >= store.registers.outColumns
          {
            for i in 0..<columns { rowBytes[i] = 0 }
          } else {
            let local = first + row * store.registers.outColumns + column
            try requireRows("source", local, count: 1, of: address)
            if let count = try readRow(local, of: address, columns: columns) { bytes = count }
          }
          for i in 0..<(carriesData ? bytes : 0) {
            let isLarger = Int8(bitPattern: rowBytes[i]) > Int8(bitPattern: best[i])
            if window == 0 || isLarger { best[i] = rowBytes[i] }
          }
        }
        let at = UInt64(outRow * store.registers.poolOutDim + outColumn)
        let target = base &+ at &* store.registers.stride
        let fits =
          carriesData
          ? memory.write(best, count: bytes, at: target)
          : MainMemoryData.contains(target, count: bytes)
        guard fits else { throw memoryFault(target, bytes) }
      }
    }
  }

  /// The one-dimensional mvout: consecutive local rows to the pixels of an image (facts 6.3).
  private mutating func moveOutImage(
    _ address: LocalAddress, _ columns: Int, to base: UInt64
  ) throws(Fault) {
    try require("columns", columns, in: 1...machine.dim)
    try require("output rows", store.registers.outRows, in: 1...255)
    try require("output columns", store.registers.outColumns, in: 1...255)
    let first = address.row(machine.layout)
    try requireRows(
      "source", first, count: store.registers.outRows * store.registers.outColumns, of: address)
    for row in 0..<store.registers.outRows {
      for column in 0..<store.registers.outColumns {
        let local = first + row * store.registers.outColumns + column
        let at = UInt64(row * store.registers.poolOutDim + column)
        if let count = try readRow(local, of: address, columns: columns) {
          try writeRow(count, to: base &+ at &* store.registers.stride)
        }
      }
    }
  }

  private mutating func writeRow(_ count: Int, to target: UInt64) throws(Fault) {
    let fits =
      carriesData
      ? memory.write(rowBytes, count: count, at: target)
      : MainMemoryData.contains(target, count: count)
    guard fits else { throw memoryFault(target, count) }
  }

  /// The source, its width and the columns of a move-out (facts 3.4).
  private func requireSource(_ address: LocalAddress, columns: Int) throws(Fault) {
    let config = machine.config.accumulator
    if address.isGarbage(machine.layout) {
      throw Fault(.illegalOperand, found: "a garbage source", expected: "a local row")
    }
    try require("columns", columns, in: 1...machine.maxBlockLength * machine.dim)
    guard address.isAccumulator else { return }
    if address.readsFullRow {
      if !config.readsFullWidth {
        throw Fault(
          .unsupported, found: "a full-width read of the accumulator", expected: "8-bit reads")
      }
      try require("columns of a full-width read", columns, in: 1...machine.dim)
    } else if !config.readsSmallWidth {
      throw Fault(
        .unsupported, found: "an 8-bit read of the accumulator", expected: "full-width reads")
    }
  }

  private func requireSpan(_ address: LocalAddress, rows: Int, columns: Int) throws(Fault) {
    let blocks = (columns + machine.dim - 1) / machine.dim
    let span = rows + (blocks - 1) * machine.dim
    try requireRows("source", address.row(machine.layout), count: span, of: address)
  }

  /// Reads one row as it leaves the local memory, its column blocks joined, into `rowBytes`.
  ///
  /// - Returns: Its bytes, or `nil` if the row only feeds the statistics (facts 4.9, 6.3).
  private mutating func readRow(
    _ first: Int, of address: LocalAddress, columns: Int
  ) throws(Fault) -> Int? {
    let dim = machine.dim
    guard carriesData else {
      guard address.isAccumulator else { return columns }
      let command = NormCommand(rawValue: address.normCommand) ?? .reset
      if machine.config.features.normalizations, command != .reset { return nil }
      return address.readsFullRow ? 4 * columns : columns
    }
    var offset = 0
    if !address.isAccumulator {
      while offset < columns {
        let count = min(dim, columns - offset)
        scratchpad.read(row: first + offset, count: count, into: &rowBytes, at: offset)
        offset += count
      }
      return columns
    }
    let usesNorm = machine.config.features.normalizations
    let last = usesNorm ? NormCommand(rawValue: address.normCommand) ?? .reset : .reset
    while offset < columns {
      let count = min(dim, columns - offset)
      accumulator.read(row: first + offset, into: &rowSums)
      if usesNorm {
        let isLast = offset + count == columns
        let command = isLast ? last : last.beforeLastBlock
        if feedStatistics(count, command) {
          trivialDivisions.append(first - address.row(machine.layout))
        }
      }
      if last == .reset {
        if address.readsFullRow {
          if followsSoftware { preActivate(count) }
          for i in 0..<count {
            let bits = UInt32(bitPattern: rowSums[i])
            for byte in 0..<4 {
              rowBytes[4 * i + byte] = UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte))
            }
          }
        } else {
          try scale(count, at: offset)
        }
      }
      offset += count
    }
    guard last == .reset else { return nil }
    return address.readsFullRow ? 4 * columns : columns
  }
}
