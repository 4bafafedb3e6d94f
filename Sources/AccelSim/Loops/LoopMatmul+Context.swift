import SystolicCore

/// What one loop context of the matmul unroller holds (facts 3.6). Values stay from loop to loop.
struct MatmulContext: Sendable {
  var rows = 0
  var columns = 0
  var depth = 0
  var rowPad = 0
  var columnPad = 0
  var depthPad = 0
  var addressA: UInt64 = 0
  var addressB: UInt64 = 0
  var addressD: UInt64 = 0
  var addressC: UInt64 = 0
  var strideA: UInt64 = 0
  var strideB: UInt64 = 0
  var strideD: UInt64 = 0
  var strideC: UInt64 = 0
  var transposesA = false
  var transposesB = false
  var accumulates = false
  var fullC = false
  var lowD = false
  var activation = 0
  /// Scratchpad half of A and of B: 0 is the context's own, 1 the lower, 2 the upper.
  var halfA = 0
  var halfB = 0
  /// First scratchpad row of A, and row after the last of B, where the context's own are used.
  var startA: Int
  var endB: Int
  /// First accumulator row of a residual addition.
  let startResadd: Int
  /// Results go to scratchpad row `scratchpadC`.
  var storesToScratchpad = false
  var scratchpadC = 0
  var advancesAccumulator = false
  /// Configuration commands taken since the last loop, a bit each.
  private(set) var settings: UInt8 = 0
  /// Bits of an address that are kept.
  var addressMask = LoopEncoding.addressMask

  init(_ machine: Machine, index: Int) {
    startA = index * (machine.scratchpadRows / 2)
    endB = (index + 1) * (machine.scratchpadRows / 2)
    startResadd = index * (machine.accumulatorRows / 2)
  }

  /// Takes the operands of a configuration command.
  mutating func configure(_ function: Function, _ command: Command, _ machine: Machine) {
    let (rs1, rs2) = (command.rs1, command.rs2)
    let strideMask = LoopEncoding.addressMask
    settings |= LoopSettings.bit(function)
    switch function {
    case .loopMatmulBounds:
      rows = LoopMath.bits(rs2, 0, 16)
      columns = LoopMath.bits(rs2, 16, 16)
      depth = LoopMath.bits(rs2, 32, 16)
      rowPad = LoopMath.bits(rs1, 0, 16)
      columnPad = LoopMath.bits(rs1, 16, 16)
      depthPad = LoopMath.bits(rs1, 32, 16)
    case .loopMatmulAddressesAB:
      storesToScratchpad = false
      addressA = rs1 & addressMask
      addressB = rs2 & addressMask
    case .loopMatmulAddressesDC:
      storesToScratchpad = false
      addressD = rs1 & addressMask
      addressC = rs2 & addressMask
    case .loopMatmulStridesAB:
      strideA = rs1 & strideMask
      strideB = rs2 & strideMask
    case .loopMatmulStridesDC:
      strideD = rs1 & strideMask
      strideC = rs2 & strideMask
    case .loopMatmulScratchpadAB:
      startA = Int(rs1 & UInt64(machine.scratchpadRows - 1))
      endB = Int(rs2 & UInt64(2 * machine.scratchpadRows - 1))
    case .loopMatmul:
      run(rs1, rs2, machine)
    default:
      break
    }
  }

  /// Whether A, B and the results each fit a half.
  func fitsHalves(_ machine: Machine) -> Bool {
    let scratchpad = machine.scratchpadRows / 2 / machine.dim
    return rows * depth <= scratchpad && depth * columns <= scratchpad
      && rows * columns <= machine.accumulatorRows / 2 / machine.dim
  }

  private mutating func run(_ rs1: UInt64, _ rs2: UInt64, _ machine: Machine) {
    accumulates = rs1 & 1 != 0
    fullC = rs1 >> 1 & 1 != 0
    lowD = rs1 >> 2 & 1 != 0
    activation = LoopMath.bits(rs1, 8, 3)
    halfB = LoopMath.bits(rs1, 16, 2)
    halfA = LoopMath.bits(rs1, 18, 2)
    transposesA = rs2 & 1 != 0
    transposesB = rs2 >> 1 & 1 != 0
    guard machine.config.features.storeToScratchpad else { return }
    advancesAccumulator = rs2 >> 8 & 1 != 0
    storesToScratchpad = rs2 >> 9 & 1 != 0
    scratchpadC = LoopMath.bits(rs2, 32, 32)
  }
}

// MARK: State

extension MatmulContext {
  /// The loop has ended: what it was configured with is of no use to one that brings all of it.
  mutating func retire() {
    storesToScratchpad = false
    settings = 0
  }

  /// Whether what the command has set can still be used.
  private func has(_ function: Function, _ codec: StateCodec) -> Bool {
    !codec.loopsBringSettings || settings & LoopSettings.bit(function) != 0
  }

  mutating func visit(_ codec: inout StateCodec) {
    codec.row(&startA, isAccumulator: false)
    codec.end(&endB, isAccumulator: false)
    codec.flag(&storesToScratchpad)
    codec.integer(&scratchpadC)
    codec.integer(&settings)
    if settings == 0, codec.loopsBringSettings { return }
    codec.integer(&rows)
    codec.integer(&columns)
    codec.integer(&depth)
    codec.integer(&rowPad)
    codec.integer(&columnPad)
    codec.integer(&depthPad)
    if has(.loopMatmulAddressesAB, codec) {
      codec.address(&addressA)
      codec.address(&addressB)
    }
    if has(.loopMatmulAddressesDC, codec) {
      codec.address(&addressD)
      codec.address(&addressC)
    }
    codec.integer(&strideA)
    codec.integer(&strideB)
    codec.integer(&strideD)
    codec.integer(&strideC)
    codec.flag(&transposesA)
    codec.flag(&transposesB)
    codec.flag(&accumulates)
    codec.flag(&fullC)
    codec.flag(&lowD)
    codec.integer(&activation)
    codec.integer(&halfA)
    codec.integer(&halfB)
    codec.flag(&advancesAccumulator)
  }
}
