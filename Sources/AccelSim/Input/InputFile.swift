import Glibc

/// Reads files that users name.
package enum InputFile {
  /// Why a file could not be read, in the system's words.
  package struct Failure: Error, Equatable {
    package var reason: String
  }

  /// The file at `path` could not be read, though `expected` was to be in it.
  static func problem(_ failure: Failure, at path: String, expected: String) -> ConfigProblem {
    var problem = ConfigProblem(
      path: "", found: "nothing that can be read (\(failure.reason))", expected: expected)
    problem.file = path
    return problem
  }

  /// The name under which `given` is read, also in errors.
  package static let standardInput = "<stdin>"

  /// What `standardInput` holds; `nil` where nobody gave it, and the name is any file's.
  @TaskLocal package static var given: [UInt8]?

  /// Whether `path` is what was given instead of a file.
  package static func isGiven(_ path: String) -> Bool { path == standardInput && given != nil }

  /// What was given under the name `path`, if that is no file.
  ///
  /// - Throws: `Failure` if it is more than `limit` bytes.
  static func givenBytes(_ path: String, limit: Int) throws(Failure) -> [UInt8]? {
    guard isGiven(path), let given else { return nil }
    guard given.count <= limit else { throw Failure(reason: "more than \(limit) bytes") }
    return given
  }

  /// The content of a regular file or a pipe of at most `limit` bytes.
  package static func bytes(path: String, limit: Int) throws(Failure) -> [UInt8] {
    if let bytes = try givenBytes(path, limit: limit) { return bytes }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: lastError()) }
    defer { close(descriptor) }
    return try bytes(of: descriptor, limit: limit)
  }

  /// Everything that `descriptor` still gives, at most `limit` bytes.
  package static func bytes(of descriptor: Int32, limit: Int) throws(Failure) -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: lastError()) }
      if count == 0 { return content }
      guard content.count + count <= limit else {
        throw Failure(reason: "a file of more than \(limit) bytes")
      }
      content += chunk[..<count]
    }
  }

  /// The folder that the file at `path` is in.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func lastError() -> String {
    let code = errno
    return strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }
}
