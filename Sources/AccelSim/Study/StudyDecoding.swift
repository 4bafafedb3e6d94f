extension Study {
  /// Reads a study from JSON.
  ///
  /// - Throws: `InvalidStudy` with every problem, each with its line and key path.
  public init(json bytes: [UInt8], file: String) throws(InvalidStudy) {
    var decoder = StudyDecoder(file: file)
    self = try decoder.decode(bytes)
  }

  /// Reads a study's file.
  public static func load(path: String) throws(InvalidStudy) -> Study {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.bytes(path: path, limit: 1 << 24)
    } catch {
      throw InvalidStudy(problems: [InputFile.problem(error, at: path, expected: "a study")])
    }
    return try Study(json: bytes, file: path)
  }
}

/// A study cannot be used; `problems` holds every reason.
public struct InvalidStudy: Error, Equatable, CustomStringConvertible {
  /// At least one; each names the file, the line and the key path.
  public var problems: [ConfigProblem]

  /// One line a problem, at most 50 of them.
  public var description: String { InvalidConfig(problems: problems).description }
}

/// Fills a study from JSON and collects what is wrong.
private struct StudyDecoder {
  private let file: String
  private var reader: JSONReader

  init(file: String) {
    self.file = file
    reader = JSONReader(file: file, document: .study)
  }

  mutating func decode(_ bytes: [UInt8]) throws(InvalidStudy) -> Study {
    var study = Study(name: "?", title: "?", source: "?", runs: [], claims: [])
    if let value = reader.parse(bytes) {
      let keys = ["name", "title", "source", "set", "runs", "claims"]
      let top = reader.object(
        value, "", keys: keys, required: ["name", "title", "source", "runs", "claims"])
      if let value = top["name"] { study.name = reader.text(value, "name") ?? "?" }
      if let value = top["title"] { study.title = reader.text(value, "title") ?? "?" }
      if let value = top["source"] { study.source = reader.text(value, "source") ?? "?" }
      if let value = top["set"] { study.settings = settings(value, "set") }
      if let value = top["runs"] {
        for member in reader.members(value, "runs") {
          if let run = run(member, JSONReader.path("runs", member.key)) { study.runs.append(run) }
        }
      }
      if let value = top["claims"] {
        for (number, element) in reader.elements(value, "claims").enumerated() {
          study.claims.append(claim(element, "claims[\(number)]", study.runs.map(\.name)))
        }
      }
      check(study)
    }
    guard reader.problems.isEmpty else { throw InvalidStudy(problems: reader.sortedProblems) }
    return study
  }

  // MARK: Runs

  private mutating func run(_ member: JSONMember, _ path: String) -> StudyRun? {
    let isWord =
      member.key.first?.isLetter == true
      && member.key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    if !isWord {
      reader.add(path, found: JSONText.quoted(member.key), expected: "a name of letters and digits")
    }
    let members = reader.object(
      member.value, path, keys: ["config", "set", "workload", "fuse", "analyze", "traffic"])
    if let value = members["analyze"] {
      for key in ["config", "set", "workload", "fuse"] where members[key] != nil {
        reader.add(path + "." + key, found: "it beside \"analyze\"", expected: "one of the two")
      }
      let traffic =
        members["traffic"].flatMap {
          reader.choice($0, path + ".traffic", WorkloadTraffic.self)
        } ?? .ideal
      guard let request = request(value, path + ".analyze") else { return nil }
      return StudyRun(name: member.key, subject: .analysis(request, traffic))
    }
    guard let value = members["workload"] else {
      reader.add(path, found: "no key \"workload\" and no \"analyze\"", expected: "one of the two")
      return nil
    }
    if members["traffic"] != nil {
      reader.add(path + ".traffic", found: "it without \"analyze\"", expected: "both or none")
    }
    let config = members["config"].flatMap { reader.text($0, path + ".config") }
    let settings = members["set"].map { self.settings($0, path + ".set") } ?? []
    let fusing =
      members["fuse"].flatMap { reader.choice($0, path + ".fuse", NormFusion.self) } ?? .all
    guard let workload = workload(value, path + ".workload") else { return nil }
    return StudyRun(
      name: member.key,
      subject: .simulation(
        StudyRun.Simulation(
          config: config ?? "gemmini-default", settings: settings, workload: workload,
          fusing: fusing)))
  }

  private mutating func settings(_ value: JSONValue, _ path: String) -> [ConfigAssignment] {
    reader.members(value, path).compactMap { member in
      switch member.value.content {
      case .number(let text): return ConfigAssignment(path: member.key, value: text)
      case .boolean(let value): return ConfigAssignment(path: member.key, value: "\(value)")
      case .string(let text): return ConfigAssignment(path: member.key, value: text)
      default:
        reader.expect(
          "a number, true, false or text", member.value, JSONReader.path(path, member.key))
        return nil
      }
    }
  }

