import Foundation
import Testing

@testable import AccelSim

/// The commands of a recorded program, fence by fence.
struct RecordedProgram {
  let name: String
  let variant: [String: String]
  var sections: [[Command]] = [[]]

  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "shared/golden/software")

  static var isPresent: Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: "index.csv").path)
  }

  static var names: [String] {
    guard let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      return []
    }
    return all.sorted().filter {
      FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/trace.txt").path)
    }
  }

  init(_ name: String) throws {
    let text = try String(
      contentsOf: Self.folder.appending(path: "\(name)/trace.txt"), encoding: .utf8)
    try self.init(name, text: text)
  }

  init(_ name: String, text: String) throws {
    self.name = name
    var variant: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# variant:") {
        for word in line.split(separator: " ").dropFirst(2) {
          let pair = word.split(separator: "=", maxSplits: 1)
          if pair.count == 2 { variant[String(pair[0])] = String(pair[1]) }
        }
      } else if line.hasPrefix("cmd ") {
        let fields = line.split(separator: " ")
        let command = Command(
          funct: try #require(UInt8(fields[1])), rs1: try Self.hex(fields[2]),
          rs2: try Self.hex(fields[3]))
        // The host's flush and counter commands are not part of a library call.
        if command.function != .flush && command.function != .counter {
          sections[sections.count - 1].append(command)
        }
      } else if line == "fence" {
        sections.append([])
      }
    }
    self.variant = variant
  }

  private static func hex(_ text: Substring) throws -> UInt64 {
    try #require(UInt64(text.dropFirst(2), radix: 16))
  }

  func number(_ key: String) -> Int? { variant[key].flatMap { Int($0) } }
  func float(_ key: String) -> Float? {
    variant[key].flatMap { Float($0.hasSuffix("f") ? String($0.dropLast()) : $0) }
  }

  /// The commands of a lowering.
  static func commands(_ source: some CommandSource) throws -> [Command] {
    var source = source
    var commands: [Command] = []
    while let step = try source.next() {
      if case .command(let command) = step { commands.append(command) }
    }
    return commands
  }

  /// Expects `section` to start with `commands`, or to be just these.
  func expect(_ commands: [Command], asIn section: [Command], exactly: Bool = true) {
    for (index, pair) in zip(commands, section).enumerated() where pair.0 != pair.1 {
      Issue.record("\(name): command \(index): ours \(pair.0), theirs \(pair.1)")
      return
    }
    #expect(exactly ? commands.count == section.count : commands.count <= section.count, "\(name)")
  }
}
