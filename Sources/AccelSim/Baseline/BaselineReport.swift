/// What a check of baselines found.
public struct BaselineReport: Encodable, Equatable, Sendable {
  /// One file's cases, in its order.
  public struct File: Encodable, Equatable, Sendable {
    /// As the user gave it.
    public var path: String
    /// Only those that were wanted, sorted by name as in the file.
    public var cases: [BaselineComparison]

    public init(path: String, cases: [BaselineComparison]) {
      self.path = path
      self.cases = cases
    }
  }

  /// `CycleModel.version` of the simulator that made the check.
  public var cycleModel = CycleModel.version
  /// In the order in which they were given.
  public var files: [File]

  public init(files: [File]) { self.files = files }

  /// The worst of all cases.
  public var verdict: BaselineComparison.Verdict {
    cases.map(\.verdict).max() ?? .asRecorded
  }

  /// Whether every case ran.
  public var canRunAll: Bool { cases.allSatisfy { $0.after != nil } }

  private var cases: [BaselineComparison] { files.flatMap(\.cases) }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }

  /// The report for a reader: only what moved, 80 columns, ends with a line break.
  public func text() -> String { document.text() }

  /// The same for a page that shows Markdown, such as the summary of a CI run.
  public func markdown() -> String { document.markdown() }

  private var document: ReportDocument {
    var document = ReportDocument()
    for file in files {
      for item in file.cases where item.verdict != .asRecorded {
        item.add(to: &document, file: file.path)
      }
    }
    document.add(summary + "\n")
    return document
  }

  /// How many cases stand how, in a line.
  public var summary: String {
    let count = cases.count
    let all = "\(TextFormat.counted(count, "case")): "
    guard verdict != .asRecorded else { return all + "all as recorded" }
    let parts = BaselineComparison.Verdict.allCases.reversed().compactMap { verdict in
      let number = cases.count { $0.verdict == verdict }
      return number == 0 ? nil : "\(number) \(verdict.words)"
    }
    return all + parts.joined(separator: ", ")
  }
}

extension BaselineComparison.Verdict {
  /// In reports.
  var words: String {
    switch self {
    case .asRecorded: "as recorded"
    case .new: "new"
    case .moved: "moved"
    case .missing: "missing"
    case .unbalanced: "with accounts that do not add up"
    }
  }
}

extension BaselineComparison {
  /// Operators that the text shows; a change of the machine moves them all.
  private static let shown = 20

  /// Adds the case, under a heading, and a gap.
  fileprivate func add(to document: inout ReportDocument, file: String) {
    let heading = TextFormat.shortened(name, 78 - verdict.words.count)
    document.add(title: "\(heading): \(verdict.words)")
    document.add("  \(file):\(line)\n")
    let rows = self.rows
    if !rows.isEmpty {
      let heads = ["  Operator", "before", "after", "delta", "%", "most of it"]
      document.add(table: [heads] + rows, shortening: [5, 0], least: 12)
    }
    var lines = ""
    let hidden = differences.count - min(differences.count, Self.shown)
    if hidden > 0 { lines += "  and \(hidden) more that moved no further; --json has them\n" }
    for note in notes + modelNotes { lines += wrapped(note, indent: 4, firstIndent: 2) + "\n" }
    document.add(lines + "\n")
  }

  /// What the recording simulator was, if it counted otherwise than this one.
  private var modelNotes: [String] {
    guard let cycleModel, cycleModel != CycleModel.version else { return [] }
    return [
      "recorded by version \(cycleModel) of the cycle model; this is version \(CycleModel.version)"
    ]
  }

  /// The differences that moved most, in the order of execution, and the whole run.
  private var rows: [[String]] {
    var rows = byMovement.prefix(Self.shown).sorted().map { index in
      let row = differences[index]
      return Self.row(row.name, row.before, row.after, row.cause, row.causeCycles)
    }
    if before != nil || after != nil {
      rows.append(Self.row("total", before, after, cause, causeCycles))
    }
    return rows
  }

  private static func row(
    _ name: String, _ before: Int?, _ after: Int?, _ cause: String, _ causeCycles: Int
  ) -> [String] {
    var row = ["  \(name)", before.map(TextFormat.grouped) ?? "-"]
    row.append(after.map(TextFormat.grouped) ?? "-")
    if let before, let after {
      row.append(TextFormat.signed(after - before))
      row.append(
        before == 0
          ? "-" : TextFormat.signed(100 * (Double(after) - Double(before)) / Double(before), 2))
    } else {
      row += [before == nil ? "new" : "missing", "-"]
    }
    row.append(cause.isEmpty ? "" : "\(TextFormat.signed(causeCycles)) \(cause)")
    return row
  }

  /// The difference in a line of words, for CI.
  static func words(_ row: Difference) -> String {
    words(row.name, row.before, row.after, row.cause, row.causeCycles)
  }

  /// The whole run in a line of words, for CI.
  var total: String { Self.words("total", before, after, cause, causeCycles) }

  private static func words(
    _ name: String, _ before: Int?, _ after: Int?, _ cause: String, _ causeCycles: Int
  ) -> String {
    let cells = row(name, before, after, cause, causeCycles)
    let change =
      cells[4] == "-" ? " (\(cells[3]))" : " (\(cells[3]), \(cells[4]) %)"
    return "\(name): \(cells[1]) -> \(cells[2])\(change)"
      + (cells[5].isEmpty ? "" : ", \(cells[5])")
  }
}
