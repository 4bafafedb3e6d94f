/// A condition on the points of a sweep, such as
/// `scratchpad.capacityKiB + accumulator.capacityKiB <= 320`.
///
/// Two sums of whole numbers and names, joined by `<=`, `>=`, `<`, `>` or `==`. A name is a key of the
/// configuration that holds a number, `workload.` and a parameter that the sweep varies, or
/// `sramBytes`, the bytes of both local memories. There are `+`, `-`, `*` and parentheses.
public struct SweepConstraint: Equatable, Sendable, CustomStringConvertible {
  /// As it was written.
  public let text: String
  let left: Term
  let comparison: Comparison
  let right: Term

  /// A sum, a product, a number or a name.
  indirect enum Term: Equatable, Sendable {
    case number(Int)
    case name(String)
    case negative(Term)
    case sum(Term, Term)
    case difference(Term, Term)
    case product(Term, Term)
  }

  enum Comparison: String, CaseIterable, Sendable {
    case atMost = "<="
    case atLeast = ">="
    case equal = "=="
    case less = "<"
    case more = ">"

    func holds(_ left: Int, _ right: Int) -> Bool {
      switch self {
      case .atMost: left <= right
      case .atLeast: left >= right
      case .equal: left == right
      case .less: left < right
      case .more: left > right
      }
    }
  }

  /// Why a text is no constraint.
  public struct Problem: Error, Equatable, CustomStringConvertible {
    /// Where, in characters from 1.
    public var column: Int
    public var found: String
    public var expected: String
    public var suggestion: String?

    public var description: String {
      "column \(column): found \(found); expected \(expected)"
        + (suggestion.map { "; did you mean \($0)?" } ?? "")
    }
  }

  /// Reads a constraint.
  ///
  /// - Parameter parameters: Parameters of workloads that the sweep varies, such as `sequence`.
  /// - Throws: `Problem` at the first character that does not fit.
  public init(_ text: String, parameters: [String] = []) throws(Problem) {
    var parser = SweepConstraintParser(text, names: Self.names(parameters))
    (left, comparison, right) = try parser.parse()
    self.text = text
  }

  public var description: String { text }

  /// The name of the bytes of both local memories.
  static let sramBytes = "sramBytes"

  private static func names(_ parameters: [String]) -> [String] {
    HardwareConfig.keys.filter(\.isInteger).map(\.path) + [sramBytes]
      + parameters.map { SweepAxis.workloadPrefix + $0 }
  }

  /// Whether the point of these values is wanted; `nil` if a sum or a product is beyond 64 bits.
  ///
  /// - Parameter parameters: Values of the workload's parameters by name.
  func allows(_ config: HardwareConfig, parameters: [String: Int] = [:]) -> Bool? {
    guard let left = Self.value(left, config, parameters),
      let right = Self.value(right, config, parameters)
    else { return nil }
    return comparison.holds(left, right)
  }

  private static func value(
    _ term: Term, _ config: HardwareConfig, _ parameters: [String: Int]
  ) -> Int? {
    func both(
      _ left: Term, _ right: Term, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) -> Int? {
      guard let left = value(left, config, parameters), let right = value(right, config, parameters)
      else { return nil }
      let result = operation(left, right)
      return result.overflow ? nil : result.partialValue
    }
    switch term {
    case .number(let number): return number
    case .name(sramBytes): return config.sramBytes
    case .name(let name):
      if name.hasPrefix(SweepAxis.workloadPrefix) {
        return parameters[String(name.dropFirst(SweepAxis.workloadPrefix.count))]
      }
      return HardwareConfig.keys.first { $0.path == name }?.integer(in: config)
    case .negative(let term):
      return both(.number(0), term) { $0.subtractingReportingOverflow($1) }
    case .sum(let left, let right): return both(left, right) { $0.addingReportingOverflow($1) }
    case .difference(let left, let right):
      return both(left, right) { $0.subtractingReportingOverflow($1) }
    case .product(let left, let right):
      return both(left, right) { $0.multipliedReportingOverflow(by: $1) }
    }
  }
}

extension HardwareConfig {
  /// Bytes of the local memories, also of a configuration that is no machine.
  var sramBytes: Int { (scratchpad.capacityKiB + accumulator.capacityKiB) * 1024 }
}

extension ConfigKey {
  fileprivate var isInteger: Bool {
    if case .integer = access { true } else { false }
  }

  fileprivate func integer(in config: HardwareConfig) -> Int? {
    if case .integer(let path, _) = access { config[keyPath: path] } else { nil }
  }
}
