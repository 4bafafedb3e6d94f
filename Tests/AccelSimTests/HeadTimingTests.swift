import Testing

@testable import AccelSim
@testable import SystolicCore

/// What a run of the timing machine shows at its ports.
private struct PortWatch: Observer {
  static var watchesCycles: Bool { true }
  var records: [CommandRecord] = []
  /// Cycles in which a row left a bank for main memory.
  var moveOutReads: [Int] = []
  /// Cycles in which the writer went from idle to busy: it took a row in them.
  var writerStarts: [Int] = []
  var moveInWrites: [Int] = []
  /// Cycles in which the reader held a response beat.
  var readerBeats: [Int] = []
  /// Addresses of the requests of the store controller.
  var storeRows: [OutgoingRow] = []
  private var writerWasBusy = false

  mutating func allocated(_ record: CommandRecord) { records.append(record) }
  mutating func issued(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    records[sequence].issued = now
  }
  mutating func completed(_ sequence: Int, _ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    records[sequence].completed = now
  }
  mutating func cycleEnded(_ accelerator: borrowing Accelerator, _ now: Cycle) {
    if accelerator.moveOut.readRow != nil { moveOutReads.append(now) }
    if accelerator.writer.isBusy, !writerWasBusy { writerStarts.append(now) }
    writerWasBusy = accelerator.writer.isBusy
    if accelerator.moveIn.isActive || moveInWrites.last == now - 1 {
      let paths = (accelerator.moveIn.scalerWrite, accelerator.moveIn.fullWidthWrite)
      if paths.0 != nil || paths.1 != nil { moveInWrites.append(now) }
    }
    if !accelerator.bus.readerResponses.isEmpty { readerBeats.append(now + 1) }
    if let row = accelerator.store.acceptedRow { storeRows.append(row) }
  }
}

private let accumulatorBit: UInt64 = 1 << 31

private func head(
  _ name: String = "gemmini-default", _ change: (inout HardwareConfig) -> Void = { _ in }
) throws -> Machine {
  var config = try #require(HardwareConfig.preset(name))
  change(&config)
  return try Machine(config)
}

/// Runs groups of commands with a fence after each.
private func watch(
  _ machine: Machine, _ groups: [[Command]], skipping: Bool = true
) throws -> (watch: PortWatch, fences: [Int], bytesWritten: Int) {
  var run = TimingRun(machine, observer: PortWatch())
  run.skipsIdleCycles = skipping
  for group in groups {
    for command in group { try run.accept(command) }
    try run.fence()
  }
  return (run.observer, run.fences, run.accelerator.bus.statistics.writeBytes)
}

private func shape(_ rows: UInt64, _ columns: UInt64, _ local: UInt64) -> UInt64 {
  rows << 48 | columns << 32 | local
}

private func configStore(
  activation: UInt64 = 0, poolStride: UInt64 = 0, poolSize: UInt64 = 0, outRows: UInt64 = 0,
  outColumns: UInt64 = 0, poolOutDim: UInt64 = 0, poolOut: (UInt64, UInt64) = (0, 0),
  padding: UInt64 = 0, stride: UInt64 = 16
) -> Command {
  let rs1 =
    2 | activation << 2 | poolStride << 4 | poolSize << 6 | padding << 8 | padding << 10
    | poolOutDim << 24 | poolOut.0 << 32 | poolOut.1 << 40 | outRows << 48 | outColumns << 56
  return Command(.config, rs1, UInt64(Float(1).bitPattern) << 32 | stride)
}

private func configLoad(stride: UInt64, shrink: Bool = false) -> Command {
  Command(.config, UInt64(Float(1).bitPattern) << 32 | 16 << 16 | 1 << 8 | 1, stride)
}

/// dataflow 1 is weight-stationary; C stride 1, A stride 1.
private func configExecute(weightStationary: Bool) -> Command {
  Command(
    .config, UInt64(Float(1).bitPattern) << 32 | 1 << 16 | (weightStationary ? 4 : 0), 1 << 48)
}

