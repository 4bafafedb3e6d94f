/// A network of the zoo: builds workloads of the sizes that are asked for.
public struct WorkloadModel: Sendable {
  /// Such as `bert-base`.
  public let name: String
  /// What it is, in a line.
  public let summary: String
  /// What can be chosen.
  public let parameters: [WorkloadModelParameter]
  private let count: @Sendable (WorkloadValues) -> Int
  private let build: @Sendable (WorkloadValues, _ step: Int) throws(InvalidWorkload) -> Workload

  /// A model whose execution is one workload.
  init(
    _ name: String, _ summary: String, _ parameters: [WorkloadModelParameter],
    _ build: @escaping @Sendable (WorkloadValues) throws(InvalidWorkload) -> Workload
  ) {
    self.init(
      name, summary, parameters, count: { _ in 1 },
      build: { values, _ throws(InvalidWorkload) in try build(values) })
  }

  /// A model whose execution is a list of workloads.
  init(
    _ name: String, _ summary: String, _ parameters: [WorkloadModelParameter],
    count: @escaping @Sendable (WorkloadValues) -> Int,
    build: @escaping @Sendable (WorkloadValues, _ step: Int) throws(InvalidWorkload) -> Workload
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.count = count
    self.build = build
  }

  /// The workloads that run one after the other, nearly always one.
  ///
  /// - Parameter values: Parameters by name; the others have their defaults.
  /// - Throws: `InvalidWorkload` for parameters that the model does not have or that are out of
  ///   range.
  public func steps(_ values: [String: Int] = [:]) throws(InvalidWorkload) -> WorkloadSteps {
    var problems: [ConfigProblem] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        let names = parameters.map(\.name)
        problems.append(
          ConfigProblem(
            path: name, found: "a parameter that \(self.name) does not have",
            expected: "one of \(names.joined(separator: ", "))",
            suggestion: Suggestion.nearest(to: name, among: names)))
        continue
      }
      if !parameter.allows(value) {
        problems.append(
          ConfigProblem(path: name, found: "\(value)", expected: parameter.expectation))
      }
    }
    guard problems.isEmpty else { throw InvalidWorkload(problems: problems) }
    let all = WorkloadValues(
      model: name,
      list: parameters.map { WorkloadParameter($0.name, values[$0.name] ?? $0.standard) })
    return WorkloadSteps(count: count(all), values: all, build: build)
  }

  /// The workload of a model whose execution is one, else its last one.
  ///
  /// - Throws: `InvalidWorkload` as `steps(_:)`, and for sizes that are too large together.
  public func workload(_ values: [String: Int] = [:]) throws(InvalidWorkload) -> Workload {
    let steps = try steps(values)
    return try steps.workload(at: steps.count - 1)
  }

  /// Every model, in the order of lists.
  public static let all: [WorkloadModel] = transformers + decoders + convolutional

  /// The model called `name`.
  public static func named(_ name: String) -> WorkloadModel? { all.first { $0.name == name } }
}

/// The workloads that one execution of a model consists of; each is built when asked for.
public struct WorkloadSteps: Sendable {
  /// At least 1.
  public let count: Int
  /// The model or the workload.
  public var name: String { values.model }
  let values: WorkloadValues
  let build: @Sendable (WorkloadValues, _ step: Int) throws(InvalidWorkload) -> Workload

  init(
    count: Int, values: WorkloadValues,
    build: @escaping @Sendable (WorkloadValues, _ step: Int) throws(InvalidWorkload) -> Workload
  ) {
    self.count = count
    self.values = values
    self.build = build
  }

  /// A single workload, such as a file's.
  public init(_ workload: Workload) {
    self.init(
      count: 1, values: WorkloadValues(model: workload.name, list: workload.parameters),
      build: { _, _ throws(InvalidWorkload) in workload })
  }

  /// The numbers that they are made from.
  public var parameters: [WorkloadParameter] { values.list }

  /// The workload that runs after `index` others.
  public func workload(at index: Int) throws(InvalidWorkload) -> Workload {
    try build(values, index)
  }
}

/// A number that a model can be built for.
public struct WorkloadModelParameter: Sendable {
  /// Key of a `WorkloadRequest`, such as `sequence`.
  public let name: String
  /// The value where a request gives none.
  public let standard: Int
  /// Values that a request may give.
  public let range: ClosedRange<Int>
  /// What it means, with the unit.
  public let meaning: String
  /// The number that it must divide; 0 if any will do.
  let dividend: Int

  init(
    _ name: String, _ standard: Int, _ range: ClosedRange<Int>, _ meaning: String, dividing: Int = 0
  ) {
    self.name = name
    self.standard = standard
    self.range = range
    self.meaning = meaning
    dividend = dividing
  }

  /// Whether the model can be built for `value`.
  public func allows(_ value: Int) -> Bool {
    range.contains(value) && (dividend == 0 || dividend.isMultiple(of: value))
  }

  /// What a value must be, for messages.
  public var expectation: String {
    "a whole number \(range.lowerBound)...\(range.upperBound)"
      + (dividend == 0 ? "" : " that divides \(dividend)")
  }

  static func sequence(_ standard: Int) -> WorkloadModelParameter {
    .init("sequence", standard, 1...65536, "Tokens of an input.")
  }
  static func position(_ standard: Int) -> WorkloadModelParameter {
    .init("position", standard, 1...65536, "Tokens attended to, the new one included.")
  }
  static func layers(_ standard: Int) -> WorkloadModelParameter {
    .init("layers", standard, 1...256, "Layers of the network.")
  }
  static func heads(_ standard: Int, of width: Int) -> WorkloadModelParameter {
    .init("heads", standard, 1...width / 2, "Heads of attention.", dividing: width)
  }
  static let batch = WorkloadModelParameter("batch", 1, 1...1024, "Inputs that run together.")
  static func ends(_ standard: Int, _ what: String) -> WorkloadModelParameter {
    .init("ends", standard, 0...1, "1 adds what runs once: \(what).")
  }
}

/// The numbers that a model is built for, all of them.
struct WorkloadValues: Sendable {
  let model: String
  let list: [WorkloadParameter]

  /// The parameter called `name`; 1 for one that the model does not have.
  subscript(name: String) -> Int { list.first { $0.name == name }?.value ?? 1 }

  var builder: WorkloadBuilder { WorkloadBuilder(model, list) }
}
