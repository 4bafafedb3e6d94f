/// Cycles of the functions of a lane of the nonlinear unit, and what an operation's passes come to
/// (Docs/NonlinearUnit.md, "Time").
public struct NonlinearCosts: Equatable, Sendable {
  /// An addition, multiplication, comparison or conversion; one a cycle.
  public var arithmetic: Int
  /// Cycles from an exponential's argument to its result.
  public var exponential: Int
  /// Cycles from one exponential to the next.
  public var exponentialInterval: Int
  /// Cycles from a division's operands to its result.
  public var division: Int
  /// Cycles from one division to the next.
  public var divisionInterval: Int
  /// Cycles from a square root's argument to its result.
  public var root: Int
  /// Cycles from one square root to the next.
  public var rootInterval: Int
  /// Columns that a row's sums are kept in: the width of the array.
  public var width: Int

  public init(
    arithmetic: Int, exponential: Int, exponentialInterval: Int, division: Int,
    divisionInterval: Int, root: Int, rootInterval: Int, width: Int
  ) {
    self.arithmetic = arithmetic
    self.exponential = exponential
    self.exponentialInterval = exponentialInterval
    self.division = division
    self.divisionInterval = divisionInterval
    self.root = root
    self.rootInterval = rootInterval
    self.width = width
  }

  /// What one pass of an operation costs.
  public struct Pass: Equatable, Sendable {
    /// From the start of elements to their results, or to their place in the columns' sums.
    public var depth = 0
    /// Cycles for which elements hold their lanes.
    public var interval = 1
    /// From elements to the next ones of the same row, which add to the same columns; 0 in the
    /// pass that gives results.
    public var feedback = 0
    /// From the end of a row to its statistics, besides waiting for a divider.
    public var step = 0
    /// Cycles for which the end of a row holds a lane's divider and root.
    public var stepInterval = 0
    /// The last pass, which gives results.
    public var givesResults = false

    public init() {}
  }

  /// The pass `pass`, from 1, of `operation` with so many operands besides x.
  public func pass(_ pass: Int, of operation: NonlinearOperation, k: Int, furtherOperands: Int)
    -> Pass
  {
    var cost =
      pass == operation.passes(k: k)
      ? results(operation, furtherOperands) : collecting(operation, pass)
    // Every element is converted and scaled on its way in.
    cost.depth += 2 * arithmetic
    return cost
  }

  private func results(_ operation: NonlinearOperation, _ furtherOperands: Int) -> Pass {
    var cost = Pass()
    cost.givesResults = true
    var (exponentials, divisions) = (0, 0)
    let a = arithmetic
    switch operation {
    case .convert: break
    case .add, .multiply, .topK: cost.depth = a
    case .exponential:
      exponentials = 1
      cost.depth = exponential
    case .eluPlusOne:
      exponentials = 1
      cost.depth = max(exponential, a) + a
    case .gelu:
      (exponentials, divisions) = (1, 1)
      // x / sqrt 2; then the polynomial of 1 / (1 + p x) beside the exponential of -x^2; their
      // product, 1 - it, 1 + erf, times x / 2.
      cost.depth = a + max(a + division + 5 * a, a + exponential) + 4 * a
    case .geluTanh:
      (exponentials, divisions) = (1, 1)
      // x^2, x^3, the inner sum, its factor, twice it; e^2x + 1, the quotient, 1 - it, 1 + tanh,
      // times x / 2.
      cost.depth = 5 * a + exponential + a + division + 3 * a
    case .silu, .gatedSilu:
      (exponentials, divisions) = (1, 1)
      cost.depth = exponential + a + division + (operation == .silu ? a : 2 * a)
    case .softmax, .softmaxOnline:
      exponentials = 1
      cost.depth = a + exponential + a
    case .layerNorm, .rmsNorm:
      cost.depth = (operation == .layerNorm ? 2 : 1) * a + furtherOperands * a
    }
    // Scaled and converted on the way out.
    cost.depth += 2 * a
    cost.interval = max(
      1, exponentials * exponentialInterval, divisions * divisionInterval)
    return cost
  }

  /// A pass that collects: its step joins the columns in pairs and ends with what the next needs.
  private func collecting(_ operation: NonlinearOperation, _ pass: Int) -> Pass {
    let a = arithmetic
    let joining = width.trailingZeroBitCount * a
    var cost = Pass()
    cost.depth = a
    cost.feedback = a
    cost.step = joining
    switch (operation, pass) {
    case (.softmax, 2):
      cost.depth = 2 * a + exponential
      cost.interval = exponentialInterval
      cost.step += division
      cost.stepInterval = divisionInterval
    case (.softmaxOnline, _):
      // The comparison runs ahead; the sum is multiplied and added to.
      cost.depth = 4 * a + exponential
      cost.interval = exponentialInterval
      cost.feedback = 2 * a
      // Columns are brought to one maximum before they are added.
      cost.step += joining + 2 * a + exponential + division
      cost.stepInterval = divisionInterval
    case (.layerNorm, 1):
      cost.step += division
      cost.stepInterval = divisionInterval
    case (.layerNorm, _), (.rmsNorm, _):
      cost.depth = (operation == .layerNorm ? 3 : 2) * a
      cost.step += division + a + root + division
      cost.stepInterval = 2 * divisionInterval + rootInterval
    default: break
    }
    return cost
  }
}
