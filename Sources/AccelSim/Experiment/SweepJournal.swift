/// The outcomes of a sweep that is not finished: a line of JSON a point, in any order.
///
/// Each line says which sweep it is of, and ends with a digest of itself; lines of one sweep from
/// several files may be put together in any order.
public struct SweepJournal: Sendable {
  /// By the number of the point.
  public private(set) var outcomes: [Int: SweepOutcome] = [:]
  /// Bytes up to the end of the last whole line.
  public private(set) var length = 0
  /// Whether the last line was not written to its end. It is behind `length`.
  public private(set) var isTorn = false

  /// A journal that cannot be gone on with, and why.
  public struct Problem: Error, Equatable {
    /// From 1.
    public var line: Int
    /// In words that follow "line n is", such as `damaged: its checksum is wrong`.
    public var reason: String
    /// Whether the line is what it was when it was written, but does not belong here.
    public var isForeign: Bool
  }

  /// A journal without lines.
  public init() {}

  /// Reads the lines of a sweep.
  ///
  /// A last line that is not whole is dropped, as its writer may have ended within it; any other is a
  /// problem. A point may stand there several times with the same outcome.
  ///
  /// - Throws: `Problem` for the first line that is damaged or not of `plan`.
  public init(reading bytes: [UInt8], of plan: SweepPlan) throws(Problem) {
    var number = 0
    while length < bytes.count {
      number += 1
      let rest = bytes[length...]
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        isTorn = true
        return
      }
      if !rest[..<end].isEmpty {
        guard let entry = Entry(rest[..<end]) else {
          guard end + 1 < bytes.count else {
            isTorn = true
            return
          }
          throw Problem(line: number, reason: "damaged: its checksum is wrong", isForeign: false)
        }
        try add(entry, plan, line: number)
      }
      length = end + 1
    }
  }

  private mutating func add(_ entry: Entry, _ plan: SweepPlan, line: Int) throws(Problem) {
    if let difference = entry.sweep.difference(from: plan.identity) {
      throw Problem(line: line, reason: "of a sweep with \(difference)", isForeign: true)
    }
    guard plan.points.indices.contains(entry.point - 1) else {
      throw Problem(
        line: line, reason: "of point \(entry.point) of \(plan.points.count)", isForeign: true)
    }
    if let other = outcomes.updateValue(entry.outcome, forKey: entry.point),
      other != entry.outcome
    {
      throw Problem(
        line: line, reason: "another outcome of point \(entry.point) than a line before it",
        isForeign: true)
    }
  }

  /// The line of one outcome, with its line break.
  public static func line(
    _ outcome: SweepOutcome, of point: SweepPoint, in plan: SweepPlan
  ) -> String {
    let sweep = plan.identity
    var members: [(key: String, value: JSONOutput)] = [
      (
        "sweep",
        .object([
          ("model", .integer(sweep.model)), ("config", .string(sweep.config)),
          ("workloads", .string(sweep.workloads)), ("points", .string(sweep.points)),
        ])
      )
    ]
    members += plan.json(of: point)
    switch outcome {
    case .measured(let measurement): members.append(("result", measurement.json))
    case .failed(let reason): members.append(("error", .string(reason)))
    }
    let body = String(JSONOutput.object(members).line.dropLast())
    return body + Entry.checksumKey + Digest(body).text + Entry.end + "\n"
  }

  /// What a line says.
  private struct Entry {
    static let checksumKey = ", \"checksum\": \""
    static let end = "\"}"

    var sweep: SweepIdentity
    var point: Int
    var outcome: SweepOutcome

    /// `nil` if the line is not as it was written.
    init?(_ line: ArraySlice<UInt8>) {
      let length = Self.checksumKey.utf8.count + 16 + Self.end.utf8.count
      let body = line.dropLast(length)
      var digest = Digest()
      digest.add(body)
      let rest = Self.checksumKey + digest.text + Self.end
      guard line.suffix(length).elementsEqual(rest.utf8),
        let value = JSONText(parsing: Array(line), maximumDepth: 8).value,
        let sweep = value["sweep"], let model = sweep["model"]?.integer,
        let config = sweep["config"]?.string, let workloads = sweep["workloads"]?.string,
        let points = sweep["points"]?.string, let point = value["point"]?.integer
      else { return nil }
      self.sweep = SweepIdentity(
        model: model, config: config, workloads: workloads, points: points)
      self.point = point
      if let measurement = value["result"].flatMap(SweepMeasurement.init) {
        outcome = .measured(measurement)
      } else if let reason = value["error"]?.string {
        outcome = .failed(reason)
      } else {
        return nil
      }
    }
  }
}
