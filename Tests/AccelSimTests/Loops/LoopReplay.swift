import Foundation
import SystolicCore

@testable import AccelSim

/// The recorded runs that the loop unrollers are held against.
enum LoopEvidence {
  /// The folder of recorded runs.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../../shared/golden").standardizedFileURL

  static var isPresent: Bool { FileManager.default.fileExists(atPath: root.path) }

  /// One recorded run.
  struct Row: Sendable, CustomStringConvertible {
    var trace: URL
    var commands: URL
    var config: String
    var issueGap: Int
    var fences: [Int]

    var description: String { commands.lastPathComponent }
  }

  /// All recorded runs of `folder` that have a command file and whose result counts.
  static func rows(_ folder: String) throws -> [Row] {
    let base = root.appending(path: folder)
    let text = try String(contentsOf: base.appending(path: "golden.csv"), encoding: .utf8)
    let isRandom = folder == "rtl-random"
    var rows: [Row] = []
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      if folder == "software", !line.hasSuffix(",yes,") { continue }
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      if isRandom { fields.remove(at: 1) }
      let (name, config, latency, gap) = (fields[0], fields[1], fields[2], fields[3])
      let explicitGap = isRandom || gap != "1" ? ".gap\(gap)" : ""
      let commands = base.appending(
        path: "cmds/\(name).\(config).lat\(latency)\(explicitGap).csv.gz")
      guard FileManager.default.fileExists(atPath: commands.path) else { continue }
      let trace = folder == "software" ? "\(name)/trace.txt" : "traces/\(name).trace"
      rows.append(
        Row(
          trace: base.appending(path: trace), commands: commands, config: config,
          issueGap: Int(gap) ?? 1, fences: fields[4].split(separator: " ").compactMap { Int($0) }))
    }
    return rows
  }

  /// The machine that a recorded design is, as far as the unrollers see it.
  static func machine(_ config: String) -> Machine {
    var hardware = HardwareConfig()
    hardware.name = config
    hardware.features.storeToScratchpad = false
    hardware.features.convEncoding = config == "default" ? .square : .rectangular
    return Machine(unchecked: hardware)
  }

  static func unzipped(_ file: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}

/// What the two unrollers have in common.
private protocol Unroller {
  var moved: Bool { get }
  mutating func tick(_ now: Cycle, outputReady: Bool, completed: CompletionCounts)
    -> UnrolledCommand?
  mutating func wake()
}

extension LoopMatmul: Unroller {}
extension LoopConv: Unroller {}

/// Runs both unrollers against a reservation station whose entries free when the recording says.
///
/// Proves the unrollers by themselves: each command has to be allocated in the recorded cycle, in
/// the recorded entry, with the recorded operands.
struct LoopReplay {
  private struct Record {
    var commandClass: CommandClass
    var slot: Int
    var command: Command
    var origin: CommandOrigin
    var allocated: Int
    var completed: Int
  }

  private enum Step {
    case command(Command)
    case fence
  }

  private var steps: [Step] = []
  private var records: [Record] = []
  private var completions: [Int: [Int]] = [:]
  private let row: LoopEvidence.Row
  private var conv: LoopConv
  private var matmul: LoopMatmul
  private var raw = Queue<UnrolledCommand>(depth: 2)
  private var unrolled = Queue<UnrolledCommand>(depth: 2)
  private var entries: [[Int]]
  private var allocations = 0
  private var position = 0
  private var fence = 0
  private var nextAccept = 0
  private var nextCounter = 0
  /// Also check that a unit at rest stays at rest.
  var checksQuiet = false
  private(set) var cycles = 0

  init(_ row: LoopEvidence.Row) throws {
    self.row = row
    let machine = LoopEvidence.machine(row.config)
    conv = LoopConv(machine)
    matmul = LoopMatmul(machine)
    let station = machine.config.reservationStation
    entries = [station.loadEntries, station.executeEntries, station.storeEntries].map {
      Array(repeating: -1, count: $0)
    }
    try readTrace()
    try readRecords()
  }

  private mutating func readTrace() throws {
    for line in try String(contentsOf: row.trace, encoding: .utf8).split(
      whereSeparator: \.isNewline)
    {
      if line == "fence" { steps.append(.fence) }
      guard line.hasPrefix("cmd ") else { continue }
      let fields = line.split(separator: " ")
      steps.append(.command(Self.command(fields[1], fields[2], fields[3])))
    }
  }

