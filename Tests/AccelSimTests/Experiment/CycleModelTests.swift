import Testing

@testable import AccelSim

/// Networks that use every unit, on several machines: if one of them takes other cycles, the results
/// of two versions of the simulator must not be mixed.
///
/// The cycles here are this simulator's own and say nothing about hardware: they only notice a change.
/// What is right is held against recordings (`FixtureTests`, Docs/Validation.md).
@Suite struct CycleModelTests {
  /// The version, and what belongs to it.
  private static let recorded = (
    version: 2,
    cycles: """
    gemmini-lean layer 1012617
    gemmini-lean cnn 15174
    gemmini-default layer 1013848
    gemmini-default cnn 21224
    gemmini-ibert layer 17213
    gemmini-ibert cnn refused
    gemmini-fp layer 18395
    gemmini-fp cnn 21224
    rtl-lean layer 1013235
    rtl-lean cnn 17039
    """
  )

  @Test func otherCyclesAreAnotherVersion() throws {
    var lines: [String] = []
    for preset in ["gemmini-lean", "gemmini-default", "gemmini-ibert", "gemmini-fp", "rtl-lean"] {
      let machine = try NetworkCheckTests.machine(preset)
      for workload in [try NetworkCheckTests.layer(), try NetworkCheckTests.network()] {
        let cycles =
          (try? NetworkRun.report(WorkloadSteps(workload), on: machine)).map { "\($0.cycles)" }
        lines.append("\(preset) \(workload.name) \(cycles ?? "refused")")
      }
    }
    #expect(
      CycleModel.version == Self.recorded.version
        && lines.joined(separator: "\n") == Self.recorded.cycles,
      """
      Raise CycleModel.version if cycles have changed; write here the version with:
      \(lines.joined(separator: "\n"))
      """)
  }
}
