import SystolicCore
import Testing

@testable import AccelSim

/// Whole tensors on the floating-point unit: results against `RowFunctions`, and cycles.
struct NonlinearProgramTests {
  private static func machine(_ change: (inout HardwareConfig) -> Void = { _ in }) throws
    -> Machine
  {
    var config = try #require(HardwareConfig.preset("gemmini-fp"))
    change(&config)
    return try Machine(config)
  }

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in
      (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
  }

  /// Runs an operation on random tensors and compares every result.
  private static func check(
    _ work: NonlinearWork, on machine: Machine, _ seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let plan = try NonlinearPlan(work, on: machine)
    var random = Seeded(seed)
    let range: ClosedRange<Int32> = work.inputIsWide ? -3000...3000 : -128...127
    let x = (0..<work.elements).map { _ in Int32.random(in: range, using: &random) }
    let y = (0..<work.elements).map { _ in Int8.random(in: -128...127, using: &random) }
    let vectors = (0..<2).map { _ in
      (0..<work.columns).map { _ in Float.random(in: -2...2, using: &random) }
    }
    let places = plan.addresses
    var steps: [ProgramStep] = [
      .load(address: places.x, bytes: work.inputIsWide ? bytes(x) : bytes(x.map { Int8($0) }))
    ]
    if work.hasSecond { steps.append(.load(address: places.y, bytes: bytes(y))) }
    if work.hasGain {
      steps.append(.load(address: places.gain, bytes: bytes(vectors[0].map(\.bitPattern))))
    }
    if work.hasBias {
      steps.append(.load(address: places.bias, bytes: bytes(vectors[1].map(\.bitPattern))))
    }
    let format = machine.config.nonlinear.format
    let functions = RowFunctions(format: format, width: machine.dim)
    let task = RowFunctions.Task(work.operation, k: work.k, epsilon: work.epsilon)
    var expected: [Int8] = []
    for row in 0..<work.rows {
      let part = row * work.columns..<(row + 1) * work.columns
      let results = functions.apply(
        task, x[part].map { format.round(Float($0) * work.inputScale) },
        y: work.hasSecond
          ? y[part].map { format.round(Float($0) * work.secondScale) }
          : work.hasGain ? vectors[0].map(format.round) : [],
        z: work.hasBias ? vectors[1].map(format.round) : [])
      expected += results.map {
        Rounding.clipToInt8(Rounding.toInt32($0 * (1 / work.outputScale)))
      }
    }
    let check = ProgramStep.check(
      address: places.output, expected: bytes(expected), label: "\(work.operation)")
    var source = ProgramChain(
      ProgramChain(StepList(steps), NonlinearProgram(plan)), StepList([check]))
    let result = try Simulator.run(&source, on: machine).result
    #expect(result.mismatches.isEmpty, sourceLocation: sourceLocation)
    let unit = try #require(result.units.first { $0.unit == "nonlinear" })
    #expect(unit.total == result.cycles, sourceLocation: sourceLocation)
  }

  @Test(arguments: NonlinearOperation.allCases)
  func resultsAreThoseOfTheRowFunctions(_ operation: NonlinearOperation) throws {
    for (index, size) in [(20, 50), (5, 16), (1, 1), (33, 100)].enumerated() {
      var work = NonlinearWork(operation, rows: size.0, columns: size.1)
      work.inputScale = 0.002
      work.inputIsWide = work.inputIsWide && index != 1
      work.outputScale = 0.02
      work.k = 3
      if operation == .layerNorm || operation == .rmsNorm { work.hasGain = index > 0 }
      if operation == .layerNorm { work.hasBias = index != 2 }
      let format = LaneFormat.allCases[index % 3]
      try Self.check(
        work, on: Self.machine { $0.nonlinear.format = format }, UInt64(index))
    }
  }

