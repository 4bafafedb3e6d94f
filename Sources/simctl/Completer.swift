import AccelSim

/// What could stand at the end of a call that is being typed.
///
/// The shells ask through the hidden call `simctl __complete word ...`, whose last word is the one at
/// the cursor, so that there is one engine and it knows what this version knows.
struct Completer {
  /// A whole word in the place of the one at the cursor.
  struct Candidate: Equatable {
    var word: String
    var meaning = ""
  }

  private(set) var candidates: [Candidate] = []
  /// Endings of the files that fit, too; empty means all files.
  private(set) var files: [String]?
  private(set) var takesFolders = false
  /// Whether more may follow in the same word.
  private(set) var isOpen = false

  /// What the shells' scripts read: a line a candidate, its meaning behind a tab, and lines that begin
  /// with a colon for what else the shell should do.
  static func answer(_ words: [String]) -> String {
    let completer = Completer(words)
    var text = completer.candidates.map { "\($0.word)\t\($0.meaning)\n" }.joined()
    if completer.isOpen { text += ":open\n" }
    if completer.takesFolders { text += ":folders\n" }
    if let endings = completer.files { text += ":files\(endings.map { " " + $0 }.joined())\n" }
    return text
  }

  init(_ words: [String]) {
    let current = words.last ?? ""
    let (leading, before) = Simctl.globals(Array(words.dropLast()))
    if before.isEmpty, let last = leading.last, last.hasPrefix("-"), !last.contains("="),
      CommandSyntax.globals.contains(where: { $0.name == last && $0.value != nil })
    {
      complete(current, leading, Simctl.rootSyntax)
      return
    }
    let isHelp = before.first == "help"
    let path = isHelp ? Array(before.dropFirst()) : before
    for count in [2, 1] where path.count >= count {
      let name = path.prefix(count).joined(separator: " ")
      guard let command = Simctl.commands.first(where: { $0.syntax.name == name }) else { continue }
      if !isHelp { complete(current, Array(path.dropFirst(count)), command.syntax) }
      return
    }
    if let group = path.first, !group.hasPrefix("-") {
      let parts = Simctl.commands.filter { $0.syntax.name.hasPrefix(group + " ") }
      for part in parts where path.count == 1 {
        add(String(part.syntax.name.dropFirst(group.count + 1)), part.syntax.abstract, current)
      }
    } else if current.hasPrefix("-") || !path.isEmpty {
      complete(current, path, Simctl.rootSyntax)
    } else {
      for command in Simctl.commands {
        let name = command.syntax.name
        let first = String(name.prefix { $0 != " " })
        if candidates.last?.word == first { continue }
        add(first, first == name ? command.syntax.abstract : "Commands of \(first).", current)
      }
      add("help", "Show help of a command.", current)
      if isHelp { add(Simctl.exitCodesTopic, "Show how calls end.", current) }
    }
  }

  /// The word at the cursor of a call of the command `syntax`.
  private mutating func complete(_ current: String, _ before: [String], _ syntax: CommandSyntax) {
    let options = syntax.allOptions
    // As `Arguments` reads them, but nothing is wrong.
    var (positionals, used) = (0, [String]())
    var (onlyPositionals, expecting) = (false, Option?.none)
    for word in before {
      if expecting != nil, !word.hasPrefix("-") || word == "-" {
        expecting = nil
        continue
      }
      expecting = nil
      if onlyPositionals || !word.hasPrefix("-") || word == "-" {
        positionals += 1
      } else if word == "--" {
        onlyPositionals = true
      } else {
        let name = String(word.prefix { $0 != "=" })
        guard let option = options.first(where: { $0.name == name || $0.short == name })
        else { continue }
        used.append(option.name)
        if option.value != nil, !word.contains("=") { expecting = option }
      }
    }
    if let option = expecting, !current.hasPrefix("-") || current == "-" {
      return addValues(option.kind, "", current)
    }
    if !onlyPositionals, current.hasPrefix("-"), current != "-" {
      if let equals = current.firstIndex(of: "="),
        let option = options.first(where: { $0.name == current[..<equals] })
      {
        let value = String(current[current.index(after: equals)...])
        return addValues(option.kind, String(current[...equals]), value)
      }
      for option in options where option.isRepeatable || !used.contains(option.name) {
        add(option.name, option.help, current)
      }
      return
    }
    let last = syntax.arguments.last
    if positionals < syntax.arguments.count {
      addValues(syntax.arguments[positionals].kind, "", current)
    } else if let last, last.isRepeatable {
      addValues(last.kind, "", current)
    }
  }

