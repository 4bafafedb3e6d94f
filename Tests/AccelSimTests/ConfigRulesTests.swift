import AccelSim
import Foundation
import Testing

/// What makes a machine impossible (facts 1.1, 1.2 and the generator's requirements).
@Suite struct ConfigRulesTests {
  private typealias Change = (inout HardwareConfig) -> Void

  private func paths(_ change: Change) -> [String] {
    var config = HardwareConfig()
    change(&config)
    return config.problems().map(\.path)
  }

  /// Each rule just kept and just broken, with the key that is named.
  /// The study's machine (paper 1.6, G4), which the generator's check for its tiling unit refuses.
  @Test func theAccumulatorMayHoldMoreTilesThanTheScratchpad() {
    var config = HardwareConfig()
    config.scratchpad.capacityKiB = 64
    config.accumulator.capacityKiB = 256
    let problems = config.problems()
    #expect(problems.isEmpty)
  }

  @Test func rulesHoldOnBothSides() {
    let cases: [(kept: Change, broken: Change, path: String)] = [
      (
        {
          $0.array.meshRows = 4
          $0.array.tileRows = 4
        },
        {
          $0.array.meshRows = 4
          $0.array.tileRows = 2
        }, "array.meshRows"
      ),
      (square(32), square(24), "array.meshRows"),
      (
        {
          square(4)(&$0)
          $0.moveIn.scaleUnits = 12
        },
        {
          square(2)(&$0)
          $0.moveIn.scaleUnits = 6
        }, "array.meshRows"
      ),
      (
        {
          square(256)(&$0)
          $0.scratchpad.capacityKiB = 4096
          $0.accumulator.capacityKiB = 4096
        },
        {
          square(256)(&$0)
          $0.array.tileRows = 2
          $0.array.tileColumns = 2
        }, "array.meshRows"
      ),
      (
        {
          $0.features.hardcodeBiasToZero = true
          $0.array.dataflow = .weightStationary
        },
        { $0.features.hardcodeBiasToZero = true }, "features.hardcodeBiasToZero"
      ),
      (
        {
          $0.features.hardcodeBiasToZero = true
          $0.array.dataflow = .outputStationary
        },
        {
          $0.features.hardcodeBiasToZero = true
          $0.array.dataflow = .both
        },
        "features.hardcodeBiasToZero"
      ),
      // Rows of a bank: 512 KiB / (4 × 16 B) = 8192; 300 KiB gives 4800, not a power of two.
      (
        { $0.scratchpad.capacityKiB = 512 }, { $0.scratchpad.capacityKiB = 300 },
        "scratchpad.capacityKiB"
      ),
      // 4 KiB in 16 banks of 16-byte rows: 16 rows a bank, DIM; 32 banks would have 8.
      (
        {
          $0.scratchpad.capacityKiB = 4
          $0.scratchpad.banks = 16
          $0.accumulator.capacityKiB = 2
        },
        {
          $0.scratchpad.capacityKiB = 4
          $0.scratchpad.banks = 32
          $0.accumulator.capacityKiB = 2
        }, "scratchpad.capacityKiB"
      ),
      (
        { $0.accumulator.capacityKiB = 32 }, { $0.accumulator.capacityKiB = 48 },
        "accumulator.capacityKiB"
      ),
      // 2 KiB in 2 banks of 64-byte rows: 16 rows a bank; 1 KiB would have 8.
      (
        { $0.accumulator.capacityKiB = 2 }, { $0.accumulator.capacityKiB = 1 },
        "accumulator.capacityKiB"
      ),
      // Row numbers: 128 MiB of 4-byte rows is 2^25 rows.
      (
        {
          square(4)(&$0)
          $0.scratchpad.capacityKiB = 131_072
          $0.moveIn.scaleUnits = 4
        },
        {
          square(4)(&$0)
          $0.scratchpad.capacityKiB = 262_144
          $0.moveIn.scaleUnits = 4
        }, "scratchpad.capacityKiB"
      ),
      (
        {
          $0.accumulator.singlePorted = true
          $0.accumulator.subBanks = 4
        },
        { $0.accumulator.subBanks = 2 }, "accumulator.subBanks"
      ),
      (
        { $0.accumulator.readsFullWidth = false },
        {
          $0.accumulator.readsFullWidth = false
          $0.accumulator.readsSmallWidth = false
        },
        "accumulator.readsFullWidth"
      ),
      (
        { $0.features.executeReadsAccumulator = false },
        {
          $0.features.executeReadsAccumulator = false
          $0.features.executeReadsScratchpad = false
        }, "features.executeReadsScratchpad"
      ),
      (
        { $0.features.executeWritesScratchpad = false },
        {
          $0.features.executeWritesAccumulator = false
          $0.features.executeWritesScratchpad = false
        }, "features.executeWritesAccumulator"
      ),
      ({ $0.dma.maxBytes = 16 }, { $0.dma.maxBytes = 8 }, "dma.maxBytes"),
      ({ $0.dma.busBits = 512 }, { $0.dma.busBits = 1024 }, "dma.maxBytes"),
      ({ $0.dma.alignedTo = 1 }, { $0.dma.alignedTo = 2 }, "dma.alignedTo"),
      ({ $0.moveIn.scaleUnits = 48 }, { $0.moveIn.scaleUnits = 49 }, "moveIn.scaleUnits"),
      (
        {
          $0.moveOut.scaleUnits = 4
          $0.features.normalizations = true
        },
        { $0.moveOut.scaleUnits = 4 }, "moveOut.scaleUnits"
      ),
      (
        {
          $0.moveOut.scaleUnits = 52
          $0.features.normalizations = true
        },
        {
          $0.moveOut.scaleUnits = 53
          $0.features.normalizations = true
        }, "moveOut.scaleUnits"
      ),
      (
        { $0.features.normalizations = true },
        {
          $0.moveOut.scaleUnits = 3
          $0.features.normalizations = true
        }, "moveOut.scaleUnits"
      ),
      (
        {
          $0.features.nonlinearUnit = true
          $0.placement.softmax = .fpUnit
        },
        { $0.placement.softmax = .fpUnit }, "placement.softmax"
      ),
      (
        {
          $0.features.normalizations = true
          $0.placement.activation = .integerUnit
        },
        { $0.placement.activation = .integerUnit }, "placement.activation"
      ),
      (
        { $0.placement.residual = .integerUnit },
        {
          $0.placement.residual = .integerUnit
          $0.accumulator.readsSmallWidth = false
        }, "placement.residual"
      ),
      (
        {
          $0.features.nonlinearUnit = true
          $0.nonlinear.lanes = 16
        },
        {
          $0.features.nonlinearUnit = true
          $0.nonlinear.lanes = 32
        }, "nonlinear.lanes"
      ),
      (
        { $0.nonlinear.divisionInterval = 14 }, { $0.nonlinear.divisionInterval = 15 },
        "nonlinear.divisionInterval"
      ),
      (
        {
          $0.features.nonlinearUnit = true
          $0.reservationStation.loadEntries = 16
          $0.reservationStation.nonlinearEntries = 16
        },
        {
          $0.features.nonlinearUnit = true
          $0.reservationStation.loadEntries = 16
          $0.reservationStation.nonlinearEntries = 32
        }, "reservationStation.loadEntries"
      ),
      // Sets: 96 KiB / (12 × 64 B) = 128; with 8 ways 192.
      (
        {
          $0.l2.capacityKiB = 96
          $0.l2.ways = 12
        },
        { $0.l2.capacityKiB = 96 }, "l2.capacityKiB"
      ),
      (
        {
          $0.l2.capacityKiB = 512
          $0.dma.maxBytes = 64
        },
        {
          $0.l2.capacityKiB = 512
          $0.dma.maxBytes = 128
        }, "l2.lineBytes"
      ),
      ({ $0.name = "é" }, { $0.name = "a\tb" }, "name"),
    ]
    for (index, rule) in cases.enumerated() {
      #expect(paths(rule.kept) == [], "case \(index) kept")
      #expect(paths(rule.broken) == [rule.path], "case \(index) broken")
    }
  }

