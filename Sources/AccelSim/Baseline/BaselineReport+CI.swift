extension BaselineReport {
  /// The report as JUnit XML: a suite a file, a test a case. No times, so that equal checks give equal
  /// bytes.
  public var junit: String {
    let all = files.flatMap(\.cases)
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"simctl check\" \(Self.counts(all))>\n"
    for file in files {
      let path = CIText.attribute(file.path)
      text += "  <testsuite name=\"\(path)\" \(Self.counts(file.cases))>\n"
      for item in file.cases {
        let name = "name=\"\(CIText.attribute(item.name))\""
        text += "    <testcase \(name) classname=\"\(path)\""
        text += " file=\"\(path)\" line=\"\(item.line)\""
        guard item.verdict != .asRecorded else {
          text += "/>\n"
          continue
        }
        let element = item.isError ? "error" : "failure"
        let message = CIText.attribute(item.headline)
        text += ">\n      <\(element) type=\"\(item.verdict.rawValue)\" message=\"\(message)\">"
        text += CIText.attribute(item.details, keepsLines: true)
        text += "</\(element)>\n    </testcase>\n"
      }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func counts(_ cases: [BaselineComparison]) -> String {
    let errors = cases.count { $0.isError }
    let failures = cases.count { $0.verdict != .asRecorded && !$0.isError }
    return "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
  }

  /// Lines by which GitHub marks the places of the baselines that moved, one a case: GitHub shows ten
  /// of a step. The line is that of the operator that moved most.
  public var annotations: String {
    var text = ""
    for file in files {
      for item in file.cases where item.verdict != .asRecorded {
        let title = "\(item.name): \(item.verdict.words)"
        let line = item.byMovement.first.map { item.differences[$0].line } ?? item.line
        text += "::error file=\(CIText.property(file.path)),line=\(line)"
        text += ",title=\(CIText.property(title))::\(CIText.data(item.details))\n"
      }
    }
    return text
  }
}

extension BaselineComparison {
  /// Whether there is nothing to compare with, rather than a difference.
  fileprivate var isError: Bool { verdict == .missing || verdict == .unbalanced }

  /// In a line.
  fileprivate var headline: String {
    if before == nil || after == nil, let note = notes.first { return note }
    return "\(verdict.words); \(total)"
  }

  /// The operators that moved most, the total, and what else is to be said, a line each.
  fileprivate var details: String {
    var lines = byMovement.prefix(5).map { Self.words(differences[$0]) }
    if differences.count > 5 { lines.append("and \(differences.count - 5) more") }
    if before != nil || after != nil { lines.append(total) }
    return (lines + notes).joined(separator: "\n")
  }
}

/// Texts in the notations of CI systems.
enum CIText {
  /// As the value of an attribute, or as text, of XML; what XML 1.0 cannot hold becomes `?`.
  static func attribute(_ text: String, keepsLines: Bool = false) -> String {
    escaped(text) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "\n" where keepsLines: nil
      case "\n", "\t", "\r": "&#\(scalar.value);"
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": "?"
      default: nil
      }
    }
  }

  /// As the message of a GitHub workflow command.
  static func data(_ text: String) -> String { escaped(text, percentCode) }

  /// As a property of a GitHub workflow command.
  static func property(_ text: String) -> String {
    escaped(text) { scalar in
      switch scalar {
      case ":": "%3A"
      case ",": "%2C"
      default: percentCode(scalar)
      }
    }
  }

  private static func percentCode(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "%": "%25"
    case "\r": "%0D"
    case "\n": "%0A"
    default: nil
    }
  }

  /// `text` with other words for the scalars that have some.
  private static func escaped(_ text: String, _ words: (Unicode.Scalar) -> String?) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if let word = words(scalar) {
        result += word
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
