import SystolicCore
import Testing

/// When banks can be read and written, against facts 8.1, 8.4 and corrections V1.
@Suite struct BankTimingTests {
  /// Newest revision: usable 2 cycles after the read; recorded ones: 5.
  @Test(arguments: [(0, 2), (4, 5)])
  func scratchpadRowsComeInTime(_ stages: Int, _ delay: Int) {
    for reader in [BankReader.execute, .moveOut] {
      var bank = ScratchpadPorts(singlePorted: true, pipelineStages: stages, queueDepth: 4)
      for cycle in 0...delay {
        let isThere = reader == .execute ? bank.executeData == 1 << 1 : bank.hasMoveOutData(1)
        #expect(isThere == (cycle == delay), "cycle \(cycle)")
        #expect(!(reader == .execute ? bank.hasMoveOutData(1) : bank.executeData != 0))
        _ = bank.settle(cycle)
        if cycle == 0 { bank.read(1, for: reader) }
      }
      if reader == .execute {
        bank.takeExecuteData(1, delay)
      } else {
        bank.takeMoveOutData(1, delay)
      }
      _ = bank.settle(delay)
      expectEqual(bank.settle(delay + 1), false)
      #expect(bank.executeData == 0 && !bank.hasMoveOutData(1))
      #expect(bank.canRead(1))
    }
  }

  @Test(arguments: [0, 4])
  func aBankIsReadEveryCycle(_ stages: Int) {
    var bank = ScratchpadPorts(singlePorted: true, pipelineStages: stages, queueDepth: 4)
    var rows = 0
    for cycle in 0..<20 {
      if bank.executeData == 1 << 1 {
        bank.takeExecuteData(1, cycle)
        rows += 1
      }
      _ = bank.settle(cycle)
      #expect(bank.canRead(1))
      bank.read(1, for: .execute)
    }
    #expect(rows == 20 - (stages == 0 ? 2 : 5))
  }

  /// Facts 8.1: the one-entry register is shared; a full path of one reader blocks both.
  @Test func aFullPathBlocksTheBankForBothReaders() {
    var bank = ScratchpadPorts(singlePorted: true, pipelineStages: 0, queueDepth: 4)
    var reads = 0
    for cycle in 0..<20 {
      _ = bank.settle(cycle)
      if bank.canRead(1) {
        bank.read(1, for: .moveOut)
        reads += 1
      }
    }
    #expect(reads == 5)
    #expect(!bank.canRead(1))
  }

  @Test func aWriteTakesThePortOfASinglePortedBank() {
    for isSinglePorted in [true, false] {
      var bank = ScratchpadPorts(
        singlePorted: isSinglePorted, pipelineStages: 0, queueDepth: 4)
      bank.write(1)
      _ = bank.settle(0)
      #expect(bank.canRead(1) == !isSinglePorted)
      #expect(bank.canRead(0))
      bank.begin()
      _ = bank.settle(1)
      #expect(bank.canRead(1))
    }
  }

  /// Appendix A1: written at T+66, readable from T+69.
  @Test func anAccumulatorRowIsReadableThreeCyclesAfterItsWrite() {
    var bank = AccumulatorBankTiming(latency: 2, singlePorted: false, subBanks: 1)
    expectEqual(bank.write(row: 5, accumulating: false, 66), true)
    #expect(bank.canRead(row: 6, 66))
    for cycle in 67...68 {
      #expect(!bank.canRead(row: 5, cycle))
      #expect(bank.canRead(row: 6, cycle))
      #expect(bank.isWriting(cycle))
    }
    #expect(bank.canRead(row: 5, 69))
    #expect(!bank.isWriting(69))
  }

  @Test func anAccumulatingWriteKeepsReadsAndItsRowAway() {
    var bank = AccumulatorBankTiming(latency: 2, singlePorted: false, subBanks: 1)
    expectEqual(bank.write(row: 5, accumulating: true, 10), true)
    #expect(!bank.canRead(row: 6, 10))
    #expect(bank.canRead(row: 6, 11))
    expectEqual(bank.write(row: 5, accumulating: true, 11), false)
    // Refused, but asked: no read in that cycle either.
    #expect(!bank.canRead(row: 6, 11))
    expectEqual(bank.write(row: 5, accumulating: true, 12), false)
    expectEqual(bank.write(row: 5, accumulating: false, 12), true)
    expectEqual(bank.write(row: 5, accumulating: true, 14), false)
    expectEqual(bank.write(row: 5, accumulating: true, 15), true)
  }

  @Test func aRowThatWaitsInTheRegisterBlocksTheNextRead() {
    var bank = AccumulatorBankTiming(latency: 2, singlePorted: false, subBanks: 1)
    #expect(bank.canRead(row: 0, 0))
    bank.read()
    #expect(bank.hasData)
    #expect(!bank.canRead(row: 1, 1))
    bank.takeData()
    #expect(bank.canRead(row: 1, 1))
  }
}
