import SystolicCore
import Testing

@testable import AccelSim

/// When the nonlinear unit does what Docs/NonlinearUnit.md says, by hand from the costs there.
@Suite struct NonlinearUnitTests {
  private static let scratchpadTarget: UInt64 = 8192

  /// Cycles from issue to completion of the last nl_run.
  private func cycles(_ bench: TimingBench) throws -> Int {
    var bench = bench
    bench.fence()
    let run = try #require(try bench.run().records(.nonlinear).last)
    return run.completed - run.issued
  }

  private func bench(_ change: (inout NonlinearConfig) -> Void = { _ in }) throws -> TimingBench {
    var bench = try TimingBench("gemmini-fp")
    change(&bench.config.nonlinear)
    return bench
  }

  /// One row of 16: issued in 0, in the unit and read in 1, there and started in 2, converted and
  /// scaled in and out (4 x 3), written in 14.
  @Test func oneRow() throws {
    var bench = try bench()
    bench.nonlinear(
      .convert, rows: 1, columns: 16, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 12)
    // An addition is one step more.
    bench = try self.bench()
    bench.nonlinear(
      .add, rows: 1, columns: 16, x: TimingBench.accumulator(0), y: TimingBench.accumulator(600),
      to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 15)
    // Both operands in one bank: the second row comes a cycle later.
    bench = try self.bench()
    bench.nonlinear(
      .add, rows: 1, columns: 16, x: TimingBench.accumulator(0), y: TimingBench.accumulator(100),
      to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 3 + 15)
  }

  /// A row of the scratchpad is there a cycle after one of the accumulator, three more on the
  /// revisions of 2023 (corrections V1).
  @Test(arguments: [(0, 3), (4, 6)]) func scratchpadOperand(_ stages: Int, _ start: Int) throws {
    var bench = try bench()
    bench.config.scratchpad.readPipelineStages = stages
    bench.nonlinear(.convert, rows: 1, columns: 16, x: 0, to: TimingBench.accumulator(0))
    #expect(try cycles(bench) == start + 12)
  }

