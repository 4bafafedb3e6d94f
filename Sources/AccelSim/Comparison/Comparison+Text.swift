extension ComparisonReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String { workloads.map { $0.text() }.joined(separator: "\n\n") }

  /// The report for a page that shows Markdown.
  public func markdown() -> String { workloads.map { $0.markdown() }.joined(separator: "\n\n") }
}

extension Comparison {
  /// The comparison for a reader: 80 columns, ends with a line break.
  public func text() -> String {
    // As many configurations beside the first as fit.
    for others in [3, 2] {
      let (text, tables) = (heading.text(), self.tables(others).text())
      let widest = tables.split(separator: "\n").map(\.count).max() ?? 0
      if widest <= 80 && !tables.contains("…") { return text + tables }
    }
    return heading.text() + tables(1).text()
  }

  /// The comparison for a page that shows Markdown, which may be wide.
  public func markdown() -> String {
    var document = heading
    document.add(tables(8))
    return document.markdown()
  }

  private var heading: ReportDocument {
    var document = ReportDocument()
    document.add(title: NetworkReport.title(name, parameters))
    document.add("\n" + legend + "\n")
    if columns.count > 1 { document.add(verdicts) }
    return document
  }

  /// All tables, `others` configurations beside the first in each.
  private func tables(_ others: Int) -> ReportDocument {
    var document = ReportDocument()
    if columns.count == 1 {
      for table in figures([]) { document.add(table: table, shortening: [0], least: 12) }
    }
    for start in stride(from: 1, to: columns.count, by: others) {
      let block = Array(columns[start..<min(start + others, columns.count)])
      for table in figures(block) + [uses(block), operators(block)] {
        document.addPart(table: table, shortening: [0], least: 12)
      }
    }
    return document
  }

  private var base: Column { columns[0] }

  /// Which letter is which configuration, what does not fit a line going on in the next.
  private var legend: String {
    columns.map { column in
      let words = column.config.split(separator: ",").map { TextFormat.shortened(String($0), 72) }
      var lines = [words[0]]
      for word in words.dropFirst() {
        if lines[lines.count - 1].count + word.count < 70 {
          lines[lines.count - 1] += "," + word
        } else {
          lines[lines.count - 1] += ","
          lines.append(word)
        }
      }
      let indent = "\n" + String(repeating: " ", count: 4 + column.label.count)
      return "  \(column.label)  " + lines.joined(separator: indent) + "\n"
    }.joined()
  }

  /// One sentence a configuration.
  private var verdicts: String {
    columns.dropFirst().map { column in
      let (cycles, all) = (column.difference?.cycles ?? 0, base.summary.cycles)
      guard cycles != 0 else { return "\(column.label) takes as many cycles as \(base.label).\n" }
      let ratio = Double(column.summary.cycles) / Double(max(1, all))
      return "\(column.label) takes \(TextFormat.grouped(abs(cycles))) cycles "
        + "\(cycles < 0 ? "fewer" : "more") than \(base.label), "
        + "\(TextFormat.fixed(ratio, 3)) times as many.\n"
    }.joined()
  }

  /// With one other: both, difference and ratio. With more: all, then the ratios.
  private func figures(_ block: [Column]) -> [[[String]]] {
    let all = [base] + block
    let labels = all.map(\.label)
    var rows = [["Figures"] + labels]
    if block.count == 1 {
      rows[0] += ["\(labels[1]) - \(base.label)", "\(labels[1]) / \(base.label)"]
    }
    var ratios = [["Ratios"] + labels.dropFirst().map { "\($0) / \(base.label)" }]
    for figure in RunSummary.figures {
      var row = ["  " + figure.label] + all.map { figure.text($0.summary) }
      let parts = block.map { figure.ratio($0.summary, base.summary) }
      if block.count == 1 {
        row += [figure.difference(block[0].summary, base.summary)] + parts
      } else if block.count > 1 {
        ratios.append(["  " + figure.label] + parts)
      }
      rows.append(row)
    }
    return [rows] + (block.count > 1 ? [ratios] : [])
  }

  /// What the cycles went to. The first column, and how much more the others have.
  private func uses(_ block: [Column]) -> [[String]] {
    var rows = [heading("What every cycle went to", block)]
    for use in CycleUse.allCases.map(\.name) {
      let cells = block.map { column in
        column.difference?.uses.first { $0.reason == use }?.cycles ?? 0
      }
      let own = base.uses.first { $0.reason == use }?.cycles ?? 0
      guard own != 0 || cells.contains(where: { $0 != 0 }) else { continue }
      let other = block[0].uses.first { $0.reason == use }?.cycles ?? 0
      rows.append(
        ["  " + use] + line(TextFormat.grouped(own), TextFormat.grouped(other), cells, block))
    }
    rows.append(total(block))
    return rows
  }

