import Testing

@testable import SystolicCore

@Suite struct AccumulatorBankTimingTests {
  private func bank(latency: Int = 2, subBanks: Int? = nil) -> AccumulatorBankTiming {
    AccumulatorBankTiming(
      latency: latency, singlePorted: subBanks != nil, subBanks: subBanks ?? 1)
  }

  /// Facts 8.4: a row cannot be read while its write is in any stage of the pipeline.
  @Test(arguments: [2, 3, 5]) func readWaitsForThePipeline(_ latency: Int) {
    var bank = bank(latency: latency)
    #expect(bank.write(row: 7, accumulating: false, 10) == true)
    for now in 11...10 + latency {
      // Other writes go on; the last stage must still be seen.
      #expect(bank.write(row: 100 + now, accumulating: false, now) == true)
      #expect(!bank.canRead(row: 7, now))
      #expect(bank.canRead(row: 8, now))
    }
    #expect(bank.canRead(row: 7, 11 + latency))
  }

  /// Facts 8.4: an accumulating write is refused for the same time, and holds every read off.
  @Test func accumulatingWriteIsRefusedAndBlocksReads() {
    var bank = bank(latency: 3)
    #expect(bank.write(row: 7, accumulating: false, 0) == true)
    #expect(bank.write(row: 7, accumulating: true, 1) == false)
    #expect(!bank.canRead(row: 50, 1))
    #expect(bank.write(row: 7, accumulating: true, 3) == false)
    #expect(bank.write(row: 7, accumulating: true, 4) == true)
    #expect(!bank.canRead(row: 50, 4) && bank.canRead(row: 50, 5))
  }

  /// Facts 8.4, 8.1: what was read stands in a one-entry register.
  @Test func registerHoldsOneRow() {
    var bank = bank()
    bank.read()
    #expect(bank.hasData && !bank.canRead(row: 1, 1))
    bank.takeData()
    #expect(bank.canRead(row: 1, 1))
  }

  /// Facts 8.5: a finished write goes to the SRAM from the queue, in the cycle after its pipeline
  /// ended, and then a read of its sub-bank, but not of the other, is refused.
  @Test func queuedWriteTakesThePort() {
    var bank = bank(latency: 2, subBanks: 2)
    #expect(bank.write(row: 4, accumulating: false, 0) == true)
    for now in 0...2 { _ = bank.settle(now) }
    #expect(!bank.canRead(row: 4, 3) && !bank.canRead(row: 6, 3) && bank.canRead(row: 5, 3))
    #expect(bank.isWriting(3))
    _ = bank.settle(3)
    #expect(bank.canRead(row: 4, 4))
    #expect(!bank.isWriting(4))
  }

  /// Facts 8.5: the read of an accumulating write comes first, the queue waits, and a write to a row
  /// that waits in the queue is refused.
  @Test func accumulatingReadGoesFirst() {
    var bank = bank(latency: 2, subBanks: 2)
    #expect(bank.write(row: 4, accumulating: true, 0) == true)
    _ = bank.settle(0)
    _ = bank.settle(1)
    _ = bank.settle(2)
    // Row 4 waits from cycle 3; row 6 of the same sub-bank takes the port.
    #expect(bank.write(row: 6, accumulating: true, 3) == true)
    _ = bank.settle(3)
    #expect(!bank.canRead(row: 8, 4))
    // Refused, so the port is free and the queue writes.
    #expect(bank.write(row: 4, accumulating: true, 4) == false)
    _ = bank.settle(4)
    #expect(bank.canRead(row: 8, 5))
    #expect(bank.write(row: 4, accumulating: true, 5) == true)
  }

