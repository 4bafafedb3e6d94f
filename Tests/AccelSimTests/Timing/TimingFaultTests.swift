import Testing

@testable import AccelSim

/// What the array gets wrong, met in programs of a few commands that nothing has judged before.
@Suite struct TimingFaultTests {
  private static let garbage = tile(0xffff_ffff)
  private static let weightStationary = config(4)
  private static let outputStationary = config(0)
  /// A of an output-stationary operation does not go through the transposer.
  private static let outputStationaryTransposed = config(1 << 8)

  private static func tile(_ address: UInt64) -> UInt64 { 0x0010_0010_0000_0000 | address }

  /// config_ex with strides of 1.
  private static func config(_ bits: UInt64) -> Command {
    Command(.config, 0x3f80_0000_0001_0000 | bits, 0x0001_0000_0000_0000)
  }

  /// A preload and its compute, with C in the accumulator or without.
  private static func pair(hasResult: Bool) -> [Command] {
    [
      Command(.preload, garbage, hasResult ? tile(0x8000_0000) : garbage),
      Command(.computePreloaded, tile(0), tile(0x2000)),
    ]
  }

  /// A chain over k that waits for its next pair while an older result is on its way, its A not
  /// through the transposer: the idle flush spoils the sums (C6).
  @Test func aFlushedChainStops() throws {
    let pairs =
      [Self.outputStationaryTransposed] + Self.pair(hasResult: true) + Self.pair(hasResult: false)
    let last = [
      Command(.preload, Self.garbage, Self.tile(0x8000_0010)),
      Command(.computeAccumulated, Self.tile(0), Self.tile(0x2000)),
    ]
    #expect(try fault(of: pairs + last, pausingAfter: nil) == nil)
    let message = try fault(of: pairs + last, pausingAfter: pairs.count)
    #expect(message?.contains("corrections C6") == true, "\(message ?? "none")")
  }

  /// Sums that no command takes out, then the other dataflow: the tag of its first operation waits for
  /// rows that the tag before takes (facts 7.3), whatever the host and the array.
  @Test(arguments: ["rtl-default", "gemmini-default"], [4, 16])
  func leftSumsStop(_ preset: String, size: Int) throws {
    let commands =
      [Self.outputStationary] + Self.pair(hasResult: false) + [Self.weightStationary]
      + Self.pair(hasResult: true)
    for interval in [1, 40, 200] {
      let message = try fault(of: commands, preset) {
        $0.array.meshRows = size
        $0.array.meshColumns = size
        $0.host.issueInterval = interval
      }
      #expect(message?.contains("output-stationary sums") == true, "\(message ?? "none")")
    }
  }

  /// A result on its way when config_ex comes is flushed out, and the sums behind it as well. One
  /// that had left before does not help, nor do commands behind that drive the result out at last, with
  /// the rows of a flush.
  @Test func leftSumsBehindAResult() throws {
    let first = [Self.outputStationary] + Self.pair(hasResult: true)
    let commands =
      first + Self.pair(hasResult: false) + [Self.weightStationary] + Self.pair(hasResult: true)
      + [Self.weightStationary]
    #expect(try fault(of: commands) == nil)
    let message = try fault(of: commands, pausingAfter: first.count)
    #expect(message?.contains("output-stationary sums") == true, "\(message ?? "none")")
  }

  /// What stops `commands`, run with a wait for idleness after so many of them.
  private func fault(
    of commands: [Command], _ preset: String = "rtl-default", pausingAfter count: Int? = nil,
    _ change: (inout HardwareConfig) -> Void = { _ in }
  ) throws -> String? {
    var config = try #require(HardwareConfig.preset(preset))
    change(&config)
    do {
      try drive(commands, on: Machine(config), pausingAfter: count)
      return nil
    } catch SimulationError.illegal(let message) {
      return message
    }
  }

  private func drive(_ commands: [Command], on machine: Machine, pausingAfter count: Int?) throws {
    var run = TimingRun(machine, observer: NullObserver())
    for (index, command) in commands.enumerated() {
      if index == count { _ = try run.waitUntilIdle() }
      try run.accept(command)
    }
    try run.fence()
  }
}