  /// Rows that take all of a buffer, then fewer rows at a time, then parts read once a pass.
  @Test(arguments: [
    (128, 16, 1), (129, 8, 1), (256, 8, 1), (512, 4, 1), (2048, 1, 1), (2049, 16, 17),
    (5000, 16, 40),
  ])
  func longRows(_ columns: Int, _ rows: Int, _ parts: Int) throws {
    // 16 KiB of accumulator: 256 rows, 128 a buffer, 8 blocks of 16 rows.
    let machine = try Self.machine {
      $0.accumulator.capacityKiB = 16
      $0.scratchpad.capacityKiB = 64
    }
    for operation in [NonlinearOperation.softmax, .layerNorm, .gelu] {
      var work = NonlinearWork(operation, rows: 19, columns: columns)
      work.inputScale = 0.002
      work.hasGain = operation == .layerNorm
      let plan = try NonlinearPlan(work, on: machine)
      if !work.hasGain {
        #expect(plan.stripRows == rows, "\(columns)")
        #expect(plan.parts == parts, "\(columns)")
      }
      try Self.check(work, on: machine, 5)
    }
  }

  private func cycles(_ work: NonlinearWork, _ machine: Machine, isOnChip: Bool) throws -> Int {
    var source = NonlinearProgram(try NonlinearPlan(work, on: machine, isOnChip: isOnChip))
    var options = RunOptions()
    options.carriesData = false
    let result = try Simulator.run(&source, on: machine, options: options).result
    return isOnChip ? result.cycles - result.fenceCycles[0] : result.cycles
  }

  /// 3 / 16 a cycle, within a tenth; bound by the bus where rows come from main memory: 4 bytes an
  /// element in, at 16 a cycle.
  @Test func softmaxRates() throws {
    let work = NonlinearWork(.softmax, rows: 96, columns: 512)
    let machine = try Self.machine()
    let onChip = Double(try cycles(work, machine, isOnChip: true)) / Double(work.elements)
    #expect(onChip >= 3.0 / 16 && onChip <= 1.1 * 3 / 16)
    let fromMemory = try cycles(work, machine, isOnChip: false)
    // Beats of reads, an acknowledgement a write of 64 bytes, within 3 %; then the last strip is
    // worked on and goes out when no other comes in.
    let beats = work.elements / 4 + work.elements / 64
    let strip = 16 * 512
    #expect(fromMemory >= work.elements / 4)
    #expect(fromMemory <= beats * 103 / 100 + strip / 5 + strip / 16)
  }

  /// A row in parts is read once a pass, so three times for a softmax.
  @Test func partsAreReadAgain() throws {
    let machine = try Self.machine { $0.accumulator.capacityKiB = 16 }
    func bytes(_ columns: Int) throws -> Int {
      let work = NonlinearWork(.softmax, rows: 16, columns: columns)
      var source = NonlinearProgram(try NonlinearPlan(work, on: machine))
      var options = RunOptions()
      options.carriesData = false
      return try Simulator.run(&source, on: machine, options: options).result.traffic.readBytes
    }
    #expect(try bytes(2048) == 16 * 2048 * 4)
    #expect(try bytes(4096) == 3 * 16 * 4096 * 4)
  }

  @Test func whatTheMachineCannotDoIsRefused() throws {
    func message(
      _ work: NonlinearWork, _ change: (inout HardwareConfig) -> Void = { _ in }
    ) -> String {
      do {
        _ = try NonlinearPlan(work, on: Self.machine(change))
        return "none"
      } catch {
        return "\(error)"
      }
    }
    let work = NonlinearWork(.softmax, rows: 8, columns: 8)
    #expect(
      message(work) {
        $0.features.nonlinearUnit = false
        $0.placement = PlacementConfig()
      }.contains("features.nonlinearUnit is false"))
    #expect(message(NonlinearWork(.softmax, rows: 0, columns: 8)).contains("0x8; each size"))
    #expect(message(NonlinearWork(.gelu, rows: 1 << 20, columns: 1 << 13)).contains("main memory"))
    var top = NonlinearWork(.topK, rows: 1, columns: 8)
    top.k = 0
    #expect(message(top).contains("1...254"))
  }
}
