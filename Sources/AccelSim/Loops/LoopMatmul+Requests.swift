extension LoopMatmul {
  /// Gives loops to the sub-units that were `idle` as the cycle began; returns whether any took one.
  ///
  /// Later stages first, so that each decision rests on what had started before this cycle.
  mutating func startUnits(_ idle: LoopUnits) -> Bool {
    var started = startStores(idle)
    if idle.contains(.execute), let context = loops.offer(.execute, after: .loads) {
      startExecute(context)
      started = true
    }
    if idle.contains(.loadA), let context = loops.offer(.loadA) {
      loops.start(.loadA, context)
      loaderA.accept(requestA(context))
      started = true
    }
    if idle.contains(.loadB), let context = loops.offer(.loadB) {
      loops.start(.loadB, context)
      loaderB.accept(requestB(context))
      started = true
    }
    if idle.contains(.loadD), let context = loops.offer(.loadD) {
      loops.start(.loadD, context)
      loaderD.accept(requestD(context))
      if contexts[context].addressC != 0 { accumulatorD = otherHalf(accumulatorD) }
      started = true
    }
    return started
  }

  private mutating func startStores(_ idle: LoopUnits) -> Bool {
    guard let context = loops.offer(.store) else { return false }
    let loop = contexts[context]
    let afterExecute = loops[context].started.contains(.execute)
    let startsMain =
      idle.contains(.store) && (isResadd || (afterExecute && !loop.storesToScratchpad))
    let startsScratchpad =
      idle.contains(.scratchpadStore) && afterExecute && loop.storesToScratchpad
    guard startsMain || startsScratchpad else { return false }
    loops.start(.store, context)
    if startsMain { store.accept(requestStore(context)) }
    if startsScratchpad { scratchpadStore.accept(requestScratchpadStore(context)) }
    if advancesAccumulator(loop) { accumulatorStore = otherHalf(accumulatorStore) }
    return true
  }

  private mutating func startExecute(_ context: Int) {
    let loop = contexts[context]
    var request = MatmulExecute.Request()
    request.rows = loop.rows
    request.columns = loop.columns
    request.depth = loop.depth
    request.rowPad = pad(loop.rowPad)
    request.columnPad = pad(loop.columnPad)
    request.depthPad = pad(loop.depthPad)
    request.transposesA = loop.transposesA
    request.transposesB = loop.transposesB
    request.accumulates = loop.accumulates
    request.startA = loop.storesToScratchpad ? loop.startA : startA(loop)
    request.endB = loop.storesToScratchpad ? loop.endB : endB(loop)
    request.startC = accumulatorC
    request.skips = isResadd
    request.context = context
    loops.start(.execute, context)
    execute.accept(request)
    if advancesAccumulator(loop) { accumulatorC = otherHalf(accumulatorC) }
  }

  // MARK: Requests

  private func requestA(_ context: Int) -> MatmulLoader.Request {
    let loop = contexts[context]
    let depth = isResadd ? loop.columns : loop.depth
    let depthPad = pad(isResadd ? loop.columnPad : loop.depthPad)
    let rowPad = pad(loop.rowPad)
    var request = MatmulLoader.Request()
    request.walk =
      loop.transposesA
      ? TileWalk(
        rows: depth, columns: loop.rows, columnsAreFast: true,
        blockLimit: machine.maxBlockLength, rowPad: depthPad, columnPad: rowPad)
      : TileWalk(
        rows: loop.rows, columns: depth, columnsAreFast: false,
        blockLimit: machine.maxBlockLength, rowPad: rowPad, columnPad: depthPad)
    request.base = loop.addressA
    request.stride = loop.strideA
    request.function = .mvin
    request.localRow = isResadd ? loop.startResadd : startA(loop)
    request.isAccumulator = isResadd
    request.context = context
    return request
  }

  private func requestB(_ context: Int) -> MatmulLoader.Request {
    let loop = contexts[context]
    let depth = isResadd ? loop.rows : loop.depth
    let depthPad = pad(isResadd ? loop.rowPad : loop.depthPad)
    let columnPad = pad(loop.columnPad)
    var request = MatmulLoader.Request()
    request.walk =
      loop.transposesB
      ? TileWalk(
        rows: loop.columns, columns: depth, columnsAreFast: false,
        blockLimit: machine.maxBlockLength, rowPad: columnPad, columnPad: depthPad)
      : TileWalk(
        rows: depth, columns: loop.columns, columnsAreFast: true,
        blockLimit: machine.maxBlockLength, rowPad: depthPad, columnPad: columnPad)
    request.base = loop.addressB
    request.stride = loop.strideB
    request.function = .mvin2
    request.localRow =
      isResadd ? loop.startResadd : endB(loop) - depth * loop.columns * machine.dim
    request.isAccumulator = isResadd
    request.accumulates = isResadd
    request.padsRows = false
    request.context = context
    return request
  }

  private func requestD(_ context: Int) -> MatmulLoader.Request {
    let loop = contexts[context]
    var request = MatmulLoader.Request()
    request.walk = TileWalk(
      rows: loop.rows, columns: loop.columns, columnsAreFast: false,
      blockLimit: loop.lowD ? machine.maxBlockLength : machine.maxBlockLengthAccumulator,
      rowPad: pad(loop.rowPad), columnPad: pad(loop.columnPad))
    request.base = loop.addressD
    request.stride = loop.strideD
    request.elementBytes = loop.lowD ? 1 : 4
    request.function = .mvin3
    request.localRow = accumulatorD
    request.isAccumulator = true
    request.context = context
    return request
  }

  private func requestStore(_ context: Int) -> MatmulStore.Request {
    let loop = contexts[context]
    var request = MatmulStore.Request()
    request.walk = TileWalk(
      rows: loop.rows, columns: loop.columns, columnsAreFast: false,
      blockLimit: loop.fullC ? 1 : machine.maxBlockLength,
      rowPad: pad(loop.rowPad), columnPad: pad(loop.columnPad))
    request.depth = isResadd ? 1 : loop.depth
    request.base = loop.addressC
    request.stride = loop.strideC
    request.full = loop.fullC
    request.activation = loop.activation
    request.localRow = isResadd ? loop.startResadd : accumulatorStore
    request.isResadd = isResadd
    request.context = context
    return request
  }

  private func requestScratchpadStore(_ context: Int) -> MatmulStore.Request {
    let loop = contexts[context]
    var request = requestStore(context)
    request.walk = TileWalk(
      rows: loop.rows, columns: loop.columns, columnsAreFast: false, blockLimit: 1,
      rowPad: pad(loop.rowPad), columnPad: pad(loop.columnPad))
    request.localRow = accumulatorStore
    request.scratchpadRow = loop.scratchpadC & (machine.scratchpadRows - 1)
    return request
  }

  // MARK: Placement

  private func startA(_ loop: MatmulContext) -> Int {
    guard loop.halfA != 0 else { return loop.startA }
    return (loop.halfA - 1) * (machine.scratchpadRows / 2) & (machine.scratchpadRows - 1)
  }

  private func endB(_ loop: MatmulContext) -> Int {
    loop.halfB == 0 ? loop.endB : loop.halfB * (machine.scratchpadRows / 2)
  }

  /// Whether the next loop's results go to the other half of the accumulator.
  private func advancesAccumulator(_ loop: MatmulContext) -> Bool {
    loop.storesToScratchpad ? loop.advancesAccumulator : loop.addressC != 0
  }

  private func otherHalf(_ row: Int) -> Int { row == 0 ? machine.accumulatorRows / 2 : 0 }

  /// Paddings of a request are kept in just the bits that a tile needs.
  private func pad(_ elements: Int) -> Int { elements & (machine.dim - 1) }
}
