import Foundation
import Testing

@testable import AccelSim

/// Hand-made records against hand-made runs.
@Suite struct BaselineComparisonTests {
  private typealias Operator = BaselineRecord.Operator

  private static func network(_ operators: [(String, Int, [String: Int])]) -> BaselineRecord {
    var record = BaselineRecord()
    record.operators = operators.enumerated().map { index, row in
      Operator(name: row.0, cycles: row.1, uses: row.2, line: 10 + index)
    }
    record.cycles = operators.reduce(0) { $0 + $1.1 }
    return record
  }

  private static let base = [
    ("q", 1000, ["loads": 400, "array busy": 600]), ("k", 2000, ["loads": 2000]),
    ("q", 3000, ["stores": 3000]),
  ]

  private static func compare(
    _ expected: BaselineRecord?, _ now: BaselineRecord, tolerance: Double = 0,
    commands: [String] = []
  ) -> BaselineComparison {
    var item = BaselineCase(
      name: "w on m", config: "m", subject: .matmul(rows: 1, inner: 1, columns: 1))
    item.expected = expected
    item.line = 3
    return BaselineComparison(
      item, .measured(BaselineMeasurement(record: now, commands: commands)), tolerance: tolerance)
  }

  @Test func nothingMoved() {
    let item = Self.compare(Self.network(Self.base), Self.network(Self.base))
    #expect(item.verdict == .asRecorded && item.differences.isEmpty && item.notes.isEmpty)
  }

  @Test func anOperatorMoved() throws {
    var now = Self.base
    // The second of that name.
    now[2] = ("q", 3030, ["stores": 2990, "loads": 40])
    let item = Self.compare(Self.network(Self.base), Self.network(now))
    #expect(item.verdict == .moved)
    let row = try #require(item.differences.first)
    #expect(item.differences.count == 1)
    #expect(row.name == "q" && row.before == 3000 && row.after == 3030 && row.delta == 30)
    #expect(row.cause == "loads" && row.causeCycles == 40)
    #expect(row.line == 12)
    #expect(item.delta == 30 && item.cause == "loads" && item.causeCycles == 40)
  }

  @Test func usesAloneCount() {
    var now = Self.base
    now[1].2 = ["loads": 1999, "stores": 1]
    let exact = Self.compare(Self.network(Self.base), Self.network(now))
    #expect(exact.verdict == .moved)
    #expect(exact.differences.map(\.delta) == [0])
    // Where some cycles are allowed, what they went to is, too.
    let tolerant = Self.compare(Self.network(Self.base), Self.network(now), tolerance: 0.1)
    #expect(tolerant.verdict == .asRecorded)
  }

  @Test(arguments: [(1010, 0.99, true), (1010, 1.0, false), (990, 1.0, false), (989, 1.0, true)])
  func whatIsWithinTheToleranceDoesNotMove(_ cycles: Int, _ percent: Double, _ moves: Bool) {
    var now = Self.base
    now[0].1 = cycles
    let item = Self.compare(Self.network(Self.base), Self.network(now), tolerance: percent)
    #expect((item.verdict == .moved) == moves)
  }

  @Test func missingAndNew() {
    let renamed = [Self.base[0], ("kk", 2000, ["loads": 2000]), Self.base[2]]
    let item = Self.compare(Self.network(Self.base), Self.network(renamed))
    #expect(item.verdict == .missing)
    #expect(item.differences.map(\.name) == ["kk", "k"])
    #expect(item.differences.map(\.before) == [nil, 2000])
    #expect(item.differences.map(\.after) == [2000, nil])
    #expect(item.differences.map(\.line) == [10, 11])
    let more = Self.compare(
      Self.network(Self.base), Self.network(Self.base + [("v", 5, ["loads": 5])]))
    // That the sum has five cycles more is no finding of its own.
    #expect(more.verdict == .new)
    var both = Self.base + [("v", 5, ["loads": 5])]
    both[0].1 += 1
    #expect(Self.compare(Self.network(Self.base), Self.network(both)).verdict == .moved)
    #expect(Self.compare(nil, Self.network(Self.base)).verdict == .new)
  }

