import FoundationEssentials
import SystolicCore
import Testing

@testable import AccelSim

/// Runs as files, and runs in bins of time.
struct RunFileTests {
  private static func network(_ preset: String) throws -> RunFile {
    let machine = try NetworkCheckTests.machine(preset)
    let steps = WorkloadSteps(try NetworkCheckTests.layer())
    let report = try NetworkRun.report(steps, on: machine)
    let program = RunProgram.network(
      workload: "layer.json", digest: steps.digest,
      tiles: ["q": MatmulTile(rows: 1, columns: 2, inner: 3)], fusing: .softmax)
    return RunFile(report, program, on: machine)
  }

  private static func matmul(events: Bool = false) throws -> (RunFile, SimulationOutput) {
    var config = try #require(HardwareConfig.preset("gemmini-default"))
    config.memory.latency = 300
    let machine = try Machine(config)
    let shape = Matmul(rows: 200, inner: 300, columns: 100)
    var source = TiledMatmul(try MatmulPlan(shape, on: machine))
    var options = RunOptions()
    options.carriesData = false
    options.recordsEvents = events
    let output = try Simulator.run(&source, on: machine, options: options)
    return (
      RunFile(output, .matmul(shape: shape), ReportContext(title: "t", notes: ["n"]), on: machine),
      output
    )
  }

  private static func problems(_ text: String) -> String {
    do {
      _ = try RunFile(json: Array(text.utf8), file: "r.json")
      return ""
    } catch {
      return error.description
    }
  }

  @Test(arguments: ["gemmini-default", "gemmini-fp"])
  func networksComeBack(_ preset: String) throws {
    let file = try Self.network(preset)
    let text = try file.json()
    #expect(try RunFile(json: Array(text.utf8), file: "r.json") == file)
    #expect(text == (try Self.network(preset).json()))
    // What other programs look for first.
    #expect(text.contains("\"format\" : \"accelsim-run\""))
    #expect(text.contains("\n  \"cycles\" : \(file.report.cycles),"))
  }

  @Test func programsComeBack() throws {
    let (file, output) = try Self.matmul()
    let back = try RunFile(json: Array(file.json().utf8), file: "r.json")
    #expect(back == file)
    #expect(back.result == output.result)
    #expect(back.report.cycles == output.result.cycles)
    #expect(back.report.operators.map(\.cycles) == [output.result.cycles])
    let uses = back.report.operators[0].cycleUses.values.reduce(0, +)
    #expect(uses == output.result.cycles)
  }

  /// Every problem names the file, the place and what was expected.
  @Test func whatIsNoRun() throws {
    let good = try Self.network("gemmini-fp").json()
    #expect(Self.problems(good).isEmpty)
    for (text, words) in [
      ("", "r.json:1:1"), ("[]", "r.json:1:1: found a list; expected a run"),
      ("{}", "r.json:1:1: format: found no such key"),
      ("{\"format\": 3}", "r.json:1:12: format: found 3"),
      (good.replacing("\"version\" : 1", with: "\"version\" : 2"), "version: found 2; expected 1"),
      (good.replacing("\"cycles\"", with: "\"cykles\""), "cycles: found no such key"),
      (good.replacing("\"isComplete\" : true", with: "\"isComplete\" : 1"), "true or false"),
      (good.replacing("\"capacityKiB\" : 256", with: "\"capacityKiB\" : 255"), "scratchpad"),
      (good.replacing("\"macs\" : ", with: "\"macs\" : -"), "a number from 0 to 2^53"),
      (good.replacing("\"starts\" : [", with: "\"starts\" : [7,"), "timeline: found bins"),
      (good.replacing("\"array busy\" : ", with: "\"array busy\" : 1"), "cycleUses: found"),
    ] {
      let found = Self.problems(text)
      #expect(found.contains(words) && found.contains("r.json"), "\(words): \(found)")
    }
    let single = try Self.matmul().0.json()
    for (text, words) in [
      (single.replacing("\"usefulMACs\" : ", with: "\"usefulMACs\" : 99"), "result.usefulMACs"),
      (
        single.replacing("\"unit\" : \"execute\"", with: "\"unit\" : \"exec\""),
        "result.units: found no unit"
      ),
      (single.replacing("\"cycles\" : 6", with: "\"cycles\" : 7"), "result.cycleUses: found"),
    ] where text != single {
      let found = Self.problems(text)
      #expect(found.contains(words) && found.contains("r.json:"), "\(words): \(found)")
    }
    #expect(throws: InvalidRunFile.self) { try RunFile.read(path: "/nonexistent/run.json") }
    #expect(throws: InvalidRunFile.self) { try RunFile.read(path: "/") }
  }

