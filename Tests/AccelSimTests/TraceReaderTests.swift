import AccelSim
import Foundation
import Testing

@Suite struct TraceReaderTests {
  private func steps(_ text: String, folder: String = "/nonexistent") throws -> [ProgramStep] {
    var reader = try TraceReader(text: "gemmini-trace 1\n" + text, folder: folder, name: "t")
    var steps: [ProgramStep] = []
    while let step = try reader.next() { steps.append(step) }
    return steps
  }

  private func commands(_ text: String) throws -> [Command] {
    try steps(text).compactMap { if case .command(let command) = $0 { command } else { nil } }
  }

  @Test func readsEveryRecord() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], "a.bin")
    let steps = try steps(
      """
      # a comment
      load 0x80000000 a.bin # the input
      zero 0xbffffff0 16
        cmd 126 0xFFFFffffFFFFffff 0x0\r
      fence
      #@check 0x80000001 3 a.bin
      #@checked nothing

      dump 0xbffffffd 3 a.bin
      """, folder: folder.path)
    #expect(steps.count == 6)
    guard case .load(0x8000_0000, [1, 2, 3]) = steps[0], case .zero(0xBFFF_FFF0, 16) = steps[1],
      case .command(Command(funct: 126, rs1: .max, rs2: 0)) = steps[2], case .fence = steps[3],
      case .check(0x8000_0001, [1, 2, 3], "check a.bin (line 7)") = steps[4],
      case .check(0xBFFF_FFFD, [1, 2, 3], "dump a.bin (line 10)") = steps[5]
    else {
      Issue.record("\(steps)")
      return
    }
  }

  @Test(arguments: [
    ("", "an empty file"), ("gemmini-trace 2\n", "gemmini-trace 2"), ("cmd 1 0x0 0x0\n", "cmd"),
    ("gemmini-trace 1 x", "1 x"), ("\nGEMMINI", "\"\""),
  ])
  func refusesBadHeaders(text: String, found: String) throws {
    let error = try #require(throws: TraceError.self) {
      try TraceReader(text: text, folder: ".", name: "t")
    }
    #expect(error.line == 1)
    #expect(error.found.contains(found))
    #expect(error.description.hasPrefix("t:1: expected \"gemmini-trace 1\", found "))
  }

  @Test(arguments: [
    ("halt", "cmd, fence", "halt"), ("cmd", "0...127", "end of the line"),
    ("cmd 128 0x0 0x0", "0...127", "128"), ("cmd 0x1 0x0 0x0", "0...127", "0x1"),
    ("cmd -1 0x0 0x0", "0...127", "-1"), ("cmd 99999999999999999999 0x0 0x0", "0...127", "999"),
    ("cmd 1 0x 0x0", "0x...", "0x"), ("cmd 1 12 0x0", "0x...", "12"),
    ("cmd 1 0x1 0xg", "0x...", "0xg"), ("cmd 1 0x1 0x11111111111111111", "0x...", "0x1111"),
    ("cmd 1 0x1", "0x...", "end of the line"), ("cmd 1 0x1 0x2 0x3", "no more", "0x3"),
    ("fence now", "no more", "now"), ("load 0x7fffffff a", "main memory", "0x7fffffff"),
    ("load 0xc0000001 a", "main memory", "0xc0000001"), ("load 0x80000000", "FILE", "end of"),
    ("load 0x80000000 missing.bin", "missing.bin", "no such file"),
    ("load 0x80000000 folder", "folder", "a directory"),
    ("load 0x80000000 /dev/zero", "relative", "/dev/zero"),
    ("load 0xbfffffff three.bin", "at most 1 bytes", "more"),
    ("zero 0xbffffff0 17", "at most 16 bytes", "17"), ("zero 0x80000000 -4", "a length", "-4"),
    ("zero 0x80000000 9223372036854775808", "a length", "9223372036854775808"),
    ("dump 0x80000000 4 three.bin", "4 bytes", "3"),
    ("dump 0x80000000 2 three.bin", "at most 2 bytes in", "more"),
    ("#@check 0x80000000 2", "FILE", "end of the line"), ("#@check x", "0x...", "x"),
    ("load 0x80000000 cut.gz", "gzip data", "truncated or damaged"),
    ("load 0x80000000 three.gz", "gzip data", "truncated or damaged"),
    ("cmd\u{1B}1", "cmd, fence", "\\u{1B}"),
  ])
  func refusesBadRecords(line: String, expected: String, found: String) throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], "three.bin")
    try folder.write([1, 2, 3], "three.gz")
    try folder.write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B], "cut.gz")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/folder", withIntermediateDirectories: false)
    let error = try #require(throws: TraceError.self) {
      try steps("fence\n\(line)\n", folder: folder.path)
    }
    #expect(error.line == 3)
    #expect(error.file == "t")
    #expect(error.expected.contains(expected), "\(error)")
    #expect(error.found.contains(found), "\(error)")
  }

  @Test func refusesBytesThatAreNoText() throws {
    let head = Array("gemmini-trace 1\n# ".utf8)
    for tail: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80]] {
      var reader = try TraceReader(bytes: head + tail, folder: ".")
      let error = try #require(throws: TraceError.self) { try reader.next() }
      #expect(error.line == 2 && error.expected == "UTF-8 text")
    }
    var reader = try TraceReader(bytes: head + Array("größe".utf8), folder: ".")
    #expect(try reader.next() == nil)
  }

  @Test func refusesEndlessLines() throws {
    var reader = try TraceReader(
      text: "gemmini-trace 1\ncmd " + String(repeating: "9", count: 1 << 20), folder: ".")
    let error = try #require(throws: TraceError.self) { try reader.next() }
    #expect(error.line == 2 && error.found == "1048580 bytes")
  }

  @Test func refusesMissingTrace() throws {
    let error = try #require(throws: TraceError.self) {
      try TraceReader(path: "/nonexistent/x.trace")
    }
    #expect(
      error.description
        == "/nonexistent/x.trace: expected a file /nonexistent/x.trace, found no such file")
    #expect(throws: TraceError.self) { try TraceReader(path: "/tmp") }
  }

  @Test func readsWithoutData() throws {
    var reader = try TraceReader(
      text: "gemmini-trace 1\nload 0x80000000 a\nfence\ndump 0x80000000 4 b\n", folder: ".")
    reader.readsData = false
    guard case .fence = try reader.next() else {
      Issue.record("expected the fence")
      return
    }
    #expect(try reader.next() == nil)
  }

  @Test func isFast() throws {
    let line = "cmd 6 0x10001000000010 0x1000100080000010\n"
    let text = "gemmini-trace 1\n" + String(repeating: line, count: 250_000 / line.utf8.count)
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure {
      var reader = try TraceReader(text: text, folder: ".")
      while try reader.next() != nil { count += 1 }
    }
    #expect(count == 250_000 / line.utf8.count)
    #expect(time < .seconds(5), "250 KB took \(time)")
  }

  @Test(.enabled(if: Golden.isPresent, "needs ../shared/golden"), arguments: Golden.someTraces)
  func readsGoldenTraces(path: String) throws {
    // An independent reading with plain string tools gives the commands to compare with.
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var expected: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      if line.hasPrefix("cmd "), let funct = line.split(separator: " ").dropFirst().first {
        expected[String(funct), default: 0] += 1
      }
      if line.hasPrefix("dump ") || line.hasPrefix("#@check ") {
        expected["check", default: 0] += 1
      }
      for kind in ["load ", "zero ", "fence"] where line.hasPrefix(kind) {
        expected[kind, default: 0] += 1
      }
    }
    var found: [String: Int] = [:]
    var reader = try TraceReader(path: path)
    while let step = try reader.next() {
      switch step {
      case .command(let command): found["\(command.funct)", default: 0] += 1
      case .check: found["check", default: 0] += 1
      case .load: found["load ", default: 0] += 1
      case .zero: found["zero ", default: 0] += 1
      case .fence: found["fence", default: 0] += 1
      case .host, .region: Issue.record("traces have no such record")
      }
    }
    #expect(found == expected)
  }
}
