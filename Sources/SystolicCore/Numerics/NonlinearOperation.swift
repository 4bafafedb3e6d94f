/// What the floating-point nonlinear unit can do with rows (Docs/NonlinearUnit.md).
///
/// The raw values are the operation codes of nl_run.
public enum NonlinearOperation: UInt8, CaseIterable, Sendable {
  /// y = x: from one type to another, which dequantises and quantises.
  case convert = 0
  /// x + y: a residual.
  case add = 1
  /// x * y: a scale for each element, or, with a repeated row, for each column.
  case multiply = 2
  /// e^x.
  case exponential = 3
  /// x + 1 above 0, else e^x: the feature map of linear attention.
  case eluPlusOne = 4
  /// x/2 (1 + erf(x/sqrt 2)).
  case gelu = 5
  /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
  case geluTanh = 6
  /// x / (1 + e^-x).
  case silu = 7
  /// SiLU(x) * y.
  case gatedSilu = 8
  /// e^(x - m) over the row's sum of them, m its maximum: maximum, sum and results take a pass each.
  case softmax = 16
  /// The same with maximum and sum in one pass: sums are rescaled where the maximum grows.
  case softmaxOnline = 17
  /// Times y and plus z, where there are such.
  case layerNorm = 18
  /// Times y, where there is such.
  case rmsNorm = 19
  /// The k largest elements of a row, first come first; the others become minus infinity.
  case topK = 20

  /// Passes over a row, each of which reads all of it; the last one gives the results.
  public func passes(k: Int) -> Int {
    switch self {
    case .convert, .add, .multiply, .exponential, .eluPlusOne, .gelu, .geluTanh, .silu,
      .gatedSilu:
      1
    case .softmaxOnline, .rmsNorm: 2
    case .softmax, .layerNorm: 3
    case .topK: k + 1
    }
  }

  /// Operands besides x: how many must be there, and how many can be.
  public var furtherOperands: ClosedRange<Int> {
    switch self {
    case .add, .multiply, .gatedSilu: 1...1
    case .layerNorm: 0...2
    case .rmsNorm: 0...1
    case .convert, .exponential, .eluPlusOne, .gelu, .geluTanh, .silu, .softmax, .softmaxOnline,
      .topK:
      0...0
    }
  }
}

/// What the nonlinear unit keeps of a row between passes: one entry of its statistics file.
///
/// A column i of the array's width collects elements i, i + width, i + 2 width, ...
public struct RowStatistics: Equatable, Sendable {
  /// Largest element of each column.
  var maxima: [Float]
  /// Sum of each column.
  var sums: [Float]
  /// Where in the row the largest element of each column stands (top-k).
  var places: [Int]
  /// Elements seen in this pass.
  var count = 0

  /// What the passes came to.
  var maximum: Float = 0
  var mean: Float = 0
  /// One over the sum of a softmax, or over the deviation of a norm.
  var inverse: Float = 0
  /// Place of `maximum` (top-k).
  var place = -1

  /// Empty statistics.
  public init(width: Int) {
    maxima = Array(repeating: -.infinity, count: width)
    sums = Array(repeating: 0, count: width)
    places = Array(repeating: -1, count: width)
  }

  /// Starts a pass: what columns have collected is forgotten.
  public mutating func begin() {
    for column in maxima.indices {
      maxima[column] = -.infinity
      sums[column] = 0
      places[column] = -1
    }
    count = 0
  }
}
