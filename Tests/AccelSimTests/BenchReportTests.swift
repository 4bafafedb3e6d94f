import Testing

@testable import AccelSim

@Suite struct BenchReportTests {
  private var report: BenchReport {
    var report = BenchReport(computer: "a computer", build: "release", machine: "m", runs: 3)
    var loop = BenchReport.Row("loop", cycles: 2_000_000)
    loop.seconds = [3, 1, 2]
    var network = BenchReport.Row("network", cycles: 100_000_000)
    network.seconds = [0.5]
    network.reusedCycles = 90_000_000
    network.peakBytes = 64 << 20
    var data = BenchReport.Row("data", macs: 4_000_000_000)
    data.seconds = [0.5, 0.4, 0.3, 0.6]
    report.rows = [loop, network, data]
    return report
  }

  @Test func mediansOfRuns() {
    #expect(BenchReport.median([3, 1, 2]) == 2)
    #expect(BenchReport.median([4, 1, 2, 3]) == 2.5)
    #expect(BenchReport.median([]) == 0)
  }

  @Test func ratesFollowFromMedians() {
    let lines = report.text().split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.contains(["loop", "2.000", "1.00", "Mcycles/s", "-", "-"]))
    #expect(lines.contains(["network", "0.500", "100.0", "Mcycles", "64", "90", "%"]))
    #expect(lines.contains(["data", "0.450", "8.89", "GMAC/s", "-", "-"]))
  }

  @Test func anEarlierResultIsComparedByName() throws {
    var now = report
    now.rows[0].seconds = [0.5]
    now.rows[1].name = "another"
    let earlier = try BenchReport(json: Array(report.json().utf8))
    #expect(earlier == report)
    let lines = now.text(against: earlier).split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.contains(["loop", "0.500", "4.00", "Mcycles/s", "-", "-", "2.000", "4.00"]))
    #expect(lines.contains { $0.first == "another" && $0.suffix(2) == ["-", "-"] })
  }

  @Test(arguments: [
    ("[1]", "no JSON"), ("", "no JSON"), ("{}", "no 'format'"),
    (#"{"format": 1}"#, "format 1, expected 2"), (#"{"format": "x"}"#, "'format' has another type"),
    (#"{"format": 2, "computer": "c"}"#, "no 'build'"),
  ])
  func whatIsNoResultIsNamed(_ text: String, _ reason: String) {
    let error = #expect(throws: NotABenchReport.self) { try BenchReport(json: Array(text.utf8)) }
    if text != "[1]" { #expect(error?.reason == reason) }
  }
}
