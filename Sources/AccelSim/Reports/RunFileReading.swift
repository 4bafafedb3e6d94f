import FoundationEssentials

/// A file is no run; `problems` holds every reason that could be found.
public struct InvalidRunFile: Error, Equatable, CustomStringConvertible {
  /// At least one, in the order of the file.
  public var problems: [ConfigProblem]

  /// One line a problem, at most 50 of them.
  public var description: String { InvalidConfig(problems: problems).description }
}

extension RunFile {
  /// Reads the file at `path`.
  ///
  /// - Throws: `InvalidRunFile` if it cannot be read or is no run.
  public static func read(path: String) throws(InvalidRunFile) -> RunFile {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.bytes(path: path, limit: 1 << 26)
    } catch {
      throw InvalidRunFile(problems: [InputFile.problem(error, at: path, expected: "a run")])
    }
    return try RunFile(json: bytes, file: path)
  }

  /// Reads a run from JSON.
  ///
  /// - Parameter file: A name for messages.
  /// - Throws: `InvalidRunFile`: bad JSON, another format or version, missing keys, wrong types, numbers
  ///   that no run gives, parts that do not add up.
  public init(json bytes: [UInt8], file: String) throws(InvalidRunFile) {
    let text = JSONText(parsing: bytes)
    var reader = RunFileReader(file: file, root: text.value)
    for problem in text.problems {
      reader.add(problem.path, problem.found, problem.expected, problem.position)
    }
    try reader.throwProblems()
    try reader.checkFormat()
    let heading = try reader.decode(Heading.self, bytes)
    let machine = try reader.machine()
    let body: NetworkReport
    var single: RunResult?
    if reader.member("operators") != nil {
      body = try reader.decode(NetworkReport.self, bytes)
    } else {
      let decoded = try reader.decode(Single.self, bytes)
      single = decoded.result
      var report = NetworkReport(
        decoded.result, named: heading.title, memory: machine.memorySummary)
      report.timeline = decoded.timeline
      body = report
    }
    reader.checkSums(body)
    try reader.throwProblems()
    self.machine = machine
    cycleModel = heading.cycleModel
    program = heading.program
    title = heading.title
    notes = heading.notes
    report = body
    result = single
  }

  private struct Heading: Decodable {
    var cycleModel: Int
    var program: RunProgram
    var title: String
    var notes: [String]
  }

  private struct Single: Decodable {
    var result: RunResult
    var timeline: Timeline?
  }
}

/// Collects what is wrong with a run file.
private struct RunFileReader {
  let file: String
  /// The file's outermost value, to say where things stand.
  let root: JSONValue?
  private var problems: [ConfigProblem] = []
  /// All numbers of the results added up.
  private var total = 0.0

  init(file: String, root: JSONValue?) {
    self.file = file
    self.root = root
  }

  mutating func add(
    _ path: String, _ found: String, _ expected: String, _ position: TextPosition?
  ) {
    var problem = ConfigProblem(path: path, found: found, expected: expected)
    problem.file = file
    problem.position = position
    problems.append(problem)
  }

  func throwProblems() throws(InvalidRunFile) {
    if !problems.isEmpty { throw InvalidRunFile(problems: problems) }
  }

