import SystolicCore

@testable import AccelSim

/// A functional machine with short hands for commands, for tests.
struct FunctionalBench {
  var machine: FunctionalMachine
  static let memory: UInt64 = 0x8000_0000
  static let garbage: UInt64 = 0xFFFF_FFFF

  init(dim: Int = 16, _ change: (inout HardwareConfig) -> Void = { _ in }) {
    var config = HardwareConfig()
    config.array.meshRows = dim
    config.array.meshColumns = dim
    config.scratchpad.capacityKiB = dim * 1024 / 1024 * 16  // 16384 rows
    config.accumulator.capacityKiB = dim * 4  // 1024 rows
    change(&config)
    machine = FunctionalMachine(Machine(unchecked: config))
  }

  /// Rows, columns and a local address in a register.
  static func tile(_ rows: Int, _ columns: Int, _ address: UInt64) -> UInt64 {
    UInt64(rows) << 48 | UInt64(columns) << 32 | address
  }

  /// An accumulator row with flags.
  static func accumulator(_ row: Int, adds: Bool = false, full: Bool = false, norm: Int = 0)
    -> UInt64
  {
    0x8000_0000 | (adds ? 0x4000_0000 : 0) | (full ? 0x2000_0000 : 0) | UInt64(norm) << 26
      | UInt64(row)
  }

  mutating func run(_ function: Function, _ rs1: UInt64, _ rs2: UInt64) throws {
    try machine.execute(Command(function, rs1, rs2))
  }

  mutating func configureExecute(
    ws: Bool = true, activation: UInt64 = 0, transposeA: Bool = false, transposeB: Bool = false,
    strideA: Int = 1, strideC: Int = 1, shift: Int = 0, onlyStrides: Bool = false
  ) throws {
    var rs1: UInt64 = ws ? 4 : 0
    rs1 |= activation << 3 | (onlyStrides ? 1 << 7 : 0)
    rs1 |= (transposeA ? 1 << 8 : 0) | (transposeB ? 1 << 9 : 0) | UInt64(strideA) << 16
    try run(.config, rs1, UInt64(strideC) << 48 | UInt64(shift))
  }

  mutating func configureLoad(
    state: UInt64 = 0, stride: UInt64, scale: Float = 1, shrink: Bool = false,
    blockStride: Int = 16, repeats: Int = 1
  ) throws {
    var rs1 = 1 | state << 3 | (shrink ? 4 : 0)
    rs1 |= UInt64(repeats) << 8 | UInt64(blockStride) << 16 | UInt64(scale.bitPattern) << 32
    try run(.config, rs1, stride)
  }

  mutating func configureStore(
    stride: UInt64, activation: UInt64 = 0, scaleBits: UInt32 = 0x3F80_0000, pool: UInt64 = 0
  ) throws {
    try run(.config, 2 | activation << 2 | pool, UInt64(scaleBits) << 32 | stride)
  }

  /// Writes host bytes.
  mutating func host(_ values: [Int8], at offset: UInt64) {
    _ = machine.memory.write(
      values.map { UInt8(bitPattern: $0) }, count: values.count, at: Self.memory + offset)
  }

  /// Reads host bytes.
  func host(at offset: UInt64, count: Int) -> [Int8] {
    (machine.memory.bytes(at: Self.memory + offset, count: count) ?? []).map {
      Int8(bitPattern: $0)
    }
  }

  /// Fills the first rows of the scratchpad with random values.
  mutating func fillScratchpad(rows: Int, _ random: inout Seeded) {
    for row in 0..<rows {
      let bytes = (0..<machine.machine.dim).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      machine.scratchpad.write(bytes, from: 0, count: bytes.count, row: row)
    }
  }

  /// Sets an accumulator row.
  mutating func setAccumulator(_ row: Int, _ values: [Int32]) {
    let bytes = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) }
    }
    machine.accumulator.write(bytes, from: 0, count: values.count, row: row, accumulate: false)
  }
}
