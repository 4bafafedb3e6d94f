import AccelSim
import Testing

/// Seeded mutations of good workloads: each gives a workload or problems, never a trap.
@Suite struct WorkloadFuzzTests {
  private static let numbers = [
    0, 1, 2, 3, 4, 7, 8, 16, 64, 768, 4096, 1 << 20, 1 << 31, 1 << 40, 1 << 62, -1,
  ]

  @Test func mutatedFilesGiveAWorkloadOrProblems() throws {
    let models: [(String, [String: Int])] = [
      ("bert-base", ["layers": 1, "sequence": 16]), ("gpt2-decode", ["layers": 1, "ends": 1]),
      ("llama-7b", ["layers": 1]), ("alexnet-2012", [:]), ("squeezenet1.1", [:]),
      ("deit-ti", ["layers": 1]),
    ]
    var seeds: [[UInt8]] = []
    for (name, values) in models {
      let model = try #require(WorkloadModel.named(name))
      seeds.append(Array(try model.workload(values).json().utf8))
    }
    var random = Seeded(0x3017)
    var (accepted, refused) = (0, 0)
    // Files of a hundred kilobytes: a tenth of the iterations of a long run.
    for iteration in 0..<max(400, Seeded.iterations(400) / 10) {
      var text = seeds[Int.random(in: 0..<seeds.count, using: &random)]
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&text, &random) }
      do {
        let workload = try Workload(json: text, file: "fuzz.json")
        accepted += 1
        try check(workload)
      } catch let error as InvalidWorkload {
        refused += 1
        let allPlaced = error.problems.allSatisfy { $0.position != nil && !$0.expected.isEmpty }
        #expect(allPlaced && !error.problems.isEmpty, "iteration \(iteration): \(error)")
      }
    }
    // Both outcomes must occur, or the mutations would prove nothing.
    #expect(accepted > 0 && refused > 0)
  }

  /// What is accepted survives writing and reading, and can be counted.
  private func check(_ workload: Workload) throws {
    let again = try Workload(json: workload.json())
    #expect(again == workload)
    #expect(workload.macs >= 0 && workload.parameterCount >= 0)
    for traffic in WorkloadTraffic.allCases {
      #expect(WorkloadAnalysis(workload, traffic: traffic).total.bytes >= 0)
    }
  }

  private func mutate(_ text: inout [UInt8], _ random: inout Seeded) {
    guard !text.isEmpty else { return }
    let place = Int.random(in: 0..<text.count, using: &random)
    let end = min(text.count, place + Int.random(in: 1...12, using: &random))
    switch Int.random(in: 0..<10, using: &random) {
    case 0: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: text.removeSubrange(place..<end)
    case 2: text.insert(contentsOf: Array(text[place..<end]), at: place)
    case 3: exchangeLines(&text, &random)
    default: changeNumber(&text, from: place, &random)
    }
  }

  /// Replaces a whole number behind `start`: the mutation that most often stays valid JSON.
  private func changeNumber(_ text: inout [UInt8], from start: Int, _ random: inout Seeded) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let first = text[start...].firstIndex(where: isDigit) else { return }
    let last = text[first...].firstIndex { !isDigit($0) } ?? text.count
    let value = Self.numbers.randomElement(using: &random) ?? 0
    text.replaceSubrange(first..<last, with: Array("\(value)".utf8))
  }

  /// Another order of tensors or operators.
  private func exchangeLines(_ text: inout [UInt8], _ random: inout Seeded) {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    let first = Int.random(in: 0..<lines.count, using: &random)
    lines.swapAt(first, Int.random(in: 0..<lines.count, using: &random))
    text = Array(lines.joined(separator: [0x0A]))
  }
}
