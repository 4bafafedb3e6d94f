import SystolicCore

/// What a trace keeps about a command in the reservation station.
struct TracedEntry {
  let track: ChromeTrace.Track
  private(set) var isUsed = false
  var isIssued = false
  var record: CommandRecord?
  /// The command as assembly, once it was needed.
  var text: String?
  /// The account of its controller when it was issued, or when the window began.
  var earlier = ReasonCycles()
  /// Entries whose completion it waits for.
  var awaited: UInt64 = 0
  /// Who completed, and when.
  var released: [(track: ChromeTrace.Track, at: Cycle)] = []

  init(track: ChromeTrace.Track) { self.track = track }

  mutating func use(_ record: CommandRecord) {
    isUsed = true
    isIssued = false
    self.record = record
    text = nil
    awaited = 0
    released.removeAll(keepingCapacity: true)
  }

  mutating func free() { isUsed = false }
}

/// Mnemonics as JSON string literals.
struct MnemonicNames {
  private var known: [Substring: (runs: [UInt8], waits: [UInt8])] = [:]

  private mutating func names(_ text: String) -> (runs: [UInt8], waits: [UInt8]) {
    let mnemonic = text.prefix { $0 != " " }
    if let names = known[mnemonic] { return names }
    let names = (Array("\"\(mnemonic)\"".utf8), Array("\"\(mnemonic) waits\"".utf8))
    known[mnemonic] = names
    return names
  }

  /// Of a command, given as assembly, that runs.
  mutating func runs(_ text: String) -> [UInt8] { names(text).runs }
  /// Of one that waits.
  mutating func waits(_ text: String) -> [UInt8] { names(text).waits }
}

/// Commands in the reservation station: a row of slices for each entry, two slices a command.
extension TraceObserver {
  mutating func allocated(_ record: CommandRecord) {
    let index = offsets[record.commandClass.rawValue] + record.slot
    let time = reach(record.allocated)
    entries[index].use(record)
    if time != nil { openSlice(index) }
  }

  mutating func depends(_ record: CommandRecord, on awaited: UInt64) {
    guard awaited != 0 else { return }
    let index = offsets[record.commandClass.rawValue] + record.slot
    entries[index].awaited = awaited
    waiting |= 1 << UInt64(index)
  }

  mutating func issued(_ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    let index = offsets[kind.rawValue] + slot
    let time = reach(now)
    waiting &= ~(1 << UInt64(index))
    if let time { closeSlice(index, at: time, isEarly: false) }
    entries[index].isIssued = true
    entries[index].record?.issued = now
    guard let time else { return }
    openSlice(index)
    for release in entries[index].released where release.at >= window.from {
      arrows += 1
      trace.arrow(arrows, from: release.track, at: release.at, to: entries[index].track, at: time)
    }
  }

  mutating func completed(_ kind: CommandClass, _ slot: Int, _ now: Cycle) {
    let index = offsets[kind.rawValue] + slot
    let time = reach(now)
    // The cycle of the completion belongs to the slice.
    if let time { closeSlice(index, at: time + 1, isEarly: false) }
    entries[index].free()
    let bit: UInt64 = 1 << UInt64(index)
    var others = waiting
    while others != 0 {
      let other = others.trailingZeroBitCount
      others &= others - 1
      guard entries[other].awaited & bit != 0 else { continue }
      entries[other].awaited &= ~bit
      entries[other].released.append((entries[index].track, base + now))
    }
  }

  /// Begins the slice that the command in entry `index` is in.
  mutating func openSlice(_ index: Int) {
    guard let record = entries[index].record else { return }
    let text = entries[index].text ?? disassembler.text(record.command)
    entries[index].text = text
    let isIssued = entries[index].isIssued
    let start = base + (isIssued ? record.issued : record.allocated)
    let time = max(start, window.from)
    if isIssued {
      entries[index].earlier = units[record.commandClass.rawValue].cycles(before: time)
    }
    trace.beginSlice(
      entries[index].track, isIssued ? names.runs(text) : names.waits(text),
      category: isIssued ? "runs" : "waits", at: time
    ) { stream in
      stream.put("\"sequence\":")
      stream.put(record.sequence)
      if isIssued {
        stream.put(",\"command\":")
        stream.put(text: JSONText.quoted(text))
        switch record.origin {
        case .host: stream.put(",\"from\":\"host\"")
        case .loopMatmul: stream.put(",\"from\":\"loop_ws\"")
        case .loopConv: stream.put(",\"from\":\"loop_conv_ws\"")
        }
      }
      if start < time { stream.put(",\"cut\":1") }
    }
  }

  /// Ends the slice that the command in entry `index` is in, with what its controller did.
  ///
  /// - Parameter isEarly: The command goes on behind the end of window or run.
  mutating func closeSlice(_ index: Int, at time: Cycle, isEarly: Bool) {
    guard entries[index].isIssued, let record = entries[index].record else {
      return isEarly
        ? trace.endSlice(entries[index].track, at: time) { $0.put("\"cut\":1") }
        : trace.endSlice(entries[index].track, at: time)
    }
    let unit = units[record.commandClass.rawValue]
    let earlier = entries[index].earlier
    trace.endSlice(entries[index].track, at: time) { stream in
      stream.put("\"cycles\":{")
      unit.write(since: earlier, before: isEarly ? time : time - 1, &stream)
      stream.put(isEarly ? "},\"cut\":1" : "}")
    }
  }
}
