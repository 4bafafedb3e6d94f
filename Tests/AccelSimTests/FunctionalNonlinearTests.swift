import SystolicCore
import Testing

@testable import AccelSim

/// What the nonlinear unit computes through its commands (Docs/NonlinearUnit.md), against
/// `RowFunctions` on the same rows and against definitions.
struct FunctionalNonlinearTests {
  typealias Bench = FunctionalBench

  private static func bench(_ change: (inout HardwareConfig) -> Void = { _ in }) -> Bench {
    Bench {
      $0.features.nonlinearUnit = true
      change(&$0)
    }
  }

  /// The arguments of nl_run that tests change.
  private struct Run {
    var rows = 16
    var columns = 16
    var pass = 0
    var begins = false
    var ends = false
    var k = 0
    var epsilon: Float = 0
  }

  private static func operand(
    _ bench: inout Bench, _ index: UInt64, _ address: UInt64, stride: UInt64 = 16,
    fp32: Bool = false, repeats: Bool = false, scale: Float = 1
  ) throws {
    let flags: UInt64 = (fp32 ? 1 << 50 : 0) | (repeats ? 1 << 51 : 0)
    try bench.run(
      .configNonlinear, index << 48 | stride << 32 | address | flags, UInt64(scale.bitPattern))
  }

  private static func run(_ bench: inout Bench, _ operation: NonlinearOperation, _ run: Run) throws
  {
    var rs1 = UInt64(operation.rawValue) | UInt64(run.pass) << 8 | UInt64(run.k) << 24
    rs1 |= (run.begins ? 1 << 16 : 0) | (run.ends ? 1 << 17 : 0)
    rs1 |= UInt64(run.columns) << 32 | UInt64(run.rows) << 48
    try bench.run(.nonlinear, rs1, UInt64(run.epsilon.bitPattern))
  }

  /// Random int32 rows in the accumulator from row 0 on, in dense blocks of 16 rows.
  private static func fill(
    _ bench: inout Bench, rows: Int, columns: Int, at first: Int = 0, _ random: inout Seeded
  ) -> [[Int32]] {
    let values = (0..<rows).map { _ in
      (0..<columns).map { _ in Int32.random(in: -2000...2000, using: &random) }
    }
    for row in 0..<rows {
      for block in 0..<(columns + 15) / 16 {
        let part = Array(values[row][(block * 16)..<min(columns, block * 16 + 16)])
        bench.setAccumulator(first + block * 16 + row, part)
      }
    }
    return values
  }

  private static func scratchpadRow(_ bench: Bench, _ first: Int, _ row: Int, _ columns: Int)
    -> [Int8]
  {
    (0..<columns).map { bench.machine.scratchpad[first + $0 / 16 * 16 + row, $0 % 16] }
  }

  private static func floatRow(_ bench: Bench, _ first: Int, _ row: Int, _ columns: Int) -> [Float]
  {
    (0..<columns).map {
      Float(
        bitPattern: UInt32(
          bitPattern: bench.machine.accumulator[first + $0 / 16 * 16 + row, $0 % 16]))
    }
  }

  /// Every operation on rows of every awkward length, in each format.
  @Test(arguments: NonlinearOperation.allCases)
  func operations(_ operation: NonlinearOperation) throws {
    for (index, columns) in [1, 7, 16, 17, 50].enumerated() {
      let format = LaneFormat.allCases[index % 3]
      var bench = Self.bench { $0.nonlinear.format = format }
      var random = Seeded(UInt64(index))
      let x = Self.fill(&bench, rows: 5, columns: columns, &random)
      let y = Self.fill(&bench, rows: 5, columns: columns, at: 100, &random)
      try Self.operand(&bench, 0, Bench.accumulator(0), scale: 0.003)
      if operation.furtherOperands.upperBound > 0 {
        try Self.operand(&bench, 1, Bench.accumulator(100), scale: 0.5)
      }
      try Self.operand(&bench, 3, Bench.accumulator(200), fp32: true)
      try Self.run(
        &bench, operation, Run(rows: 5, columns: columns, k: 3, epsilon: 1e-5))
      let functions = RowFunctions(format: format, width: 16)
      for row in 0..<5 {
        let expected = functions.apply(
          .init(operation, k: 3), x[row].map { format.round(Float($0) * 0.003) },
          y: operation.furtherOperands.upperBound > 0
            ? y[row].map { format.round(Float($0) * 0.5) } : [])
        let found = Self.floatRow(bench, 200, row, columns)
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(columns), row \(row)")
      }
    }
  }

