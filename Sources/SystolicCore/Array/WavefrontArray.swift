/// All registers between the edges of the array: processing elements and the hops between tiles
/// (facts 7.1). Inside a tile there are no hop registers: a row passes all of it in one cycle.
struct WavefrontArray: Sendable {
  let shape: WavefrontShape
  /// Row by row.
  private var elements: [ProcessingElement]
  /// Hop registers into each tile row, for every column of elements, last stage last.
  private var downHops: [ColumnSignals]
  /// Hop registers into each tile column, for every row of elements, last stage last.
  private var rightHops: [Int8]

  init(shape: WavefrontShape) {
    self.shape = shape
    let dim = shape.dim
    elements = Array(repeating: ProcessingElement(), count: dim * dim)
    downHops = Array(
      repeating: ColumnSignals(), count: shape.meshRows * dim * shape.hopLatency)
    rightHops = Array(repeating: 0, count: dim * shape.meshColumns * shape.hopLatency)
  }

  /// One cycle: `left` and `top` stand at the edges; returns what stands at the bottom edge.
  mutating func tick(left: [Int8], top: [ColumnSignals]) -> [ColumnSignals] {
    var flow = top
    for row in 0..<shape.dim {
      var a = left[row]
      for column in 0..<shape.dim {
        if column % shape.tileColumns == 0 {
          a = hopRight(row: row, tileColumn: column / shape.tileColumns, a)
        }
        if row % shape.tileRows == 0 {
          flow[column] = hopDown(tileRow: row / shape.tileRows, column: column, flow[column])
        }
        flow[column] = elements[row * shape.dim + column].step(
          a: a, above: flow[column], outputBits: shape.outputBits)
      }
    }
    return flow
  }

  /// Clocks the hop into a tile: takes `input`, returns what the tile saw before the edge.
  private mutating func hopRight(row: Int, tileColumn: Int, _ input: Int8) -> Int8 {
    let first = (row * shape.meshColumns + tileColumn) * shape.hopLatency
    let last = first + shape.tileLatency
    let output = rightHops[last]
    for stage in stride(from: last, to: first, by: -1) { rightHops[stage] = rightHops[stage - 1] }
    rightHops[first] = input
    return output
  }

  private mutating func hopDown(tileRow: Int, column: Int, _ input: ColumnSignals) -> ColumnSignals
  {
    let first = (tileRow * shape.dim + column) * shape.hopLatency
    let last = first + shape.tileLatency
    let output = downHops[last]
    for stage in stride(from: last, to: first, by: -1) {
      downHops[stage].capture(downHops[stage - 1])
    }
    downHops[first].capture(input)
    return output
  }

  /// What the element at (`row`, `column`) holds and sees in this cycle.
  func cell(row: Int, column: Int) -> WavefrontCell {
    let tileRow = row / shape.tileRows
    var above = downHops[
      (tileRow * shape.dim + column) * shape.hopLatency + shape.tileLatency]
    for upper in tileRow * shape.tileRows..<row {
      var element = elements[upper * shape.dim + column]
      above = element.step(
        a: a(row: upper, column: column), above: above, outputBits: shape.outputBits)
    }
    return WavefrontCell(
      a: a(row: row, column: column), above: above, element: elements[row * shape.dim + column])
  }

  private func a(row: Int, column: Int) -> Int8 {
    let hop = row * shape.meshColumns + column / shape.tileColumns
    return rightHops[hop * shape.hopLatency + shape.tileLatency]
  }
}

/// What one processing element holds in a cycle.
public struct WavefrontCell: Equatable, Sendable {
  /// The element of A on its way right.
  public let a: Int8
  /// What has come down to this element, with the control that governs this cycle.
  public let above: ColumnSignals
  /// The two registers.
  public let element: ProcessingElement
}
