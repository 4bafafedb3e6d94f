/// What the engines asked of the last-page registers in some cycles, and what depended on it.
///
/// Pages are all that time knows of addresses beyond how rows are cut, and nothing but `Translation`
/// compares them. So work whose addresses lie elsewhere takes the same time if its translation gives
/// the same answers where they counted: `lasts` runs the registers alone to find out.
public struct LookupLog: Sendable {
  /// Room for a log while it is written, which the next one can use again.
  public struct Space: Sendable {
    fileprivate var entries: [Entry] = []

    public init() {}
  }

  /// A cycle in which an engine ran, while the log is written.
  fileprivate struct Entry: Sendable {
    var writer: UInt64
    var reader: UInt64
    var cycle: UInt32
    var flags: Flags
  }

  /// The same in half the room: only what has changed since the cycle before.
  private struct Step: Sendable {
    /// Bytes from the base; a packet may begin before it.
    var offset: Int32
    /// Number of the base, from 1; 0 is no address.
    var base: UInt8
    var flags: Flags
    /// Cycles since the last step.
    var wait: UInt16
  }

  struct Flags: OptionSet, Sendable {
    var rawValue: UInt8
    static let writerLeaves = Flags(rawValue: 1)
    static let readerLeaves = Flags(rawValue: 2)
    /// A beat waited for the answer.
    static let writerAsks = Flags(rawValue: 4)
    static let readerAsks = Flags(rawValue: 8)
    static let writerMisses = Flags(rawValue: 16)
    static let readerMisses = Flags(rawValue: 32)
    /// The address is the writer's, not the reader's.
    static let isWriter = Flags(rawValue: 64)
    /// More of the same cycle follows.
    static let continues = Flags(rawValue: 128)
  }

  /// Least and greatest offset from each base; empty where nothing was asked.
  private var spans: [ClosedRange<Int>?] = []
  private var entries: [Entry] = []
  private var steps: [Step] = []
  private var before: Translation
  private var after: Translation
  /// What stands in the lookup stages as the log begins.
  private var writer: UInt64
  private var reader: UInt64
  private let start: Cycle
  private var length = 0
  /// Cycle after the last entry's.
  private var end = 0

  /// Begins with what stands in the lookup stages.
  public init(
    _ translation: Translation, writer: UInt64, reader: UInt64, at now: Cycle,
    in space: inout Space
  ) {
    before = translation
    after = translation
    self.writer = writer
    self.reader = reader
    start = now
    swap(&entries, &space.entries)
  }

  /// Gives back what the log was written in.
  public mutating func free(_ space: inout Space) {
    swap(&entries, &space.entries)
    space.entries.removeAll(keepingCapacity: true)
  }

  /// Steps held.
  public var count: Int { steps.count }

  /// A cycle in which an engine ran.
  ///
  /// - Parameters:
  ///   - writer: What the writer showed to its register; `reader` likewise.
  ///   - misses: What both were told, and `asked` whether a beat waited for it.
  public mutating func append(
    _ now: Cycle, writer: (address: UInt64, leaves: Bool), reader: (address: UInt64, leaves: Bool),
    misses: (writerMisses: Bool, readerMisses: Bool), asked: (writer: Bool, reader: Bool)
  ) {
    let last = entries.last.map { ($0.writer, $0.reader) } ?? (self.writer, self.reader)
    if !writer.leaves, !reader.leaves, !asked.writer, !asked.reader,
      last == (writer.address, reader.address)
    {
      // As good as a cycle in which no engine ran.
      return
    }
    var flags: Flags = []
    if writer.leaves { flags.insert(.writerLeaves) }
    if reader.leaves { flags.insert(.readerLeaves) }
    if asked.writer { flags.insert(.writerAsks) }
    if asked.reader { flags.insert(.readerAsks) }
    if misses.writerMisses { flags.insert(.writerMisses) }
    if misses.readerMisses { flags.insert(.readerMisses) }
    entries.append(
      Entry(
        writer: writer.address, reader: reader.address,
        cycle: UInt32(truncatingIfNeeded: now - start), flags: flags))
  }

  /// Ends the log before cycle `now`. Its addresses are from here on offsets from bases, with the
  /// number of the base (from 1) as their tag.
  ///
  /// - Parameters:
  ///   - tags: The tags of addresses, in the order of `bases`.
  /// - Returns: Whether every address has a base.
  public mutating func end(
    _ translation: Translation, at now: Cycle, tags: [UInt64], bases: [UInt64]
  ) -> Bool {
    after = translation
    length = now - start
    guard length < UInt32.max, tags.count < UInt8.max else { return false }
    spans = Array(repeating: nil, count: bases.count)
    var isComplete = true
    var last = (tag: UInt64(0), index: 0)
    func relative(_ address: UInt64) -> UInt64 {
      guard address != 0 else { return 0 }
      let tag = address >> StateCodec.addressBits
      if tag != last.tag {
        guard let index = tags.firstIndex(of: tag) else {
          isComplete = false
          return 0
        }
        last = (tag, index)
      }
      let offset = (address &- bases[last.index]) & StateCodec.addressMask
      let signed = Self.signed(offset)
      let span = spans[last.index] ?? signed...signed
      spans[last.index] = min(span.lowerBound, signed)...max(span.upperBound, signed)
      return offset | UInt64(last.index + 1) << StateCodec.addressBits
    }
    before.convert(relative)
    after.convert(relative)
    writer = relative(writer)
    var lastWriter = writer
    steps.reserveCapacity(entries.count + entries.count / 16)
    for entry in entries {
      let found = relative(entry.writer)
      var wait = Int(entry.cycle) - end
      if found != lastWriter {
        isComplete = append(found, [.isWriter, .continues], &wait) && isComplete
      }
      isComplete = append(relative(entry.reader), entry.flags, &wait) && isComplete
      lastWriter = found
      end = Int(entry.cycle) + 1
    }
    reader = relative(reader)
    return isComplete
  }

