import AccelSim
import Foundation

/// `simctl check --add`: one more case of a baseline.
struct BaselineAddition {
  private let file: BaselineCheck.File
  private let output: OutputFile
  private let item: BaselineCase
  private let config: HardwareConfig
  private let configName: String

  /// Takes the case from the options and checks what can be checked before it runs.
  ///
  /// - Throws: `UsageError`; `CommandFailure`: 65 and 66 as for other inputs, 73 if the file has such a
  ///   case already.
  init(_ path: String, _ arguments: Arguments) throws {
    output = try OutputFile(path, overwrites: true)
    var file = BaselineCheck.File(path: path, baseline: Baseline())
    if FileManager.default.fileExists(atPath: path) {
      do {
        file.baseline = try Baseline.load(path: path)
      } catch {
        throw CommandFailure(.data, error.description)
      }
    }
    self.file = file
    (configName, config) = try Self.config(arguments)
    let (subject, standardName) = try Self.subject(arguments, in: file.folder)
    let name = arguments["--name"] ?? "\(standardName) on \(configName)"
    guard Baseline.isGoodName(name) else {
      throw CommandFailure(
        .usage,
        "'\(name)' is no name: 1 to \(Baseline.nameLimit) printable characters; '--name' gives another"
      )
    }
    var item = BaselineCase(name: name, config: configName, subject: subject)
    if let percent = try arguments.float("--tolerance") {
      guard (0...100).contains(percent) else {
        throw arguments.invalid("--tolerance", "must be 0...100")
      }
      // Through text: 0.1 shall stay 0.1.
      item.tolerance = Double("\(percent)")
    }
    if !arguments.has("--force"), file.baseline.cases.contains(where: { $0.name == name }) {
      throw CommandFailure(
        .cannotCreate,
        "'\(path)' has a case '\(name)' already; '--force' replaces it, '--name' gives another name"
      )
    }
    self.item = item
  }

  /// Runs the case and writes the file.
  func carryOut(_ console: Console) throws -> ExitCode {
    var baseline = file.baseline
    var item = baseline.add(item, config: config, named: configName)
    Interrupt.catchSignals()
    switch baseline.outcome(of: item, in: file.folder, goesOn: { !Interrupt.wasAsked }) {
    case nil:
      console.log(.error, "Interrupted: nothing was written")
      return .interrupted
    case .failed(let reason):
      throw CommandFailure(.data, "case '\(item.name)' does not run: \(reason)")
    case .measured(let measurement):
      guard measurement.imbalances.isEmpty else {
        throw CommandFailure(
          .internalError,
          "accounts do not add up: " + measurement.imbalances.joined(separator: "; "))
      }
      item.expected = measurement.record
      baseline.add(item, config: config, named: configName)
      try output.write { try $0(baseline.text) }
      try console.print(
        "Recorded '\(item.name)' in \(file.path): \(measurement.record.cycles) cycles")
      return .success
    }
  }

  /// The machine, and what it is called in the file.
  private static func config(_ arguments: Arguments) throws -> (String, HardwareConfig) {
    let word = arguments["--config"] ?? MachineOptions.defaultConfig
    let config = try MachineOptions.variant(MachineOptions.load(word), arguments)
    _ = try MachineOptions.machine(config)
    guard var request = try? ConfigRequest(word) else { return (config.name, config) }
    request.assignments += try MachineOptions.assignments(arguments)
    if HardwareConfig.preset(request.name) == nil { request.name = config.name }
    return (request.description, config)
  }

  /// What runs, and what a case of it is called.
  private static func subject(
    _ arguments: Arguments, in folder: String
  ) throws -> (BaselineCase.Subject, String) {
    let given = ["--workload", "--trace", "--matmul"].filter { arguments.has($0) }
    if arguments["--workload"].map(InputFile.isGiven) == true {
      throw UsageError(
        "'--workload' must be a file's own name: a baseline cannot read standard input again",
        arguments.syntax)
    }
    guard given.count == 1 else {
      throw UsageError(
        given.isEmpty
          ? "'--add' needs '--workload', '--trace' or '--matmul'"
          : "'\(given[0])' and '\(given[1])' exclude each other", arguments.syntax)
    }
    if arguments.has(RunWorkload.fuse.name) && given[0] != "--workload" {
      throw UsageError("'\(RunWorkload.fuse.name)' needs '--workload'", arguments.syntax)
    }
    if let word = arguments["--workload"] {
      var request = try WorkloadOptions.request(word)
      _ = try WorkloadOptions.steps(request)
      let fusing = try RunWorkload.fusing(arguments)
      var name = request.description
      if WorkloadModel.named(request.name) == nil {
        name = Self.stem(request.name, of: ".json")
        request.name = RelativePath.of(request.name, from: folder)
        // How a baseline tells a file from a model.
        if !WorkloadRequest.looksLikeFile(request.name) { request.name = "./\(request.name)" }
      }
      if fusing != .all { name += ", fuse \(fusing.rawValue)" }
      return (.workload(request, fusing: fusing), name)
    }
    if let path = arguments["--trace"] {
      try InputFileCheck.readable(path)
      return (.trace(RelativePath.of(path, from: folder)), Self.stem(path, of: ".gz", ".trace"))
    }
    let text = arguments["--matmul"] ?? ""
    guard let (rows, inner, columns) = SizeText.triple(text) else {
      throw arguments.invalid("--matmul", "three sizes such as 128x768x768")
    }
    return (.matmul(rows: rows, inner: inner, columns: columns), "matmul \(text)")
  }

  /// The last part of `path` without `endings`.
  private static func stem(_ path: String, of endings: String...) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for ending in endings where name.hasSuffix(ending) { name.removeLast(ending.count) }
    return name
  }
}

/// Paths of files as other files name them.
enum RelativePath {
  /// `path` as seen from `folder`; an absolute path stays.
  static func of(_ path: String, from folder: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    let target = components(path)
    let start = components(folder)
    let shared = zip(target, start).prefix { $0 == $1 }.count
    let up = Array(repeating: "..", count: start.count - shared)
    return (up + target[shared...]).joined(separator: "/")
  }

  private static func components(_ path: String) -> [String] {
    URL(filePath: path).standardizedFileURL.pathComponents.filter { $0 != "/" }
  }
}
