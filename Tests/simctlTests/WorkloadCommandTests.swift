import Foundation
import Testing

@testable import simctl

@Suite struct WorkloadCommandTests {
  @Test func theZooIsListed() async {
    let list = await call("workloads", "list")
    #expect(list.code == .success)
    #expect(list.output.contains("bert-base"))
    #expect(list.output.contains("--sequence 128 --layers 12 --heads 12"))
    let schema = await call("workloads", "schema").output
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(schema.utf8)) }
  }

  @Test func aShownWorkloadIsAFile() async throws {
    let shown = await call("workloads", "show", "bert-base", "--layers", "1", "--sequence", "16")
    #expect(shown.code == .success)
    let folder = try TemporaryFolder()
    let path = try folder.write(shown.output, "bert.json")
    #expect(await call("workloads", "show", path).output == shown.output)
    let named = await call(
      "analyze", "bert-base", "--layers=1", "--sequence=16", "--json")
    #expect(await call("analyze", path, "--json").output == named.output)
  }

  @Test func tablesOfModelsCountTheirOperators() async throws {
    let table = await call("workloads", "show", "bert-base", "--layers", "1", "--table")
    #expect(table.output.contains("14 operators, 931,135,488 MACs, 7,087,872 parameters"))
    let line = table.output.split(separator: "\n").first { $0.hasPrefix("layer0.scores ") }
    let words = try #require(line).split(separator: " ").map(String.init)
    #expect(
      words == ["layer0.scores", "matmul", "128x768", "128x768", "12x128x128", "int32", "12.583"])
  }

  @Test func analysesOfModelsInEveryForm() async throws {
    let text = await call("analyze", "bert-base")
    #expect(text.code == .success)
    try expectSnapshot(text.output, "analyze-bert-base.txt")
    let tiled = await call("analyze", "bert-base", "--traffic", "tiled", "--operators")
    try expectSnapshot(tiled.output, "analyze-bert-base-tiled.txt")
    let json = await call("analyze", "gpt2-generate", "--tokens", "3", "--layers", "1", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["steps"] as? Int == 3)
  }

  @Test func aNetworkWithData() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"""
      {"name": "w", "tensors": [
        {"name": "x", "shape": [8, 20], "role": "input"},
        {"name": "b", "shape": [20, 12], "role": "weight"},
        {"name": "y", "shape": [8, 12]}],
       "operators": [{"name": "m", "kind": "matmul", "inputs": ["x", "b"], "output": "y"}]}
      """#, "w.json")
    let run = await call("run", "--workload", path, "--data", "random:3", "--quiet")
    #expect(run.code == .success, "\(run.errors)")
    #expect(run.output.contains("Results with random data (seed 3) against references\n"))
    #expect(run.output.hasSuffix("\n1 operator: none is wrong\n"))
    let json = await call("run", "--workload", path, "--data", "--json", "--quiet")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let check = object?["check"] as? [String: Any]
    #expect(check?["seed"] as? Int == 1)
    for text in ["random:", "random:-1", "zeros", "random:1:2"] {
      let wrong = await call("run", "--workload", path, "--data", text)
      #expect(wrong.code == .usage)
      #expect(wrong.errors.contains("The value '\(text)' is invalid for '--data"))
    }
    #expect(await call("run", "--workload", path, "--data", "--csv").code == .usage)
  }

  @Test func blocksByHand() async throws {
    for text in [
      "", ",", "q", "q=", "=1x1x1", "q=1x1", "q=1x1x1x", "q=1xx1", "q=0x1x1", "q=-1x1x1",
      "q=+1x1x1", "q=1x1x1,", "q=1x1x1,q=2x2x2", "q=99999999999999999999x1x1",
    ] {
      let wrong = await call("lower", "bert-base", "--layers=1", "--mapping", text)
      #expect(wrong.code == .usage, "\(text)")
      #expect(wrong.errors.hasPrefix("Error: The value '\(text)' is invalid for '--mapping"))
    }
    for (text, words) in [
      ("Q=1x1x1", "no operator 'Q' in bert-base; did you mean 'q'?"),
      ("softmax=1x1x1", "blocks can be given for matmuls only"),
      ("q=9223372036854775807x1x1", "I must be 1...8, is 9223372036854775807"),
      ("layer0.q=8x48x48", "rows of the scratchpad; there are 8192"),
    ] {
      let wrong = await call("lower", "bert-base", "--layers=1", "--mapping", text)
      #expect(wrong.code == .data, "\(text)")
      #expect(wrong.errors.contains(words), "\(wrong.errors)")
      #expect(wrong.output.isEmpty)
    }
  }

  /// A name with a comma or a quote is one field.
  @Test func namesInCSV() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      #"""
      {"name": "w", "tensors": [{"name": "x", "shape": [8, 8], "role": "input"}, {"name": "y"}],
       "operators": [{"name": "a,\"b\"", "kind": "matmul", "inputs": ["x", "x"], "output": "y"}]}
      """#, "w.json")
    let run = await call("run", "--workload", path, "--csv", "--quiet")
    let line = run.output.split(separator: "\n").last
    #expect(line?.hasPrefix(#""a,""b""","a,""b""",other,,array,,"#) == true, "\(run.output)")
  }

  @Test func inputsThatCannotBeUsed() async throws {
    let near = await call("analyze", "bert-bse")
    #expect(near.code == .data)
    let other = await call("analyze", "resnet50", "--sequence", "3")
    #expect(other.code == .data)
    #expect(other.errors == "Error: 'resnet50' does not take '--sequence'; it has '--batch'\n")
    for value in ["5", "0", "-4"] {
      let heads = await call("workloads", "show", "bert-base", "--heads=\(value)")
      #expect(heads.code == .usage)
      #expect(
        heads.errors.hasPrefix(
          "Error: The value '\(value)' is invalid for '--heads <n>': must be a whole number "
            + "1...384 that divides 768\n"))
    }
    #expect(near.errors == "Error: No workload 'bert-bse'. Did you mean 'bert-base'?\n")
    #expect(await call("workloads", "show", "/no/such.json").code == .noInput)
    let folder = try TemporaryFolder()
    let path = try folder.write(#"{"name": "w", "tensors": [{}], "operators": 3}"#, "bad.json")
    let bad = await call("analyze", path)
    #expect(bad.code == .data)
    #expect(bad.errors.contains("\(path):1:27: tensors[0]: found no key \"name\""))
    #expect(bad.errors.contains("operators: found 3; expected a list"))
    let large = await call("analyze", "bert-base", "--sequence", "65536", "--batch", "1024")
    #expect(large.code == .data)
    #expect(large.errors.hasPrefix("Error: 'bert-base' of these sizes is too large: "))
  }
}
