/// A row of a report that stands for an operator, and that others of its name can be added to.
protocol StemRow {
  /// The operator's name without its layer.
  var stem: String { get }

  /// Adds up what is counted.
  mutating func add(_ other: Self)
}

extension Array where Element: StemRow {
  /// Operators of one name over all layers, in the order of their first.
  var stems: [Element] {
    var rows: [Element] = []
    var indices: [String: Int] = [:]
    for row in self {
      if let index = indices[row.stem] {
        rows[index].add(row)
      } else {
        indices[row.stem] = rows.count
        rows.append(row)
      }
    }
    return rows
  }
}
