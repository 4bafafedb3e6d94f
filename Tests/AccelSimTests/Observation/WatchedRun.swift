import Foundation
import SystolicCore
import Testing

@testable import AccelSim

/// A run with its trace and its wave dump.
struct WatchedRun {
  var output: SimulationOutput
  var trace: [UInt8]
  var waves: [UInt8]

  private final class Bytes {
    var all: [UInt8] = []
  }

  /// Runs `steps` without data.
  ///
  /// - Parameter records: Whether events are kept too, and so idle cycles are not jumped over.
  init(
    _ steps: [ProgramStep], _ config: HardwareConfig, window: CycleWindow = .all,
    units: Set<WaveUnit> = Set(WaveUnit.allCases), records: Bool = false, times: Int = 1
  ) throws {
    let machine = Machine(unchecked: config)
    let trace = Bytes()
    let waves = Bytes()
    let watcher = RunWatcher(
      machine, trace: .init(window: window) { trace.all += $0 },
      waves: .init(window: window) { waves.all += $0 }, units: units)
    var options = RunOptions()
    options.carriesData = false
    options.recordsCommands = true
    options.recordsEvents = records
    var last: SimulationOutput?
    for _ in 0..<times {
      var source = StepList(steps)
      last = try Simulator.run(&source, on: machine, options: options, watcher: watcher)
    }
    try watcher.finish()
    output = try #require(last)
    self.trace = trace.all
    self.waves = waves.all
  }

  init(
    _ bench: TimingBench, window: CycleWindow = .all,
    units: Set<WaveUnit> = Set(WaveUnit.allCases), records: Bool = false
  ) throws {
    try self.init(bench.steps, bench.config, window: window, units: units, records: records)
  }

  /// A random program with operators, host work and fences.
  static func program(_ seed: UInt64, on preset: String) throws -> TimingBench {
    try TimingPropertyTests.program(seed, on: preset)
  }
}

/// One event of a trace, as any JSON reader sees it.
struct TraceEvent {
  var phase: String
  var process: Int
  var thread: Int
  var start: Int
  var duration: Int?
  var name: String?
  var category: String?
  var id: Int?
  var binding: String?
  var arguments: [String: Any]

  init(_ object: [String: Any]) throws {
    phase = try #require(object["ph"] as? String)
    process = try #require(object["pid"] as? Int)
    thread = try #require(object["tid"] as? Int)
    start = try #require(object["ts"] as? Int)
    duration = object["dur"] as? Int
    name = object["name"] as? String
    category = object["cat"] as? String
    id = object["id"] as? Int
    binding = object["bp"] as? String
    arguments = object["args"] as? [String: Any] ?? [:]
  }
}

/// A slice: an X event, or a B event with its E.
struct TraceSlice {
  var thread: Int
  var start: Int
  var end: Int
  var name: String
  var category: String?
  var arguments: [String: Any]

  var isCut: Bool { arguments["cut"] != nil }
  /// What can be compared.
  var text: String { "\(thread) \(start) \(end) \(name) \(category ?? "")" }
}

/// A trace, read back.
struct ReadTrace {
  var events: [TraceEvent]
  var top: [String: Any]
  var slices: [TraceSlice] = []
  /// Names of threads by their numbers, behind that of their process.
  var threads: [Int: String] = [:]

  init(_ bytes: [UInt8]) throws {
    top = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    events = try (try #require(top["traceEvents"] as? [[String: Any]])).map { try TraceEvent($0) }
    var processes: [Int: String] = [:]
    var open: [Int: [TraceSlice]] = [:]
    for event in events {
      switch event.phase {
      case "M" where event.name == "process_name":
        processes[event.process] = event.arguments["name"] as? String
      case "M" where event.name == "thread_name":
        let name = try #require(event.arguments["name"] as? String)
        threads[event.thread] = (processes[event.process] ?? "?") + "/" + name
      case "X":
        slices.append(
          TraceSlice(
            thread: event.thread, start: event.start,
            end: event.start + (try #require(event.duration)), name: try #require(event.name),
            category: event.category, arguments: event.arguments))
      case "B":
        open[event.thread, default: []].append(
          TraceSlice(
            thread: event.thread, start: event.start, end: -1, name: try #require(event.name),
            category: event.category, arguments: event.arguments))
      case "E":
        let last = open[event.thread]?.popLast()
        var slice = try #require(last, "an end without a beginning")
        slice.end = event.start
        slice.arguments.merge(event.arguments) { $1 }
        slices.append(slice)
      default: break
      }
    }
    #expect(open.values.allSatisfy { $0.isEmpty }, "slices that do not end")
  }

  /// Slices of the thread whose name ends so.
  func slices(of thread: String) -> [TraceSlice] {
    slices.filter { threads[$0.thread]?.hasSuffix(thread) == true }
  }
}
