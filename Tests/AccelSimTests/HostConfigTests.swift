import AccelSim
import Testing

/// The host's costs: a core sets them, a file's own numbers win.
@Suite struct HostConfigTests {
  private func costs(_ text: String) throws -> [Int] {
    let host = try HardwareConfig(json: #"{"host": {\#(text)}}"#).host
    return [
      host.softmaxCycles, host.activationCycles, host.layerNormCycles, host.residualCycles,
      host.conversionCycles, host.fenceCycles, host.launchCycles,
    ]
  }

  /// Paper facts 1.6; boom is half, rounded up.
  @Test func coresSetTheCosts() throws {
    #expect(try costs("") == [48, 51, 40, 111, 31, 0, 0])
    #expect(try costs(#""core": "rocket""#) == [48, 51, 40, 111, 31, 0, 0])
    #expect(try costs(#""core": "boom""#) == [24, 26, 20, 56, 16, 0, 0])
    var host = HostConfig()
    host.core = .boom
    #expect(host.activationCycles == 26)
    host.core = .rocket
    #expect(host == HostConfig())
  }

  @Test func givenCostsWinInAnyOrder() throws {
    let expected = [24, 7, 20, 56, 16, 3, 0]
    #expect(try costs(#""core": "boom", "activationCycles": 7, "fenceCycles": 3"#) == expected)
    #expect(try costs(#""activationCycles": 7, "fenceCycles": 3, "core": "boom""#) == expected)
    #expect(try costs(#""activationCycles": 7, "core": "boom", "fenceCycles": 3"#) == expected)
  }

  /// Also a cost that is Rocket's on another core, which is no default there.
  @Test func writtenCostsReadBackEqual() throws {
    var config = HardwareConfig()
    config.host.core = .boom
    #expect(
      config.json(onlyDifferences: true) == """
        {
          "name": "gemmini",
          "host": {
            "core": "boom"
          }
        }

        """)
    for softmax in [48, 24, 5] {
      config.host.softmaxCycles = softmax
      #expect(try HardwareConfig(json: config.json()) == config)
      #expect(try HardwareConfig(json: config.json(onlyDifferences: true)) == config)
    }
  }

  @Test func wrongCosts() {
    for (text, found, suggestion) in [
      (#""core": "bom""#, #"host.core: found "bom""#, #""boom""#),
      (#""core": "Rocket""#, #"host.core: found "Rocket""#, #""rocket""#),
      (#""softmaxCycle": 1"#, "host.softmaxCycle: found an unknown key", "softmaxCycles"),
      (#""activationCycles": 1000001"#, "host.activationCycles: found 1000001", nil),
      (#""launchCycles": -1, "core": "boom""#, "host.launchCycles: found -1", nil),
    ] {
      do {
        _ = try HardwareConfig(json: #"{"host": {\#(text)}}"#)
        Issue.record("accepted \(text)")
      } catch {
        #expect(error.problems.map(\.suggestion) == [suggestion])
        #expect(error.description.contains(found), "\(error)")
      }
    }
  }
}
