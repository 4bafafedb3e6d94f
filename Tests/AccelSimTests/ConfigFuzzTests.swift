import AccelSim
import Foundation
import Testing

/// Seeded mutations of good configurations: each gives a machine or problems, never a trap.
///
/// `FUZZ_ITERATIONS` sets how many; the default suits a debug build.
@Suite struct ConfigFuzzTests {
  private static let iterations =
    ProcessInfo.processInfo.environment["FUZZ_ITERATIONS"].flatMap(Int.init) ?? 2000

  @Test func mutatedFilesGiveAMachineOrProblems() throws {
    var random = SplitMix(state: 0x5EED_C0F1)
    let seeds = HardwareConfig.presets.flatMap {
      [Array($0.config.json().utf8), Array($0.config.json(onlyDifferences: true).utf8)]
    }
    var (accepted, refused) = (0, 0)
    for iteration in 0..<Self.iterations {
      var text = seeds[random.below(seeds.count)]
      for _ in 0...random.below(4) { mutate(&text, &random) }
      if JSONText(parsing: text).problems.isEmpty {
        // What the strict reader accepts is JSON for Foundation's, which is laxer.
        #expect(throws: Never.self, "iteration \(iteration)") {
          try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        }
      }
      do {
        let config = try HardwareConfig(json: text, file: "fuzz.json")
        accepted += 1
        try check(config)
      } catch let error as InvalidConfig {
        refused += 1
        #expect(!error.problems.isEmpty, "iteration \(iteration)")
        let allPlaced = error.problems.allSatisfy { $0.position != nil && !$0.expected.isEmpty }
        #expect(allPlaced, "iteration \(iteration): \(error)")
      }
    }
    // Both outcomes must occur, or the mutations would prove nothing.
    #expect(accepted > Self.iterations / 50 && refused > Self.iterations / 50)
    print("config fuzz: \(Self.iterations) mutations, \(accepted) accepted, \(refused) refused")
  }

  /// What is accepted is a consistent machine and survives writing and reading.
  private func check(_ config: HardwareConfig) throws {
    #expect(config.problems() == [])
    #expect(try HardwareConfig(json: config.json()) == config)
    let machine = try Machine(config)
    #expect(machine.dim == 1 << machine.dimLog2)
    #expect(machine.scratchpadBankRows * config.scratchpad.banks == machine.scratchpadRows)
    #expect(machine.accumulatorBankRows * config.accumulator.banks == machine.accumulatorRows)
    #expect(machine.scratchpadRows * machine.dim == config.scratchpad.capacityKiB * 1024)
    #expect(machine.accumulatorRows * machine.dim * 4 == config.accumulator.capacityKiB * 1024)
    #expect(machine.layout.dataBits + 6 < 32)
    #expect(machine.beatBytes >= 1 && machine.maxBlockLength >= 1)
  }

  private static let tokens = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\uD800", "null", "true", "false", "-", "0",
    "1", "2", "8", "32", "64", "1e9", "0.5", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "\"array\": {", "\"meshRows\": 8,", "\"banks\": 1,", "\n", "\u{0}", "é",
    "//", String(repeating: "[", count: 100),
  ].map { Array($0.utf8) }

  private func mutate(_ text: inout [UInt8], _ random: inout SplitMix) {
    let place = random.below(text.count + 1)
    let end = min(text.count, place + 1 + random.below(8))
    switch random.below(7) {
    case 0 where place < text.count: text[place] ^= 1 << UInt8(random.below(8))
    case 1 where place < text.count: text[place] = UInt8(random.below(256))
    case 2: text.removeSubrange(place..<end)
    case 3:
      text.insert(contentsOf: Self.tokens[random.below(Self.tokens.count)], at: place)
    case 4: text.insert(contentsOf: Array(text[place..<end]), at: random.below(text.count + 1))
    case 5: text.removeSubrange((random.below(8) == 0 ? place : text.count)...)
    default: changeNumber(&text, from: place, &random)
    }
  }

  /// Replaces a whole number behind `start`: the mutation that most often stays valid JSON.
  private func changeNumber(_ text: inout [UInt8], from start: Int, _ random: inout SplitMix) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let first = text[start...].firstIndex(where: isDigit) else { return }
    let last = text[first...].firstIndex { !isDigit($0) } ?? text.count
    let values = [
      0, 1, 2, 3, 4, 5, 8, 16, 32, 48, 64, 128, 256, 512, 1024, 65_536, 1 << 31, 1 << 62,
    ]
    let value = values[random.below(values.count)]
    text.replaceSubrange(first..<last, with: Array("\(value)".utf8))
  }
}

/// A small seeded generator, so that every run makes the same mutations.
private struct SplitMix {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((bits ^ bits >> 31) % UInt64(bound))
  }
}
