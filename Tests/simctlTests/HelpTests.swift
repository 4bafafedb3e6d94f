import Testing

@testable import simctl

@Suite struct HelpTests {
  @Test func overviewWithoutACommandAndWithHelp() async throws {
    let help = await call("--help")
    #expect(help.code == .success)
    #expect(help.errors.isEmpty)
    try expectSnapshot(help.output, "help.txt")
    #expect(await call().output == help.output)
    #expect(await call("help").output == help.output)
    #expect(await call("-h").output == help.output)
  }

  @Test(arguments: Simctl.commands.map(\.syntax.name))
  func everyCommand(_ name: String) async throws {
    let words = name.split(separator: " ").map(String.init)
    let console = Console.capturing()
    let code = await Simctl.run(words + ["--help"], console: console)
    #expect(code == .success)
    #expect(console.errors.isEmpty)
    let tooLong = console.output.split(separator: "\n").filter { $0.count > 80 }
    #expect(tooLong.isEmpty)
    try expectSnapshot(
      console.output, "help-\(words.joined(separator: "-")).txt")
    // Help wins over what else is wrong with the call.
    let other = Console.capturing()
    #expect(await Simctl.run(words + ["-h", "--nonsense"], console: other) == .success)
  }

  @Test func version() async {
    let outcome = await call("--version")
    #expect(outcome.code == .success)
    #expect(outcome.output == "\(Simctl.version)\n")
  }

  @Test func helpOfACommand() async {
    let (help, flag) = (await call("help", "run"), await call("run", "--help"))
    #expect(help.output == flag.output)
    let (group, other) = (await call("config", "--help"), await call("help", "config"))
    #expect(group.code == .success && group.output == other.output)
    #expect(group.output.hasPrefix("USAGE: simctl config <subcommand>\n\nSUBCOMMANDS:\n  list "))
    let nested = await call("help", "config", "show")
    #expect(nested.output.hasPrefix("OVERVIEW: Print a configuration"))
  }
}
