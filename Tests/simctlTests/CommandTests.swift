import Foundation
import Testing

@testable import simctl

@Suite struct CommandTests {
  @Test func configurationsRoundTrip() async throws {
    let shown = await call("config", "show", "rtl-lean")
    #expect(shown.code == .success)
    let folder = try TemporaryFolder()
    let path = try folder.write(shown.output, "lean.json")
    #expect(await call("config", "show", path).output == shown.output)
    let valid = await call("config", "validate", path)
    #expect(valid.code == .success)
    #expect(valid.output.contains("valid: 16x16 array, 16384 scratchpad rows"))
    let schema = await call("config", "schema").output
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(schema.utf8)) }
    #expect(await call("config", "list").output.contains("rtl-default"))
  }

  @Test func assemblyRoundTrips() async throws {
    let folder = try TemporaryFolder()
    let asm = try folder.write(
      "flush\nconfig_ex dataflow=ws a_stride=1 scale=1.0 c_stride=1\nfence\n", "in.asm")
    let trace = await call("asm", asm)
    #expect(trace.code == .success)
    let path = try folder.write(trace.output, "out.trace")
    let back = await call("disasm", path)
    #expect(back.code == .success)
    let second = try folder.write(back.output, "back.asm")
    #expect(await call("asm", second).output == trace.output)
  }

  @Test func runReports() async throws {
    let text = await call("run", "--matmul", "32x32x32")
    #expect(text.code == .success)
    #expect(text.errors.isEmpty)
    #expect(text.output.hasPrefix("gemmini-default: matmul 32x32x32, weight-stationary\n"))
    #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let json = await call("run", "--matmul", "32x32x32", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let result = try #require((object as? [String: Any])?["result"] as? [String: Any])
    #expect(result["usefulMACs"] as? Int == 32 * 32 * 32)
    #expect((result["cycles"] as? Int ?? 0) > 32 * 32 * 32 / 256)
    #expect(await call("run", "--matmul=32x32x32", "--json").output == json.output)
  }

  @Test func runWritesItsCommands() async throws {
    let folder = try TemporaryFolder()
    let outcome = await call(
      "run", "--matmul", "16x16x16", "--commands", "\(folder.path)/commands.csv")
    #expect(outcome.code == .success)
    let lines = try folder.read("commands.csv").split(separator: "\n")
    #expect(lines[0] == "seq,queue,slot,funct,rs1,rs2,source,alloc,issue,complete")
    // 5 configurations, 1 load each of A and B, preload, compute, store.
    #expect(lines.count == 1 + 10)
  }

  /// `--latency` is main memory's, also behind a cache; the report says what each of them did.
  @Test func memoriesOnTheCommandLine() async throws {
    let words = ["run", "--matmul", "64x64x64"]
    func run(_ more: String...) async -> Outcome {
      let console = Console.capturing()
      let code = await Simctl.run(words + more, console: console)
      return Outcome(code: code, output: console.output, errors: console.errors)
    }
    let plain = await run("--latency", "50", "--set", "memory.bytesPer10Cycles=64")
    #expect(plain.code == .success)
    #expect(plain.output.contains("memory latency 50, 6.4 bytes a cycle"))
    #expect(!plain.output.contains("L2"))
    let cache = await run("--latency", "50", "--set", "l2.capacityKiB=512")
    #expect(cache.code == .success)
    #expect(cache.output.contains("memory latency 50, L2 512 KiB"))
    #expect(cache.output.contains("Between L2 and main memory"))
    let lines = cache.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let json = await run("--set", "l2.capacityKiB=512", "--json")
    #expect(json.output.contains("\"dramReadBytes\" : 8192"))
    let wrong = await run("--set", "l2.capacityKiB=300")
    #expect(wrong.code == .config && wrong.errors.contains("l2.capacityKiB"))
  }

  /// Slower memory and slower issue cannot make a single small matmul faster.
  @Test func flagsReachTheMachine() async throws {
    func cycles(_ words: String...) async throws -> Int {
      let console = Console.capturing()
      _ = await Simctl.run(["run", "--matmul", "16x16x16", "--json"] + words, console: console)
      let object = try JSONSerialization.jsonObject(with: Data(console.output.utf8))
      let result = try #require((object as? [String: Any])?["result"] as? [String: Any])
      return try #require(result["cycles"] as? Int)
    }
    let base = try await cycles("--latency", "20")
    #expect(try await cycles("--latency", "120") >= base + 200)
    #expect(try await cycles("--latency", "20", "--issue-gap", "20") > base)
  }

  @Test func wavefrontShowsTheCyclesAskedFor() async {
    let outcome = await call("wavefront", "--size", "2", "--cycles", "0-1")
    #expect(outcome.code == .success)
    #expect(outcome.output.contains("cycle 1"))
    #expect(await call("wavefront", "--size", "2", "--cycles", "0-1").output == outcome.output)
  }

  @Test func networksRunInEveryForm() async throws {
    let words = ["run", "--workload", "bert-base", "--sequence", "16", "--layers", "1"]
    func run(_ more: String...) async -> Outcome {
      let console = Console.capturing()
      let code = await Simctl.run(words + more, console: console)
      return Outcome(code: code, output: console.output, errors: console.errors)
    }
    let text = await run()
    #expect(text.code == .success && text.errors.isEmpty)
    #expect(text.output.hasPrefix("bert-base on gemmini-default: batch 1"))
    let json = await run("--json")
    _ = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let csv = await run("--csv", "--config", "gemmini-ibert")
    #expect(csv.output.hasPrefix("name,stem,group,layer,place,fused,cycles,macs,utilisation,"))
    let mapped = await run("--mapping", "q=1x2x3")
    #expect(mapped.code == .success && mapped.output != text.output)
    // What a machine cannot run names the operator.
    let pool = await call("run", "--workload", "resnet50", "--config", "gemmini-ibert")
    #expect(pool.code == .data && pool.output.isEmpty)
    #expect(pool.errors.hasPrefix("Error: operator 'pool1' (maxPool of [1, 112, 112, 64])"))
    let unknown = await run("--mapping", "qq=1x1x1")
    #expect(unknown.code == .data && unknown.errors.contains("did you mean 'q'?"))
    let missing = await call("run", "--workload", "bert-bse")
    #expect(missing.code == .data && missing.errors.contains("bert-base"))
    let lower = await call("lower", "bert-base", "--layers", "1", "--config", "gemmini-ibert")
    #expect(lower.code == .success && lower.output.contains("scores"))
    let lowerJSON = await call("lower", "resnet50", "--json")
    _ = try JSONSerialization.jsonObject(with: Data(lowerJSON.output.utf8))
  }

  @Test func nonlinearOperationsInEveryForm() async throws {
    let text = await call("nonlinear", "softmax", "--rows", "16", "--length", "40")
    #expect(text.code == .success && text.errors.isEmpty)
    #expect(text.output.contains("Nonlinear operations on 16 rows of 40 elements\n"))
    let json = await call("nonlinear", "--rows", "2", "--length", "20", "--json")
    #expect(json.code == .success)
    _ = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let one = await call(
      "nonlinear", "layernorm", "--rows", "16", "--length", "40", "--placement", "integerunit")
    #expect(one.code == .success)
    #expect(one.output.hasPrefix("gemmini-ibert: layerNorm of 16x40, integerUnit\n"))
    #expect(one.output.contains("Where conversions happen"))
    let onChip = await call(
      "nonlinear", "gelu", "--rows", "16", "--length", "40", "--placement", "fpUnit", "--on-chip")
    #expect(onChip.code == .success)
    // What a placement or a machine cannot do is an error of the data, not of the call.
    let missing = await call("nonlinear", "topK", "--placement", "integerUnit")
    #expect(missing.code == .data && missing.errors.contains("the integer units have no topK"))
    let noUnit = await call(
      "nonlinear", "gelu", "--placement", "fpUnit", "--config", "gemmini-ibert")
    #expect(noUnit.code == .data && noUnit.errors.contains("features.nonlinearUnit is false"))
    let tooLong = await call(
      "nonlinear", "softmax", "--placement", "integerUnit", "--length", "5000")
    #expect(tooLong.code == .data)
    #expect(tooLong.errors.contains("a row of 5000 elements takes 5008 rows of the accumulator"))
  }

  @Test(arguments: ["softmax", "layernorm", "gelu"]) func numericsOfEachOperationInEveryForm(
    _ operation: String
  ) async throws {
    let text = await call("numerics", operation, "--rows", "4", "--length", "40")
    #expect(text.code == .success)
    #expect(text.errors.isEmpty)
    #expect(text.output.hasPrefix("\(operation) of 4 rows of 40 against double precision\n"))
    let json = await call(
      "numerics", operation, "--rows", "4", "--length", "40", "--seed", "7", "--json")
    #expect(json.code == .success)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let report = try #require(object as? [String: Any])
    #expect(report["operation"] as? String == operation)
    #expect(report["rows"] as? Int == 4)
    #expect(report["length"] as? Int == 40)
    #expect(report["seed"] as? Int == 7)
    let placements = try #require(report["placements"] as? [[String: Any]])
    #expect(placements.count == (operation == "softmax" ? 9 : 6))
    #expect(placements.last?["placement"] as? String == "integer units, I-BERT")
    #expect((report["integerGELU"] != nil) == (operation == "gelu"))
  }
}
