/// What a study found: each check measured, with its verdict.
public struct StudyReport: Encodable, Sendable {
  /// How a check or a claim stands.
  public enum Verdict: String, Encodable, Sendable {
    /// Inside the band.
    case reproduced
    /// Outside, and nobody knew.
    case outside
    /// Outside, as the study says; the note explains.
    case knownOutside
    /// Inside, although the study says that it is not: the study must be brought up to date.
    case unexpectedlyInside
    /// Not tested yet.
    case pending

    /// In a table.
    var words: String {
      switch self {
      case .reproduced: "ok"
      case .outside: "OUTSIDE"
      case .knownOutside: "known gap"
      case .unexpectedlyInside: "GAP CLOSED"
      case .pending: "not covered yet"
      }
    }
  }

  /// A formula of a claim with what it gave.
  public struct Check: Encodable, Sendable {
    /// What is measured, in words.
    public var what: String
    /// Over the study's runs, as its file has it.
    public var formula: String
    /// `number`, `percent` or `times`.
    public var unit: String
    /// What the source says, in its words.
    public var paper: String
    /// In the unit; `nil` if the formula gives no number, such as after a division by 0.
    public var measured: Double?
    /// Lower end of the band, in the unit; `nil` for none.
    public var from: Double?
    /// Upper end of the band, in the unit; `nil` for none.
    public var to: Double?
    /// Whether what was measured is in the band.
    public var verdict: Verdict
  }

  /// A claim of the source, with its checks.
  public struct Claim: Encodable, Sendable {
    /// Short, such as `G3`.
    public var id: String
    /// What the source claims, in a sentence.
    public var claim: String
    /// Where it claims that: a section, a figure.
    public var source: String
    /// That of the worst check.
    public var verdict: Verdict
    /// What was measured for it.
    public var checks: [Check]
    /// Why it does not stand, or under which conditions it does.
    public var note: String?
  }

  /// `Study.name`.
  public var study: String
  /// `Study.title`, the heading of the text.
  public var title: String
  /// Where the claims come from.
  public var source: String
  /// What all simulated runs share.
  public var settings: [String]
  /// In the order of the study's file.
  public var claims: [Claim]
  /// Simulated cycles of every run.
  public var runs: [String: Int]

  /// Whether every claim stands as the study says.
  public var passes: Bool {
    claims.flatMap(\.checks).allSatisfy { $0.verdict == .reproduced || $0.verdict == .knownOutside }
  }

  /// - Parameter measurements: Of every run that the claims need, by name.
  /// - Throws: `StudyError` naming every quantity that a run does not have.
  init(_ study: Study, _ measurements: [String: StudyMeasurement]) throws(StudyError) {
    self.study = study.name
    title = study.title
    source = study.source
    settings = study.settings.map(\.description)
    claims = []
    var missing: [String] = []
    runs = measurements.compactMapValues {
      if case .simulation(let report, _) = $0 { report.cycles } else { nil }
    }
    for claim in study.claims {
      var checks: [Check] = []
      for check in claim.checks {
        var numbers: [String: Double] = [:]
        for name in check.value.names.map(\.text) {
          numbers[name] = measurements[Study.run(of: name)]?.number(Study.quantity(of: name))
          if numbers[name] == nil {
            missing.append("claim \(claim.id), \"\(check.what)\": the run has no '\(name)'")
          }
        }
        let measured = check.value.value { numbers[$0] ?? .nan } * check.unit.factor
        let isInside = measured.isFinite && check.band.contains(measured)
        checks.append(
          Check(
            what: check.what, formula: check.value.text, unit: check.unit.rawValue,
            paper: check.paper, measured: measured.isFinite ? measured : nil,
            from: check.band.lowerBound.isFinite ? check.band.lowerBound : nil,
            to: check.band.upperBound.isFinite ? check.band.upperBound : nil,
            verdict: isInside
              ? (check.isKnownOutside ? .unexpectedlyInside : .reproduced)
              : (check.isKnownOutside ? .knownOutside : .outside)))
      }
      claims.append(
        Claim(
          id: claim.id, claim: claim.claim, source: claim.source,
          verdict: Self.verdict(checks), checks: checks, note: claim.note ?? claim.pending))
    }
    guard missing.isEmpty else { throw StudyError(missing.joined(separator: "\n")) }
  }

