import AccelSim
import Glibc

/// Files that a command writes must differ from each other and from those that it reads.
enum FileConflicts {
  /// Checks what was given on the command line.
  ///
  /// - Throws: `UsageError` naming both.
  static func check(_ arguments: Arguments) throws(UsageError) {
    let files = arguments.files
    let written = files.filter { $0.kind.isOutput }.map { (name: $0.name, path: $0.path) }
    let read = files.filter { !$0.kind.isOutput && $0.kind != .text && isFile($0.path) }
      .map { (name: $0.name, path: $0.path) }
    for (index, output) in written.enumerated() {
      for other in written[(index + 1)...] where identity(other.path) == identity(output.path) {
        throw UsageError(
          "'\(output.name)' and '\(other.name)' name the same file", arguments.syntax)
      }
      try check(output, against: read, arguments.syntax)
    }
  }

  /// Checks one file that is written against those that are read; a name is that of an option, or empty.
  ///
  /// - Throws: `UsageError` naming both.
  static func check(
    _ output: (name: String, path: String), against inputs: [(name: String, path: String)],
    _ syntax: CommandSyntax
  ) throws(UsageError) {
    for input in inputs where identity(input.path) == identity(output.path) {
      throw UsageError(
        "'\(output.name)' would replace '\(input.path)', which is read", syntax)
    }
  }

  /// The file that `path` means, however it is spelt.
  static func identity(_ path: String) -> String {
    if let whole = resolved(path) { return whole }
    // A link may lead to what is not there yet.
    let path = OutputFile.target(of: path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return (resolved(InputFile.folder(of: path)) ?? InputFile.folder(of: path)) + "/" + name
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
