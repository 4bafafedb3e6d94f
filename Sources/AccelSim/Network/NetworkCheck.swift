/// A network run with data, function alone: every operator's result in main memory against an
/// independent reference (Docs/Validation.md).
///
/// The reference takes an operator's inputs as they stood in memory when it ran, so errors do not
/// add up and no operator is excused. That nothing else wrote to them is checked, too.
public struct NetworkCheck: Codable, Equatable, Sendable {
  /// What became of an operator.
  public enum Verdict: String, Codable, Sendable {
    /// Equal, or within the bound.
    case right
    /// An element is further from the reference than its bound.
    case wrong
    /// An input is not what was written there.
    case inputChanged
    /// All elements are alike, so that equality says nothing.
    case degenerate
    /// There is no reference, because the machine models its cost alone.
    case unchecked
  }

  /// An operator and its result.
  public struct Row: Codable, Equatable, Sendable {
    /// Such as `layer0.q`.
    public var name: String
    /// Without its layer.
    public var stem: String
    /// Operators that ran inside it.
    public var fused: [String]
    /// Where it ran, as `NetworkReport.Row.place`: array, FP unit, integer, host or -.
    public var place: String
    /// The reference.
    public var comparedWith: String
    /// Operators that this row adds up.
    public var count = 1
    /// Elements of the result that were compared.
    public var elements = 0
    /// Elements that are not the nearest to the reference.
    public var differing = 0
    /// Largest distance from the reference, in output steps: up to 0.5 is rounding alone, except for
    /// exact references.
    public var worst = 0.0
    /// What an element may be off at most; the largest of all elements.
    public var bound = 0.0
    /// Elements at the ends of int8.
    public var saturated = 0
    /// Elements that are 0.
    public var zeros = 0
    /// What became of it; `wrong` outweighs the others.
    public var verdict = Verdict.right
  }

  /// Name of the network.
  public var workload: String
  /// Name of the configuration.
  public var config: String
  /// What inputs, weights and caches were drawn from.
  public var seed: UInt64
  /// In the order of execution.
  public private(set) var operators: [Row] = []
  /// Whether every operator ran.
  public private(set) var isComplete = true

  /// Whether no operator failed.
  public var passed: Bool {
    operators.allSatisfy { $0.verdict == .right || $0.verdict == .unchecked }
  }

  /// Runs `workload` with random data on `machine`.
  ///
  /// - Parameters:
  ///   - tiles, fusing: As for `NetworkPlan`.
  ///   - began: Told the number of finished operators and the name of the next; `false` ends the
  ///     run before it.
  /// - Throws: `NetworkError`, or what a functional run throws.
  public init(
    _ workload: Workload, on machine: Machine, seed: UInt64, tiles: [String: MatmulTile] = [:],
    fusing: NormFusion = .all,
    began: (Int, String) -> Bool = { _, _ in true }
  ) throws {
    let data = NetworkData(workload, on: machine, seed: seed)
    let plan = try NetworkPlan(
      data.workload, on: machine, tiles: tiles, fusing: fusing, keepsScales: true)
    self.init(plan, seed: seed)
    var run = try NetworkDataRun(plan, data)
    for step in plan.operators {
      guard began(operators.count, step.name) else {
        isComplete = false
        return
      }
      operators.append(try run.perform(step))
    }
  }

  /// Before the first operator.
  init(_ plan: NetworkPlan, seed: UInt64) {
    workload = plan.workload.name
    config = plan.machine.config.name
    self.seed = seed
  }
}

/// A plan on the functional machine, operator by operator.
struct NetworkDataRun {
  private let plan: NetworkPlan
  private let reference: NetworkReference
  private(set) var run: FunctionalRun
  private var program: NetworkProgram
  /// The step that begins the next operator.
  private var ahead: ProgramStep?
  private var steps: [String: WorkloadOperator] = [:]
  /// Weights that stand in the library's order of depthwise convolutions.
  private var depthwise: Set<String> = []
  /// What is known to be in memory, by tensor.
  private var written: [String: Content] = [:]

  private struct Content: Equatable {
    var count: Int
    var hash: Int

    init(_ bytes: [UInt8]) {
      count = bytes.count
      // All bytes at once; an array's own hash takes them one by one.
      var hasher = Hasher()
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
      hash = hasher.finalize()
    }
  }

  /// Loads what is given.
  ///
  /// - Parameter workload: What results are compared with; `nil` for the plan's own.
  /// - Throws: `ProgramError`.
  init(_ plan: NetworkPlan, _ data: NetworkData, reference workload: Workload? = nil) throws {
    self.plan = plan
    let workload = workload ?? plan.workload
    reference = NetworkReference(workload: workload, machine: plan.machine)
    run = FunctionalRun(plan.machine)
    program = NetworkProgram(plan)
    for step in workload.operators {
      steps[step.name] = step
      if case .convolution(let convolution) = step.kind, convolution.groups > 1,
        plan.workload[step.inputs[1]].shape.suffix(2) == [1, convolution.groups]
      {
        depthwise.insert(step.inputs[1])
      }
    }
    for tensor in plan.workload.tensors {
      guard let place = plan.given[tensor.name] else { continue }
      var values = data.values(of: tensor, as: place.type)
      if depthwise.contains(tensor.name) {
        values = .integer(Self.transposed(values.integers, columns: tensor.shape.last ?? 1))
      }
      try write(values.bytes(as: place.type), tensor.name, place)
    }
  }