  private func square(_ dim: Int) -> Change {
    {
      $0.array.meshRows = dim
      $0.array.meshColumns = dim
    }
  }

  /// The bounds that the schema states are the ones that decoding enforces, on both sides.
  @Test func everyRangeHoldsOnBothSides() throws {
    let keys = try schemaKeys()
    #expect(keys.count > 45)
    for (section, key, schema) in keys {
      let path = "\(section).\(key)"
      func expectations(_ value: String) -> [String] {
        do {
          _ = try HardwareConfig(json: #"{"\#(section)": {"\#(key)": \#(value)}}"#)
          return []
        } catch {
          return error.problems.filter { $0.path == path }.map(\.expected)
        }
      }
      func isOutOfRange(_ value: Int) -> Bool {
        expectations("\(value)").contains {
          $0.hasPrefix("a whole number ") || $0.hasPrefix("a power of two ") && $0.contains("...")
        }
      }
      if let low = schema["minimum"] as? Int, let high = schema["maximum"] as? Int {
        #expect(!isOutOfRange(low) && !isOutOfRange(high), "\(path)")
        #expect(isOutOfRange(low - 1) && isOutOfRange(high + 1), "\(path)")
      } else if let values = schema["enum"] as? [Int] {
        #expect(values.allSatisfy { !isOutOfRange($0) }, "\(path)")
        let others = values.map { $0 + 1 }.filter { !values.contains($0) }
        #expect(!others.isEmpty && others.allSatisfy(isOutOfRange), "\(path)")
        #expect(isOutOfRange(0) && isOutOfRange(-1), "\(path)")
      } else if let names = schema["enum"] as? [String] {
        // A placement needs the unit that it names, which is a rule's affair.
        for name in names where section != "placement" {
          #expect(expectations("\"\(name)\"").isEmpty, "\(path) \(name)")
        }
        #expect(expectations("\"\(names[0])x\"").count == 1, "\(path)")
      } else {
        #expect(schema["type"] as? String == "boolean", "\(path)")
        #expect(expectations("0").count == 1, "\(path)")
      }
      for extreme in [Int.min, -1, Int.max] where schema["type"] as? String == "integer" {
        #expect(isOutOfRange(extreme), "\(path)")
      }
    }
  }

  /// A property without a key could neither be set nor written.
  @Test func everyPropertyHasAKeyInItsOrder() throws {
    let text = JSONText(parsing: Array(HardwareConfig().json().utf8))
    guard case .object(let sections) = try #require(text.value).content else { return }
    let properties = Array(Mirror(reflecting: HardwareConfig()).children)
    #expect(sections.map(\.key) == properties.map(\.label))
    for (section, property) in zip(sections, properties) where section.key != "name" {
      guard case .object(let keys) = section.value.content else { continue }
      #expect(keys.map(\.key) == Mirror(reflecting: property.value).children.map(\.label))
    }
  }

  /// Nothing overflows when a program, not a file, fills a configuration with nonsense.
  @Test func extremesInEveryPlaceAreProblemsNotTraps() {
    for extreme in [Int.min, -1, 0, Int.max / 2 + 1, Int.max] {
      var config = HardwareConfig()
      config.array.meshRows = extreme
      config.array.tileRows = extreme
      config.array.meshColumns = extreme
      config.array.tileColumns = extreme
      config.scratchpad.capacityKiB = extreme
      config.scratchpad.banks = extreme
      config.accumulator.capacityKiB = extreme
      config.accumulator.banks = extreme
      config.accumulator.subBanks = extreme
      config.dma.maxBytes = extreme
      config.dma.busBits = extreme
      config.dma.alignedTo = extreme
      config.moveIn.scaleUnits = extreme
      config.moveOut.scaleUnits = extreme
      #expect(config.problems().count >= 12)
      #expect(throws: InvalidConfig.self) { try Machine(config) }
    }
  }

  /// Facts 1.1, 1.2 and 1.4 state these numbers.
  @Test func derivedNumbersAreThoseOfTheFacts() throws {
    func machine(_ name: String) throws -> Machine {
      try Machine(#require(HardwareConfig.preset(name)))
    }
    let standard = try machine("gemmini-default")
    #expect(standard.dim == 16)
    #expect(standard.scratchpadRows == 16_384 && standard.scratchpadBankRows == 4096)
    #expect(standard.accumulatorRows == 1024 && standard.accumulatorBankRows == 512)
    #expect(standard.layout.dataBits == 14)
    #expect(standard.maxBlockLength == 4 && standard.maxBlockLengthAccumulator == 1)
    #expect(standard.beatBytes == 16 && standard.commandsInFlight == 2)
    #expect(try machine("gemmini-lean").commandsInFlight == 5)
    let chip = try machine("gemmini-chip")
    #expect(chip.scratchpadBankRows == 1024 && chip.accumulatorBankRows == 256)
    let ibert = try machine("gemmini-ibert")
    #expect(ibert.accumulatorBankRows == 1024 && ibert.accumulatorRows == 2048)
    #expect(try machine("gemmini-32x32").dim == 32)
    #expect(try machine("gemmini-8x8").dim == 8)
    // golden/rtl/README.md, the table of the two designs.
    #expect(try machine("rtl-lean").commandsInFlight == 3)
    #expect(try machine("rtl-default").commandsInFlight == 2)
  }

  private func schemaKeys() throws -> [(section: String, key: String, schema: [String: Any])] {
    let data = Data(HardwareConfig.schema().utf8)
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let sections = try #require(root["properties"] as? [String: [String: Any]])
    return sections.flatMap { section, schema in
      (schema["properties"] as? [String: [String: Any]] ?? [:]).map { (section, $0, $1) }
    }
  }
}
