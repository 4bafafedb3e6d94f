/// Compares what runs with and without reuse report.
public enum ReuseCheck {
  /// What differs first between two network reports, other than how much was reused and where the
  /// edges of the timeline lie.
  public static func difference(_ one: NetworkReport, _ other: NetworkReport) throws -> String? {
    var (one, other) = (one, other)
    (one.reusedCycles, other.reusedCycles) = (0, 0)
    (one.timeline, other.timeline) = (one.timeline?.total, other.timeline?.total)
    return one == other ? nil : try difference(ReportJSON.text(one), ReportJSON.text(other))
  }

  /// What differs first between two results, other than how much was reused.
  public static func difference(_ one: RunResult, _ other: RunResult) throws -> String? {
    var (one, other) = (one, other)
    (one.reusedCycles, other.reusedCycles) = (0, 0)
    return one == other ? nil : try difference(ReportJSON.text(one), ReportJSON.text(other))
  }

  /// The first different line of two JSON texts with the names around it.
  private static func difference(_ one: String, _ other: String) -> String {
    let lines = [one, other].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    var around: [(indent: Int, name: Substring)] = []
    for (with, without) in zip(lines[0], lines[1]) {
      let indent = with.prefix { $0 == " " }.count
      let name = with.split(separator: "\"").dropFirst().first ?? ""
      around.removeAll { $0.indent >= indent }
      around.append((indent, name))
      guard with != without else { continue }
      let path = around.map { String($0.name) }.filter { !$0.isEmpty }.joined(separator: ".")
      return "\(path): \(with.drop { $0 == " " }) with reuse, \(without.drop { $0 == " " }) without"
    }
    return "\(lines[0].count) lines with reuse, \(lines[1].count) without"
  }
}
