import Foundation
import Testing

@testable import simctl

/// What only a process of its own shows: pipes, closed streams, signals, links.
@Suite struct ProcessTests {
  private func run(_ script: String, in folder: borrowing TemporaryFolder) throws -> BuiltProgram {
    try BuiltProgram(script, in: folder.path)
  }

  @Test func readersThatLeave() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    // More than a pipe holds.
    let left = try run(
      "simctl config schema | head -1 >/dev/null; echo ${PIPESTATUS[0]}", in: folder)
    #expect(left.output == "0\n" || left.output == "141\n")
    #expect(left.errors.isEmpty)
    // The reader is gone before anything is written.
    let gone = try run("simctl config schema | (exec true); sleep 0.1", in: folder)
    #expect(gone.errors.isEmpty)
    let certain = try run(
      "mkfifo p; exec 3<>p; simctl config schema >p & exec 4<p 3>&-; exec 4<&-; wait $!; echo $?",
      in: folder)
    #expect(certain.errors.isEmpty)
    #expect(certain.output == "0\n" || certain.output == "141\n")
  }

  @Test func outputsThatFail() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    let closed = try run("simctl config show >&-", in: folder)
    #expect(closed.status == 74)
    #expect(closed.errors == "Error: Standard output cannot be written: Bad file descriptor\n")
    let full = try run("simctl config show >/dev/full", in: folder)
    #expect(full.status == 74)
    #expect(full.errors == "Error: Standard output cannot be written: No space left on device\n")
    // The report does not end in the file that takes the place of the closed stream.
    let mixed = try run("simctl run --matmul 16x16x16 --commands a.csv >&-", in: folder)
    #expect(mixed.status == 74)
    #expect(try folder.read("a.csv").hasPrefix("seq,"))
    let input = try run("simctl config show - <&-", in: folder)
    #expect(input.status == 66)
    #expect(input.errors == "Error: '<stdin>' cannot be read: Bad file descriptor\n")
  }

  /// A signal ends the process as the signal would, and nothing half written stays.
  @Test(arguments: [("INT", 130), ("TERM", 143)])
  func signalsWhileFilesAreWritten(_ name: String, _ status: Int) throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    // In the background bash would ignore SIGINT for it: the shell becomes the program.
    let script = """
      bash -c 'echo $$ > pid; exec simctl run --matmul 2048x2048x2048 --no-reuse --trace t.json' &
      for i in {1..200}; do compgen -G '*.partial' >/dev/null && break; sleep 0.05; done
      kill -\(name) $(cat pid); wait $!; echo $?; ls
      """
    let outcome = try BuiltProgram("set -m; \(script)", in: folder.path)
    #expect(outcome.output == "\(status)\npid\n", "\(outcome.errors)")
  }

  @Test(arguments: [("INT", 130), ("TERM", 143)])
  func signalsDuringNetworks(_ name: String, _ status: Int) throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    let script = """
      set -m
      bash -c 'echo $$ > pid; exec simctl run --workload bert-base:sequence=16 --no-reuse \
        --log-level debug >out 2>err' &
      for i in {1..200}; do grep -q '1 of' err 2>/dev/null && break; sleep 0.05; done
      kill -\(name) $(cat pid); wait $!; echo $?; head -c 9 out; grep -o Interrupted err
      """
    let outcome = try run(script, in: folder)
    #expect(outcome.output == "\(status)\nbert-baseInterrupted\n", "\(outcome.errors)")
  }

  /// A file that a process of the same number left half written, as in every container, is not in the
  /// way; a file that is replaced keeps its rights; a limit on the size of files is an error in words.
  @Test func whatIsThereAlready() throws {
    guard BuiltProgram.folder != nil else { return }
    let folder = try TemporaryFolder()
    let left = try run(
      """
      echo old >a.csv; chmod 640 a.csv
      bash -c 'echo half >a.csv.$$.partial; exec simctl run --matmul 16x16x16 --commands a.csv \
        --force >/dev/null'
      echo $?; stat -c %a a.csv; head -c 4 a.csv
      """, in: folder)
    #expect(left.output == "0\n640\nseq,", "\(left.errors)")
    // ThreadSanitizer's runtime would put a file of its own into TMPDIR, and end at the limit.
    let full = try run(
      """
      rm -f *.partial; echo old >b.csv; ulimit -f 1; export TMPDIR=/nonexistent
      simctl run --matmul 64x64x64 --commands b.csv --force >/dev/null; echo $?; cat b.csv; ls
      """, in: folder)
    #expect(full.output == "74\nold\na.csv\nb.csv\n", "\(full.errors)")
    #expect(full.errors == "Error: 'b.csv' cannot be written: File too large\n")
  }

  /// What a link names is replaced, the link stays.
  @Test func linksAreWrittenThrough() async throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: "\(folder.path)/there", withIntermediateDirectories: true)
    let link = "\(folder.path)/link.csv"
    try manager.createSymbolicLink(atPath: link, withDestinationPath: "there/real.csv")
    let words = ["run", "--matmul", "16x16x16", "--commands", link]
    // The link leads nowhere yet, but two files are one.
    let both = await call(
      words + ["--events", "\(folder.path)/there/../there/real.csv"], input: "")
    #expect(both.code == .usage && both.errors.contains("name the same file"))
    #expect(await call(words, input: "").code == .success)
    #expect(try manager.destinationOfSymbolicLink(atPath: link) == "there/real.csv")
    let first = try folder.read("there/real.csv")
    try manager.createSymbolicLink(atPath: "\(folder.path)/loop", withDestinationPath: "loop")
    let loop = await call("run", "--matmul", "16x16x16", "--commands", "\(folder.path)/loop")
    #expect(loop.code == .cannotCreate && loop.errors.contains("Too many levels of symbolic links"))
    #expect(first.hasPrefix("seq,"))
    #expect(await call(words, input: "").code == .cannotCreate)
    try Data("old".utf8).write(to: URL(filePath: "\(folder.path)/there/real.csv"))
    #expect(await call(words + ["--force"], input: "").code == .success)
    #expect(try manager.destinationOfSymbolicLink(atPath: link) == "there/real.csv")
    #expect(try folder.read("there/real.csv") == first)
    #expect(try manager.contentsOfDirectory(atPath: "\(folder.path)/there") == ["real.csv"])
  }
}
