import Foundation
import Testing

@testable import AccelSim
@testable import simctl

/// Standard input, levels of messages, colours.
@Suite struct ConsoleTests {
  @Test func filesFromStandardInput() async throws {
    let shown = await call("config", "show", "rtl-lean").output
    #expect(await call(["config", "show", "-"], input: shown).output == shown)
    let changed = await call(["config", "show", "-:dma.busBits=64"], input: shown)
    #expect(changed.output == (await call("config", "show", "rtl-lean:dma.busBits=64")).output)
    let asm = "flush\nfence\n"
    let trace = await call(["asm", "-"], input: asm)
    #expect(trace.output.hasPrefix("gemmini-trace 1\n"))
    let back = await call(["disasm", "-"], input: trace.output)
    #expect(back.code == .success)
    #expect(await call(["asm", "-"], input: back.output).output == trace.output)
    let replayed = await call(["replay", "-", "--config", "rtl-lean"], input: trace.output)
    #expect(replayed.code == .success && replayed.output.contains("rtl-lean: <stdin>"))
    let workload = await call("workloads", "show", "bert-base", "--layers", "1").output
    let table = await call(["workloads", "show", "-", "--table"], input: workload)
    #expect(
      table.output == (await call("workloads", "show", "bert-base:layers=1", "--table")).output)
    let run = await call("run", "--matmul", "16x16x16", "--json").output
    let explained = await call(["explain", "-", "--no-what-if"], input: run)
    #expect(explained.code == .success)
  }

  @Test func errorsNameStandardInput() async {
    for words in [
      ["config", "validate", "-"], ["asm", "-"], ["disasm", "-"], ["explain", "-"],
      ["workloads", "show", "-"], ["replay", "-", "--config", "rtl-lean"], ["study", "-"],
      ["report", "-"],
    ] {
      let outcome = await call(words, input: "nonsense\n")
      #expect([.data, .config].contains(outcome.code))
      #expect(outcome.errors.hasPrefix("Error: <stdin>:1:"), "\(words): \(outcome.errors)")
    }
  }

  @Test func standardInputIsReadOnce() async {
    let twice = await call(["replay", "-", "--config", "-"], input: "")
    #expect(twice.code == .usage)
    #expect(
      twice.errors.hasPrefix(
        "Error: '-' is standard input and can be read once, but '<trace>' and '--config' both ask "
          + "for it\n"))
    #expect(await call(["compare", "-", "-", "--workload", "x"], input: "").code == .usage)
    // What is written is a file of that name.
    let baseline = await call(
      ["check", "--add", "/tmp/none.json", "--workload", "-"], input: "{}")
    #expect(baseline.code == .usage)
    // Only a configuration has values behind it.
    let trace = await call(["replay", "-:x", "--config", "rtl-lean"], input: "")
    #expect(trace.code == .noInput && trace.errors.hasPrefix("Error: '-:x' cannot be read"))
    // Without '-' nothing is read, whatever a file names.
    #expect(throws: InvalidConfig.self) { try ConfigRequest(InputFile.standardInput).load() }
  }

  /// A run of a workload that is gone cannot be made again; `explain` says so.
  @Test func runsFromStandardInputAreNotRepeated() async throws {
    let workload = await call("workloads", "show", "gpt2-decode", "--layers", "1").output
    guard let file = try? Workload(json: Array(workload.utf8), file: "x") else { return }
    let program = RunProgram.network(
      workload: InputFile.standardInput, digest: "", tiles: [:], fusing: .all)
    #expect(!file.operators.isEmpty && !program.isRepeatable)
  }

  @Test func levelsChangeStandardErrorOnly() async {
    let words = ["run", "--matmul", "16x16x16"]
    let plain = await call("run", "--matmul", "16x16x16")
    for level in LogLevel.allCases {
      let outcome = await call(words + ["--log-level", level.name], input: "")
      #expect(outcome.code == .success && outcome.output == plain.output)
      #expect(outcome.errors.isEmpty == (level != .debug))
    }
    let debug = await call(["--log-level=debug"] + words, input: "").errors
    #expect(debug.split(separator: "\n").allSatisfy { $0.hasPrefix("Debug: ") })
    #expect(debug.contains("cycles, "))
    let both = await call(words + ["--quiet", "--log-level", "info"], input: "")
    #expect(both.code == .usage)
    let verified = await call(words + ["--verify-reuse"], input: "")
    #expect(verified.errors.hasPrefix("Reuse verified"))
    #expect(await call(words + ["--verify-reuse", "--quiet"], input: "").errors.isEmpty)
    // Errors are shown at every level.
    #expect(await call(["--quiet", "run", "--nonsense"], input: "").errors.hasPrefix("Error: "))
  }

  /// A window that shows nothing is worth a warning, and changes no report.
  @Test func emptyTraceWindow() async throws {
    let folder = try TemporaryFolder()
    for (option, name) in [("--trace", "t.json"), ("--vcd", "t.vcd")] {
      let outcome = await call(
        "run", "--matmul", "16x16x16", option, "\(folder.path)/\(name)", "--trace-window",
        "100000:100010")
      #expect(outcome.code == .success)
      #expect(outcome.output == (await call("run", "--matmul", "16x16x16")).output)
      #expect(outcome.errors.hasPrefix("Warning: '--trace-window' begins at cycle 100000, but "))
    }
    let inside = await call(
      "run", "--matmul", "16x16x16", "--trace", "\(folder.path)/i.json", "--trace-window", "100:")
    #expect(inside.errors.isEmpty)
  }

  @Test func coloursAreForTerminalsThatAllowThem() {
    #expect(Console.wantsColour(isTerminal: true, noColour: nil, term: "xterm"))
    #expect(Console.wantsColour(isTerminal: true, noColour: "", term: "xterm"))
    #expect(!Console.wantsColour(isTerminal: true, noColour: "1", term: "xterm"))
    #expect(!Console.wantsColour(isTerminal: true, noColour: nil, term: "dumb"))
    #expect(!Console.wantsColour(isTerminal: true, noColour: nil, term: nil))
    #expect(!Console.wantsColour(isTerminal: false, noColour: nil, term: "xterm"))
    let console = Console.capturing(hasColour: true)
    console.printError("no\u{1B}[1m")
    #expect(console.errors == "\u{1B}[1;31mError:\u{1B}[0m no\\u{1b}[1m\n")
  }
}
