import AccelSim
import Foundation
import Testing

extension Robustness {
  /// A folder that a trace's bins are in, gone at the end.
  private final class Folder: Sendable {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/accelsim-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data([1, 2, 3, 4]).write(to: URL(filePath: path + "/a.bin"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Traces are read, and those that are accepted run as `simctl replay` runs them.
  @Test func traces() async throws {
    let folder = try Folder()
    let machines = try ["gemmini-default", "gemmini-fp", "rtl-lean"].map {
      try Machine(try #require(HardwareConfig.preset($0)))
    }
    let lines = TraceSeed.lines.map { Array($0.utf8) }
    let whole = Array(("gemmini-trace 1\n" + TraceSeed.lines.joined(separator: "\n") + "\n").utf8)
    await Campaign(name: "traces", share: 100).run { random in
      var bytes = Array("gemmini-trace 1\n".utf8)
      for _ in 0..<random.number(1...12) { bytes += random.pick(lines) + [0x0A] }
      if random.oneIn(2) { ByteMutation.apply(to: &bytes, other: whole, &random) }
      do {
        var reader = try TraceReader(bytes: bytes, folder: folder.path)
        while try reader.next() != nil {}
        guard random.oneIn(2) else { return .accepted }
        var source = try TraceReader(bytes: bytes, folder: folder.path)
        var options = RunOptions()
        options.carriesData = random.oneIn(2)
        options.reuses = random.oneIn(2)
        let machine = random.pick(machines)
        let result = try Simulator.run(&source, on: machine, options: options).result
        try Self.check(result)
        return .accepted
      } catch let error as TraceError {
        try require(!error.expected.isEmpty && !error.found.isEmpty, "no words")
      } catch let error as FunctionalError {
        try require(!error.found.isEmpty && !error.expected.isEmpty, "no words")
      } catch let error as ProgramError {
        try require(!error.description.isEmpty, "no words")
      } catch SimulationError.illegal(let message) {
        try require(!message.isEmpty, "no words")
      } catch SimulationError.deadlock(let units) {
        throw Defect("deadlock: \(units); trace: \(String(decoding: bytes, as: UTF8.self))")
      }
      return .refused
    }
  }

  /// The accounts of a run are complete.
  static func check(_ result: RunResult) throws {
    for unit in result.units {
      try require(
        unit.total == result.cycles, "\(unit.unit): \(unit.total) of \(result.cycles) cycles")
      try require(unit.reasons.allSatisfy { $0.cycles >= 0 }, "\(unit.unit): below 0")
    }
    let uses = result.cycleUses.reduce(0) { $0 + $1.cycles }
    try require(uses == result.cycles, "uses: \(uses) of \(result.cycles) cycles")
  }

  @Test func assembly() async throws {
    let disassembler = Disassembler()
    var seeded = Seeded(17)
    var lines: [[UInt8]] = []
    for mnemonic in Mnemonic.allCases {
      var command = mnemonic.command
      for field in mnemonic.fields { field.layout.write(seeded.next(), to: &command) }
      lines.append(Array(disassembler.text(command).utf8))
    }
    lines += ["load 0x80000000 a", "zero 0x80000000 1", "fence", "check 0x80000000 1 a"].map {
      Array($0.utf8)
    }
    await Campaign(name: "assembly", share: 150).run { [lines] random in
      var bytes = random.pick(lines)
      ByteMutation.apply(to: &bytes, other: random.pick(lines), &random)
      do {
        var assembler = Assembler(bytes, file: "f.s")
        while let record = try assembler.next() {
          guard case .command(let command) = record else { continue }
          var again = Assembler(Array(disassembler.text(command).utf8), file: "again.s")
          try require(try again.next() == record, "another command after writing")
        }
        return .accepted
      } catch let error as AssemblyError {
        try require(
          error.line > 0 && error.column > 0 && !error.expected.isEmpty, "no place: \(error)")
        return .refused
      }
    }
  }

  @Test func commandRecords() async throws {
    let seed = Array(
      """
      seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete
      0,ex,0,0,0x3f80000000010004,0x1000000000000,,4,5,7
      1,st,3,0,0x2,0x3c00000000000010,loop_ws,5,6,6
      2,ld,1,2,0x80100000,0x10001000000000,loop_conv,6,7,

      """.utf8)
    await Campaign(name: "records", share: 50).run { random in
      var bytes = seed
      ByteMutation.apply(to: &bytes, other: seed, &random)
      do {
        let records = try CommandRecordFile.read(bytes, file: "f.csv")
        let text = CommandRecordFile.text(records)
        let again = try CommandRecordFile.read(Array(text.utf8), file: "again.csv")
        try require(again == records, "others after writing")
        return .accepted
      } catch let error as TraceError {
        try require(!error.expected.isEmpty && !error.found.isEmpty, "no words")
        return .refused
      }
    }
  }

  /// Commands of any bits are decoded and encoded again without loss.
  @Test func instructions() async throws {
    await Campaign(name: "instructions", share: 50).run { random in
      let encoding = random.pick(ConvEncoding.allCases)
      let words = (0..<2).map { _ -> UInt64 in
        switch random.below(4) {
        case 0: return 0
        // Single bits find fields that are in the wrong place.
        case 1: return 1 << UInt64(random.below(64))
        case 2: return random.next() & random.next()
        default: return random.next()
        }
      }
      let command = Command(funct: UInt8(random.below(128)), rs1: words[0], rs2: words[1])
      do {
        let instruction = try command.decode(encoding: encoding)
        try require(instruction.encode() == command, "another command after decoding")
        let again = try instruction.encode().decode(encoding: encoding)
        try require(again == instruction, "another instruction after encoding")
        return .accepted
      } catch is UnknownFunction {
        return .refused
      }
    }
  }

  /// Never another outcome than those that were written.
  @Test func journals() async throws {
    let axis = try #require(SweepAxis("memory.latency=5,6,7"))
    let request = SweepRequest(
      config: HardwareConfig(),
      workloads: [try WorkloadRequest("bert-base:sequence=8,layers=1")], axes: [axis])
    let plan = try SweepPlan(request)
    let outcomes: [SweepOutcome] = [
      .failed("first"), .failed("no \"room\",\nat all\u{1F}"), .failed("third"),
    ]
    let lines = zip(plan.points, outcomes).map { SweepJournal.line($1, of: $0, in: plan) }
    let good = Array(lines.joined().utf8)
    await Campaign(name: "journals", share: 30).run { random in
      var bytes = good
      ByteMutation.apply(to: &bytes, other: good, &random)
      do {
        let journal = try SweepJournal(reading: bytes, of: plan)
        for (number, outcome) in journal.outcomes {
          guard (1...3).contains(number), outcome == outcomes[number - 1] else {
            throw Defect("point \(number): \(outcome)")
          }
        }
        return .accepted
      } catch let error as SweepJournal.Problem {
        try require(error.line > 0 && !error.reason.isEmpty, "no words")
        return .refused
      }
    }
  }

  /// Formulas, constraints, axes and values of `--set`: random words and changed texts.
  @Test func expressions() async throws {
    let words = [
      "1", "23", "0", "sramBytes", "memory.latency", "array.meshRows", "array.dataflow", "x", "+",
      "-",
      "*", "/", "(", ")", "<", "<=", ">=", ">", "==", "=", ",", ":", "..", " ", "é", "-1", "1e9",
      "9223372036854775807", ".", "0.5", "\u{0}", "true", "WS", "2..64", "*2", "+4",
    ]
    let good = [
      "sramBytes <= 1048576", "memory.latency * 2 + 1 < 100", "memory.latency=1,2,3",
      "array.meshRows=4..64", "memory.latency=10", "bert-base:layers=1,sequence=16",
      "gemmini-fp:memory.latency=20",
    ].map { Array($0.utf8) }
    await Campaign(name: "expressions", share: 50).run { random in
      var text = ""
      if random.oneIn(2) {
        for _ in 0..<random.number(1...9) { text += random.pick(words) }
      } else {
        var bytes = random.pick(good)
        ByteMutation.apply(to: &bytes, other: random.pick(good), &random)
        text = String(decoding: bytes, as: UTF8.self)
      }
      var accepted = false
      do throws(SweepConstraint.Problem) {
        _ = try SweepConstraint(text)
        accepted = true
      } catch {
        try require((1...text.count + 1).contains(error.column), "column \(error.column)")
      }
      if let formula = try? Formula(text) {
        _ = formula.value { _ in 3 }
        accepted = true
      }
      if let axis = SweepAxis(text) {
        accepted = true
        try Self.check(axis, with: text)
      }
      if let assignment = ConfigAssignment(text) {
        accepted = true
        do {
          _ = try Machine(HardwareConfig().setting([assignment]))
        } catch let error as InvalidConfig {
          try require(!error.problems.isEmpty, "no problems")
        }
      }
      if let request = try? WorkloadRequest(text), !WorkloadRequest.looksLikeFile(text) {
        accepted = true
        do { _ = try request.steps() } catch let error as InvalidWorkload {
          try require(!error.problems.isEmpty, "no problems")
        }
      }
      return accepted ? .accepted : .refused
    }
  }

  private static func check(_ axis: SweepAxis, with text: String) throws {
    let request = SweepRequest(
      config: HardwareConfig(),
      workloads: [WorkloadRequest(name: "bert-base", values: ["layers": 1])],
      axes: [axis])
    do {
      let plan = try SweepPlan(request)
      try require(!plan.points.isEmpty, "a sweep without points")
    } catch let error as InvalidSweep {
      try require(!error.problems.isEmpty, "no problems")
    }
  }
}

enum TraceSeed {
  /// Records of every kind: settings, moves, products, loops and what is no command.
  static let lines = [
    "# words", "load 0x80100000 a.bin", "zero 0x80200000 64", "fence", "cmd 7 0x0 0x0",
    "#@check 0x80100000 4 a.bin", "dump 0x80100000 4 a.bin",
    // config_ex, config_ld, config_st
    "cmd 0 0x10004 0x1000000000000", "cmd 0 0x3f80000000100101 0x10",
    "cmd 0 0x2 0x3f80000000000010",
    // mvin, preload, compute, mvout
    "cmd 2 0x80100000 0x10001000000000", "cmd 6 0x10001000000000 0x10001080000000",
    "cmd 4 0x10001000000000 0x100010ffffffff", "cmd 3 0x80200000 0x10001080000000",
    // loop_ws of 2x2x2 blocks
    "cmd 9 0x0 0x200020002", "cmd 10 0x80100000 0x80110000", "cmd 11 0x0 0x80200000",
    "cmd 12 0x20 0x20", "cmd 13 0x0 0x20", "cmd 8 0x0 0x0",
    // counter, nonlinear unit
    "cmd 126 0x8 0x0", "cmd 32 0x10000000000000 0x3f800000",
    "cmd 33 0x10001000000000 0x0",
  ]
}
