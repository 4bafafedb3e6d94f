extension NetworkCheck.Row: StemRow {
  mutating func add(_ other: Self) {
    count += 1
    elements += other.elements
    differing += other.differing
    worst = max(worst, other.worst)
    bound = max(bound, other.bound)
    zeros += other.zeros
    saturated += other.saturated
    if verdict == .right { verdict = other.verdict }
  }
}

extension NetworkCheck {
  /// Operators of one name over all layers, in the order of their first.
  public var stems: [Row] { operators.stems }

  /// The check for a reader; ends with a line break.
  public func text() -> String {
    var rows = [
      ["Operator", "n", "elements", "differing", "worst", "bound", "0, %", "ends, %", "verdict"]
    ]
    for row in stems {
      let isChecked = row.elements > 0
      rows.append([
        "  " + TextFormat.shortened(row.stem, 14), "\(row.count)",
        isChecked ? TextFormat.grouped(row.elements) : "-",
        isChecked ? TextFormat.grouped(row.differing) : "-",
        isChecked ? TextFormat.fixed(row.worst, 2) : "-",
        isChecked ? TextFormat.fixed(row.bound, 2) : "-",
        isChecked ? TextFormat.percent(row.zeros, of: row.elements) : "-",
        isChecked ? TextFormat.percent(row.saturated, of: row.elements) : "-",
        row.verdict.rawValue,
      ])
    }
    var text = "Results with random data (seed \(seed)) against references\n"
    text += "with scales that suit the data, not those of the workload\n"
    text += TextFormat.table(rows, shortening: [0], least: 6) + "\n" + referenceList
    let failed = operators.filter { $0.verdict != .right && $0.verdict != .unchecked }
    let unchecked = operators.count { $0.verdict == .unchecked }
    text += "\n\(TextFormat.counted(operators.count, "operator")): "
    text += failed.isEmpty ? "none is wrong" : "\(failed.count) FAILED"
    if unchecked > 0 { text += ", \(unchecked) without a reference" }
    text += isComplete ? "\n" : "; interrupted\n"
    for row in failed.prefix(20) {
      text += "  \(TextFormat.shortened(row.name, 60)): \(row.verdict.rawValue)\n"
    }
    return text
  }

  /// Which operators each reference is for.
  private var referenceList: String {
    var order: [String] = []
    var names: [String: [String]] = [:]
    for row in stems where row.elements > 0 {
      let key = row.comparedWith + (row.bound == 0 ? ", exact" : "")
      if names[key] == nil { order.append(key) }
      names[key, default: []].append(row.stem)
    }
    return order.map { key in
      let list = names[key] ?? []
      let shown = list.prefix(4).map { TextFormat.shortened($0, 14) }.joined(separator: " ")
      let rest = list.count > 4 ? " and \(list.count - 4) more" : ""
      return TextFormat.shortened("  \(key): \(shown)\(rest)", 80) + "\n"
    }.joined()
  }
}
