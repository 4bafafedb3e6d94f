import SystolicCore

/// The floating-point nonlinear unit: local rows in, lanes, local rows out
/// (Docs/NonlinearUnit.md; this project's own hardware).
///
/// Three operand streams read rows ahead into buffers, the lanes take a row a cycle when all that
/// it needs is there, and results go to the banks, behind everybody else on every port.
struct NonlinearUnit: Sendable {
  /// Commands from the reservation station.
  var queue: Queue<IssuedCommand>
  private var operands = [NonlinearOperand](repeating: NonlinearOperand(), count: 4)
  /// Commands that are being worked on, oldest first, by their running numbers.
  private var jobs: [NonlinearJob] = []
  /// Commands that can be worked on at a time.
  private static let jobLimit = 4
  private var firstJob = 0
  private var jobCount = 0
  private var streams: [OperandStream]
  private var lanes: NonlinearLanes
  /// Where the lanes stand.
  private var position = NonlinearPosition()
  private var laneJob = 0
  private var cost = NonlinearCosts.Pass()
  /// Entries of commands whose last result is written; as many as a reservation station holds.
  private var completed = Queue<Int>(depth: 64)
  private let machine: Machine
  private let costs: NonlinearCosts

  /// Elements of integer operands, counted as their commands are taken.
  private(set) var dequantisedElements = 0
  /// Elements of integer results, counted as their commands are taken.
  private(set) var quantisedElements = 0
  /// Cycles of lanes in commands that only convert, counted as they are taken.
  private(set) var conversionCycles = 0
  /// Reason of the last cycle.
  private(set) var activity = NonlinearActivity.idle

  init(_ machine: Machine) {
    self.machine = machine
    let config = machine.config.nonlinear
    queue = Queue(depth: config.queueEntries)
    lanes = NonlinearLanes(lanes: min(config.lanes, machine.dim), width: machine.dim)
    streams = (0..<3).map { OperandStream($0, rows: config.operandRows) }
    costs = NonlinearCosts(config, width: machine.dim)
  }

  /// Whether a command is held.
  var isActive: Bool { !queue.isEmpty || !jobs.isEmpty || !completed.isEmpty }
  /// The entry that could complete.
  var offered: Int? { completed.first }

