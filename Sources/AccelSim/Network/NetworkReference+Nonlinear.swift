import Glibc
import SystolicCore

/// Nonlinear operators in double precision, with bounds that depend on where they ran.
///
/// - FP32 on the host or in the floating-point unit: 1 step.
/// - FP16 and BF16 in the floating-point unit: 2 and 4 steps.
/// - Integer softmax: 6 steps; `simctl numerics softmax` finds 5.3 at most.
/// - Integer GELU: 1 step, and 0.0182 of its own (I-BERT) and an input step times the output scale.
/// - Integer LayerNorm: 1 step, and what follows from a mean and a deviation d that are whole input
///   steps: (output scale + |y|) / (d - 1).
///
/// FP32 results in memory are in steps of 2^-20 of the largest.
extension NetworkReference {
  func nonlinear(
    _ step: WorkloadOperator, _ operands: [TensorValues], columns: Int,
    _ type: WorkloadElementType, _ place: OperatorPlace
  ) -> Result? {
    let x = (0..<operands[0].count).map { operands[0][$0] }
    return nonlinear(step, x, Array(operands.dropFirst()), columns: columns, type, place)
  }

  /// - Parameter x: The input in its own steps, in rows of `columns`.
  func nonlinear(
    _ step: WorkloadOperator, _ x: [Double], _ further: [TensorValues] = [], columns: Int,
    _ type: WorkloadElementType, _ place: OperatorPlace
  ) -> Result? {
    var values: [Double] = []
    values.reserveCapacity(x.count)
    var bounds = [Double](repeating: bound(place), count: x.count)
    let isInteger = place == .integerUnit
    var title = step.kind.name
    switch step.kind {
    case .softmax(let softmax):
      // The accelerator's units see whole rows.
      let isMasked = softmax.causal && place == .host
      let shape = workload[step.inputs[0]].shape
      let rows = isMasked ? shape[shape.count - 2] : 1
      for first in stride(from: 0, to: x.count, by: columns) {
        let hidden = isMasked ? rows - 1 - first / columns % rows : 0
        let row = x[first..<first + columns].enumerated().map { column, value in
          column < columns - hidden ? value * Double(softmax.inputScale) : -.infinity
        }
        let largest = row.max() ?? 0
        let powers = row.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        values += powers.map { $0 / sum * Double(softmax.outputScale) }
      }
      if softmax.causal { title += isMasked ? ", causal" : " without its mask" }
      if isInteger { bounds = bounds.map { _ in 6 * Double(softmax.outputScale) / 127 } }
    case .layerNorm(let norm), .rmsNorm(let norm):
      let isLayerNorm = if case .layerNorm = step.kind { true } else { false }
      // The integer units leave gain and bias to the weights that follow.
      let vectors = isInteger ? [] : further
      if isInteger, step.inputs.count > 1 {
        title += " without gain and bias"
      }
      for first in stride(from: 0, to: x.count, by: columns) {
        let row = Array(x[first..<first + columns])
        let mean = isLayerNorm ? row.reduce(0, +) / Double(columns) : 0
        let square = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
        let scale = Double(norm.inputScale)
        let deviation = (square * scale * scale + Double(norm.epsilon)).squareRoot() / scale
        for column in 0..<columns {
          let gain = vectors.isEmpty ? 1 : vectors[0][column]
          let bias = vectors.count > 1 ? vectors[1][column] : 0
          let y = ((row[column] - mean) / deviation * gain + bias) * Double(norm.outputScale)
          values.append(y)
          if isInteger {
            bounds[first + column] +=
              (Double(norm.outputScale) + abs(y)) / max(square.squareRoot() - 1, 1e-9)
          }
        }
      }
    case .activation(let activation):
      let (scale, steps) = (Double(activation.inputScale), Double(activation.outputScale))
      for (index, element) in x.enumerated() {
        let second = further.first.map { $0[index] * scale } ?? 1
        values.append(Self.function(activation.function, element * scale) * second * steps)
      }
      title = activation.function.rawValue
      if isInteger { bounds = bounds.map { $0 + (0.0182 + scale) * steps } }
    default: return nil
    }
    return near(values, bounds, type, title)
  }

  /// x * firstScale + y * secondScale: the accelerator rounds each product to int8, adds, and
  /// saturates; elsewhere the sum is rounded once.
  func sum(
    _ residual: WorkloadResidual, _ operands: [TensorValues], _ type: WorkloadElementType,
    _ place: OperatorPlace
  ) -> Result {
    let count = operands[0].count
    if place == .integerUnit {
      let (a, b) = (operands[0].integers, operands[1].integers)
      let values = (0..<count).map { index in
        let first = Self.requantised(Float(a[index]) * residual.firstScale)
        let second = Self.requantised(Float(b[index]) * residual.secondScale)
        let sum = Int64(first) + Int64(second)
        return min(residual.relu ? max(sum, 0) : max(sum, -128), 127)
      }
      return Result(elements: .exact(values), title: "int8 sum")
    }
    let values = (0..<count).map { index in
      let sum =
        operands[0][index] * Double(residual.firstScale)
        + operands[1][index] * Double(residual.secondScale)
      return residual.relu ? max(sum, 0) : sum
    }
    return near(values, [Double](repeating: bound(place), count: count), type, "sum")
  }

  /// Each head's neighbouring elements as complex numbers, times those of its position.
  static func turned(_ x: [Double], _ rotary: WorkloadRotary, _ shape: [Int]) -> [Double] {
    let width = shape[1] / rotary.heads
    let rows = shape[0] / rotary.batch
    return x.indices.map { index in
      let (row, column) = (index / shape[1], index % shape[1])
      let pair = Double(column % width / 2 * 2)
      let angle =
        Double(rotary.position + row % rows) * pow(Double(rotary.base), -pair / Double(width))
      return column % 2 == 0
        ? x[index] * cos(angle) - x[index + 1] * sin(angle)
        : x[index - 1] * sin(angle) + x[index] * cos(angle)
    }
  }

  func near(
    _ values: [Double], _ bounds: [Double], _ type: WorkloadElementType, _ title: String
  ) -> Result {
    var values = values
    var bounds = bounds
    var step = 1.0
    switch type {
    case .int8: values = values.map { min(max($0, -128), 127) }
    // FP32 has 24 bits of the numbers that come to an integer.
    case .int32: bounds = zip(values, bounds).map { $1 + abs($0) * 0x1p-22 }
    case .fp32:
      step = max((values.map(abs).max() ?? 0) * 0x1p-20, .leastNormalMagnitude)
      values = values.map { $0 / step }
    }
    return Result(elements: .near(values, bounds: bounds), title: title, step: step)
  }

  /// Steps that a result may be off.
  private func bound(_ place: OperatorPlace) -> Double {
    guard place == .fpUnit else { return 1 }
    switch machine.config.nonlinear.format {
    case .fp32: return 1
    case .fp16: return 2
    case .bf16: return 4
    }
  }

  private static func function(_ function: WorkloadFunction, _ x: Double) -> Double {
    switch function {
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu, .gatedSilu: x / (1 + exp(-x))
    }
  }
}
