import Foundation
import SystolicCore
import Testing

@testable import AccelSim

/// The table of cycles an element: what must hold whatever the machine's details are.
struct PlacementReportTests {
  private func report(_ operations: [NonlinearOperation], rows: Int = 32, length: Int = 64) throws
    -> PlacementReport
  {
    try PlacementReport(operations, rows: rows, length: length)
  }

  @Test func everyOperation() throws {
    let report = try report(NonlinearOperation.allCases)
    #expect(report.operations.map(\.operation) == NonlinearOperation.allCases.map { "\($0)" })
    for row in report.operations {
      let onChip = try #require(row.cycles["unitOnChip"])
      let unit = try #require(row.cycles["unit"])
      let ideal = try #require(row.ideal)
      #expect(Double(onChip) >= ideal * Double(report.elements), "\(row.operation)")
      #expect(unit > onChip, "\(row.operation)")
    }
    let integer = report.operations.filter { $0.cycles["integer"] != nil }.map(\.operation)
    #expect(integer == ["convert", "add", "gelu", "softmax", "layerNorm"])
  }

  /// Costs of the host by hand: 48 and two conversions of 31; 111 and three.
  @Test func host() throws {
    let report = try report([.softmax, .add, .convert])
    let cycles = report.operations.compactMap { $0.cycles["host"] }
    let each = [48 + 2 * 31, 111 + 3 * 31, 2 * 31]
    #expect(cycles == each.map { $0 * 2048 })
  }

  /// Passes and intervals over lanes, by hand.
  @Test func lanesAlone() throws {
    let ideal = try report([.convert, .softmax, .silu, .topK]).operations.map(\.ideal)
    let intervals: [Double] = [1, 3, 14, 9]
    #expect(ideal == intervals.map { $0 / 16 })
  }

  @Test func aMachineWithoutTheUnit() throws {
    let report = try PlacementReport(
      [.softmax], rows: 16, length: 16, config: HardwareConfig.preset("gemmini-ibert"))
    #expect(report.operations[0].ideal == nil)
    #expect(report.operations[0].cycles.keys.sorted() == ["host", "integer"])
    #expect(report.text.contains("machine      gemmini-ibert\n"))
  }

  @Test func reportsFitATerminalAndAreJSON() throws {
    let text = try report([.softmax, .gelu]).text
    let tooLong = text.split(separator: "\n").filter { $0.count > 80 }
    #expect(tooLong.isEmpty)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(report([.softmax]).json().utf8))
        as? [String: Any])
    #expect(json["rows"] as? Int == 32)
  }

  /// Conversions of an operation in each placement, by hand.
  @Test(arguments: [
    (Placement.fpUnit, "gemmini-fp", ["fpUnit quantise 640 0", "fpUnit dequantise 640 0"]),
    (.integerUnit, "gemmini-ibert", ["moveOut requantise 640 0"]),
    (.host, "gemmini-default", ["host quantise 640 19840", "host dequantise 640 19840"]),
  ])
  func conversions(_ placement: Placement, _ preset: String, _ expected: [String]) throws {
    let machine = try Machine(try #require(HardwareConfig.preset(preset)))
    let work = NonlinearWork(.softmax, rows: 16, columns: 40)
    var source = try TensorProgram(work, at: placement, on: machine)
    var options = RunOptions()
    options.carriesData = false
    let result = try Simulator.run(&source, on: machine, options: options).result
    let found = result.conversions.map { "\($0.by) \($0.kind) \($0.elements) \($0.cycles)" }
    #expect(found == expected)
  }

  /// A command that only converts holds the lanes for a cycle a row of the array's width.
  @Test func conversionsAlone() throws {
    let machine = try Machine(try #require(HardwareConfig.preset("gemmini-fp")))
    var source = try TensorProgram(
      NonlinearWork(.convert, rows: 20, columns: 40), at: .fpUnit, on: machine)
    let result = try Simulator.run(&source, on: machine).result
    #expect(result.conversions.map(\.cycles) == [20 * 3, 0])
    #expect(result.conversions.map(\.elements) == [800, 800])
  }
}
