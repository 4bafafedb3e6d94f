import SystolicCore

/// The registers and the statistics file of the floating-point nonlinear unit.
struct NonlinearState: Sendable {
  var operands = [NonlinearOperand](repeating: NonlinearOperand(), count: 4)
  /// One entry for each row of the array.
  var statistics: [RowStatistics]
  let functions: RowFunctions
  /// How far commands that run single passes have come.
  var progress: Progress?

  struct Progress: Equatable, Sendable {
    var operation: NonlinearOperation
    var rows: Int
    var k: Int
    var pass: Int
    /// Columns of the parts of this pass so far.
    var columns: Int
    /// Columns of a whole row, once a pass has ended.
    var length: Int?
    var hasEnded: Bool
  }

  init(_ machine: Machine) {
    functions = RowFunctions(format: machine.config.nonlinear.format, width: machine.dim)
    let count = machine.config.features.nonlinearUnit ? machine.dim : 0
    statistics = Array(repeating: RowStatistics(width: machine.dim), count: count)
  }
}

extension FunctionalMachine {
  /// config_nl (Docs/NonlinearUnit.md).
  mutating func configure(_ config: ConfigNonlinear) throws(Fault) {
    try requireNonlinearUnit("config_nl")
    nonlinear.operands[config.operand] = NonlinearOperand(config, machine.layout)
  }

  private func requireNonlinearUnit(_ name: String) throws(Fault) {
    guard machine.config.features.nonlinearUnit else {
      throw Fault(
        .unsupported, found: name, expected: "a machine with features.nonlinearUnit true")
    }
  }

  /// nl_run (Docs/NonlinearUnit.md).
  mutating func runNonlinear(_ run: NonlinearRun) throws(Fault) {
    try requireNonlinearUnit("nl_run")
    guard let operation = run.operation else {
      throw Fault(
        .illegalOperand, found: "operation \(run[.operation])",
        expected: "an operation of Docs/NonlinearUnit.md")
    }
    try require("rows", run.rows, in: 1...machine.dim)
    try require("columns", run.columns, in: 1...0xFFFF)
    if operation == .topK { try require("k", run.k, in: 1...254) }
    try require("pass", run.pass, in: 0...min(operation.passes(k: run.k), 255))
    guard let job = NonlinearJob(run, nonlinear.operands, 0, machine) else {
      throw Fault(.illegalOperand, found: "no work", expected: "rows and columns")
    }
    let progress = try progress(after: run, operation)
    try checkOperands(job, operation)
    nonlinear.progress = progress
    guard carriesData else { return }
    let task = RowFunctions.Task(operation, k: run.k, epsilon: run.epsilon)
    for row in 0..<job.rows {
      let x = nonlinearRow(job, 0, row)
      for pass in job.firstPass...job.lastPass where pass < job.passes {
        if run.pass == 0 || run.begins { nonlinear.statistics[row].begin() }
        nonlinear.functions.accumulate(x, task, pass: pass, into: &nonlinear.statistics[row])
        if job.ends { nonlinear.functions.finish(task, pass: pass, &nonlinear.statistics[row]) }
      }
      guard job.givesResults else { continue }
      if run.pass == 0 || run.begins { nonlinear.statistics[row].begin() }
      let results = nonlinear.functions.results(
        task, x, y: nonlinearRow(job, 1, row), z: nonlinearRow(job, 2, row),
        &nonlinear.statistics[row])
      writeNonlinear(results, job, row)
    }
  }

  /// Single passes come in their order, each over the same rows from their beginning to their end.
  private func progress(
    after run: NonlinearRun, _ operation: NonlinearOperation
  ) throws(Fault) -> NonlinearState.Progress? {
    guard run.pass > 0 else { return nil }
    let last = nonlinear.progress
    var next = NonlinearState.Progress(
      operation: operation, rows: run.rows, k: run.k, pass: run.pass, columns: run.columns,
      length: nil, hasEnded: run.ends)
    if !run.begins || run.pass > 1 {
      let before = run.begins ? run.pass - 1 : run.pass
      guard let last, last.operation == operation, last.pass == before, last.rows == run.rows,
        last.k == run.k, last.hasEnded == run.begins
      else {
        throw Fault(
          .sequence,
          found: "pass \(run.pass) of \(operation)\(run.begins ? "" : " going on")",
          expected: run.begins
            ? "the end of pass \(run.pass - 1) of as many rows before it" : "its beginning")
      }
      next.length = last.length
      if !run.begins { next.columns += last.columns }
    }
    if run.ends {
      if let length = next.length, length != next.columns {
        throw Fault(
          .sequence, found: "the end of pass \(run.pass) after \(next.columns) columns",
          expected: "\(length), as in pass 1")
      }
      next.length = next.columns
    } else if !run.columns.isMultiple(of: machine.dim) {
      throw Fault(
        .illegalOperand, found: "\(run.columns) columns that do not end the pass",
        expected: "a multiple of \(machine.dim)")
    }
    return next
  }

