import AccelSim
import Foundation
import Testing

@testable import simctl

@Suite struct SweepCommandTests {
  private static let tiny = #"""
    {"name": "tiny", "tensors": [
      {"name": "x", "shape": [8, 20], "role": "input"},
      {"name": "b", "shape": [20, 12], "role": "weight"},
      {"name": "y", "shape": [8, 12]}],
     "operators": [{"name": "m", "kind": "matmul", "inputs": ["x", "b"], "output": "y"}]}
    """#

  /// ReLU by itself, which no machine has.
  private static let impossible = #"""
    {"name": "impossible", "tensors": [
      {"name": "x", "shape": [8, 20], "role": "input"}, {"name": "y", "shape": [8, 20]}],
     "operators": [{"name": "r", "kind": "activation", "function": "relu", "inputs": ["x"],
       "output": "y"}]}
    """#

  private func sweep(_ words: [String]) async -> Outcome {
    let console = Console.capturing()
    let code = await Simctl.run(["sweep"] + words, console: console)
    return Outcome(code: code, output: console.output, errors: console.errors)
  }

  @Test func theReportIsThatOfSingleRuns() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let json = await sweep([
      "--workload", path, "--vary", "memory.latency=5,50", "--vary", "dma.busBits=128,64", "--json",
    ])
    #expect(json.code == .success, "\(json.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let points = try #require(object?["points"] as? [[String: Any]])
    #expect(points.count == 4)
    let run = await call(
      "run", "--workload", path, "--set", "memory.latency=50", "--set", "dma.busBits=128", "--json")
    let single = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(points[2]["cycles"] as? Int == single?["cycles"] as? Int)
    let traffic = single?["traffic"] as? [String: Any]
    #expect(points[2]["readBytes"] as? Int == traffic?["readBytes"] as? Int)
    #expect(points[2]["matmulCycles"] as? Int == single?["cycles"] as? Int)
  }

  @Test func bytesAreTheSameWhateverTheJobs() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let words = ["--workload", path, "--vary", "memory.latency=5,6,7,8,9,10,11,12", "--csv"]
    let one = await sweep(words + ["--jobs", "1"])
    #expect(one.code == .success)
    for jobs in 2...4 { #expect(await sweep(words + ["--jobs", "\(jobs)"]).output == one.output) }
  }

  @Test func pointsOfAClusterMakeTheSameFile() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let words = ["--workload", path, "--vary", "memory.latency=5,6,7", "--quiet"]
    let whole = "\(folder.path)/whole.csv"
    #expect(await sweep(words + ["-o", whole]).code == .success)
    let list = await sweep(words + ["--list"])
    #expect(list.output.split(separator: "\n").count == 3)
    var lines = ""
    for point in [3, 1] {
      let line = await sweep(words + ["--point", "\(point)"])
      #expect(line.code == .success)
      lines += line.output
    }
    let second = await sweep(words + ["--point", "2", "-o", "\(folder.path)/2"])
    #expect(second.code == .success && second.output == "")
    _ = try folder.write(lines + folder.read("2"), "merged.csv.partial")
    let merged = "\(folder.path)/merged.csv"
    #expect(await sweep(words + ["-o", merged, "--resume"]).code == .success)
    #expect(try folder.read("merged.csv") == folder.read("whole.csv"))
    #expect(!FileManager.default.fileExists(atPath: merged + ".partial"))
    #expect(await sweep(words + ["--point", "4"]).code == .usage)
    #expect(await sweep(words + ["--point", "0"]).code == .usage)
  }

  @Test func aSweepThatEndedEarlyIsGoneOnWith() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let words = ["--workload", path, "--vary", "memory.latency=5,6,7"]
    let output = "\(folder.path)/out.json"
    #expect(await sweep(words + ["--output", output]).code == .success)
    let whole = try folder.read("out.json")
    let again = await sweep(words + ["--output", output])
    #expect(again.code == .cannotCreate && again.errors.contains("'--force' replaces it"))
    let line = await sweep(words + ["--point", "2"]).output
    let torn = try folder.write(line + line.prefix(70), "out.json.partial")
    // Both files: the journal may be of an older sweep, or of one that ended before its last step.
    #expect(await sweep(words + ["--output", output, "--resume"]).code == .cannotCreate)
    try FileManager.default.removeItem(atPath: output)
    let refused = await sweep(words + ["--output", output])
    #expect(refused.code == .cannotCreate)
    #expect(
      refused.errors
        == "Error: '\(torn)' exists: a sweep that was not finished. '--resume' goes on with it; "
        + "without the file the sweep starts again\n")
    let resumed = await sweep(words + ["--output", output, "--resume"])
    #expect(resumed.code == .success)
    #expect(
      resumed.errors
        == "1 of 3 points are in '\(torn)'; its last line was not whole and is dropped\n")
    #expect(try folder.read("out.json") == whole)
    #expect(!FileManager.default.fileExists(atPath: torn))
  }

  /// Between the file and the removal of the journal.
  @Test func aSweepThatEndedAtTheLastStepIsFinished() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let words = ["--workload", path, "--vary", "memory.latency=5", "--quiet"]
    let output = "\(folder.path)/out.csv"
    #expect(await sweep(words + ["-o", output]).code == .success)
    _ = try folder.write(await sweep(words + ["--point", "1"]).output, "out.csv.partial")
    #expect(await sweep(words + ["-o", output, "--resume"]).code == .success)
    #expect(!FileManager.default.fileExists(atPath: output + ".partial"))
  }

  @Test func journalsOfOtherSweepsAreRefused() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    let words = ["--workload", path, "--vary", "memory.latency=5,6"]
    let line = await sweep(words + ["--point", "1"]).output
    let journal = try folder.write(line, "out.csv.partial")
    let resume = ["-o", "\(folder.path)/out.csv", "--resume"]
    let other = await sweep(words + ["--set", "dma.busBits=64"] + resume)
    #expect(other.code == .data)
    #expect(
      other.errors.hasPrefix(
        "Error: '\(journal)', line 1 is of a sweep with another configuration; "))
    #expect(try folder.read("out.csv.partial") == line)
    _ = try folder.write(
      line.replacing("\"cycles\": ", with: "\"cycles\": 1") + line, "out.csv.partial")
    let damaged = await sweep(words + resume)
    #expect(damaged.code == .data && damaged.errors.contains("line 1 is damaged"))
    _ = try folder.write(
      Self.tiny.replacing("[8, 20]", with: "[9, 20]").replacing("[8, 12]", with: "[9, 12]"),
      "tiny.json")
    _ = try folder.write(line, "out.csv.partial")
    let changed = await sweep(words + resume)
    #expect(changed.errors.contains("of a sweep with other workloads"))
  }

  @Test func aPointThatFailsDoesNotLoseTheOthers() async throws {
    let folder = try TemporaryFolder()
    let tiny = try folder.write(Self.tiny, "tiny.json")
    let bad = try folder.write(Self.impossible, "impossible.json")
    let words = ["--workload", bad, "--workload", tiny, "--vary", "memory.latency=5,6", "--quiet"]
    let output = "\(folder.path)/out.csv"
    let text = await sweep(words + ["-o", output])
    #expect(text.code == .failure)
    #expect(text.output.contains("2 points failed:\n  1: operator 'r' "))
    let lines = try folder.read("out.csv").split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1].contains("operator 'r' "))
    #expect(lines[3].hasSuffix(",1,"))
    let point = await sweep(words + ["--point", "1"])
    #expect(point.code == .failure && point.output.contains("\"error\": \"operator 'r' "))
    #expect(point.errors.hasPrefix("Point 1 failed: operator 'r' "))
  }

  @Test(arguments: [
    ["--vary", "memory.latency"], ["--constraint", "1 +"], ["--minimise", "cycle"],
    ["--minimise", "cycles", "--maximise", "cycles"], ["--map", "cycle"], ["--resume"], ["--force"],
    ["--list", "--point", "1"], ["--csv", "--json"], ["-o", "out.txt"], ["--jobs", "0"],
    ["--point", "x"], ["--list", "-o", "x.csv"],
  ])
  func callsThatMeanNothing(_ words: [String]) async {
    let outcome = await sweep(["--workload", "alexnet"] + words)
    #expect(outcome.code == .usage)
    #expect(outcome.output == "")
  }

  @Test func inputsThatCannotBeUsed() async throws {
    #expect(
      await sweep([]).errors.hasPrefix("Error: Missing expected argument '--workload <name>'"))
    let key = await sweep(["--workload", "alexnet", "--vary", "memory.latenzy=5"])
    #expect(key.code == .config && key.errors.contains("did you mean memory.latency?"))
    let machine = await sweep(["--workload", "alexnet", "--vary", "scratchpad.capacityKiB=64,65"])
    #expect(machine.code == .config)
    #expect(machine.errors.hasSuffix("\n'--skip-invalid' leaves these combinations out\n"))
    let size = await sweep(["--workload", "alexnet", "--vary", "workload.sequence=5"])
    #expect(size.code == .data)
    let metric = await sweep(["--workload", "alexnet", "--minimise", "sram"])
    #expect(metric.errors.contains("one of 'cycles', 'utilisation'"))
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.tiny, "tiny.json")
    for place in ["/no/such/folder/x.csv", folder.path + "/."] {
      let outcome = await sweep([
        "--workload", path, "-o", place + (place.hasSuffix("csv") ? "" : "/a/b.csv"),
      ])
      #expect(outcome.code == .cannotCreate)
    }
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/full.csv.partial", withDestinationPath: "/dev/full")
    let full = await sweep(["--workload", path, "-o", "\(folder.path)/full.csv", "--resume"])
    #expect(full.code == .inputOutput)
    #expect(full.errors.contains("is not a regular file"))
  }

  @Test func progressTellsTheTimeLeft() {
    var progress = SweepProgress(done: 2, total: 8)
    #expect(progress.line(after: .seconds(9)) == "[######..................] 2 of 8 points")
    progress.done = 4
    #expect(
      progress.line(after: .seconds(60)) == "[############............] 4 of 8 points, 2:00 left")
    #expect(
      progress.line(after: .seconds(3600))
        == "[############............] 4 of 8 points, 2:00:00 left")
    progress.done = 8
    #expect(progress.line(after: .seconds(60)) == "[########################] 8 of 8 points")
  }
}
