/// What the floating-point nonlinear unit computes on a row, operation by operation.
///
/// Every operation rounds its result to `format`; sums are kept in FP32, one a column of the
/// array's width: column i adds elements i, i + width, i + 2 width, ... in this order, and the
/// columns' sums are then added pairwise, column i and column i + half, until one is left. So the
/// bits of a result depend on the width and on nothing else: not on the number of lanes, nor on
/// the parts in which a row is brought (Docs/NonlinearUnit.md).
public struct RowFunctions: Sendable {
  /// What every result is rounded to: FP32, BF16 or FP16.
  public var format: LaneFormat
  /// Columns in which a row's sums are kept, a power of two: the width of the array; 1 for a host
  /// that adds one element after the other.
  public let width: Int

  /// Creates the functions of a unit.
  ///
  /// - Precondition: `width` is a power of two.
  public init(format: LaneFormat = .fp32, width: Int = 16) {
    precondition(width > 0 && width & (width - 1) == 0, "the width must be a power of two")
    self.format = format
    self.width = width
  }

  /// One operation as nl_run asks for it.
  public struct Task: Equatable, Sendable {
    /// What is computed of a row.
    public var operation: NonlinearOperation
    /// Elements that top-k keeps.
    public var k: Int
    /// Added to the variance of a norm.
    public var epsilon: Float

    public init(_ operation: NonlinearOperation, k: Int = 0, epsilon: Float = 1e-5) {
      self.operation = operation
      self.k = k
      self.epsilon = epsilon
    }

    /// Passes over a row.
    public var passes: Int { operation.passes(k: k) }
  }

  /// A row of values of `format`, all passes of `task` over it.
  ///
  /// - Parameters:
  ///   - y: The second operand, or a norm's factors; empty for none.
  ///   - z: A norm's summands; empty for none.
  public func apply(_ task: Task, _ x: [Float], y: [Float] = [], z: [Float] = []) -> [Float] {
    var statistics = RowStatistics(width: width)
    for pass in 1..<task.passes {
      statistics.begin()
      accumulate(x, task, pass: pass, into: &statistics)
      finish(task, pass: pass, &statistics)
    }
    statistics.begin()
    return results(task, x, y: y, z: z, &statistics)
  }

  // MARK: Passes

  /// Adds a part of a row to what a pass collects. The parts but the last have a multiple of
  /// `width` elements.
  public func accumulate(
    _ x: [Float], _ task: Task, pass: Int, into statistics: inout RowStatistics
  ) {
    for (index, value) in x.enumerated() {
      let column = index & (width - 1)
      switch (task.operation, pass) {
      case (.softmax, 1):
        if value > statistics.maxima[column] { statistics.maxima[column] = value }
      case (.softmax, _):
        statistics.sums[column] += exponential(value, statistics.maximum)
      case (.softmaxOnline, _):
        addOnline(value, column, &statistics)
      case (.layerNorm, 1):
        statistics.sums[column] += value
      case (.layerNorm, _):
        let difference = format.round(value - statistics.mean)
        statistics.sums[column] += difference * difference
      case (.rmsNorm, _):
        statistics.sums[column] += value * value
      default:
        let place = statistics.count + index
        let isLeft =
          value < statistics.maximum
          || (value == statistics.maximum && place > statistics.place) || pass == 1
        if isLeft, value > statistics.maxima[column] {
          statistics.maxima[column] = value
          statistics.places[column] = place
        }
      }
    }
    statistics.count += x.count
  }

  /// The running maximum and sum of a column: one exponential an element, of the difference
  /// between the two.
  private func addOnline(_ x: Float, _ column: Int, _ statistics: inout RowStatistics) {
    let (maximum, sum) = (statistics.maxima[column], statistics.sums[column])
    if x > maximum {
      statistics.maxima[column] = x
      statistics.sums[column] = sum == 0 ? 1 : sum * exponential(maximum, x) + 1
    } else if x != -.infinity {
      statistics.sums[column] = sum + exponential(x, maximum)
    }
  }

