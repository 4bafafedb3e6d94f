import SystolicCore

/// The way of a command through a cycle: the host's port, the unrollers, the reservation station, a
/// controller, completion (facts 5).
extension Accelerator {
  /// The controllers, the reservation station and the command path in front of it.
  mutating func runControllers<O: Observer>(
    _ now: Cycle, executeCompletes: Int?, loadReturn: LoadReturn?, rowRead: Int?,
    _ observer: inout O
  ) -> Bool {
    // One completion a cycle: array, then loads, then stores, then the nonlinear unit.
    let loadOffers = load.tracker.offered
    let storeOffers = store.tracker.offered
    let loadCompletes = executeCompletes == nil ? loadOffers : nil
    let storeCompletes = executeCompletes == nil && loadCompletes == nil ? storeOffers : nil
    let nonlinearEntry =
      executeCompletes == nil && loadCompletes == nil && storeCompletes == nil
      ? nonlinear.offered : nil
    let loadEntry = loadCompletes.map { load.tracker.entry(of: $0) }
    let storeEntry = storeCompletes.map { store.tracker.entry(of: $0) }
    var moved = false
    if !load.rests || loadReturn != nil || loadCompletes != nil {
      moved = load.tick(
        now, issueQueue: &readIssue, moveIn: &moveIn, loadReturn: loadReturn,
        completing: loadCompletes)
    }
    if !store.rests || rowRead != nil || storeCompletes != nil {
      moved =
        store.tick(now, moveOut: &moveOut, returned: rowRead, completing: storeCompletes) || moved
    }

    if hasCompletions {
      completions = (CompletionCounts(), CompletionCounts())
      hasCompletions = false
    }
    if station.hasReady {
      if station.isReady(.load), load.queue.canSend(now), let command = issue(.load, now, &observer)
      {
        load.accept(command)
        moved = true
      }
      if station.isReady(.execute), execute.unroller.queue.canSend(now),
        let command = issue(.execute, now, &observer)
      {
        execute.unroller.queue.send(command)
        moved = true
      }
      if station.isReady(.store), store.queue.canSend(now),
        let command = issue(.store, now, &observer)
      {
        store.accept(command)
        moved = true
      }
      if station.isReady(.nonlinear), nonlinear.queue.canSend(now),
        let command = issue(.nonlinear, now, &observer)
      {
        nonlinear.queue.send(command)
        moved = true
      }
    }
    if let executeCompletes { complete(.execute, executeCompletes, now, &observer) }
    if let loadEntry { complete(.load, loadEntry, now, &observer) }
    if let storeEntry { complete(.store, storeEntry, now, &observer) }
    moved = moved || executeCompletes != nil || loadEntry != nil || storeEntry != nil
    if let nonlinearEntry {
      nonlinear.complete(now)
      complete(.nonlinear, nonlinearEntry, now, &observer)
      moved = true
    }

    // The front end depends on nothing but itself, its input and the station: once it stands
    // still it stays so until one of them changes.
    let stationChanged = station.changed
    if stationChanged || !frontEndRests {
      let frontEndMoved = runFrontEnd(now, &observer)
      frontEndRests = !frontEndMoved && !stationChanged
      moved = moved || frontEndMoved
    } else {
      allocated = nil
    }
    return moved
  }

  private mutating func issue<O: Observer>(
    _ kind: CommandClass, _ now: Cycle, _ observer: inout O
  ) -> IssuedCommand? {
    guard let command = station.issue(kind) else { return nil }
    let entry = station.mark(kind, command.entry)
    observer.issued(entry.sequence, kind, command.entry, now)
    if entry.completesOnIssue {
      observer.completed(entry.sequence, kind, command.entry, now)
      count(entry.origin, kind)
    }
    return command
  }

  private mutating func complete<O: Observer>(
    _ kind: CommandClass, _ slot: Int, _ now: Cycle, _ observer: inout O
  ) {
    let entry = station.mark(kind, slot)
    observer.completed(entry.sequence, kind, slot, now)
    count(entry.origin, kind)
    station.complete(kind, slot)
  }

  private mutating func count(_ origin: CommandOrigin, _ kind: CommandClass) {
    hasCompletions = true
    switch origin {
    case .host: break
    case .loopMatmul: completions.matmul.add(kind)
    case .loopConv: completions.conv.add(kind)
    }
  }

  /// The queues and unrollers between the RoCC port and the reservation station (facts 5.1).
  private mutating func runFrontEnd<O: Observer>(
    _ now: Cycle, _ observer: inout O
  ) -> Bool {
    allocated = nil
    isAllocationBlocked = false
    var moved = false
    if let head = unrolled.first {
      if let kind = ReservationStation.commandClass(head.command) {
        if let record = station.allocate(head, kind, now) {
          observer.allocated(record)
          if O.watchesCycles {
            observer.depends(record, on: station.awaitedCompletions(kind, record.slot))
          }
          allocated = head
          unrolled.receive(now)
          moved = true
        } else {
          isAllocationBlocked = true
        }
      } else {
        // Flush, counter and clock-gate commands act here, in one cycle; but a counter's answer
        // takes the next cycle to leave (facts 10, "its response register must be free").
        let isCounter = head.command.function == .counter
        if !isCounter || now > lastCounter + 1 {
          // What is forgotten stands in no log: the block is then simulated every time.
          if head.command.function == .flush, translation.flush() { lookups = nil }
          if isCounter { lastCounter = now }
          unrolled.receive(now)
        }
        moved = true
      }
    }
    if let command = loopMatmul.tick(
      now, outputReady: unrolled.canSend(now), completed: completions.matmul)
    {
      unrolled.send(command)
    }
    moved = loopMatmul.moved || moved
    let matmulIsReady = loopMatmul.input.canSend(now)
    if machine.config.features.loopConv {
      if let command = loopConv.tick(now, outputReady: matmulIsReady, completed: completions.conv) {
        loopMatmul.input.send(command)
        moved = true
      }
      moved = loopConv.moved || moved
      if loopConv.input.canSend(now), let command = raw.receive(now) {
        loopConv.input.send(command)
        moved = true
      }
    } else if matmulIsReady, let command = raw.receive(now) {
      loopMatmul.input.send(command)
      moved = true
    }
    return moved
  }
}

extension CompletionCounts {
  mutating func add(_ kind: CommandClass) {
    switch kind {
    case .load: load += 1
    case .execute: execute += 1
    case .store: store += 1
    case .nonlinear: break
    }
  }
}
