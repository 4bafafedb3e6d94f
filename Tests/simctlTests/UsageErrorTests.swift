import SystolicCore
import Testing

@testable import simctl

/// Wrong calls: exit code 64 and one message in the words of Apple's argument parser.
@Suite struct UsageErrorTests {
  private static let operations: String = {
    let names = NonlinearOperation.allCases.map { "'\($0)'" }
    return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }()

  static let calls: [([String], String)] = [
    (["runn"], "Unknown subcommand 'runn'. Did you mean 'run'?"),
    (["frobnicate"], "Unknown subcommand 'frobnicate'"),
    (["--verison"], "Unknown option '--verison'. Did you mean '--version'?"),
    (["config"], "'config' needs one of the subcommands 'list', 'show', 'validate', 'schema'"),
    (["config", "shwo"], "Unknown subcommand 'config shwo'. Did you mean 'config show'?"),
    (["run", "--latncy", "3"], "Unknown option '--latncy'. Did you mean '--latency'?"),
    (["run", "--zzz"], "Unknown option '--zzz'"),
    (["run", "-x"], "Unknown option '-x'"),
    (["run", "--latency"], "Missing value for '--latency <cycles>'"),
    (
      ["run", "--commands", "/tmp/a.csv", "--events", "/tmp/./a.csv"],
      "'--commands' and '--events' name the same file"
    ),
    (["run", "--latency", "--json"], "Missing value for '--latency <cycles>'"),
    (
      ["run", "--latency", "soon"],
      "The value 'soon' is invalid for '--latency <cycles>': must be a whole number 1...1000000"
    ),
    (
      ["run", "--latency=0"],
      "The value '0' is invalid for '--latency <cycles>': must be a whole number 1...1000000"
    ),
    (
      ["run", "--issue-gap", "-1"],
      "The value '-1' is invalid for '--issue-gap <cycles>': must be a whole number 1...1000000"
    ),
    (["run", "--json=yes"], "The option '--json' takes no value, but 'yes' was specified."),
    (["run", "extra"], "Unexpected argument 'extra'"),
    (
      ["run", "bert-base"], "Unexpected argument 'bert-base'. Did you mean '--workload bert-base'?"
    ),
    (
      ["roofline", "nets/my.json"],
      "Unexpected argument 'nets/my.json'. Did you mean '--workload nets/my.json'?"
    ),
    (
      ["run", "gemmini-fp:dma.busBits=64"],
      "Unexpected argument 'gemmini-fp:dma.busBits=64'. "
        + "Did you mean '--config gemmini-fp:dma.busBits=64'?"
    ),
    (["run", "--workload", "gpt2", "bert-base"], "Unexpected argument 'bert-base'"),
    (
      ["run", "--tile", "0x1x1"],
      "The value '0x1x1' is invalid for '--tile <IxJxK>': three sizes such as 4x4x8"
    ),
    (["run", "a", "b"], "2 unexpected arguments: 'a', 'b'"),
    (["run", "--", "--bias"], "Unexpected argument '--bias'"),
    (
      ["run", "--matmul", "3x4"],
      "The value '3x4' is invalid for '--matmul <MxKxN>': three sizes such as 128x768x768"
    ),
    (
      ["run", "--matmul", "3x-4x5"],
      "The value '3x-4x5' is invalid for '--matmul <MxKxN>': three sizes such as 128x768x768"
    ),
    (
      ["run", "--matmul", "99999999999999999999x4x5"],
      "The value '99999999999999999999x4x5' is invalid for '--matmul <MxKxN>': "
        + "three sizes such as 128x768x768"
    ),
    (
      ["run", "--dataflow", "is"],
      "The value 'is' is invalid for '--dataflow <ws|os>': please provide one of 'ws' and 'os'"
    ),
    (["run", "--bias", "--repeating-bias"], "'--bias' and '--repeating-bias' exclude each other"),
    (["run", "--low-d"], "'--low-d' needs '--bias' or '--repeating-bias'"),
    (
      ["run", "--relu", "--activation", "igelu"],
      "'--relu' and '--activation igelu' exclude each other"
    ),
    (
      ["run", "--commands", "-"],
      "The value '-' is invalid for '--commands <file.csv>': standard output is no file; './-' is "
        + "a file of this name"
    ),
    (["replay"], "Missing expected argument '<trace>'"),
    (["replay", "x.trace"], "Missing expected argument '--config <config>'"),
    (["validate"], "Missing expected argument '<folder>'"),
    (
      ["wavefront", "--cycles", "5-2"],
      "The value '5-2' is invalid for '--cycles <first-last>': a cycle, or two such as 0-12"
    ),
    (
      ["wavefront", "--size", "9"],
      "The value '9' is invalid for '--size <n>': must be a whole number 2...8"
    ),
    (
      ["run", "--workload", "bert-base", "--relu"],
      "'--workload' and '--relu' exclude each other"
    ),
    (["run", "--sequence", "3"], "'--sequence' needs '--workload'"),
    (
      ["run", "--workload", "bert-base", "--mapping", "q=1x2"],
      "The value 'q=1x2' is invalid for '--mapping <op=IxJxK,...>': such as "
        + "'q=5x5x48,layer0.ffn1=4x4x48'"
    ),
    (["lower"], "Missing expected argument '<workload>'"),
    (
      ["nonlinear", "sofmax"],
      "The value 'sofmax' is invalid for '<operation>': please provide one of \(operations). "
        + "Did you mean 'softmax'?"
    ),
    (["nonlinear", "--on-chip"], "'--on-chip' needs '--placement fpUnit'"),
    (["nonlinear", "--placement", "host"], "'--placement' needs an operation"),
    (
      ["nonlinear", "softmax", "--placement", "cpu"],
      "The value 'cpu' is invalid for '--placement <place>': please provide one of 'host', "
        + "'fpUnit' and 'integerUnit'"
    ),
    (
      ["nonlinear", "--rows", "65536", "--length", "257"],
      "65536 rows of 257 elements are too many: at most 16777216 in all"
    ),
    (["workloads"], "'workloads' needs one of the subcommands 'list', 'show', 'schema'"),
    (["analyze"], "Missing expected argument '<workload>'"),
    (
      ["analyze", "bert-base", "--layers", "many"],
      "The value 'many' is invalid for '--layers <n>': must be a whole number 1...256"
    ),
    (
      ["analyze", "bert-base", "--sequnce", "3"],
      "Unknown option '--sequnce'. Did you mean '--sequence'?"
    ),
    (
      ["analyze", "bert-base", "--traffic", "real"],
      "The value 'real' is invalid for '--traffic <rule>': please provide one of 'ideal', "
        + "'unfused' and 'tiled'"
    ),
    (
      ["workloads", "show", "gpt2-generate"],
      "'gpt2-generate' is 128 workloads in a row; take one of them, such as 'gpt2-decode'"
    ),
    (
      ["analyze", "net.json", "--batch", "2"], "'--batch' is for models, but 'net.json' is a file"
    ),
    (["numerics"], "Missing expected argument '<operation>'"),
    (
      ["numerics", "sofmax"],
      "The value 'sofmax' is invalid for '<operation>': please provide one of 'softmax', "
        + "'layernorm' and 'gelu'. Did you mean 'softmax'?"
    ),
    (
      ["numerics", "relu6"],
      "The value 'relu6' is invalid for '<operation>': please provide one of 'softmax', "
        + "'layernorm' and 'gelu'"
    ),
    (
      ["numerics", "gelu", "--rows", "0"],
      "The value '0' is invalid for '--rows <n>': must be a whole number 1...65536"
    ),
    (
      ["numerics", "gelu", "--length", "1048577"],
      "The value '1048577' is invalid for '--length <n>': must be a whole number 1...1048576"
    ),
    (
      ["numerics", "gelu", "--rows", "65536", "--length", "1025"],
      "rows times length must be at most 67108864, is 67174400"
    ),
  ]

