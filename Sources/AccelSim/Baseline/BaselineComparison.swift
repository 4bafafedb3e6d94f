/// A case against its run: only what moved.
public struct BaselineComparison: Encodable, Equatable, Sendable {
  /// How a case stands, the worst last.
  public enum Verdict: String, Encodable, CaseIterable, Comparable, Sendable {
    /// Everything that is compared is inside the tolerance.
    case asRecorded
    /// It ran something that the baseline does not have.
    case new
    /// Cycles differ by more than the tolerance.
    case moved
    /// Something recorded is no longer there, or the case cannot run.
    case missing
    /// Accounts of the run do not add up to its cycles: a fault of the simulator.
    case unbalanced

    public static func < (left: Verdict, right: Verdict) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// An operator, or a fence of a trace, that moved.
  public struct Difference: Encodable, Equatable, Sendable {
    /// The operator's name, or `fence` and its number from 0.
    public var name: String
    /// Recorded cycles; `nil` where it is new.
    public var before: Int?
    /// Cycles now; `nil` where it is missing.
    public var after: Int?
    /// What the cycles went to that differs most, and by how many; empty if that is not known.
    public var cause: String
    /// Cycles that `cause` takes more now, negative if fewer; 0 where it is empty.
    public var causeCycles: Int
    /// Line in the baseline's file, from 1.
    public var line: Int

    /// Cycles that it takes more now.
    public var delta: Int { (after ?? 0) - (before ?? 0) }
  }

  /// `BaselineCase.name`.
  public var name: String
  /// Key of its machine in the file's `configs`.
  public var config: String
  /// The worst that any of its comparisons found.
  public var verdict = Verdict.asRecorded
  /// Recorded cycles of the whole run, if there are any.
  public var before: Int?
  /// Cycles of the whole run now, if it ran.
  public var after: Int?
  /// What of the whole run differs most, as in `Difference`.
  public var cause = ""
  /// Cycles that `cause` takes more now, negative if fewer; 0 where it is empty.
  public var causeCycles = 0
  /// In the order of execution.
  public var differences: [Difference] = []
  /// What else is to be said: why it did not run, which command is the first with other times.
  public var notes: [String] = []
  /// The model that recorded it.
  public var cycleModel: Int?
  /// Line of the case in the baseline's file, from 1.
  public var line: Int

  /// - Parameter tolerance: In percent of what was recorded.
  public init(_ item: BaselineCase, _ outcome: BaselineOutcome, tolerance: Double) {
    name = item.name
    config = item.config
    line = item.line
    before = item.expected?.cycles
    cycleModel = item.expected?.cycleModel
    switch outcome {
    case .failed(let reason):
      verdict = .missing
      notes.append("does not run: \(reason)")
    case .measured(let measurement):
      after = measurement.record.cycles
      if let expected = item.expected {
        compare(expected, measurement, BaselineTolerance(percent: tolerance))
      } else {
        verdict = .new
      }
      if !measurement.imbalances.isEmpty {
        verdict = .unbalanced
        notes += measurement.imbalances
      }
    }
  }

  /// Cycles that the whole run takes more now.
  public var delta: Int { (after ?? 0) - (before ?? 0) }

  /// Indices of the differences, those that moved most first.
  var byMovement: [Int] {
    differences.indices.sorted {
      (differences[$1].delta.magnitude, $0) < (differences[$0].delta.magnitude, $1)
    }
  }

  private mutating func compare(
    _ old: BaselineRecord, _ measurement: BaselineMeasurement, _ tolerance: BaselineTolerance
  ) {
    let new = measurement.record
    if let digest = old.digest, digest != new.digest {
      worsen(.moved)
      notes.append("the file that runs is not the recorded one")
    }
    compareOperators(old.operators, new.operators, tolerance)
    // The sum moves with any operator that is missing or new: that is no finding of its own.
    let sameOperators = !differences.contains { $0.before == nil || $0.after == nil }
    let oldUses = old.operators.isEmpty ? old.uses : Self.sum(old.operators)
    let newUses = new.operators.isEmpty ? new.uses : Self.sum(new.operators)
    (cause, causeCycles) = Self.cause(oldUses, newUses)
    if sameOperators, !tolerance.allows(old.cycles, new.cycles, sameUses: causeCycles == 0) {
      worsen(.moved)
    }
    compareFences(old.fences, new.fences, tolerance)
    if tolerance.isExact || verdict != .asRecorded {
      compareCommands(old.commands, measurement)
    }
  }

  private mutating func worsen(_ found: Verdict) { verdict = max(verdict, found) }

