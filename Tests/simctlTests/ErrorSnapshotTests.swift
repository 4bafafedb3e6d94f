import Foundation
import Testing

@testable import simctl

/// Every class of mistake at the command line, for every command, made of its declaration: what is
/// said and how the process ends, in Snapshots/errors-COMMAND.txt.
@Suite struct ErrorSnapshotTests {
  /// A call of each command that is right but for what a case adds; `DIR` is a folder.
  static let calls: [String: [String]] = [
    "run": ["--matmul", "16x16x16"], "roofline": ["--workload", "bert-base"],
    "compare": ["gemmini-8x8", "rtl-lean", "--workload", "bert-base"],
    "explain": ["DIR/run.json"], "report": ["DIR/run.json"],
    "sweep": ["--workload", "bert-base", "--vary", "memory.latency=5,6", "--list"],
    "check": ["DIR/baseline.json"], "lower": ["bert-base"],
    "replay": ["DIR/program.trace", "--config", "rtl-lean"], "config validate": ["rtl-lean"],
    "workloads show": ["bert-base"], "analyze": ["bert-base"], "asm": ["DIR/program.asm"],
    "disasm": ["DIR/program.trace"], "validate": ["DIR/golden"],
    "nonlinear": ["gelu", "--rows", "1", "--length", "16"],
    "numerics": ["gelu", "--rows", "1", "--length", "16"], "study": ["W4", "--list"],
    "bench": ["--runs", "1"], "wavefront": ["--size", "2", "--cycles", "0"],
  ]

  /// Mistakes that are of one command.
  static let special: [String: [[String]]] = [
    "run": [
      ["--matmul", "0x1x1"], ["--json", "--csv"], ["--format", "json", "--csv"],
      ["--bias", "--repeating-bias"], ["--low-d"], ["--relu", "--activation", "igelu"],
      ["--workload", "bert-base"], ["--sequence", "3"], ["--vcd-units", "laod", "--vcd", "DIR/v"],
      ["--vcd-units", "load"], ["--trace-window", "5:2", "--trace", "DIR/t"],
      ["--trace-window", "1:2"], ["--data=rnadom:1"], ["--no-reuse", "--verify-reuse"],
      ["--commands", "DIR/a", "--events", "DIR/a"], ["--set", "dma.busBit=64"],
      ["--set", "dma.busBits=65"], ["--set", "dma.busBits"], ["--quiet", "--log-level", "info"],
      ["--config", "-", "--workload", "-"],
    ],
    "compare": [["--set", "dma.busBits"], ["--set", "dma.busBits=65,host.core=bom"]],
    "sweep": [
      ["--vary", "memory.latncy=5,6"], ["--vary", "memory.latency"],
      ["--vary", "workload.sequnce=5"], ["--constraint", "memory.latency <"],
      ["--constraint", "memory.latncy < 3"], ["--output", "DIR/a.txt"], ["--resume"],
      ["--point", "3"], ["--minimise", "cylces"],
    ],
    "check": [
      ["--only", "nothing"], ["--name", "x"], ["--add", "DIR/b.json", "--update"],
      ["--format", "json", "--annotations"],
    ],
    "explain": [["--operator", "nothing"]],
    "numerics": [["--rows", "65536", "--length", "1048576"]],
    "nonlinear": [["--on-chip"], ["--set", "dma.busBits=64"]],
    "analyze": [["--image", "3"]], "lower": [["--mapping", "q=1x2"], ["--mapping", "qq=1x2x3"]],
    "wavefront": [["--cycles", "5-2"], ["--cycles", "100000"]], "study": [["--set", "x=1"]],
    "validate": [["--function-only", "--timing-only"], ["--only", "nothing"]],
  ]

  @Test(arguments: Simctl.commands.map(\.syntax.name)) func everyOptionAndFileHasItsError(
    _ name: String
  ) async throws {
    let folder = try TemporaryFolder()
    try await Self.fill(folder)
    let syntax = try #require(Simctl.commands.first { $0.syntax.name == name }).syntax
    var text = ""
    for words in Self.cases(syntax) {
      let console = Console.capturing(input: "")
      let path = name.split(separator: " ").map(String.init)
      let real = words.map { $0.replacing("DIR", with: folder.path) }
      let code = await Simctl.run(path + real, console: console)
      #expect(code != .success && code != .internalError, "\(words)")
      #expect(console.errors.hasPrefix("Error: ") || code == .failure, "\(words)")
      var errors = console.errors.replacing(folder.path, with: "DIR")
      let hint = syntax.usageHint + "\n"
      // It is the same each time.
      #expect(errors.hasSuffix(hint) == (code == .usage), "\(words)")
      if code == .usage { errors.removeLast(hint.count) }
      text += "$ simctl \((path + words).joined(separator: " "))\n\(errors)[\(code.rawValue)]\n\n"
    }
    try expectSnapshot(text, "errors-\(name.replacing(" ", with: "-")).txt")
  }

