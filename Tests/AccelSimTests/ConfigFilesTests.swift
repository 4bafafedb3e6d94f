import AccelSim
import Foundation
import Testing

/// The files that come from the declaration of the keys: presets, schema, reference.
///
/// `RECORD_GOLDEN=1 swift test --filter ConfigFiles` writes them anew.
@Suite struct ConfigFilesTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The committed text of a file, after recording if that is asked for.
  private func committed(_ path: String, generated: String) throws -> String {
    let url = Self.root.appending(path: path)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try generated.write(to: url, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: url, encoding: .utf8)
  }

  @Test func theReferenceIsWhatTheDeclarationSays() throws {
    let text = HardwareConfig.referenceTable()
    #expect(try committed("Docs/Configuration.md", generated: text) == text)
  }

  @Test func theExampleOfTheReferenceIsAMachine() throws {
    let parts = HardwareConfig.referenceTable().components(separatedBy: "```")
    let example = try #require(parts.first { $0.hasPrefix("json\n") }).dropFirst(5)
    let config = try HardwareConfig(json: String(example))
    #expect(try Machine(config).dim == 8)
  }

  @Test func theSchemaIsWhatTheDeclarationSays() throws {
    let text = HardwareConfig.schema()
    #expect(try committed("Configs/schema/hardware.schema.json", generated: text) == text)
  }

  @Test(arguments: HardwareConfig.presetNames)
  func aPresetEqualsItsFileWhichSaysOnlyWhatDiffers(name: String) throws {
    let preset = try #require(HardwareConfig.preset(name))
    #expect(preset.problems() == [])
    let path = "Configs/\(name).json"
    let statement = preset.json(onlyDifferences: true)
    let text = "{\n  \"$schema\": \"schema/hardware.schema.json\"," + statement.dropFirst(1)
    #expect(try committed(path, generated: text) == text)
    let loaded = try HardwareConfig.load(path: Self.root.appending(path: path).path)
    #expect(loaded == preset)
  }

  @Test func everyFileOfTheFolderIsAPreset() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Configs").path)
    let names = files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    #expect(Set(names) == Set(HardwareConfig.presetNames))
    #expect(Set(HardwareConfig.presetNames).count == HardwareConfig.presetNames.count)
    #expect(HardwareConfig.preset("no-such-machine") == nil)
  }

  /// Facts 1.4 and corrections V1-V5, property by property, independent of the presets' own code.
  @Test func presetsAreTheMachinesOfTheFacts() throws {
    let lean = try HardwareConfig(
      json: """
        {"name": "rtl-lean", "array": {"dataflow": "weightStationary"},
         "scratchpad": {"readPipelineStages": 4}, "moveIn": {"queueDepth": 0},
         "reservationStation": {"storeOrder": "afterIssue"}, "dma": {"maxInFlight": 32},
         "features": {"storeToScratchpad": false}}
        """)
    #expect(HardwareConfig.preset("rtl-lean") == lean)
    var standard = lean
    standard.name = "rtl-default"
    standard.array.dataflow = .both
    standard.dma.maxInFlight = 16
    standard.features.convEncoding = .square
    #expect(HardwareConfig.preset("rtl-default") == standard)
    var ibert = HardwareConfig()
    ibert.name = "gemmini-ibert"
    ibert.accumulator.capacityKiB = 128
    ibert.features.trainingConvs = false
    ibert.features.maxPool = false
    ibert.features.normalizations = true
    ibert.placement = PlacementConfig(everything: .integerUnit)
    #expect(HardwareConfig.preset("gemmini-ibert") == ibert)
    var gemminiLean = HardwareConfig()
    gemminiLean.name = "gemmini-lean"
    gemminiLean.array.dataflow = .weightStationary
    gemminiLean.dma.maxInFlight = 64
    gemminiLean.accumulator.readsFullWidth = false
    gemminiLean.features.executeReadsAccumulator = false
    gemminiLean.features.executeWritesScratchpad = false
    gemminiLean.features.hardcodeBiasToZero = true
    #expect(HardwareConfig.preset("gemmini-lean") == gemminiLean)
    var chip = gemminiLean
    chip.name = "gemmini-chip"
    chip.dma.maxInFlight = 16
    chip.accumulator.readsFullWidth = true
    chip.scratchpad.capacityKiB = 64
    chip.accumulator.capacityKiB = 32
    chip.accumulator.singlePorted = true
    chip.accumulator.subBanks = 2
    chip.array.outputDelay = 2
    chip.moveOut.scaleLatency = 4
    #expect(HardwareConfig.preset("gemmini-chip") == chip)
  }
}