  @Test func theFirstCommandInTime() {
    var old = BaselineRecord()
    old.cycles = 100
    old.fences = [50, 100]
    old.commands = [
      .init(allocated: 4, issued: 5, completed: 90), .init(allocated: 5, issued: 20, completed: 30),
      .init(allocated: 6, issued: 40, completed: -1),
    ]
    var new = old
    new.commands[0].completed = 95
    new.commands[1].issued = 22
    new.commands[1].completed = 32
    let item = Self.compare(old, new, commands: ["mvin", "mvin2", "mvout"])
    #expect(item.verdict == .moved)
    #expect(item.notes == ["first command: 1, mvin2: issued 20 before, 22 now"])
    var never = old
    never.commands[2].completed = 70
    #expect(
      Self.compare(old, never, commands: ["mvin", "mvin2", "mvout"]).notes
        == ["first command: 2, mvout: completed never before, 70 now"])
    var later = old
    later.fences = [50, 101]
    let fence = Self.compare(old, later)
    #expect(fence.verdict == .moved && fence.differences.map(\.name) == ["fence 1"])
    later.fences = [50]
    #expect(Self.compare(old, later).verdict == .missing)
  }

  @Test func anotherFileIsSaid() {
    var old = Self.network(Self.base)
    old.digest = "0"
    var new = old
    #expect(Self.compare(old, new).verdict == .asRecorded)
    new.digest = "1"
    let item = Self.compare(old, new)
    #expect(item.verdict == .moved)
    #expect(item.notes == ["the file that runs is not the recorded one"])
  }

  @Test func whatCannotRunIsMissingAndFaultsAreWorst() {
    var item = BaselineCase(
      name: "w", config: "m", subject: .matmul(rows: 1, inner: 1, columns: 1))
    item.expected = Self.network(Self.base)
    let failed = BaselineComparison(item, .failed("no such file"), tolerance: 0)
    #expect(failed.verdict == .missing && failed.notes == ["does not run: no such file"])
    let fault = BaselineComparison(
      item,
      .measured(
        BaselineMeasurement(record: Self.network(Self.base), imbalances: ["load: 1 of 2 cycles"])),
      tolerance: 0)
    #expect(fault.verdict == .unbalanced)
    #expect(
      [.asRecorded, .new, .moved, .missing, .unbalanced]
        == [BaselineComparison.Verdict.missing, .unbalanced, .new, .asRecorded, .moved].sorted())
  }

  // MARK: Reports

  /// One case of each kind.
  private static func report() -> BaselineReport {
    var now = base
    now[1] = ("k", 2600, ["loads": 1_999, "host: conversions": 601])
    var old = network(base)
    old.cycleModel = CycleModel.version + 1
    var item = BaselineCase(
      name: "<gone> & \"lost\"", config: "m", subject: .matmul(rows: 1, inner: 1, columns: 1))
    item.expected = old
    item.line = 40
    return BaselineReport(files: [
      .init(
        path: "B/a,b.json",
        cases: [
          compare(old, network(now)), compare(network(base), network(base)),
          BaselineComparison(item, .failed("50% of it\nis gone"), tolerance: 0),
        ]), .init(path: "B/c.json", cases: [compare(nil, network(base))]),
    ])
  }

  @Test func textOfWhatMoved() {
    let text = Self.report().text()
    let old = CycleModel.version + 1
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(
      text.hasPrefix(
        """
        w on m: moved
          B/a,b.json:3
          Operator  before  after  delta       %              most of it
          k          2,000  2,600   +600  +30.00  +601 host: conversions
          total      6,000  6,600   +600  +10.00  +601 host: conversions
          recorded by version \(old) of the cycle model; this is version \(old - 1)

        <gone> & "lost": missing
          B/a,b.json:40
        """))
    #expect(text.hasSuffix("\n4 cases: 1 missing, 1 moved, 1 new, 1 as recorded\n"))
    let calm = BaselineReport(files: [
      .init(path: "x", cases: [Self.compare(Self.network(Self.base), Self.network(Self.base))])
    ])
    #expect(Self.report().markdown().contains("| k | 2,000 | 2,600 | +600 | +30.00 |"))
    #expect(calm.text() == "1 case: all as recorded\n")
    #expect(calm.annotations.isEmpty && calm.verdict == .asRecorded)
  }

  @Test func manyOperatorsAreCut() {
    let many = (0..<100).map { ("operator\($0)", 1000 + $0, ["loads": 1000 + $0]) }
    let now = many.enumerated().map { ($1.0, $1.1 + $0, ["loads": $1.1 + $0]) }
    let item = Self.compare(Self.network(many), Self.network(now))
    let report = BaselineReport(files: [.init(path: "f", cases: [item])])
    let lines = report.text().split(separator: "\n")
    #expect(lines.count == 26)
    // Operator 0 moved by nothing; those from 80 on moved most.
    #expect(lines[3].hasPrefix("  operator80 ") && lines[22].hasPrefix("  operator99 "))
    #expect(lines[24] == "  and 79 more that moved no further; --json has them")
  }

  @Test func annotationsAreEscaped() {
    let lines = Self.report().annotations.split(separator: "\n")
    #expect(
      lines.map(String.init) == [
        "::error file=B/a%2Cb.json,line=11,title=w on m%3A moved::k: 2,000 -> 2,600 (+600, +30.00 "
          + "%25), +601 host: conversions%0Atotal: 6,000 -> 6,600 (+600, +10.00 %25), +601 "
          + "host: conversions",
        "::error file=B/a%2Cb.json,line=40,title=<gone> & \"lost\"%3A missing::total: 6,000 -> - "
          + "(missing)%0Adoes not run: 50%25 of it%0Ais gone",
        "::error file=B/c.json,line=3,title=w on m%3A new::total: - -> 6,000 (new)",
      ])
    #expect(CIText.property("a:b,c%\r\n") == "a%3Ab%2Cc%25%0D%0A")
    #expect(CIText.attribute("<a b=\"c&d\">\u{1}\n") == "&lt;a b=&quot;c&amp;d&quot;&gt;?&#10;")
  }

  @Test func junitCountsWhatItHolds() {
    let xml = Self.report().junit
    #expect(
      xml.hasPrefix(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"simctl check\" tests=\"4\" "
          + "failures=\"2\" errors=\"1\">\n  <testsuite name=\"B/a,b.json\" tests=\"3\" failures=\"1\" "
          + "errors=\"1\">\n"))
    #expect(xml.contains("<testcase name=\"&lt;gone&gt; &amp; &quot;lost&quot;\""))
    #expect(xml.contains("<failure type=\"new\" message=\"new; total: - -&gt; 6,000 (new)\">"))
    // Every element that opens closes, in order.
    var open: [Substring] = []
    for part in xml.split(separator: "<").dropFirst() {
      let tag = part.prefix { $0 != ">" }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
      } else if !tag.hasSuffix("/") && !tag.hasPrefix("?") {
        open.append(tag.prefix { $0 != " " })
      }
    }
    #expect(open.isEmpty)
  }
}
