/// Why a run takes other cycles than another of the same network: what every cycle went to, operator by
/// operator. Each of the two partitions adds up to the difference exactly.
public struct CycleDifference: Encodable, Equatable, Sendable {
  /// Operators of one name over all layers.
  public struct Stem: Encodable, Equatable, Sendable {
    /// The operators' name without the layer, such as `q`.
    public var stem: String
    /// Cycles in the base; `nil` where it does not run by itself there.
    public var base: Int?
    /// Cycles in the other run; `nil` where it does not run by itself there.
    public var other: Int?
    /// The operator that it runs inside in the run where it does not run by itself.
    public var inside: String?
    /// Cycles that the other run takes more; negative if fewer.
    public var cycles: Int
    /// The same by what cycles went to; they add up to `cycles`.
    public var uses: [ReasonCount]
  }

  /// Cycles that the other run takes more; negative if fewer.
  public var cycles: Int
  /// The same by what cycles went to, in the order of `CycleUse`; they add up to `cycles`. A use
  /// without a difference is left out.
  public var uses: [ReasonCount]
  /// The same by operator, in the order of execution; they add up to `cycles`.
  public var operators: [Stem]

  /// What `other` takes more than `base`.
  public init(_ other: NetworkReport, from base: NetworkReport) {
    let (before, after) = (base.stems, other.stems)
    operators = []
    for stem in Self.order(before, after) {
      let old = before.first { $0.stem == stem }
      let new = after.first { $0.stem == stem }
      let uses = Self.difference(new?.cycleUses ?? [:], old?.cycleUses ?? [:])
      operators.append(
        Stem(
          stem: stem, base: old?.cycles, other: new?.cycles,
          inside: old == nil
            ? Self.host(of: stem, in: base) : new == nil ? Self.host(of: stem, in: other) : nil,
          cycles: (new?.cycles ?? 0) - (old?.cycles ?? 0), uses: uses))
    }
    cycles = other.cycles - base.cycles
    uses = Self.difference(Self.uses(other), Self.uses(base))
  }

  /// What the cycles of a whole run went to.
  static func uses(_ report: NetworkReport) -> [String: Int] {
    report.operators.reduce(into: [:]) { $0.merge($1.cycleUses, uniquingKeysWith: +) }
  }

  private static func difference(_ other: [String: Int], _ base: [String: Int]) -> [ReasonCount] {
    CycleUse.allCases.compactMap { use in
      let cycles = other[use.name, default: 0] - base[use.name, default: 0]
      return cycles == 0 ? nil : ReasonCount(reason: use.name, cycles: cycles)
    }
  }

  /// The stems of both runs: those of one run stand behind the stem that they follow there.
  private static func order(_ one: [NetworkReport.Row], _ other: [NetworkReport.Row]) -> [String] {
    var order = one.map(\.stem)
    var place = 0
    for row in other {
      if let known = order.firstIndex(of: row.stem) {
        place = known + 1
      } else {
        order.insert(row.stem, at: place)
        place += 1
      }
    }
    return order
  }

  /// The stem of the operator that `stem` runs inside.
  private static func host(of stem: String, in report: NetworkReport) -> String? {
    report.operators.first { row in
      row.fused.contains { name in
        name == stem || name == "layer\(row.layer ?? 0).\(stem)"
      }
    }?.stem
  }
}
