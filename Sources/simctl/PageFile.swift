import AccelSim

/// The page for a browser that commands write beside their text.
struct PageFile {
  static let option = Option(
    name: "--html", value: "file", kind: .output([".html"]),
    help: "Also write the report as a page for a browser.")

  private let file: OutputFile

  /// Takes the path from `arguments` and checks that it can be created; `nil` without the option.
  init?(_ arguments: Arguments) throws {
    guard let path = arguments[Self.option.name] else { return nil }
    file = try OutputFile(path, overwrites: arguments.has(RecordFiles.force.name))
  }

  func write(_ page: String) throws { try file.write { try $0(page) } }
}
