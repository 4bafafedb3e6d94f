import Testing

@testable import AccelSim

@Suite struct ConfigVariantTests {
  private func assignments(_ texts: String...) throws -> [ConfigAssignment] {
    try texts.map { try #require(ConfigAssignment($0)) }
  }

  @Test func valuesOfEveryTypeAreSet() throws {
    let config = try HardwareConfig().setting(
      assignments(
        "accumulator.capacityKiB=256", "scratchpad.capacityKiB=64", "features.maxPool=false",
        "array.dataflow=weightStationary"))
    #expect(config.accumulator.capacityKiB == 256)
    #expect(config.scratchpad.capacityKiB == 64)
    #expect(!config.features.maxPool)
    #expect(config.array.dataflow == .weightStationary)
    #expect(config.name == HardwareConfig().name)
  }

  @Test func aKeySetsTheDefaultsOfLaterOnesInAnyOrder() throws {
    let boom = try HardwareConfig().setting(assignments("host.core=boom"))
    let mixed = try HardwareConfig().setting(
      assignments("host.softmaxCycles=7", "host.core=boom"))
    #expect(boom.host.softmaxCycles != HardwareConfig().host.softmaxCycles)
    #expect(mixed.host.softmaxCycles == 7)
    #expect(mixed.host.activationCycles == boom.host.activationCycles)
  }

  @Test func allProblemsComeTogether() throws {
    let given = try assignments(
      "accumulator.capacityKiBs=256", "array.dataflow=sideways", "scratchpad.banks=many",
      "dma.busBits=128", "dma.busBits=64")
    let error = #expect(throws: InvalidConfig.self) { try HardwareConfig().setting(given) }
    let paths = error?.problems.map(\.path)
    #expect(
      paths == [
        "accumulator.capacityKiBs", "dma.busBits", "array.dataflow", "scratchpad.banks",
      ])
    #expect(error?.problems[0].suggestion == "accumulator.capacityKiB")
  }

  @Test func machinesThatCannotExistAreRefused() throws {
    let given = try assignments("scratchpad.banks=3")
    #expect(throws: InvalidConfig.self) { try HardwareConfig().setting(given) }
  }

  @Test(arguments: ["", "=", "a", "a=", "=1"])
  func textWithoutBothSidesIsNone(_ text: String) {
    #expect(ConfigAssignment(text) == nil)
  }

  /// A value is all that stands behind the sign.
  @Test(arguments: ["10,20", "10 20", "10]", "10//c", "10,\"bus\"", "\"10\",1"])
  func nothingStandsBehindAValue(_ value: String) {
    #expect(throws: InvalidConfig.self) {
      try HardwareConfig().setting([ConfigAssignment(path: "memory.latency", value: value)])
    }
  }
}
