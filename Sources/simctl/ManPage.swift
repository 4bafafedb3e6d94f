import AccelSim

/// The manual page, of the same declarations as the help.
enum ManPage {
  static var text: String {
    var page = Roff()
    page.request("TH", "SIMCTL", "1", "", "simctl \(Simctl.version)", "User Commands")
    page.section("NAME")
    page.line("simctl \\- simulate Gemmini-style systolic-array accelerators, cycle by cycle")
    page.section("SYNOPSIS")
    page.bold("simctl")
    page.line("\\fIsubcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]")
    page.section("DESCRIPTION")
    page.words(
      "Runs networks, matrix multiplications and recorded programs on models of accelerators, "
        + "reports what their cycles go to, and compares machines. Results go to standard output, "
        + "notes, progress and errors to standard error. '-' in the place of a file that is read is "
        + "standard input. The same call gives the same bytes on standard output.")
    page.section("OPTIONS")
    page.words("Without a subcommand:")
    page.options(Simctl.rootSyntax.options)
    page.paragraph()
    page.words("With every subcommand:")
    page.options(CommandSyntax.globals)
    page.section("SUBCOMMANDS")
    for command in Simctl.commands { page.command(command.syntax) }
    page.section("EXIT STATUS")
    for code in ExitCode.allCases { page.item("\(code.rawValue)", code.meaning) }
    page.section("ENVIRONMENT")
    page.item("NO_COLOR", "If set and not empty, messages on a terminal are not coloured.")
    page.item("TERM", "If 'dumb', empty or not set, messages are not coloured.")
    page.item("PATH", "Where the program gzip is, for files whose names end in '.gz'.")
    page.section("FILES")
    page.item(CheckCommand.folder, "The baselines that 'simctl check' reads if none are named.")
    page.item(
      ValidateCommand.defaultAllowances,
      "The rows that 'simctl validate' allows to differ, if there is such a file.")
    page.item("FILE.partial", "The results of a sweep that is not finished.")
    page.section("EXAMPLES")
    let examples = Simctl.commands.flatMap(\.syntax.examples)
    for (index, example) in examples.enumerated() {
      if index > 0 { page.paragraph() }
      page.add(example)
    }
    return page.text
  }
}

/// Text in the language of man(7).
private struct Roff {
  private(set) var text = ""

  mutating func request(_ name: String, _ words: String...) {
    let quoted = words.map { "\"\(Self.escaped($0))\"" }
    text += ".\(([name] + quoted).joined(separator: " "))\n"
  }

  mutating func section(_ name: String) { text += ".SH \(name)\n" }

  mutating func paragraph() { text += ".PP\n" }

  /// A line that is roff already.
  mutating func line(_ line: String) { text += line + "\n" }

  mutating func bold(_ words: String) { text += ".B \(Self.escaped(words))\n" }

  /// Filled text.
  mutating func words(_ words: String) {
    // Escapes make lines longer.
    for line in wrapped(words, indent: 20).split(separator: "\n") {
      text += Self.escaped(String(line.drop { $0 == " " })) + "\n"
    }
  }

  /// A term and what it means.
  mutating func item(_ term: String, _ meaning: String) {
    text += ".TP\n"
    bold(term)
    words(meaning)
  }

  mutating func options(_ options: [Option]) {
    for option in options { item(option.usage, option.help) }
  }

  mutating func command(_ syntax: CommandSyntax) {
    text += ".SS \(Self.escaped(syntax.path))\n"
    words(syntax.abstract)
    if !syntax.discussion.isEmpty {
      paragraph()
      words(syntax.discussion)
    }
    paragraph()
    bold(syntax.usage)
    for argument in syntax.arguments { item(argument.usage, argument.help) }
    options(syntax.options)
  }

  mutating func add(_ example: Example) {
    words(example.meaning)
    text += ".PP\n.RS 4\n.nf\n"
    for line in example.call.split(separator: "\n") { text += Self.escaped(String(line)) + "\n" }
    text += ".fi\n.RE\n"
  }

  /// `text` as it is, for the middle or the beginning of a line.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "`": result += "\\(ga"
      case "\"": result += "\\(dq"
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") ? "\\&" + result : result
  }
}