  /// Facts 8.5, "consecutive write": an accumulate on the remembered sub-bank keeps move-ins away in
  /// the next cycle; another sub-bank is remembered instead.
  @Test func secondHitBlocksMoveIns() {
    var bank = bank(latency: 2, subBanks: 2)
    let rows: [Int?] = [1, 3, 2, 4, nil, 6]
    var blocked: [Bool] = []
    for (now, row) in rows.enumerated() {
      blocked.append(bank.blocksMoveIn)
      if let row { #expect(bank.write(row: row, accumulating: true, now) == true) }
      _ = bank.settle(now)
    }
    blocked.append(bank.blocksMoveIn)
    #expect(blocked == [false, false, true, false, true, false, true])
    _ = bank.settle(rows.count)
    #expect(!bank.blocksMoveIn)
    #expect(!bank.hasOverflowed)
  }

  /// Accumulating rows in order alternate between two sub-banks, which just keeps up for ever; on
  /// one sub-bank the queue never gets the port, and the hardware asserts.
  @Test func onlyOneSubBankPilesUp() {
    var alternating = bank(latency: 2, subBanks: 2)
    var single = bank(latency: 2, subBanks: 2)
    for now in 0..<64 {
      #expect(alternating.write(row: now, accumulating: true, now) == true)
      _ = single.write(row: 2 * now, accumulating: true, now)
      _ = alternating.settle(now)
      _ = single.settle(now)
    }
    #expect(!alternating.hasOverflowed)
    #expect(single.hasOverflowed)
  }

  @Test func twoPortedBankNeverBlocks() {
    var bank = bank()
    _ = bank.write(row: 0, accumulating: true, 0)
    #expect(bank.settle(0) == false)
    #expect(!bank.blocksMoveIn && !bank.hasOverflowed)
  }

  /// A bank that is set to the state of another goes on like it, also while writes follow each other.
  @Test(arguments: [nil, 4]) func aStateKeepsWritesUnderWay(_ subBanks: Int?) {
    let halves = LocalHalves(
      LocalAddressLayout(scratchpadRows: 64, accumulatorRows: 32), scratchpadBanks: 2,
      accumulatorBanks: 1)
    for latency in 2...5 {
      var bank = self.bank(latency: latency, subBanks: subBanks)
      var draw: UInt64 = 1
      func random(_ bound: Int) -> Int {
        draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(draw >> 33) % bound
      }
      var restored = bank
      for now in 1...400 {
        if now % 7 == 0 {
          var reader = StateCodec(readingAt: now, bases: [:], nextTag: 1, halves: halves)
          bank.visit(&reader)
          restored = self.bank(latency: latency, subBanks: subBanks)
          var writer = StateCodec(
            setting: reader.words, at: now, tags: [], bases: [:], halves: halves)
          restored.visit(&writer)
          #expect(writer.isComplete && writer.isAtEnd)
        }
        // Mostly plain writes, one behind the other.
        if random(5) > 0 {
          let (row, accumulates) = (random(12), random(4) == 0)
          let done = bank.write(row: row, accumulating: accumulates, now)
          #expect(restored.write(row: row, accumulating: accumulates, now) == done)
        }
        for row in 0..<12 {
          #expect(bank.canRead(row: row, now) == restored.canRead(row: row, now), "\(now)")
        }
        #expect(bank.settle(now) == restored.settle(now), "\(now)")
        #expect(bank.blocksMoveIn == restored.blocksMoveIn)
      }
    }
  }
}

@Suite struct ScratchpadPortsTests {
  /// Facts 8.1, newest revision: read at t, usable at t + 2; the response queue takes a row in the
  /// cycle in which one leaves it full.
  @Test func newestRevisionAnswersAfterTwoCycles() {
    var ports = ScratchpadPorts(singlePorted: true, pipelineStages: 0, queueDepth: 1)
    _ = ports.settle(0)
    ports.read(3, for: .moveOut)
    #expect(!ports.hasMoveOutData(3))
    _ = ports.settle(1)
    ports.read(3, for: .moveOut)
    for now in 2..<8 {
      #expect(ports.hasMoveOutData(3) && ports.executeData == 0)
      ports.takeMoveOutData(3, now)
      _ = ports.settle(now)
      #expect(ports.canRead(3))
      ports.read(3, for: .moveOut)
    }
    // Nothing is taken: one row waits in the queue, one in the register, and the bank is blocked.
    _ = ports.settle(8)
    #expect(!ports.canRead(3) && ports.canRead(2))
  }
}
