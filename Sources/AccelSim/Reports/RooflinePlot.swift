import Glibc

/// The roofline as characters: multiply-accumulates a cycle over multiply-accumulates a byte, both
/// axes logarithmic, operators as letters. Operators in one place have one letter.
struct RooflinePlot {
  /// The letter of each operator; `nil` without multiply-accumulates or bytes.
  private(set) var marks: [Character?] = []
  private let peak: Double
  private let bytes: Double
  /// Logarithms of the left edge and of the upper and the lower one.
  private let left: Double
  private let top: Double
  private let bottom: Double
  private var canvas: [[Character]]

  /// Columns and rows a doubling.
  private static let width = 5
  private static let height = 2
  private static let doublingsAcross = 13
  private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  init(_ report: RooflineReport) {
    peak = Double(report.peakMACsPerCycle)
    bytes = report.peakBytesPerCycle
    top = log2(peak).rounded(.up)
    // The ridge stands in the middle; what is outside stands at the edge.
    left = (log2(report.ridge) - Double(Self.doublingsAcross / 2)).rounded(.down)
    let rates = report.operators.filter(Self.hasPlace).map { log2($0.achieved) }
    bottom = min(top - 4, max(top - 10, (rates.min() ?? 0).rounded(.down)))
    canvas = [[Character]](
      repeating: [Character](repeating: " ", count: Self.doublingsAcross * Self.width),
      count: Int(top - bottom) * Self.height + 1)
    drawRoof()
    var known: [[Int]: Character] = [:]
    for row in report.operators {
      guard Self.hasPlace(row), let intensity = row.intensity else {
        marks.append(nil)
        continue
      }
      let place = place(intensity, row.achieved)
      let mark =
        known[place] ?? (known.count < Self.letters.count ? Self.letters[known.count] : ".")
      known[place] = mark
      marks.append(mark)
      canvas[place[0]][place[1]] = mark
    }
  }

  /// Whether both logarithms exist.
  private static func hasPlace(_ row: RooflineReport.Row) -> Bool {
    row.intensity != nil && row.achieved > 0
  }

  private mutating func drawRoof() {
    for column in canvas[0].indices {
      let intensity = exp2(left + Double(column) / Double(Self.width))
      let line = line(min(peak, intensity * bytes))
      if canvas.indices.contains(line) {
        canvas[line][column] = intensity * bytes < peak ? "/" : "-"
      }
    }
  }

  private func line(_ rate: Double) -> Int {
    Int(((top - log2(rate)) * Double(Self.height)).rounded())
  }

  /// Row and column, within the picture.
  private func place(_ intensity: Double, _ rate: Double) -> [Int] {
    let column = Int(((log2(intensity) - left) * Double(Self.width)).rounded())
    return [
      min(max(line(rate), 0), canvas.count - 1), min(max(column, 0), canvas[0].count - 1),
    ]
  }

  /// The picture, 80 columns; nothing if no operator multiplies.
  func text() -> String {
    guard marks.contains(where: { $0 != nil }) else { return "" }
    var text = "MACs a cycle over MACs a byte of main memory, both logarithmic\n"
    for (number, line) in canvas.enumerated() {
      let isNamed = number.isMultiple(of: Self.height)
      let value = exp2(top - Double(number / Self.height))
      let label = isNamed ? TextFormat.fixed(value, value < 1 ? 2 : 0) : ""
      let line = TextFormat.right(label, 8) + (isNamed ? " +" : " |") + String(line)
      text += TextFormat.trimmed(line) + "\n"
    }
    let step = String(repeating: "-", count: Self.width - 1)
    let axis = String(repeating: "+" + step, count: Self.doublingsAcross)
    var scale = String(repeating: " ", count: 9)
    for doubling in stride(from: 0, to: Self.doublingsAcross, by: 2) {
      let value = exp2(left + Double(doubling))
      let label = value < 1 ? "1/\(TextFormat.fixed(1 / value, 0))" : TextFormat.fixed(value, 0)
      scale += TextFormat.left(label, 2 * Self.width)
    }
    return text + String(repeating: " ", count: 9) + axis + "\n" + TextFormat.trimmed(scale) + "\n"
  }
}