  // MARK: Values

  /// What can stand behind `prefix` in the place of `current`.
  private mutating func addValues(_ kind: ValueKind, _ prefix: String, _ current: String) {
    let whole = prefix + current
    switch kind {
    case .text: break
    case .oneOf(let names):
      for name in names { add(prefix + name, "", whole) }
    case .someOf(let names):
      let (done, _) = Self.split(current, at: ",")
      let used = done.split(separator: ",").map(String.init)
      for name in names where !used.contains(name) { add(prefix + done + name, "", whole) }
      isOpen = true
    case .input(let endings), .output(let endings), .path(let endings): files = endings
    case .folder: takesFolders = true
    case .config:
      let (machine, rest) = Self.split(current, at: ":")
      guard machine.isEmpty else { return addAssignments(prefix + machine, rest) }
      for preset in HardwareConfig.presets {
        add(prefix + preset.config.name, preset.summary, whole)
      }
      files = [".json"]
    case .workload:
      let (model, rest) = Self.split(current, at: ":")
      guard model.isEmpty else {
        return addParameters(prefix + model, rest, of: String(model.dropLast()))
      }
      for model in WorkloadModel.all { add(prefix + model.name, model.summary, whole) }
      files = [".json"]
    case .assignment: addKey(prefix, current)
    case .assignments: addAssignments(prefix, current)
    case .axis:
      addKey(prefix, current)
      let parameters = WorkloadOptions.sizes.map { "workload.\($0.name.dropFirst(2))=" }
      for name in parameters { add(prefix + name, "", whole) }
    case .claim:
      let builtIn = Study.builtIn[0]
      let claims = (try? Study(json: builtIn.json, file: builtIn.name))?.claims ?? []
      for claim in claims { add(prefix + claim.id, claim.claim, whole) }
      files = [".json"]
    }
  }

  /// `key=value` of a configuration.
  private mutating func addKey(_ prefix: String, _ current: String) {
    let (key, value) = Self.split(current, at: "=")
    guard key.isEmpty else {
      let path = key.dropLast()
      let names = HardwareConfig.valueNames(of: String(path))
      // An axis has several.
      let (done, _) = Self.split(value, at: ",")
      for name in names { add(prefix + key + done + name, "", prefix + current) }
      return
    }
    for key in HardwareConfig.settableKeys {
      add("\(prefix)\(key.path)=", key.meaning, prefix + current)
    }
    isOpen = true
  }

  /// `key=value,key=value`.
  private mutating func addAssignments(_ prefix: String, _ current: String) {
    let (done, rest) = Self.split(current, at: ",")
    addKey(prefix + done, rest)
  }

  /// `parameter=number,...` of a model.
  private mutating func addParameters(_ prefix: String, _ current: String, of model: String) {
    guard let model = WorkloadModel.named(model) else { return }
    let (done, rest) = Self.split(current, at: ",")
    for parameter in model.parameters where !rest.contains("=") {
      add("\(prefix)\(done)\(parameter.name)=", parameter.meaning, prefix + current)
    }
    isOpen = true
  }

  /// `text` up to and with the last `separator`, and what follows.
  private static func split(_ text: String, at separator: Character) -> (String, String) {
    guard let index = text.lastIndex(of: separator) else { return ("", text) }
    return (String(text[...index]), String(text[text.index(after: index)...]))
  }

  private mutating func add(_ word: String, _ meaning: String, _ current: String) {
    guard word.hasPrefix(current) else { return }
    // The shells show one line.
    candidates.append(
      Candidate(word: word, meaning: meaning.replacing("\n", with: " ").replacing("\t", with: " ")))
  }
}