  @Test(arguments: calls) func eachWrongCallHasItsMessage(_ words: [String], _ message: String)
    async
  {
    let console = Console.capturing()
    let code = await Simctl.run(words, console: console)
    #expect(code == .usage)
    #expect(console.output.isEmpty)
    let lines = console.errors.split(separator: "\n")
    #expect(lines.first.map(String.init) == "Error: \(message)")
    #expect(lines.count == 3)
    #expect(lines.last?.hasSuffix("--help' for more information.") == true)
  }

  @Test func usageNamesWhatIsRequired() async {
    let outcome = await call("replay")
    #expect(
      outcome.errors.hasSuffix(
        """
        Usage: simctl replay --config <config> <trace> [<options>]
          See 'simctl replay --help' for more information.

        """))
  }

  /// No word list, however odd, ends in anything but an exit code.
  @Test func oddCalls() async {
    let words = [
      "", "-", "--", "=", "--=", "--config=", "run", "config", "show", "--json", "--matmul=1x1x1",
      "\u{0}", "é", "--tile=0x0x0", "999999999999999999999", "-1",
    ]
    for first in words {
      for second in words {
        let console = Console.capturing()
        _ = await Simctl.run([first, second, "--help="], console: console)
        #expect(!(console.output.isEmpty && console.errors.isEmpty))
      }
    }
  }
}
