import Testing

@testable import AccelSim

@Suite struct SweepPlanTests {
  static func request(
    _ axes: [String], workloads: [String] = ["bert-base:sequence=8,layers=1"],
    constraints: [String] = []
  ) throws -> SweepRequest {
    let axes = try axes.map { try #require(SweepAxis($0)) }
    var request = SweepRequest(
      config: HardwareConfig(), workloads: try workloads.map { try WorkloadRequest($0) }, axes: axes
    )
    request.constraints = try constraints.map {
      try SweepConstraint($0, parameters: axes.compactMap(\.parameter))
    }
    return request
  }

  private func problems(_ request: SweepRequest) -> [ConfigProblem]? {
    let error = #expect(throws: InvalidSweep.self) { try SweepPlan(request) }
    return error?.problems
  }

  @Test func pointsAreTheCrossProductTheLastAxisFastest() throws {
    let plan = try SweepPlan(
      Self.request(
        ["memory.latency=5,6", "dma.busBits=64,128,32"],
        workloads: ["bert-base:sequence=8,layers=1", "alexnet"]))
    #expect(plan.points.map(\.number) == Array(1...12))
    #expect(plan.points.map(\.workload) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    let values = plan.points.prefix(6).map { plan.values(of: $0).joined(separator: " ") }
    #expect(values == ["5 64", "5 128", "5 32", "6 64", "6 128", "6 32"])
    let machine = try plan.machine(of: plan.points[5])
    #expect(machine.config.memory.latency == 6 && machine.config.dma.busBits == 32)
    #expect(try SweepPlan(Self.request([])).points.count == 1)
  }

  @Test func crossProducts() {
    #expect(Array(CrossProduct(sizes: [])) == [[]])
    #expect(Array(CrossProduct(sizes: [2, 0])) == [])
    #expect(Array(CrossProduct(sizes: [2, 2])) == [[0, 0], [0, 1], [1, 0], [1, 1]])
  }

  @Test func parametersOfWorkloadsVary() throws {
    let plan = try SweepPlan(
      Self.request(
        ["workload.sequence=8,16", "memory.latency=5,6"], workloads: ["bert-base:layers=1"],
        constraints: ["workload.sequence * memory.latency > 1"]))
    let lengths = plan.points.map { point in
      plan.steps(of: point).parameters.first { $0.name == "sequence" }?.value
    }
    #expect(lengths == [8, 8, 16, 16])
    #expect(plan.points.map { plan.workloadIndex(of: $0) } == [0, 0, 1, 1])
    #expect(plan.workloadName(of: plan.points[3]) == "bert-base:layers=1")
  }

  @Test func workloadsThatCannotHaveTheParametersAreAllReported() throws {
    let request = try Self.request(
      ["workload.sequence=8,0"],
      workloads: ["bert-base:layers=1", "alexnet", "gpt2:sequence=4", "/no/such.json"])
    let error = #expect(throws: InvalidWorkload.self) { try SweepPlan(request) }
    let text = error?.description ?? ""
    #expect(text.contains("bert-base:layers=1,sequence=0: sequence: found 0; expected"))
    #expect(text.contains("alexnet:sequence=8: sequence: found a parameter that alexnet does not"))
    #expect(text.contains("gpt2:sequence=4: found a value of sequence, which varies"))
    #expect(text.contains("/no/such.json"))
  }

  @Test func allProblemsOfTheAxesComeTogether() throws {
    let request = try Self.request(
      [
        "memory.latency=5,,5,x,0", "dma.busBits=64", "dma.busBits=32", "scratchpad.capacity=3,4",
        "workload.sequence=08",
      ], workloads: ["alexnet", "alexnet"])
    let found = problems(request)?.map { "\($0.path): \($0.found)" }
    #expect(
      found == [
        "memory.latency: an empty value", "memory.latency: the value 5 twice",
        "memory.latency: \"x\"", "memory.latency: 0", "dma.busBits: the key twice",
        "scratchpad.capacity: an unknown key", "workload.sequence: 08",
        "alexnet: the workload twice",
      ])
  }

  @Test func aKeyCannotBeSetAndVaried() throws {
    var request = try Self.request(["memory.latency=5,6"])
    request.assignments = [ConfigAssignment(path: "memory.latency", value: "7")]
    #expect(problems(request)?.map(\.path) == ["memory.latency"])
  }

  @Test func setValuesStayWhenAVariedKeySetsDefaults() throws {
    var request = try Self.request(["host.core=rocket,boom"])
    request.assignments = [ConfigAssignment(path: "host.softmaxCycles", value: "7")]
    let plan = try SweepPlan(request)
    #expect(try plan.points.allSatisfy { try plan.machine(of: $0).config.host.softmaxCycles == 7 })
  }

