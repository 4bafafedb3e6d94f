import SystolicCore

extension FunctionalRun {
  /// Computes `work` in main memory, once the accelerator's commands so far have had their effect.
  ///
  /// - Throws: `ProgramError`.
  mutating func perform(_ work: HostWork) throws {
    try work.check()
    try drain()
    guard machine.carriesData else { return }
    // The host adds up in order, as a unit of width 1 does.
    let functions = RowFunctions(format: .fp32, width: 1)
    let task = RowFunctions.Task(work.operation, epsilon: work.epsilon)
    for row in 0..<work.rows {
      var x = try values(work.input, row, count: work.columns)
      if let rotation = work.rotation {
        try write(rotation.turned(x, row: row), to: work.output, row)
        continue
      }
      for column in work.visibleColumns(row)..<work.columns { x[column] = -.infinity }
      let y = try work.second.map { try values($0, row, count: work.columns) } ?? []
      let z = try work.third.map { try values($0, row, count: work.columns) } ?? []
      try write(functions.apply(task, x, y: y, z: z), to: work.output, row)
    }
  }

  /// A row of a tensor as FP32 numbers.
  private func values(_ tensor: HostTensor, _ row: Int, count: Int) throws -> [Float] {
    let address = tensor.address + UInt64(row * tensor.stride)
    let size = tensor.type.bytes
    guard let bytes = machine.memory.bytes(at: address, count: count * size) else {
      throw ProgramError.noMemory(address: address, count: count * size)
    }
    return (0..<count).map { index in
      guard size == 4 else { return Float(Int8(bitPattern: bytes[index])) * tensor.scale }
      let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index * 4 + $1]) << (8 * $1) }
      return tensor.type == .fp32
        ? Float(bitPattern: word) : Float(Int32(bitPattern: word)) * tensor.scale
    }
  }

  private mutating func write(_ values: [Float], to tensor: HostTensor, _ row: Int) throws {
    let address = tensor.address + UInt64(row * tensor.stride)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * tensor.type.bytes)
    for value in values {
      let word =
        tensor.type == .fp32
        ? value.bitPattern : UInt32(bitPattern: tensor.quantised(value))
      for index in 0..<tensor.type.bytes {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * index)))
      }
    }
    guard machine.memory.write(bytes, count: bytes.count, at: address) else {
      throw ProgramError.noMemory(address: address, count: bytes.count)
    }
  }
}

extension HostTensor {
  /// The integer nearest to `value` · (1 / scale), ties to even, saturated to the type; the largest
  /// for NaN. The reciprocal is rounded to FP32 once, as software keeps it.
  func quantised(_ value: Float) -> Int32 {
    let integer = Rounding.toInt32(value * (1 / scale))
    return type == .int8 ? Int32(Rounding.clipToInt8(integer)) : integer
  }
}
