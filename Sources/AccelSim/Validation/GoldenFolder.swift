import Foundation

/// One folder of recorded evidence (golden README).
package struct GoldenFolder: Sendable {
  package var path: String
  /// The folder's own name.
  package var name: String
  /// The rows that count, in the order of the file.
  package var rows: [GoldenRow] = []
  /// Rows that the recording itself marks as not valid.
  package var invalidRows = 0
  /// Traces whose memory must come out as recorded, by name.
  package var replayable: [String] = []

  /// The folders of evidence at `path`: itself, or what is directly below it.
  ///
  /// - Throws: `TraceError` if there are none or one cannot be understood.
  package static func find(at path: String) throws -> [GoldenFolder] {
    if isEvidence(path) { return [try GoldenFolder(at: path)] }
    guard let children = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw TraceError(file: path, line: 0, expected: "a folder", found: "none that can be read")
    }
    let folders = try children.sorted().map { "\(path)/\($0)" }.filter(isEvidence)
      .map { try GoldenFolder(at: $0) }
    guard !folders.isEmpty else {
      throw TraceError(
        file: path, line: 0, expected: "golden.csv or index.csv, here or one level below",
        found: "neither")
    }
    return folders
  }

  /// Drops the traces whose name is not `wanted`.
  package mutating func keep(_ wanted: (String) -> Bool) {
    rows.removeAll { !wanted($0.trace) }
    replayable.removeAll { !wanted($0) }
  }

  /// The trace of this name, or `nil`.
  package func tracePath(_ trace: String) -> String? {
    ["traces/\(trace).trace", "\(trace)/trace.txt", "traces/\(trace).trace.gz"]
      .map { "\(path)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The recorded commands of `row`, or `nil`.
  package func commandsPath(_ row: GoldenRow) -> String? {
    row.commandsFiles.map { "\(path)/cmds/\($0)" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  private static func isEvidence(_ path: String) -> Bool {
    ["golden.csv", "index.csv"].contains {
      FileManager.default.fileExists(atPath: "\(path)/\($0)")
    }
  }

  private init(at path: String) throws {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    if FileManager.default.fileExists(atPath: "\(path)/golden.csv") {
      let all = try GoldenRow.read(path: "\(path)/golden.csv")
      rows = all.filter(\.isValid)
      invalidRows = all.count - rows.count
      if let row = rows.first(where: { $0.latency < 1 || $0.issueGap < 1 }) {
        throw TraceError(
          file: "\(path)/golden.csv", line: row.line,
          expected: "a latency and an issue gap of at least 1",
          found: "\(row.latency) and \(row.issueGap)")
      }
    }
    if FileManager.default.fileExists(atPath: "\(path)/index.csv") {
      let table = try CSVTable(path: "\(path)/index.csv")
      let trace = try table.column("name")
      let replays = try table.column("replay_ok")
      replayable = table.rows.filter { $0.fields[replays] == "yes" }.map { $0.fields[trace] }
    }
  }
}

extension GoldenRow {
  /// As the row is named in tables: `trace.config.latL.gapG`.
  package var name: String { "\(trace).\(config).lat\(latency).gap\(issueGap)" }
}
