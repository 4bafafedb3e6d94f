import Foundation
import Testing

@testable import simctl

/// Inputs that cannot be used: one clear message and the sysexits code for the kind of input.
@Suite struct InputErrorTests {
  @Test func missingFiles() async {
    for words in [
      ["replay", "/no/such.trace", "--config", "rtl-lean"], ["asm", "/no/such.asm"],
      ["disasm", "/no/such.trace"], ["validate", "/no/such"],
      ["run", "--config", "/no/such.json"],
    ] {
      let console = Console.capturing()
      #expect(await Simctl.run(words, console: console) == .noInput)
      #expect(console.errors.hasPrefix("Error: '/no/such"))
      #expect(console.errors.hasSuffix("No such file or directory\n"))
    }
    let folder = await call("replay", "/tmp", "--config", "rtl-lean")
    #expect(folder.code == .noInput)
    #expect(folder.errors == "Error: '/tmp' cannot be read: it is a folder\n")
  }

  @Test func unknownMachine() async {
    let near = await call("run", "--config", "gemini-default")
    #expect(near.code == .noInput)
    #expect(
      near.errors == "Error: No configuration 'gemini-default'. Did you mean 'gemmini-default'?\n")
    let far = await call("config", "show", "tpu")
    #expect(far.code == .noInput)
    #expect(far.errors.contains("there are gemmini-default, "))
  }

  /// One message about the file, not one about each of its keys.
  @Test func filesOfAnotherKind() async throws {
    let folder = try TemporaryFolder()
    let run = await call("run", "--matmul", "16x16x16", "--json")
    let files = [
      "a workload": try folder.write(#"{"name": "n", "tensors": [], "operators": []}"#, "net.json"),
      "a configuration": try folder.write(#"{"name": "m", "array": {"meshRows": 8}}"#, "own.json"),
      "a baseline": try folder.write(#"{"cases": {}, "configs": {}}"#, "base.json"),
      "a study": try folder.write(#"{"runs": {}, "claims": []}"#, "study.json"),
      "a run that 'simctl run --json' wrote": try folder.write(run.output, "run.json"),
    ]
    let calls: [(words: [String], expected: String, code: ExitCode)] = [
      (["run", "--workload"], "a workload", .data),
      (["run", "--config"], "a configuration", .config),
      (["check"], "a baseline", .data), (["study"], "a study", .data),
    ]
    for (words, expected, code) in calls {
      for (kind, path) in files where kind != expected {
        let console = Console.capturing()
        #expect(await Simctl.run(words + [path], console: console) == code)
        #expect(console.errors == "Error: \(path):1:1: found \(kind); expected \(expected)\n")
      }
    }
  }

  @Test func wrongConfiguration() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"{"scratchpad": {"bankss": 4, "capacityKiB": 3}}"#, "bad.json")
    for words in [["config", "validate", path], ["run", "--config", path]] {
      let console = Console.capturing()
      #expect(await Simctl.run(words, console: console) == .config)
      #expect(console.errors.contains("\(path):1:"))
      #expect(console.errors.contains("scratchpad.bankss"))
      #expect(console.errors.contains("scratchpad.capacityKiB"))
    }
  }

  @Test func impossibleMatmuls() async {
    let transposed = await call("run", "--transpose-a", "--transpose-b")
    #expect(transposed.code == .data)
    #expect(transposed.errors.contains("one transposer"))
    let softmax = await call("run", "--activation", "softmax")
    #expect(softmax.code == .data)
    #expect(softmax.errors.contains("normalizations"))
    let large = await call("run", "--matmul", "100000x100000x100000")
    #expect(large.code == .data)
    #expect(large.errors.contains("main memory"))
    let dataflow = await call("run", "--config", "rtl-lean", "--dataflow", "os")
    #expect(dataflow.code == .data)
  }

  @Test func wrongTraces() async throws {
    let folder = try TemporaryFolder()
    for (text, words) in [
      ("", ":1"), ("not a trace\n", ":1"),
      ("gemmini-trace 1\ncmd 7 0x0\n", ":2"),
      ("gemmini-trace 1\ncmd 7 0x0 0x0\nfrob\n", ":3"),
      ("gemmini-trace 1\nload 0x80000000 missing.bin\n", ":2"),
      ("gemmini-trace 1\nzero 0x10 16\n", ":2"),
      ("gemmini-trace 1\ncmd 99 0x0 0x0\nfence\n", ":2"),
      ("gemmini-trace 1\ncmd 8 0x0 0x0\nfence\n", ":2"),
      ("gemmini-trace 1\ncmd 15 0x0 0x0\nfence\n", ":2"),
      ("gemmini-trace 1\ncmd 2 0x80000000 0x11001000000000\nfence\n", ":2"),
    ] {
      let path = try folder.write(text, "bad.trace")
      let outcome = await call("replay", path, "--config", "rtl-lean")
      #expect(outcome.code == .data)
      #expect(outcome.errors.contains("bad.trace\(words)"), "\(outcome.errors)")
      guard !text.contains("load") else { continue }
      let timing = await call("replay", path, "--config", "rtl-lean", "--no-data")
      #expect(timing.code == .data)
    }
  }

  @Test func wrongAssembly() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("flush\nmvni\n", "bad.asm")
    let outcome = await call("asm", path)
    #expect(outcome.code == .data)
    #expect(outcome.errors.contains("bad.asm:2"))
  }

  @Test func filesAreNotReplaced() async throws {
    let folder = try TemporaryFolder()
    let asm = try folder.write("flush\nfence\n", "in.asm")
    let out = "\(folder.path)/out.trace"
    #expect(await call("asm", asm, "--output", out).code == .success)
    let first = try folder.read("out.trace")
    #expect(first.hasPrefix("gemmini-trace 1\n"))
    let again = await call("asm", asm, "--output", out)
    #expect(again.code == .cannotCreate)
    #expect(again.errors == "Error: '\(out)' exists already; '--force' replaces it\n")
    #expect(await call("asm", asm, "--output", out, "--force").code == .success)
    let nowhere = await call("asm", asm, "--output", "\(folder.path)/no/out.trace")
    #expect(nowhere.code == .cannotCreate)
    let run = await call("run", "--commands", out)
    #expect(run.code == .cannotCreate)
    let leftovers = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(leftovers.sorted() == ["in.asm", "out.trace"])
  }
}
