import SystolicCore
import Testing

@testable import AccelSim

/// The rules of the Trace Event Format for the events that a trace has: the types of their fields,
/// slices that nest, both ends of each arrow inside a slice.
@Suite struct TraceFormatTests {
  @Test(arguments: ["gemmini-default", "rtl-lean", "gemmini-fp"])
  func theSchemaHolds(_ preset: String) throws {
    for seed in 0..<UInt64(3) {
      let bench = try WatchedRun.program(seed, on: preset)
      for window in [CycleWindow.all, CycleWindow(from: 100, until: 400)] {
        try check(ReadTrace(WatchedRun(bench, window: window).trace), "\(preset) \(seed)")
      }
    }
  }

  private func check(_ trace: ReadTrace, _ title: Comment) throws {
    let unit = trace.top["displayTimeUnit"] as? String
    #expect(unit == "ns" || unit == "ms", title)
    #expect(trace.top["otherData"] is [String: Any], title)
    var starts: [Int: TraceEvent] = [:]
    var finishes: [Int: TraceEvent] = [:]
    for event in trace.events {
      #expect(event.start >= 0, title)
      switch event.phase {
      case "X": #expect(event.name != nil && (event.duration ?? -1) >= 0, title)
      case "B": #expect(event.name != nil && event.category != nil, title)
      case "E": break
      case "M":
        switch event.name {
        case "process_name", "thread_name": #expect(event.arguments["name"] is String, title)
        case "process_sort_index", "thread_sort_index":
          #expect(event.arguments["sort_index"] is Int, title)
        default: Issue.record("metadata \(event.name ?? "")")
        }
      case "C":
        #expect(event.name != nil && !event.arguments.isEmpty, title)
        #expect(event.arguments.values.allSatisfy { $0 is Int }, title)
      case "s":
        let old = starts.updateValue(event, forKey: try #require(event.id))
        #expect(old == nil, title)
      case "f":
        let old = finishes.updateValue(event, forKey: try #require(event.id))
        #expect(old == nil && event.binding == "e", title)
      default: Issue.record("phase \(event.phase)")
      }
    }
    try checkSlices(trace, title)
    #expect(Set(starts.keys) == Set(finishes.keys), title)
    for (id, start) in starts {
      let finish = try #require(finishes[id])
      #expect(start.name == finish.name && start.category == finish.category, title)
      #expect(start.start <= finish.start, title)
      for end in [start, finish] {
        let holders = trace.slices.count {
          $0.thread == end.thread && $0.start <= end.start && end.start < $0.end
        }
        #expect(holders == 1, "arrow \(id)")
      }
    }
  }

  /// In each row slices follow each other in the file, and none overlaps the one before.
  private func checkSlices(_ trace: ReadTrace, _ title: Comment) throws {
    var ends: [Int: Int] = [:]
    for slice in trace.slices {
      #expect(trace.threads[slice.thread] != nil, title)
      #expect(slice.start >= ends[slice.thread, default: 0], title)
      #expect(slice.end >= slice.start, title)
      ends[slice.thread] = slice.end
    }
  }

  /// Names of any origin stay inside their strings.
  @Test func namesAreEscaped() throws {
    let bench = try TimingBench("gemmini-default")
    let steps: [ProgramStep] = [
      .region("a\"b\\c\n\u{1}"), .command(Command(.flush, 0, 0)), .fence,
    ]
    let trace = try ReadTrace(WatchedRun(steps, bench.config).trace)
    #expect(trace.slices(of: "operators").map(\.name) == ["a\"b\\c\n\u{1}"])
  }

  @Test(arguments: [
    ("0:10", 0, 10), ("5:", 5, Int.max), (":7", 0, 7), ("3:4", 3, 4),
  ])
  func windowsAreRead(_ text: String, _ from: Int, _ until: Int) {
    #expect(CycleWindow(text) == CycleWindow(from: from, until: until))
  }

  @Test(arguments: ["", ":", "5", "4:4", "5:4", "a:b", "1:2:3", "-1:5", "1:99999999999999999999"])
  func otherTextIsNoWindow(_ text: String) { #expect(CycleWindow(text) == nil) }

  private struct DiskFull: Error {}

  /// What a sink cannot take ends the run, soon.
  @Test func aFailingSinkEndsTheRun() throws {
    let bench = try TimingBench("gemmini-default")
    var chunks = 0
    let watcher = RunWatcher(
      Machine(unchecked: bench.config),
      trace: .init { _ in
        chunks += 1
        throw DiskFull()
      })
    var options = RunOptions()
    options.carriesData = false
    var asked = 0
    var source = CountedSource { asked += 1 }
    #expect(throws: DiskFull.self) {
      try Simulator.run(
        &source, on: Machine(unchecked: bench.config), options: options, watcher: watcher)
    }
    #expect(chunks == 1)
    #expect(asked < 100_000)
  }

  /// Moves without end.
  private struct CountedSource: CommandSource {
    let count: () -> Void
    var legalMACs: Int? { 0 }

    mutating func next() -> ProgramStep? {
      count()
      return .command(Command(.mvin, TimingBench.memory, TimingBench.tile(1, 1, 0)))
    }
  }
}
