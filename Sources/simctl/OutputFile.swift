import AccelSim
import Glibc

/// A file that a command promises to write; nothing of it is seen before it is complete.
struct OutputFile {
  let path: String
  let overwrites: Bool
  /// Where the file is, if `path` is a symbolic link: the link stays.
  private let target: String

  /// Checks early, before any work, that the file may be created.
  ///
  /// - Throws: `CommandFailure` (73) if it exists and `overwrites` is false or it may not be written,
  ///   or its folder is missing or may not be written.
  init(_ path: String, overwrites: Bool) throws {
    self.path = path
    self.overwrites = overwrites
    target = Self.target(of: path)
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw CommandFailure(.cannotCreate, "'\(path)' cannot be created: it is a folder")
      }
      // Replacing would put a plain file in the place of a device or a pipe.
      if status.st_mode & S_IFMT != S_IFREG {
        throw CommandFailure(
          .cannotCreate, "'\(path)' cannot be replaced: it is not a regular file")
      }
      if !overwrites {
        throw CommandFailure(
          .cannotCreate, "'\(path)' exists already; '--force' replaces it")
      }
      // Replacing asks only the folder; whoever made the file read-only means the file.
      if access(target, W_OK) != 0 {
        throw CommandFailure(
          .cannotCreate, "'\(path)' cannot be replaced: \(SystemError(number: errno))")
      }
    } else if errno == ELOOP {
      throw CommandFailure(
        .cannotCreate, "'\(path)' cannot be created: \(SystemError(number: ELOOP))")
    }
    let folder = InputFile.folder(of: target)
    if stat(folder, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
      throw CommandFailure(.cannotCreate, "'\(path)' cannot be created: no folder '\(folder)'")
    }
    if access(folder, W_OK | X_OK) != 0 {
      throw CommandFailure(
        .cannotCreate,
        "'\(path)' cannot be created: folder '\(folder)': \(SystemError(number: errno))")
    }
  }

  /// What `path` names behind symbolic links, whether that exists or not.
  static func target(of path: String) -> String {
    var path = path
    // As many as the system follows.
    for _ in 0..<40 {
      var name = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(path, &name, name.count)
      guard count > 0 else { return path }
      let link = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      path = link.hasPrefix("/") ? link : "\(InputFile.folder(of: path))/\(link)"
    }
    return path
  }

  /// Writes the chunks that `produce` hands over, then puts the file in its place in one step.
  ///
  /// - Throws: `CommandFailure` (73 or 74); no partial file stays behind.
  func write(_ produce: ((String) throws -> Void) throws -> Void) throws {
    try fill { descriptor in
      var buffer: [UInt8] = []
      try produce { text in
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 18 {
          try Console.write(buffer, to: descriptor)
          buffer.removeAll(keepingCapacity: true)
        }
      }
      try Console.write(buffer, to: descriptor)
    }
  }

  /// Lets `body` write to a descriptor, then puts the file in its place in one step.
  ///
  /// - Throws: What `body` throws, and `CommandFailure` (73 or 74); no partial file stays behind.
  func fill<Result>(_ body: (Int32) throws -> Result) throws -> Result {
    let (temporary, descriptor, mark) = try openTemporary()
    defer { Interrupt.didWrite(mark) }
    let result: Result
    do {
      result = try body(descriptor)
      try keepOld(descriptor)
    } catch {
      close(descriptor)
      unlink(temporary)
      if let error = error as? SystemError {
        throw CommandFailure(.inputOutput, "'\(path)' cannot be written: \(error)")
      }
      throw error
    }
    guard close(descriptor) == 0 else {
      let number = errno
      unlink(temporary)
      throw CommandFailure(
        .inputOutput, "'\(path)' cannot be written: \(SystemError(number: number))")
    }
    // A hard link never replaces a file that appeared in the meantime.
    let placed = overwrites ? rename(temporary, target) : link(temporary, target)
    let number = errno
    if !overwrites || placed != 0 { unlink(temporary) }
    guard placed == 0 else {
      throw CommandFailure(
        .cannotCreate, "'\(path)' cannot be created: \(SystemError(number: number))")
    }
    return result
  }

  /// A new file beside the one that is written. A process that was killed may have left one of the same
  /// number, as in a container, where numbers are small.
  private func openTemporary() throws -> (path: String, descriptor: Int32, mark: Interrupt.Mark?) {
    for number in 0..<1000 {
      let temporary = "\(target).\(getpid())\(number == 0 ? "" : "-\(number)").partial"
      let mark = Interrupt.willWrite(temporary)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor, mark) }
      let isTaken = errno == EEXIST
      Interrupt.didWrite(mark)
      if !isTaken { break }
    }
    throw CommandFailure(
      .cannotCreate, "'\(path)' cannot be created: \(SystemError(number: errno))")
  }

  /// What is to take the place of a file gets its rights, and is on the disk before it does: a crash of
  /// the system leaves one or the other.
  private func keepOld(_ descriptor: Int32) throws {
    var status = stat()
    guard overwrites, stat(target, &status) == 0 else { return }
    // Of a file that somebody else owns, as far as that is allowed.
    _ = fchmod(descriptor, status.st_mode & 0o777)
    // Where there is nothing to synchronise, as on some file systems, it is EINVAL.
    if fsync(descriptor) != 0, errno != EINVAL { throw SystemError(number: errno) }
  }
}
