import AccelSim

/// The files that show a run cycle by cycle: a trace for Perfetto, a wave dump for GTKWave.
struct TraceFiles {
  static let options = [
    Option(
      name: "--trace", value: "file.json", kind: .output([".json", ".json.gz"]),
      help: "Write a trace for Perfetto or chrome://tracing; '.json.gz' is packed."),
    Option(
      name: "--vcd", value: "file.vcd", kind: .output([".vcd", ".vcd.gz"]),
      help: "Write signals of the units for GTKWave; '.vcd.gz' is packed."),
    Option(
      name: "--vcd-units", value: "names", kind: .someOf(WaveUnit.allCases.map(\.rawValue)),
      help: "The units that '--vcd' shows, with commas between (default: all): "
        + WaveUnit.allCases.map(\.rawValue).joined(separator: ", ") + "."),
    Option(
      name: "--trace-window", value: "FROM:TO",
      help: "Cycles that '--trace' and '--vcd' show, up to before TO (default: all)."),
  ]

  private let trace: OutputFile?
  private let waves: OutputFile?
  private let window: CycleWindow
  private let units: Set<WaveUnit>

  /// Takes the paths from `arguments` and checks that they can be created.
  init(_ arguments: Arguments) throws {
    let overwrites = arguments.has("--force")
    trace = try arguments["--trace"].map { try OutputFile($0, overwrites: overwrites) }
    waves = try arguments["--vcd"].map { try OutputFile($0, overwrites: overwrites) }
    window = try Self.window(arguments)
    units = try Self.units(arguments)
  }

  private static func window(_ arguments: Arguments) throws(UsageError) -> CycleWindow {
    guard let text = arguments["--trace-window"] else { return .all }
    guard arguments.has("--trace") || arguments.has("--vcd") else {
      throw UsageError("'--trace-window' needs '--trace' or '--vcd'", arguments.syntax)
    }
    guard let window = CycleWindow(text) else {
      throw arguments.invalid(
        "--trace-window", "two cycles such as 1000:2000, the first below the second")
    }
    return window
  }

  private static func units(_ arguments: Arguments) throws(UsageError) -> Set<WaveUnit> {
    guard let text = arguments["--vcd-units"] else { return Set(WaveUnit.allCases) }
    guard arguments.has("--vcd") else {
      throw UsageError("'--vcd-units' needs '--vcd'", arguments.syntax)
    }
    let names = WaveUnit.allCases.map(\.rawValue)
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let unknown = words.filter { !names.contains($0) }.map { word in
      "no unit '\(word)'" + suggestion(for: word, among: names)
    }
    guard unknown.isEmpty else {
      throw arguments.invalid(
        "--vcd-units",
        unknown.joined(separator: "; ") + "\nThe units are " + names.joined(separator: ", "))
    }
    return Set(words.compactMap { WaveUnit(rawValue: $0) })
  }

  /// Does `run` with what writes the files, if any are wanted, then puts them in their places.
  ///
  /// - Throws: What `run` throws, and `CommandFailure` (73 or 74); no partial file stays behind.
  func record<Result>(
    on machine: Machine, _ console: Console, _ run: (RunWatcher?) throws -> Result
  ) throws -> Result {
    guard trace != nil || waves != nil else { return try run(nil) }
    return try Self.open(trace) { traceSink in
      try Self.open(waves) { waveSink in
        let watcher = RunWatcher(
          machine, trace: traceSink.map { .init(window: window, sink: $0) },
          waves: waveSink.map { .init(window: window, sink: $0) }, units: units)
        let result = try run(watcher)
        try watcher.finish()
        if window != .all, window.from >= watcher.cycles {
          console.log(
            .warning,
            "'--trace-window' begins at cycle \(window.from), but the run ends after "
              + "\(watcher.cycles): the files show no cycle")
        }
        return result
      }
    }
  }

  /// Does `body` with what writes `file`, packed if its name says so.
  private static func open<Result>(
    _ file: OutputFile?, _ body: (ByteSink?) throws -> Result
  ) throws -> Result {
    guard let file else { return try body(nil) }
    return try file.fill { descriptor in
      guard file.path.hasSuffix(".gz") else {
        return try body { bytes in
          // Two files may be open: the error says which one.
          do { try Console.write(bytes, to: descriptor) } catch let error as SystemError {
            throw CommandFailure(.inputOutput, "'\(file.path)' cannot be written: \(error)")
          }
        }
      }
      return try Gzip.packing(into: descriptor, named: file.path) { sink in try body(sink) }
    }
  }
}
