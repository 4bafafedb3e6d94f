import Glibc
import SystolicCore
import Testing

@testable import AccelSim

/// What the host computes in main memory.
@Suite struct HostWorkFunctionTests {
  private static let base: UInt64 = 0x8000_0003
  private static let functions = RowFunctions(format: .fp32, width: 1)

  private static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }

  private static func bytes(_ values: [Int32]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) } }
  }

  /// The bytes that `work` leaves at its output, with `inputs` in memory.
  private func result(
    _ work: HostWork, _ inputs: [(UInt64, [UInt8])], count: Int
  ) throws -> [UInt8] {
    var steps: [ProgramStep] = inputs.map { .load(address: $0.0, bytes: $0.1) }
    steps.append(.host(work))
    let run = try FunctionalRun.run(StepList(steps), on: try Machine(HardwareConfig()))
    return try #require(run.machine.memory.bytes(at: work.output.address, count: count))
  }

  /// Two rows of three, four bytes of gap between input rows, in FP32 in and out.
  @Test func operationsOnFloats() throws {
    let rows: [[Float]] = [[0.5, -2, 3.25], [7, 7.5, -1]]
    let input = Self.bytes(rows[0]) + [1, 2, 3, 4] + Self.bytes(rows[1])
    for operation in [NonlinearOperation.softmax, .layerNorm, .gelu] {
      var work = HostWork(
        operation, rows: 2, columns: 3, input: .init(address: Self.base, type: .fp32, stride: 16),
        output: .init(address: Self.base + 0x1000, type: .fp32, stride: 12))
      work.epsilon = 0.5
      let expected = rows.flatMap { row in
        switch operation {
        case .softmax: Self.functions.softmax(row)
        case .layerNorm: Self.functions.layerNorm(row, epsilon: 0.5)
        default: row.map(Self.functions.gelu)
        }
      }
      let found = try result(work, [(Self.base, input)], count: 24)
      #expect(found == Self.bytes(expected), "\(operation)")
    }
  }

  /// With a gain and a bias that repeat; then with the bias alone, and RMSNorm with a gain.
  @Test func norms() throws {
    let rows: [[Float]] = [[0.5, -2, 3.25], [7, 7.5, -1]]
    let gain: [Float] = [2, 0.5, -1]
    let bias: [Float] = [0.25, 0, 100]
    func vector(_ offset: UInt64) -> HostTensor {
      HostTensor(address: Self.base + offset, type: .fp32, stride: 0)
    }
    let inputs = [
      (Self.base, Self.bytes(rows[0] + rows[1])), (Self.base + 64, Self.bytes(gain)),
      (Self.base + 128, Self.bytes(bias)),
    ]
    func check(_ operation: NonlinearOperation, gain hasGain: Bool, bias hasBias: Bool) throws {
      let work = HostWork(
        operation, rows: 2, columns: 3, input: .init(address: Self.base, type: .fp32, stride: 12),
        second: hasGain ? vector(64) : nil, third: hasBias ? vector(128) : nil,
        output: .init(address: Self.base + 0x1000, type: .fp32, stride: 12))
      let expected = rows.flatMap { row in
        operation == .rmsNorm
          ? Self.functions.rmsNorm(row, gain: gain)
          : Self.functions.layerNorm(row, gain: hasGain ? gain : [], bias: hasBias ? bias : [])
      }
      let found = try result(work, inputs, count: 24)
      #expect(found == Self.bytes(expected), "\(operation)")
    }
    try check(.layerNorm, gain: true, bias: true)
    try check(.layerNorm, gain: false, bias: true)
    try check(.rmsNorm, gain: true, bias: false)
  }

  /// SiLU(x) y and x y, by hand where it can be: SiLU(0) = 0, SiLU of a large number is the number.
  @Test func products() throws {
    var work = HostWork(
      .gatedSilu, rows: 2, columns: 2, input: .init(address: Self.base, type: .fp32, stride: 8),
      second: .init(address: Self.base + 64, type: .int8, scale: 0.5, stride: 2),
      output: .init(address: Self.base + 128, type: .fp32, stride: 8))
    let inputs = [
      (Self.base, Self.bytes([0, 100, 1, -200] as [Float])), (Self.base + 64, [4, 6, 255, 2]),
    ]
    let silu = Self.functions.silu(1)
    #expect(
      try result(work, inputs, count: 16) == Self.bytes([0, 300, -0.5 * silu, -0.0] as [Float]))
    work.operation = .multiply
    #expect(
      try result(work, inputs, count: 16) == Self.bytes([0, 300, -0.5, -200] as [Float]))
    work.second?.stride = 0
    #expect(try result(work, inputs, count: 16) == Self.bytes([0, 300, 2, -600] as [Float]))
  }

  /// Every operation that the lowering gives the host, against `RowFunctions`.
  @Test(arguments: NonlinearOperation.allCases.filter { $0 != .topK })
  func loweredOperations(_ operation: NonlinearOperation) throws {
    var work = NonlinearWork(operation, rows: 3, columns: 5)
    work.hasGain = operation == .layerNorm || operation == .rmsNorm
    work.hasBias = operation == .layerNorm
    work.epsilon = 0.5
    let places = NonlinearAddresses(work)
    var random = Seeded(UInt64(operation.rawValue) + 1)
    let x = (0..<work.elements).map { _ in Int32.random(in: -100...100, using: &random) }
    let y = (0..<work.elements).map { _ in Int8.random(in: -128...127, using: &random) }
    let vectors = (0..<2).map { _ in
      (0..<work.columns).map { _ in Float.random(in: -2...2, using: &random) }
    }
    let loads: [ProgramStep] = [
      .load(
        address: places.x,
        bytes: work.inputIsWide
          ? Self.bytes(x) : x.map { UInt8(truncatingIfNeeded: $0) }),
      .load(
        address: work.hasSecond ? places.y : places.gain,
        bytes: work.hasSecond
          ? y.map { UInt8(bitPattern: $0) } : work.hasGain ? Self.bytes(vectors[0]) : []),
      .load(address: places.bias, bytes: work.hasBias ? Self.bytes(vectors[1]) : []),
    ]
    let expected = (0..<work.rows).flatMap { row in
      let part = row * work.columns..<(row + 1) * work.columns
      return Self.functions.apply(
        .init(operation, epsilon: 0.5), x[part].map { Float($0) * work.inputScale },
        y: work.hasSecond
          ? y[part].map { Float($0) * work.secondScale } : work.hasGain ? vectors[0] : [],
        z: work.hasBias ? vectors[1] : []
      ).map { Rounding.clipToInt8(Rounding.toInt32($0 * (1 / work.outputScale))) }
    }
    let machine = try Machine(HardwareConfig())
    var source = ProgramChain(
      ProgramChain(StepList(loads), try TensorProgram(work, at: .host, on: machine)),
      StepList([
        .check(
          address: places.output, expected: expected.map { UInt8(bitPattern: $0) },
          label: "result")
      ]))
    #expect(try Simulator.run(&source, on: machine).result.mismatches.isEmpty)
  }

  @Test func topKIsRefused() throws {
    let machine = try Machine(HardwareConfig())
    #expect(throws: LoweringError("the host model has no cost for topK")) {
      try TensorProgram(NonlinearWork(.topK, rows: 2, columns: 8), at: .host, on: machine)
    }
  }

  /// int32 scores to int8 probabilities: the path of a host softmax behind an int8 matmul.
  @Test func softmaxOfIntegers() throws {
    let scores: [Int32] = [100, -300, 1 << 24 | 1, 12]
    let work = HostWork(
      .softmax, rows: 1, columns: 4,
      input: .init(address: Self.base, type: .int32, scale: 1e-3, stride: 0),
      output: .init(address: Self.base + 64, type: .int8, scale: 1 / 127, stride: 0))
    let expected = Self.functions.softmax(scores.map { Float($0) * 1e-3 }).map {
      UInt8(bitPattern: Rounding.clipToInt8(Rounding.toInt32($0 * (1 / Float(1.0 / 127)))))
    }
    #expect(try result(work, [(Self.base, Self.bytes(scores))], count: 4) == expected)
  }

  /// 0.5 · q1 + 0.25 · q2 in steps of 0.5, in place of the first summand; ties to even.
  @Test func residualInPlace() throws {
    let work = HostWork(
      .add, rows: 2, columns: 2,
      input: .init(address: Self.base, type: .int8, scale: 0.5, stride: 2),
      second: .init(address: Self.base + 64, type: .int32, scale: 0.25, stride: 0),
      output: .init(address: Self.base, type: .int8, scale: 0.5, stride: 2))
    // 1 + 0.5 = 1.5 and 4 + 1.5 = 5.5, both ties; then both ends of int8.
    let first: [Int8] = [1, 4, -128, 127]
    let found = try result(
      work,
      [
        (Self.base, first.map { UInt8(bitPattern: $0) }),
        (Self.base + 64, Self.bytes([1, 3] as [Int32])),
      ],
      count: 4)
    #expect(found.map { Int8(bitPattern: $0) } == [2, 6, -128, 127])
  }

  @Test func conversionsRoundAndSaturate() throws {
    let floats: [Float] = [0.75, 1.25, -1e9, .nan, .infinity]
    var work = HostWork(
      .convert, rows: 1, columns: 5, input: .init(address: Self.base, type: .fp32, stride: 0),
      output: .init(address: Self.base + 64, type: .int8, scale: 0.5, stride: 0))
    #expect(
      try result(work, [(Self.base, Self.bytes(floats))], count: 5).map { Int8(bitPattern: $0) }
        == [2, 2, -128, 127, 127])
    work.output.type = .int32
    #expect(
      try result(work, [(Self.base, Self.bytes(floats))], count: 20)
        == Self.bytes([2, 2, -2_000_000_000, .max, .max] as [Int32]))
    work.input = .init(address: Self.base, type: .int8, scale: 3, stride: 0)
    work.output.type = .fp32
    #expect(
      try result(work, [(Self.base, [1, 255, 0, 128, 127])], count: 20)
        == Self.bytes([3, -3, 0, -384, 381] as [Float]))
  }

  /// The work sees what the commands before it stored, whether or not a fence stands between.
  @Test func workSeesEarlierStores() throws {
    let machine = try Machine(HardwareConfig())
    var matmul = Matmul(rows: 16, inner: 16, columns: 16)
    matmul.scale = MatmulExercise.suitableScale(matmul, on: machine)
    let plan = try MatmulPlan(matmul, on: machine)
    var steps: [ProgramStep] = []
    var source = MatmulExercise(plan).source
    while let step = try source.next() {
      if case .check(let address, let expected, let label) = step {
        steps.append(
          .host(
            HostWork(
              .convert, rows: 16, columns: 16,
              input: .init(address: address, type: .int8, stride: 16),
              output: .init(address: address + 0x10000, type: .int8, stride: 16))))
        steps.append(.check(address: address + 0x10000, expected: expected, label: label))
      } else {
        steps.append(step)
      }
    }
    var list = StepList(steps)
    let result = try Simulator.run(&list, on: machine).result
    #expect(result.mismatches.isEmpty)
    #expect(result.hostCycles == [HostCycles(activity: .conversion, cycles: 512 * 31)])
  }

  /// Two matrices of two rows of three: the first row of each sees two columns, and costs all.
  @Test func causalRows() throws {
    var work = HostWork(
      .softmax, rows: 4, columns: 3, input: .init(address: Self.base, type: .fp32, stride: 12),
      output: .init(address: Self.base + 0x1000, type: .fp32, stride: 12))
    work.causalRows = 2
    let row: [Float] = [0.5, -2, 3.25]
    let found = try result(
      work, [(Self.base, Self.bytes(row + row + row + row))], count: 48)
    let first = Self.functions.softmax([0.5, -2]) + [0]
    let second = Self.functions.softmax(row)
    #expect(found == Self.bytes(first + second + first + second))
    work.causalRows = 3
    #expect(throws: ProgramError.self) { try work.check() }
  }

  /// Two heads of two elements at positions 3 and 4, then again: a point turns by its position.
  @Test func rotation() throws {
    var work = HostWork(
      .multiply, rows: 4, columns: 4, input: .init(address: Self.base, type: .fp32, stride: 16),
      output: .init(address: Self.base + 0x1000, type: .fp32, stride: 16))
    work.rotation = HostRotation(heads: 2, rows: 2, position: 3, base: 10_000)
    let row: [Float] = [1, 0, 0, 2]
    let found = try result(work, [(Self.base, Self.bytes(row + row + row + row))], count: 64)
    let values = TensorValues(found, as: .fp32)
    for row in 0..<4 {
      let angle = Double(3 + row % 2)
      let expected = [cos(angle), sin(angle), -2 * sin(angle), 2 * cos(angle)]
      for (column, value) in expected.enumerated() {
        #expect(abs(values[row * 4 + column] - value) < 1e-6, "\(row), \(column)")
      }
    }
    // A second pair turns more slowly.
    work.rotation = HostRotation(heads: 1, rows: 4, position: 100, base: 10_000)
    let slow = TensorValues(
      try result(work, [(Self.base, Self.bytes(row + row + row + row))], count: 64), as: .fp32)
    #expect(abs(slow[2] + 2 * sin(1.0)) < 1e-6 && abs(slow[3] - 2 * cos(1.0)) < 1e-6)
    work.rotation?.heads = 3
    #expect(throws: ProgramError.self) { try work.check() }
  }

  /// What cannot be done is an error with and without data, and never reaches the timing machine.
  @Test func errors() throws {
    let good = HostWorkTimingTests.work(.softmax, rows: 2, columns: 4, from: .int8, to: .int8)
    let changes: [(@Sendable (inout HostWork) -> Void, String)] = [
      ({ $0.input.address = 0x7FFF_FFFF }, "8 bytes at 0x7fffffff, expected them inside"),
      ({ $0.output.address = 0x4_7FFF_FFFC }, "8 bytes at 0x47ffffffc, expected them inside"),
      ({ $0.rows = 0 }, "host softmax: 0 rows and 4 columns, expected 1...17179869184 of each"),
      ({ $0.columns = .max }, "host softmax: 2 rows and"),
      ({ $0.input.stride = -1 }, "host softmax: input rows -1 bytes apart, expected 0..."),
      ({ $0.input.stride = .max }, "host softmax: input rows"),
      ({ $0.output.stride = 3 }, "host softmax: output rows 3 bytes apart, expected 4..."),
      ({ $0.output.scale = 0 }, "host softmax: an output scale of 0.0, expected"),
      ({ $0.input.scale = .nan }, "host softmax: an input scale of nan, expected"),
      ({ $0.second = $0.input }, "host softmax: a second operand, expected none"),
      ({ $0.operation = .add }, "host add: one operand, expected two"),
      ({ $0.third = $0.input }, "host softmax: a third operand, expected none"),
      (
        {
          $0.operation = .rmsNorm
          $0.third = $0.input
        }, "host rmsNorm: a third operand, expected none"
      ),
      (
        {
          $0.operation = .layerNorm
          $0.third = $0.input
          $0.third?.stride = -1
        }, "host layerNorm: third operand rows -1 bytes apart, expected 0..."
      ),
      ({ $0.operation = .topK }, "no cost for topK on the host"),
      ({ $0.epsilon = -1 }, "host softmax: an epsilon of -1.0, expected"),
      (
        {
          $0.operation = .convert
          $0.input.type = .fp32
          $0.output.type = .fp32
        }, "host convert: FP32 to FP32, expected an integer type on one side"
      ),
    ]
    let machine = try Machine(HardwareConfig())
    try good.check()
    for (index, (change, words)) in changes.enumerated() {
      var work = good
      change(&work)
      for carriesData in [true, false] {
        var options = RunOptions()
        options.carriesData = carriesData
        var source = StepList([.host(work)])
        let error = try #require(throws: ProgramError.self, "case \(index)") {
          try Simulator.run(&source, on: machine, options: options)
        }
        #expect(error.description.hasPrefix(words), "\(error)")
      }
    }
    let error = try #require(throws: TraceError.self) {
      try TraceWriter.write(StepList([.host(good)]), to: "/tmp/never-written-trace")
    }
    #expect(error.found == "host work (softmax), for which traces have no record")
  }
}