  /// Adds a step after `wait` cycles; returns whether the address fits in.
  private mutating func append(_ address: UInt64, _ flags: Flags, _ wait: inout Int) -> Bool {
    while wait > UInt16.max {
      // Nothing but time passes.
      steps.append(Step(offset: 0, base: 0, flags: .continues, wait: .max))
      wait -= Int(UInt16.max)
    }
    let offset = Self.signed(address)
    steps.append(
      Step(
        offset: Int32(truncatingIfNeeded: offset),
        base: UInt8(truncatingIfNeeded: address >> StateCodec.addressBits), flags: flags,
        wait: UInt16(wait)))
    wait = 0
    return Int32(exactly: offset) != nil
  }

  /// An offset, which can be negative.
  private static func signed(_ address: UInt64) -> Int {
    let above = 64 - StateCodec.addressBits
    return Int(Int64(truncatingIfNeeded: address << above) >> Int64(above))
  }

  /// Where in its page each base lies, and how far those are apart whose addresses can share a page:
  /// with two lists of bases that have the same layout, the same addresses share pages, so `lasts` says
  /// the same of both. `nil` if an address is none.
  public func layout(bases: [UInt64]) -> [UInt64]? {
    var layout = [UInt64](repeating: 0, count: bases.count)
    var pages: [(first: Int, last: Int, base: Int)] = []
    for (index, span) in spans.enumerated() {
      guard let span else { continue }
      let base = Int(bases[index])
      guard base + span.lowerBound > 0, base + span.upperBound <= Int(StateCodec.addressMask) else {
        return nil
      }
      pages.append(
        ((base + span.lowerBound) >> 12, (base + span.upperBound) >> 12, index))
      layout[index] = bases[index] & 0xFFF
    }
    pages.sort { ($0.first, $0.base) < ($1.first, $1.base) }
    var leader = -1
    var end = -1
    for page in pages {
      if page.first > end { leader = page.base }
      end = max(end, page.last)
      let apart = Int(bases[page.base] >> 12) - Int(bases[leader] >> 12)
      layout[page.base] |= UInt64(leader + 1) << 12 | UInt64(bitPattern: Int64(apart)) << 24
    }
    return layout
  }

  /// Whether everything that an engine saw, and what the registers hold in the end, is the same with
  /// other bases.
  public func lasts(bases: [UInt64]) -> Bool {
    bases.withUnsafeBufferPointer { bases in
      func absolute(_ base: Int, _ offset: UInt64) -> UInt64 {
        guard base > 0 else { return 0 }
        return (bases[base - 1] &+ offset) & StateCodec.addressMask
          | UInt64(base) << StateCodec.addressBits
      }
      func converted(_ address: UInt64) -> UInt64 {
        absolute(Int(address >> StateCodec.addressBits), address & StateCodec.addressMask)
      }
      var registers = before
      registers.convert(converted)
      var (writer, reader) = (converted(writer), converted(reader))
      var nextWriter = writer
      var idle = 0
      for step in steps {
        idle += Int(step.wait)
        if step.flags.contains(.continues) {
          if step.flags.contains(.isWriter) {
            nextWriter = absolute(Int(step.base), UInt64(truncatingIfNeeded: Int64(step.offset)))
          }
          continue
        }
        registers.settle(writer: writer, reader: reader, cycles: idle)
        idle = 0
        (writer, reader) = (
          nextWriter, absolute(Int(step.base), UInt64(truncatingIfNeeded: Int64(step.offset)))
        )
        let misses = registers.answer()
        if step.flags.contains(.writerAsks),
          misses.writerMisses != step.flags.contains(.writerMisses)
        {
          return false
        }
        if step.flags.contains(.readerAsks),
          misses.readerMisses != step.flags.contains(.readerMisses)
        {
          return false
        }
        _ = registers.lookUp(
          writer: writer, leaves: step.flags.contains(.writerLeaves), reader: reader,
          leaves: step.flags.contains(.readerLeaves))
      }
      registers.settle(writer: writer, reader: reader, cycles: length - end)
      var expected = after
      expected.convert(converted)
      return registers.isSame(as: expected)
    }
  }
}