  /// A row of the array's width a cycle: 16 rows of 4 blocks.
  @Test func fullRate() throws {
    for operation in [NonlinearOperation.convert, .exponential, .eluPlusOne] {
      var bench = try bench()
      bench.nonlinear(
        operation, columns: 64, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
      let depth = [.convert: 12, .exponential: 48, .eluPlusOne: 51][operation] ?? 0
      #expect(try cycles(bench) == 2 + 63 + depth, "\(operation)")
    }
  }

  /// A repeated x is read once a block and used for every row.
  @Test func repeatedOperand() throws {
    var bench = try bench()
    bench.nonlinear(
      .convert, columns: 64, x: TimingBench.accumulator(0) | 1 << 51, to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 63 + 12)
  }

  /// Fewer lanes, or a divider that takes one division at a time, hold each row for longer.
  @Test func lanesAndDividers() throws {
    var bench = try bench { $0.lanes = 4 }
    bench.nonlinear(
      .convert, columns: 64, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 64 * 4 - 1 + 12)
    bench = try self.bench()
    bench.nonlinear(.silu, columns: 64, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 64 * 14 - 1 + (12 + 36 + 3 + 14 + 3))
    bench = try self.bench { $0.divisionInterval = 1 }
    bench.nonlinear(.silu, columns: 64, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    #expect(try cycles(bench) == 2 + 63 + (12 + 36 + 3 + 14 + 3))
  }

  /// Three passes of 16 rows by 32 blocks. The first row of a pass waits for what the pass before
  /// came to: its last elements are 15 cycles before the pass's end.
  @Test func softmaxOnChip() throws {
    var bench = try bench()
    bench.nonlinear(
      .softmax, columns: 512, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    let maximum = 6 + 3 + 12 - 15  // in, compare, join 16 columns, less the other rows
    let sum = 6 + 6 + 36 + 12 + 14 - 15  // in, subtract, exponential, add, join, reciprocal
    let end = 6 + 3 + 36 + 3 + 6
    #expect(try cycles(bench) == 2 + 3 * 512 - 1 + maximum + sum + end)
    // The figure that the unit is made for: 3 / 16 a cycle within a tenth.
    let each = Double(try cycles(bench)) / (16 * 512)
    #expect(each >= 3.0 / 16 && each <= 1.1 * 3 / 16)
  }

  /// A single row cannot hide the adder behind other rows: each block waits for the sum before.
  @Test func aRowAlone() throws {
    var bench = try bench()
    bench.nonlinear(
      .rmsNorm, rows: 1, columns: 512, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    let collecting = 31 * 3 + 6 + 6 + 1  // 32 blocks 3 apart, in, square, add
    let step = 12 + 14 + 3 + 26 + 14  // join, mean, epsilon, root, reciprocal
    #expect(try cycles(bench) == 2 + collecting + step + 31 + 6 + 3 + 6)
  }

  /// A command waits for the move that brings its rows, and the move out for the command.
  @Test func hazards() throws {
    var bench = try bench()
    bench.configureLoad(stride: 64)
    bench.configureStore()
    bench.command(
      .mvin, TimingBench.memory, TimingBench.tile(16, 16, TimingBench.accumulator(0)))
    bench.nonlinear(
      .gelu, columns: 16, x: TimingBench.accumulator(0), to: Self.scratchpadTarget)
    bench.moveOut(Self.scratchpadTarget)
    bench.command(
      .mvin, TimingBench.memory, TimingBench.tile(16, 16, TimingBench.accumulator(0)))
    bench.command(
      .mvin, TimingBench.memory, TimingBench.tile(16, 16, TimingBench.accumulator(512)))
    bench.fence()
    let output = try bench.run()
    let moves = output.records(.mvin)
    let run = try #require(output.records(.nonlinear).first)
    let out = try #require(output.records(.mvout).first)
    #expect(run.issued == moves[0].completed + 1)
    #expect(out.issued == run.completed + 1)
    // It overwrites what the unit reads; the other one does not, but loads issue in order.
    #expect(moves[1].issued == run.completed + 1)
    #expect(moves[2].issued >= moves[1].issued)
  }

  /// Commands of the unit follow each other without a gap, unless one reads the other's result.
  @Test func chains() throws {
    func completions(_ second: UInt64) throws -> Int {
      var bench = try bench()
      bench.nonlinear(
        .convert, columns: 64, x: TimingBench.accumulator(0), to: TimingBench.accumulator(512))
      bench.nonlinear(.convert, columns: 64, x: second, to: Self.scratchpadTarget)
      bench.fence()
      let runs = try bench.run().records(.nonlinear)
      return runs[1].completed - runs[0].completed
    }
    #expect(try completions(TimingBench.accumulator(256)) == 64)
    // Completed in one cycle, issued in the next, 2 + 63 + 12 from there.
    #expect(try completions(TimingBench.accumulator(512)) == 1 + 2 + 63 + 12)
  }

  /// Results stand behind everyone else on a bank's port, and the lanes stand still meanwhile.
  @Test func portsAreShared() throws {
    func run(_ isBusy: Bool) throws -> SimulationOutput {
      var bench = try bench()
      bench.configureLoad(stride: 64)
      bench.nonlinear(
        .convert, columns: 256, x: TimingBench.accumulator(0), to: TimingBench.accumulator(512))
      if isBusy {
        // Zeros into the bank of the results, a row a cycle.
        for row in [800, 816, 832, 848] {
          bench.command(.mvin, 0, TimingBench.tile(16, 16, TimingBench.accumulator(row)))
        }
      }
      bench.fence()
      return try bench.run(events: true)
    }
    func cycles(_ output: SimulationOutput) -> Int {
      output.records(.nonlinear).map { $0.completed - $0.issued }.first ?? 0
    }
    let (alone, shared) = (try run(false), try run(true))
    // Zeros that come before the first result, 14 cycles after the issue, meet nothing.
    let first = try #require(shared.records(.nonlinear).first).issued + 14
    let met = shared.cycles("acc_write").count { $0 >= first }
    #expect(met > 32)
    #expect(cycles(shared) == cycles(alone) + met)
    let unit = try #require(shared.result.units.first { $0.unit == "nonlinear" })
    let waiting = unit.reasons.first { $0.reason == "results wait for banks" }
    #expect(waiting?.cycles == met)
    #expect(unit.total == shared.result.cycles)
  }
}