  /// Up to the banks' ports: writes a result, takes operands, moves the lanes. Runs after everyone
  /// else has written and before banks are settled.
  mutating func tick(
    _ now: Cycle, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming]
  ) -> Bool {
    guard isActive else {
      activity = .idle
      return false
    }
    for index in streams.indices { receive(index, now, &scratchpad, &accumulator) }
    takeCommand(now)
    guard writeResult(now, &scratchpad, &accumulator) else {
      activity = .waitsForBanks
      return true
    }
    activity = moveLanes(now)
    lanes.advance()
    return true
  }

  /// The banks' read ports, after the array and the move-out path have had their choice.
  mutating func fetch(
    _ now: Cycle, scratchpad: inout ScratchpadPorts,
    accumulator: inout [AccumulatorBankTiming]
  ) {
    for index in streams.indices {
      guard streams[index].hasRoom, let row = nextRead(index) else { continue }
      let address = row.row
      if row.isAccumulator {
        let bank = address >> machine.accumulatorBankShift & (accumulator.count - 1)
        let rowInBank = address & (machine.accumulatorBankRows - 1)
        guard accumulator[bank].canRead(row: rowInBank, now) else { continue }
        accumulator[bank].read()
        streams[index].asked(bank, isAccumulator: true, now)
      } else {
        let bank = address >> machine.scratchpadBankShift & (machine.config.scratchpad.banks - 1)
        guard scratchpad.canRead(bank) else { continue }
        scratchpad.read(bank, for: .nonlinear)
        streams[index].asked(bank, isAccumulator: false, now)
      }
    }
  }

  /// Takes away the entry that was offered.
  mutating func complete(_ now: Cycle) { completed.receive(now) }

  // MARK: Commands

  private mutating func takeCommand(_ now: Cycle) {
    guard let head = queue.first,
      head.command.function == .configNonlinear || jobs.count < Self.jobLimit
    else { return }
    queue.receive(now)
    if head.command.function == .configNonlinear {
      let config = ConfigNonlinear(head.command)
      operands[config.operand] = NonlinearOperand(config, machine.layout)
      return
    }
    guard let job = NonlinearJob(NonlinearRun(head.command), operands, head.entry, machine) else {
      completed.send(head.entry)
      return
    }
    dequantisedElements += job.dequantisedElements
    quantisedElements += job.quantisedElements
    conversionCycles += job.conversionCycles(
      lanes: machine.config.nonlinear.lanes, dim: machine.dim)
    jobs.append(job)
    jobCount += 1
    if laneJob == jobCount - 1 { beginJob() }
  }

  /// The lanes turn to the job of number `laneJob`, if it is there.
  private mutating func beginJob() {
    guard laneJob < jobCount else { return }
    let job = jobs[laneJob - firstJob]
    position = NonlinearPosition(pass: job.firstPass)
    cost = job.cost(costs, pass: job.firstPass)
  }

  // MARK: Operands

  /// The next row that a stream reads, or `nil` if the commands at hand need no more.
  private mutating func nextRead(_ index: Int) -> (row: Int, isAccumulator: Bool)? {
    while streams[index].job < jobCount {
      let job = jobs[streams[index].job - firstJob]
      if streams[index].begins {
        streams[index].begins = false
        streams[index].position = NonlinearPosition(
          pass: index == 0 ? job.firstPass : job.passes)
        let isRead = index == 0 || (job.givesResults && job.operands[index].isPresent)
        if !isRead {
          streams[index].endJob()
          continue
        }
      }
      let position = streams[index].position
      return (
        job.operands[index].row(block: position.block, row: position.row),
        job.operands[index].isAccumulator
      )
    }
    return nil
  }

  /// Takes rows that have come from the banks into a stream's buffer.
  private mutating func receive(
    _ index: Int, _ now: Cycle, _ scratchpad: inout ScratchpadPorts,
    _ accumulator: inout [AccumulatorBankTiming]
  ) {
    streams[index].advance(jobs, firstJob: firstJob)
    guard let read = streams[index].reads.first else { return }
    if read.isAccumulator {
      guard accumulator[read.bank].hasData else { return }
      accumulator[read.bank].takeData()
    } else {
      let isMine = !streams.contains { $0.asksEarlier(read) }
      guard isMine, scratchpad.hasNonlinearData(read.bank) else { return }
      scratchpad.takeNonlinearData(read.bank, now)
    }
    streams[index].takeOldest()
  }

  // MARK: Lanes

  /// Starts the lanes on the next row of the array's width, if they are free and it is there.
  private mutating func moveLanes(_ now: Cycle) -> NonlinearActivity {
    guard laneJob < jobCount else { return lanes.isEmpty ? .idle : .emptying }
    if lanes.isHeld { return .busy }
    let job = jobs[laneJob - firstJob]
    for index in 0..<(cost.givesResults ? 3 : 1)
    where job.needs(index, position) && streams[index].buffered == 0 {
      return .waitsForOperands
    }
    guard
      lanes.canStart(
        row: position.row, needs: position.pass > 1, collects: !cost.givesResults)
    else { return .waitsForStatistics }
    for index in 0..<(cost.givesResults ? 3 : 1) where job.needs(index, position) {
      streams[index].buffered -= 1
    }
    let isLast = position.isLast(of: job)
    var result: NonlinearLanes.Outgoing?
    if cost.givesResults {
      let target = job.operands[3]
      result = NonlinearLanes.Outgoing(
        row: target.row(block: position.block, row: position.row),
        isAccumulator: target.isAccumulator, isLast: isLast)
    } else if isLast {
      result = NonlinearLanes.Outgoing(row: -1, isAccumulator: false, isLast: true)
    }
    lanes.start(
      row: position.row, elements: job.elements(of: position.block, dim: machine.dim), cost,
      endsRow: !cost.givesResults && job.ends && position.block == job.blocks - 1, result: result)
    let pass = position.pass
    position.advance(in: job)
    if isLast {
      laneJob += 1
      beginJob()
    } else if position.pass != pass {
      cost = job.cost(costs, pass: position.pass)
    }
    return .busy
  }

  /// Writes what leaves the lanes; false if its bank is taken.
  private mutating func writeResult(
    _ now: Cycle, _ scratchpad: inout ScratchpadPorts,
    _ accumulator: inout [AccumulatorBankTiming]
  ) -> Bool {
    guard let result = lanes.leaving else { return true }
    if result.row >= 0 {
      if result.isAccumulator {
        let bank = result.row >> machine.accumulatorBankShift & (accumulator.count - 1)
        guard !accumulator[bank].isWritten(now), !accumulator[bank].blocksMoveIn else {
          return false
        }
        _ = accumulator[bank].write(
          row: result.row & (machine.accumulatorBankRows - 1), accumulating: false, now)
      } else {
        let bank =
          result.row >> machine.scratchpadBankShift & (machine.config.scratchpad.banks - 1)
        guard !scratchpad.isWritten(bank) else { return false }
        scratchpad.write(bank)
      }
    }
    lanes.take(now)
    if result.isLast {
      completed.send(jobs.removeFirst().entry)
      firstJob += 1
    }
    return true
  }
}

