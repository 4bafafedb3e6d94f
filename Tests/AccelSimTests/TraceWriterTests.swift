import AccelSim
import Foundation
import Testing

@Suite struct TraceWriterTests {
  private func folder(_ steps: [ProgramStep], in parent: TemporaryFolder) throws -> String {
    let path = parent.path + "/program"
    try TraceWriter.write(StepList(steps), to: path)
    return path
  }

  @Test func writesWhatTheReaderReads() throws {
    let parent = try TemporaryFolder()
    let path = try folder(
      [
        .load(address: 0x8000_0000, bytes: [1, 2, 3]), .zero(address: 0x8000_1000, count: 9),
        .command(Command(.mvin, 0x8000_0000, .max)), .fence,
        .check(address: 0x8000_0000, expected: [1], label: "x"),
        .command(Command(.flush, 0, 0)), .fence,
        .check(address: 0x8000_0001, expected: [2, 3], label: "y"),
      ], in: parent)
    let text = try String(contentsOfFile: path + "/trace.txt", encoding: .utf8)
    #expect(
      text == """
        gemmini-trace 1
        load 0x80000000 load0.bin
        zero 0x80001000 9
        cmd 2 0x80000000 0xffffffffffffffff
        fence
        #@check 0x80000000 1 check1.bin
        cmd 7 0x0 0x0
        fence
        dump 0x80000001 2 check2.bin

        """)
    var reader = try TraceReader(path: path + "/trace.txt")
    var kinds: [String] = []
    while let step = try reader.next() {
      switch step {
      case .load(let address, let bytes): kinds.append("load \(address) \(bytes)")
      case .check(let address, let bytes, _): kinds.append("check \(address) \(bytes)")
      case .zero: kinds.append("zero")
      case .command: kinds.append("command")
      case .fence: kinds.append("fence")
      case .host, .region: Issue.record("traces have no such record")
      }
    }
    #expect(
      kinds == [
        "load 2147483648 [1, 2, 3]", "zero", "command", "fence", "check 2147483648 [1]", "command",
        "fence", "check 2147483649 [2, 3]",
      ])
  }

  /// A program that breaks off.
  private struct Broken: CommandSource {
    struct Failure: Error {}
    var steps = 0

    mutating func next() throws -> ProgramStep? {
      steps += 1
      if steps > 2 { throw Failure() }
      return .load(address: 0x8000_0000, bytes: [1])
    }
  }

  @Test func leavesNothingBehindWhenItFails() throws {
    let parent = try TemporaryFolder()
    #expect(throws: Broken.Failure.self) {
      try TraceWriter.write(Broken(), to: parent.path + "/program")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
    let error = try #require(throws: TraceError.self) {
      try TraceWriter.write(StepList([]), to: parent.path)
    }
    #expect(error.found == "one that exists")
    #expect(throws: TraceError.self) { try TraceWriter.write(StepList([]), to: "/proc/x/y") }
  }
}