  /// Ends a pass: joins the columns, and computes what the next pass needs.
  public func finish(_ task: Task, pass: Int, _ statistics: inout RowStatistics) {
    switch (task.operation, pass) {
    case (.softmax, 1):
      statistics.maximum = Self.maximum(statistics.maxima)
    case (.softmax, _):
      statistics.inverse = format.round(1 / Self.sum(statistics.sums))
    case (.softmaxOnline, _):
      let maximum = Self.maximum(statistics.maxima)
      statistics.maximum = maximum
      for column in statistics.sums.indices where statistics.sums[column] != 0 {
        statistics.sums[column] *= exponential(statistics.maxima[column], maximum)
      }
      statistics.inverse = format.round(1 / Self.sum(statistics.sums))
    case (.layerNorm, 1):
      statistics.mean = format.round(Self.sum(statistics.sums) / Float(statistics.count))
    case (.layerNorm, _), (.rmsNorm, _):
      let variance = Self.sum(statistics.sums) / Float(statistics.count)
      statistics.inverse = format.round(1 / (variance + task.epsilon).squareRoot())
    default:
      var best = 0
      for column in 1..<max(width, 1) {
        let (a, b) = (statistics.maxima[column], statistics.maxima[best])
        if a > b || (a == b && statistics.places[column] < statistics.places[best]) {
          best = column
        }
      }
      if statistics.places[best] >= 0 {
        statistics.maximum = statistics.maxima[best]
        statistics.place = statistics.places[best]
      } else {
        // Fewer elements than k: all of them stay.
        statistics.maximum = -.infinity
        statistics.place = .max
      }
    }
  }

  /// The last pass over a part of a row.
  public func results(
    _ task: Task, _ x: [Float], y: [Float] = [], z: [Float] = [],
    _ statistics: inout RowStatistics
  ) -> [Float] {
    var results = x
    for (index, value) in x.enumerated() {
      results[index] = result(task, value, index, y, z, statistics)
    }
    statistics.count += x.count
    return results
  }

  private func result(
    _ task: Task, _ x: Float, _ index: Int, _ y: [Float], _ z: [Float],
    _ statistics: borrowing RowStatistics
  ) -> Float {
    switch task.operation {
    case .convert: return x
    case .add: return format.round(x + y[index])
    case .multiply: return format.round(x * y[index])
    case .exponential: return format.round(FloatFunctions.exp(x))
    case .eluPlusOne: return format.round(x > 0 ? x + 1 : FloatFunctions.exp(x))
    case .gelu: return gelu(x)
    case .geluTanh: return geluTanh(x)
    case .silu: return silu(x)
    case .gatedSilu: return format.round(silu(x) * y[index])
    case .softmax, .softmaxOnline:
      // A row of nothing but minus infinity, fully masked: its sum is no number or nothing.
      if statistics.maximum == -.infinity, x == -.infinity { return 0 }
      return format.round(exponential(x, statistics.maximum) * statistics.inverse)
    case .layerNorm:
      let normal = format.round(format.round(x - statistics.mean) * statistics.inverse)
      let scaled = y.isEmpty ? normal : format.round(normal * y[index])
      return z.isEmpty ? scaled : format.round(scaled + z[index])
    case .rmsNorm:
      let normal = format.round(x * statistics.inverse)
      return y.isEmpty ? normal : format.round(normal * y[index])
    case .topK:
      let isKept =
        task.k > 0
        && (x > statistics.maximum
          || (x == statistics.maximum && statistics.count + index <= statistics.place))
      return isKept ? x : -.infinity
    }
  }

  private func exponential(_ x: Float, _ maximum: Float) -> Float {
    format.round(FloatFunctions.exp(format.round(x - maximum)))
  }

  /// The largest element; NaN never is.
  private static func maximum(_ row: [Float]) -> Float {
    row.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
  }

  /// The sum in pairs.
  private static func sum(_ columns: [Float]) -> Float {
    var values = columns
    var half = values.count / 2
    while half > 0 {
      for column in 0..<half { values[column] += values[column + half] }
      half /= 2
    }
    return values[0]
  }
}

extension RowFunctions {
  /// e^(x - max) over its sum. A row of nothing but minus infinity, fully masked, gives zeros.
  ///
  /// - Parameter isOnline: Maximum and sum in one pass, the sum rescaled when the maximum grows,
  ///   instead of one pass each (paper facts 2.1).
  public func softmax(_ row: [Float], isOnline: Bool = false) -> [Float] {
    apply(Task(isOnline ? .softmaxOnline : .softmax), row.map(format.round))
  }

  /// (x - mean) / sqrt(variance + epsilon), times `gain`, plus `bias`.
  ///
  /// - Parameters:
  ///   - gain: One factor an element, or empty for 1.
  ///   - bias: One summand an element, or empty for 0.
  public func layerNorm(
    _ row: [Float], gain: [Float] = [], bias: [Float] = [], epsilon: Float = 1e-5
  ) -> [Float] {
    apply(Task(.layerNorm, epsilon: epsilon), row.map(format.round), y: gain, z: bias)
  }

  /// x / sqrt(mean square + epsilon), times `gain`.
  public func rmsNorm(_ row: [Float], gain: [Float] = [], epsilon: Float = 1e-5) -> [Float] {
    apply(Task(.rmsNorm, epsilon: epsilon), row.map(format.round), y: gain)
  }

  /// The `k` largest elements, the earlier of equal ones; minus infinity in place of the others.
  public func topK(_ row: [Float], k: Int) -> [Float] {
    apply(Task(.topK, k: k), row.map(format.round))
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
}
