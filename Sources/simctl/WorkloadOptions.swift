import AccelSim

/// The argument and the options that say which workload is meant, for every command that takes one.
enum WorkloadOptions {
  static let argument = Positional(
    name: "workload", kind: .workload,
    help: "The name of a model ('simctl workloads list') or a JSON file.")

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

  /// The workloads that `word` means, of the sizes that the options ask for.
  ///
  /// - Throws: `UsageError` for a size that the model cannot have; `CommandFailure`: 66 if there is no
  ///   such file, 65 for an unknown model, a size that it does not take or a file that is no workload.
  static func load(_ word: String, _ arguments: Arguments) throws -> WorkloadSteps {
    try steps(sized(word, arguments))
  }

  /// What `word` and the options ask for.
  ///
  /// - Throws: As `load`.
  static func sized(_ word: String, _ arguments: Arguments) throws -> WorkloadRequest {
    if WorkloadModel.named(word) == nil, WorkloadRequest.isFile(word) {
      if let option = sizes.first(where: { arguments.has($0.name) }) {
        throw UsageError(
          "'\(option.name)' is for models, but '\(word)' is a file", arguments.syntax)
      }
      return try request(word)
    }
    var request = try request(word)
    guard let model = WorkloadModel.named(request.name) else { return request }
    for option in sizes {
      guard let text = arguments[option.name] else { continue }
      let name = String(option.name.dropFirst(2))
      guard let parameter = model.parameters.first(where: { $0.name == name }) else {
        let own = model.parameters.map { "'--\($0.name)'" }.joined(separator: ", ")
        throw CommandFailure(.data, "'\(word)' does not take '\(option.name)'; it has \(own)")
      }
      guard let value = Int(text), parameter.allows(value) else {
        throw arguments.invalid(option.name, "must be \(parameter.expectation)")
      }
      request.values[name] = value
    }
    return request
  }

  /// What `word` asks for, such as `bert-base:sequence=128`.
  ///
  /// - Throws: `CommandFailure`: 65 if it names no model and no file, 66 if the file cannot be read.
  static func request(_ word: String) throws -> WorkloadRequest {
    let request: WorkloadRequest
    do {
      request = try WorkloadRequest(word)
    } catch {
      throw CommandFailure(.data, error.description)
    }
    guard WorkloadModel.named(request.name) == nil else { return request }
    guard WorkloadRequest.isFile(request.name) else {
      let names = WorkloadModel.all.map(\.name)
      let model = String(word.prefix { $0 != ":" })
      let hint = suggestion(for: model, among: names)
      throw CommandFailure(
        .data,
        "No workload '\(model)'"
          + (hint.isEmpty ? "; there are \(names.joined(separator: ", ")), or a file" : hint))
    }
    try InputFileCheck.readable(word)
    return request
  }

  /// What runs.
  ///
  /// - Throws: `CommandFailure` (65) as the library's `InvalidWorkload`.
  static func steps(_ request: WorkloadRequest) throws -> WorkloadSteps {
    do {
      return try request.steps()
    } catch {
      throw CommandFailure(.data, error.description)
    }
  }

  /// The workload at `index`.
  ///
  /// - Throws: `CommandFailure` (65) for sizes that are too large together.
  static func workload(_ steps: WorkloadSteps, at index: Int) throws -> Workload {
    do {
      return try steps.workload(at: index)
    } catch {
      throw CommandFailure(.data, "'\(steps.name)' of these sizes is too large: \(error)")
    }
  }

  /// The only workload.
  ///
  /// - Throws: `UsageError` if there are several.
  static func single(_ steps: WorkloadSteps, _ arguments: Arguments) throws -> Workload {
    guard steps.count == 1 else {
      throw UsageError(
        "'\(steps.name)' is \(steps.count) workloads in a row; take one of them, such as "
          + "'gpt2-decode'", arguments.syntax)
    }
    return try workload(steps, at: 0)
  }
}
