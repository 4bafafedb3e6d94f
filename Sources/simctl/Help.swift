import AccelSim

extension CommandSyntax {
  /// The words of a call, without arguments.
  var path: String { name.isEmpty ? "simctl" : "simctl \(name)" }

  /// A call in one line; many options are not listed.
  var usage: String {
    let whole = usage(options)
    return whole.count <= 160 ? whole : short
  }

  /// A call without the options that may be left out.
  private var short: String { usage(options.filter(\.isRequired)) + " [<options>]" }

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
    for option in allOptions { text += helpLine(option.usage, option.help) }
    if name.isEmpty { return text + Self.overview }
    if !examples.isEmpty { text += "\nEXAMPLES:\n" }
    for (index, example) in examples.enumerated() {
      text += (index > 0 ? "\n" : "") + wrapped(example.meaning, indent: 2) + "\n"
      for line in example.call.split(separator: "\n") { text += "    \(line)\n" }
    }
    return text
  }

  /// The commands, and where there is more.
  private static var overview: String {
    var text = "\nSUBCOMMANDS:\n"
    for command in Simctl.commands {
      text += helpLine(command.syntax.name, command.syntax.abstract)
    }
    text += "\n  See 'simctl help <subcommand>' for detailed help,\n"
    return text + "  'simctl help \(Simctl.exitCodesTopic)' for how calls end.\n"
  }

  /// What follows an error: the call, its options left out where they would not fit a line.
  var usageHint: String {
    "Usage: \(usage.count <= 73 ? usage : short)\n  See '\(path) --help' for more information."
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
