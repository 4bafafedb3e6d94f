/// An option or a flag of a command.
struct Option {
  /// With the dashes.
  var name: String
  /// A short form with one dash.
  var short: String?
  /// What its value is called; `nil` makes it a flag.
  var value: String?
  var help: String
  var isRequired = false
  /// Whether it may stand without its value.
  var isValueOptional = false
  /// Whether every mention counts, not only the last.
  var isRepeatable = false

  /// How it is shown in a usage line and in errors.
  var usage: String {
    let name = short.map { "\($0), \(self.name)" } ?? self.name
    guard let value else { return name }
    return isValueOptional ? "\(name) [<\(value)>]" : "\(name) <\(value)>"
  }
}

/// An argument without a name.
struct Positional {
  var name: String
  var help: String
  var isOptional = false
  /// Whether it takes all arguments that follow; only the last of a command.
  var isRepeatable = false

  var usage: String { isRepeatable ? "<\(name)> ..." : "<\(name)>" }
}

/// What a command accepts, declared once: parser, help and errors follow from it.
struct CommandSyntax {
  /// Its words after the program's name.
  var name: String
  var abstract: String
  var discussion = ""
  var arguments: [Positional] = []
  var options: [Option] = []

  static let help = Option(name: "--help", help: "Show help information.")
}

/// What the user gave to a command.
struct Arguments {
  let syntax: CommandSyntax
  private var values: [String: String] = [:]
  private var lists: [String: [String]] = [:]
  private(set) var positionals: [String] = []
  private(set) var asksForHelp = false

  /// Parses `words`, the last mention of an option winning.
  ///
  /// - Throws: `UsageError` in the words of Apple's argument parser.
  init(_ words: [String], syntax: CommandSyntax) throws(UsageError) {
    self.syntax = syntax
    var unexpected: [String] = []
    var rest = words[...]
    var onlyPositionals = false
    while let word = rest.popFirst() {
      if onlyPositionals || !word.hasPrefix("-") || word == "-" {
        if positionals.count < syntax.arguments.count
          || syntax.arguments.last?.isRepeatable == true
        {
          positionals.append(word)
        } else {
          unexpected.append(word)
        }
        continue
      }
      if word == "--" {
        onlyPositionals = true
        continue
      }
      let equals = word.firstIndex(of: "=")
      let name = equals.map { String(word[..<$0]) } ?? word
      if name == "--help" || name == "-h" || name == "-help" {
        asksForHelp = true
        return
      }
      guard let option = syntax.options.first(where: { $0.name == name || $0.short == name }) else {
        throw UsageError(
          "Unknown option '\(name)'"
            + suggestion(for: name, among: syntax.options.map(\.name) + ["--help"]), syntax)
      }
      let attached = equals.map { String(word[word.index(after: $0)...]) }
      if option.value == nil {
        if let attached {
          throw UsageError(
            "The option '\(name)' takes no value, but '\(attached)' was specified.", syntax)
        }
        values[option.name] = ""
      } else if let attached {
        add(attached, to: option)
      } else if let next = rest.first, !Self.looksLikeOption(next) {
        add(rest.removeFirst(), to: option)
      } else if option.isValueOptional {
        values[option.name] = ""
      } else {
        throw UsageError("Missing value for '\(option.usage)'", syntax)
      }
    }
    if unexpected.count == 1 {
      throw UsageError("Unexpected argument '\(unexpected[0])'", syntax)
    } else if unexpected.count > 1 {
      let list = unexpected.map { "'\($0)'" }.joined(separator: ", ")
      throw UsageError("\(unexpected.count) unexpected arguments: \(list)", syntax)
    }
    let required = syntax.arguments.prefix { !$0.isOptional }
    if positionals.count < required.count {
      throw UsageError(
        "Missing expected argument '\(required[positionals.count].usage)'", syntax)
    }
    for option in syntax.options where option.isRequired && values[option.name] == nil {
      throw UsageError("Missing expected argument '\(option.usage)'", syntax)
    }
  }

  private mutating func add(_ value: String, to option: Option) {
    values[option.name] = value
    if option.isRepeatable { lists[option.name, default: []].append(value) }
  }

  /// Every value of the repeatable option `name`, in the order given.
  func all(_ name: String) -> [String] { lists[name] ?? [] }

  /// Whether the flag `name` was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The value of the option `name`.
  subscript(name: String) -> String? { values[name] }

  /// The value of the option `name` as a number within `range`.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text) else { throw invalid(name, "not a whole number") }
    guard range.contains(number) else {
      throw invalid(name, "must be \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  /// The value of the option `name` as a finite number.
  func float(_ name: String) throws(UsageError) -> Float? {
    guard let text = values[name] else { return nil }
    guard let number = Float(text), number.isFinite else { throw invalid(name, "not a number") }
    return number
  }

  /// The value of the option `name` as one of `choices`.
  func choice<T>(_ name: String, _ choices: [(String, T)]) throws(UsageError) -> T? {
    guard let text = values[name] else { return nil }
    if let choice = choices.first(where: { $0.0 == text }) { return choice.1 }
    let list = choices.map { "'\($0.0)'" }
    throw invalid(
      name,
      "please provide one of \(list.dropLast().joined(separator: ", ")) and "
        + "\(list.last ?? "")")
  }

  /// `128x768x768`: three sizes of at least 1; `nil` for anything else.
  static func sizes(_ text: Substring) -> (Int, Int, Int)? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
    }
    guard parts.count == 3, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else { return nil }
    return (numbers[0], numbers[1], numbers[2])
  }

  /// The error for a value that the option `name` does not take.
  func invalid(_ name: String, _ why: String) -> UsageError {
    let usage = syntax.options.first { $0.name == name }?.usage ?? name
    return UsageError("The value '\(values[name] ?? "")' is invalid for '\(usage)': \(why)", syntax)
  }

  private static func looksLikeOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word.count > 1 else { return false }
    return Double(word) == nil
  }
}

/// A mistake in how the program was called.
struct UsageError: Error {
  var message: String
  var syntax: CommandSyntax

  init(_ message: String, _ syntax: CommandSyntax) {
    self.message = message
    self.syntax = syntax
  }
}

/// ". Did you mean 'x'?" for the nearest candidate, or nothing.
func suggestion(for word: String, among candidates: [String]) -> String {
  let nearest = candidates.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
  guard let nearest, nearest.1 <= max(1, word.count / 3) else { return "" }
  return ". Did you mean '\(nearest.0)'?"
}

private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = next
    }
  }
  return row[right.count]
}