private func mvout(_ local: UInt64, rows: UInt64 = 16, to address: UInt64 = 0x8000_0000) -> Command
{
  Command(.mvout, address, shape(rows, 16, local))
}

/// Timelines of facts appendix A and chapters 8, 9 on the newest revision.
@Suite struct HeadTimingTests {
  /// Facts 5.1, appendix A2.
  @Test func frontEnd() throws {
    let (seen, _, _) = try watch(head(), [[configStore()], [mvout(0)]])
    let accepted = seen.records[1].allocated - 4
    #expect(seen.records[0].allocated == 4 && seen.records[0].issued == 5)
    #expect(seen.records[1].issued == accepted + 5)
  }

  /// Facts 9.6 with the bus of 9.5: round trip R = memory latency + 4; rows of 16 int8.
  @Test(arguments: [1, 4, 16], [20, 100]) func moveInOfBytes(_ rows: Int, _ latency: Int) throws {
    let machine = try head { $0.memory.latency = latency }
    let (seen, _, _) = try watch(
      machine,
      [[configLoad(stride: 16)], [Command(.mvin, 0x8000_0000, shape(UInt64(rows), 16, 0))]])
    let load = seen.records[1]
    #expect(load.completed == load.issued + rows + latency + 4 + 10)
    // Facts 8.2: written 5 cycles after the beat that completes the row.
    #expect(seen.moveInWrites == seen.readerBeats.map { $0 + 5 })
    #expect(seen.moveInWrites.count == rows)
  }

  /// Facts 8.2, 9.6: four beats a row into the accumulator, written 3 cycles after the last.
  @Test(arguments: [1, 4, 16]) func moveInOfSums(_ rows: Int) throws {
    let (seen, _, _) = try watch(
      head(),
      [
        [configLoad(stride: 64)],
        [Command(.mvin, 0x8000_0000, shape(UInt64(rows), 16, accumulatorBit))],
      ])
    let load = seen.records[1]
    #expect(load.completed == load.issued + 4 * rows + 24 + 8)
    #expect(seen.moveInWrites.count == rows)
    #expect(seen.moveInWrites.last == (seen.readerBeats.last ?? 0) + 3)
  }

  /// Corrections V2: without the queue everything is a cycle earlier.
  @Test func moveInWithoutQueue() throws {
    let (seen, _, _) = try watch(
      head { $0.moveIn.queueDepth = 0 },
      [[configLoad(stride: 16)], [Command(.mvin, 0x8000_0000, shape(16, 16, 0))]])
    let load = seen.records[1]
    #expect(load.completed == load.issued + 16 + 24 + 9)
    #expect(seen.moveInWrites == seen.readerBeats.map { $0 + 4 })
  }

  /// Appendix A3, and stores one after the other.
  @Test func moveOutFromTheAccumulator() throws {
    let (seen, _, _) = try watch(
      head(), [[configStore()], [mvout(accumulatorBit), mvout(accumulatorBit | 16)]])
    let store = seen.records[1]
    let reads = seen.moveOutReads.prefix(16).map { $0 - store.issued }
    #expect(reads == [2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 21, 22, 23])
    #expect(store.completed == store.issued + 24)
    #expect(seen.writerStarts.first == store.issued + 12)
    // "A store waits until every earlier store has completed", and issues in the next cycle.
    #expect(seen.records[2].issued == store.issued + 25)
  }

  /// Corrections V3: stores of the 2023 revisions wait for nothing but their turn.
  @Test func storesInIssueOrder() throws {
    let (seen, _, _) = try watch(
      head { $0.reservationStation.storeOrder = .afterIssue },
      [[configStore()], [mvout(accumulatorBit), mvout(accumulatorBit | 16)]])
    #expect(seen.records[2].issued == seen.records[1].issued + 1)
  }

