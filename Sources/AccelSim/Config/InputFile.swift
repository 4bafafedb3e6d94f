import Glibc

/// Reads files that users name.
public enum InputFile {
  /// Why a file could not be read, in the system's words.
  public struct Failure: Error, Equatable {
    public var reason: String
  }

  /// The content of a regular file or a pipe of at most `limit` bytes.
  public static func bytes(path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: lastError()) }
    defer { close(descriptor) }
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
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func lastError() -> String {
    let code = errno
    return strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }
}
