import AccelSim
import Glibc

/// The file to which a sweep's outcomes go as soon as they are there. What is written stays, whatever
/// happens to the process: lines are only added, and each is on the disk before the next.
final class JournalFile {
  let path: String
  /// What it held when it was opened.
  let journal: SweepJournal
  private let descriptor: Int32
  /// Whether there is a part of a line behind what the journal holds.
  private var isTorn: Bool

  /// A new file.
  ///
  /// - Throws: `CommandFailure` (73) if there is one already or it cannot be created.
  init(creating path: String) throws {
    self.path = path
    journal = SweepJournal()
    isTorn = false
    descriptor = try Self.open(path, O_RDWR | O_CREAT | O_EXCL)
    Self.synchroniseFolder(of: path)
  }

  /// The file of a sweep that was not finished. A last line that is not whole is cut off before
  /// another is written.
  ///
  /// - Throws: `CommandFailure`: 73 if another process has it, 74 if it cannot be used, 65 if it is not
  ///   a journal of `plan`.
  init(resuming path: String, _ plan: SweepPlan) throws {
    self.path = path
    descriptor = try Self.open(path, O_RDWR | O_NONBLOCK)
    do {
      journal = try Self.read(path, descriptor, plan)
    } catch {
      close(descriptor)
      throw error
    }
    isTorn = journal.isTorn
  }

  deinit { close(descriptor) }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Opens the file for this process alone: two would run the same points.
  private static func open(_ path: String, _ flags: Int32) throws -> Int32 {
    let descriptor = Glibc.open(path, flags | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        throw CommandFailure(
          .cannotCreate,
          "'\(path)' exists: a sweep that was not finished. '--resume' goes on with it; without "
            + "the file the sweep starts again")
      }
      throw CommandFailure(
        .cannotCreate, "'\(path)' cannot be opened: \(SystemError(number: errno))")
    }
    let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    // The process that had it may have finished and removed it in the meantime.
    var status = stat()
    if isTaken || (fstat(descriptor, &status) == 0 && status.st_nlink == 0) {
      close(descriptor)
      throw CommandFailure(.cannotCreate, "'\(path)' is in use: another simctl runs this sweep")
    }
    return descriptor
  }

  private static func read(
    _ path: String, _ descriptor: Int32, _ plan: SweepPlan
  ) throws -> SweepJournal {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFailure(.inputOutput, "'\(path)' is not a regular file")
    }
    let bytes = try InputFileCheck.bytes(path)
    do {
      return try SweepJournal(reading: bytes, of: plan)
    } catch {
      let advice =
        error.isForeign
        ? "go on with the command that it was made with, or remove it to start again"
        : "without the line its point runs again"
      throw CommandFailure(.data, "'\(path)', line \(error.line) is \(error.reason); \(advice)")
    }
  }

  /// Writes a line, to the disk.
  ///
  /// - Throws: `CommandFailure` (74).
  func append(_ line: String) throws {
    if isTorn, ftruncate(descriptor, off_t(journal.length)) != 0 { throw failure(errno) }
    isTorn = false
    do {
      try Console.write(Array(line.utf8), to: descriptor)
    } catch let error as SystemError {
      throw failure(error.number)
    }
    // Where there is nothing to synchronise, as on some file systems, it is EINVAL.
    if fsync(descriptor) != 0, errno != EINVAL { throw failure(errno) }
  }

  /// The sweep is finished and its results are elsewhere.
  func remove() {
    unlink(path)
    Self.synchroniseFolder(of: path)
  }

  private func failure(_ number: Int32) -> CommandFailure {
    CommandFailure(
      .inputOutput,
      "'\(path)' cannot be written: \(SystemError(number: number)); what it holds is kept, and "
        + "'--resume' goes on with it")
  }

  /// Makes the folder remember that the file is there, or gone.
  private static func synchroniseFolder(of path: String) {
    let folder = Glibc.open(OutputFile.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}
