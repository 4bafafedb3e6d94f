import AccelSim
import Foundation
import Testing

/// The strict JSON reader, apart from what configurations mean.
@Suite struct ConfigJSONTests {
  private func parse(_ text: String) -> JSONText { JSONText(parsing: Array(text.utf8)) }

  @Test func valuesKnowWhereTheyStand() throws {
    let text = parse("{\n  \"é\": [1, -2.5e3],\r\n\t\"b\" : {\"c\": null}\n}\n")
    #expect(text.problems.isEmpty)
    guard case .object(let members) = try #require(text.value).content else {
      Issue.record("not an object")
      return
    }
    #expect(members.map(\.key) == ["é", "b"])
    #expect(members.map(\.keyPosition.line) == [2, 3])
    #expect(members.map(\.keyPosition.column) == [3, 2])
    guard case .array(let values) = members[0].value.content else {
      Issue.record("not a list")
      return
    }
    // Columns count characters, so that é is one.
    #expect(values.map(\.position.column) == [9, 12])
    #expect(values.map(\.integer) == [1, nil])
  }

  @Test(arguments: [
    ("{\"a\": 1, \"a\": 2}", 1, 10, "each key once"),
    ("{\"a\": 1,}", 1, 8, "no comma after the last element"),
    ("[1,\n2,\n]", 2, 2, "no comma after the last element"),
    ("{\"a\": 1 \"b\": 2}", 1, 9, "\",\" or \"}\""),
    ("{\"a\" 1}", 1, 6, "\":\" after the key"),
    ("{a: 1}", 1, 2, "a key in double quotes"),
    ("[1 2]", 1, 4, "\",\" or \"]\""),
    ("[01]", 1, 2, "a number as JSON writes it"),
    ("[1.]", 1, 2, "a number as JSON writes it"),
    ("[.5]", 1, 2, "a number as JSON writes it"),
    ("[+1]", 1, 2, "a number as JSON writes it"),
    ("[0x10]", 1, 2, "a number as JSON writes it"),
    ("[1e]", 1, 2, "a number as JSON writes it"),
    ("[9223372036854775808]", 1, 2, "a number that fits in 64 bits"),
    ("[1e999]", 1, 2, "a number that fits in 64 bits"),
    ("[NaN]", 1, 2, "a value (text needs double quotes)"),
    ("[True]", 1, 2, "a value (text needs double quotes)"),
    ("[\"a\\q\"]", 1, 4, "one of"),
    ("[\"\\u12G4\"]", 1, 3, "four hex digits"),
    ("[\"\\uD800\"]", 1, 3, "four hex digits"),
    ("[\"\\uD800\\u0041\"]", 1, 3, "four hex digits"),
    ("[\"\\uDC00\"]", 1, 3, "four hex digits"),
    ("[\"a\nb\"]", 1, 4, "a double quote that ends the text"),
    ("[\"a\tb\"]", 1, 4, "control characters written as escapes"),
    ("[\"a", 1, 4, "a double quote that ends the text"),
    ("[\"\\", 1, 4, "a double quote that ends the text"),
    ("[1] 2", 1, 5, "the end of the file"),
    ("[1, // no\n2]", 1, 5, "a value"),
    ("", 1, 1, "a value"),
    ("  \n ", 2, 2, "a value"),
    ("{\"a\": [1, {\"b\": ", 1, 17, "a value"),
    ("\u{FEFF}{}", 1, 1, "plain UTF-8"),
    ("[\u{00A0}1]", 1, 2, "a value"),
  ])
  func badTextIsRefused(text: String, line: Int, column: Int, expected: String) throws {
    let problem = try #require(parse(text).problems.first)
    #expect(problem.position == TextPosition(line: line, column: column))
    #expect(problem.expected.hasPrefix(expected), "\(problem)")
  }

  @Test func problemsOfOneTextComeTogetherWithTheirPaths() {
    let text = parse("{\n\"a\": [1, 02],\n\"b\": {\"c\": nil, \"c\": 1},\n}")
    #expect(text.problems.map(\.path) == ["a[1]", "b.c", "b.c", ""])
    #expect(text.problems.map(\.position.line) == [2, 3, 3, 3])
  }

  @Test func nestingHasALimit() {
    let inside = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(parse(inside).problems.isEmpty)
    #expect(parse("[\(inside)]").problems.map(\.expected) == ["at most 64 levels"])
    // Far deeper than a stack could hold.
    #expect(parse(String(repeating: "[", count: 1_000_000)).problems.count == 1)
    #expect(parse(String(repeating: "{\"a\":", count: 1_000_000)).problems.count == 1)
  }

  @Test func invalidUTF8IsRefused() {
    let quote = UInt8(ascii: "\"")
    for bad in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
      let text = JSONText(parsing: [quote] + bad + [quote])
      #expect(text.problems.map(\.expected) == ["UTF-8 text"])
    }
    #expect(!JSONText(parsing: [0xFF]).problems.isEmpty)
  }

  /// What Foundation's reader makes of the same strings is the judge.
  @Test func stringsMeanWhatFoundationReads() throws {
    for literal in [
      #""""#, #""a\"b\\c\/d\b\f\n\r\t""#, #""\u0041\u00e9\u20AC\uD83D\uDE00""#, "\"é€😀\"",
      #""\u0000\u001f\u2028""#,
    ] {
      let reference = try JSONDecoder().decode([String].self, from: Data("[\(literal)]".utf8))
      guard case .string(let text) = try #require(parse(literal).value).content else {
        Issue.record("not a string: \(literal)")
        continue
      }
      #expect([text] == reference)
      let again = try JSONDecoder().decode(
        [String].self, from: Data("[\(JSONText.quoted(text))]".utf8))
      #expect(again == reference)
    }
  }
}
