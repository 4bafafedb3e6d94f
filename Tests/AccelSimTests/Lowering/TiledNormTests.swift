import SystolicCore
import Testing

@testable import AccelSim

/// The pass of its own for LayerNorm and softmax against command lists that Gemmini's library
/// issued; their program used four statistics sets.
@Suite(.enabled(if: RecordedProgram.isPresent, "needs ../shared/golden/software"))
struct TiledNormTraceTests {
  @Test(arguments: [
    "norm_layernorm_21x50", "norm_layernorm_40x192", "norm_softmax_16x64", "norm_softmax_21x50",
  ])
  func commandsAreThoseOfTheLibrary(_ name: String) throws {
    let program = try RecordedProgram(name)
    let section = program.sections[0]
    let rows = try #require(program.variant["DI"].flatMap { Int($0) })
    let columns = try #require(program.variant["DJ"].flatMap { Int($0) })
    var config = HardwareConfig()
    config.features.normalizations = true
    let plan = try NormPlan(
      rows: rows, columns: columns,
      activation: program.variant["NORM"] == "SOFTMAX" ? .softmax : .layernorm,
      input: try #require(section.first { $0.function == .mvin }).rs1,
      output: try #require(section.first { $0.function == .mvout }).rs1,
      on: Machine(config), statisticsSets: 4)
    program.expect(
      try RecordedProgram.commands(TiledNorm(plan, flushesFirst: false)), asIn: section)
  }
}

/// Rows that do not fit, and what a machine lacks, are errors of the plan.
struct NormPlanTests {
  private func message(_ columns: Int, _ change: (inout HardwareConfig) -> Void = { _ in })
    -> String
  {
    var config = HardwareConfig()
    config.features.normalizations = true
    change(&config)
    do {
      let plan = try NormPlan(
        rows: 40, columns: columns, activation: .softmax, input: 0x8000_0000,
        output: 0x8010_0000, on: Machine(unchecked: config))
      return "\(plan.tileRows) \(plan.statisticsSets)"
    } catch {
      return error.description
    }
  }

  @Test func blocksFitTheAccumulatorAndItsStatistics() {
    // 1024 rows of accumulator: 64 tiles; 40 rows are 3 row tiles.
    #expect(message(192) == "3 2")
    #expect(message(512) == "2 2")
    #expect(message(1024) == "1 2")
    #expect(message(1025).contains("takes 1040 rows of the accumulator; there are 1024"))
    #expect(message(192) { $0.features.numerics = .softwareModel } == "3 4")
    #expect(message(64) { $0.features.normalizations = false }.contains("normalizations is false"))
  }
}
