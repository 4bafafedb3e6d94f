import Foundation
import SystolicCore
import Testing

@testable import AccelSim

/// Every register of the machine is part of its state, or stands here with the reason why not: one
/// that is added later cannot be forgotten.
@Suite struct StateCoverageTests {
  /// What no `visit` names, by reason.
  private static let leftOut: [(reason: String, names: String)] = [
    (
      "counted: transitions hold what is added",
      """
      AccumulatorBankTiming.rowsRead AccumulatorBankTiming.rowsWritten
      LoadController.requantisedElements MemoryChannel.statistics NonlinearUnit.conversionCycles
      NonlinearUnit.dequantisedElements NonlinearUnit.quantisedElements ScratchpadPorts.readRows
      ScratchpadPorts.writtenRows StoreController.requantisedElements SystemBus.statistics
      VectorScaler.grantCount
      """
    ),
    (
      "wires, over at the end of the cycle",
      """
      Accelerator.allocated Accelerator.completions Accelerator.executeWrite
      Accelerator.hasCompletions Accelerator.isAllocationBlocked Accelerator.meshOutput
      AccumulatorBankTiming.writeAccumulates AccumulatorBankTiming.writtenRow
      CommandTracker.offered LoadController.reported LoopConv.moved LoopMatmul.moved
      MeshTiming.advancesRow MeshTiming.canRequest MeshTiming.isLastFire NormalizerTiming.now
      ReservationStation.changed ReservationStation.freed ScratchpadPorts.readable
      ScratchpadPorts.written StatisticsSet.isDone StoreController.returnedSlot
      Translation.readerFound Translation.writerFound
      """
    ),
    (
      "what accounts and observers see of the cycle that is over",
      """
      Accelerator.activities ExecuteController.operandsTaken ExecuteController.request
      ExecuteController.takesRequest ExecuteController.rowsAsked ExecuteController.rowsFetched LoadController.acceptedRow
      MoveInPath.fullWidthWrite MoveInPath.isWriteBlocked MoveInPath.merged MoveInPath.scalerWrite
      MoveInPath.zeroWrite MoveOutPath.handedRow MoveOutPath.isReadRefused MoveOutPath.readRow
      StoreController.acceptedRow SystemBus.acceptedRequest SystemBus.isResponseStalled
      SystemBus.sentResponse
      """
    ),
    (
      "a fault has been taken by the end of the cycle; a block that has one is not reused",
      "Accelerator.fault ExecuteController.fault"
    ),
    (
      "what the command at hand says of its pass",
      """
      Pass.depth Pass.feedback Pass.givesResults Pass.interval Pass.step Pass.stepInterval
      """
    ),
    (
      "counted: whether any of them has changed since the last fence is part of the state",
      """
      Accelerator.halvesNamed LoopConv.halvesLeft LoopMatmul.halvesLeft
      ReservationStation.halvesCrossed
      """
    ),
    ("a log, no register", "Accelerator.lookupSpace Accelerator.lookups"),
    ("a machine with a cache has no state", "MemorySystem.cache RequestBeat.isPartial"),
    ("named by the controller that holds it", "ExecuteOperation.kind"),
  ]

  @Test func everyRegisterIsVisitedOrLeftOutForAReason() throws {
    let sources = try VisitSources()
    var leftOut = Set(
      Self.leftOut.flatMap { $0.names.split(whereSeparator: \.isWhitespace) }.map(String.init))
    var found = Registers(leftOut: leftOut, sources: sources)
    for preset in ["rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp"] {
      let bench = try TimingPropertyTests.program(7, on: preset)
      try found.add(bench.steps, on: Machine(unchecked: bench.config))
      let machine = try Machine(try #require(HardwareConfig.preset(preset)))
      try found.add(ReuseFuzz(seed: 1, preset: preset).program, on: machine)
    }
    var unexplained: [String] = []
    for (type, names) in found.names {
      for name in names {
        let isLeftOut = leftOut.remove("\(type).\(name)") != nil
        if sources.isVisited(name, of: type) == isLeftOut { unexplained.append("\(type).\(name)") }
      }
    }
    #expect(unexplained.sorted() == [])
    #expect(leftOut.sorted() == [], "these are gone, or visited now")
  }
}

/// Stored properties of a machine by type.
private struct Registers {
  private(set) var names: [String: Set<String>] = [:]

