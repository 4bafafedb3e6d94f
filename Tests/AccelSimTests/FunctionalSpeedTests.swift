#if !DEBUG
  import Testing

  @testable import AccelSim

  /// Speed of the functional machine alone; printed, not judged: a loaded machine is no evidence.
  @Suite(.enabled(if: Golden.isPresent, "no ../shared/golden here"))
  struct FunctionalSpeedTests {
    @Test(arguments: ["mm_ws_512", "mm_ws_1024", "mm_os_256"])
    func printsSecondsOfAProgram(_ name: String) throws {
      let path = "\(Golden.root)/software/\(name)/trace.txt"
      let machine = Machine(unchecked: HardwareConfig())
      var steps: [ProgramStep] = []
      var reader = try TraceReader(path: path)
      while let step = try reader.next() { steps.append(step) }
      let clock = ContinuousClock()
      var best = Duration.seconds(1000)
      var work = 0
      for _ in 0..<5 {
        let time = try clock.measure {
          work = try FunctionalRun.run(StepList(steps), on: machine).machine.usefulMACs
        }
        best = min(best, time)
      }
      print("functional \(name): \(Double(work) / (best / .nanoseconds(1))) GMAC/s in \(best)")
    }
  }
#endif
