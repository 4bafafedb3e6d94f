import Foundation
import Testing

@testable import AccelSim
@testable import simctl

@Suite struct CompletionTests {
  /// The words that a call ending in `words` can go on with.
  private func words(_ words: String...) -> [String] {
    Completer(words).candidates.map(\.word)
  }

  @Test func commandsAndGroupsComplete() {
    let names = Set(Simctl.commands.map { String($0.syntax.name.prefix { $0 != " " }) })
    #expect(Set(words("")) == names.union(["help"]))
    #expect(words("ro") == ["roofline"])
    #expect(words("config", "") == ["list", "show", "validate", "schema"])
    #expect(words("help", "exit") == ["exit-codes"])
    #expect(words("--quiet", "wave") == ["wavefront"])
    #expect(words("--log-level", "d") == ["debug"])
    #expect(words("--compl") == ["--completion"])
    #expect(words("nonsense", "") == [])
  }

  /// Every flag of every command, as help lists them.
  @Test(arguments: Simctl.commands.map(\.syntax.name)) func flags(_ name: String) throws {
    let path = name.split(separator: " ").map(String.init)
    let syntax = try #require(Simctl.commands.first { $0.syntax.name == name }).syntax
    let candidates = Completer(path + ["--"]).candidates
    #expect(candidates.map(\.word) == syntax.allOptions.map(\.name))
    for option in syntax.options where option.kind == .config {
      let presets = Completer(path + [option.name, ""]).candidates.map(\.word)
      #expect(presets == HardwareConfig.presetNames)
    }
    for option in syntax.options {
      guard case .oneOf(let names) = option.kind else { continue }
      #expect(Completer(path + [option.name, ""]).candidates.map(\.word) == names)
      let attached = Completer(path + ["\(option.name)="]).candidates.map(\.word)
      #expect(attached == names.map { "\(option.name)=\($0)" })
    }
  }

  @Test func valuesThatHaveNamesComplete() {
    #expect(words("run", "--config", "gemmini-f") == ["gemmini-fp"])
    #expect(words("run", "--config", "my.json:dma.busB") == ["my.json:dma.busBits="])
    #expect(
      words("compare", "a:dma.busBits=64,host.cor") == ["a:dma.busBits=64,host.core="])
    #expect(words("run", "--set", "host.core=") == ["host.core=rocket", "host.core=boom"])
    #expect(words("run", "--workload", "bert-base:layers=1,se") == ["bert-base:layers=1,sequence="])
    #expect(words("run", "--vcd-units", "load,sto") == ["load,store"])
    #expect(words("study", "M") == ["M1", "M2", "M3", "M4"])
    #expect(words("sweep", "--vary", "workload.seq") == ["workload.sequence="])
    // A number is nothing that can be completed, a flag has no value, a command takes no more.
    #expect(words("run", "--latency", "") == [])
    #expect(words("run", "--json", "") == [])
    #expect(words("run", "--json", "--js") == [])
    #expect(words("run", "--set", "a=b", "--se").contains("--set"))
    #expect(words("lower", "bert-base", "") == [])
    #expect(Completer(["asm", ""]).files == [".asm"])
    #expect(Completer(["run", "--html="]).files == [".html"])
    #expect(Completer(["validate", ""]).takesFolders)
    #expect(Completer(["report", "a.json", ""]).files == [".json"])
    #expect(Completer(["run", "--workload", ""]).files == [".json"])
  }

  /// What is typed may be anything.
  @Test func oddWords() {
    let words = [
      "", "-", "--", "=", ":", "--=", "--config=", "run", "config", "--set", "a=b=c", "a:b:c", ",",
      "--log-level", "help", "\u{0}", "é", "--workload", "bert-base:", ":=,",
    ]
    _ = Completer([])
    for first in words {
      for second in words { for third in words { _ = Completer([first, second, third]) } }
    }
  }

  /// Each call that is completed reads as it should.
  @Test func spelling() async {
    let (own, other) = (
      await call("--completion", "fish"), await call("--generate-completion-script", "fish")
    )
    #expect(own.code == .success && own.output == other.output)
    let wrong = await call("--completion", "bsh")
    #expect(wrong.code == .usage && wrong.errors.contains("Did you mean 'bash'?"))
  }

  @Test(arguments: CompletionScript.shells) func scriptsParse(_ shell: String) throws {
    guard BuiltProgram.has(shell) else { return }
    let folder = try TemporaryFolder()
    let file = try folder.write(CompletionScript.text(for: shell), "script")
    let checked = try BuiltProgram("\(shell) -n '\(file)'", in: folder.path)
    #expect(checked.status == 0 && checked.errors.isEmpty)
  }

  /// What fish itself makes of it, and zsh but for its own way to show candidates.
  @Test func fishAndZsh() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    _ = try folder.write("", "mine.json")
    if BuiltProgram.has("fish") {
      let script = """
        simctl --completion fish | source
        complete -C 'simctl roof' | string replace -r '\\t.*' ''
        complete -C 'simctl run --config=gemmini-f' | string replace -r '\\t.*' ''
        complete -C 'simctl config validate mi'
        complete -C 'simctl run --config=mi'
        """
      let outcome = try BuiltProgram(script, in: folder.path, shell: ["fish", "--no-config", "-c"])
      #expect(outcome.output == "roofline\n--config=gemmini-fp\nmine.json\n--config=mine.json\n")
    }
    if BuiltProgram.has("zsh") {
      let script = """
        compdef() { :; }; compset() { :; }
        _describe() { print -r -- "$*"; print -rl -- ${found%%:*}; }
        _files() { print -r -- "$*"; }
        source <(simctl --completion zsh)
        words=(simctl run --config gemmini-f); CURRENT=4; _simctl
        words=(simctl run --set dma.busB); _simctl
        """
      let outcome = try BuiltProgram(script, in: folder.path, shell: ["zsh", "-f", "-c"])
      #expect(
        outcome.output
          == "-V value found\ngemmini-fp\n-g *(.json)(-.)\n-V value found -S \ndma.busBits=\n")
    }
  }

  /// What bash itself makes of it, its words broken at '=' and ':' as readline does.
  @Test func bash() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    _ = try folder.write("", "my machine.json")
    _ = try folder.write("", "notes.txt")
    let script = """
      source <(simctl --completion bash)
      compopt() { :; }
      try() {
        COMP_LINE="simctl${1:+ }$1"; COMP_POINT=${#COMP_LINE}
        shift; COMP_WORDS=(simctl "$@"); COMP_CWORD=$#; COMPREPLY=()
        _simctl
        (IFS='|'; echo "${COMPREPLY[*]}")
      }
      try 'roof' roof
      try 'config ' config ''
      try 'run --config gemmini-f' run --config gemmini-f
      try 'run --config=gemmini-f' run --config = gemmini-f
      try 'run --config=' run --config =
      try 'run --config gemmini-fp:dma.busB' run --config gemmini-fp : dma.busB
      try 'run --workload bert-base:layers=1,seq' run --workload bert-base : layers = 1,seq
      try 'config validate my' config validate my
      try 'config validate no' config validate no
      try 'run --config=gemmini-f' run --config=gemmini-f
      """
    let outcome = try BuiltProgram(script, in: folder.path)
    #expect(outcome.errors.isEmpty)
    #expect(
      outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) == [
        "roofline", "list|show|validate|schema", "gemmini-fp", "gemmini-fp",
        (HardwareConfig.presetNames + ["my machine.json"]).joined(separator: "|"),
        "dma.busBits=", "1,sequence=", "my machine.json", "",
        "--config=gemmini-fp", "",
      ])
  }
}
