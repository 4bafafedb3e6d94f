import AccelSim
import FoundationEssentials
import Testing

@Suite struct WavefrontReportTests {
  static let dataflows = [Dataflow.weightStationary, .outputStationary]

  @Test(arguments: 2...4, dataflows) func fits80Columns(size: Int, dataflow: Dataflow) throws {
    let text = try wavefrontText(size: size, dataflow: dataflow, seed: 1)
    for line in text.split(separator: "\n") {
      #expect(line.count <= 80)
      #expect(line.last != " ")
    }
  }

  /// Every row of both results is announced once; pictures are those of consecutive cycles.
  @Test(arguments: 2...8, dataflows) func showsEveryCycleAndRow(size: Int, dataflow: Dataflow)
    throws
  {
    let lines = try wavefrontText(size: size, dataflow: dataflow, seed: 5).split(separator: "\n")
    let titles = lines.filter { $0.hasPrefix("cycle ") }
    for (index, title) in titles.enumerated() {
      #expect(title == "cycle \(index)" || title.hasPrefix("cycle \(index) "))
    }
    for tile in 0..<2 {
      for row in 0..<size {
        #expect(titles.filter { $0.hasSuffix("out: C row \(row) of tile \(tile)") }.count == 1)
      }
    }
    let rules = lines.filter { $0.hasPrefix("         +---") }
    #expect(rules.count == titles.count * (size + 1))
  }

  /// The C of the heading is D + A·B of the heading.
  @Test(arguments: dataflows) func headingIsTrue(dataflow: Dataflow) throws {
    let text = try wavefrontText(size: 2, dataflow: dataflow, seed: 9)
    let numbers = text.split(separator: "\n").prefix(7).filter { $0.hasPrefix("      ") }
      .map { $0.split(separator: " ").compactMap { Int($0) } }
    try #require(numbers.map(\.count) == [8, 8, 8, 8])
    for tile in [numbers[0...1], numbers[2...3]].map(Array.init) {
      for row in 0..<2 {
        for column in 0..<2 {
          let products = (0..<2).map { tile[row][$0] * tile[$0][2 + column] }
          #expect(tile[row][6 + column] == tile[row][4 + column] + products[0] + products[1])
        }
      }
    }
  }

  @Test func showsTheCyclesAskedFor() throws {
    let text = try wavefrontText(size: 3, dataflow: .weightStationary, seed: 1, cycles: 4...6)
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("cycle ") }.count == 3)
    #expect(text.contains("\ncycle 4"))
    #expect(text.contains("\ncycle 6"))
  }

  @Test func differsBySeed() throws {
    let one = try wavefrontText(size: 2, dataflow: .weightStationary, seed: 1)
    #expect(try wavefrontText(size: 2, dataflow: .weightStationary, seed: 1) == one)
    #expect(try wavefrontText(size: 2, dataflow: .weightStationary, seed: 2) != one)
  }

  @Test(arguments: [Int.min, 0, 1, 9, Int.max]) func refusesSizes(size: Int) {
    #expect(throws: WavefrontReportError(description: "size must be 2...8, is \(size)")) {
      try wavefrontText(size: size, dataflow: .weightStationary, seed: 1)
    }
  }

  @Test func refusesOthers() {
    #expect(throws: WavefrontReportError.self) {
      try wavefrontText(size: 4, dataflow: .both, seed: 1)
    }
    #expect(throws: WavefrontReportError.self) {
      try wavefrontText(size: 4, dataflow: .weightStationary, seed: 1, cycles: 900...901)
    }
  }
}

/// The page that explains a picture shows what the program prints.
@Test func wavefrontPageIsTrue() throws {
  let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Docs/Wavefront.md")
  let text = try String(decoding: Data(contentsOf: page), as: UTF8.self)
  #expect(
    text.contains(
      try wavefrontText(size: 2, dataflow: .weightStationary, seed: 1, cycles: 6...7)))
}
