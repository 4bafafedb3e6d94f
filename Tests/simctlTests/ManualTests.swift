import Foundation
import Testing

@testable import simctl

/// What is made of the declarations besides help: the manual page and the examples.
@Suite struct ManualTests {
  @Test func manualHasEverything() async {
    let page = await call("--man")
    #expect(page.code == .success && page.errors.isEmpty)
    let text = page.output.replacing("\\-", with: "-")
    for section in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SUBCOMMANDS", "EXIT STATUS", "ENVIRONMENT",
      "FILES", "EXAMPLES",
    ] { #expect(text.contains(".SH \(section)\n")) }
    for command in Simctl.commands {
      #expect(text.contains(".SS simctl \(command.syntax.name)\n"))
      for option in command.syntax.options {
        #expect(text.contains(".B \(option.usage)\n"), "\(option.usage)")
      }
    }
    for code in ExitCode.allCases { #expect(text.contains(".B \(code.rawValue)\n")) }
  }

  /// The formatters find nothing to complain about.
  @Test(arguments: [
    ("groff", "groff -man -ww -Tutf8 simctl.1 2>&1 >/dev/null"),
    ("mandoc", "mandoc -T lint -W style simctl.1 | grep -v 'missing date'"),
  ]) func formatters(_ tool: String, _ check: String) throws {
    guard BuiltProgram.has(tool) else { return }
    let folder = try TemporaryFolder()
    _ = try folder.write(ManPage.text, "simctl.1")
    let outcome = try BuiltProgram(check, in: folder.path)
    #expect(outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.output)")
  }

  @Test func everyCommandHasExamples() {
    for command in Simctl.commands {
      #expect((1...3).contains(command.syntax.examples.count), "\(command.syntax.name)")
      for example in command.syntax.examples {
        #expect(example.call.split(separator: "\n").allSatisfy { $0.count <= 76 })
      }
    }
  }

  /// The examples of all commands in the order of the help; the long ones are only parsed.
  @Test func examplesRun() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/Baselines", withIntermediateDirectories: true)
    _ = try folder.write("flush\nfence\n", "program.asm")
    _ = try folder.write("gemmini-trace 1\nfence\n", "program.trace")
    _ = try folder.write("seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete\n", "cmds.csv")
    for command in Simctl.commands {
      for example in command.syntax.examples {
        // A file that one example writes, another may read; it may be there already.
        let isWriter = example.call.contains("--output program.trace")
        let call = example.isLong ? example.call + " --help" : example.call
        let first = isWriter ? "rm -f program.trace; " : ""
        let outcome = try BuiltProgram("\(first)set -o pipefail; \(call)", in: folder.path)
        #expect(outcome.status == 0, "\(example.call): \(outcome.errors)")
      }
    }
  }

  @Test func exitCodes() async throws {
    let help = await call("help", "exit-codes")
    #expect(help.code == .success)
    try expectSnapshot(help.output, "help-exit-codes.txt")
    #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let misspelt = await call("help", "exit-code")
    #expect(misspelt.code == .usage && misspelt.errors.contains("Did you mean 'exit-codes'?"))
    // The page for readers has the same table.
    let page = try String(
      contentsOf: URL(filePath: #filePath).appending(path: "../../../Docs/CommandLine.md")
        .standardizedFileURL, encoding: .utf8)
    for code in ExitCode.allCases {
      #expect(page.contains("| \(code.rawValue) | \(code.meaning) |"), "\(code.rawValue)")
    }
  }
}