  /// Properties whose own properties do not matter.
  let leftOut: Set<String>
  let sources: VisitSources

  /// Looks at the machine after some commands of a program.
  mutating func add(_ steps: [ProgramStep], on machine: Machine) throws {
    var run = TimingRun(machine, observer: NullObserver())
    for (number, step) in steps.prefix(120).enumerated() {
      try run.take(step)
      if number % 3 == 0 { add(run.accelerator) }
    }
  }

  private mutating func add(_ value: Any) {
    if value is any OptionSet || value is LocalAddress || value is Machine { return }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .struct:
      let type = Self.name(Swift.type(of: value))
      for child in mirror.children {
        guard let label = child.label else { continue }
        guard !sources.constants[type, default: []].contains(label), label != "_storage" else {
          continue
        }
        names[type, default: []].insert(label)
        if !leftOut.contains("\(type).\(label)") { add(child.value) }
      }
    case .collection: for child in mirror.children.prefix(4) { add(child.value) }
    case .optional, .tuple, .enum: for child in mirror.children { add(child.value) }
    default: break
    }
  }

  /// The last name, without modules, outer types and parameters.
  private static func name(_ type: Any.Type) -> String {
    let name = String(describing: type).prefix { $0 != "<" }
    return String(name.split(separator: ".").last ?? name)
  }
}

/// What the sources say of types: names in their `visit`, and constants.
private struct VisitSources {
  /// Words of `visit` by type, and of all in a file by the types that are declared there: small
  /// types are often visited by whoever holds them.
  private var visited: [String: Set<String>] = [:]
  private(set) var constants: [String: Set<String>] = [:]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../Sources")
    for module in ["SystolicCore", "AccelSim"] {
      let folder = root.appending(path: module).standardizedFileURL
      let files = try #require(FileManager.default.enumerator(atPath: folder.path))
      for case let file as String in files where file.hasSuffix(".swift") {
        read(try String(contentsOf: folder.appending(path: file), encoding: .utf8))
      }
    }
  }

  func isVisited(_ name: String, of type: String) -> Bool { visited[type]?.contains(name) ?? false }

  private mutating func read(_ text: String) {
    // Types around the line, and the function that is read, by their indentation.
    var types: [(indent: Int, name: String)] = []
    var function: Int?
    var declared: Set<String> = []
    var words: Set<String> = []
    defer { for type in declared { visited[type, default: []].formUnion(words) } }
    for line in text.split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      let own = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
      if line.drop(while: { $0 == " " }).hasPrefix("//") { continue }
      if function == nil, line.contains("func visit") { function = indent }
      if let start = function {
        if let type = types.last?.name { visited[type, default: []].formUnion(own) }
        words.formUnion(own)
        if indent == start, line.hasSuffix("}") { function = nil }
        continue
      }
      types.removeAll { $0.indent >= indent && !line.contains("}") }
      if let at = own.firstIndex(where: { ["struct", "extension"].contains($0) }),
        at + 1 < own.count, line.hasSuffix("{")
      {
        // Of `extension LoopConv.Context` the last.
        let full = line.split { $0 == " " || $0 == ":" || $0 == "<" }.map(String.init)
        let name = full[(full.firstIndex { ["struct", "extension"].contains($0) } ?? 0) + 1]
        if own[at] == "struct" { declared.insert(own[at + 1]) }
        types.append((indent, String(name.split(separator: ".").last ?? "")))
      } else if let at = own.firstIndex(of: "let"), at + 1 < own.count, let type = types.last,
        indent == type.indent + 2
      {
        constants[type.name, default: []].insert(own[at + 1])
      }
    }
  }
}
