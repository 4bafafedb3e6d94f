extension Baseline {
  /// Reads a baseline from JSON.
  ///
  /// - Throws: `InvalidBaseline` with every problem, each with its line and key path.
  public init(json bytes: [UInt8], file: String) throws(InvalidBaseline) {
    var decoder = BaselineDecoder(file: file)
    self = try decoder.decode(bytes)
  }

  /// Reads a baseline's file.
  ///
  /// - Throws: `InvalidBaseline` as `init(json:file:)`, also if the file cannot be read.
  public static func load(path: String) throws(InvalidBaseline) -> Baseline {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.bytes(path: path, limit: sizeLimit)
    } catch {
      throw InvalidBaseline(problems: [InputFile.problem(error, at: path, expected: "a baseline")])
    }
    return try Baseline(json: bytes, file: path)
  }
}

/// A baseline cannot be used; `problems` holds every reason.
public struct InvalidBaseline: Error, Equatable, CustomStringConvertible {
  /// At least one; each names the file, the line and the key path.
  public var problems: [ConfigProblem]

  public init(problems: [ConfigProblem]) { self.problems = problems }

  /// One line a problem, at most 50 of them.
  public var description: String { InvalidConfig(problems: problems).description }
}

/// Fills a baseline from JSON and collects what is wrong.
private struct BaselineDecoder {
  private let file: String
  private var reader: JSONReader

  init(file: String) {
    self.file = file
    reader = JSONReader(file: file, document: .baseline)
  }

  mutating func decode(_ bytes: [UInt8]) throws(InvalidBaseline) -> Baseline {
    var baseline = Baseline()
    if let value = reader.parse(bytes) {
      let top = reader.object(
        value, "", keys: ["cases", "configs", "tolerance"], required: ["cases", "configs"])
      if let value = top["tolerance"] { baseline.tolerance = tolerance(value, "tolerance") }
      var names: [String] = []
      if let value = top["configs"] {
        for member in reader.members(value, "configs") {
          names.append(member.key)
          baseline.configs[member.key] = config(member)
        }
      }
      if let value = top["cases"] {
        for member in reader.members(value, "cases") {
          if let new = `case`(member, configs: names) { baseline.cases.append(new) }
        }
      }
    }
    guard reader.problems.isEmpty else { throw InvalidBaseline(problems: reader.sortedProblems) }
    baseline.cases.sort { $0.name < $1.name }
    return baseline
  }

  private mutating func config(_ member: JSONMember) -> HardwareConfig? {
    do {
      return try HardwareConfig(member.value, file: file)
    } catch {
      reader.add(error.problems, under: JSONReader.path("configs", member.key))
      return nil
    }
  }

  private mutating func `case`(_ member: JSONMember, configs: [String]) -> BaselineCase? {
    let path = JSONReader.path("cases", member.key)
    let subjects = ["workload", "trace", "matmul"]
    let members = reader.object(
      member.value, path, keys: ["config", "fuse", "tolerance", "expected"] + subjects,
      required: ["config"])
    if !Baseline.isGoodName(member.key) {
      reader.add(
        path, found: JSONText.quoted(JSONText.shortened(member.key)),
        expected: "a name of 1 to \(Baseline.nameLimit) printable characters")
    }
    let config = members["config"].flatMap { reader.text($0, path + ".config") }
    if let config, !configs.contains(config) {
      reader.add(
        path + ".config", found: JSONText.quoted(JSONText.shortened(config)),
        expected: "a name of \"configs\"",
        suggestion: Suggestion.nearest(to: config, among: configs).map(JSONText.quoted))
    }
    let given = subjects.filter { members[$0] != nil }
    if given.count != 1 {
      reader.add(
        path, found: given.isEmpty ? "nothing that runs" : given.joined(separator: " and "),
        expected: "one of \(subjects.joined(separator: ", "))")
    }
    if let value = members["fuse"], members["workload"] == nil {
      reader.expect("nothing: it is for workloads", value, path + ".fuse")
    }
    let subject = subject(members, path)
    let tolerance = members["tolerance"].map { self.tolerance($0, path + ".tolerance") }
    let expected = members["expected"].map { record($0, path + ".expected") }
    guard let config, let subject else { return nil }
    var new = BaselineCase(name: member.key, config: config, subject: subject)
    new.tolerance = tolerance
    new.expected = expected
    new.line = member.keyPosition.line
    return new
  }