  /// Appendix A3, last line: no stall with scaling latency 4.
  @Test func moveOutOfTheChip() throws {
    let (seen, _, _) = try watch(head("gemmini-chip"), [[configStore()], [mvout(accumulatorBit)]])
    let store = seen.records[1]
    #expect(seen.moveOutReads.map { $0 - store.issued } == Array(2...17))
    #expect(store.completed == store.issued + 18)
    #expect(seen.writerStarts.first == store.issued + 8)
  }

  /// Facts 8.3: a scratchpad row is at the writer 4 cycles after the controller's request; 6 with
  /// the read pipeline of the 2023 revisions (corrections V1).
  @Test(arguments: [(0, 5), (4, 7)]) func moveOutFromTheScratchpad(_ stages: Int, _ at: Int) throws
  {
    let (seen, _, _) = try watch(
      head { $0.scratchpad.readPipelineStages = stages }, [[configStore()], [mvout(0)]])
    let store = seen.records[1]
    #expect(seen.writerStarts.first == store.issued + at)
    #expect(seen.moveOutReads.first == store.issued + 2)
    // Facts 6.3: an uncongested mvout of n rows issued at t completes at t + n + 2.
    #expect(store.completed == store.issued + 18)
  }

  private static let pair: [Command] = [
    Command(.preload, shape(16, 16, 0), shape(16, 16, accumulatorBit)),
    Command(.computePreloaded, shape(16, 16, 0x1000), shape(16, 16, 0xFFFF_FFFF)),
  ]

  /// Appendix A1: the pair starts at T = accept + 8.
  @Test(arguments: [(0, 66), (4, 69)]) func weightStationaryPair(_ stages: Int, _ last: Int) throws
  {
    let (seen, _, _) = try watch(
      head { $0.scratchpad.readPipelineStages = stages },
      [[configExecute(weightStationary: true)], Self.pair])
    let start = seen.records[1].allocated + 4
    #expect(seen.records[2].completed == start + 32)
    #expect(seen.records[1].completed == start + last)
  }

  /// Appendix A6: a config_ex behind the work waits for two flushes; x + 40 with corrections V1.
  @Test(arguments: [(0, 37), (4, 40)]) func configBehindWork(_ stages: Int, _ wait: Int) throws {
    let (seen, _, _) = try watch(
      head { $0.scratchpad.readPipelineStages = stages },
      [
        [configExecute(weightStationary: true)],
        Self.pair + [configExecute(weightStationary: true)],
      ])
    let start = seen.records[1].allocated + 4
    #expect(seen.records[3].completed == start + 32 + wait)
  }

  /// Appendix A7: an isolated output-stationary pair; 85 with corrections V1.
  @Test(arguments: [(0, 82), (4, 85)]) func outputStationaryPair(_ stages: Int, _ last: Int) throws
  {
    let (seen, _, _) = try watch(
      head { $0.scratchpad.readPipelineStages = stages },
      [
        [configExecute(weightStationary: false)],
        [
          Command(.preload, shape(16, 16, 0), shape(16, 16, 0x2000)),
          Command(.computePreloaded, shape(16, 16, 0x1000), shape(16, 16, 0x3000)),
        ],
      ])
    let start = seen.records[1].allocated + 4
    #expect(seen.records[1].completed == start + last)
  }

  /// Corrections C7: sums onto rows still on their way are an error, not a result.
  @Test(arguments: [(2, true), (3, true), (12, false)])
  func accumulatingTooSoon(_ latency: Int, _ isLegal: Bool) throws {
    let machine = try head { $0.accumulator.latency = latency }
    var commands: [Command] = []
    for _ in 0..<6 {
      commands.append(
        Command(.preload, shape(16, 16, 0xFFFF_FFFF), shape(4, 16, accumulatorBit | 1 << 30)))
      commands.append(
        Command(.computeAccumulated, shape(4, 16, 0x1000), shape(4, 16, 0xFFFF_FFFF)))
    }
    let groups = [[configExecute(weightStationary: true)], commands]
    if isLegal {
      _ = try watch(machine, groups)
    } else {
      #expect(throws: SimulationError.self) { _ = try watch(machine, groups) }
    }
  }

