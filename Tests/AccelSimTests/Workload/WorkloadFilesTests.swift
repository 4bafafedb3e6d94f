import AccelSim
import Foundation
import Testing

/// The files that come from the declaration of operators: schema, reference.
///
/// `RECORD_GOLDEN=1 swift test --filter WorkloadFiles` writes them anew.
@Suite struct WorkloadFilesTests {
  private func committed(_ path: String, generated: String) throws -> String {
    let url = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: path)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try generated.write(to: url, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: url, encoding: .utf8)
  }

  @Test func theReferenceIsWhatTheDeclarationSays() throws {
    let text = Workload.referencePage()
    #expect(try committed("Docs/Workload.md", generated: text) == text)
  }

  @Test func theSchemaIsWhatTheDeclarationSays() throws {
    let text = Workload.schema()
    #expect(try committed("Configs/schema/workload.schema.json", generated: text) == text)
  }

  @Test func theExampleOfTheReferenceIsAWorkload() throws {
    let parts = Workload.referencePage().components(separatedBy: "```")
    let example = try #require(parts.first { $0.hasPrefix("json\n") }).dropFirst(5)
    let workload = try Workload(json: String(example))
    #expect(workload.macs == 16 * 64 * 256)
    #expect(workload["y"].shape == [16, 256])
    #expect(try Workload(json: workload.json()) == workload)
  }
}
