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
  public func text() -> String { document.text() }

  /// The explanation for a page that shows Markdown.
  public func markdown() -> String { document.markdown() }

  private var document: ReportDocument {
    var document = ReportDocument()
    document.add(title: TextFormat.shortened(title, 80))
    document.add("\n" + headline)
    guard cycles > 0 else { return document }
    document.addPart(table: rows("Where its cycles go", uses))
    if !largest.isEmpty {
      document.addPart(table: rows("Its largest operators", largest))
    }
    document.add("\n")
    document.add(list: evidence, heading: "Evidence")
    document.add("\n")
    document.add(advice)
    return document
  }

  private var headline: String {
    var text =
      subject.map { TextFormat.shortened("Operator \($0)", 36) }
      ?? (isComplete ? "The whole run" : "The run, which was interrupted")
    text += count > 1 && subject != nil ? ", \(count) of it" : ""
    text += ": \(TextFormat.grouped(cycles)) cycles"
    text += subject == nil ? "\n" : ", \(TextFormat.percent(cycles, of: runCycles)) % of the run\n"
    guard cycles > 0 else { return text }
    let share = TextFormat.percent(bounds.first?.cycles ?? 0, of: cycles)
    return text
      + wrapped("What bounds it: \(bound.words), for \(share) % of the cycles", indent: 0) + "\n"
  }

  private func rows(_ heading: String, _ counts: [ReasonCount]) -> [[String]] {
    [[heading, "cycles", "%"]]
      + counts.map {
        [
          "  " + TextFormat.shortened($0.reason, 40), TextFormat.grouped($0.cycles),
          TextFormat.percent($0.cycles, of: cycles),
        ]
      }
  }

  private var advice: ReportDocument {
    var document = ReportDocument()
    guard note == nil, let best = whatIfs.first else {
      document.add(paragraph: note ?? "No change was tried.")
      return document
    }
    if let cycles = best.runCycles, cycles < runCycles {
      document.add(
        paragraph: "Of what was tried, this helps most: \(best.name). The run takes "
          + "\(TextFormat.grouped(cycles)) cycles, "
          + "\(TextFormat.percent(runCycles - cycles, of: runCycles)) % fewer.")
      document.add("\n")
    } else {
      document.add("Nothing that was tried makes it faster.\n\n")
    }
    document.add(table: trialRows)
    document.add(
      trialNotes.map { "\n" + wrapped($0, indent: 4, firstIndent: 2) }.joined()
        + (trialNotes.isEmpty ? "" : "\n"))
    return document
  }

  private var trialRows: [[String]] {
    [["Run again with"] + (subject == nil ? [] : ["operator"]) + ["run", "change, %"]]
      + whatIfs.enumerated().map { index, whatIf in
        let name = "  " + TextFormat.shortened("\(index + 1) \(whatIf.name)", 42)
        let own = subject == nil ? [] : [whatIf.cycles.map(TextFormat.grouped) ?? "-"]
        let change = whatIf.runCycles.map {
          TextFormat.signed(100 * (Double($0) / Double(max(1, runCycles)) - 1), 1)
        }
        return [name] + own + [whatIf.runCycles.map(TextFormat.grouped) ?? "-", change ?? "-"]
      }
  }

  /// What a line of `trialRows` does not say.
  private var trialNotes: [String] {
    whatIfs.enumerated().flatMap { index, whatIf in
      var notes: [String] = []
      if whatIf.change.count > 1 { notes.append(whatIf.change.joined(separator: " ")) }
      if whatIf.extraSRAMBytes > 0 {
        notes.append("\(TextFormat.grouped(whatIf.extraSRAMBytes)) more bytes of SRAM")
      }
      if let problem = whatIf.problem { notes.append(problem) }
      return notes.map { "\(index + 1): \($0)" }
    }
  }

  /// The explanation for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }
}