  func member(_ key: String) -> JSONValue? {
    guard case .object(let members)? = root?.content else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// That it is a run file of this version, and that every number of the results is one.
  mutating func checkFormat() throws(InvalidRunFile) {
    guard let root, case .object(let members) = root.content else {
      add("", root?.summary ?? "nothing", "a run: what 'simctl run --json' writes", root?.position)
      return try throwProblems()
    }
    guard case .string(RunFile.format)? = member("format")?.content else {
      add(
        "format", member("format")?.summary ?? "no such key",
        "\"\(RunFile.format)\": what 'simctl run --json' writes",
        (member("format") ?? root).position)
      return try throwProblems()
    }
    if member("version")?.integer != RunFile.version {
      add(
        "version", member("version")?.summary ?? "no such key",
        "\(RunFile.version); run it again with this simctl", (member("version") ?? root).position)
      return try throwProblems()
    }
    for member in members where !["machine", "program", "check"].contains(member.key) {
      checkNumbers(member.value, JSONText.pathPart(member.key))
    }
    // No sum of theirs can overflow then.
    if total > 0x1p62 { add("", "numbers of 2^62 together", "numbers of a run", root.position) }
    try throwProblems()
  }

  /// Counts are natural numbers that a double holds exactly.
  private mutating func checkNumbers(_ value: JSONValue, _ path: String) {
    switch value.content {
    case .number(let text):
      let number = Double(text) ?? -1
      guard number >= 0, number <= 0x1p53 else {
        if problems.count < 50 {
          add(path, value.summary, "a number from 0 to 2^53", value.position)
        }
        return
      }
      total += number
    case .array(let values):
      for (index, element) in values.enumerated() { checkNumbers(element, "\(path)[\(index)]") }
    case .object(let members):
      for member in members {
        checkNumbers(member.value, "\(path).\(JSONText.pathPart(member.key))")
      }
    case .null, .boolean, .string, .invalid: break
    }
  }

  /// The configuration.
  mutating func machine() throws(InvalidRunFile) -> HardwareConfig {
    guard let value = member("machine") else {
      add("machine", "no such key", "the configuration", root?.position)
      throw InvalidRunFile(problems: problems)
    }
    do {
      let config = try HardwareConfig(value, file: file)
      _ = try Machine(config)
      return config
    } catch {
      throw InvalidRunFile(
        problems: error.problems.map { problem in
          var problem = problem
          problem.path = problem.path.isEmpty ? "machine" : "machine.\(problem.path)"
          problem.file = file
          return problem
        })
    }
  }

  func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws(InvalidRunFile) -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw InvalidRunFile(problems: [problem(error)])
    } catch {
      throw InvalidRunFile(problems: [
        ConfigProblem(path: "", found: "\(error)", expected: "a run")
      ])
    }
  }

  private func problem(_ error: DecodingError) -> ConfigProblem {
    var path: [any CodingKey]
    var found: String?
    let expected: String
    switch error {
    case .keyNotFound(let key, let context):
      path = context.codingPath + [key]
      found = "no such key"
      expected = "it to be there"
    case .valueNotFound(let type, let context):
      path = context.codingPath
      expected = Self.name(of: type)
    case .typeMismatch(let type, let context):
      path = context.codingPath
      expected = Self.name(of: type)
    case .dataCorrupted(let context):
      path = context.codingPath
      expected = "a value that a run can have"
    @unknown default:
      path = []
      expected = "a run"
    }
    var place = root
    for key in path { place = place.flatMap { Self.step($0, key) } ?? place }
    let words = path.map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(JSONText.pathPart(key.stringValue))"
    }.joined()
    var problem = ConfigProblem(
      path: String(words.drop { $0 == "." }), found: found ?? place?.summary ?? "nothing",
      expected: expected)
    problem.file = file
    problem.position = place?.position
    return problem
  }

  private static func step(_ value: JSONValue, _ key: any CodingKey) -> JSONValue? {
    switch value.content {
    case .object(let members): members.first { $0.key == key.stringValue }?.value
    case .array(let values):
      key.intValue.flatMap { values.indices.contains($0) ? values[$0] : nil }
    default: nil
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Int.Type, is UInt64.Type, is UInt8.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is String.Type: "text"
    case is Bool.Type: "true or false"
    default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
    }
  }

  /// That the parts add up to the run, so that no report is nonsense.
  mutating func checkSums(_ report: NetworkReport) {
    let isNetwork = member("operators") != nil
    if isNetwork {
      for (index, row) in report.operators.enumerated() {
        let sum = row.cycleUses.values.reduce(0, +)
        expect(sum, row.cycles, "operators[\(index)].cycleUses", ["operators", index, "cycleUses"])
      }
      let sum = report.operators.reduce(0) { $0 + $1.cycles }
      expect(sum, report.cycles, "operators", ["operators"])
    } else if let row = report.operators.first {
      let sum = row.cycleUses.values.reduce(0, +)
      expect(sum, report.cycles, "result.cycleUses", ["result", "cycleUses"])
    }
    let before = isNetwork ? "" : "result."
    let root: [Any] = isNetwork ? [] : ["result"]
    if !report.units.contains(where: { $0.unit == "execute" }) {
      add(
        "\(before)units", "no unit \"execute\"", "every unit of the machine",
        position(root + ["units"]))
    }
    for (index, unit) in report.units.enumerated() {
      expect(unit.total, report.cycles, "\(before)units[\(index)]", root + ["units", index])
    }
    if Double(report.macs) > Double(report.cycles) * Double(report.peakMACsPerCycle) {
      let key = isNetwork ? "macs" : "usefulMACs"
      add(
        before + key, "\(report.macs)", "at most the peak of the array over the run",
        position(root + [key]))
    }
    if let timeline = report.timeline { check(timeline, report.cycles) }
  }

  private mutating func expect(_ sum: Int, _ cycles: Int, _ path: String, _ place: [Any]) {
    guard sum != cycles, problems.count < 50 else { return }
    add(path, "\(sum) cycles in all", "\(cycles), as its cycles", position(place))
  }

  private mutating func check(_ timeline: Timeline, _ cycles: Int) {
    let starts = timeline.starts
    let lists =
      timeline.uses.map(\.values) + timeline.units.flatMap { [$0.busy, $0.waiting] }
      + timeline.buffers.map(\.entryCycles) + [timeline.readBytes, timeline.writtenBytes]
    guard timeline.end == cycles, starts.first ?? 0 == 0,
      zip(starts, starts.dropFirst() + [timeline.end]).allSatisfy({ $0 < $1 }),
      !lists.contains(where: { $0.count != starts.count })
    else {
      return add(
        "timeline", "bins that do not fit together",
        "lists of one length, starts that rise from 0, the run's end", position(["timeline"]))
    }
    for index in starts.indices {
      let length = timeline.cycles(of: index)
      let uses = timeline.uses.reduce(0) { $0 + $1.values[index] }
      let fits =
        timeline.units.allSatisfy { $0.busy[index] + $0.waiting[index] <= length }
        && timeline.buffers.allSatisfy {
          Double($0.entryCycles[index]) <= Double($0.capacity) * Double(length)
        }
      if uses != length || !fits {
        return add(
          "timeline", "a bin from cycle \(starts[index]) whose parts are not its \(length) cycles",
          "parts that add up", position(["timeline"]))
      }
    }
  }

  /// Where the innermost part of a path stands that the file has.
  private func position(_ path: [Any]) -> TextPosition? {
    var place = root
    for part in path {
      guard let value = place else { break }
      let next: JSONValue? =
        switch (value.content, part) {
        case (.object(let members), let key as String): members.first { $0.key == key }?.value
        case (.array(let values), let index as Int):
          values.indices.contains(index) ? values[index] : nil
        default: nil
        }
      guard let next else { break }
      place = next
    }
    return place?.position
  }
}
