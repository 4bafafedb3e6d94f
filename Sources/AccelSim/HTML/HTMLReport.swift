/// Reports as pages for a browser: one file each, with nothing outside of it.
///
/// The same input gives the same bytes.
public enum HTMLReport {
  /// The page of runs, one section each; from the second on each is also compared with the first, if
  /// both did the same work.
  ///
  /// - Parameter runs: At least one, each with a name of its own to tell it from the others, such as
  ///   its file's.
  public static func page(_ runs: [(name: String, run: RunFile)]) -> String {
    guard let first = runs.first else { return HTMLPage(title: "No runs", sections: []).text }
    guard runs.count > 1 else {
      let section = RunSection(first.run, id: "run", title: first.run.title)
      return HTMLPage(
        title: first.run.title, summary: summary(of: first.run.report),
        sections: [section.section]
      ).text
    }
    var sections: [HTMLPage.Section] = []
    for (index, (name, run)) in runs.enumerated() {
      let id = "run\(index + 1)"
      let label = Comparison.label(index)
      sections.append(RunSection(run, id: id, title: "\(label): \(name)").section)
      guard index > 0, run.isComparable(with: first.run) else { continue }
      let comparison = Comparison(
        first.run.title,
        [(0, first), (index, (name, run))].map { index, named in
          Comparison.Run(
            index: index, config: named.name, machine: Machine(unchecked: named.run.machine),
            report: named.run.report)
        })
      sections.append(
        ComparisonSection(comparison, id: "\(id)-difference").section(
          title: "\(label) against \(Comparison.label(0))"))
    }
    return HTMLPage(
      title: "\(runs.count) runs",
      summary: runs.enumerated().map { index, named in
        "\(Comparison.label(index)): \(summary(of: named.run.report))"
      }.joined(separator: "; "), sections: sections
    ).text
  }

  /// The page of one run.
  public static func page(_ run: RunFile) -> String { page([(run.title, run)]) }

  /// The page of a comparison.
  public static func page(_ report: ComparisonReport) -> String {
    let sections = report.workloads.enumerated().map { index, comparison in
      ComparisonSection(comparison, id: "workload\(index + 1)").section(
        title: NetworkReport.title(comparison.name, comparison.parameters))
    }
    let columns = report.workloads.first?.columns ?? []
    return HTMLPage(
      title: sections.count == 1 ? sections[0].title : "\(sections.count) networks compared",
      summary: columns.map { "\($0.label): \($0.config)" }.joined(separator: "; "),
      sections: sections
    ).text
  }

  /// What is said under a page's title.
  static func summary(of report: NetworkReport) -> String {
    "\(TextFormat.grouped(report.cycles)) cycles, \(TextFormat.fixed(100 * report.utilisation, 1)) % "
      + "of the array's multiplications used"
  }
}

extension RunFile {
  /// Whether both did the same work to the end, perhaps on different machines.
  func isComparable(with other: RunFile) -> Bool {
    guard report.isComplete, other.report.isComplete else { return false }
    switch (program, other.program) {
    case (.network(_, let one, _, _), .network(_, let two, _, _)): return one == two
    case (.matmul(let one), .matmul(let two)): return one == two
    case (
      .nonlinear(let one, let rows, let columns, _, _),
      .nonlinear(let two, let otherRows, let otherColumns, _, _)
    ):
      return (one, rows, columns) == (two, otherRows, otherColumns)
    case (.trace(let one), .trace(let two)): return one == two
    default: return false
    }
  }
}
