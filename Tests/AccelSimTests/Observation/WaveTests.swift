import SystolicCore
import Testing

@testable import AccelSim

/// A value change dump, read back: signals by their paths, values by cycle.
private struct ReadWaves {
  /// Changes of each signal, in order.
  var changes: [String: [(time: Int, value: UInt64)]] = [:]
  var first = -1
  var last = -1

  init(_ bytes: [UInt8]) throws {
    var names: [Substring: String] = [:]
    var scope: [Substring] = []
    var time = -1
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words[0] {
      case "$scope": scope.append(words[2])
      case "$upscope": scope.removeLast()
      case "$var":
        let path = (scope + [words[4]]).joined(separator: ".")
        #expect(changes[path] == nil && names[words[3]] == nil)
        names[words[3]] = path
        changes[path] = []
      default:
        if line.hasPrefix("#") {
          let stamp = try #require(Int(line.dropFirst()))
          #expect(stamp > time)
          time = stamp
          if first < 0 { first = time }
          last = time
        } else if line.hasPrefix("b") {
          let value = try #require(UInt64(words[0].dropFirst(), radix: 2))
          changes[try #require(names[words[1]])]?.append((time, value))
        } else if line.hasPrefix("0") || line.hasPrefix("1") {
          changes[try #require(names[line.dropFirst()])]?.append((time, line.first == "1" ? 1 : 0))
        }
      }
    }
    #expect(scope.isEmpty)
  }

  /// The values of a signal, one a cycle.
  func values(_ path: String) throws -> [UInt64] {
    let list = try #require(changes["AccelSim." + path], "no signal \(path)")
    var values: [UInt64] = []
    for (index, change) in list.enumerated() {
      let end = index + 1 < list.count ? list[index + 1].time : last
      values += repeatElement(change.value, count: max(0, end - change.time))
    }
    return values
  }

  /// Cycles in which a signal of one bit is 1.
  func cycles(_ path: String, bit: Int = 0) throws -> [Int] {
    try values(path).enumerated().filter { $0.element >> UInt64(bit) & 1 == 1 }.map(\.offset)
  }
}

/// A wave dump, read back, against events and records of the same run.
@Suite struct WaveTests {
  static let presets = ["gemmini-default", "rtl-lean", "rtl-default"]

  @Test(arguments: presets)
  func wiresAreTheEvents(_ preset: String) throws {
    for seed in 0..<UInt64(4) {
      let run = try WatchedRun(WatchedRun.program(seed, on: preset), records: true)
      let waves = try ReadWaves(run.waves)
      #expect(waves.first == 0 && waves.last == run.output.result.cycles)
      let pairs = [
        ("cmd", "Host.command_accepted"), ("ld_row_req", "LoadController.row_valid"),
        ("ld_row_resp", "LoadController.return_valid"),
        ("st_row_req", "StoreController.row_valid"),
        ("st_row_resp", "StoreController.return_valid"),
        ("mesh_req", "MeshWithDelays.request_taken"), ("mesh_out", "MeshWithDelays.out_valid"),
        ("alloc_stall", "CommandPath.allocation_blocked"), ("tlD", "TileLink.d_valid"),
        ("tlD_stall", "TileLink.d_stalled"), ("writer_req", "MoveOut.row_to_writer"),
        ("reader_req", "StreamReaderWriter.read_issue_taken"),
        ("reader_resp", "MoveIn.row_taken"), ("reader_resp_stall", "MoveIn.row_held"),
      ]
      for (event, path) in pairs {
        #expect(
          try waves.cycles(path) == run.output.cycles(event), "\(path), \(preset), seed \(seed)")
      }
      let requests = run.output.events.filter { ["tlA_get", "tlA_put"].contains($0.event) }
      #expect(try waves.cycles("TileLink.a_valid") == requests.map(\.cycle))
      let addresses = try waves.values("TileLink.a_address")
      for request in requests {
        #expect(NumberText.hexadecimal(addresses[request.cycle]) == request.a)
      }
      for (event, path) in [
        ("sp_ex_read", "Scratchpad.array_read"), ("acc_read", "AccumulatorMem.dma_read"),
        ("sp_dma_read", "Scratchpad.dma_read"),
      ] {
        let values = try waves.values(path)
        var expected = [UInt64](repeating: 0, count: values.count)
        for record in run.output.events where record.event == event {
          expected[record.cycle] |= 1 << (try #require(UInt64(record.id)))
        }
        #expect(values == expected, "\(path), \(preset), seed \(seed)")
      }
    }
  }

