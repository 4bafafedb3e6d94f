import SystolicCore
import Testing

@testable import AccelSim

/// What a trace says, against what the run's own accounts and records say.
@Suite struct TraceContentTests {
  static let presets = ["gemmini-default", "rtl-lean", "gemmini-fp"]

  /// A unit's slices have no gaps and give each reason the cycles of its account.
  @Test(arguments: presets)
  func unitsAddUpToTheAccounts(_ preset: String) throws {
    for seed in 0..<UInt64(4) {
      let run = try WatchedRun(WatchedRun.program(seed, on: preset))
      let trace = try ReadTrace(run.trace)
      for unit in run.output.result.units {
        let slices = trace.slices(of: "/" + unit.unit)
        var end = 0
        var cycles: [String: Int] = [:]
        var last = ""
        for slice in slices {
          #expect(slice.start == end && slice.name != last)
          end = slice.end
          last = slice.name
          cycles[slice.name, default: 0] += slice.end - slice.start
        }
        #expect(end == run.output.result.cycles)
        for reason in unit.reasons {
          #expect(cycles[reason.reason, default: 0] == reason.cycles, "\(unit.unit)")
        }
      }
    }
  }

  /// Each command has a slice in which it waits and one in which it runs, in its entry's row.
  @Test(arguments: presets)
  func commandsAreThoseOfTheRecords(_ preset: String) throws {
    let run = try WatchedRun(WatchedRun.program(7, on: preset))
    let trace = try ReadTrace(run.trace)
    let disassembler = Disassembler()
    for record in run.output.commands {
      let row = trace.slices(of: "\(record.commandClass) commands/entry \(record.slot)")
      let own = row.filter { $0.arguments["sequence"] as? Int == record.sequence }
      #expect(own.count == 2)
      let waits = try #require(own.first { $0.category == "waits" })
      let runs = try #require(own.first { $0.category == "runs" })
      #expect(waits.start == record.allocated && waits.end == record.issued)
      #expect(runs.start == record.issued && runs.end == record.completed + 1)
      let text = disassembler.text(record.command)
      #expect(runs.arguments["command"] as? String == text)
      #expect(runs.name == text.prefix { $0 != " " })
      #expect(waits.name == runs.name + " waits")
      let stalls = try #require(runs.arguments["cycles"] as? [String: Int])
      #expect(stalls.values.reduce(0, +) == record.completed - record.issued)
    }
    #expect(trace.slices.count { $0.category != nil } == 2 * run.output.commands.count)
  }

  /// A mvin, a preload of what it brought, a mvout of what comes out: an arrow from the end of one to
  /// the issue of the next.
  @Test func arrowsShowWhatCommandsWaitFor() throws {
    var bench = try TimingBench("gemmini-default")
    bench.configureExecute()
    bench.configureLoad()
    bench.configureStore()
    bench.moveIn(0)
    bench.preload(0, to: TimingBench.accumulator(0))
    bench.compute(0)
    bench.moveOut(TimingBench.accumulator(0))
    bench.fence()
    let run = try WatchedRun(bench)
    let trace = try ReadTrace(run.trace)
    func record(_ function: Function) throws -> CommandRecord {
      try #require(run.output.records(function).first)
    }
    let (load, preload) = (try record(.mvin), try record(.preload))
    let (compute, store) = (try record(.computePreloaded), try record(.mvout))
    func row(_ record: CommandRecord) -> Int? {
      trace.threads.first {
        $0.value == "\(record.commandClass) commands/entry \(record.slot)"
      }?.key
    }
    var found: Set<[Int?]> = []
    for start in trace.events where start.phase == "s" {
      let finish = trace.events.first { $0.phase == "f" && $0.id == start.id }
      found.insert([start.thread, start.start, finish?.thread, finish?.start])
    }
    let expected = [(load, preload), (load, compute), (preload, store)].map { from, to in
      [row(from), from.completed, row(to), to.issued]
    }
    #expect(found == Set(expected))
  }