  private mutating func subject(
    _ members: [String: JSONValue], _ path: String
  ) -> BaselineCase.Subject? {
    if let value = members["workload"], let text = reader.text(value, path + ".workload") {
      let fusing = members["fuse"].flatMap { reader.choice($0, path + ".fuse", NormFusion.self) }
      do {
        let request = try WorkloadRequest(text)
        // A file is looked at when it runs: one that is gone is a finding, no mistake of this file.
        if WorkloadModel.named(request.name) != nil || !WorkloadRequest.looksLikeFile(request.name)
        {
          _ = try request.steps()
        }
        return .workload(request, fusing: fusing ?? .all)
      } catch {
        for problem in error.problems {
          reader.add(
            path + ".workload", found: "\(JSONText.shortened(problem.path)): \(problem.found)",
            expected: problem.expected, suggestion: problem.suggestion)
        }
      }
    } else if let value = members["trace"], let text = reader.text(value, path + ".trace") {
      if !text.isEmpty { return .trace(text) }
      reader.expect("the path of a trace", value, path + ".trace")
    } else if let value = members["matmul"], let text = reader.text(value, path + ".matmul") {
      if let (rows, inner, columns) = SizeText.triple(text) {
        return .matmul(rows: rows, inner: inner, columns: columns)
      }
      reader.expect("three sizes such as \"128x768x768\"", value, path + ".matmul")
    }
    return nil
  }

  private mutating func tolerance(_ value: JSONValue, _ path: String) -> Double {
    guard let percent = reader.number(value, path) else { return 0 }
    if !(0...100).contains(percent) { reader.expect("percent, 0 to 100", value, path) }
    return percent
  }

  // MARK: What was recorded

  private mutating func record(_ value: JSONValue, _ path: String) -> BaselineRecord {
    let members = reader.object(
      value, path,
      keys: ["cycleModel", "cycles", "operators", "uses", "fences", "commands", "digest"],
      required: ["cycleModel", "cycles"])
    var record = BaselineRecord()
    if let value = members["cycleModel"] {
      record.cycleModel = count(value, path + ".cycleModel")
    }
    if let value = members["cycles"] { record.cycles = count(value, path + ".cycles") }
    for (number, element) in reader.elements(members["operators"], path + ".operators").enumerated()
    {
      record.operators.append(`operator`(element, "\(path).operators[\(number)]"))
    }
    if let value = members["uses"] { record.uses = uses(value, path + ".uses") }
    for (number, element) in reader.elements(members["fences"], path + ".fences").enumerated() {
      record.fences.append(count(element, "\(path).fences[\(number)]"))
    }
    for (number, element) in reader.elements(members["commands"], path + ".commands").enumerated() {
      record.commands.append(times(element, "\(path).commands[\(number)]"))
    }
    record.digest = members["digest"].flatMap { reader.text($0, path + ".digest") }
    return record
  }

  private mutating func `operator`(
    _ value: JSONValue, _ path: String
  ) -> BaselineRecord.Operator {
    let members = reader.object(
      value, path, keys: ["cycles", "name", "uses"], required: ["cycles", "name"])
    return BaselineRecord.Operator(
      name: members["name"].flatMap { reader.text($0, path + ".name") } ?? "?",
      cycles: members["cycles"].map { count($0, path + ".cycles") } ?? 0,
      uses: members["uses"].map { uses($0, path + ".uses") } ?? [:], line: value.position.line)
  }

  private mutating func uses(_ value: JSONValue, _ path: String) -> [String: Int] {
    var uses: [String: Int] = [:]
    for member in reader.members(value, path) {
      uses[member.key] = count(member.value, JSONReader.path(path, member.key))
    }
    return uses
  }

  private mutating func times(
    _ value: JSONValue, _ path: String
  ) -> BaselineRecord.CommandTimes {
    let elements = reader.elements(value, path)
    let numbers = elements.compactMap(\.integer)
    guard numbers.count == 3, elements.count == 3, numbers.allSatisfy({ $0 >= -1 }) else {
      reader.expect("the cycles [allocated, issued, completed], -1 for never", value, path)
      return BaselineRecord.CommandTimes(allocated: 0, issued: 0, completed: 0)
    }
    return BaselineRecord.CommandTimes(
      allocated: numbers[0], issued: numbers[1], completed: numbers[2])
  }

  private mutating func count(_ value: JSONValue, _ path: String) -> Int {
    if let number = value.integer, number >= 0 { return number }
    reader.expect("a whole number of at least 0", value, path)
    return 0
  }
}