  /// The program without a command.
  @Test func root() async throws {
    var text = ""
    for words in [
      ["rnu"], ["frobnicate"], ["config"], ["config", "shwo"], ["config", "frobnicate"],
      ["--verison"], ["--log-level", "loud", "run"], ["--log-level"], ["--completion"],
      ["--completion", "bsh"], ["--completion", "tcsh"], ["--quiet=yes"], ["help", "rnu"],
      ["help", "run", "extra"], ["help", "exit-code"], [""], ["-x"], ["--"],
      ["--quiet", "--log-level", "info", "--version"],
    ] {
      let console = Console.capturing()
      let code = await Simctl.run(words, console: console)
      text += "$ simctl \(words.joined(separator: " "))\n\(console.errors)[\(code.rawValue)]\n\n"
    }
    try expectSnapshot(text, "errors.txt")
  }

  // MARK: Cases

  private static func fill(_ folder: borrowing TemporaryFolder) async throws {
    _ = try folder.write("", "empty")
    _ = try folder.write("{\"name\": \"x\", \u{7D}", "comma.json")
    _ = try folder.write(#"{"nmae": "x"}"#, "key.json")
    try (Data("{\"name\": \"".utf8) + Data([0xFF, 0xFE]) + Data("\"}".utf8)).write(
      to: URL(filePath: "\(folder.path)/utf8.json"))
    _ = await call("check", "--add", "\(folder.path)/baseline.json", "--matmul", "16x16x16")
    _ = try folder.write(await call("run", "--matmul", "16x16x16", "--json").output, "run.json")
    _ = try folder.write("flush\nfence\n", "program.asm")
    _ = try folder.write("gemmini-trace 1\nfence\n", "program.trace")
    _ = try folder.write("{}", "there")
    for name in ["golden", "folder"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
  }

  private static func cases(_ syntax: CommandSyntax) -> [[String]] {
    let base = calls[syntax.name] ?? []
    var cases = [base + ["--nonsense"], base + ["--jsn"], base + ["--quiet=yes"]]
    if !syntax.arguments.contains(where: { $0.isRepeatable }) {
      cases.append(base + Array(repeating: "extra", count: syntax.arguments.isEmpty ? 1 : 2))
    }
    if !base.isEmpty, syntax.arguments.contains(where: { !$0.isOptional }) { cases.append([]) }
    if let option = syntax.options.first(where: { $0.isRequired }),
      let index = base.firstIndex(of: option.name)
    {
      cases.append(Array(base[..<index]))
    }
    if let option = syntax.options.first(where: { $0.value != nil && !$0.isValueOptional }) {
      cases.append(base + [option.name])
    }
    if let argument = syntax.arguments.first {
      let rest = Array(base.dropFirst())
      cases += wrongValues(argument.kind).map { [$0] + rest }
    }
    for option in syntax.options where option.value != nil {
      var values = wrongValues(option.kind)
      if ["n", "cycles", "number", "factor", "percent"].contains(option.value) {
        values = ["", "soon", "-1", "99999999999999999999"]
      }
      cases += values.map { start(option, syntax, base) + [option.name, $0] }
    }
    let end = cases.filter { words in
      !right.contains([syntax.name] + words.suffix(2))
        && !right.contains([syntax.name] + words.suffix(1))
    }
    return end + (special[syntax.name] ?? []).map { base + $0 }
  }

  /// What stands before an option so that its value is looked at.
  private static func start(
    _ option: Option, _ syntax: CommandSyntax, _ base: [String]
  ) -> [String] {
    switch (syntax.name, option.name) {
    case ("run", "--workload"): return []
    case ("run", _) where WorkloadOptions.sizes.contains { $0.name == option.name }:
      return [
        "--workload",
        option.name == "--position"
          ? "gpt2-decode"
          : option.name == "--tokens" ? "gpt2-generate" : "bert-base",
      ]
    case ("check", "--add"): return ["--matmul", "1x1x1"]
    case ("check", "--config"), ("check", "--tolerance"):
      return ["--add", "DIR/new.json", "--matmul", "1x1x1"]
    case ("check", "--workload"), ("check", "--trace"): return ["--add", "DIR/new.json"]
    case ("sweep", "--output"), ("sweep", "--html"), ("sweep", "--point"):
      return base.filter { $0 != "--list" }
    default: return base
    }
  }

  /// Of the values that are tried everywhere those that are right.
  private static let right: Set<[String]> = [
    ["asm", "DIR/empty"], ["run", "--scale", "-1"], ["run", "--input-scale", "-1"],
    ["run", "--scale", "99999999999999999999"], ["run", "--input-scale", "99999999999999999999"],
    ["check", "--add", "DIR/none.json"],
  ]

  private static func wrongValues(_ kind: ValueKind) -> [String] {
    let files = ["DIR/none.json", "DIR/folder", "DIR/empty", "DIR/utf8.json", "DIR/comma.json"]
    return switch kind {
    case .oneOf(let names): ["", "nonsense", String((names.first ?? "").dropLast()) + "q"]
    case .config:
      files + ["DIR/key.json", "gemini-default", "tpu", "", "rtl-lean:dma.busBit=64"]
    case .workload: files + ["DIR/key.json", "bert-bse", "tpu", "", "bert-base:layer=1"]
    case .input, .claim: files
    case .path, .folder: Array(files.prefix(2))
    case .output: ["DIR/folder", "DIR/there", "DIR/none/file", ""]
    default: []
    }
  }
}