  /// Facts 8.5: results that stay on one of the sub-banks fill its write queue.
  @Test func oneSubBankIsRefused() throws {
    let machine = try head("gemmini-chip")
    var stride2 = configExecute(weightStationary: true)
    stride2.rs2 = 2 << 48
    let commands = [
      Command(.preload, shape(16, 16, 0), shape(16, 16, accumulatorBit | 1 << 30)),
      Command(.computePreloaded, shape(16, 16, 0x400), shape(16, 16, 0xFFFF_FFFF)),
    ]
    _ = try watch(machine, [[configExecute(weightStationary: true)], commands])
    #expect(throws: SimulationError.self) { _ = try watch(machine, [[stride2], commands]) }
  }
}

/// Paths of the store controller beyond the plain mvout (facts 6.3), and mvout_spad.
@Suite struct StorePathTests {
  /// Every element of every window, window column fastest, garbage outside the image; one row of
  /// memory for each window.
  @Test func pooling() throws {
    let machine = try head()
    let pool = configStore(
      poolStride: 2, poolSize: 3, outRows: 4, outColumns: 4, poolOutDim: 5, poolOut: (2, 2),
      padding: 1, stride: 32)
    let (seen, _, bytes) = try watch(
      machine, [[pool], [mvout(accumulatorBit | 8, rows: 0, to: 0x9000)]])
    var expected: [(row: Int?, address: UInt64, stores: Bool)] = []
    for pooledRow in 0..<2 {
      for pooledColumn in 0..<2 {
        for window in 0..<9 {
          let row = pooledRow * 2 + window / 3 - 1
          let column = pooledColumn * 2 + window % 3 - 1
          let isInside = (0..<4).contains(row) && (0..<4).contains(column)
          expected.append(
            (
              isInside ? 8 + row * 4 + column : nil,
              0x9000 + UInt64(pooledRow * 5 + pooledColumn) * 32, window == 8
            ))
        }
      }
    }
    #expect(seen.storeRows.count == expected.count)
    for (found, wanted) in zip(seen.storeRows, expected) {
      #expect(found.isGarbage == (wanted.row == nil))
      if let row = wanted.row { #expect(found.row == row && found.isAccumulator) }
      #expect(found.write.address == wanted.address && found.write.stores == wanted.stores)
    }
    #expect(bytes == 4 * 16)
  }

  /// Local rows in order to the pixels of an image; the command's own rows do not matter.
  @Test(arguments: [(3, 5), (1, 1)]) func imageMoveOut(_ rows: Int, _ columns: Int) throws {
    let image = configStore(
      poolSize: 1, outRows: UInt64(rows), outColumns: UInt64(columns), poolOutDim: 7, stride: 16)
    let (seen, _, bytes) = try watch(
      head(), [[image], [mvout(32, rows: 2, to: 0x9000), mvout(32, rows: 2, to: 0xA000)]])
    let count = rows * columns
    for (index, found) in seen.storeRows.enumerated() {
      let (row, column) = (index % count / columns, index % count % columns)
      #expect(found.row == 32 + index % count && found.write.stores)
      #expect(
        found.write.address
          == (index < count ? 0x9000 : 0xA000) + UInt64(row * 7 + column) * 16)
    }
    #expect(seen.storeRows.count == 2 * count && bytes == 2 * count * 16)
    // Facts 6.3: rows requested from issue + 1 on, completion 2 cycles after the last request.
    #expect(seen.records[1].completed == seen.records[1].issued + count + 2)
  }

