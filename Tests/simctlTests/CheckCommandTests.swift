import AccelSim
import Foundation
import Testing

@testable import simctl

@Suite struct CheckCommandTests {
  private static let tiny = #"""
    {"name": "tiny", "tensors": [
      {"name": "x", "shape": [8, 20], "role": "input"},
      {"name": "b", "shape": [20, 12], "role": "weight"},
      {"name": "c", "shape": [12, 12], "role": "weight"},
      {"name": "y", "shape": [8, 12]}, {"name": "z", "shape": [8, 12]}],
     "operators": [{"name": "m", "kind": "matmul", "inputs": ["x", "b"], "output": "y"},
       {"name": "n", "kind": "matmul", "inputs": ["y", "c"], "output": "z"}]}
    """#

  private func check(_ words: String...) async -> Outcome {
    let console = Console.capturing()
    let code = await Simctl.run(["check"] + words, console: console)
    return Outcome(code: code, output: console.output, errors: console.errors)
  }

  /// A folder with a workload, a trace and a baseline of both and of a matmul.
  private func recorded() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let workload = try folder.write(Self.tiny, "tiny.json.txt")
    try FileManager.default.moveItem(atPath: workload, toPath: "\(folder.path)/tiny.json")
    let trace = try folder.write(Self.trace, "t.trace")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/B", withIntermediateDirectories: false)
    let file = "\(folder.path)/B/b.json"
    for words in [
      ["--workload", "\(folder.path)/tiny.json", "--name", "tiny"],
      ["--trace", trace, "--config", "rtl-lean", "--name", "trace"],
      ["--matmul", "16x32x16", "--set", "memory.latency=5", "--tolerance", "0.5"],
    ] {
      let console = Console.capturing()
      let code = await Simctl.run(["check", "--add", file] + words, console: console)
      #expect(code == .success, "\(console.errors)")
      #expect(console.output.hasPrefix("Recorded '"))
    }
    return folder
  }

  private static let trace: String = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/golden/rtl/traces/dep_ld_ex.trace")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  private func edit(_ folder: borrowing TemporaryFolder, _ old: String, _ new: String) throws {
    let text = try folder.read("B/b.json")
    #expect(text.contains(old))
    _ = try folder.write(text.replacing(old, with: new), "B/b.json")
  }

  @Test func whatWasRecordedIsFoundAgain() async throws {
    let folder = try await recorded()
    let baselines = "\(folder.path)/B"
    let outcome = await check(baselines)
    #expect(outcome.output == "3 cases: all as recorded\n" && outcome.errors.isEmpty)
    #expect(outcome.code == .success)
    let text = try folder.read("B/b.json")
    let baseline = try Baseline(json: Array(text.utf8), file: "b.json")
    #expect(baseline.text == text)
    #expect(
      baseline.cases.map(\.name) == [
        "matmul 16x32x16 on gemmini-default:memory.latency=5", "tiny", "trace",
      ])
    // The recorded design's own (golden/rtl, dep_ld_ex on lean at latency 20, issue gap 1).
    #expect(baseline.cases[2].expected?.fences == [58, 187, 257])
    #expect(baseline.cases[0].tolerance == 0.5)
    let run = await call("run", "--workload", "\(folder.path)/tiny.json", "--json")
    let report = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(baseline.cases[1].expected?.cycles == report?["cycles"] as? Int)
    #expect(baseline.cases[1].expected?.operators.map(\.name) == ["m", "n"])
  }

  @Test func whatMovedIsShownAndUpdated() async throws {
    let folder = try await recorded()
    let file = "\(folder.path)/B/b.json"
    let original = try folder.read("B/b.json")
    let cycles = try #require(
      Baseline(json: Array(original.utf8), file: "b").cases[1].expected?.operators[1].cycles)
    try edit(folder, "\"cycles\": \(cycles), \"name\": \"n\"", "\"cycles\": 7, \"name\": \"n\"")
    let moved = await check(file)
    #expect(moved.code == .failure)
    #expect(moved.output.hasPrefix("tiny: moved\n  \(file):"))
    #expect(moved.output.hasSuffix("\n3 cases: 1 moved, 2 as recorded\n"))
    #expect(moved.output.contains("\n  n  ") && !moved.output.contains("\n  m  "))
    let annotated = await check(file, "--annotations", "--junit", "\(folder.path)/j.xml")
    let line = original.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.contains("\"name\": \"n\"") }.map { $0 + 1 }
    #expect(annotated.output.contains(",line=\(line ?? 0),title=tiny%3A moved::n: 7 -> "))
    #expect(try folder.read("j.xml").contains("<failure type=\"moved\""))
    let json = await check(file, "--json")
    #expect(json.code == .failure)
    #expect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) is [String: Any])
    for jobs in ["1", "4"] {
      #expect(await check(file, "--jobs", jobs).output == moved.output)
    }
    let updated = await check(file, "--update")
    #expect(updated.code == .success)
    #expect(updated.output == moved.output + "Updated \(file)\n")
    #expect(try folder.read("B/b.json") == original)
    let again = await check(file, "--update")
    #expect(again.output == "3 cases: all as recorded\n")
  }

  @Test func toleranceIsTheCases() async throws {
    let folder = try await recorded()
    let text = try folder.read("B/b.json")
    let baseline = try Baseline(json: Array(text.utf8), file: "b")
    let cycles = try #require(baseline.cases[0].expected?.cycles)
    try edit(folder, "\"cycles\": \(cycles),", "\"cycles\": \(cycles + 1),")
    #expect(await check("\(folder.path)/B").code == .success)
    try edit(folder, "\"tolerance\": 0.5", "\"tolerance\": 0")
    #expect(await check("\(folder.path)/B").code == .failure)
  }

  @Test func missingAndNewHaveTheirOwnCodes() async throws {
    let folder = try await recorded()
    let file = "\(folder.path)/B/b.json"
    let original = try folder.read("B/b.json")
    // The operator n was once called o.
    try edit(folder, "\"name\": \"n\"", "\"name\": \"o\"")
    let renamed = await check(file)
    #expect(renamed.code == .missing)
    #expect(renamed.output.contains(" new "))
    _ = try folder.write(original, "B/b.json")
    // A case that was written by hand and never recorded.
    try edit(
      folder, "  \"cases\": {\n",
      "  \"cases\": {\n    \"by hand\": {\"config\": \"rtl-lean\", \"matmul\": \"8x8x8\"},\n")
    let new = await check(file)
    #expect(new.code == .new)
    #expect(new.output.hasPrefix("by hand: new\n"))
    #expect(await check(file, "--update").code == .success)
    #expect(await check(file).output == "4 cases: all as recorded\n")
    // A trace that is gone: its record stays.
    try FileManager.default.removeItem(atPath: "\(folder.path)/t.trace")
    let before = try folder.read("B/b.json")
    let gone = await check(file, "--update")
    #expect(gone.code == .missing)
    #expect(gone.output.contains("does not run: ") && gone.output.contains("t.trace"))
    #expect(try folder.read("B/b.json") == before)
    #expect(await check(file, "--only", "tiny").code == .success)
    let none = await check(file, "--only", "tony")
    #expect(none.code == .data && none.errors.contains("Did you mean 'tiny'?"))
  }

  @Test func theFirstCommandIsNamed() async throws {
    let folder = try await recorded()
    // The second command was issued in cycle 6 when it was recorded.
    try edit(folder, "[5, 6, 6]", "[5, 6, 9]")
    let outcome = await check("\(folder.path)/B")
    #expect(outcome.code == .failure)
    #expect(outcome.output.contains("first command: 1, "))
    let line = outcome.output.replacing("\n   ", with: "")
    #expect(line.contains(": completed 9 before, 6 now"))
  }

  @Test func machinesAreKeptByValue() async throws {
    let folder = try TemporaryFolder()
    let machine = try folder.write(#"{"name": "mine", "memory": {"latency": 9}}"#, "mine.json")
    let file = "\(folder.path)/b.json"
    let words = ["check", "--add", file, "--matmul", "16x16x16", "--config", machine]
    func add(_ more: String...) async -> Outcome {
      let console = Console.capturing()
      let code = await Simctl.run(words + more, console: console)
      return Outcome(code: code, output: console.output, errors: console.errors)
    }
    #expect(await add().code == .success)
    _ = try folder.write(#"{"name": "mine", "memory": {"latency": 90}}"#, "mine.json")
    #expect(await check(file).code == .success)
    let twice = await add()
    #expect(twice.code == .cannotCreate && twice.errors.contains("'--force' replaces it"))
    #expect(await add("--name", "slow").code == .success)
    let text = try folder.read("b.json")
    #expect(text.contains("\"config\": \"mine (2)\"") && text.contains("\"latency\": 90"))
    #expect(await add("--force").code == .success)
    #expect(try !folder.read("b.json").contains("\"latency\": 9,"))
  }

  @Test func inputsThatCannotBeUsed() async throws {
    let folder = try TemporaryFolder()
    #expect(await check(folder.path).code == .noInput)
    #expect(await check("\(folder.path)/none.json").code == .noInput)
    let one = try folder.write("{\"casses\": {}}", "one.json")
    let two = try folder.write("[]", "two.json")
    let both = await check(folder.path)
    #expect(both.code == .data)
    #expect(
      both.errors.contains("\(one):1:2: casses") && both.errors.contains("did you mean cases?"))
    #expect(both.errors.contains("\(two):1:1: "))
    let file = "\(folder.path)/new.json"
    for words in [
      ["--name", "x"], ["--workload", "alexnet"], ["--add", file],
      ["--add", file, "--matmul", "1x1"], ["--add", file, "--matmul", "1x1x1", "--jobs", "1"],
      ["--add", file, "--matmul", "1x1x1", "--trace", "x"], ["--force"],
      ["--add", file, "--matmul", "1x1x1", "--fuse", "none"], ["--json", "--annotations"],
      ["--add", file, "--matmul", "1x1x1", "--tolerance", "101"], ["--jobs", "0"],
      ["--add", file, "--matmul", "1x1x1", "x.json"],
    ] {
      let console = Console.capturing()
      #expect(await Simctl.run(["check"] + words, console: console) == .usage, "\(words)")
    }
    #expect(await check("--add", file, "--workload", "alexnot").code == .data)
    #expect(await check("--add", file, "--matmul", "1x1x1", "--config", "x").code == .noInput)
    #expect(await check("--add", file, "--trace", "/no/trace").code == .noInput)
    #expect(await check("--add", "/no/folder/b.json", "--matmul", "1x1x1").code == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: file))
    _ = try folder.write("", "j.xml")
    let junit = await check("--junit", "\(folder.path)/j.xml", one)
    #expect(junit.code == .cannotCreate)
  }

  /// The quick ones of this repository, in debug; `.ci/run` runs all of them.
  @Test func ownBaselines() async throws {
    let file = URL(filePath: #filePath).appending(path: "../../../Baselines/traces.json")
      .standardizedFileURL.path
    let outcome = await check(file)
    #expect(outcome.code == .success, "\(outcome.output)\(outcome.errors)")
  }

  @Test func pathsAsSeenFromAFolder() {
    #expect(RelativePath.of("a/b.trace", from: "B") == "../a/b.trace")
    #expect(RelativePath.of("B/b.trace", from: "B") == "b.trace")
    #expect(RelativePath.of("./x", from: ".") == "x")
    #expect(RelativePath.of("/x/y", from: "B") == "/x/y")
    #expect(RelativePath.of("x", from: "a/b/") == "../../x")
  }
}
