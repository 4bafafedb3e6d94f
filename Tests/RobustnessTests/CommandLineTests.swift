import AccelSim
import Foundation
import Testing

@testable import simctl

extension Robustness {
  /// Calls of the program made of what the commands declare: options with good and bad values, left
  /// out, doubled, misspelt. All are parsed; those that are short and write nothing of the user's run.
  @Test func commandLines() async throws {
    let desk = try CallDesk()
    await Campaign(name: "calls", share: 120, limit: 20).run { random in
      let command = random.pick(Simctl.commands)
      let words = desk.words(command.syntax, &random)
      var isGood = false
      do {
        _ = try Arguments(words, syntax: command.syntax)
        isGood = true
      } catch let error as UsageError {
        try require(!error.message.isEmpty, "no words: \(words)")
      }
      // Every good call would take the campaign's time alone.
      let runs = CallDesk.isHarmless(command.syntax.name) && random.oneIn(isGood ? 8 : 4)
      guard runs || random.oneIn(20) && !isGood else { return isGood ? .accepted : .refused }
      let console = Console.capturing(input: random.pick(desk.inputs))
      let call = command.syntax.name.split(separator: " ").map(String.init) + words
      let code = await Simctl.run(call, console: console)
      try require(
        code != .internalError && code != .interrupted,
        "exit code \(code): \(call): \(console.errors)")
      if code.rawValue > 3 {
        try require(console.errors.contains("Error: "), "exit code \(code) without words: \(call)")
      }
      desk.clean()
      return isGood ? .accepted : .refused
    }
  }
}

/// Where the calls find and leave files.
private final class CallDesk: Sendable {
  let folder: String
  /// What may be on standard input.
  let inputs: [String]
  private let good: [String: [String]]

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/accelsim-\(UUID().uuidString)"
    self.folder = folder
    try FileManager.default.createDirectory(
      atPath: folder + "/out", withIntermediateDirectories: true)
    let runs = try RunFileSeed.texts()
    let trace = "gemmini-trace 1\nzero 0x80000000 5\ncmd 7 0x0 0x0\nfence\n"
    let files: [(String, String)] = [
      ("machine.json", HardwareConfig().json()), ("layer.json", WorkloadSeed.layer),
      ("run.json", runs[0]), ("network.json", runs[1]), ("a.trace", trace),
      ("a.s", "flush skip\nfence\n"), ("bad.json", "{\"x\": "), ("empty.json", ""),
      ("baseline.json", #"{"cases": {"c": {"config": "gemmini-default", "matmul": "8x8x8"}}}"#),
    ]
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    inputs = ["", "x", WorkloadSeed.layer, HardwareConfig().json(), runs[0], trace]
    let paths = files.map { "\(folder)/\($0.0)" }
    good = [
      "files": paths + ["-", "\(folder)/none.json", folder, "/dev/null", "", "x:y=z"],
      "machines": HardwareConfig.presets.map(\.config.name) + [
        "\(folder)/machine.json", "gemmini-fp:memory.latency=5", "gemini-fp", "-",
      ],
      "networks": ["\(folder)/layer.json", "\(folder)/bad.json", "bert-bse", "-", "layer:x=1"],
    ]
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Removes what calls have written.
  func clean() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/out")) ?? []
    for name in names { try? FileManager.default.removeItem(atPath: "\(folder)/out/\(name)") }
  }

  /// Whether a call of the command is short with the files and sizes that are given here.
  static func isHarmless(_ name: String) -> Bool {
    !["bench", "study", "sweep", "validate", "check", "numerics", "wavefront", "explain"].contains(
      name)
  }

  // MARK: Words

  func words(_ syntax: CommandSyntax, _ random: inout Seeded) -> [String] {
    var words: [String] = []
    for argument in syntax.arguments where !random.oneIn(argument.isOptional ? 2 : 8) {
      for _ in 0..<(argument.isRepeatable ? random.number(1...3) : 1) {
        words.append(value(argument.kind, &random))
      }
    }
    for _ in 0..<random.below(5) {
      let option = random.pick(syntax.allOptions)
      var name = random.oneIn(3) ? option.short ?? option.name : option.name
      if random.oneIn(30) { name = misspelt(name, &random) }
      let place = random.below(words.count + 1)
      guard option.value != nil, !random.oneIn(20) else {
        words.insert(name, at: place)
        continue
      }
      let value = value(option.kind, &random)
      if random.oneIn(4) {
        words.insert("\(name)=\(value)", at: place)
      } else {
        words.insert(contentsOf: [name, value], at: place)
      }
    }
    if random.oneIn(20) { words.insert(random.pick(Self.odd), at: random.below(words.count + 1)) }
    return words
  }

  private func misspelt(_ name: String, _ random: inout Seeded) -> String {
    var characters = Array(name)
    switch random.below(3) {
    case 0: characters.remove(at: random.below(characters.count))
    case 1: characters.insert(random.pick(Array("-=xé \n")), at: random.below(characters.count))
    default: characters.swapAt(0, characters.count - 1)
    }
    return String(characters)
  }

  private static let odd = [
    "", "-", "--", "---", "=", "--=", "-h", "--help", "--x", "-1", "\u{0}", "\u{1B}[31m", "é̂",
    "a b",
    String(repeating: "x", count: 10_000), "--log-level=debug",
  ]

  private func value(_ kind: ValueKind, _ random: inout Seeded) -> String {
    if random.oneIn(12) { return random.pick(Self.odd + Self.texts) }
    switch kind {
    case .text: return random.pick(Self.texts)
    case .oneOf(let names): return random.pick(names)
    case .someOf(let names): return random.pick(names) + "," + random.pick(names)
    case .input, .path, .claim: return random.pick(good["files"] ?? [])
    case .folder: return random.pick([folder, "/none", "\(folder)/layer.json"])
    case .output(let endings):
      let name = "\(folder)/out/\(random.below(4))\(random.pick(endings + [".x"]))"
      return random.oneIn(4)
        ? random.pick(["-", folder, "/none/x", "/dev/full", "/dev/null"]) : name
    case .config: return random.pick(good["machines"] ?? [])
    case .workload: return random.pick(good["networks"] ?? [])
    case .assignment: return assignment(&random)
    case .assignments: return assignment(&random) + "," + assignment(&random)
    case .axis: return assignment(&random) + ",1,2"
    }
  }

  private func assignment(_ random: inout Seeded) -> String {
    let key = random.pick(HardwareConfig.settableKeys).path
    let names = HardwareConfig.valueNames(of: key)
    return
      "\(key)=\(random.oneIn(2) && !names.isEmpty ? random.pick(names) : random.pick(Self.texts))"
  }

  /// Numbers, sizes and words, good for one option or another.
  private static let texts = [
    "0", "1", "2", "4", "8", "16", "-1", "64", "100", "1.5", "1e9", "nan", "inf", "0x10", "+3",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "16x16x16", "1x1x1",
    "0x1x1", "8x8", "8x8x8x8", "9223372036854775807x2x2", "1x1x99999999999999999999", "-1x2x3",
    "1:2", "0:100", "2:1", ":", "all", "none", "true", "q=1x1x1", "x=y", "ffn1=1x1x1", ",", "é",
  ]
}
