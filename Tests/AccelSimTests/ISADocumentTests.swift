import Foundation
import Testing

@testable import AccelSim

@Suite struct ISADocumentTests {
  /// `RECORD_GOLDEN=1 swift test --filter ISADocument` writes the document anew.
  @Test func committedDocumentIsTheDeclarations() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Docs/ISA.md")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(ISADocument.markdown.utf8).write(to: path)
    }
    let committed = try String(contentsOf: path, encoding: .utf8)
    #expect(committed == ISADocument.markdown, "Docs/ISA.md is old: run with RECORD_GOLDEN=1")
  }

  @Test func exampleAssembles() throws {
    let parts = ISADocument.markdown.components(separatedBy: "```")
    let example = try #require(parts.dropFirst().first)
    let trace = try Assembler.assemble(Array(example.utf8), file: "Docs/ISA.md")
    #expect(trace.split(separator: "\n").count == 11)
  }
}