  /// Bytes changed at random are refused or give a run, and no run that does not add up.
  @Test func bytesAtRandom() throws {
    let seeds = try [
      Array(Self.network("gemmini-fp").json().utf8), Array(Self.matmul().0.json().utf8),
    ]
    var random = SplitMix(state: 0x5EED_0F11)
    for round in 0..<30 {
      var bytes = seeds[round % 2]
      for _ in 0...Int(random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      guard let file = try? RunFile(json: bytes, file: "r.json") else { continue }
      #expect(!file.report.text().isEmpty)
    }
  }

  // MARK: Timelines

  /// Whatever is added up over the bins is the run's own total, whether time jumps or not.
  @Test(arguments: [false, true]) func binsAddUp(_ everyCycle: Bool) throws {
    let (file, output) = try Self.matmul(events: everyCycle)
    let timeline = output.timeline
    let total = timeline.uses.reduce(0) { $0 + $1.values.reduce(0, +) }
    #expect(total == output.result.cycles && timeline.end == output.result.cycles)
    #expect(timeline.starts.first == 0 && timeline.starts.count > 100)
    #expect(timeline.starts.count <= Timeline.maximumBins)
    for index in timeline.starts.indices {
      let uses = timeline.uses.reduce(0) { $0 + $1.values[index] }
      #expect(uses == timeline.cycles(of: index))
    }
    for use in output.result.cycleUses {
      let own = timeline.uses.first { $0.name == use.reason }?.values.reduce(0, +)
      #expect(own == use.cycles)
    }
    for unit in output.result.units {
      let own = try #require(timeline.units.first { $0.unit == unit.unit })
      let busy = unit.reasons.first { $0.reason == "busy" }?.cycles ?? 0
      let idle = unit.reasons.first { $0.reason == "idle" }?.cycles ?? 0
      #expect(own.busy.reduce(0, +) == busy)
      #expect(own.waiting.reduce(0, +) == unit.total - busy - idle)
    }
    #expect(timeline.readBytes.reduce(0, +) == file.report.traffic.readBytes)
    #expect(timeline.writtenBytes.reduce(0, +) == file.report.traffic.writeBytes)
    for buffer in timeline.buffers {
      for index in timeline.starts.indices {
        let bound = buffer.capacity * timeline.cycles(of: index)
        #expect((0...bound).contains(buffer.entryCycles[index]), "\(buffer.name)")
      }
    }
  }

  /// A long stretch in which only the host works is its own.
  @Test func hostWorkHasItsTime() throws {
    let report = try Self.network("gemmini-default").report
    let timeline = try #require(report.timeline)
    let host = try #require(timeline.units.first { $0.unit == "host" })
    #expect(host.busy.reduce(0, +) == report.hostCycles.reduce(0) { $0 + $1.cycles })
    // The array's stretches stand between them.
    let first = try #require(host.busy.firstIndex { $0 > 0 })
    #expect(first > 0)
  }

  @Test func timelinesInARow() throws {
    let one = try Self.matmul().1.timeline
    var all = one
    for _ in 0..<9 { all.append(one) }
    #expect(all.end == 10 * one.end)
    #expect(all.starts.count <= Timeline.maximumBins)
    for (series, own) in zip(all.uses, one.uses) {
      #expect(series.values.reduce(0, +) == 10 * own.values.reduce(0, +))
    }
    #expect(all.readBytes.reduce(0, +) == 10 * one.readBytes.reduce(0, +))
    #expect(zip(all.starts, all.starts.dropFirst()).allSatisfy { $0 < $1 })
  }
}