  @Test func combinationsThatAreNoMachineAreAllReportedOrLeftOut() throws {
    var request = try Self.request(
      ["accumulator.capacityKiB=64,96", "scratchpad.capacityKiB=64,100"],
      workloads: ["bert-base:sequence=8,layers=1", "alexnet"])
    let found = problems(request)?.map { $0.path }
    #expect(
      found == [
        "accumulator.capacityKiB=64 scratchpad.capacityKiB=100: scratchpad.capacityKiB",
        "accumulator.capacityKiB=96 scratchpad.capacityKiB=64: accumulator.capacityKiB",
        "accumulator.capacityKiB=96 scratchpad.capacityKiB=100: scratchpad.capacityKiB",
        "accumulator.capacityKiB=96 scratchpad.capacityKiB=100: accumulator.capacityKiB",
      ])
    request.skipsInvalid = true
    let plan = try SweepPlan(request)
    #expect(plan.points.count == 2 && plan.invalid == 6 && plan.excluded == 0)
  }

  /// What a constraint excludes need not be a machine.
  @Test func constraintsComeFirst() throws {
    let plan = try SweepPlan(
      Self.request(
        ["accumulator.capacityKiB=64,96", "workload.sequence=8,16"],
        workloads: ["bert-base:layers=1"],
        constraints: ["accumulator.capacityKiB < 96", "workload.sequence < 16"]))
    #expect(plan.points.count == 1 && plan.excluded == 3 && plan.invalid == 0)
    // Of a machine that is wrong the reason is known whichever sizes are excluded.
    let wrong = try Self.request(
      ["accumulator.capacityKiB=64,96", "workload.sequence=8,16"],
      workloads: ["bert-base:layers=1"], constraints: ["workload.sequence > 8"])
    #expect(problems(wrong)?.count == 1)
    let none = try Self.request(["memory.latency=5"], constraints: ["memory.latency > 5"])
    #expect(problems(none)?.map(\.found) == ["no point: constraints exclude 1, 0 are no machines"])
  }

  @Test func hugeProductsAreRefusedAtOnce() throws {
    let many = (1...100).map(String.init).joined(separator: ",")
    let keys = [
      "memory.latency", "moveIn.scaleLatency", "moveOut.scaleLatency", "queues.load",
      "queues.store", "scratchpad.readDelay", "array.outputDelay", "host.issueInterval",
      "host.launchCycles", "host.fenceCycles", "accumulator.capacityKiB",
    ]
    let found = problems(try Self.request(keys.map { "\($0)=\(many)" }))?.last?.found
    #expect(found == "more than \(Int.max) combinations of workloads and values")
    let larger = try Self.request(["memory.latency=\(many)", "host.fenceCycles=\(many)"])
    #expect(try SweepPlan(larger).points.count == 10_000)
    let overflowing = try Self.request(
      ["memory.latency=9"], constraints: ["memory.latency * 9223372036854775807 > 0"])
    #expect(problems(overflowing)?.first?.found == "a number beyond 2^53, or none")
  }

  @Test func identitiesTellSweepsApart() throws {
    func identity(_ change: (inout SweepRequest) throws -> Void) throws -> SweepIdentity {
      var request = try Self.request(["memory.latency=5,6"])
      try change(&request)
      return try SweepPlan(request).identity
    }
    let base = try identity { _ in }
    func difference(_ change: (inout SweepRequest) throws -> Void) throws -> String? {
      try identity(change).difference(from: base)
    }
    #expect(try difference { _ in } == nil)
    #expect(try difference { $0.config.dma.busBits = 64 } == "another configuration")
    #expect(
      try difference { $0.assignments = [ConfigAssignment(path: "dma.busBits", value: "64")] }
        == "another configuration")
    #expect(
      try difference { $0.workloads = [try WorkloadRequest("bert-base:sequence=9,layers=1")] }
        == "other workloads")
    #expect(try difference { $0.axes[0].values = ["6", "5"] } == "other points")
    #expect(
      try difference { $0.constraints = [try SweepConstraint("memory.latency < 6")] }
        == "other points")
    // A constraint that excludes nothing changes nothing.
    #expect(try difference { $0.constraints = [try SweepConstraint("memory.latency < 9")] } == nil)
    var other = base
    other.model += 1
    #expect(
      other.difference(from: base)
        == "version \(base.model + 1) of the cycle model, not of version \(base.model)")
  }
}
