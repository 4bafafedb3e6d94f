import Foundation
import Testing

@testable import AccelSim

/// Where numbers are converted, operator by operator, and how reports show it.
@Suite struct ConversionTests {
  private static func run(
    _ source: some CommandSource, data: Bool = false, on machine: Machine
  ) throws -> RunResult {
    var source = source
    var options = RunOptions()
    options.carriesData = data
    return try Simulator.run(&source, on: machine, options: options).result
  }

  private static func row(
    _ by: ConversionPlace, _ kind: ConversionKind, _ elements: Int, cycles: Int = 0,
    region: String = ""
  ) -> ConversionCount {
    ConversionCount(region: region, by: by, kind: kind, elements: elements, cycles: cycles)
  }

  /// Every element of C once; of A as often as it is moved in, if it has a scale; of int32 C nothing.
  /// Blocks of one column move A in twice, unless it is so few blocks that the library reuses it.
  @Test func aMatmulByHand() throws {
    let machine = try Machine(HardwareConfig())
    let cases: [(@Sendable (inout Matmul) -> Void, [ConversionCount])] = [
      ({ _ in }, [Self.row(.moveOut, .requantise, 40 * 24)]),
      (
        { $0.scaleA = 0.5 },
        [Self.row(.moveOut, .requantise, 40 * 24), Self.row(.moveIn, .requantise, 40 * 50)]
      ),
      (
        {
          $0.scaleA = 0.5
          $0.tile = MatmulTile(rows: 3, columns: 1, inner: 4)
        },
        [Self.row(.moveOut, .requantise, 40 * 24), Self.row(.moveIn, .requantise, 40 * 50)]
      ),
      (
        {
          $0.scaleA = 0.5
          $0.tile = MatmulTile(rows: 3, columns: 1, inner: 1)
        },
        [Self.row(.moveOut, .requantise, 40 * 24), Self.row(.moveIn, .requantise, 2 * 40 * 50)]
      ),
      (
        {
          $0.scaleA = 0.5
          $0.dataflow = .outputStationary
        },
        [Self.row(.moveOut, .requantise, 40 * 24), Self.row(.moveIn, .requantise, 40 * 50)]
      ),
      ({ $0.fullOutput = true }, []),
      // Int32 rows are not scaled on their way in; int8 rows are, here one for all 40.
      (
        {
          $0.bias = .repeating
          $0.scaleD = 0.5
        }, [Self.row(.moveOut, .requantise, 40 * 24)]
      ),
      (
        {
          $0.bias = .full
          $0.lowBias = true
          $0.scaleD = 0.5
        },
        [Self.row(.moveOut, .requantise, 40 * 24), Self.row(.moveIn, .requantise, 40 * 24)]
      ),
    ]
    for (index, (change, expected)) in cases.enumerated() {
      var matmul = Matmul(rows: 40, inner: 50, columns: 24)
      matmul.scale = 0.25
      change(&matmul)
      let plan = try MatmulPlan(matmul, on: machine)
      let plain = try Self.run(TiledMatmul(plan), on: machine)
      let withData = try Self.run(
        MatmulExercise(plan, checksResult: false).source, data: true, on: machine)
      #expect(plain.conversions == expected, "case \(index)")
      #expect(withData.conversions == expected, "case \(index)")
      #expect(plain.regions.isEmpty && plain.hostCycles.isEmpty)
    }
  }

