import Testing

@testable import AccelSim

/// Global averages against command lists that Gemmini's library issued.
@Suite(.enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct GlobalAverageTraceTests {
  /// Images, rows and columns, channels; `nil` where the variant line has them.
  @Test(arguments: [
    ("gavg_1x7x7x64", nil), ("gavg_2x7x7x512", nil), ("gavg_3x4x4x47", nil),
    ("gavg_3x5x5x47", nil), ("global_average", [2, 3, 47]), ("global_average_linux", [4, 7, 2048]),
  ])
  func commands(_ name: String, _ sizes: [Int]?) throws {
    let program = try RecordedProgram(name)
    let section = program.sections[0]
    let sizes = try sizes ?? ["NB", "HW", "CH"].map { try #require(program.number($0)) }
    let plan = try GlobalAveragePlan(
      batch: sizes[0], rows: sizes[1], columns: sizes[1], channels: sizes[2],
      input: try #require(section.first { $0.function == .mvin }).rs1,
      output: try #require(section.first { $0.function == .mvout }).rs1,
      on: Machine(unchecked: HardwareConfig()))
    program.expect(
      try RecordedProgram.commands(GlobalAverage(plan, flushesFirst: false)), asIn: section)
  }
}

/// Global averages compute what they say on the functional machine.
struct GlobalAverageTests {
  @Test(arguments: [
    (16, [1, 7, 7, 64]), (16, [2, 3, 5, 47]), (8, [2, 4, 4, 130]), (16, [1, 1, 1, 1]),
  ])
  func resultIsThatOfDirectLoops(_ width: Int, _ sizes: [Int]) throws {
    var config = HardwareConfig()
    config.array.meshRows = width
    config.array.meshColumns = width
    let machine = try Machine(config)
    let (input, output) = (UInt64(0x8000_0000), UInt64(0x8010_0000))
    let plan = try GlobalAveragePlan(
      batch: sizes[0], rows: sizes[1], columns: sizes[2], channels: sizes[3], input: input,
      output: output, on: machine)
    var random = SplitMix(state: 5)
    let x = Int8Reference.random(sizes.reduce(1, *), 127, &random)
    var sums = [Int32](repeating: 0, count: plan.batch * plan.channels)
    for (index, value) in x.enumerated() {
      sums[index / (plan.pixels * plan.channels) * plan.channels + index % plan.channels] +=
        Int32(value)
    }
    let expected = sums.map {
      UInt8(bitPattern: Int8Reference.scaled($0, 1 / Float(plan.pixels)))
    }
    let load = StepList([.load(address: input, bytes: x.map { UInt8(bitPattern: $0) })])
    let check = StepList([.check(address: output, expected: expected, label: "mean")])
    let run = try FunctionalRun.run(
      ProgramChain(ProgramChain(load, GlobalAverage(plan)), check), on: machine)
    #expect(run.checks == 1)
    #expect(run.mismatches.isEmpty, "\(run.mismatches)")
  }

  @Test func eachMistakeIsNamed() {
    func message(_ channels: Int, _ change: (inout HardwareConfig) -> Void = { _ in }) -> String {
      var config = HardwareConfig()
      change(&config)
      do {
        let plan = try GlobalAveragePlan(
          batch: 1, rows: 7, columns: 7, channels: channels, input: 0, output: 0,
          on: Machine(unchecked: config))
        return "\(plan.channelBlocks)"
      } catch {
        return error.description
      }
    }
    #expect(message(65) == "2")
    #expect(message(0).contains("channels must be"))
    #expect(message(16385).contains("1025 rows of the accumulator; there are 1024"))
    #expect(message(1) { $0.accumulator.readsSmallWidth = false }.contains("int8 results"))
  }
}
