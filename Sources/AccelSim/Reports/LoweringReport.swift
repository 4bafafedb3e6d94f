import SystolicCore

/// How a network is lowered to a machine: for each operator where it runs, how it is cut, how much
/// of the local memories a block takes, and what runs inside it.
public struct LoweringReport: Encodable, Equatable, Sendable {
  /// An operator, or operators of one name in several layers that are lowered alike.
  public struct Row: Encodable, Equatable, Sendable {
    /// The operator's name, such as `layer0.q`.
    public var name: String
    /// Without its layer.
    public var stem: String
    /// Counted from 0; `nil` outside of layers.
    public var layer: Int?
    /// Who does the work: the array, a nonlinear unit, the host, or nobody.
    public var place: String
    /// Operators that run inside it.
    public var fused: [String]
    /// Parts that are lowered by themselves, such as the heads of attention.
    public var pieces: Int
    /// Size of a block or strip, in the words of its kind.
    public var cut: String
    /// Loops, blocks or strips of all pieces.
    public var loops: Int
    /// Rows of the scratchpad that a block takes.
    public var scratchpadRows: Int
    /// Rows of the accumulator that a block takes.
    public var accumulatorRows: Int
    /// First byte of the output in main memory.
    public var output: String
  }

  /// Name of the network.
  public var workload: String
  /// Name of the configuration.
  public var config: String
  /// Rows of the whole scratchpad; a row holds as many int8 numbers as the array is wide.
  public var scratchpadRows: Int
  /// Rows of the whole accumulator, of int32.
  public var accumulatorRows: Int
  /// Bytes of main memory that the tensors take.
  public var memoryBytes: Int
  /// In the order of execution.
  public var operators: [Row]

  public init(_ plan: NetworkPlan) {
    workload = plan.workload.name
    config = plan.machine.config.name
    scratchpadRows = plan.machine.scratchpadRows
    accumulatorRows = plan.machine.accumulatorRows
    memoryBytes = plan.memoryBytes
    operators = plan.operators.map { step in
      let first = step.pieces.first.map(Self.describe)
      return Row(
        name: step.name, stem: step.stem, layer: step.layer, place: step.place.name,
        fused: step.fused, pieces: step.pieces.count, cut: first?.cut ?? "a view",
        loops: (first?.loops ?? 0) * step.pieces.count,
        scratchpadRows: first?.scratchpad ?? 0, accumulatorRows: first?.accumulator ?? 0,
        output: first?.output ?? "")
    }
  }

  private typealias Description = (
    cut: String, loops: Int, scratchpad: Int, accumulator: Int, output: String
  )

  private static func describe(_ piece: OperatorPiece) -> Description {
    func address(_ value: UInt64) -> String { NumberText.hexadecimal(value) }
    switch piece {
    case .matmul(let plan):
      return (
        "\(plan.tile)", plan.blocks.rows * plan.blocks.columns * plan.blocks.inner,
        plan.tile.scratchpadRows(plan.machine), plan.tile.accumulatorRows(plan.machine),
        address(plan.addresses.c)
      )
    case .convolution(let plan):
      let limits = ConvLimits(plan.convolution, plan.machine)
      return (
        "\(plan.tile)", plan.loops, limits.scratchpadRows(plan.tile),
        limits.accumulatorRows(plan.tile), address(plan.addresses.output)
      )
    case .residual(let plan):
      return (
        "\(plan.tileRows)x\(plan.tileColumns) elements", plan.rowBlocks * plan.columnBlocks, 0,
        plan.tileRows * ceilingDivide(plan.tileColumns, plan.machine.dim),
        address(plan.addresses.c)
      )
    case .average(let plan):
      return (
        "\(plan.blockChannels) channels", plan.batch * plan.channelBlocks, 0, plan.blockChannels,
        address(plan.output)
      )
    case .nonlinear(let plan):
      return (
        plan.parts == 1 ? "\(plan.stripRows) rows" : "\(plan.parts) parts a row",
        plan.strips * plan.passes * plan.parts, 0, plan.partBlocks * plan.stripRows,
        address(plan.addresses.output)
      )
    case .norm(let plan):
      return (
        "\(plan.tileRows) row tiles", ceilingDivide(plan.rows, plan.machine.dim), 0,
        plan.tileRows * ceilingDivide(plan.columns, plan.machine.dim) * plan.machine.dim,
        address(plan.output)
      )
    case .integer(let pass):
      return ("strips", 1, 0, 0, address(pass.addresses.output))
    case .host(let work):
      return ("\(work.rows)x\(work.columns) elements", 1, 0, 0, address(work.output.address))
    }
  }

  /// Rows that differ in nothing but their layer, counted.
  private var stems: [(row: Row, count: Int)] {
    var found: [(row: Row, count: Int)] = []
    var places: [[String]: Int] = [:]
    for row in operators {
      let key = [row.stem, row.cut, row.place, "\(row.loops)"]
      if let same = places[key] {
        found[same].count += 1
      } else {
        places[key] = found.count
        found.append((row, 1))
      }
    }
    return found
  }

  /// The report for a reader: 80 columns, ends with a line break.
  public func text() -> String {
    var text = TextFormat.shortened("\(workload) on \(config)", 80) + "\n"
    text += "  scratchpad   \(TextFormat.grouped(scratchpadRows)) rows, "
    text += "accumulator \(TextFormat.grouped(accumulatorRows)); loops take up to half\n"
    text += "  main memory  \(TextFormat.grouped(memoryBytes)) bytes of tensors\n\n"
    var rows = [["Operator", "n", "where", "block", "loops", "sp rows", "acc rows", "inside it"]]
    for (row, count) in stems {
      let inside = row.fused.map { name in
        row.layer.map { name.replacing("layer\($0).", with: "") } ?? name
      }
      rows.append([
        "  " + TextFormat.shortened(row.stem, 13), "\(count)", row.place,
        row.cut, "\(row.loops)",
        row.scratchpadRows == 0 ? "-" : "\(row.scratchpadRows)",
        row.accumulatorRows == 0 ? "-" : "\(row.accumulatorRows)",
        inside.joined(separator: " "),
      ])
    }
    return text + TextFormat.table(rows, shortening: [7, 3, 0])
  }

  /// The report for a program: keys sorted, ends with a line break.
  public func json() throws -> String { try ReportJSON.text(self) }
}