  /// The passes that only gather statistics leave nothing behind and convert nothing.
  @Test func aNormalisingMatmul() throws {
    let machine = try Machine(#require(HardwareConfig.preset("gemmini-ibert")))
    var matmul = Matmul(rows: 16, inner: 64, columns: 32)
    matmul.activation = .softmax
    matmul.bertScale = 0.05
    let result = try Self.run(TiledMatmul(try MatmulPlan(matmul, on: machine)), on: machine)
    #expect(result.conversions == [Self.row(.moveOut, .requantise, 16 * 32)])
  }

  /// An int8 matmul, a host softmax on its int32 sums in a region of its own, another matmul.
  private static func program(_ machine: Machine) throws -> [ProgramStep] {
    var matmul = Matmul(rows: 16, inner: 16, columns: 16)
    var steps: [ProgramStep] = [.region("query x key")]
    matmul.fullOutput = true
    var scores = TiledMatmul(try MatmulPlan(matmul, on: machine))
    while let step = scores.next() { steps.append(step) }
    steps.append(.region("softmax"))
    steps.append(
      .host(HostWorkTimingTests.work(.softmax, rows: 16, columns: 16, from: .int32, to: .int8)))
    steps.append(.region("score x value"))
    matmul.fullOutput = false
    matmul.scaleB = 0.5
    var values = TiledMatmul(try MatmulPlan(matmul, on: machine), flushesFirst: false)
    while let step = values.next() { steps.append(step) }
    return steps
  }

  @Test func conversionsBelongToOperators() throws {
    let machine = try Machine(HardwareConfig())
    let steps = try Self.program(machine)
    for data in [true, false] {
      let result = try Self.run(StepList(steps), data: data, on: machine)
      #expect(
        result.conversions == [
          Self.row(.host, .quantise, 256, cycles: 256 * 31, region: "softmax"),
          Self.row(.host, .dequantise, 256, cycles: 256 * 31, region: "softmax"),
          Self.row(.moveOut, .requantise, 256, region: "score x value"),
          Self.row(.moveIn, .requantise, 256, region: "score x value"),
        ])
      #expect(result.regions.map(\.name) == ["query x key", "softmax", "score x value"])
      let fences = result.fenceCycles
      // From the fence of the first matmul; one cycle for the fence, then the work.
      let softmax = 1 + 256 * (48 + 62)
      #expect(
        result.regions.map(\.start) == [0, fences[0], fences[0] + softmax])
      #expect(
        result.regions.map(\.cycles) == [fences[0], softmax, fences[1] - fences[0] - softmax])
    }
  }

  /// Regions of one name are one operator; what comes before the first has no name.
  @Test func namesMayRecur() throws {
    let work = ProgramStep.host(HostWorkTimingTests.work(.convert, columns: 10, to: .int8))
    let machine = try Machine(HardwareConfig())
    let result = try Self.run(
      StepList([work, .region("b"), work, .region("a"), work, .region("b"), work]), on: machine)
    #expect(
      result.conversions == [
        Self.row(.host, .quantise, 10, cycles: 310),
        Self.row(.host, .quantise, 20, cycles: 620, region: "b"),
        Self.row(.host, .quantise, 10, cycles: 310, region: "a"),
      ])
    #expect(result.regions.map(\.name) == ["", "b", "a", "b"])
    #expect(result.regions.map(\.start) == [0, 310, 620, 930])
  }

  /// Rows that no fence has held back count where the controller sends them.
  @Test func withoutAFenceMovesCountLater() throws {
    var bench = try TimingBench("gemmini-default")
    bench.configureLoad(scale: 0.5)
    bench.moveIn(0)
    let machine = try Machine(bench.config)
    let late = try Self.run(
      StepList([.region("one")] + bench.steps + [.region("two"), .fence]), on: machine)
    #expect(late.conversions == [Self.row(.moveIn, .requantise, 256, region: "two")])
    let exact = try Self.run(
      StepList([.region("one")] + bench.steps + [.fence, .region("two")]), on: machine)
    #expect(exact.conversions == [Self.row(.moveIn, .requantise, 256, region: "one")])
  }

  /// One row read and repeated is as many scaled rows; zeros are not scaled.
  @Test func repeatedRowsAndZeros() throws {
    var bench = try TimingBench("gemmini-default")
    bench.configureLoad(stride: 0, scale: 0.5)
    bench.moveIn(0, rows: 7, columns: 5)
    bench.command(.mvin, 0, TimingBench.tile(16, 16, 64))
    bench.fence()
    let result = try bench.run().result
    #expect(result.conversions == [Self.row(.moveIn, .requantise, 35)])
  }

  /// Three passes over int32 sums, int8 results: each element counts once in and once out.
  @Test func theNonlinearUnit() throws {
    var bench = try TimingBench("gemmini-fp")
    bench.nonlinear(.softmax, columns: 64, x: TimingBench.accumulator(0), to: 8192)
    bench.fence()
    #expect(
      try bench.run().result.conversions == [
        Self.row(.fpUnit, .quantise, 1024), Self.row(.fpUnit, .dequantise, 1024),
      ])
  }

  @Test func reportsShowThemWhenThereIsSomethingToShow() throws {
    let machine = try Machine(HardwareConfig())
    var steps = try Self.program(machine)
    steps.append(.region("an operator with a very long name, longer than the column"))
    steps.append(.host(HostWorkTimingTests.work(.convert, rows: 1000, columns: 100, to: .int8)))
    let result = try Self.run(StepList(steps), on: machine)
    let text = result.text(ReportContext(title: "t"))
    let tables = text.components(separatedBy: "\n\n")
    #expect(
      tables.dropFirst(4).joined(separator: "\n\n").hasPrefix(
        """
        Work of the host     cycles  % of the run
          softmax            12,288           0.4
          conversion      3,115,872          99.6
          total           3,128,160         100.0

        Operators of the program    from cycle     cycles     %
          query x key                        0        268   0.0
          softmax                          268     28,161   0.9
          score x value                 28,429        271   0.0
          an operator with a very…      28,700  3,100,001  99.1

        Where conversions happen
          Operator                  by        kind        elements     cycles
          softmax                   host      quantise         256      7,936
          softmax                   host      dequantise       256      7,936
          score x value             move-out  requantise       256          0
          score x value             move-in   requantise       256          0
          an operator with a very…  host      quantise     100,000  3,100,000
          total                                            101,024  3,115,872

        """))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let json = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
    for part in [#""activity":"softmax""#, #""by":"moveOut""#, #""kind":"requantise""#] {
      #expect(json.contains(part))
    }

    let plain = try Self.run(
      TiledMatmul(try MatmulPlan(Matmul(rows: 16, inner: 16, columns: 16), on: machine)),
      on: machine)
    let plainText = plain.text(ReportContext(title: "t"))
    #expect(!plain.conversions.isEmpty)
    #expect(!plainText.contains("conversions") && !plainText.contains("of the host"))
  }
}
