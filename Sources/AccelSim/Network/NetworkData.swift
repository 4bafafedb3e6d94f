/// Random content for a network's inputs, weights and caches, with a workload whose scales suit it.
///
/// A tensor's content depends on the seed and its name, not on the order of anything.
struct NetworkData: Sendable {
  /// The network, with scales that keep results of such data in range.
  let workload: Workload
  private let seed: UInt64
  /// Root mean square of the content of integer tensors.
  private let spreads: [String: Double]
  /// Rows of the table that indices count.
  private let tableRows: [String: Int]

  /// Chooses scales and ranges for `workload` as it runs on `machine`.
  init(_ workload: Workload, on machine: Machine, seed: UInt64) {
    let scaling = NetworkScaling(workload, on: machine)
    self.workload = scaling.workload
    self.seed = seed
    spreads = scaling.spreads
    var tableRows: [String: Int] = [:]
    for step in workload.operators where step.kind == .embedding {
      let rows = workload[step.inputs[1]].shape[0]
      tableRows[step.inputs[0]] = min(rows, tableRows[step.inputs[0]] ?? rows)
    }
    self.tableRows = tableRows
  }

  /// The content of a tensor that no operator writes, in the graph's order of axes.
  ///
  /// - Parameters:
  ///   - tensor: One of the workload's.
  ///   - type: Its type in memory.
  func values(of tensor: WorkloadTensor, as type: WorkloadElementType) -> TensorValues {
    var random = SplitMix(state: Self.state(seed, tensor.name))
    if type == .fp32 {
      // Gains around 1, summands around 0.
      let center: Float = tensor.name.hasSuffix("gain") ? 1 : 0
      return .real(
        (0..<tensor.count).map { _ in center + Float(random.next(in: -256...256)) / 1024 })
    }
    if let rows = tableRows[tensor.name] {
      return .integer((0..<tensor.count).map { _ in Int32(random.next(in: 0...rows - 1)) })
    }
    let spread = spreads[tensor.name] ?? NetworkScaling.full
    // Uniform from -r to r has the mean square r (r + 1) / 3.
    let limit = type == .int8 ? 127 : 1 << 24
    let range = max(1, min(limit, Int(((12 * spread * spread + 1).squareRoot() - 1) / 2 + 0.5)))
    // Less than -1, 0 and 1 by turns: some more zeros.
    let kept = spread * spread * 1.5
    return .integer(
      (0..<tensor.count).map { _ in
        let value = Int32(random.next(in: -range...range))
        guard kept < 1 else { return value }
        return Double(random.next() >> 11) < kept * 0x1p53 ? value : 0
      })
  }

  private static func state(_ seed: UInt64, _ name: String) -> UInt64 {
    var digest = Digest(seed: seed)
    digest.add(name.utf8)
    return digest.value
  }
}

/// The elements of a tensor, row-major.
enum TensorValues: Equatable, Sendable {
  case integer([Int32])
  case real([Float])

  var count: Int {
    switch self {
    case .integer(let values): values.count
    case .real(let values): values.count
    }
  }

  var integers: [Int32] { if case .integer(let values) = self { values } else { [] } }

  /// The value of an element; that of an integer in its own steps.
  subscript(_ index: Int) -> Double {
    switch self {
    case .integer(let values): Double(values[index])
    case .real(let values): Double(values[index])
    }
  }

  /// Little-endian, as they stand in memory.
  func bytes(as type: WorkloadElementType) -> [UInt8] {
    switch self {
    case .integer(let values):
      if type == .int8 { return values.map { UInt8(truncatingIfNeeded: $0) } }
      return values.flatMap { Self.bytes(UInt32(bitPattern: $0)) }
    case .real(let values): return values.flatMap { Self.bytes($0.bitPattern) }
    }
  }

  private static func bytes(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
  }

  init(_ bytes: [UInt8], as type: WorkloadElementType) {
    if type == .int8 {
      self = .integer(bytes.map { Int32(Int8(bitPattern: $0)) })
      return
    }
    let words = (0..<bytes.count / 4).map { index in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index * 4 + $1]) << UInt32(8 * $1) }
    }
    self =
      type == .int32
      ? .integer(words.map { Int32(bitPattern: $0) }) : .real(words.map { Float(bitPattern: $0) })
  }
}