  /// The worst of its checks.
  private static func verdict(_ checks: [Check]) -> Verdict {
    for verdict in [Verdict.outside, .unexpectedlyInside, .knownOutside]
    where checks.contains(where: { $0.verdict == verdict }) {
      return verdict
    }
    return checks.isEmpty ? .pending : .reproduced
  }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }
}

extension StudyReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String {
    var heading = [title, source]
    if !settings.isEmpty { heading.append("All runs: \(settings.joined(separator: ", "))") }
    var text = heading.map { wrapped($0, indent: 2, firstIndent: 0) + "\n" }.joined()
    for claim in claims {
      text +=
        "\n"
        + wrapped(
          "\(claim.id): \(claim.claim) (\(claim.source))", indent: 2, firstIndent: 0) + "\n"
      if !claim.checks.isEmpty {
        var rows = [["", "paper", "measured", "band", "verdict"]]
        for check in claim.checks {
          rows.append([
            check.what, check.paper, check.measuredText, check.bandText, check.verdict.words,
          ])
        }
        text += Self.table(rows)
      } else {
        text += "  \(claim.verdict.words)\n"
      }
      if let note = claim.note {
        text += wrapped("Note: \(note)", indent: 2) + "\n"
      }
    }
    return text + "\n" + summary
  }

  /// Rows of which the first column takes what 80 columns leave, and the source's own words are cut if
  /// that is too little.
  private static func table(_ rows: [[String]]) -> String {
    let rows = rows.map { [$0[0], TextFormat.shortened($0[1], 20)] + $0[2...] }
    let others = (1..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let width = 80 - 2 - others.reduce(0) { $0 + $1 + 2 }
    return TextFormat.table(
      rows.map { [TextFormat.shortened($0[0], max(8, width))] + $0.dropFirst() }, indent: 2)
  }

  /// How many claims stand how.
  private var summary: String {
    let parts = [
      (Verdict.reproduced, "reproduced"), (.knownOutside, "with known gaps"),
      (.outside, "OUTSIDE"), (.unexpectedlyInside, "with a gap CLOSED"),
      (.pending, "not covered yet"),
    ].compactMap { verdict, words in
      let count = claims.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(words)"
    }
    let total = TextFormat.counted(claims.count, "claim")
    return wrapped("\(total): \(parts.joined(separator: ", "))", indent: 2, firstIndent: 0) + "\n"
  }

  /// `text` in a cell of a Markdown table.
  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

  /// The table of the documentation.
  public func markdown() -> String {
    var text = "| | claim | paper | measured | band | verdict |\n|---|---|---|---|---|---|\n"
    for claim in claims {
      let title = "**\(Self.cell(claim.claim))** (\(Self.cell(claim.source)))"
      guard !claim.checks.isEmpty else {
        text += "| \(claim.id) | \(title) | | | | \(claim.verdict.words) |\n"
        continue
      }
      text += "| \(claim.id) | \(title) | | | | \(claim.verdict.words) |\n"
      for check in claim.checks {
        text +=
          "| | \(Self.cell(check.what)) | \(Self.cell(check.paper)) | \(check.measuredText) | \(check.bandText) | "
          + "\(check.verdict.words) |\n"
      }
    }
    let notes = claims.filter { $0.note != nil }
    if !notes.isEmpty { text += "\n" }
    for claim in notes { text += "- **\(claim.id)**: \(claim.note ?? "")\n" }
    return text + "\n" + summary
  }
}

extension StudyReport.Check {
  private var suffix: String { StudyUnit(rawValue: unit)?.suffix ?? "" }

  var measuredText: String { measured.map { Self.number($0) + suffix } ?? "no number" }

  var bandText: String {
    switch (from, to) {
    case (let from?, let to?): "\(Self.number(from))...\(Self.number(to))\(suffix)"
    case (let from?, nil): "at least \(Self.number(from))\(suffix)"
    case (nil, let to?): "at most \(Self.number(to))\(suffix)"
    case (nil, nil): "-"
    }
  }

  /// Four significant digits, no more than the number has.
  private static func number(_ value: Double) -> String {
    if value != 0, abs(value) < 0.1 || abs(value) >= 1e12 {
      return TextFormat.scientific(value, digits: 4)
    }
    if abs(value) >= 1000 { return TextFormat.fixed(value, 0) }
    let decimals = abs(value) >= 100 ? 1 : abs(value) >= 10 ? 2 : 3
    var text = TextFormat.fixed(value, decimals)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
