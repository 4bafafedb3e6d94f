import FoundationEssentials

/// One recorded run: a line of a `golden.csv`.
public struct GoldenRow: Equatable, Sendable {
  public var trace: String
  /// The design that was recorded, `lean` or `default`.
  public var design: String
  public var latency: Int
  public var issueGap: Int
  public var fenceCycles: [Int]

  /// As the row is named in tables: `trace.design.latL.gapG`.
  public var name: String { "\(trace).\(design).lat\(latency).gap\(issueGap)" }
}

/// One folder of recorded evidence (golden README).
public struct GoldenFolder: Equatable, Sendable {
  public var path: String
  /// The folder's own name.
  public var name: String
  /// The rows that count, in the order of the file.
  public var rows: [GoldenRow] = []
  /// Rows that the recording itself marks as not valid.
  public var invalidRows = 0
  /// Traces whose memory must come out as recorded, by name.
  public var replayable: [String] = []

  /// The folders of evidence at `path`: itself, or what is below it.
  ///
  /// - Throws: `GoldenError` if there are none or one cannot be understood.
  public static func find(at path: String) throws(GoldenError) -> [GoldenFolder] {
    let manager = FileManager.default
    if isEvidence(path) { return [try GoldenFolder(at: path)] }
    guard let children = try? manager.contentsOfDirectory(atPath: path) else {
      throw GoldenError(file: path, message: "no folder that can be read")
    }
    var folders: [GoldenFolder] = []
    for child in children.sorted() where isEvidence("\(path)/\(child)") {
      folders.append(try GoldenFolder(at: "\(path)/\(child)"))
    }
    guard !folders.isEmpty else {
      throw GoldenError(
        file: path, message: "neither golden.csv nor index.csv, here or one level below")
    }
    return folders
  }

  /// The trace of this name, or `nil`.
  public func tracePath(_ trace: String) -> String? {
    ["traces/\(trace).trace", "\(trace)/trace.txt", "traces/\(trace).trace.gz"]
      .map { "\(path)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The recorded commands of `row`, or `nil`.
  public func commandsPath(_ row: GoldenRow) -> String? {
    let stem = "\(path)/cmds/\(row.trace).\(row.design).lat\(row.latency)"
    var names = ["\(stem).gap\(row.issueGap).csv.gz"]
    if row.issueGap == 1 { names.append("\(stem).csv.gz") }
    return names.first { FileManager.default.fileExists(atPath: $0) }
  }

  private static func isEvidence(_ path: String) -> Bool {
    ["golden.csv", "index.csv"].contains {
      FileManager.default.fileExists(atPath: "\(path)/\($0)")
    }
  }

  private init(at path: String) throws(GoldenError) {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    if let table = try Table(at: "\(path)/golden.csv") { try readRows(table) }
    if let table = try Table(at: "\(path)/index.csv") {
      let trace = try table.column("name")
      let replays = try table.column("replay_ok")
      replayable = table.rows.filter { $0[replays] == "yes" }.map { $0[trace] }
    }
  }

  private mutating func readRows(_ table: Table) throws(GoldenError) {
    let trace = try table.column("trace")
    let design = try table.column("config")
    let latency = try table.column("latency")
    let gap = try table.column("issue_gap")
    let fences = try table.column("fence_cycles")
    let valid = table.optionalColumn("valid")
    for (index, cells) in table.rows.enumerated() {
      if let valid, cells[valid] != "yes" {
        invalidRows += 1
        continue
      }
      let numbers = cells[fences].split(separator: " ").map { Int($0) }
      guard let latency = Int(cells[latency]), let gap = Int(cells[gap]), latency > 0, gap > 0,
        !numbers.contains(nil)
      else {
        throw GoldenError(
          file: "\(table.path):\(index + 2)",
          message: "latency, issue_gap and fence_cycles must be whole numbers")
      }
      rows.append(
        GoldenRow(
          trace: cells[trace], design: cells[design], latency: latency, issueGap: gap,
          fenceCycles: numbers.compactMap { $0 }))
    }
  }
}

/// A folder of evidence that cannot be understood.
public struct GoldenError: Error, Equatable, CustomStringConvertible {
  public var file: String
  public var message: String

  public var description: String { "\(file): \(message)" }
}

/// A CSV file with a heading; quoted cells may hold commas.
private struct Table {
  let path: String
  private(set) var rows: [[String]] = []
  private var heading: [String] = []

  /// `nil` if there is no such file.
  init?(at path: String) throws(GoldenError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GoldenError(file: path, message: "cannot be read")
    }
    let text = String(decoding: data, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    guard let first = lines.first else { throw GoldenError(file: path, message: "is empty") }
    heading = Self.cells(first)
    for (index, line) in lines.enumerated().dropFirst() {
      let cells = Self.cells(line)
      guard cells.count == heading.count else {
        throw GoldenError(
          file: "\(path):\(index + 1)",
          message: "expected \(heading.count) cells, found \(cells.count)")
      }
      rows.append(cells)
    }
  }

  func optionalColumn(_ name: String) -> Int? { heading.firstIndex(of: name) }

  func column(_ name: String) throws(GoldenError) -> Int {
    guard let index = optionalColumn(name) else {
      throw GoldenError(file: path, message: "no column '\(name)'")
    }
    return index
  }

  private static func cells(_ line: Substring) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == "," && !isQuoted {
        cells.append(cell)
        cell = ""
      } else {
        cell.append(character)
      }
    }
    return cells + [cell]
  }
}
