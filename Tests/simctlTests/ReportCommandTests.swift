import Testing

@testable import simctl

/// Pages for a browser: `report`, and `--html` of the commands that run.
@Suite struct ReportCommandTests {
  private static let network = """
    {"name": "net",
     "tensors": [
       {"name": "x", "shape": [16, 32], "role": "input"},
       {"name": "w", "shape": [32, 16], "role": "weight"}, {"name": "y"}],
     "operators": [{"name": "p", "kind": "matmul", "inputs": ["x", "w"], "output": "y"}]}
    """

  @Test func aRunBecomesAPage() async throws {
    let folder = try TemporaryFolder()
    let network = try folder.write(Self.network, "net.json")
    let page = "\(folder.path)/page.html"
    let run = await call("run", "--workload", network, "--quiet", "--json", "--html", page)
    #expect(run.code == .success)
    let text = try folder.read("page.html")
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
    // The run's file gives the same page, to a file and to standard output.
    let file = try folder.write(run.output, "run.json")
    let report = await call("report", file)
    #expect(report.code == .success && report.errors.isEmpty)
    #expect(report.output == text)
    #expect(await call("report", file, "-o", "\(folder.path)/other.html").output.isEmpty)
    #expect(try folder.read("other.html") == text)
  }

  @Test func nothingIsReplacedUnasked() async throws {
    let folder = try TemporaryFolder()
    let page = try folder.write("mine", "page.html")
    let run = await call("run", "--matmul", "16x16x16", "--html", page)
    #expect(run.code == .cannotCreate && run.output.isEmpty)
    #expect(run.errors.contains("'--force' replaces it"))
    #expect(try folder.read("page.html") == "mine")
    #expect(await call("run", "--matmul", "16x16x16", "--html", page, "--force").code == .success)
    #expect(try folder.read("page.html").contains("<h1>gemmini-default: matmul 16x16x16"))
    let missing = await call("compare", "a", "b", "--workload", "w", "--html", "/no/such/p.html")
    #expect(missing.code == .cannotCreate)
  }

  @Test func comparisonsAndSweepsHavePages() async throws {
    let folder = try TemporaryFolder()
    let network = try folder.write(Self.network, "net.json")
    let compare = await call(
      "compare", "gemmini-default", "gemmini-8x8", "--workload", network, "--quiet", "--html",
      "\(folder.path)/compare.html")
    #expect(compare.code == .success)
    #expect(try folder.read("compare.html").contains("From A to B by operator"))
    let sweep = await call(
      "sweep", "--workload", network, "--vary", "memory.latency=10,20", "--quiet", "--html",
      "\(folder.path)/sweep.html")
    #expect(sweep.code == .success)
    #expect(try folder.read("sweep.html").contains("Points of the sweep"))
    let list = await call(
      "sweep", "--workload", network, "--vary", "memory.latency=10,20", "--list", "--html", "p")
    #expect(list.errors.contains("'--list' and '--html' exclude each other"))
    let study = await call("study", "W4", "--quiet", "--html", "\(folder.path)/study.html")
    #expect(study.code == .success)
    #expect(try folder.read("study.html").contains("Checks of W4"))
  }

  /// All files' problems at once; nothing is written.
  @Test func whatIsNoRun() async throws {
    let folder = try TemporaryFolder()
    let wrong = try folder.write("{\"format\": 1}", "wrong.json")
    let page = "\(folder.path)/page.html"
    let report = await call("report", wrong, "\(folder.path)/none.json", "-o", page)
    #expect(report.code == .data && report.output.isEmpty)
    #expect(report.errors.contains("wrong.json:1:12: format: found 1"))
    #expect(report.errors.contains("none.json' cannot be read"))
    #expect((try? folder.read("page.html")) == nil)
    #expect(await call("report", "\(folder.path)/none.json").code == .noInput)
    #expect(await call("report").code == .usage)
    #expect(await call("report", wrong, "--force").errors.contains("'--force' needs '--output'"))
  }
}
