import Testing

@testable import AccelSim

@Suite struct RooflineTests {
  /// No operator passes its roof; least cycles and rates say the same.
  @Test(arguments: ["gemmini-default", "gemmini-fp", "gemmini-8x8", "rtl-lean"])
  func nothingIsAboveTheRoof(_ preset: String) throws {
    let machine = try NetworkCheckTests.machine(preset)
    for workload in [try NetworkCheckTests.layer(), try NetworkCheckTests.network()] {
      let run = try NetworkRun.report(WorkloadSteps(workload), on: machine)
      let report = RooflineReport(run, on: machine)
      #expect(report.operators.count == run.stems.count)
      #expect(report.whole.cycles == run.cycles && report.whole.macs == run.macs)
      for row in report.operators + [report.whole] {
        #expect(row.leastCycles <= row.cycles, "\(row.stem)")
        #expect(row.share <= 1 && row.lossShare <= 1 && row.achieved <= row.attainable)
        if row.macs > 0 {
          let least = Double(row.macs) / row.attainable
          #expect(abs(least - Double(row.leastCycles)) <= 1, "\(row.stem)")
        }
      }
      let tooLong = report.text().split(separator: "\n").filter { $0.count > 80 }
      #expect(tooLong.isEmpty, "\(tooLong)")
      let table = try CSVTable(Array(report.csv.utf8), file: "csv")
      #expect(table.rows.count == report.operators.count + 1)
    }
  }

  private static func row(cycles: Int, macs: Int, read: Int, written: Int, host: Int = 0)
    -> NetworkReport.Row
  {
    NetworkReport.Row(
      name: "x", stem: "x", group: "", layer: nil, place: "array", fused: [], cycles: cycles,
      macs: macs, readBytes: read, writtenBytes: written, local: LocalTraffic(), hostCycles: host,
      stall: "")
  }

  /// 256 MACs and 16 bytes a cycle in each direction: worked by hand.
  @Test func limitsByHand() throws {
    let machine = try Machine(HardwareConfig())
    func roof(_ row: NetworkReport.Row) -> RooflineReport.Row { .init(row, on: machine) }
    // 100 cycles of MACs, 60 of reads, 70 of writes in 125.
    let compute = roof(Self.row(cycles: 125, macs: 25_600, read: 960, written: 1120))
    #expect(compute.limit == .compute && compute.leastCycles == 100 && compute.share == 0.8)
    #expect(compute.bytes == 1120 && compute.attainable == 256 && compute.achieved == 204.8)
    // 8 MACs a byte.
    let memory = roof(Self.row(cycles: 200, macs: 12_800, read: 1600, written: 100))
    #expect(memory.limit == .bandwidth && memory.intensity == 8 && memory.attainable == 128)
    #expect(memory.leastCycles == 100 && memory.achieved == 64)
    #expect(roof(Self.row(cycles: 201, macs: 12_800, read: 1600, written: 100)).limit == .waiting)
    let host = roof(Self.row(cycles: 100, macs: 0, read: 0, written: 0, host: 90))
    #expect(host.limit == .host && host.intensity == nil && host.leastCycles == 0)
    let nothing = roof(Self.row(cycles: 0, macs: 0, read: 0, written: 0))
    #expect(nothing.share == 0 && nothing.limit == .waiting && nothing.loss.isEmpty)
  }

  @Test func lossIsTheLargestUse() throws {
    let machine = try Machine(HardwareConfig())
    var row = Self.row(cycles: 100, macs: 2560, read: 0, written: 0)
    row.cycleUses = ["array busy": 40, "loads": 25, "stores": 35]
    let stores = RooflineReport.Row(row, on: machine)
    #expect(stores.loss == "stores" && stores.lossShare == 0.35)
    row.cycleUses = ["array busy": 60, "stores": 40]
    let busy = RooflineReport.Row(row, on: machine)
    #expect(busy.loss == "array not filled" && busy.lossShare == 0.5)
  }

  /// On the roof at the ridge, and two operators in one place.
  @Test func places() throws {
    let machine = try Machine(HardwareConfig())
    var report = RooflineReport(
      try NetworkRun.report(WorkloadSteps(NetworkCheckTests.layer()), on: machine), on: machine)
    let ridge = RooflineReport.Row(
      Self.row(cycles: 100, macs: 25_600, read: 1600, written: 0), on: machine)
    let slow = RooflineReport.Row(
      Self.row(cycles: 400, macs: 25_600, read: 6400, written: 0), on: machine)
    let host = RooflineReport.Row(
      Self.row(cycles: 400, macs: 0, read: 0, written: 0, host: 400), on: machine)
    report.operators = [ridge, host, slow, ridge]
    let plot = RooflinePlot(report)
    #expect(plot.marks == ["a", nil, "b", "a"])
    let lines = plot.text().split(separator: "\n").map(Array.init)
    // 16 MACs a byte stand six doublings from the left edge of 1/4; 64 a cycle two below 256.
    #expect(lines[1][40] == "a" && String(lines[1].prefix(10)) == "     256 +")
    #expect(lines[5][30] == "b" && String(lines[5].prefix(10)) == "      64 +")
    report.operators = [host]
    #expect(RooflinePlot(report).text().isEmpty)
    #expect(report.text().contains("host"))
  }
}