  /// int8 in, FP32 between, int8 out; results saturate and round to even.
  @Test func conversions() throws {
    var bench = Self.bench()
    bench.machine.scratchpad.write([100, 3, 1, 0xFF, 0x80], from: 0, count: 5, row: 0)
    try Self.operand(&bench, 0, 0, scale: 0.5)
    try Self.operand(&bench, 3, Bench.accumulator(0), fp32: true)
    try Self.run(&bench, .convert, Run(rows: 1, columns: 5))
    #expect(Self.floatRow(bench, 0, 0, 5) == [50, 1.5, 0.5, -0.5, -64])
    try Self.operand(&bench, 0, Bench.accumulator(0), fp32: true)
    try Self.operand(&bench, 3, 64)
    try Self.run(&bench, .convert, Run(rows: 1, columns: 5))
    #expect(Self.scratchpadRow(bench, 64, 0, 5) == [50, 2, 0, 0, -64])
    try Self.operand(&bench, 3, 64, scale: 100)
    try Self.run(&bench, .convert, Run(rows: 1, columns: 5))
    #expect(Self.scratchpadRow(bench, 64, 0, 5) == [127, 127, 50, -50, -128])
    try Self.operand(&bench, 3, Bench.accumulator(32), scale: 100)
    try Self.run(&bench, .convert, Run(rows: 1, columns: 2))
    #expect(bench.machine.accumulator[32, 0] == 5000)
    // A scale that is no number gives the largest integer, as the hardware's converters do.
    try Self.operand(&bench, 0, Bench.accumulator(0), fp32: true, scale: .nan)
    try Self.operand(&bench, 3, 64)
    try Self.run(&bench, .convert, Run(rows: 1, columns: 1))
    #expect(Self.scratchpadRow(bench, 64, 0, 1) == [127])
  }

  /// Gain and bias are one row for all, residuals a row for each; z only where the operation has
  /// one.
  @Test func repeatedRows() throws {
    var bench = Self.bench()
    var random = Seeded(4)
    let x = Self.fill(&bench, rows: 3, columns: 40, &random)
    bench.machine.scratchpad.write(
      (0..<16).map { UInt8($0) }, from: 0, count: 16, row: 500)
    for block in 0..<3 {
      bench.machine.scratchpad.write(
        (0..<16).map { UInt8($0 + 16 * block) }, from: 0, count: 16, row: 500 + block)
      bench.machine.scratchpad.write(
        (0..<16).map { _ in UInt8(7) }, from: 0, count: 16, row: 600 + block)
    }
    try Self.operand(&bench, 0, Bench.accumulator(0))
    try Self.operand(&bench, 1, 500, stride: 1, repeats: true)
    try Self.operand(&bench, 2, 600, stride: 1, repeats: true)
    try Self.operand(&bench, 3, Bench.accumulator(0), fp32: true)
    try Self.run(&bench, .layerNorm, Run(rows: 3, columns: 40, epsilon: 1e-5))
    for row in 0..<3 {
      let expected = RowFunctions().layerNorm(
        x[row].map(Float.init), gain: (0..<40).map(Float.init),
        bias: Array(repeating: 7, count: 40))
      #expect(Self.floatRow(bench, 0, row, 40) == expected)
    }
  }

  /// A row in parts, pass by pass, is the row at once, bit by bit.
  @Test(arguments: [NonlinearOperation.softmax, .softmaxOnline, .layerNorm, .rmsNorm, .topK])
  func parts(_ operation: NonlinearOperation) throws {
    var bench = Self.bench()
    var random = Seeded(11)
    _ = Self.fill(&bench, rows: 4, columns: 100, &random)
    try Self.operand(&bench, 0, Bench.accumulator(0), scale: 0.004)
    try Self.operand(&bench, 3, Bench.accumulator(300), fp32: true)
    try Self.run(&bench, operation, Run(rows: 4, columns: 100, k: 3, epsilon: 1e-5))
    for pass in 1...operation.passes(k: 3) {
      for (first, columns) in [(0, 32), (32, 48), (80, 20)] {
        let block = UInt64(first / 16 * 16)
        try Self.operand(&bench, 0, Bench.accumulator(0) + block, scale: 0.004)
        try Self.operand(&bench, 3, Bench.accumulator(500) + block, fp32: true)
        try Self.run(
          &bench, operation,
          Run(
            rows: 4, columns: columns, pass: pass, begins: first == 0, ends: first == 80, k: 3,
            epsilon: 1e-5))
      }
    }
    for row in 0..<4 {
      #expect(Self.floatRow(bench, 500, row, 100) == Self.floatRow(bench, 300, row, 100))
    }
  }

