import Glibc

/// The roofline as characters: multiply-accumulates a cycle over multiply-accumulates a byte, both
/// axes logarithmic, operators as letters.
struct RooflinePlot {
  /// Columns a doubling; rows a doubling.
  private static let width = 5
  private static let height = 2
  private static let doublingsAcross = 13
  private let report: RooflineReport

  init(_ report: RooflineReport) { self.report = report }

  /// The letter of the operator at `index`, counted over those that stand in the plot.
  static func mark(_ index: Int, in report: RooflineReport) -> Character {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let place = report.operators[..<index].count { $0.intensity != nil }
    return place < letters.count ? letters[place] : "."
  }

  /// The picture, 80 columns; nothing if no operator multiplies.
  func text() -> String {
    let marked = report.operators.enumerated().filter { $0.element.intensity != nil }
    guard !marked.isEmpty else { return "" }
    let (peak, bytes) = (Double(report.peakMACsPerCycle), Double(report.peakBytesPerCycle))
    let top = log2(peak).rounded(.up)
    // The ridge stands a little right of the middle; what is outside stands at the edge.
    let left = (log2(report.ridge) - Double(Self.doublingsAcross / 2)).rounded(.down)
    let lowest = marked.map { log2($0.element.achieved) }.min() ?? 0
    let bottom = min(top - 4, max(top - 10, lowest.rounded(.down)))
    let columns = Self.doublingsAcross * Self.width
    let rows = Int(top - bottom) * Self.height + 1
    var canvas = [[Character]](
      repeating: [Character](repeating: " ", count: columns), count: rows)
    func row(_ macs: Double) -> Int {
      Int(((top - log2(macs)) * Double(Self.height)).rounded())
    }
    for column in 0..<columns {
      let intensity = exp2(left + Double(column) / Double(Self.width))
      let roof = row(min(peak, intensity * bytes))
      if canvas.indices.contains(roof) {
        canvas[roof][column] = intensity * bytes < peak ? "/" : "-"
      }
    }
    for (index, operation) in marked {
      let x = ((log2(operation.intensity ?? 1) - left) * Double(Self.width)).rounded()
      let column = Int(min(max(x, 0), Double(columns - 1)))
      let line = min(max(row(operation.achieved), 0), rows - 1)
      let mark = Self.mark(index, in: report)
      // Operators in the same place stand side by side.
      let free = (column..<columns).first { [" ", "/", "-"].contains(canvas[line][$0]) }
      canvas[line][free ?? column] = mark
    }
    var text = "MACs a cycle over MACs a byte of main memory, both logarithmic\n"
    for (number, line) in canvas.enumerated() {
      let isNamed = number.isMultiple(of: Self.height)
      let value = exp2(top - Double(number / Self.height))
      let label = isNamed ? TextFormat.fixed(value, value < 1 ? 2 : 0) : ""
      var line = TextFormat.right(label, 8) + (isNamed ? " +" : " |") + String(line)
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    var axis = String(repeating: " ", count: 9) + "+"
    var scale = String(repeating: " ", count: 10)
    for doubling in 0..<Self.doublingsAcross {
      axis += doubling == 0 ? "----" : "+----"
      guard doubling.isMultiple(of: 2) else { continue }
      let value = exp2(left + Double(doubling))
      let label = value < 1 ? "1/\(TextFormat.fixed(1 / value, 0))" : TextFormat.fixed(value, 0)
      scale += TextFormat.left(label, 2 * Self.width)
    }
    while scale.last == " " { scale.removeLast() }
    return text + axis + "\n" + scale + "\n"
  }
}
