import Foundation
import Testing

@testable import simctl

/// The recorded runs that the repository holds: every fence, every command, every byte.
@Suite struct FixtureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/golden").path

  @Test(arguments: ["rtl", "rtl-random", "software"])
  func everyRowIsExact(_ part: String) async throws {
    let outcome = await call("validate", "\(Self.folder)/\(part)", "--json")
    #expect(outcome.code == .success)
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let folders = try #require((report as? [String: Any])?["folders"] as? [[String: Any]])
    let folder = try #require(folders.first)
    #expect(folder["name"] as? String == part)
    let rows = try #require(folder["rows"] as? Int)
    #expect(rows > 20)
    #expect(folder["exactRows"] as? Int == rows)
    let commands = try #require(folder["commands"] as? Int)
    #expect(commands > 1000)
    #expect(folder["exactCommands"] as? Int == commands)
    #expect((folder["inexact"] as? [Any])?.isEmpty == true)
    #expect(folder["exactPrograms"] as? Int == folder["programs"] as? Int)
  }
}
