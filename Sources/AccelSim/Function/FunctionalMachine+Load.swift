import SystolicCore

/// The registers of one load state (facts 3.4).
struct LoadSettings: Sendable {
  var stride: UInt64 = 0
  var blockStride = 0
  var pixelRepeats = 1
  /// Data for the accumulator has the input type in memory.
  var shrinks = false
  /// The scaled value of each byte; `nil` if the scale is 1.0.
  var scaled: [UInt8]?
}

extension FunctionalMachine {
  mutating func configure(_ config: ConfigLoad) throws(Fault) {
    try require("load state", config.state, in: 0...2)
    var settings = LoadSettings()
    settings.stride = config.command.rs2
    settings.blockStride = config.blockStride
    settings.pixelRepeats = max(config.pixelRepeats, 1)
    settings.shrinks = config.shrink
    if settings.pixelRepeats > 1 && !machine.config.features.firstLayerOptimizations {
      throw Fault(
        .unsupported, found: "pixel repeats \(settings.pixelRepeats)",
        expected: "1 without first-layer optimizations")
    }
    if config.scaleBits != Scaling.identityBits {
      let scale = Float(bitPattern: config.scaleBits)
      settings.scaled = Scaling.moveInTable(scale: scale, rounding: rounding)
    }
    loads[config.state] = settings
  }

  /// mvin, mvin2, mvin3 (facts 3.2, 3.4, 4.5).
  mutating func moveIn(_ command: MoveIn, state: Int) throws(Fault) {
    let dim = machine.dim
    let rows = command.rows
    let columns = command.columns
    let address = command.localAddress
    let settings = loads[state]
    try require("rows", rows, in: 1...dim)
    try require("columns", columns, in: 1...max(machine.config.dma.maxBytes, dim))
    if address.isGarbage(machine.layout) {
      throw Fault(.illegalOperand, found: "a garbage destination", expected: "a local row")
    }
    let blocks = (columns + dim - 1) / dim
    let first = address.row(machine.layout)
    let span = rows + (blocks - 1) * settings.blockStride
    try requireRows("destination", first, count: span, of: address)
    if blocks > 1 && settings.blockStride < rows {
      throw Fault(
        .illegalOperand, found: "block stride \(settings.blockStride) with \(rows) rows",
        expected: "at least the rows")
    }
    let source = command.memoryAddress
    let isWide = address.isAccumulator && !settings.shrinks
    if source == 0 && address.isAccumulator && settings.shrinks && !followsSoftware {
      throw Fault(
        .undefined, found: "a zero-address move into the accumulator with shrink",
        expected: "shrink off (the hardware's byte count underflows)")
    }
    if settings.pixelRepeats > 1 {
      try requireRepeats(settings.pixelRepeats, columns, address)
    }
    let byteCount = isWide ? 4 * columns : columns
    guard carriesData else {
      for row in 0..<(source == 0 ? 0 : rows) {
        let from = source &+ UInt64(truncatingIfNeeded: row) &* settings.stride
        guard MainMemoryData.contains(from, count: byteCount) else {
          throw memoryFault(from, byteCount)
        }
      }
      return
    }
    if source == 0 { for i in 0..<byteCount { rowBytes[i] = 0 } }
    for row in 0..<rows {
      if source != 0 {
        let from = source &+ UInt64(truncatingIfNeeded: row) &* settings.stride
        guard memory.read(at: from, count: byteCount, into: &rowBytes) else {
          throw memoryFault(from, byteCount)
        }
        if !isWide, let scaled = settings.scaled {
          for i in 0..<byteCount { rowBytes[i] = scaled[Int(rowBytes[i])] }
        }
      }
      for block in 0..<blocks {
        let offset = block * dim
        let count = min(dim, columns - offset)
        let local = first + row + block * settings.blockStride
        if isWide {
          accumulator.write(
            rowBytes, from: 4 * offset, count: count, row: local, accumulate: address.accumulates)
        } else if address.isAccumulator {
          accumulator.writeNarrow(
            rowBytes, from: offset, count: count, row: local, accumulate: address.accumulates)
        } else if settings.pixelRepeats == 1 {
          scratchpad.write(rowBytes, from: offset, count: count, row: local)
        } else {
          writeRepeated(settings.pixelRepeats, count, local)
        }
      }
    }
  }

  /// Pixel repeats go to the scratchpad only, and all copies fit into a row (facts 8.2).
  private func requireRepeats(
    _ repeats: Int, _ columns: Int, _ address: LocalAddress
  ) throws(Fault) {
    if address.isAccumulator {
      throw Fault(
        .illegalOperand, found: "pixel repeats \(repeats) into the accumulator", expected: "1")
    }
    if repeats * columns > machine.dim {
      throw Fault(
        .illegalOperand, found: "\(repeats) pixel repeats of \(columns) columns",
        expected: "at most \(machine.dim) columns together")
    }
  }

  /// Writes a row and its shifted copies to the rows above it, never across the start of the
  /// memory or of its upper half (facts 8.2).
  private mutating func writeRepeated(_ repeats: Int, _ count: Int, _ local: Int) {
    let half = scratchpad.rows / 2
    let floor = local < half ? 0 : half
    for copy in stride(from: repeats - 1, through: 0, by: -1) where local - copy >= floor {
      scratchpad.write(rowBytes, from: 0, count: count, row: local - copy, column: copy * count)
    }
  }

  /// What to say about bytes that main memory does not have.
  func memoryFault(_ address: UInt64, _ count: Int) -> Fault {
    Fault(
      .memoryAddress, found: "\(count) bytes at \(NumberText.hexadecimal(address))",
      expected: "\(NumberText.hexadecimal(MainMemoryData.base))..<"
        + NumberText.hexadecimal(MainMemoryData.end))
  }
}