  /// mvout_spad takes the cycles of a mvout up to the writer, and writes nothing (facts 3.2). Its
  /// rs1, here a destination with stride 3, is no address.
  @Test(arguments: [0, accumulatorBit] as [UInt64]) func storeToScratchpad(_ source: UInt64) throws
  {
    // Enough writes in flight that memory never holds the plain mvout up.
    let machine = try head { $0.dma.maxInFlight = 64 }
    let plain = try watch(machine, [[configStore()], [mvout(source), mvout(source | 64)]])
    let spad = try watch(
      machine,
      [
        [configStore()],
        [0, 64].map { Command(.mvoutSpad, 3 << 32 | 0x2000, shape(16, 16, source | $0)) },
      ])
    #expect(spad.watch.moveOutReads == plain.watch.moveOutReads)
    for (one, other) in zip(spad.watch.records, plain.watch.records) {
      #expect(one.issued == other.issued && one.completed == other.completed)
    }
    #expect(plain.bytesWritten == 2 * 256 && spad.bytesWritten == 0)
    #expect(spad.watch.writerStarts.isEmpty)
    // Nothing to wait for at the writer: the fence comes with the last row leaving the queues.
    #expect(spad.fences[1] < plain.fences[1])
  }

  /// A loop that stores to the scratchpad emits one mvout_spad a tile, and ends (facts 5.2).
  @Test func loopStoresToScratchpad() throws {
    let (seen, _, bytes) = try watch(
      head(),
      [
        [configExecute(weightStationary: true), configStore()],
        [
          Command(.loopMatmulBounds, 0, 2 | 2 << 16 | 2 << 32),
          Command(.loopMatmulScratchpadAB, 0, 0x2000),
          Command(.loopMatmul, 0, 0x1000 << 32 | 1 << 9 | 7 << 3),
        ],
      ])
    let stores = seen.records.filter { $0.command.function == .mvoutSpad }
    #expect(stores.count == 4)
    #expect(stores.allSatisfy { $0.completed > $0.issued && $0.issued >= 0 })
    #expect(bytes == 0 && seen.storeRows.count == 4 * 16)
    #expect(seen.storeRows.allSatisfy { !$0.reachesMemory })
  }
}

/// The normaliser in the machine (facts 8.7).
@Suite struct NormaliserRunTests {
  private static func norm(_ command: UInt64) -> UInt64 { command << 26 | accumulatorBit }

  /// The three passes of a row pair, as LoopMatmul emits them for layernorm and softmax.
  private static func passes(_ commands: [UInt64]) -> [Command] {
    var list: [Command] = []
    for pass in stride(from: 0, to: commands.count, by: 2) {
      for set in 0..<2 as Range<UInt64> {
        list.append(Command(.config, 1 << 17 | set << 8 | 3, 0))
        for block in 0..<2 as Range<UInt64> {
          list.append(mvout(norm(commands[pass + Int(block)]) | block * 16 | set, rows: 1))
        }
      }
    }
    return list
  }

  /// With and without jumping over idle cycles the same cycles come out.
  @Test(arguments: [[1, 2, 3, 4, 0, 0], [5, 5, 6, 7, 0, 0]] as [[UInt64]], [0, 8])
  func skippingChangesNothing(_ commands: [UInt64], _ units: Int) throws {
    let machine = try head("gemmini-ibert") {
      $0.moveOut.scaleUnits = units
      $0.host.issueInterval = 37
    }
    let groups = [[configStore()], Self.passes(commands)]
    let skipping = try watch(machine, groups)
    let stepping = try watch(machine, groups, skipping: false)
    #expect(skipping.watch.records == stepping.watch.records)
    #expect(skipping.fences == stepping.fences)
    #expect(skipping.bytesWritten == 4 * 16)
  }

  /// A row behind MEAN on the same set is read at once, but goes on only when the mean is there: 24
  /// cycles after the first was taken (facts 8.7), itself 2 after the controller's request.
  @Test func meanHoldsTheNextRow() throws {
    let machine = try head("gemmini-ibert")
    let rows = [mvout(Self.norm(2), rows: 1), mvout(Self.norm(0) | 1, rows: 1)]
    let (seen, _, bytes) = try watch(machine, [[configStore()], rows])
    let first = seen.records[1].issued
    // Request at +1, read at +2, normaliser at +3; output +1, multiplier 8.
    #expect(seen.writerStarts == [first + 3 + 24 + 1 + 8])
    #expect(bytes == 16)
  }
}