  private mutating func request(_ value: JSONValue, _ path: String) -> WorkloadRequest? {
    guard let text = reader.text(value, path) else { return nil }
    do {
      return try WorkloadRequest(text)
    } catch {
      for problem in error.problems {
        reader.add(
          path, found: problem.found, expected: problem.expected, suggestion: problem.suggestion)
      }
      return nil
    }
  }

  private mutating func workload(_ value: JSONValue, _ path: String) -> StudyWorkload? {
    guard case .object = value.content else {
      return request(value, path).map(StudyWorkload.request)
    }
    do {
      return .workload(try Workload(json: value, file: file))
    } catch {
      for problem in error.problems {
        reader.add(
          path + "." + problem.path, found: problem.found, expected: problem.expected,
          suggestion: problem.suggestion)
      }
      return nil
    }
  }

  // MARK: Claims

  private mutating func claim(_ value: JSONValue, _ path: String, _ runs: [String]) -> StudyClaim {
    let members = reader.object(
      value, path, keys: ["id", "claim", "source", "checks", "pending", "note"],
      required: ["id", "claim", "source"])
    var claim = StudyClaim(id: "?", claim: "?", source: "?", checks: [])
    if let value = members["id"] {
      claim.id = reader.text(value, path + ".id") ?? "?"
      if claim.id.isEmpty { reader.expect("an ID", value, path + ".id") }
    }
    if let value = members["claim"] { claim.claim = reader.text(value, path + ".claim") ?? "?" }
    if let value = members["source"] { claim.source = reader.text(value, path + ".source") ?? "?" }
    if let value = members["pending"] { claim.pending = reader.text(value, path + ".pending") }
    if let value = members["note"] { claim.note = reader.text(value, path + ".note") }
    if let value = members["checks"] {
      let elements = reader.elements(value, path + ".checks")
      if elements.isEmpty { reader.expect("at least one check", value, path + ".checks") }
      for (number, element) in elements.enumerated() {
        if let check = check(element, "\(path).checks[\(number)]", runs) {
          claim.checks.append(check)
        }
      }
    }
    if (members["checks"] == nil) == (members["pending"] == nil) {
      reader.add(path, found: "not one of \"checks\" and \"pending\"", expected: "one of the two")
    }
    return claim
  }

  private mutating func check(_ value: JSONValue, _ path: String, _ runs: [String]) -> StudyCheck? {
    let members = reader.object(
      value, path, keys: ["what", "value", "unit", "paper", "from", "to", "outside"],
      required: ["what", "value", "paper"])
    let what = members["what"].flatMap { reader.text($0, path + ".what") } ?? "?"
    let paper = members["paper"].flatMap { reader.text($0, path + ".paper") } ?? "?"
    let unit = members["unit"].flatMap { reader.choice($0, path + ".unit", StudyUnit.self) }
    let from = members["from"].flatMap { reader.number($0, path + ".from") } ?? -.infinity
    let to = members["to"].flatMap { reader.number($0, path + ".to") } ?? .infinity
    let outside = members["outside"].flatMap { reader.boolean($0, path + ".outside") } ?? false
    if from == -.infinity && to == .infinity {
      reader.add(path, found: "no band", expected: "\"from\", \"to\" or both")
    }
    guard from <= to else {
      reader.add(path + ".to", found: "\(to)", expected: "at least \(from)")
      return nil
    }
    guard let value = members["value"], let text = reader.text(value, path + ".value") else {
      return nil
    }
    do {
      let formula = try Formula(text)
      for name in formula.names.map(\.text) where !runs.contains(Study.run(of: name)) {
        reader.add(
          path + ".value", found: JSONText.quoted(name), expected: "a run and a quantity of it",
          suggestion: Suggestion.nearest(to: Study.run(of: name), among: runs))
      }
      return StudyCheck(
        what: what, value: formula, unit: unit ?? .number, paper: paper, band: from...to,
        isKnownOutside: outside)
    } catch {
      reader.add(
        path + ".value", found: "\(error.found) in column \(error.column)",
        expected: error.expected)
      return nil
    }
  }

  /// What only the whole shows.
  private mutating func check(_ study: Study) {
    var ids: Set<String> = []
    for (number, claim) in study.claims.enumerated() {
      for (index, check) in claim.checks.enumerated() {
        for name in check.value.names {
          guard let run = study.runs.first(where: { $0.name == Study.run(of: name.text) }),
            let problem = StudyMeasurement.problem(of: Study.quantity(of: name.text), in: run)
          else { continue }
          reader.add(
            "claims[\(number)].checks[\(index)].value", found: JSONText.quoted(name.text),
            expected: problem.expected, suggestion: problem.suggestion)
        }
      }
    }
    for (number, claim) in study.claims.enumerated() {
      if !ids.insert(claim.id).inserted {
        reader.add("claims[\(number)].id", found: "\(claim.id) again", expected: "an ID of its own")
      }
      if claim.checks.contains(where: \.isKnownOutside), claim.note == nil {
        reader.add(
          "claims[\(number)]", found: "a check that is known to be outside, and no note",
          expected: "a note that says why")
      }
    }
  }
}