  /// Entries pass as the records say, and what a class holds follows from that.
  @Test(arguments: presets)
  func theStationIsThatOfTheRecords(_ preset: String) throws {
    let run = try WatchedRun(WatchedRun.program(11, on: preset))
    let waves = try ReadWaves(run.waves)
    for kind in CommandClass.allCases.prefix(3) {
      let records = run.output.commands.filter { $0.commandClass == kind }
      let path = "ReservationStation.\(kind)"
      #expect(try waves.cycles("\(path).allocate_valid") == records.map(\.allocated).sorted())
      #expect(try waves.cycles("\(path).issue_valid") == records.map(\.issued).sorted())
      #expect(try waves.cycles("\(path).complete_valid") == records.map(\.completed).sorted())
      let entries = try waves.values("\(path).issue_entry")
      for record in records { #expect(entries[record.issued] == UInt64(record.slot)) }
      // The register changes one cycle after what changes it.
      let occupancy = try waves.values("\(path).occupancy")
      for cycle in occupancy.indices {
        let held = records.count { $0.allocated < cycle && cycle <= $0.completed }
        #expect(occupancy[cycle] == UInt64(held), "\(kind) in \(cycle)")
      }
    }
  }

  /// What enters the station stands at the head of the queue before it in the same cycle, and what
  /// the host gives stands in the raw queue one cycle later.
  @Test func queuesShowTheirHeads() throws {
    let run = try WatchedRun(WatchedRun.program(12, on: "gemmini-default"), records: true)
    let waves = try ReadWaves(run.waves)
    let valid = try waves.values("CommandPath.unrolled.valid")
    let first = try waves.values("CommandPath.unrolled.rs1")
    let second = try waves.values("CommandPath.unrolled.rs2")
    for record in run.output.commands {
      #expect(valid[record.allocated] == 1)
      #expect(first[record.allocated] == record.command.rs1)
      #expect(second[record.allocated] == record.command.rs2)
    }
    let raw = try waves.values("CommandPath.raw.valid")
    let counts = try waves.values("CommandPath.raw.count")
    let ready = try waves.values("CommandPath.raw.ready")
    for cycle in run.output.cycles("cmd") {
      #expect(raw[cycle + 1] == 1 && counts[cycle + 1] >= 1 && ready[cycle] == 1)
    }
    #expect(zip(raw, counts).allSatisfy { ($0 == 1) == ($1 > 0) })
    #expect(zip(ready, counts).allSatisfy { ($0 == 1) == ($1 < 2) })
  }

  /// The host waits from its last command to the cycle in which the fence completes.
  @Test func fencesEndWhereTheyComplete() throws {
    let run = try WatchedRun(WatchedRun.program(13, on: "gemmini-default"))
    let waves = try ReadWaves(run.waves)
    let changes = try #require(waves.changes["AccelSim.Host.fence"])
    let falls = changes.dropFirst().filter { $0.value == 0 }.map(\.time)
    #expect(falls == run.output.result.fenceCycles)
  }

  /// States are the accounts.
  @Test func statesAddUpToTheAccounts() throws {
    let run = try WatchedRun(WatchedRun.program(14, on: "gemmini-fp"))
    let waves = try ReadWaves(run.waves)
    let paths = [
      "LoadController.state", "ExecuteController.state", "StoreController.state",
      "NonlinearUnit.state", "StreamReaderWriter.read_state", "StreamReaderWriter.write_state",
    ]
    for (path, unit) in zip(paths, run.output.result.units) {
      var cycles = [Int](repeating: 0, count: unit.reasons.count)
      for value in try waves.values(path) { cycles[Int(value)] += 1 }
      #expect(cycles == unit.reasons.map(\.cycles), "\(path)")
    }
  }

  @Test func aWindowHasTheValuesOfTheWhole() throws {
    let bench = try WatchedRun.program(15, on: "gemmini-default")
    let whole = try ReadWaves(WatchedRun(bench).waves)
    let window = CycleWindow(from: whole.last / 3, until: whole.last / 2)
    let part = try ReadWaves(WatchedRun(bench, window: window).waves)
    #expect(part.first == window.from && part.last == window.until)
    for path in whole.changes.keys {
      let path = String(path.dropFirst("AccelSim.".count))
      let expected = try whole.values(path)[window.from..<window.until]
      #expect(try part.values(path) == Array(expected), "\(path)")
    }
  }

  @Test func onlyTheChosenUnitsAreThere() throws {
    let bench = try WatchedRun.program(16, on: "gemmini-default")
    let whole = try ReadWaves(WatchedRun(bench).waves)
    for unit in WaveUnit.allCases where unit != .nonlinear {
      let part = try ReadWaves(WatchedRun(bench, units: [unit]).waves)
      #expect(!part.changes.isEmpty)
      for (path, changes) in part.changes {
        #expect(path.hasPrefix("AccelSim.\(unit.module)."))
        let full = try #require(whole.changes[path])
        #expect(
          changes.map(\.time) == full.map(\.time) && changes.map(\.value) == full.map(\.value))
      }
    }
  }
}
