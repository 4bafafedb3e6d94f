import Testing

@testable import AccelSim

@Suite struct WorkloadRequestTests {
  @Test func modelsTakeParameters() throws {
    let request = try WorkloadRequest("bert-base:sequence=128,layers=1")
    #expect(request.name == "bert-base")
    #expect(request.values == ["sequence": 128, "layers": 1])
    #expect(request.description == "bert-base:layers=1,sequence=128")
    let again = try WorkloadRequest(request.description)
    #expect(again == request)
    let steps = try request.steps()
    #expect(steps.parameters.contains(WorkloadParameter("sequence", 128)))
  }

  @Test func modelsAloneHaveTheirDefaults() throws {
    let request = try WorkloadRequest("resnet50")
    #expect(request.values.isEmpty)
    #expect(request.description == "resnet50")
  }

  @Test(arguments: [
    "bert-base:", "bert-base:sequence", "bert-base:sequence=", "bert-base:sequence=x",
    "bert-base:sequence=1,sequence=2", "bert-base:sequence=1,",
  ])
  func malformedParametersAreErrors(_ text: String) {
    #expect(throws: InvalidWorkload.self) { try WorkloadRequest(text) }
  }

  @Test func pathsMayHoldColons() throws {
    let request = try WorkloadRequest("nets/a:b=3.json")
    #expect(request.name == "nets/a:b=3.json")
  }

  @Test func unknownNamesAreErrorsWithASuggestion() throws {
    let request = WorkloadRequest(name: "bert-bas")
    let error = #expect(throws: InvalidWorkload.self) { try request.steps() }
    #expect(error?.problems.first?.suggestion == "bert-base")
    let wrong = WorkloadRequest(name: "bert-base", values: ["sequences": 4])
    #expect(throws: InvalidWorkload.self) { try wrong.steps() }
  }
}
