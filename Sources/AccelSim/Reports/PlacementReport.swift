import SystolicCore

/// Cycles of each nonlinear operation on a tensor, in each placement, simulated one by one.
public struct PlacementReport: Encodable, Equatable, Sendable {
  /// Where an operation is measured: a placement, and whether operands are on chip.
  public enum Column: String, CaseIterable, Encodable, Sendable {
    /// The floating-point unit, operands and results in the local memories.
    case unitOnChip
    /// The floating-point unit, from main memory to main memory.
    case unit
    /// The integer units, from main memory to main memory.
    case integer
    /// The host, from main memory to main memory.
    case host

    var placement: Placement {
      switch self {
      case .unitOnChip, .unit: .fpUnit
      case .integer: .integerUnit
      case .host: .host
      }
    }
  }

  /// One operation.
  public struct Row: Encodable, Equatable, Sendable {
    /// Name of the `NonlinearOperation`.
    public var operation: String
    /// Passes of the floating-point unit over a row.
    public var passes: Int
    /// Cycles an element that the unit's lanes take if they never wait; `nil` without such a unit.
    public var ideal: Double?
    /// Cycles, from the first command to the last fence; nothing for what cannot be done.
    public var cycles: [String: Int]
  }

  /// Rows of the tensor.
  public var rows: Int
  /// Elements of a row.
  public var length: Int
  /// Name of the machine of each column.
  public var machines: [String: String]
  /// In the order in which they were asked for.
  public var operations: [Row]

  /// Elements of the tensor.
  public var elements: Int { rows * length }

  /// Measures `operations` of `rows` by `length` elements.
  ///
  /// - Parameters:
  ///   - config: The machine of every column; `nil` for each placement's own.
  ///   - latency: Of main memory, in cycles; `nil` for the machines' own.
  ///   - progress: Told how many operations are done.
  /// - Throws: `InvalidConfig`, `SimulationError` or another error of a run; an operation that a
  ///   placement does not have is left out.
  public init(
    _ operations: [NonlinearOperation], rows: Int, length: Int, config: HardwareConfig? = nil,
    latency: Int? = nil, progress: (Int) -> Void = { _ in }
  ) throws {
    self.rows = rows
    self.length = length
    machines = [:]
    self.operations = []
    var ready: [(Column, Machine)] = []
    for column in Column.allCases {
      var chosen = config ?? HardwareConfig.preset(column.placement.preset) ?? HardwareConfig()
      if let latency { chosen.memory.latency = latency }
      machines[column.rawValue] = chosen.name
      ready.append((column, try Machine(chosen)))
    }
    for (index, operation) in operations.enumerated() {
      progress(index)
      let work = NonlinearWork(operation, rows: rows, columns: length)
      let unit = ready[0].1
      var row = Row(
        operation: "\(operation)", passes: operation.passes(k: work.k),
        ideal: unit.config.features.nonlinearUnit ? Self.ideal(work, unit) : nil, cycles: [:])
      for (column, machine) in ready {
        guard
          let program = try? TensorProgram(
            work, at: column.placement, on: machine, isOnChip: column == .unitOnChip)
        else { continue }
        row.cycles[column.rawValue] = try Self.cycles(
          program, on: machine, isOnChip: column == .unitOnChip)
      }
      self.operations.append(row)
    }
  }

  private static func cycles(
    _ program: TensorProgram, on machine: Machine, isOnChip: Bool
  ) throws -> Int {
    var program = program
    var options = RunOptions()
    options.carriesData = false
    let result = try Simulator.run(&program, on: machine, options: options).result
    // On chip, the first fence ends the registers' settings.
    return isOnChip ? result.cycles - (result.fenceCycles.first ?? 0) : result.cycles
  }

  /// Cycles an element for which the lanes are held, over all passes.
  private static func ideal(_ work: NonlinearWork, _ machine: Machine) -> Double {
    let costs = NonlinearCosts(machine.config.nonlinear, width: machine.dim)
    let further = work.operation.furtherOperands.lowerBound
    let intervals = (1...work.operation.passes(k: work.k)).reduce(0) { sum, pass in
      sum
        + costs.pass(pass, of: work.operation, k: work.k, furtherOperands: further).interval
    }
    return Double(intervals) / Double(machine.config.nonlinear.lanes)
  }
}

extension PlacementReport {
  /// The report for a reader: 80 columns, ends with a line break.
  public var text: String {
    var table = [
      ["Cycles an element", "passes", "lanes alone", "on chip", "FP unit", "integer", "host"]
    ]
    for row in operations {
      table.append(
        ["  \(row.operation)", "\(row.passes)", row.ideal.map { TextFormat.fixed($0, 3) } ?? "-"]
          + Column.allCases.map { column in
            row.cycles[column.rawValue].map {
              TextFormat.fixed(Double($0) / Double(elements), column == .host ? 0 : 3)
            } ?? "-"
          })
    }
    let names = Column.allCases.map { machines[$0.rawValue] ?? "" }
    var text = "Nonlinear operations on \(rows) rows of \(length) elements\n"
    if Set(names).count == 1 {
      text += "  machine      \(names[0])\n"
    } else {
      text += "  machines     FP unit \(names[1]), integer \(names[2]), host \(names[3])\n"
    }
    text += "  lanes alone  passes and intervals over lanes: the unit never waits\n"
    text += "  on chip      operands and results in the local memories\n"
    text += "  others       from main memory to main memory, as passes of their own\n\n"
    return text + TextFormat.table(table)
  }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }
}