  private mutating func readRecords() throws {
    let text = try LoopEvidence.unzipped(row.commands)
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let commandClass: CommandClass =
        switch fields[1] {
        case "ld": .load
        case "ex": .execute
        default: .store
        }
      let origin: CommandOrigin =
        switch fields[6] {
        case "loop_ws": .loopMatmul
        case "loop_conv": .loopConv
        default: .host
        }
      let completed = Int(fields[9]) ?? Int.max
      completions[completed, default: []].append(records.count)
      records.append(
        Record(
          commandClass: commandClass, slot: Int(fields[2]) ?? -1,
          command: Self.command(fields[3], fields[4], fields[5]), origin: origin,
          allocated: Int(fields[7]) ?? -1, completed: completed))
    }
  }

  private static func command(_ funct: Substring, _ rs1: Substring, _ rs2: Substring) -> Command {
    Command(
      funct: UInt8(funct) ?? 255, rs1: UInt64(rs1.dropFirst(2), radix: 16) ?? 0,
      rs2: UInt64(rs2.dropFirst(2), radix: 16) ?? 0)
  }

  /// Runs to the end; returns the first difference, or `nil`.
  mutating func firstDifference() -> String? {
    let end = (row.fences.last ?? 0) + 1
    var now = 0
    while now <= end {
      if let difference = step(now) { return difference }
      now += 1
    }
    cycles = now
    if allocations != records.count {
      return "\(allocations) of \(records.count) commands allocated"
    }
    if conv.isBusy || matmul.isBusy || position != steps.count { return "not idle at the end" }
    return nil
  }

  private mutating func step(_ now: Int) -> String? {
    if let difference = allocate(now) { return difference }
    var fromMatmul = CompletionCounts()
    var fromConv = CompletionCounts()
    for index in completions[now] ?? [] {
      let record = records[index]
      if record.origin == .loopMatmul { Self.count(record.commandClass, &fromMatmul) }
      if record.origin == .loopConv { Self.count(record.commandClass, &fromConv) }
    }
    let matmulReady = unrolled.canSend(now)
    let out = matmul.tick(now, outputReady: matmulReady, completed: fromMatmul)
    guard staysAtRest(matmul, now, matmulReady) else { return "cycle \(now): LoopMatmul moved" }
    if let out { unrolled.send(out) }
    let convReady = matmul.input.canSend(now)
    let between = conv.tick(now, outputReady: convReady, completed: fromConv)
    guard staysAtRest(conv, now, convReady) else { return "cycle \(now): LoopConv moved" }
    if let between { matmul.input.send(between) }
    if !raw.isEmpty, conv.input.canSend(now), let command = raw.receive(now) {
      conv.input.send(command)
    }
    accept(now)
    return nil
  }

  /// Whether a unit that did not move stays as it is as long as nothing around it changes: what
  /// exact idle skipping relies on.
  private func staysAtRest(_ unit: some Unroller, _ now: Int, _ ready: Bool) -> Bool {
    guard checksQuiet, !unit.moved, now % 5 == 0 else { return true }
    var copy = unit
    for later in 1...3 {
      copy.wake()
      let out = copy.tick(now + later, outputReady: ready, completed: CompletionCounts())
      if out != nil || copy.moved { return false }
    }
    return true
  }

  /// The host: one command a cycle at most, none while a fence waits.
  private mutating func accept(_ now: Int) {
    guard now >= nextAccept, position < steps.count else { return }
    switch steps[position] {
    case .fence:
      guard fence < row.fences.count, now >= row.fences[fence] else { return }
      nextAccept = max(nextAccept, row.fences[fence] + 1)
      fence += 1
      position += 1
      if now >= nextAccept { accept(now) }
    case .command(let command):
      guard raw.canSend(now) else { return }
      raw.send(UnrolledCommand(command))
      position += 1
      nextAccept = now + row.issueGap
    }
  }

  private mutating func allocate(_ now: Int) -> String? {
    guard let head = unrolled.first else { return nil }
    if [7, 22, 126].contains(head.command.funct) {
      // A counter access needs the response register, which the one before holds for a cycle.
      if head.command.funct == 126, now < nextCounter { return nil }
      if head.command.funct == 126 { nextCounter = now + 2 }
      unrolled.receive(now)
      return nil
    }
    let commandClass = Self.commandClass(head.command)
    guard let slot = entries[commandClass.rawValue].firstIndex(where: { $0 < now }) else {
      return nil
    }
    unrolled.receive(now)
    guard allocations < records.count else { return "cycle \(now): an extra \(head)" }
    let record = records[allocations]
    guard
      record.allocated == now, record.command == head.command, record.origin == head.origin,
      record.commandClass == commandClass, record.slot == slot
    else {
      return """
        command \(allocations): recorded cycle \(record.allocated) slot \(record.slot) \
        \(Self.text(record.command)) \(record.origin); here cycle \(now) slot \(slot) \
        \(Self.text(head.command)) \(head.origin)
        """
    }
    entries[commandClass.rawValue][slot] = record.completed
    allocations += 1
    return nil
  }

  private static func text(_ command: Command) -> String {
    "\(command.funct) \(String(command.rs1, radix: 16)) \(String(command.rs2, radix: 16))"
  }

  private static func commandClass(_ command: Command) -> CommandClass {
    switch command.funct {
    case 1, 2, 14: .load
    case 3, 23: .store
    case 0: [.execute, .load, .store, .store][Int(command.rs1 & 3)]
    default: .execute
    }
  }

  private static func count(_ commandClass: CommandClass, _ counts: inout CompletionCounts) {
    switch commandClass {
    case .load: counts.load += 1
    case .execute: counts.execute += 1
    case .store: counts.store += 1
    case .nonlinear: break
    }
  }
}
