/// A number of a sweep over two of its axes, as a table.
struct SweepHeatMap {
  private let report: SweepReport
  /// The axes whose values are the lines and the columns.
  private let rows: Int
  private let columns: Int
  private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]
  /// Maps in a report.
  private static let limit = 20

  /// The maps of `report` over the first two axes that have several values, one for each workload and
  /// each combination of the other values; `nil` if there are no two such axes.
  init?(_ report: SweepReport) {
    let axes = report.plan.request.axes
    let varied = axes.indices.filter { axes[$0].values.count > 1 }
    guard varied.count >= 2 else { return nil }
    self.report = report
    (rows, columns) = (varied[0], varied[1])
  }

  /// The maps of one workload.
  func text(workload: Int) -> String {
    var maps: [[Int]: [SweepReport.Row]] = [:]
    var order: [[Int]] = []
    for row in report.rows where row.point.workload == workload {
      var others = row.point.choices
      others[rows] = 0
      others[columns] = 0
      if maps[others] == nil { order.append(others) }
      maps[others, default: []].append(row)
    }
    var text = ""
    for others in order.prefix(Self.limit) {
      text += "\n" + map(maps[others] ?? [], others)
    }
    if order.count > Self.limit {
      text += "\n\(order.count - Self.limit) more maps are not shown.\n"
    }
    return text
  }

  private func map(_ points: [SweepReport.Row], _ others: [Int]) -> String {
    let axes = report.plan.request.axes
    let down = axes[rows]
    let across = axes[columns]
    let fixed = axes.indices.filter { $0 != rows && $0 != columns }
      .map { "\(axes[$0].path)=\(axes[$0].values[others[$0]])" }
    let values = points.compactMap { $0.measurement.map(report.mapped.value) }
    let range = (values.min() ?? 0)...(values.max() ?? 0)
    let unit = report.mapped.isShare ? " in %" : ""
    let isShaded = range.lowerBound < range.upperBound
    var text = TextFormat.wrapped(
      "\(report.mapped.rawValue)\(unit)\(isShaded ? ", darker is more" : "")"
        + (fixed.isEmpty ? "" : ": " + fixed.joined(separator: ", ")))
    var cells = [[String]](
      repeating: [String](repeating: "-  ", count: across.values.count), count: down.values.count)
    for point in points {
      cells[point.point.choices[rows]][point.point.choices[columns]] = cell(point, range)
    }
    let label = 2 + max(down.path.count, down.values.map(\.count).max() ?? 0)
    let width = 2 + max(cells.joined().map(\.count).max() ?? 0, widest(across.values) + 2)
    let perBlock = max(1, (TextFormat.pageWidth - label) / width)
    for first in stride(from: 0, to: across.values.count, by: perBlock) {
      let block = first..<min(first + perBlock, across.values.count)
      text += "  " + TextFormat.left("", label) + across.path + "\n"
      // The shade stands behind the number, so the heading ends before it.
      let heading = block.map { TextFormat.right(across.values[$0] + "  ", width) }.joined()
      text += trimmed("  " + TextFormat.left(down.path, label - 2) + heading) + "\n"
      for (index, value) in down.values.enumerated() {
        let line = block.map { TextFormat.right(cells[index][$0], width) }.joined()
        text += trimmed("  " + TextFormat.right(value, label - 2) + line) + "\n"
      }
    }
    return text
  }

  /// A number and how large it is among all, 2 characters wide.
  private func cell(_ row: SweepReport.Row, _ range: ClosedRange<Double>) -> String {
    guard let measurement = row.measurement else { return row.outcome == nil ? "  " : "error  " }
    let value = report.mapped.value(measurement)
    let span = range.upperBound - range.lowerBound
    let step = span == 0 ? 0 : (value - range.lowerBound) / span * Double(Self.shades.count)
    let shade = Self.shades[min(Self.shades.count - 1, Int(step))]
    return "\(report.mapped.text(measurement)) \(shade)"
  }

  private func widest(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }

  private func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}