  /// Passes of other rows, another k or other columns do not belong together.
  @Test(arguments: [(15, 0, 32), (16, 1, 32), (16, 0, 48)])
  func passesThatDoNotBelongTogether(_ rows: Int, _ k: Int, _ columns: Int) throws {
    var bench = Self.bench()
    try Self.operand(&bench, 0, Bench.accumulator(0))
    try Self.operand(&bench, 3, 0)
    try Self.run(&bench, .softmax, Run(columns: 32, pass: 1, begins: true, ends: true))
    #expect(throws: FunctionalError.self) {
      try Self.run(
        &bench, .softmax,
        Run(rows: rows, columns: columns, pass: 2, begins: true, ends: true, k: k))
    }
    try Self.run(&bench, .softmax, Run(columns: 16, pass: 2, begins: true))
    try Self.run(&bench, .softmax, Run(columns: 16, pass: 2, ends: true))
    try Self.run(&bench, .softmax, Run(columns: 32, pass: 3, begins: true, ends: true))
  }

  @Test func topKByDefinition() throws {
    let functions = RowFunctions(width: 4)
    let low = -Float.infinity
    #expect(functions.topK([3, 9, 9, 1, 9], k: 2) == [low, 9, 9, low, low])
    #expect(functions.topK([3, 9, 9, 1, 9], k: 4) == [3, 9, 9, low, 9])
    #expect(functions.topK([1, 2], k: 5) == [1, 2])
    #expect(functions.topK([.nan, 2, 1], k: 1) == [low, 2, low])
    var random = Seeded(3)
    for _ in 0..<50 {
      let row = (0..<37).map { _ in Float(Int.random(in: -9...9, using: &random)) }
      let order = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
      let kept = Set(order.prefix(6))
      #expect(functions.topK(row, k: 6) == row.indices.map { kept.contains($0) ? row[$0] : low })
    }
  }

  /// What is wrong is said, command by command.
  @Test func refusals() throws {
    func message(
      _ operation: NonlinearOperation = .softmax, _ run: Run = Run(),
      change: (inout HardwareConfig) -> Void = { _ in },
      prepare: (inout Bench) throws -> Void = {
        try Self.operand(&$0, 0, Bench.accumulator(0))
        try Self.operand(&$0, 3, 0)
      }
    ) throws -> String {
      var bench = Self.bench(change)
      do {
        try prepare(&bench)
        try Self.run(&bench, operation, run)
        return "none"
      } catch let error as FunctionalError {
        return error.description
      }
    }
    #expect(try message() == "none")
    let absent = try message(change: { $0.features.nonlinearUnit = false })
    #expect(absent.contains("features.nonlinearUnit"))
    #expect(try message(.softmax, Run(rows: 17)).contains("found rows 17, expected 1...16"))
    #expect(try message(.softmax, Run(columns: 0)).contains("found columns 0"))
    #expect(try message(.softmax, Run(pass: 4)).contains("found pass 4, expected 0...3"))
    #expect(try message(.softmax, Run(pass: 2, begins: true)).contains("the end of pass 1"))
    #expect(try message(.softmax, Run(pass: 1)).contains("going on"))
    #expect(try message(.topK).contains("found k 0, expected 1...254"))
    #expect(try message(.add).contains("no operand y for add, expected a config_nl before it"))
    #expect(try message(.softmax, Run(columns: 2000)).contains("x in accumulator rows"))
    let nothing = try message(prepare: { try Self.operand(&$0, 0, Bench.accumulator(0)) })
    #expect(nothing.contains("no operand the result"))
    let stride = try message(
      .softmax, Run(columns: 32),
      prepare: {
        try Self.operand(&$0, 0, Bench.accumulator(0), stride: 8)
        try Self.operand(&$0, 3, 0)
      })
    #expect(stride.contains("block stride 8 of x with 16 rows"))
    let overlap = try message(
      prepare: {
        try Self.operand(&$0, 0, Bench.accumulator(0))
        try Self.operand(&$0, 3, Bench.accumulator(8), fp32: true)
      })
    #expect(overlap.contains("the same rows or others"))
    let flagged = try message(
      prepare: {
        try Self.operand(&$0, 0, Bench.accumulator(0))
        try Self.operand(&$0, 3, Bench.accumulator(64, adds: true))
      })
    #expect(flagged.contains("found the result at acc+[0x40], expected a row without +"))
    var bench = Self.bench()
    #expect(throws: FunctionalError.self) { try bench.run(.nonlinear, 9 | 1 << 32 | 1 << 48, 0) }
  }
}
