/// The forms in which a command can print its report: `--format`, and a flag for each form but text.
enum ReportFormat: String {
  case text, json, csv, markdown

  /// The options of a command that has `formats` besides text.
  static func options(_ formats: [ReportFormat]) -> [Option] {
    let names = ([.text] + formats).map(\.rawValue)
    let flags = formats.map { format in
      Option(name: format.flag, help: "Short for '--format \(format.rawValue)'.")
    }
    return [
      Option(
        name: "--format", value: names.joined(separator: "|"), kind: .oneOf(names),
        help: "Form of the report (default: text).")
    ] + flags
  }

  var flag: String { "--\(rawValue)" }

  /// What the user asked for.
  ///
  /// - Throws: `UsageError` for a form that the command does not have, or for two of them.
  static func choice(_ arguments: Arguments) throws(UsageError) -> ReportFormat {
    let all = [ReportFormat.json, .csv, .markdown]
    let known = all.filter { format in
      arguments.syntax.options.contains { $0.name == format.flag }
    }
    let named = try arguments.choice(
      "--format", ([.text] + known).map { ($0.rawValue, $0) })
    let flags = known.filter { arguments.has($0.flag) }
    if flags.count > 1 {
      throw UsageError(
        "'\(flags[0].flag)' and '\(flags[1].flag)' exclude each other", arguments.syntax)
    }
    if let named, let flag = flags.first, flag != named {
      throw UsageError(
        "'--format \(named.rawValue)' and '\(flag.flag)' exclude each other", arguments.syntax)
    }
    return named ?? flags.first ?? .text
  }
}
