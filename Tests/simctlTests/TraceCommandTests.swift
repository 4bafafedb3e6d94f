import AccelSim
import Foundation
import Testing

@testable import simctl

/// `--trace` and `--vcd` on the command line.
@Suite struct TraceCommandTests {
  private let matmul = ["run", "--matmul", "32x32x32"]

  private func run(_ words: [String]) async -> Outcome {
    let console = Console.capturing()
    let code = await Simctl.run(words, console: console)
    return Outcome(code: code, output: console.output, errors: console.errors)
  }

  private func events(_ text: String) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(object?["traceEvents"] as? [[String: Any]])
  }

  /// The files are there, the report is the same, and a second run gives the same bytes.
  @Test func filesAreWritten() async throws {
    let folder = try TemporaryFolder()
    let files = ["--trace", "\(folder.path)/a.json", "--vcd", "\(folder.path)/a.vcd"]
    let plain = await run(matmul)
    let traced = await run(matmul + files)
    #expect(traced.code == .success && traced.output == plain.output)
    let (trace, waves) = (try folder.read("a.json"), try folder.read("a.vcd"))
    #expect(try !events(trace).isEmpty)
    #expect(waves.contains("$enddefinitions $end"))
    let kept = await run(matmul + files)
    #expect(kept.code == .cannotCreate && kept.errors.contains("'--force' replaces it"))
    let replaced = await run(matmul + files + ["--force"])
    #expect(replaced.code == .success)
    #expect(try folder.read("a.json") == trace && folder.read("a.vcd") == waves)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.sorted() == ["a.json", "a.vcd"])
  }

  @Test func packedFilesHoldTheSame() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.json"
    #expect(await run(matmul + ["--trace", path]).code == .success)
    #expect(await run(matmul + ["--trace", path + ".gz"]).code == .success)
    let unpacked = try RecordedFile.read(path + ".gz")
    #expect(try String(decoding: unpacked, as: UTF8.self) == folder.read("a.json"))
  }

  /// A window holds nothing from outside.
  @Test func windows() async throws {
    let folder = try TemporaryFolder()
    let outcome = await run(
      matmul + ["--trace", "\(folder.path)/a.json", "--trace-window", "200:300"])
    #expect(outcome.code == .success)
    let shown = try events(folder.read("a.json")).filter { $0["ph"] as? String != "M" }
    #expect(!shown.isEmpty)
    for event in shown {
      let start = try #require(event["ts"] as? Int)
      #expect(start >= 200 && start + (event["dur"] as? Int ?? 0) <= 300)
    }
  }

  /// The steps of a generation stand behind each other, all operators are there.
  @Test func networksAreTraced() async throws {
    let folder = try TemporaryFolder()
    let words = ["run", "--workload", "bert-base", "--sequence", "16", "--layers", "1", "--csv"]
    let outcome = await run(words + ["--trace", "\(folder.path)/a.json"])
    #expect(outcome.code == .success)
    let operators = try events(folder.read("a.json")).filter {
      $0["pid"] as? Int == 1 && $0["tid"] as? Int == 101 && $0["ph"] as? String == "X"
    }
    let rows = outcome.output.split(separator: "\n").dropFirst().filter { !$0.contains(",none,") }
    #expect(!operators.isEmpty && operators.count <= rows.count)
  }

  @Test(arguments: [
    (["--trace", "x.json", "--trace-window", "9:5"], "two cycles such as 1000:2000"),
    (["--trace-window", "1:5"], "'--trace-window' needs '--trace' or '--vcd'"),
    (["--vcd-units", "load"], "'--vcd-units' needs '--vcd'"),
    (["--vcd", "x.vcd", "--vcd-units", "load,scratchpat"], "Did you mean 'scratchpad'?"),
    (["--vcd", "x.vcd", "--vcd-units", ""], "no unit ''"),
    (["--vcd", "x.vcd", "--trace", "x.vcd"], "'--trace' and '--vcd' name the same file"),
    (["--events", "x.vcd", "--vcd", "x.vcd"], "'--events' and '--vcd' name the same file"),
  ])
  func mistakesEndBeforeTheRun(_ words: [String], _ message: String) async {
    let outcome = await run(matmul + words)
    #expect(outcome.code == .usage)
    #expect(outcome.errors.contains(message))
  }

  /// A run that fails leaves no file.
  @Test func failedRunsLeaveNothing() async throws {
    let folder = try TemporaryFolder()
    let trace = try folder.write("cmd 127 0x0 0x0\n", "bad.trace")
    let outcome = await run([
      "replay", trace, "--config", "gemmini-default", "--trace", "\(folder.path)/a.json.gz",
      "--vcd", "\(folder.path)/a.vcd",
    ])
    #expect(outcome.code != .success)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names == ["bad.trace"])
  }
}
