extension Explanation.Bound {
  /// Completing "What bounds it: ".
  var words: String {
    switch self {
    case .array: "the array itself, which is busy"
    case .banks: "the banks of the scratchpad: the array waits for its operands"
    case .dependencies: "the array's own results, which later commands wait for"
    case .commands: "the supply of commands"
    case .loads: "data on its way in from main memory"
    case .stores: "results on their way out to main memory"
    case .nonlinearUnit: "the nonlinear unit"
    case .host: "the host, while the accelerator rests"
    }
  }
}

extension Explanation {
  /// The explanation for a reader: 80 columns, ends with a line break.
  public func text() -> String {
    var text = TextFormat.shortened(title, 80) + "\n\n"
    text += subject.map { TextFormat.shortened("Operator \($0)", 60) } ?? "The whole run"
    text += count > 1 && subject != nil ? ", \(count) of it" : ""
    text += ": \(TextFormat.grouped(cycles)) cycles"
    text += subject == nil ? "\n" : ", \(TextFormat.percent(cycles, of: runCycles)) % of the run\n"
    guard cycles > 0 else { return text }
    text += "What bounds it: \(bound.words),\nfor "
    text += "\(TextFormat.percent(bounds.first?.cycles ?? 0, of: cycles)) % of the cycles\n\n"
    text += table("Where its cycles go", uses)
    if !largest.isEmpty { text += "\n" + table("Its largest operators", largest) }
    text += "\nEvidence\n"
    for sentence in evidence { text += wrapped("- \(sentence)", indent: 4, firstIndent: 2) + "\n" }
    return text + "\n" + advice
  }

  private func table(_ heading: String, _ counts: [ReasonCount]) -> String {
    TextFormat.table(
      [[heading, "cycles", "%"]]
        + counts.map {
          [
            "  " + TextFormat.shortened($0.reason, 40), TextFormat.grouped($0.cycles),
            TextFormat.percent($0.cycles, of: cycles),
          ]
        })
  }

  private var advice: String {
    if let note { return wrapped(note, indent: 0) + "\n" }
    guard let best = whatIfs.first else { return "No change was tried.\n" }
    var text = ""
    if let cycles = best.runCycles, cycles < runCycles {
      text += wrapped(
        "Of what was tried, this helps most: \(best.name). The run takes "
          + "\(TextFormat.grouped(cycles)) cycles, "
          + "\(TextFormat.percent(runCycles - cycles, of: runCycles)) % fewer.", indent: 0)
    } else {
      text += "Nothing that was tried makes it faster."
    }
    text += "\n\n"
    var rows = [["Run again with"] + (subject == nil ? [] : ["operator"]) + ["run", "change, %"]]
    var problems: [String] = []
    for (index, whatIf) in whatIfs.enumerated() {
      let name = "  \(index + 1) \(whatIf.name)"
      let own = subject == nil ? [] : [whatIf.cycles.map(TextFormat.grouped) ?? "-"]
      let change = whatIf.runCycles.map {
        TextFormat.signed(100 * (Double($0) / Double(max(1, runCycles)) - 1), 1)
      }
      rows.append(
        [TextFormat.shortened(name, 44)] + own
          + [whatIf.runCycles.map(TextFormat.grouped) ?? "-", change ?? "-"])
      if whatIf.change.count > 1 {
        problems.append("\(index + 1): \(whatIf.change.joined(separator: " "))")
      }
      if whatIf.extraSRAMBytes > 0 {
        problems.append(
          "\(index + 1): \(TextFormat.grouped(whatIf.extraSRAMBytes)) more bytes of SRAM")
      }
      if let problem = whatIf.problem { problems.append("\(index + 1): \(problem)") }
    }
    text += TextFormat.table(rows)
    for problem in problems { text += wrapped(problem, indent: 4, firstIndent: 2) + "\n" }
    return text
  }

  /// The explanation for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }
}