  private func checkOperands(
    _ job: NonlinearJob, _ operation: NonlinearOperation
  ) throws(Fault) {
    let names = ["x", "y", "z", "the result"]
    for index in 0..<4 {
      let operand = job.operands[index]
      let isNeeded =
        index == 0 || (index == 3 && job.givesResults)
        || (job.givesResults && index <= operation.furtherOperands.lowerBound)
      guard operand.isPresent else {
        guard isNeeded else { continue }
        throw Fault(
          .sequence, found: "no operand \(names[index]) for \(operation)",
          expected: "a config_nl before it")
      }
      guard job.givesResults || index == 0 else { continue }
      try requireRows(
        names[index], operand.firstRow, count: operand.span(rows: job.rows, blocks: job.blocks),
        of: operand.address)
      if job.blocks > 1 && operand.blockStride < (operand.repeats ? 1 : job.rows) {
        throw Fault(
          .illegalOperand,
          found: "block stride \(operand.blockStride) of \(names[index]) with \(job.rows) rows",
          expected: "at least the rows")
      }
      let flags = operand.address.accumulates || operand.address.readsFullRow
      if flags || operand.address.normCommand != 0 {
        throw Fault(
          .illegalOperand, found: "\(names[index]) at \(operand.address.assembly)",
          expected: "a row without +, .full and .norm")
      }
      if operand.isFloat && !operand.isAccumulator {
        throw Fault(
          .illegalOperand, found: "FP32 rows in the scratchpad", expected: "the accumulator")
      }
      if index == 3 && operand.repeats {
        throw Fault(.illegalOperand, found: "a repeated result", expected: "a row for each row")
      }
    }
    if job.givesResults { try checkOverlap(job) }
  }

  /// A result may stand exactly where an operand stood, or nowhere near it: what a row is read
  /// after its neighbour is written would depend on time.
  private func checkOverlap(_ job: NonlinearJob) throws(Fault) {
    let target = job.operands[3]
    let rows = target.firstRow..<target.firstRow + target.span(rows: job.rows, blocks: job.blocks)
    for index in 0..<3 where job.operands[index].isPresent {
      let operand = job.operands[index]
      guard operand.isAccumulator == target.isAccumulator else { continue }
      let read =
        operand.firstRow..<operand.firstRow + operand.span(rows: job.rows, blocks: job.blocks)
      let isSame =
        operand.firstRow == target.firstRow && operand.blockStride == target.blockStride
        && !operand.repeats
      guard isSame || !read.overlaps(rows) else {
        throw Fault(
          .illegalOperand, found: "a result in rows \(rows) and an operand in rows \(read)",
          expected: "the same rows or others")
      }
    }
  }

  /// A row of an operand in the unit's format; empty if it is not there.
  private func nonlinearRow(_ job: NonlinearJob, _ index: Int, _ row: Int) -> [Float] {
    let operand = job.operands[index]
    guard operand.isPresent else { return [] }
    let format = nonlinear.functions.format
    var values: [Float] = []
    values.reserveCapacity(job.columns)
    for column in 0..<job.columns {
      let (block, place) = (column / machine.dim, column % machine.dim)
      let local = operand.row(block: block, row: row)
      let value: Float =
        if operand.isAccumulator {
          operand.isFloat
            ? Float(bitPattern: UInt32(bitPattern: accumulator[local, place]))
            : Float(accumulator[local, place])
        } else {
          Float(scratchpad[local, place])
        }
      values.append(format.round(value * operand.scale))
    }
    return values
  }

  private mutating func writeNonlinear(_ values: [Float], _ job: NonlinearJob, _ row: Int) {
    let target = job.operands[3]
    var bytes = [UInt8](repeating: 0, count: 4 * machine.dim)
    for block in 0..<job.blocks {
      let first = block * machine.dim
      let count = min(machine.dim, values.count - first)
      let local = target.row(block: block, row: row)
      for place in 0..<count {
        let value = values[first + place] * target.scale
        if target.isAccumulator {
          let bits =
            target.isFloat
            ? value.bitPattern : UInt32(bitPattern: Rounding.toInt32(value))
          for byte in 0..<4 {
            bytes[4 * place + byte] = UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte))
          }
        } else {
          bytes[place] = UInt8(bitPattern: Rounding.clipToInt8(Rounding.toInt32(value)))
        }
      }
      if target.isAccumulator {
        accumulator.write(bytes, from: 0, count: count, row: local, accumulate: false)
      } else {
        scratchpad.write(bytes, from: 0, count: count, row: local)
      }
    }
  }
}