  /// Runs `step` and compares its result.
  ///
  /// - Throws: What a functional run throws.
  mutating func perform(_ step: OperatorPlan) throws -> NetworkCheck.Row {
    guard let graph = steps[step.name] else { preconditionFailure("an operator of the workload") }
    var row = NetworkCheck.Row(
      name: step.name, stem: step.stem, fused: step.fused, place: step.place.name,
      comparedWith: "-")
    var operands: [TensorValues] = []
    for name in graph.inputs {
      let bytes = try self.bytes(name, place(name, step))
      if let known = written[name], known.count == bytes.count, known != Content(bytes) {
        row.verdict = .inputChanged
      }
      operands.append(values(bytes, name, place(name, step)))
    }
    if !step.pieces.isEmpty { try runPieces() }
    let target = place(graph.output, step)
    if case .cacheAppend = graph.kind {
      operands.append(values(try bytes(graph.output, target), graph.output, target))
    }
    let expected = reference.result(
      of: graph, step.fused.compactMap { steps[$0] }, operands, as: target.type, at: step.place)
    if graph.kind == .embedding, let expected, case .exact(let rows) = expected.elements {
      // The host's, without a cost.
      let values = TensorValues.integer(rows.map { Int32(truncatingIfNeeded: $0) })
      try write(values.bytes(as: target.type), graph.output, target)
    }
    guard let expected else {
      let bytes = try self.bytes(graph.output, target)
      written[graph.output] = Content(bytes)
      if row.verdict == .right { row.verdict = .unchecked }
      return row
    }
    let columns = plan.workload[graph.output].shape.last ?? 1
    let bytes = try self.bytes(rows: expected.count / columns, columns: columns, target)
    written[graph.output] = Content(bytes)
    if let last = step.fused.last, let guest = steps[last] {
      written[guest.output] = Content(bytes)
    }
    row.compare(TensorValues(bytes, as: target.type), expected)
    return row
  }

  private mutating func runPieces() throws {
    // The first step of an operator is its region.
    if ahead == nil { ahead = try program.next() }
    ahead = nil
    while let next = try program.next() {
      if case .region = next {
        ahead = next
        break
      }
      try run.perform(next)
    }
    try run.drain()
  }

  // MARK: Memory

  private func place(_ name: String, _ step: OperatorPlan) -> TensorPlace {
    guard let place = step.places[name] else { preconditionFailure("a tensor of the operator") }
    return place
  }

  private func values(_ bytes: [UInt8], _ name: String, _ place: TensorPlace) -> TensorValues {
    let values = TensorValues(bytes, as: place.type)
    guard depthwise.contains(name) else { return values }
    let channels = plan.workload[name].shape.last ?? 1
    return .integer(Self.transposed(values.integers, columns: values.count / channels))
  }

  private func bytes(_ name: String, _ place: TensorPlace) throws -> [UInt8] {
    let tensor = plan.workload[name]
    let columns = tensor.shape.last ?? 1
    return try bytes(rows: tensor.count / columns, columns: columns, place)
  }

  private func bytes(rows: Int, columns: Int, _ place: TensorPlace) throws -> [UInt8] {
    let size = place.type.bytes
    var result: [UInt8] = []
    result.reserveCapacity(rows * columns * size)
    // Dense rows in one piece.
    let pieces = place.pitch == columns ? 1 : rows
    let count = rows / pieces * columns * size
    for piece in 0..<pieces {
      let address = place.address + UInt64(piece * place.pitch * size)
      guard let bytes = run.machine.memory.bytes(at: address, count: count) else {
        throw ProgramError.noMemory(address: address, count: count)
      }
      result += bytes
    }
    return result
  }

  private mutating func write(_ bytes: [UInt8], _ name: String, _ place: TensorPlace) throws {
    let columns = plan.workload[name].shape.last ?? 1
    let width = columns * place.type.bytes
    let isDense = place.pitch == columns
    for first in stride(from: 0, to: bytes.count, by: isDense ? bytes.count : width) {
      let row = first / width
      try run.perform(
        .load(
          address: place.address + UInt64(row * place.pitch * place.type.bytes),
          bytes: isDense ? bytes : Array(bytes[first..<first + width])))
    }
    written[name] = Content(bytes)
  }

  /// Writes over one byte of main memory, for tests.
  mutating func corrupt(_ address: UInt64) {
    let old = run.machine.memory.bytes(at: address, count: 1)?.first ?? 0
    _ = run.machine.memory.write([old ^ 0x55], count: 1, at: address)
  }

  /// Rows of `columns` as columns.
  private static func transposed(_ values: [Int32], columns: Int) -> [Int32] {
    let rows = values.count / columns
    return (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
  }
}

extension NetworkCheck.Row {
  /// Compares what is in memory.
  mutating func compare(_ found: TensorValues, _ expected: NetworkReference.Result) {
    comparedWith = expected.title
    elements = expected.count
    var isWrong = false
    switch expected.elements {
    case .exact(let values):
      for (found, value) in zip(NetworkReference.bits(found), values) where found != value {
        differing += 1
        worst = max(worst, abs(Double(found) - Double(value)))
      }
      isWrong = differing > 0
    case .near(let values, let bounds):
      for index in values.indices {
        let element = found[index] / expected.step
        let error = abs(element - values[index])
        if error > 0.5 || error.isNaN { differing += 1 }
        if !(error <= bounds[index]) { isWrong = true }
        worst = max(worst, error.isNaN ? .infinity : error)
        bound = max(bound, bounds[index])
      }
    }
    for index in 0..<found.count {
      let value = found[index]
      if value == 0 { zeros += 1 }
      if value == 127 || value == -128 { saturated += 1 }
    }
    if isWrong {
      verdict = .wrong
    } else if verdict == .right, elements > 1 {
      let first = found[0]
      let isAlike = (1..<found.count).allSatisfy { found[$0] == first }
      if isAlike { verdict = .degenerate }
    }
  }
}
