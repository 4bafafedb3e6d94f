import SystolicCore

/// Why a picture of the array cannot be drawn.
public struct WavefrontReportError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Pictures of a small array, cycle by cycle: two tiles with random elements go through every
/// register of every processing element (`Docs/Wavefront.md` explains a picture).
///
/// - Parameters:
///   - size: Rows and columns of the array, 2...8; up to 4 a picture fits 80 columns.
///   - dataflow: Which operand stays; one of the two, not `both`.
///   - seed: Chooses the elements.
///   - cycles: The cycles to show, all by default.
/// - Throws: `WavefrontReportError` for a size, dataflow or range of cycles that cannot be shown.
public func wavefrontText(
  size: Int, dataflow: Dataflow, seed: UInt64, cycles: ClosedRange<Int>? = nil
) throws -> String {
  guard (2...8).contains(size) else {
    throw WavefrontReportError(description: "size must be 2...8, is \(size)")
  }
  let report = try WavefrontReport(
    size: size, dataflow: WavefrontReport.arrayDataflow(dataflow), seed: seed)
  return try report.text(cycles: cycles)
}

/// One run to draw.
private struct WavefrontReport {
  let size: Int
  let dataflow: ArrayDataflow
  let seed: UInt64
  /// For each tile its operands by their names in C = D + A·B, and C.
  var tiles: [(a: TileMatrix, b: TileMatrix, d: TileMatrix, c: TileResult)] = []
  /// Up to the cycle in which the last row of a result leaves.
  let frames: [WavefrontFrame]
  let requestCycles: [Cycle]

  static func arrayDataflow(_ dataflow: Dataflow) throws -> ArrayDataflow {
    switch dataflow {
    case .weightStationary: return .weightStationary
    case .outputStationary: return .outputStationary
    case .both:
      throw WavefrontReportError(
        description: "dataflow must be weightStationary or outputStationary, is both")
    }
  }

  init(size: Int, dataflow: ArrayDataflow, seed: UInt64) throws {
    self.size = size
    self.dataflow = dataflow
    self.seed = seed
    var digits = Digits(state: seed)
    var driver = try WavefrontDriver(
      shape: WavefrontShape(meshRows: size, meshColumns: size), mode: .init(dataflow: dataflow),
      recordsFrames: true)
    let operands = try (0..<2).map { _ in
      (
        a: try digits.matrix(size), b: try digits.matrix(size), d: try digits.matrix(size)
      )
    }
    try driver.run(
      operands.map { operand in
        let weightsStay = dataflow == .weightStationary
        return TilePair(
          preloaded: weightsStay ? operand.b : operand.d, a: operand.a,
          b: weightsStay ? operand.d : operand.b, result: ResultSize(rows: size, columns: size))
      })
    driver.drain()
    requestCycles = driver.requestCycles
    frames = Array(driver.frames.prefix((driver.results.last?.lastRow ?? 0) + 1))
    tiles = zip(operands, driver.results).map { ($0.a, $0.b, $0.d, $1) }
  }

