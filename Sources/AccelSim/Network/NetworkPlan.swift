import SystolicCore

/// A network on a machine with everything decided: where each operator runs and how it is cut,
/// what runs inside what, and where every tensor stands in main memory.
public struct NetworkPlan: Sendable {
  /// What runs.
  public let workload: Workload
  /// What it was planned for: every operator fits it.
  public let machine: Machine
  /// In the order of execution.
  public let operators: [OperatorPlan]
  /// Bytes of main memory that the network takes at most.
  public let memoryBytes: Int
  /// Places of inputs, weights and caches.
  let given: [String: TensorPlace]

  /// - Parameters:
  ///   - tiles: Block sizes to use instead of the library's choice, by the name of a matmul
  ///   or by its name without the layer.
  ///   - fusing: Which normalisations may run on the way out of the matmul before.
  ///   - keepsScales: Scales whose constants the integer units cannot have are errors; without data
  ///   they do not matter, and others stand in for them (Docs/Networks.md).
  /// - Throws: `NetworkError` naming the operator that the machine cannot run, and why.
  public init(
    _ workload: Workload, on machine: Machine, tiles: [String: MatmulTile] = [:],
    fusing: NormFusion = .all, keepsScales: Bool = false
  ) throws(NetworkError) {
    try Self.check(tiles, workload)
    let fusion = NetworkFusion(workload, machine, fusing: fusing)
    var layout = TensorLayout(workload, fusion)
    var operators: [OperatorPlan] = []
    var given: [String: TensorPlace] = [:]
    for (index, step) in workload.operators.enumerated() {
      try layout.begin(index)
      if index == 0 { given = layout.given }
      guard fusion.host(of: index) == nil else {
        layout.end(index)
        continue
      }
      let planner = OperatorPlanner(
        workload: workload, machine: machine, fusion: fusion, layout: layout, tiles: tiles,
        keepsScales: keepsScales)
      do throws(LoweringError) {
        var plan = try planner.plan(index)
        for name in step.inputs + [step.output] { plan.places[name] = layout.place(of: name) }
        operators.append(plan)
      } catch {
        throw NetworkError(workload, step, error.description)
      }
      layout.end(index)
    }
    self.workload = workload
    self.machine = machine
    self.operators = operators
    self.given = given
    memoryBytes = Int(layout.memory.highest - MainMemoryData.base)
  }

  /// Multiply-accumulates of the whole network.
  public var macs: Int { workload.macs }

  /// Checks that every block size is for a matmul.
  private static func check(_ tiles: [String: MatmulTile], _ workload: Workload)
    throws(NetworkError)
  {
    for name in tiles.keys.sorted() {
      let named = workload.operators.filter { $0.name == name || $0.stem == name }
      guard let first = named.first else {
        let hint = Suggestion.nearest(
          to: name, among: workload.operators.flatMap { [$0.name, $0.stem] })
        throw NetworkError(
          "no operator '\(name)' in \(workload.name)"
            + (hint.map { "; did you mean '\($0)'?" } ?? ""))
      }
      let hasMatmul = named.contains { if case .matmul = $0.kind { true } else { false } }
      guard hasMatmul else {
        throw NetworkError(workload, first, "blocks can be given for matmuls only")
      }
    }
  }
}

/// A network that a machine cannot run.
public struct NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }

  init(_ workload: Workload, _ step: WorkloadOperator, _ reason: String) {
    let shapes = step.inputs.map { "\(workload[$0].shape)" }.joined(separator: " x ")
    description = "operator '\(step.name)' (\(step.kind.name) of \(shapes)): \(reason)"
  }
}

/// An operator of a network as it runs, with those that run inside it.
public struct OperatorPlan: Sendable {
  /// As in the workload, such as `layer0.q`; it names the region of the run.
  public let name: String
  /// The name without its layer.
  public let stem: String
  /// The group of `NetworkReport.Row` that it counts in.
  public let group: WorkloadGroup
  /// Counted from 0; `nil` outside of layers.
  public let layer: Int?
  /// Names of the operators that run inside this one.
  public let fused: [String]
  /// Where it runs, for reports: array, FP unit, integer units, host, or nowhere.
  public let place: OperatorPlace
  /// What runs, one after the other: one for each slice of a batched matmul.
  public let pieces: [OperatorPiece]
  /// Multiply-accumulates.
  public let macs: Int
  /// Where its operands and its result stand.
  var places: [String: TensorPlace] = [:]
}

/// Where an operator runs.
public enum OperatorPlace: String, CaseIterable, Codable, Sendable {
  /// The systolic array, with what happens on the way in and out; global averages too.
  case array
  /// The floating-point nonlinear unit.
  case fpUnit
  /// The normaliser, activations and scales between accumulator and memory.
  case integerUnit
  /// The host, in FP32 and in main memory.
  case host
  /// Nothing moves: another view of the same bytes, or written in its place already.
  case none

  var name: String {
    switch self {
    case .array: "array"
    case .fpUnit: "FP unit"
    case .integerUnit: "integer"
    case .host: "host"
    case .none: "-"
    }
  }
}

/// The commands of a network, operator by operator, a fence after each piece as the library has it.
public struct NetworkProgram: CommandSource, Sendable {
  private let plan: NetworkPlan
  private var index = 0
  private var piece = 0
  private var source: (any CommandSource & Sendable)?
  private var isStarted = false

  public init(_ plan: NetworkPlan) { self.plan = plan }

  /// Commands are legal by construction: a property test licenses each kind of piece
  /// (`LegalProgramTests`, `LegalConvTests`, `LegalTensorProgramTests`, `LegalResaddTests`).
  public var legalMACs: Int? { plan.macs }

  /// Operators that have been handed out.
  public var progress: Int { index }

  public mutating func next() throws -> ProgramStep? {
    while true {
      if !isStarted, source != nil {
        isStarted = true
        return .command(HostCommands.flush())
      }
      if let step = try source?.next() { return step }
      source = nil
      guard index < plan.operators.count else { return nil }
      let current = plan.operators[index]
      if piece < current.pieces.count {
        source = current.pieces[piece].program(flushesFirst: false)
        piece += 1
        if piece == 1 { return .region(current.name) }
      } else {
        index += 1
        piece = 0
      }
    }
  }
}
