/// Reports as pages for a browser: one file each, with nothing outside of it.
///
/// The same input gives the same bytes.
public enum HTMLReport {
  /// The page of a network's run.
  ///
  /// - Parameter machine: That of the run.
  public static func page(_ report: NetworkReport, on machine: Machine) -> String {
    let run = RunSection(report, on: machine, id: "run")
    return HTMLPage(title: run.title, summary: summary(of: report), sections: [run.section]).text
  }

  /// What is said under a page's title.
  static func summary(of report: NetworkReport) -> String {
    "\(TextFormat.grouped(report.cycles)) cycles, \(TextFormat.fixed(100 * report.utilisation, 1)) % "
      + "of the array's multiplications used"
  }
}