  /// Operators of one name are told apart by their order: a generation has each of them in every step.
  private mutating func compareOperators(
    _ old: [BaselineRecord.Operator], _ new: [BaselineRecord.Operator],
    _ tolerance: BaselineTolerance
  ) {
    var recorded: [Key: Int] = [:]
    for (index, key) in Self.keys(old).enumerated() { recorded[key] = index }
    var lastLine = line
    var differences: [(place: Int, difference: Difference)] = []
    for (place, (row, key)) in zip(new, Self.keys(new)).enumerated() {
      guard let index = recorded.removeValue(forKey: key) else {
        worsen(.new)
        differences.append(
          (
            place,
            Difference(
              name: row.name, before: nil, after: row.cycles, cause: "", causeCycles: 0,
              line: lastLine)
          ))
        continue
      }
      let other = old[index]
      lastLine = other.line
      let (cause, cycles) = Self.cause(other.uses, row.uses)
      if tolerance.allows(other.cycles, row.cycles, sameUses: cycles == 0) { continue }
      worsen(.moved)
      differences.append(
        (
          place,
          Difference(
            name: row.name, before: other.cycles, after: row.cycles, cause: cause,
            causeCycles: cycles, line: other.line)
        ))
    }
    let common = Set(Self.keys(old)).intersection(Self.keys(new))
    if Self.keys(old).filter(common.contains) != Self.keys(new).filter(common.contains) {
      worsen(.moved)
      notes.append("its operators run in another order")
    }
    for index in recorded.values.sorted() {
      worsen(.missing)
      let row = old[index]
      differences.append(
        (
          index,
          Difference(
            name: row.name, before: row.cycles, after: nil, cause: "", causeCycles: 0,
            line: row.line)
        ))
    }
    // Places of missing ones are those of the recorded order.
    self.differences = differences.enumerated()
      .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
      .map(\.element.difference)
  }

  private struct Key: Hashable {
    var name: String
    var occurrence: Int
  }

  private static func keys(_ operators: [BaselineRecord.Operator]) -> [Key] {
    var seen: [String: Int] = [:]
    return operators.map { row in
      defer { seen[row.name, default: 0] += 1 }
      return Key(name: row.name, occurrence: seen[row.name, default: 0])
    }
  }

  private mutating func compareFences(
    _ old: [Int], _ new: [Int], _ tolerance: BaselineTolerance
  ) {
    for index in 0..<max(old.count, new.count) {
      let before = index < old.count ? old[index] : nil
      let after = index < new.count ? new[index] : nil
      if let before, let after, tolerance.allows(before, after, sameUses: true) { continue }
      worsen(after == nil ? .missing : before == nil ? .new : .moved)
      differences.append(
        Difference(
          name: "fence \(index)", before: before, after: after, cause: "", causeCycles: 0,
          line: line))
    }
  }

  /// Notes the command whose times are the first to differ.
  private mutating func compareCommands(
    _ old: [BaselineRecord.CommandTimes], _ measurement: BaselineMeasurement
  ) {
    let new = measurement.record.commands
    var first: (index: Int, cycle: Int, words: String)?
    for index in 0..<min(old.count, new.count) where old[index] != new[index] {
      guard let (cycle, words) = old[index].firstDifference(to: new[index]) else { continue }
      if cycle < first?.cycle ?? .max { first = (index, cycle, words) }
    }
    if let first {
      worsen(.moved)
      notes.append(
        "first command: \(first.index), \(measurement.commands[first.index]): \(first.words)")
    }
    if old.count != new.count {
      worsen(old.count > new.count ? .missing : .new)
      notes.append("commands: \(old.count) recorded, \(new.count) now")
    }
  }

  private static func sum(_ operators: [BaselineRecord.Operator]) -> [String: Int] {
    operators.reduce(into: [:]) { sum, row in sum.merge(row.uses, uniquingKeysWith: &+) }
  }

  /// The use that differs most, the first by name of several.
  private static func cause(_ old: [String: Int], _ new: [String: Int]) -> (String, Int) {
    var largest = ("", 0)
    for use in Set(old.keys).union(new.keys).sorted() {
      let cycles = new[use, default: 0] - old[use, default: 0]
      if cycles.magnitude > largest.1.magnitude { largest = (use, cycles) }
    }
    return largest
  }
}

/// How far cycles may be from those recorded.
struct BaselineTolerance {
  var percent: Double

  /// Whether not even what cycles went to may differ.
  var isExact: Bool { percent == 0 }

  func allows(_ before: Int, _ after: Int, sameUses: Bool) -> Bool {
    if isExact { return before == after && sameUses }
    return abs(Double(after) - Double(before)) <= Double(before) * percent / 100
  }
}

extension BaselineRecord.CommandTimes {
  /// The cycle from which the times differ, and how they do.
  fileprivate func firstDifference(to other: Self) -> (cycle: Int, words: String)? {
    for (name, old, new) in [
      ("allocated", allocated, other.allocated), ("issued", issued, other.issued),
      ("completed", completed, other.completed),
    ] where old != new {
      func words(_ cycle: Int) -> String { cycle < 0 ? "never" : TextFormat.grouped(cycle) }
      let cycle = old < 0 ? new : new < 0 ? old : min(old, new)
      return (cycle, "\(name) \(words(old)) before, \(words(new)) now")
    }
    return nil
  }
}
