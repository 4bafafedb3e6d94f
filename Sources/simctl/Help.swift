import AccelSim

extension CommandSyntax {
  /// The words of a call, without arguments.
  var path: String { name.isEmpty ? "simctl" : "simctl \(name)" }

  /// A call in one line.
  var usage: String { usage(options) }

  private func usage(_ options: [Option]) -> String {
    if name.isEmpty { return "simctl <subcommand>" }
    var words = [path]
    for option in options where option.isRequired { words.append(option.usage) }
    for argument in arguments {
      words.append(argument.isOptional ? "[\(argument.usage)]" : argument.usage)
    }
    for option in options where !option.isRequired { words.append("[\(option.usage)]") }
    return words.joined(separator: " ")
  }

  /// What `--help` prints.
  var helpText: String {
    var text = "OVERVIEW: \(abstract)\n"
    if !discussion.isEmpty { text += "\n" + wrapped(discussion, indent: 0) + "\n" }
    text += "\n" + wrappedUsage + "\n"
    if !arguments.isEmpty {
      text += "\nARGUMENTS:\n"
      for argument in arguments { text += helpLine(argument.usage, argument.help) }
    }
    text += "\nOPTIONS:\n"
    for option in options { text += helpLine(option.usage, option.help) }
    return text + helpLine("-h, --help", CommandSyntax.help.help)
  }

  /// What follows an error: the call, its options left out where they would not fit a line.
  var usageHint: String {
    let short =
      usage.count <= 73 ? usage : usage(options.filter(\.isRequired)) + " [<options>]"
    return "Usage: \(short)\n  See '\(path) --help' for more information."
  }

  /// The call over several lines, an option and its value never apart.
  private var wrappedUsage: String {
    var text = ""
    var isInside = false
    for character in "USAGE: \(usage)" {
      if character == "[" { isInside = true }
      if character == "]" { isInside = false }
      text.append(isInside && character == " " ? "\u{A0}" : character)
    }
    return String(
      wrapped(text, indent: 7, firstIndent: 0).map { $0 == "\u{A0}" ? " " : $0 })
  }
}

/// One entry of a help screen: label to column 24, help after it, 80 columns.
func helpLine(_ label: String, _ help: String) -> String {
  let column = 26
  let body = wrapped(help, indent: column, firstIndent: 0)
  if label.count + 2 < column - 1 {
    let padding = String(repeating: " ", count: column - 2 - label.count)
    return "  \(label)\(padding)\(body)\n"
  }
  return "  \(label)\n\(String(repeating: " ", count: column))\(body)\n"
}
