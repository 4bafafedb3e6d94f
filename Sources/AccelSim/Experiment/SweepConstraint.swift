/// A condition on the points of a sweep, such as
/// `scratchpad.capacityKiB + accumulator.capacityKiB <= 320`.
///
/// Two formulas joined by `<=`, `>=`, `<`, `>` or `==`. A name is a key of the configuration that holds
/// a number, `workload.` and a parameter that the sweep varies, or `sramBytes`, the bytes of both local
/// memories.
public struct SweepConstraint: Equatable, Sendable, CustomStringConvertible {
  /// What is wrong with a constraint's text, and where.
  public typealias Problem = Formula.Problem

  /// As it was written.
  public let text: String
  private let left: Formula.Term
  private let relation: Relation
  private let right: Formula.Term

  /// Reads a constraint.
  ///
  /// - Parameter parameters: Parameters of workloads that the sweep varies, such as `sequence`.
  /// - Throws: `Problem` at the first character that does not fit, or at a name that is none.
  public init(_ text: String, parameters: [String] = []) throws(Problem) {
    var parser = try FormulaParser(text)
    (left, relation, right) = try parser.relation()
    self.text = text
    let known = Self.names(parameters)
    for name in parser.names where !known.contains(name.text) {
      throw Self.unknown(name, among: known)
    }
  }

  public var description: String { text }

  /// The name of the bytes of both local memories.
  static let sramBytes = "sramBytes"

  private static func names(_ parameters: [String]) -> [String] {
    HardwareConfig.keys.filter(\.isInteger).map(\.path) + [sramBytes]
      + parameters.map { SweepAxis.workloadPrefix + $0 }
  }

  private static func unknown(_ name: Formula.Name, among known: [String]) -> Problem {
    let isKey = HardwareConfig.keys.contains { $0.path == name.text }
    // A key's own name is enough to be understood, if it is the only one.
    let homonyms = known.filter { $0.hasSuffix("." + name.text) }
    return Problem(
      column: name.column, found: JSONText.quoted(JSONText.shortened(name.text)),
      expected: isKey ? "a key that holds a number" : "a key such as scratchpad.capacityKiB",
      suggestion: homonyms.count == 1
        ? homonyms[0] : isKey ? nil : Suggestion.nearest(to: name.text, among: known))
  }

  /// Whether the point of these values is wanted; `nil` if a side is no number, such as after a division
  /// by 0, or beyond 2^53, where whole numbers are no longer exact.
  ///
  /// - Parameter parameters: Values of the workload's parameters by name.
  func allows(_ config: HardwareConfig, parameters: [String: Int] = [:]) -> Bool? {
    func number(_ name: String) -> Double {
      if name == Self.sramBytes { return Double(config.sramBytes) }
      if name.hasPrefix(SweepAxis.workloadPrefix) {
        return parameters[String(name.dropFirst(SweepAxis.workloadPrefix.count))].map(Double.init)
          ?? .nan
      }
      return HardwareConfig.keys.first { $0.path == name }?.integer(in: config).map(Double.init)
        ?? .nan
    }
    let sides = (left.value(number), right.value(number))
    guard abs(sides.0) <= 0x1p53, abs(sides.1) <= 0x1p53 else { return nil }
    return relation.holds(sides.0, sides.1)
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
