import AccelSim

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
    let known = syntax.allOptions
    var unexpected: [String] = []
    var rest = words[...]
    var onlyPositionals = false
    while let word = rest.popFirst() {
      if onlyPositionals || !word.hasPrefix("-") || word == "-" || word.hasPrefix("-:") {
        if positionals.count < syntax.arguments.count
          || syntax.arguments.last?.isRepeatable == true
        {
          try add(word, to: min(positionals.count, syntax.arguments.count - 1))
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
      guard let option = known.first(where: { $0.name == name || $0.short == name }) else {
        throw UsageError(
          "Unknown option '\(name)'" + suggestion(for: name, among: known.map(\.name)), syntax)
      }
      let attached = equals.map { String(word[word.index(after: $0)...]) }
      if option.value == nil {
        if let attached {
          throw UsageError(
            "The option '\(name)' takes no value, but '\(attached)' was specified.", syntax)
        }
        values[option.name] = ""
      } else if let attached {
        try add(attached, to: option)
      } else if let next = rest.first, !Self.looksLikeOption(next) {
        try add(rest.removeFirst(), to: option)
      } else if option.isValueOptional {
        values[option.name] = ""
      } else {
        throw UsageError("Missing value for '\(option.usage)'", syntax)
      }
    }
    if unexpected.count == 1 {
      throw UsageError(
        "Unexpected argument '\(unexpected[0])'" + option(for: unexpected[0]), syntax)
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

  /// A suggestion of an option that `word` may have been meant for.
  private func option(for word: String) -> String {
    let name = String(word.prefix { $0 != ":" })
    let option = syntax.options.first {
      switch $0.kind {
      case _ where has($0.name): false
      case .workload: WorkloadModel.named(name) != nil || WorkloadRequest.looksLikeFile(name)
      case .config: HardwareConfig.preset(name) != nil
      default: false
      }
    }
    return option.map { ". Did you mean '\($0.name) \(word)'?" } ?? ""
  }

  private mutating func add(_ value: String, to option: Option) throws(UsageError) {
    let value = option.kind.spelling(StandardInput.path(value, option.kind))
    values[option.name] = value
    if option.isRepeatable { lists[option.name, default: []].append(value) }
    try check(value, option.kind, option.usage)
  }

  private mutating func add(_ value: String, to index: Int) throws(UsageError) {
    let argument = syntax.arguments[index]
    let value = argument.kind.spelling(StandardInput.path(value, argument.kind))
    positionals.append(value)
    try check(value, argument.kind, "<\(argument.name)>")
  }

  /// What can be known of a value before the command looks at it.
  private func check(_ value: String, _ kind: ValueKind, _ usage: String) throws(UsageError) {
    if case .oneOf(let names) = kind, !names.contains(value) {
      throw invalid(value, for: usage, names)
    }
    if kind.isOutput, value == "-" {
      throw UsageError(
        "The value '-' is invalid for '\(usage)': standard output is no file; './-' is a file of "
          + "this name", syntax)
    }
    guard value.isEmpty, let expectation = kind.expectation else { return }
    throw UsageError("The value '' is invalid for '\(usage)': \(expectation)", syntax)
  }

  /// Every file that was named, with its option's name, or the argument's usage.
  var files: [(name: String, kind: ValueKind, path: String)] {
    var files: [(String, ValueKind, String)] = []
    for (index, path) in positionals.enumerated() {
      let argument = syntax.arguments[min(index, syntax.arguments.count - 1)]
      files.append(("<\(argument.name)>", argument.kind, path))
    }
    for option in syntax.options where option.value != nil {
      let all = option.isRepeatable ? all(option.name) : [values[option.name]].compactMap { $0 }
      files += all.map { (option.name, option.kind, $0) }
    }
    return files
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
    guard let number = Int(text), range.contains(number) else {
      let limits =
        range.upperBound == .max
        ? "of at least \(range.lowerBound)" : "\(range.lowerBound)...\(range.upperBound)"
      throw invalid(name, "must be a whole number \(limits)")
    }
    return number
  }

  /// The value of the option `name` as a finite number.
  func float(_ name: String) throws(UsageError) -> Float? {
    guard let text = values[name] else { return nil }
    guard let number = Float(text), number.isFinite else { throw invalid(name, "must be a number") }
    return number
  }

  /// The value of the option `name` as one of `choices`.
  func choice<T>(_ name: String, _ choices: [(String, T)]) throws(UsageError) -> T? {
    guard let text = values[name] else { return nil }
    if let choice = choices.first(where: { $0.0 == text }) { return choice.1 }
    throw invalid(text, for: usage(name), choices.map(\.0))
  }

  /// The error for `value` where one of `names` is expected.
  private func invalid(_ value: String, for usage: String, _ names: [String]) -> UsageError {
    let list = names.map { "'\($0)'" }
    return UsageError(
      "The value '\(value)' is invalid for '\(usage)': please provide one of "
        + "\(list.dropLast().joined(separator: ", ")) and \(list.last ?? "")"
        + (value.count > 2 ? suggestion(for: value, among: names) : ""), syntax)
  }

  private func usage(_ name: String) -> String {
    syntax.allOptions.first { $0.name == name }?.usage ?? name
  }

  /// The error for a value that the option `name` does not take.
  func invalid(_ name: String, _ why: String) -> UsageError {
    UsageError(
      "The value '\(values[name] ?? "")' is invalid for '\(usage(name))': \(why)", syntax)
  }

  private static func looksLikeOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word.count > 1, !word.hasPrefix("-:") else { return false }
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
  Suggestion.nearest(to: word, among: candidates).map { ". Did you mean '\($0)'?" } ?? ""
}
