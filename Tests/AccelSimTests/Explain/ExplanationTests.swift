import Foundation
import SystolicCore
import Testing

@testable import AccelSim

/// What bounds a run, in words, and what would help.
struct ExplanationTests {
  /// A small layer of BERT's kind, as a workload in a file.
  private static func layer(_ preset: String) throws -> (file: RunFile, folder: String) {
    let folder = NSTemporaryDirectory() + "explain-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/layer.json"
    try NetworkCheckTests.layer().json().write(toFile: path, atomically: true, encoding: .utf8)
    let machine = try NetworkCheckTests.machine(preset)
    let steps = try WorkloadRequest(path).steps()
    let program = RunProgram.network(
      workload: path, digest: steps.digest, tiles: [:], fusing: .all)
    return (RunFile(try NetworkRun.report(steps, on: machine), program, on: machine), folder)
  }

  private static func matmul(_ shape: Matmul, set values: [String]) throws -> RunFile {
    let config = try HardwareConfig().setting(values.compactMap { ConfigAssignment($0) })
    let machine = try Machine(config)
    let report = try RunProgram.matmul(shape: shape).report(on: machine)
    return RunFile(report, .matmul(shape: shape), on: machine)
  }

  /// Runs every trial, as the command does.
  private static func answered(_ file: RunFile, _ operation: String? = nil) throws -> Explanation {
    var explanation = try Explanation(file, operator: operation)
    explanation.add(
      explanation.trials(of: file).map { trial in
        (
          trial,
          Result { try file.program.report(on: trial.machine) }
            .mapError { Explanation.Failure("\($0)") }
        )
      }, to: file)
    return explanation
  }

  @Test func aHostIsToldApart() throws {
    let (file, folder) = try Self.layer("gemmini-default")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let whole = try Explanation(file)
    #expect(whole.bound == .host)
    #expect(whole.uses.reduce(0) { $0 + $1.cycles } == file.report.cycles)
    #expect(whole.bounds.reduce(0) { $0 + $1.cycles } == file.report.cycles)
    let gelu = try Self.answered(file, "gelu")
    #expect(gelu.bound == .host && gelu.count == 1)
    let best = try #require(gelu.whatIfs.first)
    // The paper's point: nonlinear work belongs on the chip.
    #expect(best.name.hasPrefix("nonlinear work on"))
    #expect(try #require(best.runCycles) < file.report.cycles / 5)
    let text = gelu.text()
    #expect(text.contains("What bounds it: the host"))
    #expect(text.contains("numbers are converted"))
    #expect(text.hasSuffix("\n"))
    let tooLong = text.split(separator: "\n").filter { $0.count > 80 }
    #expect(tooLong.isEmpty)
    #expect(try gelu.json().contains("\"bound\" : \"host\""))
  }

  /// With a slow memory and one block at a time, loads bound; with a fast one, the array does.
  @Test func memoryAndArrayAreToldApart() throws {
    var shape = Matmul(rows: 16, inner: 512, columns: 16)
    let slow = try Self.matmul(shape, set: ["memory.latency=1000"])
    let loads = try Self.answered(slow)
    #expect(loads.bound == .loads)
    #expect(loads.evidence.contains { $0.contains("latency of 1000 cycles") })
    #expect(
      ["memory.latency=500", "dma.maxInFlight=32"].contains(try #require(loads.whatIfs.first).name))
    shape = Matmul(rows: 256, inner: 256, columns: 256)
    let array = try Self.answered(Self.matmul(shape, set: []))
    #expect(array.bound == .array)
    #expect(try #require(array.whatIfs.first).name == "twice the rows and columns")
  }

  /// What is tried is run: each figure is that of a run of its own on the changed machine.
  @Test func figuresAreThoseOfRuns() throws {
    let shape = Matmul(rows: 64, inner: 128, columns: 64)
    let file = try Self.matmul(shape, set: [])
    let explanation = try Self.answered(file)
    #expect(explanation.whatIfs.count > 2)
    for whatIf in explanation.whatIfs {
      let config = try file.machine.setting(whatIf.change.compactMap { ConfigAssignment($0) })
      var source = TiledMatmul(try MatmulPlan(shape, on: Machine(config)))
      var options = RunOptions()
      options.carriesData = false
      let own = try Simulator.run(&source, on: Machine(config), options: options).result
      #expect(own.cycles == whatIf.runCycles)
    }
    let cycles = explanation.whatIfs.compactMap(\.runCycles)
    #expect(cycles == cycles.sorted())
  }

  @Test func whatCannotBeExplained() throws {
    let (file, folder) = try Self.layer("gemmini-fp")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: UnknownOperator.self) {
      try Explanation(file, operator: "gelo")
    }
    var trace = file
    trace.program = .trace(path: "t.trace")
    #expect(try Explanation(trace).trials(of: trace).isEmpty)
    let changed = RunProgram.network(
      workload: folder + "/layer.json", digest: "0", tiles: [:], fusing: .all)
    let machine = try Machine(HardwareConfig())
    #expect(throws: ProgramChanged.self) { try changed.report(on: machine) }
  }
}
