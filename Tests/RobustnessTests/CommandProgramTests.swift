import AccelSim
import Foundation
import SystolicCore
import Testing

extension Robustness {
  /// Random legal programs through the functional machine and the timing machine, with data and
  /// without, with reuse and without: the same memory, the same cycles, complete accounts, no deadlock.
  ///
  /// A program whose result depends on time is refused with data by name of the place (corrections C3
  /// to C7): it counts as refused, and is compared in runs without data alone.
  @Test func commandPrograms() async {
    let count = ProcessInfo.processInfo.environment["ROBUSTNESS_PROGRAMS"].flatMap(Int.init)
    await Campaign(name: "programs", share: 2).run(count: count) { random in
      let program = try CommandProgram(&random)
      try Self.checkRefusal(program)
      let plain: RunResult
      do {
        plain = try Self.result(program, data: false, reuses: false)
      } catch SimulationError.illegal(let words) {
        try require(!words.contains("nothing can move"), "\(words)\n\(program.text)")
        if words.contains("output-stationary sums") {
          let hazards = try FunctionalRun.run(StepList(program.steps), on: program.machine).machine
            .hazards
          try require(
            hazards.contains { $0.kind == .sumsLeftBehind }, "not noted: \(words)\n\(program.text)")
        }
        // The hardware asserts or stands still: an end in any kind of run; with data it may be another
        // mistake, before.
        #expect(throws: SimulationError.illegal(words)) {
          try Self.result(program, data: false, reuses: true)
        }
        #expect(throws: SimulationError.self) {
          try Self.result(program, data: true, reuses: false)
        }
        return .refused
      }
      let reusing = try Self.result(program, data: false, reuses: true)
      try Self.check(plain)
      let difference = try ReuseCheck.difference(reusing, plain)
      try require(difference == nil, "with reuse \(difference ?? "")")

      let function = try FunctionalRun.run(StepList(program.steps), on: program.machine)
      var checked = program
      for (name, start) in [("input", CommandProgram.input), ("output", CommandProgram.output)] {
        let bytes = try #require(
          function.machine.memory.bytes(at: start, count: 2 * CommandProgram.bytes))
        checked.check(name, start, bytes)
      }
      let withData: RunResult
      do {
        withData = try Self.result(checked, data: true, reuses: false)
      } catch SimulationError.illegal(let words) {
        try require(
          !plain.warnings.isEmpty, "refused with data, but no warning without: \(words)")
        return .refused
      }
      try Self.check(withData)
      try require(withData.mismatches.isEmpty, "other memory: \(withData.mismatches)")
      try require(plain.warnings.isEmpty, "a warning only without data: \(plain.warnings)")
      // A value decides the time of a normaliser's division (facts 8.7).
      guard function.machine.trivialDivisions.isEmpty else { return .accepted }
      try require(
        withData.cycles == plain.cycles && withData.fenceCycles == plain.fenceCycles,
        "\(withData.cycles) cycles with data, \(plain.cycles) without")
      try require(withData.units == plain.units, "other accounts with data")
      return .accepted
    }
  }

  /// Whether what is not legal is refused in words in each kind of run, and does not stand still.
  private static func checkRefusal(_ program: CommandProgram) throws {
    guard let illegal = program.illegal else { return }
    var refused = program
    refused.steps = illegal
    for (data, reuses) in [(true, false), (false, false), (false, true)] {
      let error = try #require(throws: (any Error).self, "\(refused.text)") {
        try result(refused, data: data, reuses: reuses)
      }
      try require(!"\(error)".contains("nothing can move"), "\(error)\n\(refused.text)")
    }
  }

  private static func result(
    _ program: CommandProgram, data: Bool, reuses: Bool
  ) throws -> RunResult {
    var options = RunOptions()
    options.carriesData = data
    options.reuses = reuses
    var source = StepList(program.steps)
    return try Simulator.run(&source, on: program.machine, options: options).result
  }
}

extension CommandProgram {
  /// The machine and the commands, for messages.
  var text: String {
    let disassembler = Disassembler()
    let lines = steps.map { step in
      switch step {
      case .command(let command): disassembler.text(command)
      case .fence: "fence"
      default: "# data"
      }
    }
    return "\(machine.config.json(onlyDifferences: true))\(lines.joined(separator: "\n"))"
  }

  /// The program must leave `bytes` at `address`.
  fileprivate mutating func check(_ name: String, _ address: UInt64, _ bytes: [UInt8]) {
    steps.append(.check(address: address, expected: bytes, label: name))
  }
}