  /// Operators, the host's work and its fences lie where the reports have them.
  @Test func theProgramIsInIt() throws {
    var bench = try TimingBench("gemmini-default")
    bench.config.host.fenceCycles = 9
    bench.configureLoad()
    bench.moveIn(0)
    let tensor = HostTensor(address: TimingBench.memory, type: .fp32, stride: 64)
    var bytes = tensor
    bytes.type = .int8
    let work = HostWork(.softmax, rows: 2, columns: 16, input: bytes, output: tensor)
    let steps: [ProgramStep] =
      [.region("one")] + bench.steps + [.fence, .region("two"), .host(work), .region("three")]
      + bench.steps + [.fence]
    let run = try WatchedRun(steps, bench.config)
    let trace = try ReadTrace(run.trace)
    let result = run.output.result
    let regions = trace.slices(of: "/operators")
    #expect(regions.map(\.name) == ["one", "two", "three"])
    #expect(regions.map { $0.end - $0.start } == result.regions.map(\.cycles))
    let host = trace.slices(of: "/host")
    #expect(
      host.map(\.name) == [
        "config_ld", "mvin", "fence", "passes a fence", "conversion", "softmax", "config_ld",
        "mvin", "fence", "passes a fence",
      ])
    let costs = Dictionary(
      uniqueKeysWithValues: result.hostCycles.map { ($0.activity, $0.cycles) })
    func cycles(_ name: String) -> Int {
      host.filter { $0.name == name }.reduce(0) { $0 + $1.end - $1.start }
    }
    #expect(cycles("conversion") == costs[.conversion])
    #expect(cycles("softmax") == (costs[.softmax] ?? 0) + (costs[.launch] ?? 0))
    #expect(cycles("passes a fence") == 18)
    #expect(host.filter { $0.name == "passes a fence" }.map(\.end) == result.fenceCycles)
  }

  /// Jumps over idle cycles, and more observers, leave the same bytes; so does a second run.
  @Test(arguments: presets)
  func theSameRunGivesTheSameBytes(_ preset: String) throws {
    for seed in 20..<UInt64(22) {
      let bench = try WatchedRun.program(seed, on: preset)
      for window in [CycleWindow.all, CycleWindow(from: 77, until: 555)] {
        let jumped = try WatchedRun(bench, window: window)
        let stepped = try WatchedRun(bench, window: window, records: true)
        let again = try WatchedRun(bench, window: window)
        #expect(jumped.trace == again.trace && jumped.waves == again.waves)
        #expect(difference(jumped.trace, stepped.trace) == nil, "seed \(seed)")
        #expect(difference(jumped.waves, stepped.waves) == nil, "seed \(seed)")
        #expect(jumped.output.result == stepped.output.result)
      }
    }
  }

  /// The first line in which two texts differ.
  private func difference(_ one: [UInt8], _ other: [UInt8]) -> String? {
    guard one != other else { return nil }
    let lines = [one, other].map {
      $0.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
    let index = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
    return "line \(index + 1): "
      + lines.map { index < $0.count ? $0[index] : "-" }
      .joined(separator: " or ")
  }

  /// A window has the slices of the whole that overlap it, cut to it.
  @Test func aWindowIsAPartOfTheWhole() throws {
    let bench = try WatchedRun.program(3, on: "gemmini-fp")
    let whole = try ReadTrace(WatchedRun(bench).trace)
    let end = try #require(whole.slices.map(\.end).max())
    for window in [
      CycleWindow(from: end / 3, until: end / 2), CycleWindow(from: end / 2, until: end / 2 + 1),
      CycleWindow(from: 0, until: end / 4), CycleWindow(from: end / 4, until: .max),
      CycleWindow(from: end + 10, until: end + 20),
    ] {
      let part = try ReadTrace(WatchedRun(bench, window: window).trace)
      let expected = whole.slices.filter { $0.start < window.until && $0.end > window.from }.map {
        var slice = $0
        slice.start = max(slice.start, window.from)
        slice.end = min(slice.end, window.until)
        return slice
      }
      #expect(expected.map(\.text).sorted() == part.slices.map(\.text).sorted())
      for slice in part.slices where slice.start > window.from && slice.end < window.until {
        #expect(!slice.isCut)
      }
    }
  }

  /// The steps of a generation stand behind each other.
  @Test func runsFollowEachOther() throws {
    let bench = try WatchedRun.program(5, on: "gemmini-default")
    let once = try WatchedRun(bench)
    let twice = try ReadTrace(WatchedRun(bench.steps, bench.config, times: 2).trace)
    let single = try ReadTrace(once.trace)
    let cycles = once.output.result.cycles
    let expected =
      single.slices
      + single.slices.map {
        var slice = $0
        slice.start += cycles
        slice.end += cycles
        return slice
      }
    #expect(expected.map(\.text).sorted() == twice.slices.map(\.text).sorted())
  }
}
