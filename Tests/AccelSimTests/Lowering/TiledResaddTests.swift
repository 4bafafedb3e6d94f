import Testing

@testable import AccelSim

/// Residual adds against command lists that Gemmini's library issued.
@Suite(.enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct ResaddTraceTests {
  private func expect(_ name: String, _ change: (RecordedProgram, inout Arguments) throws -> Void)
    throws
  {
    let program = try RecordedProgram(name)
    let section = program.sections[0]
    let ab = try #require(section.first { $0.function == .loopMatmulAddressesAB })
    let dc = try #require(section.first { $0.function == .loopMatmulAddressesDC })
    var arguments = Arguments()
    try change(program, &arguments)
    let plan = try ResaddPlan(
      rows: arguments.rows, columns: arguments.columns, scaleA: arguments.scaleA,
      scaleB: arguments.scaleB, scaleC: arguments.scaleC, relu: arguments.relu,
      stride: arguments.stride, addresses: ResaddAddresses(a: ab.rs1, b: ab.rs2, c: dc.rs2),
      on: Machine(unchecked: HardwareConfig()))
    program.expect(
      try RecordedProgram.commands(TiledResadd(plan, flushesFirst: false)), asIn: section)
  }

  private struct Arguments {
    var rows = 0
    var columns = 0
    var scaleA: Float = 1
    var scaleB: Float = 1
    var scaleC: Float = 1
    var relu = false
    var stride: Int?
  }

  /// Programs of the recording's own driver: the arguments are in the variant line.
  static let driverTraces = RecordedProgram.names.filter {
    $0.hasPrefix("resadd_") && !$0.contains("linux") && $0 != "resadd_stride"
  }

  @Test func allDriverTracesAreThere() { #expect(Self.driverTraces.count >= 9) }

  @Test(arguments: driverTraces) func commandsAreThoseOfTheDriver(_ name: String) throws {
    try expect(name) { program, arguments in
      arguments.rows = try #require(program.number("DI"))
      arguments.columns = try #require(program.number("DJ"))
      arguments.scaleA = try #require(program.float("SA"))
      arguments.scaleB = try #require(program.float("SB"))
      arguments.scaleC = try #require(program.float("SC"))
      arguments.relu = program.number("REL") == 1
    }
  }

  /// The library's tests: rows, columns, columns between rows.
  @Test(arguments: [
    ("resadd", 35, 27, 27), ("resadd_linux", 128, 512, 512), ("resadd_stride", 54, 27, 32),
    ("resadd_stride_linux", 128, 251, 256),
  ])
  func libraryTest(_ name: String, _ rows: Int, _ columns: Int, _ stride: Int) throws {
    try expect(name) { _, arguments in
      arguments.rows = rows
      arguments.columns = columns
      arguments.scaleA = 2
      arguments.relu = true
      arguments.stride = stride
    }
  }
}

/// Residual adds compute what they say on the functional machine.
struct ResaddTests {
  struct Case: Sendable {
    var width = 16
    var rows: Int
    var columns: Int
    var scales: (Float, Float, Float) = (1, 1, 1)
    var relu = false
    var stride: Int?
  }

  static let cases = [
    Case(rows: 35, columns: 27), Case(rows: 200, columns: 100, scales: (0.5, 1.25, 0.75)),
    Case(rows: 7, columns: 70, relu: true, stride: 75),
    Case(width: 8, rows: 61, columns: 90, scales: (0.3, 2, 0.9), relu: true),
    Case(rows: 1, columns: 1),
  ]

  @Test(arguments: cases.indices) func resultIsThatOfDirectLoops(_ index: Int) throws {
    let item = Self.cases[index]
    var config = HardwareConfig()
    config.array.meshRows = item.width
    config.array.meshColumns = item.width
    let machine = try Machine(config)
    let addresses = ResaddAddresses(a: 0x8000_0000, b: 0x8010_0000, c: 0x8020_0000)
    let plan = try ResaddPlan(
      rows: item.rows, columns: item.columns, scaleA: item.scales.0, scaleB: item.scales.1,
      scaleC: item.scales.2, relu: item.relu, stride: item.stride, addresses: addresses,
      on: machine)
    let count = (item.rows - 1) * plan.stride + item.columns
    var random = SplitMix(state: UInt64(index))
    let a = Int8Reference.random(count, 127, &random)
    let b = Int8Reference.random(count, 127, &random)
    var expected = [UInt8](repeating: 0, count: count)
    for row in 0..<item.rows {
      for column in 0..<item.columns {
        let at = row * plan.stride + column
        let sum =
          Int32(Int8Reference.scaled(Int32(a[at]), item.scales.0))
          + Int32(Int8Reference.scaled(Int32(b[at]), item.scales.1))
        let result = Int8Reference.scaled(item.relu ? max(sum, 0) : sum, item.scales.2)
        expected[at] = UInt8(bitPattern: result)
      }
    }
    let loads = StepList([
      .load(address: addresses.a, bytes: a.map { UInt8(bitPattern: $0) }),
      .load(address: addresses.b, bytes: b.map { UInt8(bitPattern: $0) }),
      .zero(address: addresses.c, count: count),
    ])
    let check = StepList([.check(address: addresses.c, expected: expected, label: "sum")])
    let run = try FunctionalRun.run(
      ProgramChain(ProgramChain(loads, TiledResadd(plan)), check), on: machine)
    #expect(run.checks == 1)
    #expect(run.mismatches.isEmpty, "\(run.mismatches)")
  }

  private func message(
    rows: Int = 8, columns: Int = 8, stride: Int? = nil, relu: Bool = false,
    _ change: (inout HardwareConfig) -> Void = { _ in }
  ) -> String {
    var config = HardwareConfig()
    change(&config)
    do {
      let plan = try ResaddPlan(
        rows: rows, columns: columns, relu: relu, stride: stride,
        addresses: ResaddAddresses(a: 0, b: 0, c: 0), on: Machine(unchecked: config))
      return "\(plan.tileRows)x\(plan.tileColumns)"
    } catch {
      return error.description
    }
  }

  @Test func eachMistakeIsNamed() {
    #expect(message(rows: 200, columns: 256) == "50x96")
    #expect(message(rows: 0).contains("rows must be"))
    #expect(message(stride: 7).contains("stride of the residual add must be 8"))
    #expect(message { $0.accumulator.readsSmallWidth = false }.contains("int8 results"))
    #expect(message(relu: true) { $0.features.nonlinearActivations = false }.contains("relu"))
    #expect(
      message {
        $0.array.meshRows = 32
        $0.array.meshColumns = 32
        $0.accumulator.capacityKiB = 4
      }.contains("accumulator"))
  }
}
