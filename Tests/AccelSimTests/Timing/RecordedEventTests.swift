import Foundation
import Testing

@testable import AccelSim

/// Every event of a run against the recorded ones: what units, ports and buses do in each cycle.
///
/// All files when FUZZ_ITERATIONS asks for a long run, a sample of short ones otherwise.
@Suite(.enabled(if: Golden.isPresent, "needs ../shared/golden"))
struct RecordedEventTests {
  static let folder = Golden.root + "/rtl/events"

  static let files: [String] = {
    guard Golden.isPresent else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let all = names.filter { $0.hasSuffix(".csv.gz") }.sorted()
    if Seeded.isLongRun { return all }
    return [
      "mvin_r16c64_off8.lean.lat20", "mvin_acc_r16c16_s0.default.lat20",
      "mvin_r16c16_scale2.lean.lat20", "mvin_zero_r16c64.lean.lat20",
      "mvout_sp_r16c64_off8.lean.lat20", "mvout_acc_full_r16c16.default.lat20",
      "ws_diff_x4.lean.lat20", "ws_bt_x4.default.lat20", "os_diff_x4.default.lat20",
      "ws_samebank_x4.lean.lat20", "pipe_x4_buf1.default.lat20", "resadd_16x16.lean.lat20",
      "loopws_32.lean.lat20", "conv_3x3_8_16_16_pool2.lean.lat20", "cont_ld_accbank0.lean.lat20",
    ].map { $0 + ".csv.gz" }.filter(all.contains)
  }()

  /// Kinds that are in every file; the others only in files that have one of `fineKinds`.
  static let coarseKinds: Set<Substring> = [
    "cmd", "alloc", "issue", "complete", "tlA_get", "tlA_put", "tlD", "tlD_stall", "fence_done",
  ]
  static let fineKinds: Set<Substring> = [
    "ld_row_req", "mesh_req", "ex_comp", "reader_req", "st_row_req", "sp_write",
  ]

  /// Counts of lines up to the last fence, by line.
  private func count(_ lines: [Substring], kinds: (Substring) -> Bool) -> [Substring: Int] {
    var fields: [(line: Substring, kind: Substring, cycle: Int)] = []
    var last = 0
    for line in lines {
      let parts = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let cycle = Int(parts[0]) else { continue }
      if parts[1] == "fence_done" { last = cycle }
      fields.append((Self.comparable(line, parts[1]), parts[1], cycle))
    }
    var counts: [Substring: Int] = [:]
    for field in fields where field.cycle <= last && kinds(field.kind) {
      counts[field.line, default: 0] += 1
    }
    return counts
  }

  /// Left-over register contents and the propagate bit do not count (see `EventRecorder`).
  private static func comparable(_ line: Substring, _ kind: Substring) -> Substring {
    guard kind == "mesh_req" || kind == "mesh_out" else { return line }
    var fields = line.split(separator: ",", omittingEmptySubsequences: false)
    fields[8] = fields[8].split(separator: " ").last ?? ""
    if fields[8] == "robv0" { fields[3] = "" }
    return Substring(fields.joined(separator: ","))
  }

  @Test(arguments: files)
  func everyEventIsEqual(_ file: String) throws {
    let parts = file.split(separator: ".")
    var config = try #require(HardwareConfig.preset("rtl-\(parts[1])"))
    config.memory.latency = try #require(Int(parts[2].dropFirst(3)))
    if parts[3].hasPrefix("gap") {
      config.host.issueInterval = try #require(Int(parts[3].dropFirst(3)))
    }
    var source = try TraceReader(
      path: "\(Golden.root)/rtl/traces/\(parts[0]).trace", readsData: false)
    var options = RunOptions()
    options.carriesData = false
    options.recordsEvents = true
    let output = try Simulator.run(&source, on: Machine(config), options: options)
    let text = String(decoding: try RecordedFile.read("\(Self.folder)/\(file)"), as: UTF8.self)
    let recorded = text.split { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    let hasFine = recorded.contains { line in
      line.split(separator: ",", maxSplits: 2).dropFirst().first.map(Self.fineKinds.contains)
        ?? false
    }
    let kinds: (Substring) -> Bool = { hasFine || Self.coarseKinds.contains($0) }
    let expected = count(recorded, kinds: kinds)
    let found = count(output.events.map { Substring($0.line) }, kinds: kinds)
    #expect(!expected.isEmpty)
    let differing = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }
    let first = differing.min {
      (Int($0.prefix { $0 != "," }) ?? 0) < (Int($1.prefix { $0 != "," }) ?? 0)
    }
    #expect(differing.isEmpty, "first: \(first ?? "")")
  }
}