  /// The operators that make up most of the difference, largest first, with what it consists of.
  private func operators(_ block: [Column]) -> [[String]] {
    var rows = [heading("Operators by difference", block)]
    let parts = (block[0].difference?.operators ?? []).map(\.stem)
    let union = block.dropFirst().reduce(into: parts) { all, column in
      all += (column.difference?.operators ?? []).map(\.stem).filter { !all.contains($0) }
    }
    let stems = union.map { stem in
      (stem, block.map { column in column.difference?.operators.first { $0.stem == stem } })
    }
    func size(_ cells: [CycleDifference.Stem?]) -> Int {
      cells.map { abs($0?.cycles ?? 0) }.max() ?? 0
    }
    let sorted = stems.enumerated().sorted {
      (size($1.element.1), $0.offset) < (size($0.element.1), $1.offset)
    }.map(\.element)
    // Those below a hundredth of the largest are added up; those below a tenth have one line each.
    let largest = sorted.first.map { size($0.1) } ?? 0
    let shown = sorted.filter { size($0.1) > largest / 100 }
    for (stem, cells) in shown {
      let row = cells.compactMap(\.self).first
      let own = base.operators.first { $0.stem == stem }?.cycles
      let inside = row?.inside.map { "in \(TextFormat.shortened($0, 10))" } ?? "-"
      let name = "  " + TextFormat.shortened(stem, 24)
      rows.append(
        [name]
          + line(
            own.map(TextFormat.grouped) ?? inside,
            cells[0]?.other.map(TextFormat.grouped) ?? inside, cells.map { $0?.cycles ?? 0 },
            block))
      if size(cells) >= largest / 10 { rows += reasons(cells, block) }
    }
    let rest = sorted.dropFirst(shown.count)
    if !rest.isEmpty {
      let cells = block.indices.map { column in
        rest.reduce(0) { $0 + ($1.1[column]?.cycles ?? 0) }
      }
      let names = rest.map(\.0)
      let own = base.operators.filter { names.contains($0.stem) }.reduce(0) { $0 + $1.cycles }
      let other = block[0].operators.filter { names.contains($0.stem) }.reduce(0) { $0 + $1.cycles }
      rows.append(
        ["  \(rest.count) \(shown.isEmpty ? "operators" : "others")"]
          + line(TextFormat.grouped(own), TextFormat.grouped(other), cells, block))
    }
    rows.append(total(block))
    return rows
  }

  /// What an operator's difference consists of: the largest parts, and the rest if there is one.
  private func reasons(_ cells: [CycleDifference.Stem?], _ block: [Column]) -> [[String]] {
    let uses = CycleUse.allCases.map(\.name).map { use in
      (use, cells.map { cell in cell?.uses.first { $0.reason == use }?.cycles ?? 0 })
    }
    func size(_ cells: [Int]) -> Int { cells.map(abs).max() ?? 0 }
    let most = uses.map { size($0.1) }.max() ?? 0
    let shown = uses.filter { size($0.1) * 10 >= most && size($0.1) > 0 }
    let rest = uses.filter { use in !shown.contains { $0.0 == use.0 } && size(use.1) > 0 }
    var rows = shown.map { use, cells in ["    " + use] + line("", "", cells, block) }
    if !rest.isEmpty {
      let cells = block.indices.map { column in rest.reduce(0) { $0 + $1.1[column] } }
      rows.append(["    others"] + line("", "", cells, block))
    }
    return rows
  }

  private func heading(_ title: String, _ block: [Column]) -> [String] {
    let differences = block.map { "\($0.label) - \(base.label)" }
    return block.count == 1
      ? [title, base.label, block[0].label] + differences + ["%"]
      : [title, base.label] + differences
  }

  /// Cells of a row: the first column, the other if it is the only one, differences, and the part of
  /// the whole difference if it is the only one.
  private func line(
    _ own: String, _ other: String, _ differences: [Int], _ block: [Column]
  ) -> [String] {
    let texts = differences.map(TextFormat.signed)
    guard block.count == 1 else { return [own] + texts }
    let share = TextFormat.percent(differences[0], of: block[0].difference?.cycles ?? 0)
    return [own, other] + texts + [share]
  }

  private func total(_ block: [Column]) -> [String] {
    ["  all"]
      + line(
        TextFormat.grouped(base.summary.cycles), TextFormat.grouped(block[0].summary.cycles),
        block.map { $0.difference?.cycles ?? 0 }, block)
  }
}