  func text(cycles: ClosedRange<Int>?) throws -> String {
    let shown = cycles ?? 0...frames.count - 1
    guard shown.overlaps(0...frames.count - 1) else {
      throw WavefrontReportError(
        description: "cycles must overlap 0...\(frames.count - 1), are \(shown)")
    }
    var lines = header
    var row = 0
    var operation = -1
    for frame in frames {
      var advanced: Int?
      if frame.top[0].isValid {
        if row == 0 { operation += 1 }
        advanced = row
        row = frame.top[0].isLast ? 0 : row + 1
      }
      if shown.contains(frame.cycle) {
        lines += picture(frame, operation: operation, advanced: advanced)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Header

  private var header: [String] {
    let weightsStay = dataflow == .weightStationary
    var lines = [
      "\(size) x \(size) processing elements, "
        + (weightsStay ? "weight-stationary" : "output-stationary")
        + ", C = D + A·B for two tiles (seed \(seed))",
      "",
    ]
    for (index, tile) in tiles.enumerated() {
      let wide = 3 * size
      lines.append(
        "tile \(index)" + left("  A", wide + 2) + left("  B", wide + 2) + left("  D", wide + 2)
          + "    C")
      for row in 0..<size {
        let operands = [tile.a, tile.b, tile.d].map { matrix in
          matrix.elements[row * size..<(row + 1) * size].map { right("\($0)", 3) }.joined()
        }
        lines.append(
          "      " + operands.joined(separator: "  ") + "  "
            + tile.c.rows[row].map { right("\($0)", 5) }.joined())
      }
      lines.append("")
    }
    let firstLine =
      weightsStay
      ? "a: of A, on its way right   s: partial sum, from above"
      : "a: of A, on its way right   b: of B, on its way down"
    let computing =
      weightsStay ? "the weight in use: s + a x weight goes down" : "the sum: a x b is added to it"
    lines += [
      "  +---------------+",
      "  |a   -3 \(weightsStay ? "s     12" : "b      5")|  \(firstLine)",
      "  |*c1       5  p0|  * \(computing)",
      "  |vc2      -7    |  v loads from above, its old value goes down",
      "  +---------------+  p: propagate, 0: c1 computes, 1: c2 computes",
      "  . instead of a: no row here in this cycle, the registers hold",
      "  Above the picture stands what enters from above, at its left what enters from",
      "  the left, below what leaves. Rows move slantwise and are whole again at \"out\".",
    ]
    return lines
  }

  // MARK: One cycle

  private func picture(_ frame: WavefrontFrame, operation: Int, advanced: Int?) -> [String] {
    var lines = ["", "cycle \(frame.cycle)" + events(frame, operation, advanced)]
    let margin = "         "
    let rule = margin + String(repeating: "+---------------", count: size) + "+"
    let second = dataflow == .weightStationary ? "s" : "b"
    lines.append(
      margin
        + frame.top.map { signals in
          signals.isValid
            ? " \(second)\(right("\(signals.b)", 6)) d\(right("\(signals.d)", 5)) "
            : "        .       "
        }.joined())
    lines.append(rule)
    for row in 0..<size {
      // A itself carries no valid bit: it is as valid as the row that it meets in column 0.
      let meets = row == 0 ? frame.top[0] : frame.cells[row - 1][0].above
      let entering = meets.isValid ? " a\(right("\(frame.left[row])", 5)) >" : "       . "
      let cells = frame.cells[row].map(cellLines)
      for line in 0..<3 {
        lines.append(
          (line == 0 ? entering : margin) + "|" + cells.map { $0[line] }.joined(separator: "|")
            + "|")
      }
      lines.append(rule)
    }
    lines.append(
      margin
        + frame.bottom.map { signals in
          let value = dataflow == .weightStationary ? signals.b : signals.d
          return signals.isValid ? " v\(right("\(value)", 13)) " : "        .       "
        }.joined())
    return lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func events(_ frame: WavefrontFrame, _ operation: Int, _ advanced: Int?) -> String {
    var events: [String] = []
    if let advanced { events.append("in: row \(advanced) of \(name(operation))") }
    if let response = frame.response, let tag = response.tag {
      let tile = tiles[tag].c
      let leaving = frame.cycle - tile.firstRow
      let row = dataflow == .weightStationary ? leaving : size - 1 - leaving
      events.append("out: C row \(row) of tile \(tag)")
    }
    return events.isEmpty ? "" : "   " + events.joined(separator: "   ")
  }

  private func name(_ operation: Int) -> String {
    switch operation {
    case 0: "preload 0"
    case 1: "compute 0 with preload 1"
    case 2: "compute 1"
    default: "flush"
    }
  }

  private func cellLines(_ cell: WavefrontCell) -> [String] {
    let (signals, element) = (cell.above, cell.element)
    let second = dataflow == .weightStationary ? "s" : "b"
    let loading = signals.isValid ? "v" : " "
    let (mark1, mark2) = signals.propagate ? (loading, "*") : ("*", loading)
    return [
      signals.isValid
        ? "a\(right("\(cell.a)", 5)) \(second)\(right("\(signals.b)", 7))" : "       .       ",
      "\(mark1)c1\(right("\(element.c1)", 8))  p\(signals.propagate ? 1 : 0)",
      "\(mark2)c2\(right("\(element.c2)", 8))    ",
    ]
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

/// Small elements, the same for a seed on every machine: a linear congruential sequence.
private struct Digits {
  var state: UInt64

  mutating func matrix(_ size: Int) throws -> TileMatrix {
    var elements: [Int8] = []
    for _ in 0..<size * size {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      elements.append(Int8(truncatingIfNeeded: Int(state >> 40) % 19 - 9))
    }
    return try TileMatrix(rows: size, columns: size, elements: elements)
  }
}
