import AccelSim
import Glibc

/// The argument and the options that say which workload is meant, for every command that takes one.
enum WorkloadOptions {
  static let argument = Positional(
    name: "workload", help: "The name of a model ('simctl workloads list') or a JSON file.")

  /// The parameters of all models as options.
  static let sizes: [Option] = {
    var options: [Option] = []
    for parameter in WorkloadModel.all.flatMap(\.parameters) {
      let name = "--\(parameter.name)"
      if options.contains(where: { $0.name == name }) { continue }
      let meaning =
        parameter.name == "ends"
        ? "1 adds what runs once before and behind the layers, 0 leaves it out."
        : parameter.meaning
      options.append(Option(name: name, value: "n", help: meaning))
    }
    return options
  }()

  /// What the user asked for: workloads that run one after the other, nearly always one.
  struct Choice {
    let name: String
    let parameters: [WorkloadParameter]
    /// At least 1.
    let count: Int
    /// Builds the workload that runs after `index` others.
    let workload: (_ index: Int) throws -> Workload

    /// The only workload.
    ///
    /// - Throws: `UsageError` if there are several.
    func single(_ arguments: Arguments) throws -> Workload {
      guard count == 1 else {
        throw UsageError(
          "'\(name)' is \(count) workloads in a row; take one of them, such as 'gpt2-decode'",
          arguments.syntax)
      }
      return try workload(0)
    }
  }

  /// The workload called `word`, of the sizes that the options ask for.
  ///
  /// - Throws: `UsageError` for a size that is no number; `CommandFailure`: 66 if there is no such
  ///   file, 65 for an unknown model, a size that it does not take or a file that is no workload.
  static func load(_ word: String, _ arguments: Arguments) throws -> Choice {
    guard let model = WorkloadModel.named(word) else { return try file(word, arguments) }
    var values: [String: Int] = [:]
    for option in sizes {
      guard let text = arguments[option.name] else { continue }
      let name = String(option.name.dropFirst(2))
      guard let parameter = model.parameters.first(where: { $0.name == name }) else {
        let own = model.parameters.map { "'--\($0.name)'" }.joined(separator: ", ")
        throw CommandFailure(.data, "'\(word)' does not take '\(option.name)'; it has \(own)")
      }
      guard let value = Int(text) else {
        throw arguments.invalid(option.name, "not a whole number")
      }
      guard parameter.allows(value) else {
        throw CommandFailure(
          .data, arguments.invalid(option.name, "must be \(parameter.expectation)").message)
      }
      values[name] = value
    }
    let steps = try steps(model, values)
    return Choice(name: word, parameters: steps.parameters, count: steps.count) { index in
      do {
        return try steps.workload(at: index)
      } catch {
        throw CommandFailure(.data, "'\(word)' of these sizes is too large: \(error)")
      }
    }
  }

  private static func steps(_ model: WorkloadModel, _ values: [String: Int]) throws
    -> WorkloadSteps
  {
    do {
      return try model.steps(values)
    } catch {
      throw CommandFailure(.data, error.description)
    }
  }

  private static func file(_ path: String, _ arguments: Arguments) throws -> Choice {
    guard path.hasSuffix(".json") || path.contains("/") || access(path, F_OK) == 0 else {
      let names = WorkloadModel.all.map(\.name)
      let hint = suggestion(for: path, among: names)
      throw CommandFailure(
        .data,
        "No workload '\(path)'"
          + (hint.isEmpty ? "; there are \(names.joined(separator: ", ")), or a file" : hint))
    }
    if let option = sizes.first(where: { arguments.has($0.name) }) {
      throw UsageError(
        "'\(option.name)' is for models, but '\(path)' is a file", arguments.syntax)
    }
    try InputFileCheck.readable(path)
    do {
      let workload = try Workload.load(path: path)
      return Choice(name: workload.name, parameters: workload.parameters, count: 1) { _ in workload
      }
    } catch {
      throw CommandFailure(.data, error.description)
    }
  }
}
