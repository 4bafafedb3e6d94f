/// What the floating-point nonlinear unit computes on a row, operation by operation.
///
/// Every operation rounds its result to `format`; sums are kept in FP32, one a lane: lane i adds
/// elements i, i + lanes, i + 2 lanes, ... in this order, and the lanes' sums are then added
/// pairwise, lane i and lane i + half, until one is left. So the bits of a result depend on the
/// number of lanes and on nothing else (Docs/NonlinearUnit.md).
public struct RowFunctions: Sendable {
  public var format: LaneFormat
  /// Lanes of the unit, a power of two.
  public let lanes: Int

  /// Creates the functions of a unit.
  ///
  /// - Precondition: `lanes` is a power of two.
  public init(format: LaneFormat = .fp32, lanes: Int = 16) {
    precondition(lanes > 0 && lanes & (lanes - 1) == 0, "lanes must be a power of two")
    self.format = format
    self.lanes = lanes
  }

  /// How the largest element of a softmax is found (paper facts 2.1).
  public enum SoftmaxForm: String, CaseIterable, Sendable {
    /// Maximum, sum of exponentials, quotients.
    case threePass
    /// Maximum and sum in one pass, the sum rescaled when the maximum grows; then quotients.
    case online
  }

  /// e^(x - max) over its sum. A row of nothing but minus infinity, fully masked, gives zeros.
  public func softmax(_ row: [Float], _ form: SoftmaxForm = .threePass) -> [Float] {
    let row = row.map(format.round)
    let maximum: Float
    let total: Float
    switch form {
    case .threePass:
      maximum = Self.maximum(row)
      guard maximum > -.infinity || row.contains(where: \.isNaN) else {
        return row.map { _ in 0 }
      }
      total = sum(row) { exponential($0, maximum) }
    case .online:
      let states = laneStates(row)
      maximum = Self.maximum(states.map(\.maximum))
      guard maximum > -.infinity || row.contains(where: \.isNaN) else {
        return row.map { _ in 0 }
      }
      total = tree(
        states.map { $0.sum == 0 ? 0 : $0.sum * exponential($0.maximum, maximum) })
    }
    let inverse = format.round(1 / total)
    return row.map { format.round(exponential($0, maximum) * inverse) }
  }

  /// Running maximum and sum of each lane after the online form's first pass.
  private func laneStates(_ row: [Float]) -> [(maximum: Float, sum: Float)] {
    var states = [(maximum: Float, sum: Float)](repeating: (-.infinity, 0), count: lanes)
    for (index, x) in row.enumerated() {
      let lane = index & (lanes - 1)
      if x > states[lane].maximum {
        let old = states[lane]
        states[lane] = (x, old.sum == 0 ? 1 : old.sum * exponential(old.maximum, x) + 1)
      } else if x != -.infinity {
        states[lane].sum += exponential(x, states[lane].maximum)
      }
    }
    return states
  }

  private func exponential(_ x: Float, _ maximum: Float) -> Float {
    format.round(FloatFunctions.exp(format.round(x - maximum)))
  }

  /// (x - mean) / sqrt(variance + epsilon), times `gain`, plus `bias`.
  ///
  /// - Parameters:
  ///   - gain: One factor an element, or empty for 1.
  ///   - bias: One summand an element, or empty for 0.
  public func layerNorm(
    _ row: [Float], gain: [Float] = [], bias: [Float] = [], epsilon: Float = 1e-5
  ) -> [Float] {
    let row = row.map(format.round)
    let count = Float(row.count)
    let mean = format.round(sum(row) { $0 } / count)
    let variance =
      sum(row) { x in
        let difference = format.round(x - mean)
        return difference * difference
      } / count
    let inverse = format.round(1 / (variance + epsilon).squareRoot())
    return row.indices.map { index in
      let normal = format.round(format.round(row[index] - mean) * inverse)
      return affine(normal, index, gain, bias)
    }
  }

  /// x / sqrt(mean square + epsilon), times `gain`.
  public func rmsNorm(_ row: [Float], gain: [Float] = [], epsilon: Float = 1e-5) -> [Float] {
    let row = row.map(format.round)
    let square = sum(row) { $0 * $0 } / Float(row.count)
    let inverse = format.round(1 / (square + epsilon).squareRoot())
    return row.indices.map { affine(format.round(row[$0] * inverse), $0, gain, []) }
  }

  private func affine(_ x: Float, _ index: Int, _ gain: [Float], _ bias: [Float]) -> Float {
    let scaled = gain.isEmpty ? x : format.round(x * gain[index])
    return bias.isEmpty ? scaled : format.round(scaled + bias[index])
  }

  /// x/2 (1 + erf(x / sqrt 2)): BERT, ViT.
  public func gelu(_ x: Float) -> Float {
    let x = format.round(x)
    let erf = format.round(FloatFunctions.erf(format.round(x * 0.707_106_77)))
    return format.round(format.round(0.5 * x) * format.round(1 + erf))
  }

  /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2.
  public func geluTanh(_ x: Float) -> Float {
    let x = format.round(x)
    let cube = format.round(format.round(x * x) * x)
    let inner = format.round(x + format.round(0.044_715 * cube))
    let tanh = format.round(FloatFunctions.tanh(format.round(0.797_884_56 * inner)))
    return format.round(format.round(0.5 * x) * format.round(1 + tanh))
  }

  /// x / (1 + e^-x): Llama.
  public func silu(_ x: Float) -> Float {
    let x = format.round(x)
    return format.round(x * format.round(FloatFunctions.sigmoid(x)))
  }

  /// The largest element; NaN never is.
  private static func maximum(_ row: [Float]) -> Float {
    row.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
  }

  /// The sum of `term` over the row, in the unit's order.
  private func sum(_ row: [Float], _ term: (Float) -> Float) -> Float {
    var sums = [Float](repeating: 0, count: lanes)
    for (index, x) in row.enumerated() { sums[index & (lanes - 1)] += term(x) }
    return tree(sums)
  }

  private func tree(_ values: [Float]) -> Float {
    var values = values
    var half = values.count / 2
    while half > 0 {
      for lane in 0..<half { values[lane] += values[lane + half] }
      half /= 2
    }
    return values[0]
  }
}
