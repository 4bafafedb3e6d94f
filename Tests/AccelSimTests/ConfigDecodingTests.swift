import AccelSim
import Testing

/// From JSON text to a configuration, or to everything that is wrong with it.
@Suite struct ConfigDecodingTests {
  private func problems(_ text: String) -> [ConfigProblem] {
    do {
      _ = try HardwareConfig(json: text, file: "c.json")
      return []
    } catch {
      return error.problems
    }
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    #expect(try HardwareConfig(json: "{}") == HardwareConfig())
    let config = try HardwareConfig(
      json: #"{"$schema": "x", "name": "n", "queues": {"load": 5}, "dma": {}}"#)
    var expected = HardwareConfig()
    expected.name = "n"
    expected.queues.load = 5
    #expect(config == expected)
  }

  @Test func aProblemNamesFileLineKeyFoundAndExpected() throws {
    let problem = try #require(
      problems("{\n  \"array\": {\n    \"tileLatency\": 1.5\n  }\n}").first)
    #expect(problem.position == TextPosition(line: 3, column: 20))
    #expect(
      problem.description
        == "c.json:3:20: array.tileLatency: found 1.5; expected a whole number 0...16")
  }

  @Test func allProblemsComeTogetherInTheOrderOfTheFile() {
    let found = problems(
      """
      {
        "arrray": {},
        "scratchpad": {"singlePorted": "yes", "bank": 4},
        "dma": {"maxBytes": 65, "busBits": 1e3, "busBits": 128},
        "array": {"dataflow": "weightstationary", "meshRows": 8},
        "memory": [],
        "host": {"issueInterval": 99999999999999999999},
        "$schema": 1,
      }
      """)
    #expect(
      found.map(\.path)
        == [
          "arrray", "scratchpad.singlePorted", "scratchpad.bank", "dma.maxBytes", "dma.busBits",
          "dma.busBits", "array.dataflow", "array.meshRows", "memory", "host.issueInterval",
          "$schema",
          "",
        ])
    #expect(found.map { $0.position?.line } == [2, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 8])
    #expect(found.allSatisfy { $0.file == "c.json" })
  }

  @Test(arguments: [
    (#"{"scratchpd": {}}"#, "scratchpad"),
    (#"{"DMA": {}}"#, "dma"),
    (#"{"reservation_station": {}}"#, "reservationStation"),
    (#"{"scratchpad": {"capacityKb": 1}}"#, "capacityKiB"),
    (#"{"scratchpad": {"capacity_kib": 1}}"#, "capacityKiB"),
    (#"{"array": {"meshRwos": 1}}"#, "meshRows"),
    (#"{"array": {"busBits": 1}}"#, "dma.busBits"),
    (#"{"busBits": 1}"#, "dma.busBits"),
    (#"{"sp_banks": 4}"#, "scratchpad.banks"),
    (#"{"max_in_flight_mem_reqs": 4}"#, "dma.maxInFlight"),
    (#"{"scratchpad.banks": 4}"#, "scratchpad.banks"),
    (#"{"array": {"dataflow": "Both"}}"#, #""both""#),
    (#"{"array": {"dataflow": "weight-stationary"}}"#, #""weightStationary""#),
    (#"{"reservationStation": {"storeOrder": "afterComplete"}}"#, #""afterCompletion""#),
  ])
  func aMisspeltNameGetsASuggestion(text: String, suggestion: String) {
    let found = problems(text)
    #expect(found.map(\.suggestion) == [suggestion])
    #expect(found.allSatisfy { $0.description.hasSuffix("; did you mean \(suggestion)?") })
  }

  @Test(arguments: [
    #"{"colour": {}}"#, #"{"": 1}"#, #"{"array": {"x": 1}}"#, #"{"dma": {"latency": 1}}"#,
    #"{"array": {"dataflow": "systolic"}}"#, #"{"array": {"dataflow": 1}}"#,
  ])
  func aStrangeNameGetsNone(text: String) {
    #expect(problems(text).map(\.suggestion) == [nil])
  }

  @Test(arguments: [
    #"{"array": {"meshRows": "16"}}"#, #"{"array": {"meshRows": 16.0}}"#,
    #"{"array": {"meshRows": 1.6e1}}"#, #"{"array": {"meshRows": true}}"#,
    #"{"array": {"meshRows": null}}"#, #"{"array": {"meshRows": [16]}}"#,
    #"{"array": {"meshRows": -16}}"#, #"{"array": {"meshRows": 9223372036854775807}}"#,
    #"{"array": {"meshRows": -9223372036854775808}}"#, #"{"array": null}"#, #"{"array": 3}"#,
    #"{"scratchpad": {"singlePorted": 1}}"#, #"{"scratchpad": {"singlePorted": "true"}}"#,
    #"{"name": 1}"#, #"{"name": ""}"#, #"{"name": "a\nb"}"#, #"{"name": "a\u001b[31m"}"#,
    #"{"name": "\#(String(repeating: "x", count: 101))"}"#, "[]", "3", "\"{}\"", "null",
    #"{"scratchpad": {"elementType": "float32"}}"#,
    #"{"accumulator": {"elementType": "float32"}}"#,
  ])
  func aValueOfTheWrongKindIsRefusedOnce(text: String) {
    #expect(problems(text).count == 1)
  }

  @Test func anUnsupportedElementTypeSaysWhatIsSupported() {
    #expect(
      problems(#"{"scratchpad": {"elementType": "float32"}}"#).map(\.description) == [
        "c.json:1:32: scratchpad.elementType: found \"float32\"; expected \"int8\", "
          + "the only one that is modelled"
      ])
  }

  @Test func whatAMessageQuotesIsSafeToPrint() {
    let long = String(repeating: "k", count: 10_000)
    for text in [
      "{\"\(long)\": 1}", "{\"\\u001b[2J\": 1}", "{\"name\": \"\\u001b[2J\"}",
      "{\"array\": {\"dataflow\": \"\(long)\"}}", "{\"array\": {\"meshRows\": \(long)}}",
      "{\"array\": {\"meshRows\": 1\(String(repeating: "0", count: 10_000))}}",
    ] {
      let lines = problems(text).map(\.description)
      #expect(lines.count == 1)
      for line in lines {
        #expect(line.count < 300)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
      }
    }
  }

  @Test func aRuleBetweenKeysPointsAtAKeyThatTheFileGives() {
    let found = problems("{\"array\": {\n\"tileColumns\": 2}}")
    #expect(found.map(\.path) == ["array.tileColumns"])
    #expect(found.map(\.position) == [TextPosition(line: 2, column: 16)])
    #expect(found.map(\.found) == ["16 rows and 32 columns"])
  }

  @Test func aBadValueBringsNoFollowingErrors() {
    // The rules that need DIM are not judged with a bad row count.
    #expect(problems(#"{"array": {"meshRows": 0}}"#).count == 1)
    #expect(problems(#"{"array": {"meshRows": "x", "dataflow": 1}}"#).count == 2)
  }

  @Test func writtenConfigurationsReadBackEqual() throws {
    for name in HardwareConfig.presetNames {
      var config = try #require(HardwareConfig.preset(name))
      config.name = "quoted \" \\ é 😀"
      #expect(try HardwareConfig(json: config.json()) == config)
      #expect(try HardwareConfig(json: config.json(onlyDifferences: true)) == config)
    }
  }

  @Test func aFileThatCannotBeReadIsAnInvalidConfig() {
    for (path, reason) in [
      ("/nonexistent/x.json", "No such file or directory"), ("/", "Is a directory"),
      ("/dev/zero", "a file of more than 1048576 bytes"), ("", "No such file or directory"),
    ] {
      do {
        _ = try HardwareConfig.load(path: path)
        Issue.record("read \(path)")
      } catch {
        #expect(error.problems.map(\.found) == ["nothing that can be read (\(reason))"])
        #expect(error.problems.map(\.file) == [path])
      }
    }
  }

  @Test func aMachineIsNamedOrAFile() throws {
    #expect(try HardwareConfig.named("gemmini-lean") == HardwareConfig.preset("gemmini-lean"))
    for (name, suggestion) in [("gemini-lean", "gemmini-lean"), ("x.json", nil), ("zz", nil)] {
      do {
        _ = try HardwareConfig.named(name)
        Issue.record("found \(name)")
      } catch {
        #expect(error.problems.map(\.suggestion) == [suggestion])
        #expect(
          error.problems.map(\.found) == ["nothing that can be read (No such file or directory)"])
      }
    }
  }

  @Test func aLongListOfProblemsIsCutInTheDescriptionOnly() {
    let keys = (0..<80).map { "\"zz\($0)\": 1" }.joined(separator: ",\n")
    let error = InvalidConfig(problems: problems("{\(keys)}"))
    #expect(error.problems.count == 80)
    #expect(error.description.split(separator: "\n").count == 51)
    #expect(error.description.hasSuffix("… and 30 more"))
  }
}