/// Reads of one operand: where it stands, what is on its way and what is there.
private struct OperandStream: Sendable {
  struct Read: Sendable {
    var bank: Int
    var isAccumulator: Bool
    var time: Cycle
  }

  /// x, y or z.
  let index: Int
  private let capacity: Int
  /// Number of the command whose rows are read.
  var job = 0
  /// The command has not been looked at.
  var begins = true
  var position = NonlinearPosition()
  /// Rows on their way, oldest first.
  private(set) var reads: [Read] = []
  /// Rows in the buffer.
  var buffered = 0
  /// A row was asked for last cycle, so that the position is behind.
  private var isBehind = false

  init(_ index: Int, rows: Int) {
    self.index = index
    capacity = rows
  }

  /// Whether another row can be asked for.
  var hasRoom: Bool { buffered + reads.count < capacity && !isBehind }

  mutating func asked(_ bank: Int, isAccumulator: Bool, _ now: Cycle) {
    reads.append(Read(bank: bank, isAccumulator: isAccumulator, time: now))
    isBehind = true
  }

  /// The oldest row on its way has come.
  mutating func takeOldest() {
    reads.removeFirst()
    buffered += 1
  }

  /// Goes on to the next row after one was asked for.
  mutating func advance(_ jobs: [NonlinearJob], firstJob: Int) {
    guard isBehind else { return }
    isBehind = false
    let current = jobs[job - firstJob]
    if current.operands[index].repeats {
      // Row 0 of each block only.
      position.row = current.rows - 1
    }
    let isLast = position.isLast(of: current)
    position.advance(in: current)
    if isLast { endJob() }
  }

  mutating func endJob() {
    job += 1
    begins = true
  }

  /// Whether a row of the same scratchpad bank was asked for before `read`.
  func asksEarlier(_ read: Read) -> Bool {
    for other in reads
    where other.bank == read.bank && !other.isAccumulator && other.time < read.time {
      return true
    }
    return false
  }
}

// MARK: State

extension NonlinearUnit {
  mutating func visit(_ codec: inout StateCodec) {
    queue.visit(&codec, .none) { $0.visit(&$1, .nonlinear) }
    for index in operands.indices { operands[index].visit(&codec) }
    codec.list(&jobs, .none) { $0.visit(&$1) }
    // Commands are counted from the oldest that is worked on.
    let oldest = codec.isRestoring ? 0 : firstJob
    if codec.isRestoring { (firstJob, jobCount) = (0, jobs.count) }
    for index in streams.indices { streams[index].visit(&codec, oldest: oldest) }
    lanes.visit(&codec)
    laneJob -= oldest
    codec.integer(&laneJob)
    laneJob += oldest
    if laneJob < jobCount {
      position.visit(&codec)
      if codec.isRestoring, jobs.indices.contains(laneJob) {
        cost = jobs[laneJob].cost(costs, pass: position.pass)
      }
    }
    completed.visit(&codec, 0) { $1.entry(&$0, of: CommandClass.nonlinear.rawValue) }
    codec.choice(&activity)
  }
}

extension OperandStream {
  fileprivate mutating func visit(_ codec: inout StateCodec, oldest: Int) {
    job -= oldest
    codec.integer(&job)
    job += oldest
    codec.flag(&begins)
    if !begins { position.visit(&codec) }
    codec.list(&reads, Read(bank: 0, isAccumulator: false, time: 0)) { read, codec in
      codec.integer(&read.bank)
      codec.flag(&read.isAccumulator)
      codec.time(&read.time)
    }
    codec.integer(&buffered)
    codec.flag(&isBehind)
  }
}
