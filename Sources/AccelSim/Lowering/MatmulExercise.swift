/// A matmul with data: seeded operands in memory before it, and the check of its result after it
/// against a plain triple loop.
public struct MatmulExercise: Sendable {
  /// Loads, the library's commands, and the check.
  public let source: ProgramChain<ProgramChain<StepList, TiledMatmul>, StepList>
  /// Whether there is a check: integer normalisations and scaled operands have no plain form here.
  public let checksResult: Bool

  /// Makes the operands and the expected result.
  ///
  /// - Parameter checksResult: Whether to compute the expected result, which takes its time.
  public init(_ plan: MatmulPlan, seed: UInt64 = 1, checksResult: Bool = true) {
    var random = SplitMix(state: seed)
    let matmul = plan.matmul
    let sizes = plan.byteCounts
    let range = Self.operandRange(matmul, plan.machine)
    let a = (0..<sizes.a).map { _ in Int8(truncatingIfNeeded: random.next(in: -range...range)) }
    let b = (0..<sizes.b).map { _ in Int8(truncatingIfNeeded: random.next(in: -range...range)) }
    let biasRange = matmul.lowBias ? 127 : max(range * range, 1)
    let d = (0..<sizes.d / plan.biasBytes).map { _ in
      Int32(random.next(in: -biasRange...biasRange))
    }
    var loads: [ProgramStep] = [
      .load(address: plan.addresses.a, bytes: a.map { UInt8(bitPattern: $0) }),
      .load(address: plan.addresses.b, bytes: b.map { UInt8(bitPattern: $0) }),
    ]
    if matmul.bias != .none {
      loads.append(
        .load(
          address: plan.addresses.d, bytes: d.flatMap { Self.bytes($0, count: plan.biasBytes) }))
    }
    loads.append(.zero(address: plan.addresses.c, count: sizes.c))
    let isPlain = matmul.activation == .none || matmul.activation == .relu
    self.checksResult =
      checksResult && isPlain && matmul.scaleA == 1 && matmul.scaleB == 1 && matmul.scaleD == 1
      && matmul.strideC == nil
    var checks: [ProgramStep] = []
    if self.checksResult {
      checks.append(
        .check(
          address: plan.addresses.c, expected: Self.product(plan, a: a, b: b, d: d),
          label: "result"))
    }
    source = ProgramChain(
      ProgramChain(StepList(loads), TiledMatmul(plan)), StepList(checks))
  }

  /// A power of two by which results of such operands mostly fit int8.
  public static func suitableScale(_ matmul: Matmul, on machine: Machine) -> Float {
    let range = operandRange(matmul, machine)
    var scale: Float = 1
    var spread = Float(range * range) * Float(matmul.inner).squareRoot()
    while spread > 127 {
      spread /= 2
      scale /= 2
    }
    return scale
  }

  /// Largest operand for which sums inside the array cannot leave its width.
  private static func operandRange(_ matmul: Matmul, _ machine: Machine) -> Int {
    let chain =
      matmul.dataflow == .outputStationary ? matmul.inner : min(matmul.inner, machine.dim)
    let largestSum = (1 << (min(machine.config.array.outputBits, 32) - 1)) - 1
    var range = 1
    while range < 127 && (range + 1) * (range + 1) * chain <= largestSum { range += 1 }
    return range
  }

  private static func product(_ plan: MatmulPlan, a: [Int8], b: [Int8], d: [Int32]) -> [UInt8] {
    let matmul = plan.matmul
    var result: [UInt8] = []
    result.reserveCapacity(plan.byteCounts.c)
    var sums = [Int32](repeating: 0, count: matmul.columns)
    for i in 0..<matmul.rows {
      for j in 0..<matmul.columns {
        sums[j] =
          switch matmul.bias {
          case .none: 0
          case .repeating: d[j]
          case .full: d[i * plan.strideD + j]
          }
      }
      for k in 0..<matmul.inner {
        let left = Int32(a[matmul.transposesA ? k * plan.strideA + i : i * plan.strideA + k])
        for j in 0..<matmul.columns {
          let right = b[matmul.transposesB ? j * plan.strideB + k : k * plan.strideB + j]
          sums[j] &+= left &* Int32(right)
        }
      }
      for sum in sums {
        if matmul.fullOutput {
          result += bytes(sum, count: 4)
        } else {
          let active = matmul.activation == .relu ? max(sum, 0) : sum
          let scaled = (Float(active) * matmul.scale).rounded(.toNearestOrEven)
          result.append(UInt8(bitPattern: Int8(max(-128, min(127, scaled)))))
        }
      }
    }
    return result
  }

  private static func bytes(_ value: Int32, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) }
  }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func next(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }
}
